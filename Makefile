# The way in: `make demo` and `make test`. `make help` lists the rest.
# ARGS goes to the command behind a target: make demo ARGS="--once --json out.json".

VENV ?= .venv
BIN := $(VENV)/bin
WORKERS ?= 2
ARGS ?=
MEMBERS := protos tenants modules/api modules/snap sdk hub

# The first Python that is new enough. make PYTHON=/path/to/python demo overrides it.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)
NEED_PYTHON = @test -n "$(PYTHON)" || { echo "Zongheng needs Python 3.11 or newer, and none was found on PATH. Install it, or name it: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
INPUTS := $(MEMBERS:%=%/pyproject.toml) .ci/environment.py

.DEFAULT_GOAL := help
.PHONY: help demo test lint protos docs bench soak forge flips mutate lock clean runtime dev

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: runtime  ## set up and play the whole story for Shanxi; ARGS="--once", "--help" for more
	@$(BIN)/python docs/tutorial/shanxi $(ARGS)

test: dev  ## all tests; ARGS="tests/unit -k name" for some
	@browser=; .ci/browser || browser="not browser"; \
	$(BIN)/python -m pytest -n $(WORKERS) -m "$$browser" $(ARGS)

lint: dev  ## ruff, mypy --strict, import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

protos: dev  ## generate the Python beside every .proto, and the reference that is made from them
	@$(BIN)/python protos/generate.py
	@$(BIN)/python docs/reference/generate.py

bench: dev  ## paired comparisons; ARGS=NAME runs one
	@$(BIN)/python -m tests.bench $(ARGS)

soak: dev  ## long runs: a replay with kills (ARGS="--kills 200"), ARGS="long-log" a million entries
	@PYTHONPATH=docs/tutorial $(BIN)/python -m tests.soak $(ARGS)

forge: dev  ## forged, mutated, replayed and expired acts, chains and grants; ARGS="--count 1000000 --seed 7"
	@$(BIN)/python -m tests.forge $(ARGS)

flips: dev  ## flip single bits of an audit package; every one has to be noticed; ARGS="--count 10000 --seed 7"
	@$(BIN)/python -m tests.flips $(ARGS)

mutate: dev  ## change the controls one at a time and count how often a test notices; ARGS="--sample 400 --seed 7"
	@$(BIN)/python -m tests.mutation $(ARGS)

lock: dev  ## pin requirements/*.in anew, with hashes and without addresses
	@for set in runtime dev; do $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate \
		$(ARGS) -o requirements/$$set.txt requirements/$$set.in || exit 1; done

clean:  ## remove what was made here, the environment too
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

runtime: $(VENV)/runtime.stamp
dev: $(VENV)/dev.stamp

$(VENV)/runtime.stamp: requirements/runtime.txt $(INPUTS)
	$(NEED_PYTHON)
	@$(PYTHON) .ci/environment.py runtime --venv $(VENV)

$(VENV)/dev.stamp: requirements/dev.txt $(INPUTS)
	$(NEED_PYTHON)
	@$(PYTHON) .ci/environment.py dev --venv $(VENV)

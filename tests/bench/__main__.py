"""`python -m tests.bench [NAME…]`: one line a result; ends 1 when one is out of its bound."""

from __future__ import annotations

import sys

from tests.bench import harness


def main(chosen: list[str]) -> int:
    failed = False
    for name in chosen or harness.names():
        try:
            results = harness.run(name)
        except KeyError as error:
            print(error.args[0], file=sys.stderr)
            return 2
        for result in results:
            print(result.line, flush=True)
            failed = failed or not result.holds
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

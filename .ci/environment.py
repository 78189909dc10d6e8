"""Make or refresh the project's own Python environment from the hash-locked requirements."""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("what", choices=["runtime", "dev"])
    arguments.add_argument("--venv", type=Path, default=ROOT / ".venv")
    chosen = arguments.parse_args()
    python = environment(chosen.venv)
    lock = ROOT / f"requirements/{chosen.what}.txt"
    install_locked(python, lock)
    install_members(python)
    (chosen.venv / f"{chosen.what}.stamp").write_text("")


def environment(folder: Path) -> Path:
    """The environment's interpreter; makes it where there is none that runs."""
    python = folder / "bin/python"
    if python.exists() and _runs(python):
        return python
    if folder.exists():
        shutil.rmtree(folder)
    print(f"Making {_shown(folder)} with Python {sys.version.split()[0]}", flush=True)
    try:
        venv.create(folder, with_pip=True)
    except subprocess.CalledProcessError:
        shutil.rmtree(folder, ignore_errors=True)
        sys.exit(
            "This Python cannot make environments with pip. On Debian and Ubuntu: "
            "apt-get install python3-venv; then run the command again."
        )
    return python


def install_locked(python: Path, lock: Path) -> None:
    """Install exactly what the lock names, telling how far it has come.

    The lock is complete, so nothing is resolved: a resolver would look at releases newer than
    the lock, and older pips then refuse a package asked for with an extra.
    """
    total = len(re.findall(r"^[a-z0-9].*==", lock.read_text(), re.MULTILINE))
    print(f"Installing up to {total} packages from {_shown(lock)}", flush=True)
    command = [str(python), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    command += ["--progress-bar", "off", "--require-hashes", "--no-deps", "-r", str(lock)]
    said: list[str] = []
    started = 0
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as pip:
        assert pip.stdout is not None
        for line in pip.stdout:
            said.append(line)
            if line.startswith("Collecting "):
                started += 1
                _tell(f"  {started} of {total}: {line.split()[1]}", every=started % 20 == 0)
            elif line.startswith("Installing collected"):
                _tell(f"  {started} fetched, unpacking", every=True)
    _tell("", every=False)
    if pip.returncode != 0:
        sys.stdout.writelines(said[-30:])
        sys.exit(f"pip could not install {_shown(lock)}; its last words stand above.")


def install_members(python: Path) -> None:
    """Install the workspace's members editable; fetches nothing."""
    members = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["zongheng"]["members"]
    print(f"Installing {', '.join(members)}", flush=True)
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--no-index", "--no-deps", "--no-build-isolation"]
    for member in members:
        command += ["-e", str(ROOT / member)]
    if subprocess.run(command, check=False).returncode != 0:
        sys.exit("pip could not install the members; its words stand above.")


def _tell(line: str, *, every: bool) -> None:
    """Overwrite one line on a terminal; elsewhere print only now and then."""
    if sys.stdout.isatty():
        print(f"\r\x1b[K{line}", end="", flush=True)
    elif every:
        print(line, flush=True)


def _runs(python: Path) -> bool:
    check = [str(python), "-c", "import sys, pip; sys.exit(sys.version_info < (3, 11))"]
    return subprocess.run(check, capture_output=True, check=False).returncode == 0


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else path.name


if __name__ == "__main__":
    main()

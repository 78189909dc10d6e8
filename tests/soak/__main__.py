"""`make soak`: what takes too long for every run. ARGS begins with which; left out: replay."""

from __future__ import annotations

import sys

from tests.soak import crashing, flipping, growth, long_log, replaying

KINDS = {
    "replay": replaying.main,
    "crashes": crashing.main,
    "flips": flipping.main,
    "long-log": long_log.main,
    "growth": growth.main,
}


def main(arguments: list[str]) -> int:
    if arguments and arguments[0] in KINDS:
        return KINDS[arguments[0]](arguments[1:])
    return replaying.main(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""A process that appends to a log and publishes it until it is killed; says what it was told.

Prints "index key" for every act once it is durable, and "published size" now and then.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
from pathlib import Path

from tests.logs import entry, opened, record


async def main(where: str, folder: Path, first: int) -> None:
    database = where if "://" in where else Path(where)
    with opened(database, folder) as log:
        publisher = log.publisher()
        await publisher.start()
        numbers = itertools.count(first)

        async def client() -> None:
            for number in numbers:
                index = await record(log.store, entry(number))
                say(f"{index} {number}")

        async def reporter() -> None:
            while True:
                await publisher.published(publisher.size + 1)
                say(f"published {publisher.size}")

        await asyncio.gather(reporter(), *(client() for _ in range(20)))


def say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))

"""One page of a list: as many messages as fit a reply, and where the next page begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

MOST_BYTES = 1024 * 1024


class Listed(Protocol):
    """A message with an id that sorts in the list's order."""

    @property
    def id(self) -> str: ...

    def ByteSize(self) -> int: ...  # noqa: N802  # protobuf's name


L = TypeVar("L", bound=Listed)


def page_of(found: Sequence[L], limit: int) -> tuple[list[L], str]:
    """The first of found that fit 1 MiB (one at least), and the token of the next page.

    Args:
        found: at most limit messages in the order of their ids.
        limit: how many were asked of the database: when as many came, there may be more.

    Returns:
        The page and the id after which the next one begins; empty when this is the last.
    """
    size = 0
    for count, message in enumerate(found):
        size += message.ByteSize()
        if count and size > MOST_BYTES:
            return list(found[:count]), found[count - 1].id
    return list(found), found[-1].id if found and len(found) == limit else ""

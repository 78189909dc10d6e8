"""What an entry is found by, and whose entries someone may find: decisions over values."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from zongheng_protos.options.v1 import options_pb2 as options

ACT = "act:"
MAX_TERM = 160


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for; what is empty does not narrow.

    Attributes:
        act: an act type, or with a trailing "*" how it begins.
        about: the id of a thing.
        dataset, purpose: parts of a title and of a purpose.
        since_ms, until_ms: at or after, and before.
        below: only entries with a smaller index.
    """

    party: str = ""
    counterparty: str = ""
    act: str = ""
    about: str = ""
    dataset: str = ""
    purpose: str = ""
    since_ms: int = 0
    until_ms: int = 0
    below: int | None = None


def terms_of(act: str, tenants: Iterable[str], things: Iterable[str]) -> frozenset[str]:
    """What an entry is found by.

    Args:
        things: the dataset and request that it belongs to.
    """
    found = {f"{ACT}{act}", *tenants, *things}
    return frozenset(term for term in found if term and len(term) <= MAX_TERM)


def may_audit(rights: Collection[int]) -> bool:
    """Whether someone sees the entries of the units below their own."""
    return options.RIGHT_AUDIT in rights


def window(size: int, hits: int, wanted: int) -> int:
    """How many entries back to look at first, for about four times the hits that are wanted."""
    return max(1_000, size * 4 * wanted // max(hits, 1))

"""What may be exported and what may be shredded: pure decisions."""

from __future__ import annotations

from collections.abc import Collection

from zongheng_protos.errors import Invalid, NotRelated, NotShreddable

EXPORTED, SHREDDED = "audit.exported", "content.shredded"
PROVING = frozenset(
    {
        "tenancy.rooted",
        "tenant.credentialed",
        "credential.reissued",
        "credential.revoked",
        "key.revoked",
        "channel.revoked",
        "grant.revoked",
        "log.rekeyed",
        SHREDDED,
    }
)
"""Acts whose content proves other acts: any export may hold them."""
MOST_BASIS = 500
_KEPT = PROVING | {EXPORTED}


def check_period(since_ms: int, until_ms: int) -> None:
    """Raises Invalid for a period that ends before it begins."""
    if until_ms and until_ms <= since_ms:
        raise Invalid("the period ends before it begins")


def check_within(
    index: int, act: str, concerned: Collection[str], tenants: Collection[str]
) -> None:
    """Raises NotRelated for an entry that concerns no unit of the export and proves nothing."""
    if act not in PROVING and not set(concerned) & set(tenants):
        raise NotRelated(f"entry {index} concerns no unit that this export is about")


def may_be_shredded(act: str) -> bool:
    """Whether content of this kind holds a case and nothing that other acts rest on."""
    return act not in _KEPT


def check_shreddable(index: int, act: str, *, is_shredded: bool) -> None:
    """Raises NotShreddable for content that is gone already, or that proves other acts."""
    if is_shredded:
        raise NotShreddable(f"the content of entry {index} was shredded before")
    if not may_be_shredded(act):
        raise NotShreddable(f"entry {index} ({act}) holds no case's content: others rest on it")

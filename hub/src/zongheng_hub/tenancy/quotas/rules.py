"""What holds of what several have said, and who may say what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields, replace

from zongheng_protos.errors import Invalid

DEPTH = 16


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of what a tenant may use of one hub process; 0: nothing is said about it.

    Attributes:
        reads, acts, bulk: calls a second.
        calls, streams: at once.
        bulk_mib: MiB a second.
    """

    reads: int = 0
    acts: int = 0
    bulk: int = 0
    calls: int = 0
    streams: int = 0
    bulk_mib: int = 0

    @property
    def says_nothing(self) -> bool:
        return not any(astuple(self))


@dataclass(frozen=True, slots=True)
class Given:
    """What one tenant has said about another."""

    by: str
    limits: Limits
    set_ms: int
    log_index: int


Said = Mapping[str, Sequence[Given]]
"""What has been said, by the tenant it is about."""
NAMES = tuple(field.name for field in fields(Limits))


def tightest(all_of_them: Iterable[Limits]) -> Limits:
    """The lowest number of each kind; 0 where none says anything."""
    found = Limits()
    for limits in all_of_them:
        for name in NAMES:
            number, before = getattr(limits, name), getattr(found, name)
            if number and (not before or number < before):
                found = replace(found, **{name: number})
    return found


def holding(tenant: str, said: Said, usual: Mapping[str, Limits], depth: int = DEPTH) -> Limits:
    """What holds for a tenant: what was said, within what those who said it may use themselves.

    Args:
        usual: by tenant what it may use if nobody says anything; "" stands for every other.
    """
    normal = usual.get(tenant, usual[""])
    if depth == 0:
        return normal
    given = tightest(
        _within(each.limits, holding(each.by, said, usual, depth - 1))
        for each in said.get(tenant, ())
    )
    return replace(
        normal, **{name: getattr(given, name) or getattr(normal, name) for name in NAMES}
    )


def check_giveable(wanted: Limits, own: Limits, giver: str) -> None:
    """Raises Invalid where a tenant gives more than it may use itself."""
    for name in NAMES:
        if getattr(wanted, name) > getattr(own, name):
            raise Invalid(
                f"budget.{name}: {getattr(wanted, name):,} is more than the {getattr(own, name):,} "
                f"that {giver} may use itself"
            )


def _within(limits: Limits, own: Limits) -> Limits:
    return Limits(**{name: min(getattr(limits, name), getattr(own, name)) for name in NAMES})

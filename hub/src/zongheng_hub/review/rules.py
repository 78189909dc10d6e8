"""What an entry is found by, who may find it, and what raises an alert: decisions over values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from zongheng_protos.errors import (
    Forbidden,
    GrantExceeded,
    GrantRevoked,
    NotFound,
    NotRelated,
    OperatorForbidden,
    OwnRequest,
    PurposeUncovered,
    StateConflict,
)
from zongheng_protos.options.v1 import options_pb2 as options
from zongheng_protos.review.v1 import review_pb2 as pb

ACT = "act:"
MAX_TERM = 160
HOUR_MS, DAY_MS, BEIJING_MS = 3_600_000, 86_400_000, 8 * 3_600_000
HISTORY_DAYS = 28
"""How far back the usual is looked for."""
FEW_FETCHES = 10
"""No day with fewer fetches of a dataset by one unit is out of pattern."""
TIMES_USUAL = 3
DAY_HOURS = range(7, 20)
"""Hours in Beijing at which anyone may be expected to fetch."""
KNOWN_FETCHES = 20
"""With fewer behind it a unit has no usual hours, and only the night stands out."""
NIGHT_HOURS = range(6)
RARE = 0.05
BURST, BURST_MS = 30, 600_000
RECEIPT_MS = 72 * HOUR_MS
WITNESS_MS = 24 * HOUR_MS
_ENDED = frozenset({GrantExceeded.reason, GrantRevoked.reason})
_TRIED = frozenset({"FetchParcel", "DeliverParcel", "PutChunk"})
_PROBING = frozenset(
    {each.reason for each in (Forbidden, NotRelated, OperatorForbidden, NotFound)} | _ENDED
)


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


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found.

    Attributes:
        key: the same for the same finding, so that it is raised once.
        subject: the thing that it is about.
        entries: of the log, that show it.
    """

    rule: int
    tenant: str
    key: str
    subject: str = ""
    entries: tuple[int, ...] = ()
    figures: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fetch:
    """One use of a grant."""

    log_index: int
    grantee: str
    dataset_id: str
    parcel_id: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Refused:
    """A refused call; method without its service."""

    tenant: str
    method: str
    reason: int
    subject: str
    at_ms: int


def volume(fetches: Sequence[Fetch], now_ms: int) -> Iterator[Finding]:
    """Units that fetched far more of a dataset today than on any day of the last four weeks."""
    today = day_of(now_ms)
    counts: dict[tuple[str, str], Counter[int]] = {}
    for fetch in fetches:
        counts.setdefault((fetch.grantee, fetch.dataset_id), Counter())[day_of(fetch.at_ms)] += 1
    for (grantee, dataset_id), days in counts.items():
        usual = max((number for day, number in days.items() if day != today), default=0)
        if days[today] >= FEW_FETCHES and days[today] > TIMES_USUAL * usual:
            shown = [
                fetch.log_index
                for fetch in fetches
                if (fetch.grantee, fetch.dataset_id) == (grantee, dataset_id)
                and day_of(fetch.at_ms) == today
            ]
            yield Finding(
                pb.ALERT_RULE_VOLUME,
                grantee,
                f"volume {grantee} {dataset_id} {today}",
                dataset_id,
                tuple(shown[:100]),
                {"count": days[today], "usual": usual},
            )


def odd_hours(fetches: Sequence[Fetch], fresh: Collection[int]) -> Iterator[Finding]:
    """Of the fresh fetches (by index) those at an hour at which their unit hardly ever fetches."""
    for fetch in fetches:
        hour = hour_of(fetch.at_ms)
        if fetch.log_index not in fresh or hour in DAY_HOURS:
            continue
        before = [
            hour_of(other.at_ms)
            for other in fetches
            if other.grantee == fetch.grantee and other.log_index < fetch.log_index
        ]
        odd = sum(1 for each in before if each not in DAY_HOURS)
        if odd >= RARE * len(before) if len(before) >= KNOWN_FETCHES else hour not in NIGHT_HOURS:
            continue
        yield Finding(
            pb.ALERT_RULE_HOUR,
            fetch.grantee,
            f"hour {fetch.grantee} {fetch.dataset_id} {day_of(fetch.at_ms)}",
            fetch.parcel_id,
            (fetch.log_index,),
            {"hour": hour, "before": len(before), "odd": odd},
        )


def refused(refusals: Sequence[Refused]) -> Iterator[Finding]:
    """What refused calls of the last ten minutes tell; those of one method name their grant."""
    bursts: dict[str, list[Refused]] = {}
    for each in refusals:
        day = day_of(each.at_ms)
        if each.reason == PurposeUncovered.reason:
            key = f"purpose {each.tenant} {each.subject} {day}"
            yield Finding(pb.ALERT_RULE_PURPOSE, each.tenant, key, each.subject)
        elif each.reason in _ENDED and each.method in _TRIED:
            key = f"ended {each.tenant} {each.subject} {day}"
            yield Finding(pb.ALERT_RULE_GRANT_ENDED, each.tenant, key, each.subject)
        if each.reason in _PROBING:
            bursts.setdefault(each.tenant, []).append(each)
    for tenant, calls in bursts.items():
        newest = max(call.at_ms for call in calls)
        near = sum(1 for call in calls if call.at_ms > newest - BURST_MS)
        if near >= BURST:
            key = f"refusals {tenant} {newest // HOUR_MS}"
            yield Finding(pb.ALERT_RULE_REFUSALS, tenant, key, figures={"count": near})


def unreceived(fetches: Iterable[Fetch], now_ms: int) -> Iterator[Finding]:
    """Parcels whose first fetch (one each is given) is long past and that have no receipt."""
    for fetch in fetches:
        if fetch.at_ms <= now_ms - RECEIPT_MS:
            yield Finding(
                pb.ALERT_RULE_RECEIPT_MISSING,
                fetch.grantee,
                f"receipt {fetch.parcel_id}",
                fetch.parcel_id,
                (fetch.log_index,),
                {"hours": (now_ms - fetch.at_ms) // HOUR_MS},
            )


def silent(seen: Mapping[str, int], province: str, now_ms: int) -> Iterator[Finding]:
    """Witnesses (by name: when each last cosigned) that have been silent for too long."""
    for name, at_ms in seen.items():
        if at_ms <= now_ms - WITNESS_MS:
            key = f"witness {name} {at_ms}"
            figures = {"hours": (now_ms - at_ms) // HOUR_MS}
            yield Finding(pb.ALERT_RULE_WITNESS_SILENT, province, key, name[:64], figures=figures)


def check_explainable(state: int) -> None:
    """Raises StateConflict for an alert that is closed."""
    if state == pb.ALERT_STATE_CLOSED:
        raise StateConflict("the alert is closed: raise another one if there is more to say")


def check_closable(
    state: int,
    about: str,
    closer: tuple[str, str],
    ancestors: Sequence[str],
    explained_by: Collection[tuple[str, str]],
) -> None:
    """Whether someone may give the verdict.

    Args:
        about: the unit concerned; ancestors: the closer's, which the province has none of.
        closer: tenant and operator; explained_by: the same of those who explained it.

    Raises:
        StateConflict: it is closed.
        NotRelated: the alert is about the closer's own unit, and someone above can close it.
        OwnRequest: the closer explained it.
    """
    check_explainable(state)
    if closer[0] == about and ancestors:
        raise NotRelated("an alert about a unit is closed by an auditor above it")
    if closer in explained_by:
        raise OwnRequest(f"{closer[1]} explained the alert and cannot close it")


def day_of(ms: int) -> int:
    """The day in Beijing, counted from 1970."""
    return (ms + BEIJING_MS) // DAY_MS


def hour_of(ms: int) -> int:
    """The hour in Beijing."""
    return (ms + BEIJING_MS) // HOUR_MS % 24

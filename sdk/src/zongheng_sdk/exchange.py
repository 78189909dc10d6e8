"""One exchange of data, checked offline with nothing but the log's key (RFC 9162, C2SP, DSSE)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from zongheng_sdk.exchange_case import Check
from zongheng_sdk.exchange_checks import check_exchange
from zongheng_sdk.exchange_evidence import (
    EntryEvidence,
    ExchangeEvidence,
    entries_needed,
    make_evidence,
)

__all__ = [
    "Check",
    "EntryEvidence",
    "ExchangeEvidence",
    "ExchangeVerdict",
    "entries_needed",
    "make_evidence",
    "verify_exchange",
]


@dataclass(frozen=True, slots=True)
class ExchangeVerdict:
    """Every check of an exchange, in the order of the argument."""

    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether every check holds, and there were any."""
        return bool(self.checks) and all(check.ok for check in self.checks)

    @property
    def failures(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if not check.ok)

    def __str__(self) -> str:
        """A line for each check."""
        return "\n".join(map(str, self.checks))


def verify_exchange(
    evidence: ExchangeEvidence, vkey: str, *, revoked: Mapping[str, int] | None = None
) -> ExchangeVerdict:
    """Check an exchange offline. Never raises for what is wrong with the evidence: it says so.

    Args:
        vkey: the log's verifier key (C2SP signed-note form); the only thing trusted.
        revoked: revoked_in_log() of the whole log, where it is at hand; None: the hub's signed
            list in the evidence says what was revoked, and when.
    """
    return ExchangeVerdict(tuple(check_exchange(evidence, vkey, revoked)))

"""What an audit package's check comes to: what is proven, what fails, and what stays open."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from google.protobuf.message import DecodeError

from zongheng_protos.errors import ZonghengError

T = TypeVar("T")
State = Literal["proven", "failed", "open"]
MAX_REASONS = 20


class Fails(Exception):
    """A check does not hold; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        state: "open" where neither is shown: says what would be needed.
        zh, en: what has to hold.
        reasons: what was found; for a failed one each place and what is wrong there.
    """

    state: State
    zh: str
    en: str
    reasons: tuple[str, ...] = ()


@dataclass(slots=True)
class Findings:
    """Collects findings in the order of the argument."""

    found: list[Finding] = field(default_factory=list)

    def look(self, zh: str, en: str, look: Callable[[], T], *, place: str = "") -> T | None:
        """Look at one thing; None where it fails. A look that gives text gives a reason.

        Args:
            place: the member looked at, where what fails does not name it.
        """
        try:
            result = look()
        except (Fails, ZonghengError, DecodeError, ValueError) as error:
            named = f"{place}: " if place else ""
            self.found.append(Finding("failed", zh, en, (named + reason_of(error),)))
            return None
        reasons = (result,) if isinstance(result, str) and result else ()
        self.found.append(Finding("proven", zh, en, reasons))
        return result

    def each(
        self, zh: str, en: str, items: Iterable[tuple[str, Callable[[], T]]]
    ) -> list[T | None]:
        """Look at many things of one kind: one finding that names each that fails."""
        results: list[T | None] = []
        failed = []
        for place, look in items:
            try:
                results.append(look())
            except (Fails, ZonghengError, DecodeError, ValueError) as error:
                results.append(None)
                failed.append(f"{place}: {reason_of(error)}")
        count = len(results)
        if failed:
            more = len(failed) - MAX_REASONS
            shown = (*failed[:MAX_REASONS], *([f"… {more} more"] if more > 0 else []))
            self.found.append(Finding("failed", zh, en, shown))
        elif count:
            self.found.append(Finding("proven", zh, en, (f"{count}",)))
        return results

    def leave_open(self, zh: str, en: str, *reasons: str) -> None:
        """Say what is not shown either way."""
        self.found.append(Finding("open", zh, en, reasons))


def reason_of(error: Exception) -> str:
    return str(error) or type(error).__name__

"""Beijing time, as verdicts spell it; the standard library alone."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8), "Beijing")


def moment(time_ms: int) -> str:
    """Beijing time, to the minute."""
    return datetime.fromtimestamp(time_ms / 1000, BEIJING).strftime("%Y-%m-%d %H:%M")

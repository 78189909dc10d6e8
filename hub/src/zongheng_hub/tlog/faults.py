"""Why the log refuses to go on: each names the place that does not fit."""

from __future__ import annotations

from zongheng_protos.errors import Internal, Unavailable


class LogDamaged(Internal):
    """The log in the database, or its published files, contradict themselves or each other."""


class LogBehind(LogDamaged):
    """The database is older than what was published: going on would fork the log."""


class HeadMoved(Unavailable):
    """Another sequencer moved the head in the meantime; nothing was recorded."""

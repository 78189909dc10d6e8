"""What may be filed and how a report moves on: values in, values out."""

from __future__ import annotations

from zongheng_module_snap.v1 import snap_pb2 as pb
from zongheng_protos.errors import Invalid, StateConflict

CATEGORIES = (
    ("road", "道路交通"),
    ("light", "路灯照明"),
    ("rubbish", "环境卫生"),
    ("water", "供水供暖"),
    ("noise", "噪声扰民"),
    ("safety", "安全隐患"),
    ("service", "办事服务"),
    ("other", "其他"),
)
_IDS = frozenset(identifier for identifier, _ in CATEGORIES)


def category_of(asked: str) -> str:
    """The category to file under; "other" where none was named.

    Raises:
        Invalid: there is no such category.
    """
    if asked and asked not in _IDS:
        raise Invalid(f"category: no category {asked}; choose one of {', '.join(sorted(_IDS))}")
    return asked or "other"


def check_step(before: int, after: int) -> None:
    """Raises StateConflict when a report cannot go from one state to the other."""
    if before == pb.REPORT_STATE_CLOSED:
        raise StateConflict("the report is closed; it takes no further answer")
    if after < before:
        raise StateConflict(f"a report does not go back from {_name(before)} to {_name(after)}")


def _name(state: int) -> str:
    return pb.ReportState.Name(state).removeprefix("REPORT_STATE_").lower()

"""What a request's fields break of the rules in its .proto, said to whoever filled them in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from protovalidate import ValidationError, Violation

_SHOWN = 5


def violated(error: ValidationError) -> str:
    """Each field that does not fit, and what it must be; "title: must be at least 4 characters"."""
    said = [_said(one) for one in error.violations]
    more = len(said) - _SHOWN
    return "; ".join(said[:_SHOWN]) + (f"; and {more} more" if more > 0 else "")


def _said(violation: Violation) -> str:
    proto = violation.proto
    # An enum's 0 says that nothing was chosen.
    text = "must be given" if proto.rule_id == "enum.not_in" else proto.message
    where = ".".join(map(_named, proto.field.elements)) if proto.field else ""
    return f"{where}: {text}" if where else text


def _named(element: Any) -> str:
    place = element.subscript
    if place is None:
        return str(element.field_name)
    return f"{element.field_name}[{place.value}]"

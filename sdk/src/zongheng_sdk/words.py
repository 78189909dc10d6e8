"""Enums as words: NEED_KIND_DATA on the wire is "data" in Python, unspecified is ""."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from google.protobuf.descriptor import EnumDescriptor


def word(enum: EnumDescriptor, number: int) -> str:
    """The word for a number; "" for unspecified, the digits for one this SDK does not know."""
    value = enum.values_by_number.get(number)
    if value is None:
        return str(number)
    return "" if number == 0 else value.name.removeprefix(_prefix(enum)).lower()


def number(enum: EnumDescriptor, given: str | int, *, field: str) -> int:
    """The number for a word, the wire's own name or a number.

    Raises:
        ArgumentInvalid: there is no such word; says which there are.
    """
    if isinstance(given, int):
        return given
    names: Mapping[str, Any] = enum.values_by_name
    if not given:
        return 0
    value = names.get(given) or names.get(_prefix(enum) + given.upper().replace("-", "_"))
    if value is None:
        from zongheng_protos.errors import ArgumentInvalid

        known = ", ".join(word(enum, n) for n in sorted(enum.values_by_number) if n)
        raise ArgumentInvalid(f"{field} is {given!r}: it must be one of {known}")
    found: int = value.number
    return found


def _prefix(enum: EnumDescriptor) -> str:
    zero = enum.values_by_number.get(0)
    return zero.name.removesuffix("UNSPECIFIED") if zero is not None else ""

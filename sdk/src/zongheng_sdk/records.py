"""Messages without generated code: filled from keyword arguments, read as attributes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from zongheng_sdk.words import number, word

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from zongheng_sdk.receipts import Receipt


class Record:
    """A message as the hub sent it, read-only: fields are attributes, enums are words.

    Nested messages are Records, repeated fields are tuples, maps are dicts, an unset message
    field is None.

    Attributes:
        receipt: the act's place in the log, on the reply to an act; else None.
    """

    __slots__ = ("_message", "receipt")

    def __init__(self, message: Message, receipt: Receipt | None = None) -> None:
        object.__setattr__(self, "_message", message)
        object.__setattr__(self, "receipt", receipt)

    def __getattr__(self, name: str) -> Any:
        descriptor = self._message.DESCRIPTOR
        field = descriptor.fields_by_name.get(name)
        if field is None:
            known = ", ".join(f.name for f in descriptor.fields) or "none"
            raise AttributeError(f"{descriptor.name} has no field {name}; its fields: {known}")
        return _value(self._message, field)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{self._message.DESCRIPTOR.name} is what the hub sent: read-only")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *(f.name for f in self._message.DESCRIPTOR.fields)]

    def __iter__(self) -> Iterator[str]:
        return (field.name for field in self._message.DESCRIPTOR.fields)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Record) and self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        return hash(self._message.SerializeToString(deterministic=True))

    def __repr__(self) -> str:
        inside = ", ".join(f"{name}={getattr(self, name)!r}" for name in self)
        return f"{self._message.DESCRIPTOR.name}({inside})"

    def to_dict(self) -> dict[str, Any]:
        """Plain dicts, lists and values, as for json.dumps (bytes stay bytes)."""
        return {name: _plain(getattr(self, name)) for name in self}


def fill(message: Message, fields: Mapping[str, Any], *, call: str) -> None:
    """Set a request's fields from keyword arguments; nested ones from dicts.

    Raises:
        TypeError: the request has no such field; lists those it has.
        ArgumentInvalid: a value does not fit its field.
    """
    from zongheng_protos.errors import ArgumentInvalid

    descriptor = message.DESCRIPTOR
    for name, value in fields.items():
        field = descriptor.fields_by_name.get(name)
        if field is None:
            known = ", ".join(f.name for f in descriptor.fields) or "none"
            raise TypeError(f"{call}() has no field {name!r}; its fields: {known}")
        if value is None:
            continue
        try:
            _set(message, field, value, call)
        except (TypeError, ValueError) as error:
            raise ArgumentInvalid(f"{call}: {name}={value!r} does not fit: {error}") from error


def from_text(message: Message, name: str, text: str) -> Any:
    """A field's value as it is typed on a command line; lists as A,B; the rest as fill checks.

    Raises:
        ArgumentInvalid: the field takes a number or yes/no and text is none, or it takes a message.
    """
    from zongheng_protos.errors import ArgumentInvalid

    field: Any = message.DESCRIPTOR.fields_by_name.get(name)
    if field is None:
        return text
    if field.message_type is not None:
        raise ArgumentInvalid(f"{name} holds several parts: pass the request with --json")
    if field.is_repeated:
        return [_typed(field, part) for part in text.split(",")]
    return _typed(field, text)


def _typed(field: Any, text: str) -> Any:
    from zongheng_protos.errors import ArgumentInvalid

    if field.enum_type is not None or field.cpp_type == field.CPPTYPE_STRING:
        return text.encode() if field.type == field.TYPE_BYTES else text
    try:
        if field.cpp_type == field.CPPTYPE_BOOL:
            return {"true": True, "yes": True, "false": False, "no": False}[text.lower()]
        if field.cpp_type in (field.CPPTYPE_FLOAT, field.CPPTYPE_DOUBLE):
            return float(text)
        return int(text)
    except (ValueError, KeyError):
        raise ArgumentInvalid(
            f"{field.name}={text!r} does not fit: a number or true/false belongs there"
        ) from None


def _set(message: Message, field: Any, value: Any, call: str) -> None:
    if _is_map(field):
        for key, item in value.items():
            if field.message_type.fields_by_name["value"].message_type is not None:
                fill(getattr(message, field.name)[key], _fields(item), call=call)
            else:
                getattr(message, field.name)[key] = item
    elif field.message_type is not None:
        if field.is_repeated:
            for item in value:
                fill(getattr(message, field.name).add(), _fields(item), call=call)
        else:
            part = getattr(message, field.name)
            part.SetInParent()
            fill(part, _fields(value), call=call)
    elif field.is_repeated:
        getattr(message, field.name).extend(_scalar(field, item) for item in value)
    else:
        setattr(message, field.name, _scalar(field, value))


def _fields(value: Any) -> Mapping[str, Any]:
    if isinstance(value, Record):
        return value.to_dict()
    if not isinstance(value, Mapping):
        raise TypeError("a dict is expected")
    return value


def _scalar(field: Any, value: Any) -> Any:
    if field.enum_type is not None:
        return number(field.enum_type, value, field=field.name)
    return value


def _value(message: Message, field: Any) -> Any:
    held = getattr(message, field.name)
    if _is_map(field):
        nested = field.message_type.fields_by_name["value"].message_type is not None
        return {key: Record(held[key]) if nested else held[key] for key in held}
    if field.is_repeated:
        return tuple(_shown(field, item) for item in held)
    if field.message_type is not None:
        return Record(held) if message.HasField(field.name) else None
    return _shown(field, held)


def _shown(field: Any, value: Any) -> Any:
    if field.message_type is not None:
        return Record(value)
    return word(field.enum_type, value) if field.enum_type is not None else value


def _is_map(field: Any) -> bool:
    entry = field.message_type
    return bool(entry is not None and field.is_repeated and entry.GetOptions().map_entry)


def _plain(value: Any) -> Any:
    if isinstance(value, Record):
        return value.to_dict()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value

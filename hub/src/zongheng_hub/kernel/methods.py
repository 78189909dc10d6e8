"""What the descriptors say of every method; an RPC without a complete rule is refused at start."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from google.protobuf import message_factory
from google.protobuf.descriptor import Descriptor, MethodDescriptor
from google.protobuf.message import Message

from zongheng_hub.kernel.call import Handler, Room, StreamHandler, SubjectReader
from zongheng_protos.options.v1 import options_pb2 as options


class RuleIncomplete(Exception):
    """A method's .proto does not say who may call it, or a room does not do what it says."""


@dataclass(frozen=True, slots=True)
class Method:
    """A method as the kernel serves it.

    Attributes:
        name: "/zongheng.needs.v1.NeedsService/FileNeed".
        right, relations, quota: numbers of the enums in options.proto.
        subject: the request field that names the subject; empty: the caller.
        act: the act type; empty when the method is not an act.
        is_bounded: whether the request's fields carry rules for protovalidate.
        meter: what its calls are counted under: a module's id, or the service's name.
    """

    name: str
    request_class: type[Message]
    reply_class: type[Message]
    right: int
    relations: frozenset[int]
    subject: str
    act: str
    quota: int
    retry: int
    handler: Handler | None
    stream: StreamHandler | None
    subject_reader: SubjectReader | None
    is_bounded: bool
    meter: str


def methods_of(room: Room) -> Iterable[Method]:
    """Every method of a room's service.

    Raises:
        RuleIncomplete: a rule lacks a part, or the room lacks a handler or a subject's reader.
    """
    for descriptor in room.service.methods:
        yield _method(descriptor, room)


def rule_of(descriptor: MethodDescriptor) -> options.MethodRule:
    """The rule of a method.

    Raises:
        RuleIncomplete: right, relation, quota or retry is not set.
    """
    extensions: Any = descriptor.GetOptions().Extensions
    rule: options.MethodRule = extensions[options.rule]
    if not (rule.right and rule.relations and rule.quota and rule.retry):
        raise RuleIncomplete(
            f"{descriptor.full_name}: set right, relations, quota and retry in option "
            "(zongheng.options.v1.rule)"
        )
    return rule


def _method(descriptor: MethodDescriptor, room: Room) -> Method:
    rule = rule_of(descriptor)
    service = descriptor.containing_service.full_name
    handler = room.handlers.get(descriptor.name)
    stream = room.streams.get(descriptor.name)
    if (handler is None) == (stream is None) or descriptor.server_streaming != (stream is not None):
        raise RuleIncomplete(f"{descriptor.full_name}: the room has no fitting handler for it")
    reader = room.subjects.get(rule.subject) if rule.subject else None
    if rule.subject and rule.subject not in descriptor.input_type.fields_by_name:
        raise RuleIncomplete(f"{descriptor.full_name}: no request field {rule.subject}")
    if rule.subject and reader is None:
        raise RuleIncomplete(f"{descriptor.full_name}: the room cannot look up {rule.subject}")
    return Method(
        name=f"/{service}/{descriptor.name}",
        request_class=message_factory.GetMessageClass(descriptor.input_type),
        reply_class=message_factory.GetMessageClass(descriptor.output_type),
        right=rule.right,
        relations=frozenset(rule.relations),
        subject=rule.subject,
        act=rule.act,
        quota=rule.quota,
        retry=rule.retry,
        handler=handler,
        stream=stream,
        subject_reader=reader,
        is_bounded=_is_bounded(descriptor.input_type, set()),
        meter=room.meter or service,
    )


def _is_bounded(message: Descriptor, seen: set[str]) -> bool:
    """Whether protovalidate would look at anything in a message or below it."""
    if message.full_name in seen:
        return False
    seen.add(message.full_name)
    parts = (message, *message.oneofs, *message.fields)
    if any(part.GetOptions().ListFields() for part in parts):
        return True
    below = (field.message_type for field in message.fields if field.message_type)
    return any(_is_bounded(each, seen) for each in below)

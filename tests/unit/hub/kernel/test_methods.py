"""A method says in its descriptor who may call it, and on what; or the hub does not start."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.descriptor import FileDescriptor
from google.protobuf.message import Message

from buf.validate import validate_pb2 as validate
from zongheng_hub.kernel.call import Caller, Room, Subject
from zongheng_hub.kernel.kernel import Kernel
from zongheng_hub.kernel.methods import Method, RuleIncomplete, methods_of, rule_of
from zongheng_protos.errors import NotRelated
from zongheng_protos.options.v1 import options_pb2 as options

WHOLE = options.MethodRule(
    right=options.RIGHT_FILE,
    relations=[options.RELATION_OWN, options.RELATION_ABOVE],
    subject="thing_id",
    act="thing.done",
    quota=options.QUOTA_ACT,
    retry=options.RETRY_SAFE,
)
TEXT = descriptor_pb2.FieldDescriptorProto.TYPE_STRING
MESSAGE = descriptor_pb2.FieldDescriptorProto.TYPE_MESSAGE
PACKAGE = "zongheng.tests.methods"


def without(*parts: str) -> options.MethodRule:
    rule = options.MethodRule()
    rule.CopyFrom(WHOLE)
    for part in parts:
        rule.ClearField(part)
    return rule


RULES = {
    "Whole": WHOLE,
    "NoSubject": without("subject", "act"),
    "NoRight": without("right"),
    "NoRelations": without("relations"),
    "NoQuota": without("quota"),
    "NoRetry": without("retry"),
    "OnlyRight": without("relations", "quota", "retry"),
    "OnlyRetry": without("relations", "quota", "right"),
    "Nothing": options.MethodRule(),
    "Elsewhere": options.MethodRule(
        right=WHOLE.right,
        relations=WHOLE.relations,
        quota=WHOLE.quota,
        retry=WHOLE.retry,
        subject="other_id",
    ),
    "AnyonesAct": options.MethodRule(
        right=options.RIGHT_ENROLLED,
        relations=[options.RELATION_OWN],
        act="thing.done",
        quota=WHOLE.quota,
        retry=WHOLE.retry,
    ),
    "AuditorsAct": options.MethodRule(
        right=options.RIGHT_AUDIT,
        relations=[options.RELATION_OWN],
        act="thing.audited",
        quota=WHOLE.quota,
        retry=WHOLE.retry,
    ),
    "Parent": options.MethodRule(
        right=WHOLE.right,
        relations=[options.RELATION_PARENT],
        quota=WHOLE.quota,
        retry=WHOLE.retry,
    ),
}


def field(message: Any, name: str, kind: Any, of: str = "") -> Any:
    made = message.field.add(name=name, number=len(message.field) + 1, type=kind, label=1)
    if of:
        made.type_name = f".{PACKAGE}.{of}"
    return made


def built() -> FileDescriptor:
    """A file with a method under every rule, and messages with and without bounds."""
    file: Any = descriptor_pb2.FileDescriptorProto(
        name="zongheng/tests/methods.proto", package=PACKAGE, syntax="proto3"
    )
    file.dependency.append(options.DESCRIPTOR.name)
    file.dependency.append(validate.DESCRIPTOR.name)
    asked = file.message_type.add(name="Asked")
    field(asked, "thing_id", TEXT)
    bounded = file.message_type.add(name="Bounded")
    field(bounded, "name", TEXT).options.Extensions[validate.field].string.min_len = 1
    deep = file.message_type.add(name="Deep")
    field(deep, "below", MESSAGE, "Bounded")
    deeper = file.message_type.add(name="Deeper")
    field(deeper, "plain", MESSAGE, "Asked")
    field(deeper, "below", MESSAGE, "Deep")
    ring = file.message_type.add(name="Ring")
    field(ring, "next", MESSAGE, "Ring")
    field(ring, "name", TEXT)
    chosen = file.message_type.add(name="Chosen")
    chosen.oneof_decl.add(name="one").options.Extensions[validate.oneof].required = True
    field(chosen, "name", TEXT).oneof_index = 0
    whole = file.message_type.add(name="Whole")
    whole.options.Extensions[validate.message].cel.add(id="x", expression="true")
    for name in ("Bounded", "Deep", "Deeper", "Ring", "Chosen", "Whole", "Asked"):
        service = file.service.add(name=f"{name}Service")
        method = service.method.add(
            name="Do", input_type=f".{PACKAGE}.{name}", output_type=f".{PACKAGE}.Asked"
        )
        method.options.Extensions[options.rule].CopyFrom(RULES["NoSubject"])
    for name, rule in RULES.items():
        service = file.service.add(name=f"Rule{name}Service")
        method = service.method.add(
            name="Do", input_type=f".{PACKAGE}.Asked", output_type=f".{PACKAGE}.Bounded"
        )
        method.options.Extensions[options.rule].CopyFrom(rule)
    pool: Any = descriptor_pool.Default()
    pool.AddSerializedFile(file.SerializeToString())
    found: FileDescriptor = pool.FindFileByName(file.name)
    return found


FILE = built()


async def answer(call: Any, message: Any) -> Any:
    return message


async def subject(wanted: str) -> Subject:
    return Subject(owner=wanted)


def room(name: str) -> Room:
    service = FILE.services_by_name[f"{name}Service"]
    return Room(service, {"Do": answer}, subjects={"thing_id": subject})


def message() -> Message:
    return method("Asked").request_class()


def method(name: str) -> Method:
    (found,) = methods_of(room(name))
    return found


def test_a_whole_rule_is_served_as_it_says() -> None:
    found = method("RuleWhole")
    assert found.name == f"/{PACKAGE}.RuleWholeService/Do"
    assert (found.right, found.quota, found.retry) == (WHOLE.right, WHOLE.quota, WHOLE.retry)
    assert found.relations == {options.RELATION_OWN, options.RELATION_ABOVE}
    assert (found.subject, found.act) == ("thing_id", "thing.done")
    assert (found.handler, found.stream, found.subject_reader) == (answer, None, subject)
    assert found.request_class.DESCRIPTOR.full_name == f"{PACKAGE}.Asked"
    assert found.reply_class.DESCRIPTOR.full_name == f"{PACKAGE}.Bounded"
    assert found.meter == f"{PACKAGE}.RuleWholeService"


def test_subject_and_act_may_be_left_out() -> None:
    found = method("RuleNoSubject")
    assert (found.subject, found.act, found.subject_reader) == ("", "", None)


@pytest.mark.parametrize(
    "name",
    ["NoRight", "NoRelations", "NoQuota", "NoRetry", "OnlyRight", "OnlyRetry", "Nothing"],
)
def test_a_rule_that_lacks_a_part_keeps_the_hub_from_starting(name: str) -> None:
    descriptor = FILE.services_by_name[f"Rule{name}Service"].methods[0]
    with pytest.raises(RuleIncomplete, match=f"Rule{name}Service.Do: set right, relations, quota"):
        rule_of(descriptor)
    with pytest.raises(RuleIncomplete):
        list(methods_of(room(f"Rule{name}")))


def test_a_whole_rule_is_read_as_it_stands() -> None:
    descriptor = FILE.services_by_name["RuleWholeService"].methods[0]
    assert rule_of(descriptor) == WHOLE


@pytest.mark.parametrize(
    ("name", "bounded"),
    [
        ("Asked", False),
        ("Bounded", True),
        ("Deep", True),
        ("Deeper", True),
        ("Ring", False),
        ("Chosen", True),
        ("Whole", True),
    ],
)
def test_bounds_are_found_wherever_they_stand_in_a_request(name: str, bounded: bool) -> None:
    assert method(name).is_bounded is bounded


def test_a_subject_is_a_field_of_the_request() -> None:
    no_such = replace(room("RuleWhole"), subjects={"other_id": subject})
    with pytest.raises(RuleIncomplete, match="the room cannot look up thing_id"):
        list(methods_of(no_such))
    elsewhere = replace(room("RuleElsewhere"), subjects={"other_id": subject})
    with pytest.raises(RuleIncomplete, match="no request field other_id"):
        list(methods_of(elsewhere))


async def test_without_a_subject_a_caller_stands_to_itself_only() -> None:
    caller = Caller(tenant="t_city", ancestors=("t_province",))
    await Kernel._check_relation(method("RuleNoSubject"), caller, message())
    with pytest.raises(NotRelated, match="is for: parent; t_city is none of these"):
        await Kernel._check_relation(method("RuleParent"), caller, message())
    with pytest.raises(NotRelated, match="nobody is none of these"):
        await Kernel._check_relation(method("RuleNoSubject"), Caller(), message())

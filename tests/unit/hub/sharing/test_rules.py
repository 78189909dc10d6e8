"""What may be offered, asked for, granted and delivered."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.tenants.parties import DAY_MS, GRANTEE, NOW_MS, OWNER, grant_of
from zongheng_hub.sharing import rules
from zongheng_hub.sharing.rules import DataRequest, Dataset, Field
from zongheng_protos.errors import (
    GrantExceeded,
    Invalid,
    NotFound,
    NotRelated,
    PurposeUncovered,
    StateConflict,
)
from zongheng_protos.sharing.v1 import sharing_pb2 as pb
from zongheng_protos.sharing.v1 import statement_pb2
from zongheng_tenants.act import MAX_SKEW_MS
from zongheng_tenants.grant import Condition, GrantedField

DATASET = Dataset(
    id="d_households",
    owner=OWNER.tenant,
    title="困难家庭名册",
    detail="每月更新",
    fields=(
        Field("name", "姓名", pb.SHARING_CLASS_CONDITIONAL),
        Field("village", "村", pb.SHARING_CLASS_UNCONDITIONAL),
        Field("income", "收入", pb.SHARING_CLASS_CONDITIONAL),
        Field("phone", "电话", pb.SHARING_CLASS_NOT_SHARED),
    ),
    rows=10_000,
    offered_ms=NOW_MS,
)
REQUEST = DataRequest(
    id="q_request",
    dataset_id=DATASET.id,
    owner=OWNER.tenant,
    requester=GRANTEE.tenant,
    purpose="低保复核",
    legal_basis="",
    fields=("name", "village", "income"),
    requested_ms=NOW_MS,
)
MANIFEST = statement_pb2.ParcelManifest(
    parcel_id="p_" + "0" * 23,
    grant_id="g_1abc",
    sealing_key_id=GRANTEE.sealing.id,
    time_ms=NOW_MS,
)


def test_a_sound_offer_request_and_grant_pass() -> None:
    rules.check_offer(DATASET)
    rules.check_request(REQUEST, DATASET)
    rules.check_grant(grant_of(), REQUEST, DATASET, NOW_MS)
    rules.check_manifest(MANIFEST, "g_1abc", GRANTEE.credential, NOW_MS)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"fields": (*DATASET.fields, Field("name", "", 1))}, "name more than once"),
        ({"fields": (Field("a", "", 0),)}, "no sharing class"),
        ({"fields": (Field("a", "", 9),)}, "no sharing class"),
        ({"fields": (Field("a\0", "", 1),)}, "control"),
        ({"title": "a\0b"}, "title"),
        ({"detail": "\x1b[0m"}, "detail"),
        ({"rows": 2**63}, "rows"),
    ],
)
def test_an_offer_that_contradicts_itself_is_refused(change: dict[str, Any], named: str) -> None:
    with pytest.raises(Invalid, match=named):
        rules.check_offer(replace(DATASET, **change))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"requester": OWNER.tenant}, "your own"),
        ({"fields": ("name", "age")}, "no field age"),
        ({"fields": ("phone",)}, "phone .*not shared"),
        ({"purpose": "a\0b"}, "purpose"),
        ({"legal_basis": "\x07"}, "legal basis"),
    ],
)
def test_a_request_for_what_is_not_to_be_had_is_refused(change: dict[str, Any], named: str) -> None:
    with pytest.raises(Invalid, match=named):
        rules.check_request(replace(REQUEST, **change), DATASET)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"request_id": "q_other"}, Invalid),
        ({"grantee": "t_stranger"}, NotRelated),
        ({"owner": "t_stranger"}, NotRelated),
        ({"purpose": "另作他用"}, PurposeUncovered),
        ({"fields": (GrantedField("phone"),)}, GrantExceeded),
        ({"fields": (GrantedField("age"),)}, GrantExceeded),
        ({"rows": (Condition("age", statement_pb2.OPERATOR_EQUALS, ("60",)),)}, Invalid),
        ({"expires_ms": NOW_MS}, GrantExceeded),
    ],
)
def test_a_grant_beyond_its_request_is_refused(
    change: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        rules.check_grant(grant_of(**change), REQUEST, DATASET, NOW_MS)


def test_rows_may_be_filtered_by_a_field_that_is_not_shared() -> None:
    by_phone = (Condition("phone", statement_pb2.OPERATOR_EQUALS, ("1",)),)
    rules.check_grant(grant_of(rows=by_phone), REQUEST, DATASET, NOW_MS)


def test_a_request_is_granted_once() -> None:
    with pytest.raises(StateConflict, match="g_first"):
        rules.check_grant(grant_of(), replace(REQUEST, grant_id="g_first"), DATASET, NOW_MS)


@pytest.mark.parametrize(
    "change",
    [
        {"grant_id": "g_other"},
        {"parcel_id": "../../escape"},
        {"parcel_id": "p_SHOUTING000000000000000"},
        {"time_ms": NOW_MS + MAX_SKEW_MS + 1},
        {"rows": 2**63},
        {"sealing_key_id": OWNER.sealing.id},
        {"sealing_key_id": GRANTEE.signing.id},
    ],
)
def test_a_manifest_that_cannot_be_delivered_is_refused(change: dict[str, Any]) -> None:
    wrong = statement_pb2.ParcelManifest()
    wrong.CopyFrom(MANIFEST)
    for name, value in change.items():
        setattr(wrong, name, value)
    with pytest.raises(Invalid):
        rules.check_manifest(wrong, "g_1abc", GRANTEE.credential, NOW_MS)


@pytest.mark.parametrize(
    ("held", "named"),
    [
        ([], "chunk 0 .* not been handed in"),
        ([(1, b"b")], "chunk 0"),
        ([(0, b"a"), (1, b"x")], "chunk 1 .* not the manifest's"),
        ([(0, b"a"), (1, b"b"), (2, b"c")], "more chunks"),
    ],
)
def test_chunks_are_exactly_those_of_the_manifest(
    held: list[tuple[int, bytes]], named: str
) -> None:
    with pytest.raises(StateConflict, match=named):
        rules.check_chunks("p_1", [b"a", b"b"], held)


def test_chunks_may_come_in_any_order() -> None:
    rules.check_chunks("p_1", [b"a", b"b"], [(1, b"b"), (0, b"a")])


def test_a_stranger_sees_title_and_fields_and_nothing_else() -> None:
    entry = rules.catalogue_entry(DATASET)
    assert (entry.title, entry.fields) == (DATASET.title, DATASET.fields)
    assert (entry.detail, entry.rows) == ("", 0)


@pytest.mark.parametrize(
    ("viewer", "asked", "whole"),
    [
        (OWNER.tenant, False, True),
        ("t_province", False, True),
        ("t_other", True, True),
        ("t_other", False, False),
    ],
)
def test_who_sees_the_whole_entry(viewer: str, asked: bool, whole: bool) -> None:
    assert rules.may_see_whole(DATASET, viewer, ("t_province",), asked) is whole


def test_uses_and_dates_of_a_grant_are_watched() -> None:
    granted = rules.Granted(
        id="g_1",
        request_id="q_1",
        owner="t_1",
        grantee="t_2",
        envelope=b"",
        not_before_ms=NOW_MS,
        expires_ms=NOW_MS + DAY_MS,
        max_uses=2,
        uses=1,
    )
    granted.check_use_left()
    granted.check_open(NOW_MS - MAX_SKEW_MS)
    with pytest.raises(GrantExceeded, match="2 uses"):
        replace(granted, uses=2).check_use_left()
    for outside in (NOW_MS - MAX_SKEW_MS - 1, NOW_MS + DAY_MS):
        with pytest.raises(GrantExceeded):
            granted.check_open(outside)


def test_what_cannot_be_an_id_is_not_found() -> None:
    with pytest.raises(NotFound):
        rules.check_known("d_\0", "dataset")

"""What the need form takes, and what it says of the rest."""

from __future__ import annotations

from datetime import date

import pytest

from zongheng_hub.web.need_form import blank, need_request, nonce_of, read_need
from zongheng_hub.web.need_steps import Step, read_step
from zongheng_protos.needs.v1 import needs_pb2 as needs

TODAY = date(2026, 11, 20)
GOOD = {
    "kind": "1",
    "title": " 没有户表数据 ",
    "detail": "一\r\n二",
    "urgency": "1",
    "households": "2,143",
    "wanted_by": "2026-12-15",
    "place": "静游镇",
    "nonce": "ab" * 16,
}


def test_a_good_form_becomes_the_request() -> None:
    filled = read_need(GOOD, TODAY)

    assert filled.faults == {}
    assert need_request(filled) == needs.FileNeedRequest(
        kind=needs.NEED_KIND_DATA,
        title="没有户表数据",
        detail="一\n二",
        urgency=needs.URGENCY_NORMAL,
        households=2143,
        wanted_by="2026-12-15",
        place="静游镇",
    )


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("kind", ""),
        ("kind", "9"),
        ("title", ""),
        ("title", "缺数据"),
        ("title", "长" * 61),
        ("detail", "长" * 4001),
        ("households", "很多"),
        ("households", "-1"),
        ("households", "99999999"),
        ("households", "２１"),
        ("wanted_by", "明天"),
        ("wanted_by", "2026-11-19"),
        ("place", "长" * 61),
        ("urgency", ""),
        ("urgency", "3"),
    ],
)
def test_each_fault_stands_at_its_field_and_nothing_typed_is_lost(field: str, typed: str) -> None:
    filled = read_need(GOOD | {field: typed}, TODAY)

    assert list(filled.faults) == [field]
    assert filled.values[field] == typed


@pytest.mark.parametrize("field", ["title", "detail", "place"])
@pytest.mark.parametrize(
    "number",
    [
        "110101199003070011",
        "11010119900307001X",
        "13800000000",
        "138 0000 0000",
        "+86-138-0000-0000",
        "１３８００００００００",
        "6222020000000000000",
        "4111 1111 1111 1111",
    ],
)
def test_personal_numbers_are_named_at_their_field_and_stay_typed(field: str, number: str) -> None:
    typed = f"联系人号码{number}"

    filled = read_need(GOOD | {field: typed}, TODAY)

    assert list(filled.faults) == [field]
    assert "请删去" in filled.faults[field]
    assert filled.values[field] == typed


@pytest.mark.parametrize(
    "text",
    [
        "全镇17个村2143户，户号0123456789",
        "2021 2022 2023 2024四年的数据",
        "2026-11-20至2026-12-01，区划代码140123001001",
        "投入12000000000元",
    ],
)
def test_years_days_codes_and_sums_are_no_personal_numbers(text: str) -> None:
    assert read_need(GOOD | {"detail": text}, TODAY).faults == {}


def test_faults_stand_in_the_order_of_the_questions() -> None:
    assert list(read_need({}, TODAY).faults) == ["kind", "title", "urgency"]


def test_every_blank_form_has_its_own_nonce() -> None:
    first, second = blank("").values, blank("").values

    assert nonce_of(first) != nonce_of(second)
    assert len(nonce_of(first) or b"") == 16
    assert nonce_of({"nonce": "nothing"}) is None


def test_an_answer_names_its_resources() -> None:
    taken = read_step(
        Step.ANSWER, "n_1", {"text": "给数据", "kind1": "1", "title1": "户表", "kind2": ""}
    )

    assert taken.message == needs.AnswerNeedRequest(
        need_id="n_1",
        text="给数据",
        resources=[needs.Resource(kind=needs.NEED_KIND_DATA, title="户表")],
    )


@pytest.mark.parametrize(
    ("fields", "faulty"),
    [
        ({"text": ""}, "text"),
        ({"text": "给数据", "kind2": "1"}, "title2"),
        ({"text": "给数据", "title3": "户表"}, "kind3"),
    ],
)
def test_an_incomplete_answer_is_not_sent(fields: dict[str, str], faulty: str) -> None:
    taken = read_step(Step.ANSWER, "n_1", fields)

    assert taken.message is None
    assert list(taken.faults) == [faulty]


def test_reopening_needs_a_reason() -> None:
    assert "reason" in read_step(Step.REOPEN, "n_1", {"reason": " "}).faults

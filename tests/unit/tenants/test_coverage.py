"""Whether a grant takes in one person's row, as far as the row is known."""

from __future__ import annotations

import pytest

from tests.integration.sharing_hub import FIELDS
from zongheng_protos.errors import ZonghengError
from zongheng_protos.sharing.v1 import statement_pb2 as pb
from zongheng_tenants.coverage import Coverage, Covered, coverage_of, stated_grant
from zongheng_tenants.grant import Condition, GrantedField, apply_grant, make_grant, sign_grant
from zongheng_tenants.keys import SigningKey

VILLAGE = pb.Condition(field="village", operator=pb.OPERATOR_IN, values=["东村", "西村"])
POOR = pb.Condition(field="income", operator=pb.OPERATOR_AT_MOST, values=["5000"])


@pytest.mark.parametrize(
    ("row", "covered"),
    [
        ({"village": "东村", "income": "3000"}, Covered(Coverage.COVERED)),
        ({"village": "东村", "income": "5000"}, Covered(Coverage.COVERED)),
        ({"village": "东村", "income": "5000.01"}, Covered(Coverage.NOT_COVERED)),
        ({"village": "南村", "income": "3000"}, Covered(Coverage.NOT_COVERED)),
        ({"village": "南村"}, Covered(Coverage.NOT_COVERED)),
        ({"income": "3000"}, Covered(Coverage.UNKNOWN, ("village",))),
        ({}, Covered(Coverage.UNKNOWN, ("village", "income"))),
        ({"village": "东村", "income": "不详"}, Covered(Coverage.NOT_COVERED)),
    ],
)
def test_a_row_is_covered_not_covered_or_undecided(row: dict[str, str], covered: Covered) -> None:
    assert coverage_of([VILLAGE, POOR], row) == covered


def test_a_grant_without_conditions_covers_everyone() -> None:
    assert coverage_of([], {}) == Covered(Coverage.COVERED)


def test_coverage_agrees_with_what_the_grant_lets_out() -> None:
    grant = make_grant(
        request_id="q_00000000000000000001",
        dataset_id="d_00000000000000000001",
        owner="t_00000000000000000001",
        grantee="t_00000000000000000002",
        purpose="低保复核",
        fields=[GrantedField(FIELDS[0].name)],
        rows=[
            Condition("village", pb.OPERATOR_EQUALS, ("东村",)),
            Condition("income", pb.OPERATOR_AT_LEAST, ("100",)),
        ],
        not_before_ms=1,
        expires_ms=2,
    )
    stated = stated_grant(sign_grant(grant, SigningKey.generate()))
    for village in ("东村", "西村"):
        for income in ("99.9", "100", "-100", "1000"):
            row = {"name": "王某", "village": village, "income": income}
            left = bool(list(apply_grant(grant, [row])))
            assert (coverage_of(stated.rows, row).coverage is Coverage.COVERED) == left


def test_what_is_no_grant_is_refused() -> None:
    with pytest.raises(ZonghengError):
        stated_grant(b"nothing")

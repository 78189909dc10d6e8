"""入网审批: the parent's administrator sees who waits, compares the fingerprint, or refuses."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.e2e.conftest import House, Visit
from zongheng_protos.errors import EnrolmentRejected
from zongheng_sdk.enrolling import begin_enrolment

PROVINCE, CITY = "140000", "140900"


@pytest.mark.parametrize("width", [390, 1440])
def test_who_waits_stands_there_with_the_fingerprint_that_the_child_reads_out(
    house: House, visit: Visit, tmp_path: Path, width: int
) -> None:
    pending = begin_enrolment(house.local.invite(CITY), tmp_path)
    page = visit(PROVINCE, width=width, administrator=True)
    page.goto("/enrolments")

    shown = page.locator(f"#{pending.enrolment_id}")
    assert pending.fingerprint in shown.inner_text()
    assert f"zongheng approve {pending.enrolment_id}" in shown.inner_text()
    if folder := os.environ.get("ZONGHENG_SHOTS"):
        page.screenshot(path=f"{folder}/enrolments-{width}.png", full_page=True)
    shown.locator("summary").click()
    shown.get_by_label("原因").fill("电话核对指纹不符")
    shown.get_by_role("button").click()

    assert shown.count() == 0
    assert "电话核对指纹不符" in page.locator("table").inner_text()
    with pytest.raises(EnrolmentRejected, match="电话核对指纹不符"):
        pending.collect()

"""A need: filed by a county, accepted and answered by the province, confirmed by the county."""

from __future__ import annotations

from pathlib import Path

from shanxi.enrolment import OPERATOR, Unit
from shanxi.failure import DemoFailed
from zongheng_sdk import Hub, Need, Resource
from zongheng_sdk.need_values import Clock

PROVINCIAL = "省级专班 赵某某"


def close_a_need(county: Unit, province: Path) -> tuple[Need, Clock]:
    """Go through a need from filing to confirmation.

    Returns:
        The need as it stands in the end, and the clock that ran for the province's answer.
    """
    with (
        Hub.open(county.identity, operator=OPERATOR) as below,
        Hub.open(province, operator=PROVINCIAL) as above,
    ):
        filed = below.needs.file(
            kind="data",
            title="需要低保家庭比对数据",
            detail="冬季取暖补助要核对低保、残疾和独居老人名单，现在靠村里手抄，请省里提供比对服务。",
            urgency="normal",
            households=10_000,
            place=county.tenant.name,
        )
        accepted = above.needs.accept(filed.id, note="已受理，由数据共享专班办理。")
        clock = next((one for one in accepted.clocks if one.stage == "answer"), None)
        if clock is None or not clock.due:
            raise DemoFailed(f"need {filed.id} was accepted but no clock runs for its answer")
        above.needs.answer(
            filed.id,
            text="随手拍模块已开放比对接口，并安排一次线上培训。",
            resources=[
                Resource(kind="module", title="随手拍标准模块", reference="snap"),
                Resource(kind="training", title="数据比对线上培训", detail="每周三下午三点"),
            ],
        )
        closed = below.needs.confirm(filed.id, note="已收到并用上。")
    if closed.state != "confirmed" or not closed.resources:
        raise DemoFailed(f"need {filed.id} ended as {closed.state} instead of confirmed")
    return closed, clock

"""A need: filed by a county, accepted and answered by the province, confirmed by the county."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from shanxi.enrolment import OPERATOR, Unit
from shanxi.failure import DemoFailed
from zongheng_sdk import Hub, Need, Resource
from zongheng_sdk.need_values import Clock, NeedKind

PROVINCIAL = "赵某某"
EVERY = 5  # one county in so many has something to ask on the day of the story
OPEN: tuple[tuple[NeedKind, str, str], ...] = (
    ("training", "网格员操作培训", "新到岗网格员没有用过随手拍，请安排线上培训。"),
    ("data", "需要残疾人名单比对", "核对两项补贴要逐户打电话，请提供比对服务。"),
    ("equipment", "便民中心缺高拍仪", "三个乡镇便民中心没有高拍仪，材料只能拍照上传。"),
    ("funds", "老旧小区排水改造资金", "汛期前要改造四个小区的排水，还差一部分资金。"),
    ("module", "想接入惠民补贴一卡通查询", "群众常问补贴到账情况，希望有标准模块。"),
    ("people", "汛期请派水利技术人员", "两座小型水库需要技术人员驻点一个月。"),
    ("rule", "宅基地审批口径不一致", "两个部门对面积的要求不同，请明确以哪个为准。"),
    ("unclear", "村级公章使用频次过高", "不知道该减证明还是该联通数据，请上级判断。"),
)


def file_needs(counties: Sequence[Unit]) -> int:
    """Some counties file a need each, which stay open; gives how many."""
    filing = counties[::EVERY]
    for number, county in enumerate(filing):
        kind, title, detail = OPEN[number % len(OPEN)]
        with Hub.open(county.identity, operator=OPERATOR) as hub:
            hub.needs.file(kind=kind, title=title, detail=detail, place=county.tenant.name)
    return len(filing)


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

"""The console's words: Chinese is the key, English the translation; one word a thing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from zongheng_protos.catalogue.v1 import catalogue_pb2 as catalogue
from zongheng_protos.needs.v1 import needs_pb2 as needs
from zongheng_protos.review.v1 import review_pb2 as review
from zongheng_protos.sharing.v1 import sharing_pb2 as sharing
from zongheng_protos.sharing.v1 import statement_pb2 as statement

KINDS: dict[int, tuple[str, str]] = {
    needs.NEED_KIND_DATA: ("数据", "名单、比对"),
    needs.NEED_KIND_MODULE: ("服务模块", "线上功能"),
    needs.NEED_KIND_FUNDS: ("资金", "补助、经费"),
    needs.NEED_KIND_EQUIPMENT: ("设备", "仪器、终端"),
    needs.NEED_KIND_PEOPLE: ("人手", "借人、派人"),
    needs.NEED_KIND_TRAINING: ("培训", "不会用、不会办"),
    needs.NEED_KIND_RULE: ("规定", "口径、依据"),
    needs.NEED_KIND_UNCLEAR: ("说不清", "请上级判断"),
}
STATES: dict[int, tuple[str, str]] = {
    needs.NEED_STATE_FILED: ("待受理", ""),
    needs.NEED_STATE_ACCEPTED: ("办理中", "run"),
    needs.NEED_STATE_ANSWERED: ("待确认", "run"),
    needs.NEED_STATE_CONFIRMED: ("已确认", "done"),
}
STAGES: dict[int, str] = {
    needs.CLOCK_STAGE_ACCEPT: "受理",
    needs.CLOCK_STAGE_ANSWER: "答复",
    needs.CLOCK_STAGE_DELIVER: "落实",
}
URGENCIES: dict[int, str] = {needs.URGENCY_NORMAL: "一般", needs.URGENCY_URGENT: "紧急"}
TRACKS: dict[int, tuple[str, str]] = {
    catalogue.TRACK_STABLE: ("正式", "stable"),
    catalogue.TRACK_PILOT: ("试点", "pilot"),
}
SHARING: dict[int, str] = {
    sharing.SHARING_CLASS_UNCONDITIONAL: "无条件共享",
    sharing.SHARING_CLASS_CONDITIONAL: "有条件共享",
    sharing.SHARING_CLASS_NOT_SHARED: "不予共享",
}
ALERT_RULES: dict[int, str] = {
    review.ALERT_RULE_VOLUME: "取数量异常",
    review.ALERT_RULE_HOUR: "取数时间异常",
    review.ALERT_RULE_PURPOSE: "用途不符",
    review.ALERT_RULE_GRANT_ENDED: "授权失效后仍使用",
    review.ALERT_RULE_REFUSALS: "多次被拒",
    review.ALERT_RULE_RECEIPT_MISSING: "缺回执",
    review.ALERT_RULE_WITNESS_SILENT: "见证中断",
    review.ALERT_RULE_BY_HAND: "审计员提出",
}
ALERT_STATES: dict[int, tuple[str, str]] = {
    review.ALERT_STATE_OPEN: ("待说明", ""),
    review.ALERT_STATE_EXPLAINED: ("已说明", "run"),
    review.ALERT_STATE_CLOSED: ("已办结", "done"),
}
ALERT_VERDICTS: dict[int, str] = {
    review.ALERT_VERDICT_UNFOUNDED: "没有问题",
    review.ALERT_VERDICT_REMEDIED: "属实，已改正",
    review.ALERT_VERDICT_FOUNDED: "属实，另行处理",
}
MASKS: dict[int, str] = {
    statement.MASK_NONE: "原样",
    statement.MASK_NAME: "只留姓",
    statement.MASK_LAST_FOUR: "只留后四位",
    statement.MASK_PSEUDONYM: "化名",
}
ACTS: dict[str, str] = {
    "need.filed": "报送",
    "need.accepted": "受理",
    "need.answered": "答复",
    "need.confirmed": "确认",
    "need.reopened": "重开",
    "dataset.offered": "提供数据集",
    "data.requested": "申请",
    "data.granted": "授权",
    "parcel.delivered": "交付",
    "parcel.fetched": "取数",
    "parcel.received": "对账",
    "module.adopted": "接入",
    "tenancy.rooted": "立根",
    "tenant.invited": "邀请",
    "tenant.credentialed": "发单位凭证",
    "credential.revoked": "作废单位凭证",
    "key.revoked": "作废密钥",
    "channel.revoked": "作废通道证书",
    "grant.revoked": "收回数据授权",
    "tenant.added": "新增单位",
    "tenant.renamed": "更名",
    "tenant.recoded": "变更代码",
    "tenant.moved": "变更上级",
    "tenant.merged": "并入",
    "tenant.suspended": "停用",
    "tenant.resumed": "恢复",
    "tenant.closed": "撤销",
    "tree.imported": "导入区划表",
    "quota.set": "设定限额",
    "operator.added": "登记经办人",
    "operator.roles.changed": "更改角色",
    "operator.roles.approved": "批准角色",
    "operator.disabled": "停用经办人",
    "operator.enabled": "恢复经办人",
    "operator.login.reset": "重置登录",
    "operators.required": "设定经办人要求",
    "channel.renewed": "续通道证书",
    "enrolment.rejected": "不予签发",
    "rotation.requested": "申请换钥",
    "credential.reissued": "重签单位凭证",
    "audit.exported": "导出审计包",
    "content.shredded": "销毁内容",
    "log.rekeyed": "更换日志密钥",
    "alert.raised": "提出预警",
    "alert.explained": "说明情况",
    "alert.closed": "办结预警",
    "snap.report.filed": "随手拍上报",
    "snap.report.answered": "随手拍答复",
}
# The first part of an act type, for the explorer's filter and the timeline's dots.
ACT_FAMILIES: tuple[tuple[str, str], ...] = (
    ("need.", "需求类"),
    ("data", "数据授权类"),
    ("parcel.", "数据包类"),
    ("module.", "服务模块类"),
    ("snap.", "随手拍类"),
    ("tenan", "单位类"),
    ("tree.", "区划类"),
    ("operator", "经办人类"),
    ("alert.", "预警类"),
    ("audit.", "审计类"),
    ("content.", "内容销毁类"),
)
LANGUAGES = ("zh", "en")


@cache
def english() -> Mapping[str, str]:
    """The translations, by their Chinese."""
    path = Path(__file__).with_name("words.en.json")
    texts: dict[str, str] = json.loads(path.read_text("utf-8"))
    return texts


class Words:
    """Says things in one language."""

    def __init__(self, lang: str) -> None:
        self.lang = lang if lang in LANGUAGES else "zh"

    def __call__(self, chinese: str, **values: object) -> str:
        """The text; {name} stands for a value."""
        text = english().get(chinese, chinese) if self.lang == "en" else chinese
        return text.format(**values) if values else text

    def act(self, act: str) -> str:
        """What an act type is called; an unknown one by its own name."""
        return self(ACTS.get(act, act))

    def kind(self, number: int) -> str:
        return self(KINDS[number][0]) if number in KINDS else ""

    def stage(self, number: int) -> str:
        return self(STAGES.get(number, ""))

    def state(self, number: int) -> str:
        return self(STATES[number][0]) if number in STATES else ""

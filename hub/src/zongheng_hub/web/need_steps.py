"""The steps that may follow on a need's page: a form in, a request or its faults out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from google.protobuf.message import Message

from zongheng_hub.web.words import KINDS
from zongheng_protos.needs.v1 import needs_pb2 as needs

RESOURCES = 3


class Step(Enum):
    """As in the form's address."""

    ACCEPT = "accept"
    ANSWER = "answer"
    CONFIRM = "confirm"
    REOPEN = "reopen"


@dataclass(frozen=True, slots=True)
class Taken:
    """A step as it was sent.

    Attributes:
        method: the name in NeedsService.
        message: the request; None when there are faults.
        values: what was typed, to be shown again.
        faults: what to do, by field (Chinese, a key of words).
    """

    method: str
    message: Message | None
    values: Mapping[str, str]
    faults: dict[str, str] = field(default_factory=dict)


def read_step(step: Step, need_id: str, fields: Mapping[str, str]) -> Taken:
    values = {name: value.strip() for name, value in fields.items()}
    if step is Step.ACCEPT:
        return Taken(
            "AcceptNeed",
            needs.AcceptNeedRequest(need_id=need_id, note=values.get("note", "")),
            values,
        )
    if step is Step.CONFIRM:
        return Taken(
            "ConfirmNeed",
            needs.ConfirmNeedRequest(need_id=need_id, note=values.get("note", "")),
            values,
        )
    if step is Step.REOPEN:
        reason = values.get("reason", "")
        if len(reason) < 2:
            return Taken("ReopenNeed", None, values, {"reason": "写明还差什么，重开后时限接着算"})
        return Taken("ReopenNeed", needs.ReopenNeedRequest(need_id=need_id, reason=reason), values)
    return _answer(need_id, values)


def _answer(need_id: str, values: Mapping[str, str]) -> Taken:
    faults: dict[str, str] = {}
    if len(values.get("text", "")) < 2:
        faults["text"] = "写明给什么、何时给，或者为什么不能给"
    resources = []
    for number in range(1, RESOURCES + 1):
        kind, title = values.get(f"kind{number}", ""), values.get(f"title{number}", "")
        if not kind and not title:
            continue
        if kind not in map(str, KINDS):
            faults[f"kind{number}"] = "选反哺资源是哪一类"
        if not title:
            faults[f"title{number}"] = "写反哺资源的名称"
        if not faults:
            resources.append(
                needs.Resource(
                    kind=int(kind),  # type: ignore[arg-type]  # one of KINDS
                    title=title,
                    detail=values.get(f"detail{number}", ""),
                    reference=values.get(f"reference{number}", ""),
                )
            )
    if faults:
        return Taken("AnswerNeed", None, values, faults)
    request = needs.AnswerNeedRequest(
        need_id=need_id, text=values["text"].replace("\r\n", "\n"), resources=resources
    )
    return Taken("AnswerNeed", request, values)

"""The need form: what was typed, what is wrong with it in the person's words, and the request."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from zongheng_hub.web.dates import parse_day
from zongheng_hub.web.words import KINDS
from zongheng_protos.needs.v1 import needs_pb2 as needs

TITLE_MOST, DETAIL_MOST, PLACE_MOST = 60, 4000, 60
TITLE_LEAST = 4
HOUSEHOLDS_MOST = 10_000_000
FIELDS = ("kind", "title", "detail", "urgency", "households", "wanted_by", "place", "nonce")
_NUMBER = re.compile(r"[0-9]{1,8}")
# Resident identity number (GB 11643): division code, birthday, order, check character.
_IDENTITY = re.compile(
    r"(?<!\d)[1-9]\d{5}(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?!\d)"
)
_MOBILE = re.compile(r"(?<!\d)(?:86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)")
_CARD = re.compile(r"(?<!\d)\d{16,19}(?!\d)")
_SPACED_CARD = re.compile(r"(?<!\d)(?:\d{4}[- ]){3,4}\d{3,4}(?!\d)")


@dataclass(frozen=True, slots=True)
class Filled:
    """What was typed, and for each field that needs work what to do (Chinese, a key of words)."""

    values: Mapping[str, str]
    faults: Mapping[str, str] = field(default_factory=dict)


def new_nonce() -> str:
    """32 hex digits; the form keeps them, so that sending it twice files once."""
    return secrets.token_hex(16)


def blank(place: str) -> Filled:
    values = dict.fromkeys(FIELDS, "") | {"place": place, "nonce": new_nonce()}
    return Filled(values)


def read_need(fields: Mapping[str, str], today: date) -> Filled:
    """Check a filled form, in the order of its questions."""
    values = {name: fields.get(name, "").strip() for name in FIELDS}
    values["households"] = values["households"].replace(",", "").replace("，", "")
    faults: dict[str, str] = {}
    if values["kind"] not in map(str, KINDS):
        faults["kind"] = "选一项缺什么，说不清就选最后一项"
    if not values["title"]:
        faults["title"] = "写一句话说明缺什么，例如“没有户表数据，补贴要逐户抄表”"
    elif len(values["title"]) < TITLE_LEAST:
        faults["title"] = "一句话说明至少写4个字"
    elif len(values["title"]) > TITLE_MOST:
        faults["title"] = "一句话说明最多60个字，其余写到具体情况里"
    elif holds_personal_number(values["title"]):
        faults["title"] = "一句话说明里有身份证号、手机号或银行卡号，请删去"
    if len(values["detail"]) > DETAIL_MOST:
        faults["detail"] = "具体情况最多4,000个字"
    elif holds_personal_number(values["detail"]):
        faults["detail"] = "具体情况里有身份证号、手机号或银行卡号，请删去"
    if values["households"] and (
        not _NUMBER.fullmatch(values["households"]) or int(values["households"]) > HOUSEHOLDS_MOST
    ):
        faults["households"] = "涉及户数写数字，例如2143"
    if values["wanted_by"]:
        wanted = parse_day(values["wanted_by"])
        if wanted is None:
            faults["wanted_by"] = "日期写成年-月-日，例如2026-12-15"
        elif wanted < today:
            faults["wanted_by"] = "希望何时解决要选今天或以后"
    if len(values["place"]) > PLACE_MOST:
        faults["place"] = "地点最多60个字"
    elif holds_personal_number(values["place"]):
        faults["place"] = "地点里有身份证号、手机号或银行卡号，请删去"
    if values["urgency"] not in (str(needs.URGENCY_NORMAL), str(needs.URGENCY_URGENT)):
        faults["urgency"] = "选一般或紧急"
    return Filled(values, faults)


def holds_personal_number(text: str) -> bool:
    """Whether text holds what reads as an identity, mobile or bank-card number, in any width.

    Groups of four digits count only with a right check digit, so that years in a row pass.
    """
    plain = unicodedata.normalize("NFKC", text)
    if any(pattern.search(plain) for pattern in (_IDENTITY, _MOBILE, _CARD)):
        return True
    return any(_checks(re.sub(r"\D", "", found)) for found in _SPACED_CARD.findall(plain))


def _checks(number: str) -> bool:
    """The check digit of ISO/IEC 7812-1 (Luhn)."""
    digits = [int(digit) for digit in reversed(number)]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def need_request(filled: Filled) -> needs.FileNeedRequest:
    """The message of a form without faults."""
    values = filled.values
    return needs.FileNeedRequest(
        kind=int(values["kind"]),  # type: ignore[arg-type]  # one of KINDS
        title=values["title"],
        detail=values["detail"].replace("\r\n", "\n"),
        urgency=int(values["urgency"]),  # type: ignore[arg-type]  # checked above
        households=int(values["households"] or 0),
        wanted_by=values["wanted_by"],
        place=values["place"],
    )


def nonce_of(fields: Mapping[str, str]) -> bytes | None:
    """The form's 16 bytes; None when it carries none."""
    text = fields.get("nonce", "")
    return bytes.fromhex(text) if re.fullmatch(r"[0-9a-f]{32}", text) else None

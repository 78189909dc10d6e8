"""The quota form: what was typed, and what is wrong with it in the person's words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from zongheng_protos.tenancy.v1 import quotas_pb2 as pb

TITLES = {
    "reads": ("每秒查询", "次"),
    "acts": ("每秒办理", "次"),
    "bulk": ("每秒批量调用", "次"),
    "calls": ("同时进行的调用", "个"),
    "streams": ("同时打开的数据流", "个"),
    "bulk_mib": ("批量流量每秒", "MiB"),
}
"""Chinese name and unit of each bound, in the form's order."""
NAMES = tuple(TITLES)
_NUMBER = re.compile(r"[0-9]{1,7}")


@dataclass(frozen=True, slots=True)
class Filled:
    """What was typed, and for each field that needs work what to do (Chinese, a key of words)."""

    values: Mapping[str, str]
    faults: Mapping[str, str] = field(default_factory=dict)

    def budget(self) -> pb.Budget:
        return pb.Budget(**{name: int(self.values[name] or 0) for name in NAMES})


def said_before(budget: pb.Budget) -> Filled:
    """The form as it stands: what was said, and nothing where nothing was."""
    return Filled({name: str(getattr(budget, name) or "") for name in NAMES})


def read_quota(fields: Mapping[str, str], own: pb.Budget) -> Filled:
    """Check a filled form against what the giver may use itself."""
    values = {
        name: fields.get(name, "").strip().replace(",", "").replace("，", "") for name in NAMES
    }
    faults = {}
    for name, text in values.items():
        if text and not _NUMBER.fullmatch(text):
            faults[name] = "只填数字，不设就留空"
        elif text and int(text) > getattr(own, name):
            faults[name] = "不能超过本单位自己的限额"
    return Filled(values, faults)

"""What happened, as a short table for people and as JSON for programs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from shanxi.failure import DemoFailed


@dataclass(frozen=True, slots=True)
class Summary:
    """The keys of the JSON file.

    Attributes:
        tenants: units enrolled, the province among them.
        reports_filed: reports read back from the hub, one by one, each as it was filed.
        rows_shared: rows that the grantee opened.
        log_size: entries under the checkpoint that was audited.
        verified: whether the whole log and the exchange were proven with the log's key alone.
        seconds: from the first step to the last.
    """

    tenants: int
    reports_filed: int
    needs_closed: int
    rows_shared: int
    log_size: int
    verified: bool
    seconds: float

    def to_json(self) -> str:
        return json.dumps({name: getattr(self, name) for name in self.__slots__}, indent=1) + "\n"


def write_json(summary: Summary, path: Path) -> None:
    """Raises DemoFailed when path cannot be written."""
    try:
        path.write_text(summary.to_json(), encoding="utf-8")
    except OSError as error:
        raise DemoFailed(f"{path} cannot be written: {error.strerror}. Name another.") from error


def show(summary: Summary, console: Console, *, tree: int, spent: dict[str, float]) -> None:
    """Print the table.

    Args:
        tree: units of the province's tree, enrolled or not.
        spent: seconds by step.
    """
    table = Table(title="纵横·山西 Zongheng in Shanxi", title_justify="left")
    table.add_column("What happened 发生了什么")
    table.add_column("Count 数量", justify="right")
    table.add_column("Seconds 用时", justify="right")
    rows = [
        ("Units enrolled 单位入网", f"{summary.tenants:,} / {tree:,}", "enrol"),
        ("Counties with module snap 接入随手拍", "", "adopt"),
        ("Reports filed 群众反映上报", f"{summary.reports_filed:,}", "file"),
        ("Reports read back 逐条读回", f"{summary.reports_filed:,}", "read"),
        ("Needs closed 需求办结", f"{summary.needs_closed:,}", "need"),
        ("Rows shared under a grant 授权共享行数", f"{summary.rows_shared:,}", "share"),
        ("Log entries verified offline 存证核验", f"{summary.log_size:,}", "audit"),
    ]
    for what, count, step in rows:
        table.add_row(what, count, f"{spent[step]:.1f}")
    table.add_section()
    proven = "[green]yes 属实[/]" if summary.verified else "[bold red]NO 不实[/]"
    table.add_row("Log and exchange proven 全部证实", proven, f"{summary.seconds:.1f}")
    console.print(table)

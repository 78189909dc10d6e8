"""zongheng quota: what units may use of the hub, and what they use."""

from __future__ import annotations

from typing import Annotated

import typer

from zongheng_sdk.cli.app import hub, unit_id
from zongheng_sdk.cli.show import done, line, moment, table
from zongheng_sdk.client import Hub
from zongheng_sdk.quotas import Budget, Quota

app = typer.Typer(no_args_is_help=True, help="What units may use of the hub 用量与限额.")
Unit = Annotated[str, typer.Argument(help="Division code or id; empty: this unit 单位.")]
COLUMNS = (
    "单位 unit",
    "读 reads/s",
    "写 acts/s",
    "批量 bulk/s",
    "并发 at once",
    "被拒 refused",
    "最近 last",
)


@app.command("list")
def list_quotas(
    ctx: typer.Context,
    most: Annotated[int, typer.Option(help="How many at most 最多几个.")] = 50,
) -> None:
    """Who uses how much, most often refused first 各单位用量."""
    opened = hub(ctx)
    rows = [_row(opened, quota) for quota in opened.quotas.list(most=most)]
    table("用量与限额 quotas (now / may)", COLUMNS, rows)


@app.command()
def show(ctx: typer.Context, unit: Unit = "") -> None:
    """One unit's budget, who has said so, and what it uses 某单位的限额与用量."""
    opened = hub(ctx)
    quota = opened.quotas.of(unit_id(opened, unit))
    table("用量与限额 quota (now / may)", COLUMNS, [_row(opened, quota)])
    for given in quota.given:
        name = opened.tenancy.tenant(given.by_tenant_id).name
        said = ", ".join(
            f"{field} {number}"
            for field in Budget.__dataclass_fields__
            if (number := getattr(given.budget, field))
        )
        line(f"{moment(given.set_ms)} {name}: {said}  存证 log entry {given.log_index}")
    for reason, count in quota.use.refused.items():
        line(f"被拒 refused {reason}: {count}")


UNSET = "nothing said of it 不作规定"


@app.command("set")
def set_quota(
    ctx: typer.Context,
    unit: Annotated[str, typer.Argument(help="Division code or id 单位.")],
    reads: Annotated[int, typer.Option(help="Reads a second 每秒读.", show_default=UNSET)] = 0,
    acts: Annotated[int, typer.Option(help="Acts a second 每秒写.", show_default=UNSET)] = 0,
    bulk: Annotated[
        int, typer.Option(help="Bulk calls a second 每秒批量.", show_default=UNSET)
    ] = 0,
    calls: Annotated[int, typer.Option(help="Calls at once 同时调用.", show_default=UNSET)] = 0,
    streams: Annotated[int, typer.Option(help="Streams at once 同时的流.", show_default=UNSET)] = 0,
    bulk_mib: Annotated[
        int, typer.Option(help="MiB a second by bulk calls 批量流量.", show_default=UNSET)
    ] = 0,
) -> None:
    """Say what a unit below may use 设定下级限额; without numbers: take it back 不写数字即撤回."""
    opened = hub(ctx)
    budget = Budget(reads, acts, bulk, calls, streams, bulk_mib)
    quota = opened.quotas.set(unit_id(opened, unit), budget)
    said = "已撤回 taken back" if budget == Budget() else "已设定 set"
    done(f"{said}: {opened.tenancy.tenant(quota.tenant_id).name}", quota.receipt)


def _row(opened: Hub, quota: Quota) -> tuple[object, ...]:
    use, budget = quota.use, quota.budget
    refused = sum(use.refused.values())
    return (
        opened.tenancy.tenant(quota.tenant_id).name,
        f"{use.reads_per_second:.1f} / {budget.reads:,}",
        f"{use.acts_per_second:.1f} / {budget.acts:,}",
        f"{use.bulk_per_second:.1f} / {budget.bulk:,}",
        f"{use.calls} / {budget.calls:,}",
        refused or "–",
        moment(use.refused_ms) if use.refused_ms else "–",
    )

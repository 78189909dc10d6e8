"""zongheng review: alerts, and who may have seen one person's row."""

from __future__ import annotations

from typing import Annotated

import typer

from zongheng_protos.errors import Invalid
from zongheng_sdk.cli.app import hub, unit_id
from zongheng_sdk.cli.show import done, line, moment, table
from zongheng_sdk.review import Alert
from zongheng_tenants.coverage import Coverage

app = typer.Typer(no_args_is_help=True, help="Review work: alerts, who saw what 审计.")
AlertId = Annotated[str, typer.Argument(help="a_… 预警编号.")]
_COVERAGE = {
    Coverage.COVERED: "在范围内 covered",
    Coverage.UNKNOWN: "不能排除 unknown",
    Coverage.NOT_COVERED: "不在范围 not covered",
}


@app.command()
def alerts(
    ctx: typer.Context,
    state: Annotated[str, typer.Option(help="open, explained, closed 状态.")] = "",
    rule: Annotated[str, typer.Option(help="volume, hour, grant_ended, … 规则.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="At most 条数.")] = 50,
) -> None:
    """List alerts, the newest first 预警."""
    opened = hub(ctx)
    found = opened.review.alerts(state=state, rule=rule, limit=limit)
    table(
        "预警 alerts",
        ("编号 id", "时间 raised", "规则 rule", "单位 about", "对象 subject", "状态 state"),
        [
            (
                each.id,
                moment(each.raised_ms),
                each.rule,
                opened.tenancy.tenant(each.tenant_id).name,
                each.subject,
                f"{each.state} {each.verdict}",
            )
            for each in found
        ],
    )


@app.command()
def show(ctx: typer.Context, alert_id: AlertId) -> None:
    """One alert and its life so far 预警经过."""
    opened = hub(ctx)
    found = opened.review.alert(alert_id)
    line(f"{found.rule}  {found.state} {found.verdict}  {found.subject}")
    for name, number in found.figures.items():
        line(f"  {name} {number:,}")
    if found.entries:
        line(f"存证 log entries: {', '.join(map(str, found.entries))}")
    for step in found.steps:
        who = opened.tenancy.tenant(step.tenant_id).name
        line(f"{moment(step.time_ms)} {step.act} {who} {step.operator}: {step.text}")


@app.command("raise")
def raise_alert(
    ctx: typer.Context,
    unit: Annotated[str, typer.Argument(help="Division code or id 单位.")],
    text: Annotated[str, typer.Option(help="What wants looking at 说明.")],
    subject: Annotated[str, typer.Option(help="Id of the thing 对象编号.")] = "",
    entry: Annotated[list[int] | None, typer.Option(help="Entry of the log 存证序号.")] = None,
) -> None:
    """Raise an alert by hand; needs the right to audit 提出预警."""
    opened = hub(ctx)
    tenant = unit_id(opened, unit)
    _said(
        "已提出 raised",
        opened.review.raise_alert(tenant, text, subject=subject, entries=entry or ()),
    )


@app.command()
def explain(
    ctx: typer.Context,
    alert_id: AlertId,
    text: Annotated[str, typer.Option(help="What was behind it 说明.")],
) -> None:
    """Say what was behind an alert 说明情况."""
    _said("已说明 explained", hub(ctx).review.explain(alert_id, text))


@app.command()
def close(
    ctx: typer.Context,
    alert_id: AlertId,
    verdict: Annotated[str, typer.Option(help="unfounded, remedied, founded 结论.")],
    text: Annotated[str, typer.Option(help="Why 理由.")],
) -> None:
    """Give the verdict; needs the right to audit 办结预警."""
    _said("已办结 closed", hub(ctx).review.close(alert_id, verdict, text))


@app.command("who-saw")
def who_saw(
    ctx: typer.Context,
    dataset: Annotated[str, typer.Argument(help="d_… 数据集编号.")],
    value: Annotated[
        list[str] | None,
        typer.Option(help="FIELD=VALUE of the person's row; stays here 字段=值，不发送."),
    ] = None,
) -> None:
    """Who may have seen one person's row, when and why 查个人数据去向."""
    opened = hub(ctx)
    row = dict(_pair(each) for each in value or ())
    found = opened.review.who_saw(dataset, row)
    for each in sorted(found, key=lambda seen: list(_COVERAGE).index(seen.coverage)):
        grantee = opened.tenancy.tenant(each.grantee).name
        line(f"{_COVERAGE[each.coverage]}  {grantee}  {each.purpose}  {each.grant_id}")
        if each.missing:
            line(f"  取决于 depends on: {', '.join(each.missing)}")
        line("  字段 fields: " + ", ".join(f"{name} ({mask})" for name, mask in each.fields))
        for parcel in each.parcels:
            line(f"  {moment(parcel.delivered_ms)} 交付 delivered {parcel.rows:,} rows")
            for index, at_ms, operator in parcel.fetches:
                line(f"  {moment(at_ms)} 取数 fetched {operator}  存证 log entry {index}")
    line("枢纽不知道数据内容：在范围内且取过，是可能看到；是否看到，须查双方手里的数据。")
    line("The hub does not know the rows: covered and fetched means it could be seen.")


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise Invalid(f"{text}: give FIELD=VALUE")
    return name, value


def _said(what: str, alert: Alert) -> None:
    done(f"{what}: {alert.id}", alert.receipt)

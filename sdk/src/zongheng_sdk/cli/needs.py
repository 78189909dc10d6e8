"""zongheng need …: report upward, follow the clock, answer, confirm."""

from __future__ import annotations

from typing import Annotated, cast

import typer
from rich.markup import escape

from zongheng_protos.errors import ArgumentInvalid
from zongheng_sdk.cli.app import hub
from zongheng_sdk.cli.show import console, done, line, moment, table
from zongheng_sdk.need_values import Need, NeedKind, NeedState, Resource, Urgency

app = typer.Typer(no_args_is_help=True, help="Needs travel up, resources come down 需求直报。")

KINDS = "data, module, funds, equipment, people, training, rule, unclear"
NeedId = Annotated[str, typer.Argument(help="n_… 需求编号.")]


@app.command("file")
def file_need(
    ctx: typer.Context,
    kind: Annotated[str, typer.Option(help=f"{KINDS} 类别.")],
    title: Annotated[str, typer.Option(help="4 to 60 characters 标题.")],
    detail: Annotated[str, typer.Option(help="详细说明.")] = "",
    urgent: Annotated[bool, typer.Option("--urgent", help="紧急.")] = False,
    households: Annotated[int, typer.Option(help="Households concerned 涉及户数.")] = 0,
    wanted_by: Annotated[str, typer.Option(help="2026-12-15 期望日期.")] = "",
    place: Annotated[str, typer.Option(help="地点.")] = "",
) -> None:
    """File a need 上报需求."""
    urgency: Urgency = "urgent" if urgent else "normal"
    need = hub(ctx).needs.file(
        kind=cast(NeedKind, kind),
        title=title,
        detail=detail,
        urgency=urgency,
        households=households,
        wanted_by=wanted_by,
        place=place,
    )
    done(f"已上报 filed {need.id} → {need.handler_name}", need.receipt)


@app.command("list")
def list_needs(
    ctx: typer.Context,
    state: Annotated[str, typer.Option(help="filed, accepted, answered, confirmed 状态.")] = "",
) -> None:
    """List needs filed, handled or seen from above 需求列表."""
    found = hub(ctx).needs.list(state=cast(NeedState, state))
    table(
        "需求 needs",
        ("编号 id", "状态 state", "类别 kind", "标题 title", "上报 filer", "剩余 days left"),
        [(n.id, n.state, n.kind, n.title, n.filer_name, _left(n)) for n in found],
    )


@app.command()
def show(ctx: typer.Context, need_id: NeedId) -> None:
    """Show one need with clocks, resources and history 查看需求."""
    need = hub(ctx).needs.get(need_id)
    out = console()
    out.print(f"[bold]{escape(need.title)}[/]  {need.id}  {need.state}", soft_wrap=True)
    line(f"{need.filer_name} → {need.handler_name}  {need.kind}  {need.urgency}")
    for name, value in (
        ("地点 place", need.place),
        ("涉及户数 households", need.households),
        ("期望 wanted by", need.wanted_by),
    ):
        if value:
            line(f"{name}: {value}")
    if need.detail:
        out.print(need.detail, markup=False, soft_wrap=True)
    table(
        "时限 clocks",
        ("阶段 stage", "限 days", "截止 due", "剩余 left", "依据 legal basis"),
        [
            (c.stage, c.limit_days, c.due, "–" if c.stopped_ms else c.days_left, c.legal_basis)
            for c in need.clocks
        ],
    )
    table(
        "反哺资源 resources",
        ("类别 kind", "名称 title", "指向 reference"),
        [(r.kind, r.title, r.reference) for r in need.resources],
    )
    table(
        "过程 history",
        ("时间 time", "行为 act", "经办人 operator", "内容 text", "存证 entry"),
        [(moment(e.time_ms), e.act, e.operator, e.text, e.log_index) for e in need.events],
    )


@app.command()
def accept(
    ctx: typer.Context, need_id: NeedId, note: Annotated[str, typer.Option(help="备注.")] = ""
) -> None:
    """Accept a need 受理."""
    _told("已受理 accepted", hub(ctx).needs.accept(need_id, note=note))


@app.command()
def answer(
    ctx: typer.Context,
    need_id: NeedId,
    text: Annotated[str, typer.Option(help="答复内容.")],
    resource: Annotated[
        list[str] | None,
        typer.Option(help="KIND:TITLE[:REFERENCE], repeatable 反哺资源，可多次给出."),
    ] = None,
) -> None:
    """Answer a need, with resources 答复并反哺资源."""
    resources = [_resource(given) for given in resource or ()]
    _told("已答复 answered", hub(ctx).needs.answer(need_id, text=text, resources=resources))


@app.command()
def confirm(
    ctx: typer.Context, need_id: NeedId, note: Annotated[str, typer.Option(help="备注.")] = ""
) -> None:
    """Confirm that it is solved 确认办结."""
    _told("已确认 confirmed", hub(ctx).needs.confirm(need_id, note=note))


@app.command()
def reopen(
    ctx: typer.Context, need_id: NeedId, reason: Annotated[str, typer.Option(help="原因.")]
) -> None:
    """Reopen: it is not solved 重新办理."""
    _told("已重新办理 reopened", hub(ctx).needs.reopen(need_id, reason=reason))


def _told(what: str, need: Need) -> None:
    done(f"{what} {need.id} {need.title}", need.receipt)


def _resource(given: str) -> Resource:
    kind, _, rest = given.partition(":")
    title, _, reference = rest.partition(":")
    if not title:
        raise ArgumentInvalid(f"{given!r} is no resource: write KIND:TITLE or KIND:TITLE:REFERENCE")
    return Resource(cast(NeedKind, kind), title, reference=reference)


def _left(need: Need) -> str:
    running = [clock for clock in need.clocks if not clock.stopped_ms]
    return str(running[-1].days_left) if running else "–"

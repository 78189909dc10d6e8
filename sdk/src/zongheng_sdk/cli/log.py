"""zongheng log …: the transparency log as the hub shows it, checked here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from zongheng_sdk.cli.app import hub, unit_id
from zongheng_sdk.cli.show import console, done, line, moment, table
from zongheng_sdk.log_export import write_found
from zongheng_sdk.log_search import PAGE, FoundEntries, FoundEntry

app = typer.Typer(no_args_is_help=True, help="The transparency log 存证日志。")


@app.command()
def checkpoint(ctx: typer.Context) -> None:
    """Show the newest signed tree head, verified 检查点."""
    found = hub(ctx).log.checkpoint()
    line(found.note.decode())
    done(f"签名有效 signature holds: {found.size} entries")


@app.command("list")
def list_entries(
    ctx: typer.Context,
    start: Annotated[
        int | None, typer.Option(min=0, help="Oldest first from this entry on 起始序号.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most 1000 条数.")] = 20,
) -> None:
    """List entries, the newest first 日志条目."""
    opened = hub(ctx).log
    if start is None:
        size = opened.checkpoint().size
        listed = opened.entries(max(0, size - limit), limit=min(size, limit))[::-1]
    else:
        listed = opened.entries(start, limit=limit)
    table(
        "存证 entries",
        ("序号", "时间 time", "行为 act", "单位 actor", "对象 subject"),
        [(e.index, moment(e.act.time_ms), e.act.act, e.act.actor, e.act.subject) for e in listed],
    )


@app.command()
def search(
    ctx: typer.Context,
    party: Annotated[str, typer.Option(help="Division code or id 单位.")] = "",
    counterparty: Annotated[str, typer.Option(help="The other side 对方.")] = "",
    act: Annotated[str, typer.Option(help='"data.granted", "parcel.*" 行为.')] = "",
    about: Annotated[str, typer.Option(help="Id of a dataset, grant, parcel, need 对象.")] = "",
    dataset: Annotated[str, typer.Option(help="Part of a dataset's title 数据集.")] = "",
    purpose: Annotated[str, typer.Option(help="Part of the purpose 用途.")] = "",
    since: Annotated[datetime | None, typer.Option(help="From 从.")] = None,
    until: Annotated[datetime | None, typer.Option(help="Before 之前.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most 条数.")] = 50,
    out: Annotated[
        Path | None, typer.Option(help="Write all of them to .csv or .parquet 全部写入文件.")
    ] = None,
) -> None:
    """Search entries that concern this unit, and for auditors those below 查存证."""
    opened = hub(ctx)
    search_for = partial(
        opened.log.search,
        party=unit_id(opened, party),
        counterparty=unit_id(opened, counterparty),
        act=act,
        about=about,
        dataset=dataset,
        purpose=purpose,
        since=since,
        until=until,
    )
    if out is not None:
        done(f"{out}: {write_found(_all(search_for), out):,} 条 entries")
        return
    found = search_for(limit=limit)
    table(
        "存证 entries",
        ("序号", "时间 time", "行为 act", "单位 actor", "经办 by", "对象 subject", "用途 purpose"),
        [
            (
                e.index,
                moment(e.act.time_ms),
                e.act.act,
                e.act.actor,
                e.operator,
                e.act.subject,
                e.purpose or e.dataset_title,
            )
            for e in found.entries
        ],
    )
    if not found.is_complete:
        line(f"还有更早的 there is more: --limit {limit * 2}")
    if found.indexed < found.size:
        line(f"索引到第{found.indexed}条 indexed up to {found.indexed} of {found.size}")


def _all(search_for: Callable[..., FoundEntries]) -> Iterator[FoundEntry]:
    page = ""
    while True:
        found = search_for(page=page, limit=PAGE)
        yield from found.entries
        page = found.page
        if not page:
            return


@app.command()
def prove(ctx: typer.Context, index: Annotated[int, typer.Argument(help="序号.")]) -> None:
    """Prove that an entry is in the log 证明条目在日志中."""
    proven = hub(ctx).log.prove(index)
    act = proven.entry.act
    done(f"entry {index} ({act.act}, {act.subject}) is among {proven.checkpoint.size} entries")


TROUBLES = {
    "silent": "没有应答 silent",
    "strange": "应答有误 answers wrongly",
    "refuses": "拒绝 refuses",
    "claims": "声称更多但未出示 claims more, unshown",
    "behind": "日志被改回 the log was set back",
    "forked": "日志分叉 the log was forked",
}
ALARMS = {
    "quorum_missing": "近期见证不足法定数 too few witnesses have cosigned lately",
    "went_back": "有见证出示了另一份日志 a witness shows another history of this log",
}


@app.command()
def witnesses(ctx: typer.Context) -> None:
    """Show who witnesses the log and what each saw last, as the hub says 日志见证."""
    found = hub(ctx).log.witnesses()
    rows = [
        (
            one.name,
            "主动来取 comes" if one.comes_by_itself else "枢纽去问 is asked",
            one.size if one.cosigned_ms else "–",
            moment(one.cosigned_ms) if one.cosigned_ms else "–",
            f"{TROUBLES[one.trouble]}：{one.detail}" if one.trouble else "正常 well",
        )
        for one in found.witnesses
    ]
    table(
        f"见证 witnesses（法定 quorum {found.needed}）",
        ("名称 name", "方式 way", "见证到 saw", "时间 at", "情况 state"),
        rows,
    )
    if found.alarm:
        console().print(f"[bold red]✗ {ALARMS[found.alarm]}[/]")
    elif found.needed:
        done(f"{found.witnessed_size}/{found.size} 条已有法定见证 entries have their quorum")


@app.command()
def keys(ctx: typer.Context) -> None:
    """Show the log's key that is trusted here, and the one to follow 日志公钥."""
    found = hub(ctx).log.keys()
    line(f"公钥 trusted  {found.trusted}")
    if found.next == found.trusted:
        line("旧密钥在枢纽退役它之前同时签名 the one before it signs too, until the hub retires it")
    elif found.next:
        line(f"下一把 next   {found.next}")


@app.command()
def rotate(
    ctx: typer.Context,
    vkey: Annotated[
        str,
        typer.Argument(help="As `zongheng-hub log-key new` printed it 下一把公钥."),
    ],
) -> None:
    """For the province: vouch for the log's next key 更换日志密钥."""
    receipt = hub(ctx).log.rotate_key(vkey)
    done(f"新旧两把密钥现在同时签名 both keys sign now: {vkey}", receipt)


@app.command()
def vouch(ctx: typer.Context) -> None:
    """For the province: vouch for the key the log has, once 为现用日志密钥担保."""
    receipt = hub(ctx).log.vouch()
    done("省级根已为日志密钥担保 the log's key follows from the root now", receipt)

"""zongheng units …: the tree of units, its changes over time, and importing a division table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, cast

import typer
from rich.markup import escape

from zongheng_protos.errors import ArgumentInvalid, FileUnusable
from zongheng_sdk.cli.app import hub
from zongheng_sdk.cli.show import console, done, line, moment, table
from zongheng_sdk.client import Hub
from zongheng_sdk.tenancy import Level, Tenant
from zongheng_sdk.unit_values import Changed, Difference, TableDiff, TreeChange

app = typer.Typer(no_args_is_help=True, help="Units over time 单位：查询、变更、撤并、导入区划表。")

Unit = Annotated[str, typer.Argument(help="Code or id 区划代码或单位编号.")]
Why = Annotated[str, typer.Option("--basis", help="Legal basis 批复文号.")]
On = Annotated[str, typer.Option("--on", help="Effective date 生效日期, 2026-11-01; today 当天.")]
Note = Annotated[str, typer.Option(help="备注.")]
Dry = Annotated[bool, typer.Option("--dry-run", help="Only say what would follow 只预览.")]

CHANGES: dict[TreeChange, tuple[str, str]] = {
    "added": ("新增 added", "green"),
    "renamed": ("更名 renamed", "yellow"),
    "recoded": ("换码 recoded", "yellow"),
    "moved": ("改隶 moved", "cyan"),
    "merged": ("并入 merged", "magenta"),
    "gone": ("撤销 gone", "red"),
}
STATES = {"active": "", "suspended": "停用 suspended", "closed": "撤销 closed"}


@app.command()
def show(
    ctx: typer.Context,
    unit: Annotated[str, typer.Argument(help="Code or id; empty: the province 留空为全省.")] = "",
    depth: Annotated[int, typer.Option(help="Levels below 往下几级.")] = 1,
    closed: Annotated[bool, typer.Option("--closed", help="Closed ones too 含已撤销.")] = False,
) -> None:
    """Show a unit and what stands below it 查看单位及下级."""
    opened = hub(ctx)
    top = _unit(opened, unit) if unit else opened.tenancy.tenants(level="province")[0]
    _told(top)
    _children(opened, top, depth, 1, with_closed=closed)


@app.command()
def find(ctx: typer.Context, text: Annotated[str, typer.Argument(help="名称或代码.")]) -> None:
    """Find units by name, code or USCC, of now or of before 按名称或代码查找（含曾用）."""
    found = hub(ctx).units.find(text)
    table(
        "单位 units",
        ("编号 id", "名称 name", "代码 code", "级别 level", "状态 state"),
        [(u.id, u.name, u.code or "–", u.level, STATES[u.state]) for u in found],
    )


@app.command()
def history(ctx: typer.Context, unit: Unit) -> None:
    """Show everything a unit was 查看沿革."""
    table(
        "沿革 history",
        ("起 from", "行为 act", "名称 name", "代码 code", "状态 state", "依据 basis", "存证 entry"),
        [
            (
                moment(past.from_ms),
                past.act,
                past.tenant.name,
                past.tenant.code or "–",
                STATES[past.tenant.state],
                past.legal_basis or "–",
                past.log_index,
            )
            for past in hub(ctx).units.history(unit)
        ],
    )


@app.command()
def add(
    ctx: typer.Context,
    parent: Annotated[str, typer.Argument(help="Its parent, code or id 上级单位.")],
    name: Annotated[str, typer.Argument(help="名称.")],
    basis: Why,
    level: Annotated[str, typer.Option(help="department, township, extra, … 级别.")] = "department",
    code: Annotated[str, typer.Option(help="区划代码.")] = "",
    uscc: Annotated[str, typer.Option(help="统一社会信用代码.")] = "",
    kind: Annotated[str, typer.Option(help="Such as 镇, 开发区 类型.")] = "",
    on: On = "",
    note: Note = "",
    dry_run: Dry = False,
) -> None:
    """Add a unit 新增单位: a department, a township, a 开发区."""
    changed = hub(ctx).units.add(
        parent,
        level=cast(Level, level),
        name=name,
        legal_basis=basis,
        code=code,
        uscc=uscc,
        kind=kind,
        effective_on=on,
        note=note,
        dry_run=dry_run,
    )
    _changed("已新增 added", changed)


@app.command()
def rename(
    ctx: typer.Context,
    unit: Unit,
    name: Annotated[str, typer.Argument(help="New name 新名称.")],
    basis: Why,
    kind: Annotated[str | None, typer.Option(help="类型.")] = None,
    on: On = "",
    note: Note = "",
    dry_run: Dry = False,
) -> None:
    """Rename a unit 更名."""
    changed = hub(ctx).units.rename(
        unit,
        name=name,
        kind=kind,
        legal_basis=basis,
        effective_on=on,
        note=note,
        dry_run=dry_run,
    )
    _changed("已更名 renamed", changed)


@app.command()
def recode(
    ctx: typer.Context,
    unit: Unit,
    basis: Why,
    code: Annotated[str | None, typer.Option(help="New code 新区划代码.")] = None,
    uscc: Annotated[str | None, typer.Option(help="统一社会信用代码.")] = None,
    name: Annotated[str | None, typer.Option(help="新名称.")] = None,
    kind: Annotated[str | None, typer.Option(help="类型, such as 市辖区.")] = None,
    on: On = "",
    note: Note = "",
    dry_run: Dry = False,
) -> None:
    """Give a unit another code 换码: a county becomes a district and stays the same unit."""
    changed = hub(ctx).units.recode(
        unit,
        code=code,
        uscc=uscc,
        name=name,
        kind=kind,
        legal_basis=basis,
        effective_on=on,
        note=note,
        dry_run=dry_run,
    )
    _changed("已换码 recoded", changed)


@app.command()
def move(
    ctx: typer.Context,
    unit: Unit,
    parent: Annotated[str, typer.Argument(help="New parent 新的上级.")],
    basis: Why,
    on: On = "",
    note: Note = "",
    dry_run: Dry = False,
) -> None:
    """Put a unit below another parent 改隶."""
    changed = hub(ctx).units.move(
        unit, parent=parent, legal_basis=basis, effective_on=on, note=note, dry_run=dry_run
    )
    _changed("已改隶 moved", changed)


@app.command()
def merge(
    ctx: typer.Context,
    unit: Unit,
    into: Annotated[str, typer.Argument(help="Its successor 承继单位.")],
    basis: Why,
    on: On = "",
    note: Note = "",
    dry_run: Dry = False,
) -> None:
    """Merge a unit into its successor 并入; what stands below goes along."""
    changed = hub(ctx).units.merge(
        unit, into=into, legal_basis=basis, effective_on=on, note=note, dry_run=dry_run
    )
    _changed("已并入 merged", changed)


@app.command()
def suspend(
    ctx: typer.Context, unit: Unit, basis: Why, note: Note = "", dry_run: Dry = False
) -> None:
    """Stop a unit and all below it from calling 停用."""
    changed = hub(ctx).units.suspend(unit, legal_basis=basis, note=note, dry_run=dry_run)
    _changed("已停用 suspended", changed)


@app.command()
def resume(
    ctx: typer.Context, unit: Unit, basis: Why, note: Note = "", dry_run: Dry = False
) -> None:
    """Let a suspended unit call again 恢复."""
    changed = hub(ctx).units.resume(unit, legal_basis=basis, note=note, dry_run=dry_run)
    _changed("已恢复 resumed", changed)


@app.command()
def close(
    ctx: typer.Context,
    unit: Unit,
    basis: Why,
    end_adoptions: Annotated[
        bool, typer.Option("--end-adoptions", help="End its adoptions 同时停止接入.")
    ] = False,
    on: On = "",
    note: Note = "",
    dry_run: Dry = False,
) -> None:
    """Close a unit for good, with no successor 撤销."""
    changed = hub(ctx).units.close(
        unit,
        legal_basis=basis,
        end_adoptions=end_adoptions,
        effective_on=on,
        note=note,
        dry_run=dry_run,
    )
    _changed("已撤销 closed", changed)


@app.command("import")
def import_table(
    ctx: typer.Context,
    source: Annotated[Path, typer.Argument(metavar="TABLE", help="CSV 区划表.")],
    basis: Annotated[str, typer.Option("--basis", help="Legal basis 依据文号.")] = "",
    on: On = "",
    note: Note = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show 只看差异.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask 不再询问.")] = False,
) -> None:
    """Bring the tree to what a division table says 导入区划表; shows the differences first."""
    try:
        content = source.read_bytes()
    except OSError as error:
        raise FileUnusable(f"{source} cannot be read: {error.strerror}") from error
    units = hub(ctx).units
    diff = units.compare_table(content)
    _show_diff(diff)
    if dry_run:
        return
    if not any(diff.counts.values()):
        line("无变动 nothing to do")
        return
    if not basis:
        raise ArgumentInvalid("--basis: say by what the table holds 请用 --basis 写明依据文号")
    if not yes:
        typer.confirm("按以上差异导入？ carry this out?", abort=True)
    imported = units.import_table(
        content, diff_sha256=diff.sha256, legal_basis=basis, effective_on=on, note=note
    )
    done(f"已导入 imported, table {imported.table_sha256.hex()}", imported.receipt)


def _unit(opened: Hub, unit: str) -> Tenant:
    tenancy = opened.tenancy
    return tenancy.tenant(unit) if unit.startswith("t_") else tenancy.tenant(code=unit)


def _children(opened: Hub, above: Tenant, depth: int, step: int, *, with_closed: bool) -> None:
    if step > depth:
        return
    for child in opened.tenancy.tenants(above.id, with_closed=with_closed):
        _told(child, step)
        _children(opened, child, depth, step + 1, with_closed=with_closed)


def _told(unit: Tenant, step: int = 0) -> None:
    state = STATES[unit.state]
    mark = "[green]●[/]" if unit.enrolled else "[dim]○[/]"
    console().print(
        f"{'  ' * step}{mark} {escape(unit.name)} [dim]{unit.code or unit.uscc} {unit.id}[/]"
        f"{f' [red]{state}[/]' if state else ''}",
        soft_wrap=True,
    )


def _changed(what: str, changed: Changed) -> None:
    unit = changed.tenant
    if changed.effects is None:
        done(f"{what}: {unit.name} {unit.code} {unit.id}", changed.receipt)
        return
    effects = changed.effects
    line(f"预览 would be: {unit.name} {unit.code} {STATES[unit.state]}".rstrip())
    table(
        "涉及 concerned",
        ("单位 units", "已入网 enrolled", "未结需求 needs", "接入 adoptions", "授权 grants"),
        [
            (
                *(effects.units, effects.enrolled, effects.open_needs),
                *(effects.adoptions, effects.grants),
            )
        ],
    )
    if changed.also:
        line(f"一并变动 also: {', '.join(other.name for other in changed.also)}")


def _show_diff(diff: TableDiff) -> None:
    out = console()
    for one in diff.differences:
        words = " ".join(f"[{CHANGES[c][1]}]{CHANGES[c][0]}[/]" for c in one.changes)
        out.print(f"{words}  {escape(_difference(one))}", soft_wrap=True)
    counted = "  ".join(
        f"[{colour}]{words} {diff.counts.get(change, 0)}[/]"
        for change, (words, colour) in CHANGES.items()
    )
    out.print(f"{counted}  [dim]未变 unchanged {diff.unchanged}[/]", soft_wrap=True)
    for obstacle in diff.obstacles:
        out.print(f"[red]✗ 不能导入 in the way:[/] {escape(obstacle)}", soft_wrap=True)


def _difference(one: Difference) -> str:
    def told(before: str, after: str) -> str:
        return after if before in ("", after) else f"{before} → {after}"

    parts: Sequence[str] = (
        told(one.old_code, one.code),
        told(one.old_name, one.name),
        told(one.old_kind, one.kind),
    )
    place = one.parent_code if one.old_parent_code == "" else ""
    if one.old_parent_code and one.old_parent_code != one.parent_code:
        place = f"{one.old_parent_code} → {one.parent_code}"
    return " ".join(filter(None, (*parts, f"上级 parent {place}" if place else "")))

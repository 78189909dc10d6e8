"""zongheng operators: who acts for this unit, with which roles 经办人."""

from __future__ import annotations

from typing import Annotated, cast

import typer

from zongheng_sdk.cli.app import hub
from zongheng_sdk.cli.show import done, line, table
from zongheng_sdk.operators import Changed, Operator, Role

app = typer.Typer(no_args_is_help=True, help="Who acts for this unit 经办人.")

Who = Annotated[str, typer.Argument(help="Name or o_… 姓名或编号.")]
Unit = Annotated[str, typer.Option(help="Id of a unit below that cannot keep its own 下级单位.")]
Roles = Annotated[
    list[str] | None,
    typer.Option(
        "--role",
        help="handler 办理员, data_steward 数据管理员, approver 授权审批员, integrator 接入员, "
        "publisher 发布员, reviewer 审核员, administrator 管理员, auditor 审计员; may be repeated.",
    ),
]


@app.command("list")
def list_operators(ctx: typer.Context, unit: Unit = "") -> None:
    """List operators and what waits for a second administrator 列出经办人."""
    staff = hub(ctx).operators.list(unit)
    names = {one.id: one.name for one in staff.operators}
    table(
        "经办人 operators",
        ("编号 id", "姓名 name", "登录名 login", "角色 roles", "状态 state"),
        [
            (one.id, one.name, one.login, ", ".join(one.roles), _state(one))
            for one in staff.operators
        ],
    )
    for request in staff.waiting:
        who, roles = names.get(request.operator_id, request.operator_id), ", ".join(request.roles)
        line(f"待批准 waiting: {who} → {roles}, {request.asked_by} ({request.id})")
    if staff.required:
        line("只许登记过的经办人办理 only registered operators act")


@app.command()
def add(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="As acts name them 姓名.")],
    login: Annotated[str, typer.Option(help="What they sign in with 登录名.")],
    role: Roles = None,
    staff_number: Annotated[str, typer.Option(help="The unit's number of the person 工号.")] = "",
    oidc_subject: Annotated[str, typer.Option(help="Unified identity 统一身份认证编号.")] = "",
    unit: Unit = "",
) -> None:
    """Register an operator 登记经办人; hand the link to them alone."""
    _changed(
        hub(ctx).operators.add(
            name,
            login=login,
            roles=cast(list[Role], role or []),
            staff_number=staff_number,
            oidc_subject=oidc_subject,
            unit=unit,
        )
    )


@app.command()
def roles(ctx: typer.Context, who: Who, role: Roles = None, unit: Unit = "") -> None:
    """Set all roles of an operator 更改角色; none named: none held."""
    found = _found(ctx, who, unit)
    _changed(hub(ctx).operators.change_roles(found.id, cast(list[Role], role or [])))


@app.command()
def approve(
    ctx: typer.Context,
    request: Annotated[str, typer.Argument(help="a_…, see list 申请编号.")],
    refuse: Annotated[bool, typer.Option("--refuse", help="Say no 不批准.")] = False,
    unit: Unit = "",
) -> None:
    """Approve roles that another administrator asked for 批准角色."""
    operators = hub(ctx).operators
    asked = next((one for one in operators.list(unit).waiting if one.id == request), None)
    if asked is None:
        raise typer.BadParameter(f"no request {request} waits 没有待批准的 {request}")
    _changed(operators.approve(asked.operator_id, request, refused=refuse))


@app.command()
def disable(ctx: typer.Context, who: Who, unit: Unit = "") -> None:
    """Let no act in an operator's name be taken any more 停用账号."""
    _changed(hub(ctx).operators.disable(_found(ctx, who, unit).id))


@app.command()
def enable(ctx: typer.Context, who: Who, unit: Unit = "") -> None:
    """Let a disabled operator act again 恢复账号."""
    _changed(hub(ctx).operators.enable(_found(ctx, who, unit).id))


@app.command("reset-login")
def reset_login(ctx: typer.Context, who: Who, unit: Unit = "") -> None:
    """Take away password and second factor, make a new link 重发登录链接."""
    _changed(hub(ctx).operators.reset_login(_found(ctx, who, unit).id))


@app.command()
def require(
    ctx: typer.Context,
    off: Annotated[
        bool, typer.Option("--off", help="Allow unregistered names again 取消.")
    ] = False,
    unit: Unit = "",
) -> None:
    """Refuse acts that name an unregistered operator 只许登记过的经办人办理."""
    done("已设定 set", hub(ctx).operators.require(not off, unit=unit))


def _found(ctx: typer.Context, who: str, unit: str) -> Operator:
    for one in hub(ctx).operators.list(unit).operators:
        if who in (one.id, one.name, one.login):
            return one
    raise typer.BadParameter(f"no operator {who} 没有经办人 {who}")


def _changed(changed: Changed) -> None:
    one = changed.operator
    done(f"{one.name} ({one.id}): {', '.join(one.roles) or '–'} {_state(one)}", changed.receipt)
    if changed.waiting is not None:
        line(f"待另一名管理员批准 another administrator approves: {changed.waiting.id}")
    if changed.link:
        line(f"交给本人，72小时内有效 for them alone, within 72 hours: {changed.link}")


def _state(one: Operator) -> str:
    if one.disabled:
        return "已停用 disabled"
    return "待首次登录 not signed in yet" if one.must_set_up else ""

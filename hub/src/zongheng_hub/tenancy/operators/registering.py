"""Registering operators and changing what they may do: use cases, one transaction each."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from sqlalchemy import insert, update

from zongheng_hub.store import Tx
from zongheng_hub.tenancy.operators import people, rules
from zongheng_hub.tenancy.operators.people import Operator, RoleRequest
from zongheng_hub.tenancy.operators.rules import Account
from zongheng_hub.tenancy.operators.tables import OPERATOR, ROLE_REQUEST, SESSION
from zongheng_protos.errors import Exists, OperatorDisabled, StateConflict
from zongheng_protos.tenancy.v1 import operators_pb2 as pb
from zongheng_tenants.ids import new_id


@dataclass(frozen=True, slots=True)
class Actor:
    """Who changes operators: a unit and the name in its act, registered or not."""

    tenant: str
    name: str


def register(
    tx: Tx,
    account: Account,
    *,
    login: str,
    must_set_up: bool,
    now_ms: int,
    log_index: int | None,
) -> Operator:
    """Make an account with an id of its own.

    Args:
        log_index: of the act that adds it; None where whoever keeps the hub's machine does.

    Raises:
        Invalid: the name cannot be read as it is written.
        Exists: the unit has an operator of this name, or the hub one of this login.
        DutiesConflict: the roles, or those of the person's other accounts, mix classes of duties.
    """
    rules.check_name(account.name)
    if people.operator_named(tx.connection, account.tenant, account.name) is not None:
        raise Exists(f"{account.tenant} already has an operator {account.name}")
    if login and tx.one(OPERATOR.select().where(OPERATOR.c.login == login)) is not None:
        raise Exists(f"the login {login} is taken: choose another")
    others = people.accounts_of_person(tx.connection, account)
    rules.check_duties(account, account.roles, others)
    tx.execute(
        insert(OPERATOR).values(
            id=account.id,
            tenant_id=account.tenant,
            name=account.name,
            login=login or None,
            staff_number=account.staff_number,
            oidc_subject=account.oidc_subject,
            roles=sorted(account.roles),
            disabled=False,
            must_set_up=must_set_up,
            password="",
            totp_secret=b"",
            totp_step=0,
            added_ms=now_ms,
            signed_in_ms=0,
            log_index=log_index,
        )
    )
    people.note_change(tx, account.tenant)
    return people.operator(tx.connection, account.id)


def let_in(
    tx: Tx, tenant: str, name: str, roles: Collection[int] | None, *, now_ms: int
) -> Operator:
    """The operator of this name, registered first where the unit has none: the hub's own word.

    Args:
        roles: what a new operator holds; None: every business role.

    Raises:
        OperatorDisabled: the account is disabled.
        Exists: the operator is there and holds other roles than those named.
        Invalid, DutiesConflict: as register.
    """
    found = people.operator_named(tx.connection, tenant, name)
    if found is None:
        account = Account(
            id=new_id("o", now_ms=now_ms),
            tenant=tenant,
            name=name,
            roles=frozenset(rules.BUSINESS_ROLES if roles is None else roles),
        )
        return register(tx, account, login="", must_set_up=False, now_ms=now_ms, log_index=None)
    if found.account.disabled:
        raise OperatorDisabled(f"the operator {name} of {tenant} is disabled")
    if roles is not None and frozenset(roles) != found.account.roles:
        raise Exists(f"{name} has other roles: leave out --role, or change them in the console")
    return found


def add(
    tx: Tx, actor: Actor, account: Account, *, login: str, now_ms: int, log_index: int
) -> tuple[Operator, RoleRequest | None]:
    """Register an operator at an administrator's word.

    Where there are two administrators, a further one waits for the approval of another than the
    actor and holds no role until then.

    Raises:
        As register.
    """
    second = _needs_second(tx, account.tenant, account.roles, frozenset())
    held = frozenset[int]() if second else account.roles
    made = register(
        tx,
        replace(account, roles=held),
        login=login,
        must_set_up=True,
        now_ms=now_ms,
        log_index=log_index,
    )
    if not second:
        return made, None
    rules.check_duties(account, account.roles, people.accounts_of_person(tx.connection, account))
    return made, _ask(tx, actor, made.account, account.roles, now_ms)


def change_roles(
    tx: Tx, actor: Actor, operator_id: str, roles: Collection[int], *, now_ms: int
) -> tuple[Operator, RoleRequest | None]:
    """Give an operator other roles; a further administrator waits as in add.

    Raises:
        NotFound: there is no such operator.
        OwnRequest: it is the actor's own account, or another of the same person's.
        DutiesConflict: see rules.check_duties.
        LastAdministrator: nobody would be left to administer.
    """
    found = people.operator(tx.connection, operator_id)
    account = found.account
    wanted = frozenset(roles)
    _check_other(tx, actor, account)
    rules.check_duties(account, wanted, people.accounts_of_person(tx.connection, account))
    if _needs_second(tx, account.tenant, wanted, account.roles):
        return found, _ask(tx, actor, account, wanted, now_ms)
    _check_keeps(tx, account, wanted)
    _withdraw(tx, operator_id, now_ms)
    return _set_roles(tx, account, wanted), None


def approve_roles(
    tx: Tx,
    actor: Actor,
    operator_id: str,
    request_id: str,
    *,
    refused: bool,
    now_ms: int,
) -> Operator:
    """Decide on roles that another administrator asked for.

    Raises:
        NotFound: nothing such waits.
        StateConflict: the actor is no registered administrator of the unit.
        OwnRequest: the actor asked for it, or would gain by it.
        DutiesConflict: the person's duties have changed meanwhile.
    """
    waiting = people.waiting_request(tx.connection, request_id, operator_id)
    account = people.operator(tx.connection, operator_id).account
    approver = people.operator_named(tx.connection, actor.tenant, actor.name)
    if approver is None:
        raise StateConflict(f"{actor.name} is no registered administrator of {actor.tenant}")
    asker = people.operator_named(tx.connection, actor.tenant, waiting.asked_name)
    rules.check_approval(
        waiting.asked_by, asker.account if asker else None, approver.account, account
    )
    if not refused:
        others = people.accounts_of_person(tx.connection, account)
        rules.check_duties(account, waiting.roles, others)
    tx.execute(
        update(ROLE_REQUEST)
        .where(ROLE_REQUEST.c.id == request_id, ROLE_REQUEST.c.decided_ms == 0)
        .values(decided_by=approver.account.id, decided_ms=now_ms, approved=not refused)
    )
    if refused:
        return people.operator(tx.connection, operator_id)
    return _set_roles(tx, account, waiting.roles)


def set_disabled(
    tx: Tx, actor: Actor, operator_id: str, disabled: bool, *, now_ms: int
) -> Operator:
    """Let no act in an operator's name be taken any more, and end their sessions; or let it again.

    Raises:
        NotFound, OwnRequest, LastAdministrator: as change_roles.
        StateConflict: it is so already.
        DutiesConflict: roles of the person's other accounts stand against enabling it again.
    """
    account = people.operator(tx.connection, operator_id).account
    _check_other(tx, actor, account)
    if account.disabled == disabled:
        raise StateConflict(f"{account.name} is {'' if disabled else 'not '}disabled already")
    if disabled:
        _check_keeps(tx, account, ())
        end_sessions(tx, operator_id, now_ms)
        _withdraw(tx, operator_id, now_ms)
    elif _needs_second(tx, account.tenant, account.roles, ()):
        raise StateConflict(
            f"{account.name} was an administrator: take that role away first, then enable, then ask"
        )
    tx.execute(update(OPERATOR).where(OPERATOR.c.id == operator_id).values(disabled=disabled))
    people.note_change(tx, account.tenant)
    return people.operator(tx.connection, operator_id)


def set_required(tx: Tx, tenant: str, required: bool) -> None:
    """Say whether acts that name an unregistered operator are refused."""
    people.note_change(tx, tenant, required=required)


def end_sessions(tx: Tx, operator_id: str, now_ms: int) -> None:
    tx.execute(
        update(SESSION)
        .where(SESSION.c.operator_id == operator_id, SESSION.c.ended_ms == 0)
        .values(ended_ms=now_ms)
    )


def check_other(tx: Tx, actor: Actor, operator_id: str) -> Operator:
    """The operator, once it is certain that the actor is someone else; as change_roles."""
    found = people.operator(tx.connection, operator_id)
    _check_other(tx, actor, found.account)
    return found


def _check_other(tx: Tx, actor: Actor, account: Account) -> None:
    own = people.operator_named(tx.connection, actor.tenant, actor.name)
    if own is None and actor.tenant != account.tenant:
        return  # a parent's unregistered operator only shares the name
    rules.check_not_oneself(own.account if own else None, actor.name, account)


def _check_keeps(tx: Tx, account: Account, roles: Collection[int]) -> None:
    others = [
        one for one in people.administrators(tx.connection, account.tenant) if one.id != account.id
    ]
    rules.check_keeps_an_administrator(account, roles, len(others))


def _needs_second(tx: Tx, tenant: str, roles: Collection[int], before: Collection[int]) -> bool:
    if pb.ROLE_ADMINISTRATOR not in roles:
        return False
    return rules.needs_second(roles, before, len(people.administrators(tx.connection, tenant)))


def _set_roles(tx: Tx, account: Account, roles: Collection[int]) -> Operator:
    tx.execute(update(OPERATOR).where(OPERATOR.c.id == account.id).values(roles=sorted(roles)))
    people.note_change(tx, account.tenant)
    return people.operator(tx.connection, account.id)


def _ask(
    tx: Tx, actor: Actor, account: Account, roles: Collection[int], now_ms: int
) -> RoleRequest:
    _withdraw(tx, account.id, now_ms)
    asker = people.operator_named(tx.connection, actor.tenant, actor.name)
    request = RoleRequest(
        id=new_id("a", now_ms=now_ms),
        operator_id=account.id,
        roles=frozenset(roles),
        asked_by=asker.account.id if asker else "",
        asked_name=actor.name,
        asked_ms=now_ms,
    )
    tx.execute(
        insert(ROLE_REQUEST).values(
            id=request.id,
            operator_id=request.operator_id,
            tenant_id=account.tenant,
            roles=sorted(request.roles),
            asked_by=request.asked_by,
            asked_name=request.asked_name,
            asked_ms=now_ms,
            decided_by="",
            decided_ms=0,
            approved=False,
        )
    )
    return request


def _withdraw(tx: Tx, operator_id: str, now_ms: int) -> None:
    """A later word on someone's roles takes the place of what still waits."""
    tx.execute(
        update(ROLE_REQUEST)
        .where(ROLE_REQUEST.c.operator_id == operator_id, ROLE_REQUEST.c.decided_ms == 0)
        .values(decided_ms=now_ms)
    )

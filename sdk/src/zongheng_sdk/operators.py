"""The people who act for a unit 经办人, their roles, and the links by which they first sign in."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal, cast

from zongheng_protos.tenancy.v1 import operators_pb2 as pb
from zongheng_sdk.flow import Flow
from zongheng_sdk.operation import Area, Mode, operation
from zongheng_sdk.receipts import Receipt
from zongheng_sdk.words import number, word

Role = Literal[
    "handler",
    "data_steward",
    "approver",
    "integrator",
    "publisher",
    "reviewer",
    "administrator",
    "auditor",
]
_METHODS = pb.DESCRIPTOR.services_by_name["OperatorService"].methods_by_name


@dataclass(frozen=True, slots=True)
class Operator:
    """A person with an account at a unit.

    Attributes:
        name: as acts name them.
        must_set_up: they have yet to set a password and a second factor.
        signed_in_ms: 0: never.
    """

    id: str
    tenant_id: str
    name: str
    login: str
    staff_number: str
    oidc_subject: str
    roles: tuple[Role, ...]
    disabled: bool
    must_set_up: bool
    added_ms: int
    signed_in_ms: int


@dataclass(frozen=True, slots=True)
class RoleRequest:
    """Roles that another administrator than asked_by has to approve."""

    id: str
    operator_id: str
    roles: tuple[Role, ...]
    asked_by: str
    asked_ms: int


@dataclass(frozen=True, slots=True)
class Changed:
    """An operator after an act.

    Attributes:
        waiting: set where the role of administrator waits for a second administrator.
        link: with which they sign in once, where the act made one.
    """

    operator: Operator
    waiting: RoleRequest | None = None
    link: str = ""
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True)
class Staff:
    """A unit's operators; required: acts that name anyone else are refused."""

    operators: tuple[Operator, ...]
    waiting: tuple[RoleRequest, ...]
    required: bool


class Operators(Area[Mode]):
    """hub.operators. unit: id of a unit below that cannot keep its own; empty: this one."""

    @operation
    def list(self, unit: str = "") -> Flow[Staff]:
        """The operators of a unit, and what waits for a second administrator."""
        found: list[Operator] = []
        waiting: list[RoleRequest] = []
        token, required = "", False
        while True:
            request = pb.ListOperatorsRequest(tenant_id=self._unit(unit), page_token=token)
            reply, _ = yield from self._session.unary(
                _METHODS["ListOperators"], request, pb.ListOperatorsReply
            )
            found += map(_operator, reply.operators)
            waiting += map(_request, reply.waiting)
            required = required or reply.operators_required
            token = reply.next_page_token
            if not token:
                return Staff(tuple(found), tuple(waiting), required)

    @operation
    def add(
        self,
        name: str,
        *,
        login: str,
        roles: Collection[Role],
        staff_number: str = "",
        oidc_subject: str = "",
        unit: str = "",
    ) -> Flow[Changed]:
        """Register an operator. The link is made here: hand it to them and to nobody else.

        Args:
            login: what they sign in with; no two operators of the hub share it.
            staff_number, oidc_subject: tell the hub which accounts are one person's.

        Raises:
            DutiesConflict: administrator, auditor and business roles are different people's.
            Exists: the unit has an operator of this name, or the hub one of this login.
        """
        token, digest = _link()
        request = pb.AddOperatorRequest(
            tenant_id=self._unit(unit),
            name=name,
            login=login,
            staff_number=staff_number,
            oidc_subject=oidc_subject,
            roles=_roles(roles),
            link_sha256=digest,
        )
        reply, receipt = yield from self._session.unary(
            _METHODS["AddOperator"], request, pb.AddOperatorReply
        )
        return Changed(_operator(reply.operator), _waiting(reply), self._address(token), receipt)

    @operation
    def change_roles(self, operator_id: str, roles: Collection[Role]) -> Flow[Changed]:
        """All roles of an operator from now on.

        Raises:
            OwnRequest: it is the caller's own account.
            LastAdministrator: nobody would be left to administer.
        """
        request = pb.ChangeRolesRequest(operator_id=operator_id, roles=_roles(roles))
        reply, receipt = yield from self._session.unary(
            _METHODS["ChangeRoles"], request, pb.ChangeRolesReply
        )
        return Changed(_operator(reply.operator), _waiting(reply), receipt=receipt)

    @operation
    def approve(self, operator_id: str, request_id: str, *, refused: bool = False) -> Flow[Changed]:
        """Decide on roles that another administrator asked for.

        Raises:
            OwnRequest: the caller asked for it, or would gain by it.
        """
        request = pb.ApproveRolesRequest(
            operator_id=operator_id, request_id=request_id, refused=refused
        )
        reply, receipt = yield from self._session.unary(
            _METHODS["ApproveRoles"], request, pb.ApproveRolesReply
        )
        return Changed(_operator(reply.operator), receipt=receipt)

    @operation
    def disable(self, operator_id: str) -> Flow[Changed]:
        """Let no act in an operator's name be taken any more; their sessions end."""
        request = pb.DisableOperatorRequest(operator_id=operator_id)
        reply, receipt = yield from self._session.unary(
            _METHODS["DisableOperator"], request, pb.DisableOperatorReply
        )
        return Changed(_operator(reply.operator), receipt=receipt)

    @operation
    def enable(self, operator_id: str) -> Flow[Changed]:
        """Let a disabled operator act again."""
        request = pb.EnableOperatorRequest(operator_id=operator_id)
        reply, receipt = yield from self._session.unary(
            _METHODS["EnableOperator"], request, pb.EnableOperatorReply
        )
        return Changed(_operator(reply.operator), receipt=receipt)

    @operation
    def reset_login(self, operator_id: str) -> Flow[Changed]:
        """Take away password, second factor and passkeys; the link sets up new ones."""
        token, digest = _link()
        request = pb.ResetLoginRequest(operator_id=operator_id, link_sha256=digest)
        reply, receipt = yield from self._session.unary(
            _METHODS["ResetLogin"], request, pb.ResetLoginReply
        )
        return Changed(_operator(reply.operator), link=self._address(token), receipt=receipt)

    @operation
    def require(self, required: bool, *, unit: str = "") -> Flow[Receipt | None]:
        """Say whether acts that name an unregistered operator are refused."""
        request = pb.SetOperatorsRequiredRequest(tenant_id=self._unit(unit), required=required)
        _, receipt = yield from self._session.unary(
            _METHODS["SetOperatorsRequired"], request, pb.SetOperatorsRequiredReply
        )
        return receipt

    def _unit(self, unit: str) -> str:
        return unit or self._session.identity.tenant

    def _address(self, token: str) -> str:
        return f"{self._session.identity.web_address}/sign-in?t={token}"


def _link() -> tuple[str, bytes]:
    token = secrets.token_urlsafe(16)
    return token, hashlib.sha256(token.encode()).digest()


def _roles(roles: Collection[Role]) -> Any:
    return [number(pb.Role.DESCRIPTOR, role, field="role") for role in roles]


def _words(roles: Collection[int]) -> tuple[Role, ...]:
    return tuple(cast(Role, word(pb.Role.DESCRIPTOR, role)) for role in roles)


def _waiting(reply: pb.AddOperatorReply | pb.ChangeRolesReply) -> RoleRequest | None:
    return _request(reply.waiting) if reply.HasField("waiting") else None


def _operator(one: pb.Operator) -> Operator:
    return Operator(
        id=one.id,
        tenant_id=one.tenant_id,
        name=one.name,
        login=one.login,
        staff_number=one.staff_number,
        oidc_subject=one.oidc_subject,
        roles=_words(one.roles),
        disabled=one.disabled,
        must_set_up=one.must_set_up,
        added_ms=one.added_ms,
        signed_in_ms=one.signed_in_ms,
    )


def _request(one: pb.RoleRequest) -> RoleRequest:
    return RoleRequest(one.id, one.operator_id, _words(one.roles), one.asked_by, one.asked_ms)

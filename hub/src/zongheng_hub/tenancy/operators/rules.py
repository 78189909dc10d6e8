"""Roles and the separation of duties: decisions over values, nothing else."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from zongheng_protos.errors import (
    DutiesConflict,
    Invalid,
    LastAdministrator,
    OwnRequest,
    StateConflict,
)
from zongheng_protos.options.v1 import options_pb2 as options
from zongheng_protos.tenancy.v1 import operators_pb2 as pb

ROLE_RIGHTS: Mapping[int, frozenset[int]] = {
    pb.ROLE_HANDLER: frozenset({options.RIGHT_CALL, options.RIGHT_FILE, options.RIGHT_HANDLE}),
    pb.ROLE_DATA_STEWARD: frozenset({options.RIGHT_OFFER, options.RIGHT_REQUEST}),
    pb.ROLE_APPROVER: frozenset({options.RIGHT_GRANT}),
    pb.ROLE_INTEGRATOR: frozenset({options.RIGHT_ADOPT}),
    pb.ROLE_PUBLISHER: frozenset({options.RIGHT_PUBLISH}),
    pb.ROLE_REVIEWER: frozenset({options.RIGHT_REVIEW}),
    pb.ROLE_ADMINISTRATOR: frozenset({options.RIGHT_ADMINISTER}),
    pb.ROLE_AUDITOR: frozenset({options.RIGHT_AUDIT}),
}
ROLE_NAMES: Mapping[int, tuple[str, str]] = {
    pb.ROLE_HANDLER: ("办理员", "调用服务、报送和办理需求"),
    pb.ROLE_DATA_STEWARD: ("数据管理员", "提供数据集、申请数据"),
    pb.ROLE_APPROVER: ("授权审批员", "授权并交付数据"),
    pb.ROLE_INTEGRATOR: ("接入员", "接入服务模块"),
    pb.ROLE_PUBLISHER: ("发布员", "发布服务模块"),
    pb.ROLE_REVIEWER: ("审核员", "审核发布"),
    pb.ROLE_ADMINISTRATOR: ("管理员", "管理经办人、邀请下级单位；不办业务"),
    pb.ROLE_AUDITOR: ("审计员", "只查看，不办理"),
}
"""Chinese name and what it is for; the console's words give the English."""


class Duty(Enum):
    """The three classes of duties that no one person holds at once."""

    BUSINESS = "business"
    ADMINISTRATION = "administration"
    AUDIT = "audit"


_DUTIES: Mapping[int, Duty] = {
    pb.ROLE_ADMINISTRATOR: Duty.ADMINISTRATION,
    pb.ROLE_AUDITOR: Duty.AUDIT,
}
BUSINESS_ROLES = frozenset(ROLE_RIGHTS) - frozenset(_DUTIES)
"""What a person may hold together: every role but administrator and auditor."""
_UNSEEN = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


@dataclass(frozen=True, slots=True)
class Account:
    """An operator's account, as the rules look at it.

    Attributes:
        staff_number, oidc_subject: empty where unknown; accounts that share either (the number
            within one tenant) belong to one person.
    """

    id: str
    tenant: str
    name: str
    roles: frozenset[int]
    staff_number: str = ""
    oidc_subject: str = ""
    disabled: bool = False

    @property
    def administers(self) -> bool:
        return pb.ROLE_ADMINISTRATOR in self.roles and not self.disabled


def rights_of(roles: Iterable[int]) -> frozenset[int]:
    """The rights that roles allow: numbers of options.Right."""
    return frozenset().union(*(ROLE_RIGHTS.get(role, frozenset()) for role in roles))


def duties_of(roles: Iterable[int]) -> frozenset[Duty]:
    return frozenset(_DUTIES.get(role, Duty.BUSINESS) for role in roles)


def same_person(one: Account, other: Account) -> bool:
    """Whether two accounts belong to one person, as far as anyone has said."""
    if one.id == other.id:
        return True
    if one.oidc_subject and one.oidc_subject == other.oidc_subject:
        return True
    return bool(
        one.staff_number and one.tenant == other.tenant and one.staff_number == other.staff_number
    )


def check_duties(account: Account, roles: Collection[int], others: Iterable[Account]) -> None:
    """One person holds roles of one class only, whatever number of accounts they have.

    Args:
        account: who is to hold roles.
        others: accounts that may be the same person's; disabled ones count too.

    Raises:
        DutiesConflict: roles, or roles with those of the person's other accounts, mix classes.
    """
    held = duties_of(roles)
    if len(held) > 1:
        raise DutiesConflict(
            f"{account.name} cannot be {_classes(held)} at once: they are different people's duties"
        )
    for other in others:
        if other.id != account.id and same_person(account, other):
            both = held | duties_of(other.roles)
            if len(both) > 1:
                raise DutiesConflict(
                    f"{account.name} is the same person as {other.name} of {other.tenant} and "
                    f"cannot be {_classes(both)} at once"
                )


def check_not_oneself(actor: Account | None, actor_name: str, subject: Account) -> None:
    """Nobody changes their own account.

    Args:
        actor: the account of who acts; None where the name is not registered.

    Raises:
        OwnRequest: it is their own account, or another of the same person's.
    """
    if actor is None:
        if actor_name == subject.name:
            raise OwnRequest(f"{actor_name} cannot change their own roles or account")
    elif same_person(actor, subject):
        raise OwnRequest(f"{actor.name} cannot change their own roles or account")


def needs_second(roles: Collection[int], before: Collection[int], administrators: int) -> bool:
    """Whether roles wait for a second administrator: a new administrator, where there are two."""
    gains = pb.ROLE_ADMINISTRATOR in roles and pb.ROLE_ADMINISTRATOR not in before
    return gains and administrators >= 2


def check_approval(asker_id: str, asker: Account | None, approver: Account, of: Account) -> None:
    """Who approves is an administrator, and neither who asked nor whom it is about.

    Args:
        asker: the asker's account, where there still is one.

    Raises:
        OwnRequest: approver asked for it, or would gain by it.
        StateConflict: approver is no administrator.
    """
    if not approver.administers:
        raise StateConflict(f"{approver.name} is no registered administrator")
    if approver.id == asker_id or (asker is not None and same_person(approver, asker)):
        raise OwnRequest(f"{approver.name} asked for these roles: another person must approve them")
    check_not_oneself(approver, approver.name, of)


def check_keeps_an_administrator(subject: Account, roles: Collection[int], others: int) -> None:
    """The last administrator stays one.

    Args:
        roles: what subject is to hold from now on; empty where disabled.
        others: how many active administrators there are besides.

    Raises:
        LastAdministrator: otherwise.
    """
    if subject.administers and pb.ROLE_ADMINISTRATOR not in roles and others == 0:
        raise LastAdministrator(f"{subject.name} is the last administrator of {subject.tenant}")


def check_manages(
    caller: str, tenant: str, *, tenant_administers: bool, roles: Collection[int] = ()
) -> None:
    """A tenant keeps its own operators; a parent those of a child that has no right to.

    Args:
        tenant_administers: whether tenant's own credential has the right to administer.

    Raises:
        StateConflict: caller is the parent of a tenant that keeps its own.
        Invalid: roles make an administrator where the credential would not let them do anything.
    """
    if caller != tenant and tenant_administers:
        raise StateConflict(f"{tenant} keeps its own operators; {caller} cannot do it for them")
    if not tenant_administers and pb.ROLE_ADMINISTRATOR in roles:
        raise Invalid(f"{tenant} has no right to administer: its parent keeps its operators")


def check_name(name: str) -> None:
    """Raises Invalid for a name that cannot be read as it is written."""
    if not name.strip() or name != name.strip() or _UNSEEN.search(name):
        raise Invalid("the name is empty, begins or ends with space, or holds unseen characters")
    if name.startswith("o_"):
        raise Invalid("a name does not begin with o_, as operators' ids do")


def _classes(duties: Iterable[Duty]) -> str:
    return " and ".join(sorted(duty.value for duty in duties))

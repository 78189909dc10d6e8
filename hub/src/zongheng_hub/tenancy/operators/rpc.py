"""OperatorService: wire messages in, wire messages out."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Protocol

from google.protobuf.message import Message
from sqlalchemy import Connection

from zongheng_hub.kernel.call import Call, Caller, Outcome, Room, Subject
from zongheng_hub.kernel.paging import page_of
from zongheng_hub.store import Store, Tx
from zongheng_hub.tenancy import enrolling, service
from zongheng_hub.tenancy.credentials import Credentials
from zongheng_hub.tenancy.operators import login, people, registering, rules
from zongheng_hub.tenancy.operators.book import StoredOperators
from zongheng_hub.tenancy.operators.people import Operator, RoleRequest
from zongheng_hub.tenancy.operators.registering import Actor
from zongheng_protos.errors import NotEnrolled, StateConflict
from zongheng_protos.options.v1 import options_pb2 as options
from zongheng_protos.tenancy.v1 import operators_pb2 as pb
from zongheng_tenants.ids import new_id

LINK_LIFE_MS = 72 * 3_600_000
_SEE_ALL = frozenset({options.RIGHT_ADMINISTER, options.RIGHT_AUDIT})


class Links(Protocol):
    """Keeps a one-time sign-in link of which only the token's hash is known."""

    def __call__(
        self, tx: Tx, *, token_sha256: bytes, tenant: str, operator: str, expires_ms: int
    ) -> None: ...


def room(
    *, store: Store, operators: StoredOperators, credentials: Credentials, links: Links
) -> Room:
    """The operators of the tenancy room as the kernel serves them."""
    handlers = _Handlers(store, operators, credentials, links)
    return Room(
        service=pb.DESCRIPTOR.services_by_name["OperatorService"],
        handlers={
            "AddOperator": handlers.add_operator,
            "ChangeRoles": handlers.change_roles,
            "ApproveRoles": handlers.approve_roles,
            "DisableOperator": handlers.disable_operator,
            "EnableOperator": handlers.enable_operator,
            "ResetLogin": handlers.reset_login,
            "SetOperatorsRequired": handlers.set_operators_required,
            "ListOperators": handlers.list_operators,
        },
        subjects={
            "tenant_id": handlers.tenant_subject,
            "operator_id": handlers.operator_subject,
        },
    )


class _Handlers:
    def __init__(
        self, store: Store, operators: StoredOperators, credentials: Credentials, links: Links
    ) -> None:
        self._store = store
        self._operators = operators
        self._credentials = credentials
        self._links = links

    async def tenant_subject(self, tenant_id: str) -> Subject:
        def look(connection: Connection) -> Subject:
            enrolling.tenant_in_tree(connection, tenant_id)
            return Subject(tenant_id, service.ancestors(connection, tenant_id))

        return await self._store.read(look)

    async def operator_subject(self, operator_id: str) -> Subject:
        def look(connection: Connection) -> Subject:
            tenant = people.operator(connection, operator_id).account.tenant
            return Subject(tenant, service.ancestors(connection, tenant))

        return await self._store.read(look)

    async def add_operator(self, call: Call, request: pb.AddOperatorRequest) -> bytes:
        await self._check_manages(call.caller, request.tenant_id, request.roles)
        account = rules.Account(
            id=new_id("o", now_ms=call.now_ms),
            tenant=request.tenant_id,
            name=request.name,
            roles=frozenset(request.roles),
            staff_number=request.staff_number,
            oidc_subject=request.oidc_subject,
        )

        def work(tx: Tx, index: int) -> Outcome:
            made, waiting = registering.add(
                tx,
                _actor(call.caller),
                account,
                login=request.login,
                now_ms=call.now_ms,
                log_index=index,
            )
            self._link(tx, made, request.link_sha256, call.now_ms)
            reply = pb.AddOperatorReply(operator=_operator(made))
            if waiting is not None:
                reply.waiting.CopyFrom(_request(waiting))
            return _outcome(call.caller, reply, made)

        return await self._record(call, request.tenant_id, work)

    async def change_roles(self, call: Call, request: pb.ChangeRolesRequest) -> bytes:
        tenant = await self._managed(call.caller, request.operator_id, request.roles)

        def work(tx: Tx, _index: int) -> Outcome:
            changed, waiting = registering.change_roles(
                tx,
                _actor(call.caller),
                request.operator_id,
                request.roles,
                now_ms=call.now_ms,
            )
            reply = pb.ChangeRolesReply(operator=_operator(changed))
            if waiting is not None:
                reply.waiting.CopyFrom(_request(waiting))
            return _outcome(call.caller, reply, changed)

        return await self._record(call, tenant, work)

    async def approve_roles(self, call: Call, request: pb.ApproveRolesRequest) -> bytes:
        tenant = await self._managed(call.caller, request.operator_id)

        def work(tx: Tx, _index: int) -> Outcome:
            decided = registering.approve_roles(
                tx,
                _actor(call.caller),
                request.operator_id,
                request.request_id,
                refused=request.refused,
                now_ms=call.now_ms,
            )
            reply = pb.ApproveRolesReply(operator=_operator(decided))
            return _outcome(call.caller, reply, decided)

        return await self._record(call, tenant, work)

    async def disable_operator(self, call: Call, request: pb.DisableOperatorRequest) -> bytes:
        tenant = await self._managed(call.caller, request.operator_id)

        def work(tx: Tx, _index: int) -> Outcome:
            changed = registering.set_disabled(
                tx, _actor(call.caller), request.operator_id, True, now_ms=call.now_ms
            )
            reply = pb.DisableOperatorReply(operator=_operator(changed))
            return _outcome(call.caller, reply, changed)

        return await self._record(call, tenant, work)

    async def enable_operator(self, call: Call, request: pb.EnableOperatorRequest) -> bytes:
        tenant = await self._managed(call.caller, request.operator_id)

        def work(tx: Tx, _index: int) -> Outcome:
            changed = registering.set_disabled(
                tx, _actor(call.caller), request.operator_id, False, now_ms=call.now_ms
            )
            reply = pb.EnableOperatorReply(operator=_operator(changed))
            return _outcome(call.caller, reply, changed)

        return await self._record(call, tenant, work)

    async def reset_login(self, call: Call, request: pb.ResetLoginRequest) -> bytes:
        tenant = await self._managed(call.caller, request.operator_id)

        def work(tx: Tx, _index: int) -> Outcome:
            found = registering.check_other(tx, _actor(call.caller), request.operator_id)
            if found.account.administers:
                raise StateConflict(
                    f"{found.account.name} is an administrator: whoever keeps the hub's machine "
                    "resets their login (zongheng-hub sign-in --reset)"
                )
            login.reset(tx, request.operator_id, call.now_ms)
            self._link(tx, found, request.link_sha256, call.now_ms)
            found = people.operator(tx.connection, request.operator_id)
            reply = pb.ResetLoginReply(operator=_operator(found))
            return _outcome(call.caller, reply, found)

        return await self._record(call, tenant, work)

    async def set_operators_required(
        self, call: Call, request: pb.SetOperatorsRequiredRequest
    ) -> bytes:
        await self._check_manages(call.caller, request.tenant_id)

        def work(tx: Tx, _index: int) -> Outcome:
            registering.set_required(tx, request.tenant_id, request.required)
            parties = () if request.tenant_id == call.caller.tenant else (request.tenant_id,)
            return Outcome(
                pb.SetOperatorsRequiredReply(), subject=request.tenant_id, parties=parties
            )

        return await self._record(call, request.tenant_id, work)

    async def list_operators(
        self, call: Call, request: pb.ListOperatorsRequest
    ) -> pb.ListOperatorsReply:
        caller = call.caller
        if caller.tenant != request.tenant_id:
            await self._check_manages(caller, request.tenant_id)
        sees_all = caller.operator_rights is None or bool(caller.rights & _SEE_ALL)

        def look(connection: Connection) -> pb.ListOperatorsReply:
            if not sees_all:
                own = people.operator_named(connection, caller.tenant, caller.operator)
                mine = own is not None and caller.tenant == request.tenant_id
                return pb.ListOperatorsReply(operators=[_operator(own)] if own and mine else [])
            found = people.operators(
                connection, request.tenant_id, after=request.page_token, limit=people.PAGE
            )
            page, token = page_of([_operator(one) for one in found], people.PAGE)
            waiting = (
                [] if request.page_token else people.waiting_requests(connection, request.tenant_id)
            )
            return pb.ListOperatorsReply(
                operators=page,
                next_page_token=token,
                waiting=[_request(one) for one in waiting],
                operators_required=people.operators_required(connection, request.tenant_id),
            )

        return await self._store.read(look)

    async def _managed(self, caller: Caller, operator_id: str, roles: Collection[int] = ()) -> str:
        """The tenant of an operator whom the caller keeps; raises as rules.check_manages."""
        found = await self._store.read(lambda c: people.operator(c, operator_id))
        await self._check_manages(caller, found.account.tenant, roles)
        return found.account.tenant

    async def _check_manages(
        self, caller: Caller, tenant: str, roles: Collection[int] = ()
    ) -> None:
        try:
            credential = await self._credentials.credential_of(tenant)
            administers = options.RIGHT_ADMINISTER in credential.rights
        except NotEnrolled:
            administers = True  # it will keep its own once it is enrolled
        rules.check_manages(caller.tenant, tenant, tenant_administers=administers, roles=roles)

    async def _record(self, call: Call, tenant: str, work: Callable[[Tx, int], Outcome]) -> bytes:
        reply = await call.record(work)
        self._operators.forget(tenant)
        return reply

    def _link(self, tx: Tx, one: Operator, token_sha256: bytes, now_ms: int) -> None:
        self._links(
            tx,
            token_sha256=token_sha256,
            tenant=one.account.tenant,
            operator=one.account.name,
            expires_ms=now_ms + LINK_LIFE_MS,
        )


def _actor(caller: Caller) -> Actor:
    return Actor(caller.tenant, caller.operator)


def _outcome(
    caller: Caller,
    reply: Message,
    subject: Operator,
) -> Outcome:
    tenant = subject.account.tenant
    return Outcome(
        reply, subject=subject.account.id, parties=() if tenant == caller.tenant else (tenant,)
    )


def _operator(one: Operator) -> pb.Operator:
    account = one.account
    return pb.Operator(
        id=account.id,
        tenant_id=account.tenant,
        name=account.name,
        login=one.login,
        staff_number=account.staff_number,
        oidc_subject=account.oidc_subject,
        roles=sorted(account.roles),  # type: ignore[arg-type]  # numbers of the enum
        disabled=account.disabled,
        must_set_up=one.must_set_up,
        added_ms=one.added_ms,
        signed_in_ms=one.signed_in_ms,
    )


def _request(request: RoleRequest) -> pb.RoleRequest:
    return pb.RoleRequest(
        id=request.id,
        operator_id=request.operator_id,
        roles=sorted(request.roles),  # type: ignore[arg-type]  # numbers of the enum
        asked_by=request.asked_name,
        asked_ms=request.asked_ms,
    )

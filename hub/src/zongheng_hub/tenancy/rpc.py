"""TenancyService: wire messages in, wire messages out."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from zongheng_hub.kernel.call import Call, Outcome, Room, Subject
from zongheng_hub.store import Store, Tx
from zongheng_hub.tenancy import enrolling, enrolling_rpc, rules, service
from zongheng_hub.tenancy.ca import ChannelAuthority
from zongheng_hub.tenancy.console_keys import ConsoleKeys
from zongheng_hub.tenancy.credentials import Credentials
from zongheng_hub.tenancy.tree.reading import unit_at
from zongheng_hub.tenancy.tree.wire import tenant as tenant_message
from zongheng_protos.errors import DivisionUnknown, Invalid, NotFound
from zongheng_protos.tenancy.v1 import tenancy_pb2 as pb

PAGE_SIZE = 500
MAX_PAGE_SIZE = 2000
_PAGE_TOKEN = re.compile(r"([0-9A-Za-z]{0,12})\|(t_[0-9a-z]+)")


@dataclass(frozen=True, slots=True)
class HubCard:
    """What a hub says of itself to anyone who asks.

    Attributes:
        grpc_address: host:port as units reach it.
        ca_pem: the channel CA's certificate.
        root: the root credential's envelope.
        log_vkey: the log's verifier key (C2SP signed-note form).
    """

    hub_id: str
    province_id: str
    grpc_address: str
    ca_pem: bytes
    root: bytes
    root_fingerprint: str
    log_vkey: str


def room(
    *,
    store: Store,
    credentials: Credentials,
    authority: ChannelAuthority,
    console_keys: ConsoleKeys,
    hub: HubCard,
    authorities: Callable[[int], bytes] | None = None,
) -> Room:
    """The tenancy room as the kernel serves it.

    Args:
        authorities: signs, as of a moment in Unix milliseconds, what the hub's channel CAs are;
            None: they never change.
    """
    tenancy = _Tenancy(store, hub)
    return Room(
        service=pb.DESCRIPTOR.services_by_name["TenancyService"],
        handlers={
            "GetHub": tenancy.get_hub,
            "GetTenant": tenancy.get_tenant,
            "ListTenants": tenancy.list_tenants,
            "GetChain": tenancy.get_chain,
            "Invite": tenancy.invite,
            **enrolling_rpc.handlers(
                store,
                credentials,
                authority,
                console_keys,
                hub.hub_id,
                _hub_reply(hub),
                authorities,
            ),
        },
        subjects={"tenant_id": tenancy.subject},
    )


class _Tenancy:
    def __init__(self, store: Store, hub: HubCard) -> None:
        self._store = store
        self._hub = hub

    async def subject(self, tenant_id: str) -> Subject:
        def look(connection: Connection) -> Subject:
            enrolling.tenant_in_tree(connection, tenant_id)
            return Subject(tenant_id, service.ancestors(connection, tenant_id))

        return await self._store.read(look)

    async def get_hub(self, _call: Call, _request: pb.GetHubRequest) -> pb.GetHubReply:
        return _hub_reply(self._hub)

    async def get_tenant(self, _call: Call, request: pb.GetTenantRequest) -> pb.GetTenantReply:
        if request.as_of_ms:
            return pb.GetTenantReply(tenant=await self._tenant_at(request))
        if request.WhichOneof("by") == "code":
            found = await self._store.read(lambda c: service.tenant_by_code(c, request.code))
            if found is None:
                raise DivisionUnknown(f"no tenant has the division code {request.code}")
        else:
            found = await self._store.read(lambda c: enrolling.tenant_in_tree(c, request.tenant_id))
        return pb.GetTenantReply(tenant=_tenant(found))

    async def _tenant_at(self, request: pb.GetTenantRequest) -> pb.Tenant:
        def look(connection: Connection) -> pb.Tenant:
            past = unit_at(
                connection, request.as_of_ms, tenant_id=request.tenant_id, code=request.code
            )
            return tenant_message(past)

        return await self._store.read(look)

    async def list_tenants(
        self, _call: Call, request: pb.ListTenantsRequest
    ) -> pb.ListTenantsReply:
        if request.level not in pb.Level.values():
            raise Invalid(f"level {request.level} is no level")
        after = _read_page_token(request.page_token)
        size = min(request.page_size or PAGE_SIZE, MAX_PAGE_SIZE)

        def look(connection: Connection) -> list[service.Tenant]:
            if request.parent_id:
                enrolling.tenant_in_tree(connection, request.parent_id)
            return service.children(
                connection,
                request.parent_id or None,
                request.level or None,
                after=after,
                limit=size + 1,
                with_closed=request.with_closed,
            )

        found = await self._store.read(look)
        page = found[:size]
        more = _page_token(page[-1]) if len(found) > size else ""
        return pb.ListTenantsReply(tenants=[_tenant(one) for one in page], next_page_token=more)

    async def get_chain(self, _call: Call, request: pb.GetChainRequest) -> pb.GetChainReply:
        def look(connection: Connection) -> pb.GetChainReply:
            earlier = service.earlier_chains(connection, request.tenant_id)
            return pb.GetChainReply(
                envelopes=service.chain(connection, request.tenant_id),
                earlier=[pb.Chain(envelopes=chain) for chain in earlier],
            )

        reply = await self._store.read(look)
        if not reply.envelopes:
            raise NotFound(f"{request.tenant_id} holds no credential of this hub")
        return reply

    async def invite(self, call: Call, request: pb.InviteRequest) -> bytes:
        rules.check_invitation_life(request.expires_ms, call.now_ms)
        allowed = rules.Allowed(
            frozenset(request.rights),
            request.depth if request.HasField("depth") else None,
            request.life_ms,
        )
        rules.check_grantable(allowed, call.caller.credential)

        def work(tx: Tx, index: int) -> Outcome:
            invitation_id = enrolling.invite(
                tx,
                tenant_id=request.tenant_id,
                token_sha256=request.token_sha256,
                expires_ms=request.expires_ms,
                allowed=allowed,
                now_ms=call.now_ms,
                log_index=index,
            )
            reply = pb.InviteReply(invitation_id=invitation_id)
            return Outcome(reply, subject=request.tenant_id, parties=(request.tenant_id,))

        return await call.record(work)


def _hub_reply(hub: HubCard) -> pb.GetHubReply:
    return pb.GetHubReply(
        hub_id=hub.hub_id,
        province_id=hub.province_id,
        grpc_address=hub.grpc_address,
        ca_pem=hub.ca_pem,
        root=hub.root,
        root_fingerprint=hub.root_fingerprint,
        log_vkey=hub.log_vkey,
    )


def _tenant(tenant: service.Tenant) -> pb.Tenant:
    return pb.Tenant(
        id=tenant.id,
        parent_id=tenant.parent_id,
        level=tenant.level,  # type: ignore[arg-type]  # number of the enum
        name=tenant.name,
        code=tenant.code,
        enrolled=tenant.enrolled,
        uscc=tenant.uscc,
        kind=tenant.kind,
        state=tenant.state,  # type: ignore[arg-type]  # number of the enum
        successor_id=tenant.successor_id,
    )


def _page_token(last: service.Tenant) -> str:
    return base64.urlsafe_b64encode(f"{last.code}|{last.id}".encode()).decode().rstrip("=")


def _read_page_token(token: str) -> tuple[str, str]:
    if not token:
        return "", ""
    try:
        last = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
    except ValueError as error:
        raise Invalid("page_token is not one that ListTenants gave") from error
    parts = _PAGE_TOKEN.fullmatch(last)
    if parts is None:
        raise Invalid("page_token is not one that ListTenants gave")
    return parts[1], parts[2]

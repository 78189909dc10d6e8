"""ReviewService: wire messages in, wire messages out."""

from __future__ import annotations

from sqlalchemy import Connection

from zongheng_hub.kernel.call import Call, Caller, Outcome, Room, Subject
from zongheng_hub.review import alerts, rules, saved, searching
from zongheng_hub.review.indexing import Indexer
from zongheng_hub.review.rules import Finding, Query
from zongheng_hub.sharing import service as sharing
from zongheng_hub.store import Store, Tx
from zongheng_hub.tenancy import service as tenancy
from zongheng_hub.tlog.service import read_content
from zongheng_protos.envelope.v1.envelope_pb2 import Envelope
from zongheng_protos.errors import NotFound
from zongheng_protos.review.v1 import review_pb2 as pb
from zongheng_protos.sharing.v1.statement_pb2 import ParcelManifest

PAGE = 50
GRANTS_PAGE = 100


def room(store: Store, indexer: Indexer) -> Room:
    """The review room."""
    handlers = _Handlers(store, indexer)
    return Room(
        service=pb.DESCRIPTOR.services_by_name["ReviewService"],
        handlers={
            "SearchLog": handlers.search_log,
            "RaiseAlert": handlers.raise_alert,
            "ExplainAlert": handlers.explain_alert,
            "CloseAlert": handlers.close_alert,
            "ListAlerts": handlers.list_alerts,
            "GetAlert": handlers.get_alert,
            "ListDisclosures": handlers.list_disclosures,
            "ListSavedSearches": handlers.list_saved_searches,
            "SaveSearch": handlers.save_search,
        },
        subjects={
            "tenant_id": handlers.tenant_subject,
            "alert_id": handlers.alert_subject,
            "dataset_id": handlers.dataset_subject,
        },
    )


class _Handlers:
    def __init__(self, store: Store, indexer: Indexer) -> None:
        self._store = store
        self._indexer = indexer

    async def search_log(self, call: Call, request: pb.SearchLogRequest) -> pb.SearchLogReply:
        query = Query(
            party=request.party,
            counterparty=request.counterparty,
            act=request.act,
            about=request.about,
            dataset=request.dataset,
            purpose=request.purpose,
            since_ms=request.since_ms,
            until_ms=request.until_ms,
            below=int(request.page_token) if request.page_token else None,
        )
        await self._indexer.catch_up()
        found = await self._store.read(
            lambda connection: searching.search(
                connection,
                query,
                scope=scope_of(connection, call.caller),
                limit=request.page_size or PAGE,
            )
        )
        return pb.SearchLogReply(
            entries=[_entry(entry) for entry in found.entries],
            next_page_token="" if found.below is None else str(found.below),
            indexed=found.indexed,
            size=found.size,
        )

    async def raise_alert(self, call: Call, request: pb.RaiseAlertRequest) -> bytes:
        finding = Finding(
            pb.ALERT_RULE_BY_HAND, request.tenant_id, "", request.subject, tuple(request.entries)
        )

        def work(tx: Tx, index: int) -> Outcome:
            raised = alerts.raise_alert(tx, index, finding, request.text, _who(call), call.now_ms)
            return _outcome(pb.RaiseAlertReply(alert=raised), raised, call)

        return await call.record(work)

    async def explain_alert(self, call: Call, request: pb.ExplainAlertRequest) -> bytes:
        def work(tx: Tx, index: int) -> Outcome:
            explained = alerts.explain(
                tx, index, request.alert_id, request.text, _who(call), call.now_ms
            )
            return _outcome(pb.ExplainAlertReply(alert=explained), explained, call)

        return await call.record(work)

    async def close_alert(self, call: Call, request: pb.CloseAlertRequest) -> bytes:
        def work(tx: Tx, index: int) -> Outcome:
            closed = alerts.close(
                tx, index, request, _who(call), call.caller.ancestors, call.now_ms
            )
            return _outcome(pb.CloseAlertReply(alert=closed), closed, call)

        return await call.record(work)

    async def list_alerts(self, call: Call, request: pb.ListAlertsRequest) -> pb.ListAlertsReply:
        return await self._store.read(
            lambda connection: alerts.alerts(
                connection,
                request,
                scope_of(connection, call.caller),
                request.page_size or PAGE,
            )
        )

    async def get_alert(self, call: Call, request: pb.GetAlertRequest) -> pb.GetAlertReply:
        found = await self._store.read(lambda c: alerts.alert(c, request.alert_id))
        _check_audits(call.caller, found.tenant_id)
        return pb.GetAlertReply(alert=found)

    async def list_disclosures(
        self, call: Call, request: pb.ListDisclosuresRequest
    ) -> pb.ListDisclosuresReply:
        def read(connection: Connection) -> pb.ListDisclosuresReply:
            of = sharing.dataset(connection, request.dataset_id)
            _check_audits(call.caller, of.owner)
            found = sharing.disclosures(connection, of.id, request.page_token, GRANTS_PAGE)
            return pb.ListDisclosuresReply(
                dataset_title=of.title,
                owner=of.owner,
                disclosures=[_disclosure(connection, each) for each in found],
                next_page_token=found[-1].grant_id if len(found) == GRANTS_PAGE else "",
            )

        return await self._store.read(read)

    async def list_saved_searches(
        self, call: Call, request: pb.ListSavedSearchesRequest
    ) -> pb.ListSavedSearchesReply:
        found = await self._store.read(lambda connection: saved.saved(connection, _who(call)))
        return pb.ListSavedSearchesReply(searches=found)

    async def save_search(self, call: Call, request: pb.SaveSearchRequest) -> pb.SaveSearchReply:
        await self._store.write(lambda tx: saved.save(tx, _who(call), request.search, call.now_ms))
        return pb.SaveSearchReply()

    async def tenant_subject(self, tenant_id: str) -> Subject:
        def look(connection: Connection) -> Subject:
            if tenancy.tenant(connection, tenant_id) is None:
                raise NotFound(f"there is no tenant {tenant_id}")
            return Subject(tenant_id, tenancy.ancestors(connection, tenant_id))

        return await self._store.read(look)

    async def alert_subject(self, alert_id: str) -> Subject:
        found = await self._store.read(lambda connection: alerts.alert(connection, alert_id))
        return await self.tenant_subject(found.tenant_id)

    async def dataset_subject(self, dataset_id: str) -> Subject:
        found = await self._store.read(lambda connection: sharing.dataset(connection, dataset_id))
        return await self.tenant_subject(found.owner)


def scope_of(connection: Connection, caller: Caller) -> frozenset[str] | None:
    """The tenants whose entries and alerts a caller may find; None: everyone's.

    Whoever may audit sees the units below as the tree stands now, the province everything.
    """
    if not rules.may_audit(caller.rights):
        return frozenset({caller.tenant})
    if not caller.ancestors:
        return None
    return frozenset({caller.tenant, *tenancy.descendants(connection, caller.tenant)})


def _check_audits(caller: Caller, tenant: str) -> None:
    """Raises NotFound for what is about a unit below, unless the caller may audit."""
    if caller.tenant != tenant and not rules.may_audit(caller.rights):
        raise NotFound(f"{caller.tenant} has no such thing; a unit below is seen by who may audit")


def _who(call: Call) -> alerts.Who:
    return call.caller.tenant, call.caller.operator


def _outcome(reply: alerts.Reply, about: pb.Alert, call: Call) -> Outcome:
    parties = (about.tenant_id,) if about.tenant_id != call.caller.tenant else ()
    return Outcome(reply, subject=about.id, parties=parties)


def _entry(found: searching.FoundEntry) -> pb.FoundEntry:
    entry = pb.FoundEntry(index=found.index, leaf=found.leaf, operator=found.operator)
    if found.thread is not None:
        entry.dataset_id = found.thread.dataset_id
        entry.dataset_title = found.thread.dataset_title
        entry.request_id = found.thread.request_id
        entry.grant_id = found.thread.grant_id
        entry.purpose = found.thread.purpose
    return entry


def _disclosure(connection: Connection, found: sharing.Disclosure) -> pb.Disclosure:
    disclosure = pb.Disclosure(grant=found.envelope, revoked_ms=found.revoked_ms)
    for parcel in found.parcels:
        manifest = ParcelManifest.FromString(Envelope.FromString(parcel.manifest).payload)
        shown = disclosure.parcels.add(
            parcel_id=parcel.parcel_id,
            rows=manifest.rows,
            delivered_ms=parcel.delivered_ms,
            delivered_index=parcel.delivered_index,
            received_index=parcel.received_index or 0,
        )
        for index, at_ms in parcel.fetches:
            envelope = read_content(connection, index).envelope
            shown.fetches.add(
                log_index=index, time_ms=at_ms, operator=searching.operator_of(envelope)
            )
    return disclosure

"""Sharing: what one unit knows, another uses, under a grant signed here and sealed end to end."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from zongheng_protos.errors import FileUnusable, NotFound, ReplyUnusable, Unavailable
from zongheng_protos.sharing.v1 import sharing_pb2 as pb
from zongheng_protos.tenancy.v1.credential_pb2 import KEY_USE_SEALING
from zongheng_sdk.datasets import Source, open_source
from zongheng_sdk.exchange import ExchangeEvidence, entries_needed, make_evidence
from zongheng_sdk.flow import Flow, all_of, work
from zongheng_sdk.identity_file import PSEUDONYM_KEY, write_secret
from zongheng_sdk.log import checkpoint_of, contents_of, proofs_of
from zongheng_sdk.operation import Area, Mode, Run, operation
from zongheng_sdk.revocations import RevocationBook, current, standing
from zongheng_sdk.session import Session, receive
from zongheng_sdk.sharing_values import (
    DataRequest,
    Dataset,
    Delivered,
    Fetched,
    Field,
    Granted,
    Mask,
    condition,
    dataset_from,
    granted_fields,
    request_from,
)
from zongheng_sdk.tenancy import credential_of, own_credential_over_time
from zongheng_sdk.words import number
from zongheng_tenants.envelope import MANIFEST, read_envelope
from zongheng_tenants.grant import (
    PSEUDONYM_KEY_BYTES,
    Condition,
    GrantedField,
    make_grant,
    sign_grant,
    verify_grant,
)
from zongheng_tenants.parcel import manifest_of, open_parcel, seal_rows

GRANT_DAYS = 30
CHUNKS_UNDER_WAY = 4
DAY_MS = 24 * 3600 * 1000
_METHODS = pb.DESCRIPTOR.services_by_name["SharingService"].methods_by_name


class Sharing(Area[Mode]):
    """hub.sharing."""

    def __init__(
        self, session: Session, run: Run, folder: Path | None, revoked: RevocationBook
    ) -> None:
        super().__init__(session, run)
        self._folder = folder
        self._revoked = revoked

    @operation
    def offer(
        self,
        title: str,
        *,
        source: Source | str | Path | None = None,
        table: str = "",
        fields: Sequence[str | Field] = (),
        rows: int = 0,
        detail: str = "",
    ) -> Flow[Dataset]:
        """Put a dataset into the catalogue; its data stays here.

        Args:
            source: a CSV file or an SQLite database with table, from which fields and rows are
                read where they are not given.
            fields: names, or Fields with title and sharing class.
        """
        if source is not None:
            columns, counted = yield from work(lambda: _described(_source(source, table)))
            fields, rows = fields or columns, rows or counted
        request = pb.OfferDatasetRequest(title=title, detail=detail, rows=rows)
        for field in fields:
            given = field if isinstance(field, Field) else Field(field)
            classes = pb.SharingClass.DESCRIPTOR
            request.fields.add(
                name=given.name,
                title=given.title,
                sharing_class=cast(
                    Any, number(classes, given.sharing_class, field="sharing_class")
                ),
            )
        reply, receipt = yield from self._session.unary(
            _METHODS["OfferDataset"], request, pb.OfferDatasetReply
        )
        return dataset_from(reply.dataset, receipt)

    @operation
    def datasets(self, *, owner: str = "") -> Flow[tuple[Dataset, ...]]:
        """The catalogue; of one owner (a tenant's id) or of all."""
        found: list[Dataset] = []
        token = ""
        while True:
            request = pb.ListDatasetsRequest(owner=owner, page_token=token)
            reply, _ = yield from self._session.unary(
                _METHODS["ListDatasets"], request, pb.ListDatasetsReply
            )
            found += map(dataset_from, reply.datasets)
            token = reply.next_page_token
            if not token:
                return tuple(found)

    @operation
    def request(
        self, dataset_id: str, *, purpose: str, fields: Sequence[str], legal_basis: str = ""
    ) -> Flow[DataRequest]:
        """Ask a dataset's owner for fields of it."""
        request = pb.RequestDataRequest(
            dataset_id=dataset_id, purpose=purpose, legal_basis=legal_basis, fields=fields
        )
        reply, receipt = yield from self._session.unary(
            _METHODS["RequestData"], request, pb.RequestDataReply
        )
        return request_from(reply.request, receipt)

    @operation
    def requests(self) -> Flow[tuple[DataRequest, ...]]:
        """Requests that this unit made or has to answer."""
        return (yield from self._requests())

    @operation
    def grant(
        self,
        request: DataRequest | str,
        *,
        fields: Mapping[str, Mask] | Sequence[str | GrantedField],
        rows: Sequence[str | Condition] = (),
        days: int = GRANT_DAYS,
        max_uses: int = 1,
    ) -> Flow[Granted]:
        """Sign a grant for a request, here, and hand it in.

        Args:
            request: as requests() gave it, or its id.
            fields: what may leave and how it is masked: {"name": "name", "card": "last_four"};
                bare names leave as they are.
            rows: conditions that every row meets: "town=高平镇", "income<=6000".
            days: how long it holds, from now.
            max_uses: how many fetches it covers.

        Raises:
            NotFound: no such request waits for this unit.
            CredentialRevoked: who asked has been revoked since.
            RevocationsStale: what is known of revocations is too old.
            Invalid: the grant contradicts itself, or exceeds what was asked for.
        """
        revoked = yield from current(self._session, self._revoked)
        asked = yield from self._request(request)
        standing(revoked, (yield from credential_of(self._session, asked.requester)))
        now_ms = self._session.now_ms()
        made = make_grant(
            request_id=asked.id,
            dataset_id=asked.dataset_id,
            owner=self._session.identity.tenant,
            grantee=asked.requester,
            purpose=asked.purpose,
            legal_basis=asked.legal_basis,
            fields=granted_fields(fields),
            rows=[condition(row) for row in rows],
            not_before_ms=now_ms,
            expires_ms=now_ms + days * DAY_MS,
            max_uses=max_uses,
        )
        envelope = sign_grant(made, self._session.key())
        message = pb.GrantDataRequest(request_id=asked.id, grant=envelope)
        reply, receipt = yield from self._session.unary(
            _METHODS["GrantData"], message, pb.GrantDataReply
        )
        return Granted(reply.grant_id, envelope, receipt)

    @operation
    def deliver(
        self, grant_id: str, source: Source | str | Path, *, table: str = ""
    ) -> Flow[Delivered]:
        """Cut the data to the grant, seal it for the grantee alone, hand the parcel in.

        The grantee's sealing key comes from its credential, verified here up to the root, never
        from the hub's word. Pseudonyms are made under pseudonym.key beside the identity.

        Raises:
            GrantExceeded: the grant has run out or is used up.
            GrantRevoked, CredentialRevoked, KeyRevoked: it was taken back, or the grantee revoked.
            RevocationsStale: what is known of revocations is too old.
            FileUnusable: the data lacks a field that the grant names, or a row lacks a column.
        """
        revoked = yield from current(self._session, self._revoked)
        revoked.check_grant(grant_id)
        reply, _ = yield from self._session.unary(
            _METHODS["GetGrant"], pb.GetGrantRequest(grant_id=grant_id), pb.GetGrantReply
        )
        envelope = reply.grant
        sender = standing(revoked, (yield from own_credential_over_time(self._session)))
        grant = verify_grant(envelope, sender)
        if grant.id != grant_id:
            raise ReplyUnusable(f"the hub gave grant {grant.id} for {grant_id}")
        recipient = standing(revoked, (yield from credential_of(self._session, grant.grantee)))
        revoked.check_key(recipient.key_for(KEY_USE_SEALING).id)
        parcel = yield from work(
            lambda: seal_rows(
                rows=_checked(_source(source, table), grant.touched_fields).rows(),
                grant=envelope,
                sender=sender,
                recipient=recipient,
                signing_key=self._session.key(),
                now_ms=self._session.now_ms(),
                pseudonym_key=self._pseudonym_key(),
            )
        )
        puts = [
            self._put(grant_id, parcel.parcel_id, index, sealed)
            for index, sealed in enumerate(parcel.chunks)
        ]
        yield from all_of(puts, limit=CHUNKS_UNDER_WAY)
        request = pb.DeliverParcelRequest(
            grant_id=grant_id, manifest=parcel.manifest, receipt=parcel.receipt
        )
        _, receipt = yield from self._session.unary(
            _METHODS["DeliverParcel"], request, pb.DeliverParcelReply
        )
        return Delivered(parcel.parcel_id, parcel.rows, len(parcel.chunks), receipt)

    @operation
    def fetch(self, parcel_id: str) -> Flow[Fetched]:
        """Take a parcel (one use of its grant), open it, sign that it arrived as it was sent.

        Raises:
            GrantExceeded: no use is left, or the grant has run out.
            GrantRevoked, CredentialRevoked, KeyRevoked: it was taken back, or the sender revoked.
            RevocationsStale: what is known of revocations is too old.
            Invalid, ReplyUnusable, SignatureInvalid: the parcel is not what its sender
                signed; no receipt is signed.
        """
        revoked = yield from current(self._session, self._revoked)
        reply, fetched = yield from self._session.unary(
            _METHODS["FetchParcel"],
            pb.FetchParcelRequest(parcel_id=parcel_id),
            pb.FetchParcelReply,
        )
        claimed = manifest_of(reply.manifest)
        sender = standing(revoked, (yield from credential_of(self._session, claimed.sender)))
        revoked.check_key(read_envelope(reply.manifest, MANIFEST).signatures[0].keyid)
        chunks = yield from self._chunks(parcel_id, len(claimed.chunk_sha256))
        identity = self._session.identity
        parcel = yield from work(
            lambda: open_parcel(
                manifest=reply.manifest,
                grant=reply.grant,
                chunks=chunks,
                sender=sender,
                recipient=identity.tenant,
                sealing_key=identity.sealing_with(claimed.sealing_key_id),
            )
        )
        if parcel.parcel_id != parcel_id:
            raise ReplyUnusable(f"the hub gave parcel {parcel.parcel_id} for {parcel_id}")
        revoked.check_grant(parcel.grant.id)
        receipt = parcel.sign_receipt(self._session.key(), now_ms=self._session.now_ms())
        _, received = yield from self._session.unary(
            _METHODS["SignReceipt"],
            pb.SignReceiptRequest(parcel_id=parcel_id, receipt=receipt),
            pb.SignReceiptReply,
        )
        return Fetched(parcel, fetched, received)

    @operation
    def evidence(self, parcel_id: str) -> Flow[ExchangeEvidence]:
        """Everything that proves an exchange, for `zongheng audit verify --exchange` offline.

        Raises:
            NotRelated: for its parties and auditors only.
        """
        reply, _ = yield from self._session.unary(
            _METHODS["GetExchange"],
            pb.GetExchangeRequest(parcel_id=parcel_id),
            pb.GetExchangeReply,
        )
        wanted = entries_needed(reply)
        checkpoint = yield from checkpoint_of(self._session)
        contents = yield from contents_of(self._session, wanted)
        proofs = yield from proofs_of(self._session, wanted, size=checkpoint.size)
        return make_evidence(reply, contents=contents, proofs=proofs, checkpoint=checkpoint.note)

    def _requests(self) -> Flow[tuple[DataRequest, ...]]:
        found: list[DataRequest] = []
        token = ""
        while True:
            request = pb.ListRequestsRequest(page_token=token)
            reply, _ = yield from self._session.unary(
                _METHODS["ListRequests"], request, pb.ListRequestsReply
            )
            found += map(request_from, reply.requests)
            token = reply.next_page_token
            if not token:
                return tuple(found)

    def _request(self, request: DataRequest | str) -> Flow[DataRequest]:
        if isinstance(request, DataRequest):
            return request
        for found in (yield from self._requests()):
            if found.id == request:
                return found
        raise NotFound(f"no data request {request} concerns this unit")

    def _put(self, grant_id: str, parcel_id: str, index: int, sealed: bytes) -> Flow[None]:
        request = pb.PutChunkRequest(
            grant_id=grant_id, parcel_id=parcel_id, index=index, sealed=sealed
        )
        yield from self._session.unary(_METHODS["PutChunk"], request, pb.PutChunkReply)

    def _chunks(self, parcel_id: str, count: int) -> Flow[list[bytes]]:
        """All sealed chunks; a stream that breaks is taken up where it broke, if it got on."""
        chunks: list[bytes] = []
        while len(chunks) < count:
            start = len(chunks)
            request = pb.ReadChunksRequest(parcel_id=parcel_id, start=start)
            stream = yield from self._session.stream(_METHODS["ReadChunks"], request)
            try:
                while (part := (yield from receive(stream, pb.ReadChunksReply))) is not None:
                    if part.index != len(chunks):
                        raise ReplyUnusable(f"chunk {part.index} came where {len(chunks)} belongs")
                    chunks.append(part.sealed)
            except Unavailable:
                if len(chunks) == start:
                    raise
            if len(chunks) == start:
                raise ReplyUnusable(f"parcel {parcel_id} has {count} chunks, the hub sent {start}")
        return chunks

    def _pseudonym_key(self) -> bytes | None:
        if self._folder is None:
            return None
        path = self._folder / PSEUDONYM_KEY
        if not path.exists():
            write_secret(path, secrets.token_bytes(PSEUDONYM_KEY_BYTES))
        return path.read_bytes()


def _source(source: Source | str | Path, table: str) -> Source:
    return source if isinstance(source, Source) else open_source(source, table)


def _described(source: Source) -> tuple[tuple[str, ...], int]:
    return source.columns(), source.count()


def _checked(source: Source, wanted: frozenset[str]) -> Source:
    missing = sorted(wanted - set(source.columns()))
    if missing:
        raise FileUnusable(
            f"{source.path} has no field {', '.join(missing)}, which the grant names"
        )
    return source

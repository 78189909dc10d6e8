"""hub.audit: audit packages made from what the hub hands over and the log proves; shredding."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256

from zongheng_protos.audit.v1 import audit_pb2 as pb
from zongheng_protos.errors import Invalid, PackageTooLarge, Unavailable
from zongheng_protos.sharing.v1 import sharing_pb2 as sharing
from zongheng_protos.tenancy.v1 import revocation_pb2
from zongheng_protos.tlog.v1 import tlog_pb2 as tlog
from zongheng_protos.tlog.v1.leaf_pb2 import Leaf
from zongheng_sdk.audit_package import (
    AuditPackage,
    ProvenBy,
    Stretch,
    contents,
    manifest_of,
    write_package,
)
from zongheng_sdk.flow import Flow, work
from zongheng_sdk.log import checkpoint_of
from zongheng_sdk.log_succession import write_successions
from zongheng_sdk.looking import look_at_log
from zongheng_sdk.notes import Checkpoint
from zongheng_sdk.operation import Area, Mode, operation
from zongheng_sdk.package_answer import SHREDDED, SLACK_MS, Question
from zongheng_sdk.package_exchanges import DELIVERED, FETCHED, GRANTED, OFFERED, RECEIVED, REQUESTED
from zongheng_sdk.package_log import is_shredded
from zongheng_sdk.package_program import program
from zongheng_sdk.package_verify import PackageVerdict, verify_package
from zongheng_sdk.receipts import Receipt
from zongheng_sdk.session import Session
from zongheng_sdk.stretches import list_leaves, proven_stretch
from zongheng_sdk.tiles import open_source
from zongheng_sdk.witnessed import WITNESSED
from zongheng_tenants.act import signer_of
from zongheng_tenants.envelope import AUDIT_PACKAGE, seal_envelope

MOST_ENTRIES = 10_000
WHOLE_LOG = 200_000
"""Up to so many leaves a package takes the whole log along: nothing before it stays open."""
MOST_LEAVES = 1_000_000
_BATCH = 100
_METHODS = pb.DESCRIPTOR.services_by_name["AuditService"].methods_by_name
_LOG = tlog.DESCRIPTOR.services_by_name["LogService"].methods_by_name
_REVOCATIONS = revocation_pb2.DESCRIPTOR.services_by_name["RevocationService"].methods_by_name


@dataclass(frozen=True, slots=True)
class AuditExport:
    """A package, verified as whoever gets it will verify it.

    Attributes:
        data: the file's bytes.
        index: of the log's entry that says who exported what, and why.
    """

    data: bytes
    index: int
    verdict: PackageVerdict


@dataclass(frozen=True, slots=True)
class Shredded:
    """What was emptied, such as "envelope" or "parcel"; the receipt of the act that says so."""

    emptied: tuple[str, ...]
    receipt: Receipt


@dataclass(slots=True)
class _Gathered:
    """What an export has so far."""

    export: int
    tenants: frozenset[str]
    head: Checkpoint
    stretch: Stretch
    leaves: dict[int, Leaf]
    entries: dict[int, pb.PackagedEntry] = field(default_factory=dict)
    proofs: dict[int, ProvenBy] = field(default_factory=dict)
    credentials: dict[str, bytes] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)


class Audit(Area[Mode]):
    """hub.audit. Exporting needs the right to audit, shredding the right to administer."""

    @operation
    def export(
        self,
        *,
        reason: str,
        tenant_id: str = "",
        below: bool = False,
        since_ms: int = 0,
        until_ms: int = 0,
        act: str = "",
    ) -> Flow[AuditExport]:
        """Make an audit package. That it was made, and why, is itself an act in the log.

        Args:
            reason: such as the case's number.
            tenant_id: the unit whose entries are asked for; empty: this one.
            below: and those of all units below it.
            since_ms, until_ms: recorded at or after, and before; Unix milliseconds, 0: open.
            act: an act type, or with a trailing "*" how it begins; empty: all.

        Raises:
            Forbidden, NotRelated: this unit may not audit that one.
            ProofInvalid: what the hub shows does not fit its own signed log.
            PackageTooLarge: ask for less.
        """
        session = self._session
        request = pb.BeginExportRequest(
            tenant_id=tenant_id or session.identity.tenant,
            below=below,
            since_ms=since_ms,
            until_ms=until_ms,
            act=act,
            reason=reason,
        )
        reply, _ = yield from session.unary(_METHODS["BeginExport"], request, pb.BeginExportReply)
        tenants = frozenset(reply.tenant_ids)
        question = Question(tenants, since_ms, until_ms, act, reason)
        witnessed = yield from work(partial(_witnessed, session.identity.web_address))
        head = yield from checkpoint_of(session)
        stretch = yield from _stretch(session, since_ms, head)
        leaves = {
            stretch.first + at: Leaf.FromString(leaf) for at, leaf in enumerate(stretch.leaves)
        }
        so_far = _Gathered(reply.index, tenants, head, stretch, leaves)
        answer = {index for index, leaf in leaves.items() if question.asks_for(leaf)}
        yield from _gather(session, so_far, answer | {reply.index})
        snapshots, _ = yield from session.unary(
            _REVOCATIONS["GetRevocations"],
            revocation_pb2.GetRevocationsRequest(),
            revocation_pb2.GetRevocationsReply,
        )
        keys, _ = yield from session.unary(
            _LOG["GetLogKeys"], tlog.GetLogKeysRequest(), tlog.GetLogKeysReply
        )
        units = sorted(tenants - {request.tenant_id}) if below else []
        package = AuditPackage(
            export=reply.index,
            checkpoint=head.note,
            root=keys.root,
            succession=write_successions(keys.root, tuple(keys.successions)),
            units=tuple(units),
            stretch=stretch,
            entries=so_far.entries,
            proofs=so_far.proofs,
            credentials=so_far.credentials,
            revocations=tuple(snapshots.snapshots[-1:]),
            witnessed=witnessed,
            program=program(),
        )
        members = contents(package)
        manifest = manifest_of(reply.index, members)
        signature = seal_envelope(AUDIT_PACKAGE, manifest, session.key())
        data = write_package(members, manifest, signature)
        verdict = verify_package(data, session.identity.root_fingerprint)
        return AuditExport(data, reply.index, verdict)

    @operation
    def look(self) -> Flow[int]:
        """Read every entry since the last time and keep those that concern this unit.

        The hub cannot leave any out: the entries are proven to be all there are, and to continue
        what was seen before. `zongheng audit reconcile` holds the log to them ever after.

        Returns:
            How many entries concern this unit that were not known before.

        Raises:
            ProofInvalid: the log does not continue what this unit saw.
            FileUnusable: the hub was opened without a file: there is nowhere to keep them.
        """
        return (yield from look_at_log(self._session))

    @operation
    def shred(self, index: int, *, basis: str) -> Flow[Shredded]:
        """Delete what lies behind an entry of this unit or one below, for good.

        The log goes on to verify; an audit shows that it was shredded, when, by whom and why.

        Args:
            basis: the law, order or decision by which it is deleted.

        Raises:
            NotShreddable: it was shredded before, or other acts rest on it.
        """
        reply, receipt = yield from self._session.unary(
            _METHODS["ShredContent"],
            pb.ShredContentRequest(index=index, basis=basis),
            pb.ShredContentReply,
        )
        assert receipt is not None
        return Shredded(tuple(reply.emptied), receipt)


def _witnessed(web_address: str) -> bytes:
    """The newest checkpoint that witnesses cosigned, as published; empty: there is none to see."""
    try:
        return open_source(f"{web_address}/tlog")(WITNESSED) or b""
    except Unavailable:
        return b""


def _stretch(session: Session, since_ms: int, head: Checkpoint) -> Flow[Stretch]:
    """The leaves from the period's begin to the log's end; all of them where they are not many."""
    first = 0
    if head.size > WHOLE_LOG:
        first = yield from _first_at(session, since_ms - SLACK_MS, head.size)
    if head.size - first > MOST_LEAVES:
        raise PackageTooLarge(
            f"the log has {head.size - first:,} entries since then; a package takes {MOST_LEAVES:,}"
        )
    return (yield from proven_stretch(session, first, head.size, head))


def _first_at(session: Session, time_ms: int, size: int) -> Flow[int]:
    low, high = 0, size - 1
    while low < high:
        middle = (low + high) // 2
        page = yield from list_leaves(session, middle, 1)
        if page and Leaf.FromString(page[0]).time_ms < time_ms:
            low = middle + 1
        else:
            high = middle
    return max(0, low - 1)


def _gather(session: Session, so_far: _Gathered, wanted: set[int]) -> Flow[None]:
    """Read entries, then whatever they rest on, until nothing is missing."""
    by_subject = {(leaf.act, leaf.subject): index for index, leaf in so_far.leaves.items()}
    while wanted:
        if len(so_far.entries) + len(wanted) > MOST_ENTRIES:
            raise PackageTooLarge(f"the answer has more than {MOST_ENTRIES:,} entries")
        yield from _read(session, so_far, sorted(wanted))
        rests = yield from _credentials(session, so_far, wanted)
        for index in sorted(wanted):
            rests |= set(_rests_on(so_far, by_subject, index))
        wanted = rests - so_far.entries.keys()


def _read(session: Session, so_far: _Gathered, indices: list[int]) -> Flow[None]:
    at = 0
    while at < len(indices):
        reply, _ = yield from session.unary(
            _METHODS["ReadExport"],
            pb.ReadExportRequest(
                export_index=so_far.export,
                indices=indices[at : at + _BATCH],
                size=so_far.head.size,
            ),
            pb.ReadExportReply,
        )
        if not reply.entries:
            raise Invalid("the hub hands over nothing of what was asked for")
        for one in reply.entries:
            index = one.entry.index
            so_far.entries[index] = one.entry
            so_far.proofs[index] = ProvenBy(index, tuple(one.hashes), so_far.head.note)
        at += len(reply.entries)


def _credentials(session: Session, so_far: _Gathered, indices: Iterable[int]) -> Flow[set[int]]:
    """Fetch what proves the keys that signed these entries; gives where it was issued."""
    signed = [so_far.entries[index] for index in indices]
    keys = {signer_of(entry.envelope)[1] for entry in signed if entry.envelope} - so_far.keys
    issued: set[int] = set()
    for batch in _batches(sorted(keys)):
        reply, _ = yield from session.unary(
            _METHODS["ReadCredentials"],
            pb.ReadCredentialsRequest(export_index=so_far.export, key_ids=batch),
            pb.ReadCredentialsReply,
        )
        for envelope in reply.credentials:
            so_far.credentials[sha256(envelope).hexdigest()] = envelope
        issued |= {index for index in reply.entries if index < so_far.head.size}
    so_far.keys |= keys
    return issued


def _rests_on(
    so_far: _Gathered, by_subject: dict[tuple[str, str], int], index: int
) -> Iterable[int]:
    """Further entries without which an entry says little."""
    entry = so_far.entries[index]
    leaf = Leaf.FromString(entry.leaf)
    found = []
    if is_shredded(entry):
        found.append(by_subject.get((SHREDDED, str(index))))
    if leaf.act in (FETCHED, RECEIVED):
        found.append(by_subject.get((DELIVERED, leaf.subject)))
    if leaf.act == DELIVERED and entry.request:
        grant = sharing.DeliverParcelRequest.FromString(entry.request).grant_id
        found.append(by_subject.get((GRANTED, grant)))
        found += [
            other
            for other, one in so_far.leaves.items()
            if one.subject == leaf.subject and one.act in (FETCHED, RECEIVED)
        ]
    if leaf.act == GRANTED and entry.request:
        asked = sharing.GrantDataRequest.FromString(entry.request).request_id
        found.append(by_subject.get((REQUESTED, asked)))
    if leaf.act == REQUESTED and entry.request:
        dataset = sharing.RequestDataRequest.FromString(entry.request).dataset_id
        offered = by_subject.get((OFFERED, dataset))
        if offered is not None and so_far.leaves[offered].actor in so_far.tenants:
            found.append(offered)
    return [one for one in found if one is not None]


def _batches(keys: list[str]) -> Iterable[list[str]]:
    return (keys[at : at + _BATCH] for at in range(0, len(keys), _BATCH))

"""The log as the hub shows it, believed only as far as its signature and proofs go (RFC 6962)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from zongheng_protos.errors import SignatureInvalid
from zongheng_protos.review.v1 import review_pb2
from zongheng_protos.tlog.v1 import tlog_pb2 as pb
from zongheng_sdk.audit import LoggedAct, read_leaf, verify_entry
from zongheng_sdk.flow import Flow, all_of
from zongheng_sdk.log_keys import LogKeys, keys_of, trusted_checkpoint
from zongheng_sdk.log_search import FoundEntries, search_of, unix_ms
from zongheng_sdk.notes import Checkpoint
from zongheng_sdk.operation import Area, Mode, operation
from zongheng_sdk.proofs import verify_consistency
from zongheng_sdk.receipts import Receipt
from zongheng_sdk.session import Session
from zongheng_tenants.log_key import sign_succession

CONCURRENCY = 8
_METHODS = pb.DESCRIPTOR.services_by_name["LogService"].methods_by_name


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One entry: its place, its bytes and what they say."""

    index: int
    leaf: bytes
    act: LoggedAct


@dataclass(frozen=True, slots=True)
class ProvenEntry:
    """An entry shown to be in the log under a signed checkpoint; all of it was verified here."""

    entry: LogEntry
    proof: tuple[bytes, ...]
    checkpoint: Checkpoint


@dataclass(frozen=True, slots=True)
class Content:
    """What lies behind an entry: the act's envelope and request, and the salt that opens both."""

    index: int
    leaf: bytes
    salt: bytes
    envelope: bytes
    request: bytes


@dataclass(frozen=True, slots=True)
class LogWitness:
    """A witness as the hub knows it; times in Unix milliseconds, 0: never.

    Attributes:
        vkey: verifies its cosignatures (C2SP tlog-cosignature).
        comes_by_itself: whether it fetches checkpoints; else the hub goes to it.
        size, cosigned_ms: what it cosigned last, and when the hub got that.
        trouble: "silent", "strange", "refuses", "claims", "behind", "forked", or empty.
    """

    name: str
    vkey: str
    comes_by_itself: bool
    size: int
    cosigned_ms: int
    trouble: str
    trouble_since_ms: int
    detail: str


@dataclass(frozen=True, slots=True)
class Witnessing:
    """Who witnesses the log, as the hub says; a policy over cosignatures proves it.

    Attributes:
        needed: how many the province's quorum takes; 0: there are no witnesses.
        size: how many entries the log has.
        witnessed_size, witnessed_ms: the newest checkpoint that got its quorum, and when.
        alarm: "quorum_missing", "went_back", or empty.
    """

    witnesses: tuple[LogWitness, ...]
    needed: int
    size: int
    witnessed_size: int
    witnessed_ms: int
    alarm: str


class Log(Area[Mode]):
    """hub.log. Checked against the verifier key that the identity was enrolled with."""

    @operation
    def checkpoint(self) -> Flow[Checkpoint]:
        """The newest signed tree head.

        Raises:
            NoteInvalid: it is not signed by this hub's log.
        """
        return (yield from checkpoint_of(self._session))

    @operation
    def entries(self, start: int = 0, *, limit: int = 100) -> Flow[tuple[LogEntry, ...]]:
        """Entries from start on, at most 1000; not proven, for looking around."""
        reply, _ = yield from self._session.unary(
            _METHODS["ListEntries"],
            pb.ListEntriesRequest(start=start, limit=limit),
            pb.ListEntriesReply,
        )
        return tuple(LogEntry(e.index, e.leaf, read_leaf(e.leaf)) for e in reply.entries)

    @operation
    def search(
        self,
        *,
        party: str = "",
        counterparty: str = "",
        act: str = "",
        about: str = "",
        dataset: str = "",
        purpose: str = "",
        since: datetime | int | None = None,
        until: datetime | int | None = None,
        page: str = "",
        limit: int = 100,
    ) -> Flow[FoundEntries]:
        """Entries that concern this unit, newest first; for whoever may audit also those below.

        Args:
            party: a tenant that acted or was concerned; counterparty: another of the same entry.
            act: an act type, or with a trailing "*" how it begins.
            about: the id of a dataset, request, grant, parcel, need and so on.
            dataset, purpose: part of a dataset's title, of the purpose that data was asked for.
            since, until: recorded at or after, and before; Unix milliseconds or a datetime.
            page: where an earlier search said to go on.
        """
        request = review_pb2.SearchLogRequest(
            party=party,
            counterparty=counterparty,
            act=act,
            about=about,
            dataset=dataset,
            purpose=purpose,
            since_ms=unix_ms(since),
            until_ms=unix_ms(until),
            page_token=page,
        )
        return (yield from search_of(self._session, request, limit=limit))

    @operation
    def prove(self, entry: int | Receipt) -> Flow[ProvenEntry]:
        """Prove that an entry is in the log; a receipt's leaf must be the one that is there.

        Raises:
            NoteInvalid, ProofInvalid: checkpoint or proof does not hold.
            SignatureInvalid: another leaf stands where the receipt says.
        """
        index = entry.index if isinstance(entry, Receipt) else entry
        reply = yield from inclusion_of(self._session, index, size=0)
        if isinstance(entry, Receipt) and reply.leaf != entry.leaf:
            raise SignatureInvalid(f"entry {index} of the log is not the one of the receipt")
        checkpoint = yield from trusted_checkpoint(self._session, reply.checkpoint)
        vkey = self._session.identity.log_vkey
        verify_entry(reply.leaf, index, tuple(reply.hashes), reply.checkpoint, vkey)
        found = LogEntry(index, reply.leaf, read_leaf(reply.leaf))
        return ProvenEntry(found, tuple(reply.hashes), checkpoint)

    @operation
    def prove_growth(self, older: Checkpoint, newer: Checkpoint) -> Flow[None]:
        """Prove that newer only added to older.

        Raises:
            ProofInvalid: the log was rewritten.
        """
        reply, _ = yield from self._session.unary(
            _METHODS["GetConsistency"],
            pb.GetConsistencyRequest(old_size=older.size, new_size=newer.size),
            pb.GetConsistencyReply,
        )
        verify_consistency(
            old_size=older.size,
            new_size=newer.size,
            old_root=older.root,
            new_root=newer.root,
            proof=tuple(reply.hashes),
        )

    @operation
    def keys(self) -> Flow[LogKeys]:
        """The log's key that this unit trusts, and the one made to follow it.

        Raises:
            SignatureInvalid, CredentialForeign: the hub shows a key that the root did not sign.
        """
        return (yield from keys_of(self._session))

    @operation
    def rotate_key(self, next_vkey: str) -> Flow[Receipt]:
        """For the province: vouch for the log's next key, with the root's own signing key.

        Args:
            next_vkey: as zongheng-hub log-key new printed it, on the hub's own machine.

        Raises:
            StateConflict: the hub has made another next key, or none.
        """
        session = self._session
        keys = yield from keys_of(session)
        succession = sign_succession(
            origin=keys.trusted.partition("+")[0],
            old_vkey=keys.trusted,
            new_vkey=next_vkey,
            root_key=session.key(),
            now_ms=session.now_ms(),
        )
        _, receipt = yield from session.unary(
            _METHODS["RotateLogKey"],
            pb.RotateLogKeyRequest(succession=succession),
            pb.RotateLogKeyReply,
        )
        assert receipt is not None
        return receipt

    @operation
    def vouch(self) -> Flow[Receipt]:
        """For the province: vouch for the key the log has now, where that was not done at founding.

        Raises:
            Exists: the root has vouched for it.
        """
        session = self._session
        keys = yield from keys_of(session)
        succession = sign_succession(
            origin=keys.trusted.partition("+")[0],
            old_vkey="",
            new_vkey=keys.trusted,
            root_key=session.key(),
            now_ms=session.now_ms(),
        )
        _, receipt = yield from session.unary(
            _METHODS["RotateLogKey"],
            pb.RotateLogKeyRequest(succession=succession),
            pb.RotateLogKeyReply,
        )
        assert receipt is not None
        return receipt

    @operation
    def witnesses(self) -> Flow[Witnessing]:
        """Who witnesses the log and what each saw last, as the hub says."""
        reply, _ = yield from self._session.unary(
            _METHODS["ListWitnesses"], pb.ListWitnessesRequest(), pb.ListWitnessesReply
        )
        return Witnessing(
            witnesses=tuple(
                LogWitness(
                    name=one.name,
                    vkey=one.vkey,
                    comes_by_itself=one.comes_by_itself,
                    size=one.size,
                    cosigned_ms=one.cosigned_ms,
                    trouble=one.trouble,
                    trouble_since_ms=one.trouble_since_ms,
                    detail=one.detail,
                )
                for one in reply.witnesses
            ),
            needed=reply.needed,
            size=reply.size,
            witnessed_size=reply.witnessed_size,
            witnessed_ms=reply.witnessed_ms,
            alarm=reply.alarm,
        )

    @operation
    def content(self, index: int) -> Flow[Content]:
        """What lies behind an entry, for its parties and for auditors. Raises NotRelated."""
        reply = yield from content_of(self._session, index)
        return Content(reply.index, reply.leaf, reply.salt, reply.envelope, reply.request)


def checkpoint_of(session: Session) -> Flow[Checkpoint]:
    """See Log.checkpoint."""
    reply, _ = yield from session.unary(
        _METHODS["GetCheckpoint"], pb.GetCheckpointRequest(), pb.GetCheckpointReply
    )
    return (yield from trusted_checkpoint(session, reply.checkpoint))


def inclusion_of(session: Session, index: int, *, size: int) -> Flow[pb.GetInclusionReply]:
    """An entry's proof, not verified; size 0 means the newest checkpoint."""
    reply, _ = yield from session.unary(
        _METHODS["GetInclusion"],
        pb.GetInclusionRequest(index=index, size=size),
        pb.GetInclusionReply,
    )
    return reply


def content_of(session: Session, index: int) -> Flow[pb.GetContentReply]:
    reply, _ = yield from session.unary(
        _METHODS["GetContent"], pb.GetContentRequest(index=index), pb.GetContentReply
    )
    return reply


def contents_of(session: Session, indices: Sequence[int]) -> Flow[list[pb.GetContentReply]]:
    return (yield from all_of([content_of(session, index) for index in indices], limit=CONCURRENCY))


def proofs_of(
    session: Session, indices: Sequence[int], *, size: int
) -> Flow[dict[int, tuple[bytes, ...]]]:
    """Inclusion hashes by index, all for one size, not verified."""
    flows = [inclusion_of(session, index, size=size) for index in indices]
    replies = yield from all_of(flows, limit=CONCURRENCY)
    return {reply.index: tuple(reply.hashes) for reply in replies}

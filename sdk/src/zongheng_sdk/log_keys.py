"""Which key of the log to trust: the identity's, or one that the root says follows it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from zongheng_protos.tlog.v1 import tlog_pb2 as pb
from zongheng_sdk.flow import Flow
from zongheng_sdk.log_succession import read_successions
from zongheng_sdk.notes import Checkpoint, NoteInvalid, verify_checkpoint
from zongheng_sdk.session import Session
from zongheng_sdk.tiles import TileSource
from zongheng_tenants.log_key import newest_log_key

SUCCESSION = "succession"
_METHODS = pb.DESCRIPTOR.services_by_name["LogService"].methods_by_name


@dataclass(frozen=True, slots=True)
class LogKeys:
    """The log's keys, as far as this unit can verify them (C2SP signed-note vkeys).

    Attributes:
        trusted: what checkpoints are verified with.
        next: made to follow, and not trusted before the province has said so; empty: none.
    """

    trusted: str
    next: str


def keys_of(session: Session) -> Flow[LogKeys]:
    """See Log.keys."""
    reply, _ = yield from session.unary(
        _METHODS["GetLogKeys"], pb.GetLogKeysRequest(), pb.GetLogKeysReply
    )
    newest = newest_log_key(
        session.identity.log_vkey,
        reply.successions,
        root=reply.root,
        root_fingerprint=session.identity.root_fingerprint,
    )
    return LogKeys(newest, reply.next_vkey)


def trusted_checkpoint(session: Session, note: bytes) -> Flow[Checkpoint]:
    """A checkpoint signed by the log's key that the identity names, or by one that follows it.

    A newer key that holds is kept in the session's identity.

    Raises:
        NoteInvalid: neither has signed it.
        SignatureInvalid, CredentialForeign: the hub shows a succession that does not hold.
    """
    try:
        return verify_checkpoint(note, session.identity.log_vkey)
    except NoteInvalid:
        keys = yield from keys_of(session)
        if keys.trusted == session.identity.log_vkey:
            raise
        checkpoint = verify_checkpoint(note, keys.trusted)
        session.identity = replace(session.identity, log_vkey=keys.trusted)
        return checkpoint


def followed_key(read: TileSource, vkey: str, root_fingerprint: str) -> str:
    """The key that follows vkey by the published log's own file; vkey where none does.

    Args:
        root_fingerprint: of the province's root, from wherever the auditor trusts it to be right.

    Raises:
        NoteInvalid: the file is malformed.
        SignatureInvalid, CredentialForeign: what it says is not signed by that root.
    """
    text = read(SUCCESSION)
    if text is None:
        return vkey
    root, successions = read_successions(text)
    return newest_log_key(vkey, successions, root=root, root_fingerprint=root_fingerprint)

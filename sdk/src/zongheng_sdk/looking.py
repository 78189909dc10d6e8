"""A unit looks through the log for what concerns it, and keeps that beside its receipts."""

from __future__ import annotations

from functools import partial

from zongheng_protos.tlog.v1 import tlog_pb2 as tlog
from zongheng_protos.tlog.v1.leaf_pb2 import Leaf
from zongheng_sdk.flow import Flow, work
from zongheng_sdk.log import checkpoint_of
from zongheng_sdk.notes import Checkpoint, read_checkpoint
from zongheng_sdk.package_answer import SHREDDED
from zongheng_sdk.proofs import ProofInvalid, verify_consistency
from zongheng_sdk.session import Session
from zongheng_sdk.stretches import proven_stretch

WINDOW = 20_000
"""So many entries are proven, looked at and kept at a time."""
_LOG = tlog.DESCRIPTOR.services_by_name["LogService"].methods_by_name


def look_at_log(session: Session) -> Flow[int]:
    """See Audit.look."""
    book = session.book()
    note, seen = yield from work(book.looked)
    head = yield from checkpoint_of(session)
    if note:
        yield from _continues(session, note, head)
    tenant = session.identity.tenant
    known = {one.index for one in (yield from work(book.kept))}
    found = 0
    while seen < head.size:
        end = min(seen + WINDOW, head.size)
        stretch = yield from proven_stretch(session, seen, end, head)
        concerning = [
            (seen + at, leaf)
            for at, leaf in enumerate(stretch.leaves)
            if _concerns(Leaf.FromString(leaf), tenant)
        ]
        yield from work(partial(book.note, concerning, head.note, end))
        shredded = [index for _, leaf in concerning if (index := _shredded(leaf)) is not None]
        if shredded:
            yield from work(partial(book.forget_content, shredded))
        found += sum(index not in known for index, _ in concerning)
        seen = end
    return found


def _concerns(leaf: Leaf, tenant: str) -> bool:
    return leaf.actor == tenant or tenant in leaf.parties


def _shredded(leaf: bytes) -> int | None:
    """The entry whose content this one says was shredded."""
    act = Leaf.FromString(leaf)
    return int(act.subject) if act.act == SHREDDED and act.subject.isdecimal() else None


def _continues(session: Session, note: bytes, head: Checkpoint) -> Flow[None]:
    old = read_checkpoint(note)
    if head.size < old.size:
        raise ProofInvalid(f"the log had {old.size} entries before and shows {head.size} now")
    hashes: tuple[bytes, ...] = ()
    if 0 < old.size < head.size:
        reply, _ = yield from session.unary(
            _LOG["GetConsistency"],
            tlog.GetConsistencyRequest(old_size=old.size, new_size=head.size),
            tlog.GetConsistencyReply,
        )
        hashes = tuple(reply.hashes)
    verify_consistency(
        old_size=old.size,
        new_size=head.size,
        old_root=old.root,
        new_root=head.root,
        proof=hashes,
    )

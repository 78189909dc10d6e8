"""Stretches of the log as the hub shows them, believed once they give the signed root."""

from __future__ import annotations

from zongheng_protos.audit.v1 import audit_pb2 as audit
from zongheng_protos.tlog.v1 import tlog_pb2 as tlog
from zongheng_sdk.audit_package import Stretch
from zongheng_sdk.flow import Flow
from zongheng_sdk.notes import Checkpoint
from zongheng_sdk.package_findings import Fails
from zongheng_sdk.package_log import stretch_root
from zongheng_sdk.proofs import ProofInvalid
from zongheng_sdk.session import Session

PAGE = 1000
_AUDIT = audit.DESCRIPTOR.services_by_name["AuditService"].methods_by_name
_LOG = tlog.DESCRIPTOR.services_by_name["LogService"].methods_by_name


def proven_stretch(session: Session, first: int, end: int, head: Checkpoint) -> Flow[Stretch]:
    """Entries first to end of the log with this verified head: these, and no others.

    Raises:
        ProofInvalid: the hub shows others than those whose root it signed.
    """
    leaves: list[bytes] = []
    while first + len(leaves) < end:
        start = first + len(leaves)
        page = yield from list_leaves(session, start, min(PAGE, end - start))
        if not page:
            raise ProofInvalid(f"the hub shows no entry {start} of {head.size}")
        leaves += page
    reply, _ = yield from session.unary(
        _AUDIT["ProveStretch"],
        audit.ProveStretchRequest(first=first, end=end, size=head.size),
        audit.ProveStretchReply,
    )
    stretch = Stretch(first, end, tuple(leaves), tuple(reply.hashes))
    try:
        root = stretch_root(stretch, head.size)
    except Fails as error:
        raise ProofInvalid(str(error)) from error
    if root != head.root:
        raise ProofInvalid("the entries that the hub shows are not those whose root it signed")
    return stretch


def list_leaves(session: Session, start: int, limit: int) -> Flow[list[bytes]]:
    """Leaves from start on, nothing verified."""
    reply, _ = yield from session.unary(
        _LOG["ListEntries"],
        tlog.ListEntriesRequest(start=start, limit=limit),
        tlog.ListEntriesReply,
    )
    return [entry.leaf for entry in reply.entries]

"""Exports within the scope that their first entry states, and shredding, a transaction each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from zongheng_hub.audit import rules
from zongheng_hub.store import Tx
from zongheng_hub.tenancy import service as tenancy
from zongheng_hub.tlog import stretches
from zongheng_hub.tlog.service import parties_of
from zongheng_hub.tlog.stretches import WholeEntry
from zongheng_protos.audit.v1 import audit_pb2 as pb
from zongheng_protos.errors import NotFound

MOST_BYTES = 3_000_000
Shredder = Callable[[Tx, int, str, str], tuple[str, ...]]
"""Deletes what a room holds of an entry (index, act type, subject); says what that was."""


@dataclass(frozen=True, slots=True)
class Proven:
    """An entry of an export with its proof."""

    entry: WholeEntry
    hashes: tuple[bytes, ...]


def scope(connection: Connection, tenant_id: str, *, below: bool) -> tuple[str, ...]:
    """The units that an export is about."""
    return (tenant_id, *(tenancy.descendants(connection, tenant_id) if below else ()))


def begun(connection: Connection, index: int) -> WholeEntry:
    """The entry that began an export. Raises NotFound where index is none."""
    (entry,) = stretches.whole_entries(connection, [index])
    if entry.act != rules.EXPORTED:
        raise NotFound(f"entry {index} began no export")
    return entry


def read(
    connection: Connection, export_index: int, indices: Sequence[int], size: int
) -> list[Proven]:
    """Entries of an export, the first few where all would be too large.

    Raises:
        NotFound: there is no such export or entry.
        NotRelated: an entry is beyond what the export is about.
        Invalid: the log is smaller than size.
    """
    tenants = pb.BeginExportReply.FromString(begun(connection, export_index).reply).tenant_ids
    entries: list[WholeEntry] = []
    budget = MOST_BYTES
    for entry in stretches.whole_entries(connection, indices):
        if entry.index != export_index:
            concerned = (entry.actor, *parties_of(entry.leaf))
            rules.check_within(entry.index, entry.act, concerned, tenants)
        budget -= len(entry.leaf) + len(entry.envelope) + len(entry.request)
        if entries and budget < 0:
            break
        entries.append(entry)
    proofs = stretches.inclusion_hashes(connection, [one.index for one in entries], size)
    return [Proven(*one) for one in zip(entries, proofs, strict=True)]


def credentials(
    connection: Connection, key_ids: Iterable[str]
) -> tuple[tuple[bytes, ...], tuple[int, ...]]:
    """Every credential in which one of the keys stands, with all above, and where each was issued.

    Keys that nobody ever had are left out.
    """
    found: dict[str, tuple[bytes, int]] = {}
    for key_id in key_ids:
        stored = tenancy.credential_with_key(connection, key_id)
        for link in tenancy.links_of(connection, stored.id) if stored else ():
            found[link.credential_id] = (link.envelope, link.log_index)
    return (
        tuple(envelope for envelope, _ in found.values()),
        tuple(sorted({index for _, index in found.values()})),
    )


def shred(tx: Tx, index: int, shredders: Sequence[Shredder]) -> tuple[WholeEntry, tuple[str, ...]]:
    """Delete what lies behind an entry, here and in every room; gives what was emptied.

    Raises:
        NotFound: there is no such entry.
        NotShreddable: it was shredded before, or other acts rest on it.
    """
    (entry,) = stretches.whole_entries(tx.connection, [index])
    rules.check_shreddable(index, entry.act, is_shredded=entry.is_shredded)
    stretches.shred(tx, index)
    emptied = ["salt", "envelope", *(["request"] if entry.request else [])]
    for shredder in shredders:
        emptied += shredder(tx, index, entry.act, entry.subject)
    return entry, tuple(emptied)

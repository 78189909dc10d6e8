"""Founding a province: its whole tree, and the root credential that it signs for itself."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from zongheng_hub.store import Tx
from zongheng_hub.tenancy.console_keys import ConsoleKeys
from zongheng_hub.tenancy.credentials import store_credential
from zongheng_hub.tenancy.divisions import Division
from zongheng_hub.tenancy.tables import TENANT
from zongheng_hub.tenancy.tree.rules import MOST_STEPS
from zongheng_hub.tenancy.tree.unit import Basis, Stamp, Unit
from zongheng_hub.tenancy.tree.writing import write_changes
from zongheng_protos.errors import Exists, Invalid
from zongheng_protos.tenancy.v1 import credential_pb2 as pb
from zongheng_protos.tenancy.v1 import tenancy_pb2 as tenancy
from zongheng_tenants.act import MAX_SKEW_MS
from zongheng_tenants.credential import RIGHTS, fingerprint, issue_credential, verify_chain
from zongheng_tenants.ids import new_id
from zongheng_tenants.keys import Signer

ROOTED = "tenancy.rooted"
"""The act type of the log's first entry; its request is the root credential's envelope."""
ROOT_DEPTH = MOST_STEPS
ROOT_LIFE_MS = 3652 * 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class Founded:
    """A province that has just been founded.

    Attributes:
        tenant: the province's id.
        root: the root credential's envelope; the request of the log's first entry.
        root_fingerprint: its SHA-256, hex.
        by_code: id of every tenant made, by division code.
    """

    tenant: str
    name: str
    root: bytes
    root_fingerprint: str
    by_code: Mapping[str, str]


def import_divisions(tx: Tx, divisions: Sequence[Division], *, now_ms: int) -> Mapping[str, str]:
    """Make a tenant of every division (parents first); returns their new ids by code.

    Raises:
        Exists: the hub already has tenants.
    """
    if tx.one(select(func.count()).select_from(TENANT).having(func.count() > 0)):
        raise Exists("this hub already has its tenants: a division table is imported once")
    by_code = {division.code: new_id("t", now_ms=now_ms) for division in divisions}
    units = [
        Unit(
            id=by_code[division.code],
            parent_id=by_code[division.parent] if division.parent else "",
            level=division.level,
            name=division.name,
            code=division.code,
            kind=division.kind,
        )
        for division in divisions
    ]
    write_changes(tx, units, Stamp(ROOTED, by_code[divisions[0].code], "", now_ms, 0, Basis("")))
    return by_code


def found_province(
    tx: Tx,
    divisions: Sequence[Division],
    *,
    signing: Signer,
    sealing_key: bytes,
    console: ConsoleKeys,
    now_ms: int,
) -> Founded:
    """Import the tree and store the root credential, issued in the log's first entry (index 0).

    The root signs itself with all rights, depth 4, for ten years. The caller appends the
    genesis entry (act "tenancy.rooted", its request the root's envelope) in the same transaction.

    Args:
        signing: the province's own signing key.
        sealing_key: its raw public sealing key, 32 bytes.

    Raises:
        Exists: the hub already has tenants.
        Invalid: divisions hold no province.
    """
    provinces = [one for one in divisions if one.level == tenancy.LEVEL_PROVINCE]
    if len(provinces) != 1:
        raise Invalid(f"the division table has {len(provinces)} provinces, not one")
    province = provinces[0]
    by_code = import_divisions(tx, divisions, now_ms=now_ms)
    tenant = by_code[province.code]
    not_before_ms = now_ms - MAX_SKEW_MS
    root = issue_credential(
        subject=tenant,
        name=province.name,
        code=province.code,
        keys=[
            (pb.KEY_USE_SIGNING, signing.public),
            (pb.KEY_USE_SEALING, sealing_key),
            (pb.KEY_USE_CONSOLE, console.key_of(tenant).public),
        ],
        rights=RIGHTS,
        depth=ROOT_DEPTH,
        not_before_ms=not_before_ms,
        expires_ms=not_before_ms + ROOT_LIFE_MS,
        issuer=tenant,
        issuer_key=signing,
    )
    credential = verify_chain([root], root_fingerprint=fingerprint(root), at_ms=now_ms)
    store_credential(tx, credential, root, issuer_id=None, now_ms=now_ms, log_index=0)
    return Founded(tenant, province.name, root, hashlib.sha256(root).hexdigest(), by_code)

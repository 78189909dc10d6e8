"""A chain of four credentials verified cold, over four bare verifications; then the cached answer.

Cold: verify_chain on the stored envelopes, root to county department, every link parsed, checked
against the one above and narrowed. The rival: OpenSSL's Ed25519 alone, over the same signed bytes
with keys already loaded. Cached: what the kernel asks on every call, over the cold rate.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlmodel import SQLModel

from tests.bench.harness import Result, paired
from zongheng_hub.store import Store, Tx, open_store
from zongheng_hub.tenancy import tables
from zongheng_hub.tenancy.credentials import Credentials, store_credential
from zongheng_protos.tenancy.v1 import credential_pb2 as pb
from zongheng_tenants.credential import RIGHTS, fingerprint, issue_credential, verify_chain
from zongheng_tenants.envelope import CREDENTIAL, pre_authentication_encoding, read_envelope
from zongheng_tenants.keys import SigningKey

FLOOR = 0.60
CACHED_FLOOR = 20.0
UNITS = (
    ("t_province", "山西省", "140000"),
    ("t_city", "太原市", "140100"),
    ("t_county", "小店区", "140105"),
    ("t_office", "小店区数据局", ""),
)
CHAINS = 300
LOOKUPS = 30_000
DAY = 86_400_000
Bare = tuple[Ed25519PublicKey, bytes, bytes]


def run() -> list[Result]:
    keys = [SigningKey.generate() for _ in UNITS]
    chain = _chain(keys, now_ms := int(time.time() * 1000))
    root = fingerprint(chain[0])
    bare = [_bare(each, key) for each, key in zip(chain, (keys[0], *keys), strict=False)]

    def cold() -> float:
        return _rate(
            CHAINS, lambda: verify_chain(chain, root_fingerprint=root, at_ms=now_ms).tenant
        )

    def signatures() -> float:
        return _rate(CHAINS, lambda: [key.verify(sig, signed) for key, sig, signed in bare])

    ours, theirs = paired(cold, signatures, rounds=15)
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder) / "hub.sqlite3")
        try:
            _keep(store, chain, root, now_ms)
            cached, again = paired(lambda: asyncio.run(_lookups(store, root)), cold)
        finally:
            store.close()
    return [
        Result("verify_chain", ours / theirs, FLOOR, ours, "chains/s"),
        Result("verify_chain_cached", cached / again, CACHED_FLOOR, cached, "lookups/s"),
    ]


def _chain(keys: Sequence[SigningKey], now_ms: int) -> list[bytes]:
    chain: list[bytes] = []
    for number, ((subject, name, code), key) in enumerate(zip(UNITS, keys, strict=True)):
        above = max(number - 1, 0)
        chain.append(
            issue_credential(
                subject=subject,
                name=name,
                code=code,
                keys=[(pb.KEY_USE_SIGNING, key.public)],
                rights=RIGHTS,
                depth=len(UNITS) - number,
                not_before_ms=now_ms - DAY,
                expires_ms=now_ms + (60 - number) * DAY,
                issuer=UNITS[above][0],
                issuer_key=keys[above],
                issuer_envelope=chain[-1] if chain else b"",
            )
        )
    return chain


def _bare(envelope: bytes, signer: SigningKey) -> Bare:
    """What a verifier needs that does nothing else: key, signature, signed bytes."""
    parts = read_envelope(envelope, CREDENTIAL)
    signed = pre_authentication_encoding(parts.payload_type, parts.payload)
    return Ed25519PublicKey.from_public_bytes(signer.public), parts.signatures[0].sig, signed


def _keep(store: Store, chain: Sequence[bytes], root: str, now_ms: int) -> None:
    SQLModel.metadata.create_all(store.writer)

    def work(tx: Tx) -> None:
        above: str | None = None
        for number, (subject, name, code) in enumerate(UNITS):
            parent = UNITS[number - 1][0] if number else None
            unit = tables.TenantRow(
                id=subject, parent_id=parent, level=number + 1, name=name, code=code, created_ms=0
            )
            tx.insert(tables.TENANT, unit.model_dump())
            known = verify_chain(chain[: number + 1], root_fingerprint=root, at_ms=None)
            store_credential(
                tx, known, chain[number], issuer_id=above, now_ms=now_ms, log_index=number
            )
            above = known.id

    store.write_now(work)


async def _lookups(store: Store, root: str) -> float:
    """Lookups a second of a credential that was verified before."""
    credentials = Credentials(store, root)
    county = await credentials.credential_of("t_office")
    started = time.perf_counter()
    for _ in range(LOOKUPS):
        assert await credentials.credential_of("t_office") is county
    return LOOKUPS / (time.perf_counter() - started)


def _rate(times: int, step: Callable[[], object]) -> float:
    started = time.perf_counter()
    for _ in range(times):
        step()
    return times / (time.perf_counter() - started)

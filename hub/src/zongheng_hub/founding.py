"""Making a hub: keys, tables, the province's tree, its root credential, the log's first entry."""

from __future__ import annotations

import secrets
import time
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from zongheng_hub.data_folder import About, DataFolder, DataFolderError, write_private
from zongheng_hub.kernel.recorder import SALT_BYTES
from zongheng_hub.settings import Settings
from zongheng_hub.store import Entry, Tx, open_store
from zongheng_hub.store.migrate import migrate
from zongheng_hub.tenancy.ca import ChannelAuthority
from zongheng_hub.tenancy.console_keys import ConsoleKeys
from zongheng_hub.tenancy.divisions import (
    Division,
    packaged_divisions,
    packaged_table,
    parse_divisions,
)
from zongheng_hub.tenancy.founding import ROOTED, Founded, found_province
from zongheng_hub.tenancy.revocation.revoking import note_channel
from zongheng_hub.tlog.keys import keep_succession
from zongheng_hub.tlog.leaf import make_leaf
from zongheng_hub.tlog.sequencer import Sequencer
from zongheng_protos.errors import Exists
from zongheng_protos.tlog.v1.tlog_pb2 import LogKeySuccession
from zongheng_tenants.act import new_nonce, sign_act
from zongheng_tenants.identity import Identity
from zongheng_tenants.ids import new_id
from zongheng_tenants.keys import HeldOpener, HeldSigner, SealingKey, SigningKey
from zongheng_tenants.log_key import sign_succession
from zongheng_tenants.vault import Vault

_OPERATOR = "zongheng-hub init"


async def found(
    settings: Settings,
    *,
    province: str,
    divisions: Path | None = None,
    passphrase: str | None = None,
) -> About:
    """Make a hub in a data folder that has none.

    Args:
        province: division code of the province, six digits.
        divisions: a division table (CSV); None: the one that ships for this province.
        passphrase: for the keys in province/identity.json; None: in the open.

    Raises:
        DataFolderError: there is a hub already, or the folder cannot be written.
        DivisionUnknown, Invalid: the division table cannot be used.
        Exists: the database already holds a hub.
    """
    folder = DataFolder(settings.data)
    if folder.made:
        raise DataFolderError(
            f"{settings.data} holds a hub already: serve it, or name another --data"
        )
    table = packaged_divisions(province) if divisions is None else _read(divisions)
    vault = None if passphrase is None else Vault.new(passphrase)
    folder.lock()
    try:
        return await _found(folder, settings, province, table, vault)
    finally:
        folder.close()


def shipped_table(province: str) -> bytes:
    """The division table that ships for a province, CSV. Raises DivisionUnknown: none does."""
    return packaged_table("divisions", province)


def _read(divisions: Path) -> tuple[Division, ...]:
    try:
        return parse_divisions(divisions.read_bytes())
    except OSError as error:
        raise DataFolderError(f"{divisions} cannot be read: {error.strerror}") from error


async def _found(
    folder: DataFolder,
    settings: Settings,
    province: str,
    table: tuple[Division, ...],
    vault: Vault | None,
) -> About:
    now_ms = int(time.time() * 1000)
    hub_id = new_id("h")
    origin = f"zongheng.cn/{province}/{hub_id}"
    log_key = SigningKey.generate()
    console = ConsoleKeys(folder.make_secret("console.key", ConsoleKeys.new_master()))
    folder.make_secret("log.key", log_key.private_bytes())
    folder.make_secret("session.key", secrets.token_bytes(32))
    authority = ChannelAuthority.create(hub_id=hub_id, name="zongheng channel CA", now_ms=now_ms)
    folder.make_secret("ca.key.pem", authority.private_pem())
    folder.make_secret("ca.pem", authority.pem)

    signing, sealing = SigningKey.generate(), SealingKey.generate()
    channel_key = ec.generate_private_key(ec.SECP256R1())
    sequencer = Sequencer(log_key, origin)
    store = open_store(settings.database or folder.database, journal=sequencer)
    try:
        migrate(store.writer)
        founded = await store.write(
            lambda tx: _root(tx, table, signing, sealing, console, hub_id, now_ms)
        )
        await store.write(lambda tx: _vouch(tx, origin, sequencer.vkey, signing, now_ms))
        channel_pem = authority.issue_channel_certificate(
            _csr(channel_key), hub_id, founded.tenant, now_ms
        )
        await store.write(lambda tx: note_channel(tx, channel_pem, now_ms=now_ms))
    finally:
        store.close()
    about = About(
        hub_id=hub_id,
        province_code=province,
        province_id=founded.tenant,
        origin=origin,
        root_fingerprint=founded.root_fingerprint,
        database=settings.database,
        host=settings.host,
        public_host=settings.public_host,
        port=settings.port,
        web_port=settings.web_port,
    )
    identity = Identity(
        hub_id=hub_id,
        tenant=founded.tenant,
        name=founded.name,
        grpc_address=f"{settings.public_host}:{settings.port}",
        web_address=f"http://{settings.public_host}:{settings.web_port}",
        root_fingerprint=founded.root_fingerprint,
        log_vkey=sequencer.vkey,
        chain=(founded.root,),
        signing_key=signing.private_bytes(),
        sealing_key=sealing.private_bytes(),
        channel_key_pem=channel_key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        channel_pem=channel_pem,
        ca_pem=authority.pem,
        vault=vault,
    )
    write_private(folder.province_identity, identity.to_json().encode())
    folder.write_about(about)  # last: a folder without it is no hub
    return about


def _root(
    tx: Tx,
    table: tuple[Division, ...],
    signing: HeldSigner,
    sealing: HeldOpener,
    console: ConsoleKeys,
    hub_id: str,
    now_ms: int,
) -> Founded:
    if tx.next_index() != 0:
        raise Exists("this database already holds a hub: name an empty one")
    founded = found_province(
        tx,
        table,
        signing=signing,
        sealing_key=sealing.public,
        console=console,
        now_ms=now_ms,
    )
    nonce = new_nonce()
    envelope = sign_act(
        method=ROOTED,
        request=founded.root,
        tenant=founded.tenant,
        operator=_OPERATOR,
        audience=hub_id,
        key=signing,
        nonce=nonce,
        now_ms=now_ms,
    )
    salt = secrets.token_bytes(SALT_BYTES)
    tx.append(
        Entry(
            key=nonce + signing.id.encode(),
            leaf=make_leaf(
                act=ROOTED,
                time_ms=now_ms,
                actor=founded.tenant,
                parties=(),
                subject=founded.tenant,
                envelope=envelope,
                salt=salt,
            ),
            act=ROOTED,
            actor=founded.tenant,
            subject=founded.tenant,
            time_ms=now_ms,
            salt=salt,
            envelope=envelope,
            request=founded.root,
            reply=b"",
        )
    )
    return founded


def _vouch(tx: Tx, origin: str, vkey: str, root_key: HeldSigner, now_ms: int) -> None:
    """Have the root vouch for the log's first key, so that it follows from the root alone."""
    first = LogKeySuccession(origin=origin, new_vkey=vkey, time_ms=now_ms)
    envelope = sign_succession(
        origin=origin, old_vkey="", new_vkey=vkey, root_key=root_key, now_ms=now_ms
    )
    keep_succession(tx, first, envelope, size=0, now_ms=now_ms)


def _csr(key: ec.EllipticCurvePrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "zongheng channel")])
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.DER)

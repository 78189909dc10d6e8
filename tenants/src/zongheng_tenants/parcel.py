"""Parcels: granted rows sealed for one recipient, their manifest, and both sides' receipts."""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from google.protobuf.message import DecodeError

from zongheng_protos.errors import GrantExceeded, Invalid, NotRelated
from zongheng_protos.sharing.v1 import statement_pb2 as pb
from zongheng_protos.tenancy.v1 import credential_pb2
from zongheng_tenants import sealing
from zongheng_tenants.act import MAX_SKEW_MS
from zongheng_tenants.credential import Credential
from zongheng_tenants.envelope import MANIFEST, RECEIPT, read_envelope, seal_envelope
from zongheng_tenants.grant import Grant, apply_grant, grant_sha256, signed_payload, verify_grant
from zongheng_tenants.ids import new_id
from zongheng_tenants.keys import Opener, Signer

SENDER = pb.RECEIPT_ROLE_SENDER
RECIPIENT = pb.RECEIPT_ROLE_RECIPIENT


@dataclass(frozen=True, slots=True)
class SealedParcel:
    """What a sender hands in.

    Attributes:
        manifest, receipt: envelopes signed by the sender.
        chunks: sealed bytes, in order.
    """

    parcel_id: str
    manifest: bytes
    chunks: tuple[bytes, ...]
    receipt: bytes
    rows: int


@dataclass(frozen=True, slots=True)
class OpenedParcel:
    """What a recipient has, once everything about it holds.

    Attributes:
        rows_csv: UTF-8, RFC 4180, a heading and the granted columns.
        manifest: the envelope that was verified.
    """

    parcel_id: str
    grant: Grant
    rows_csv: bytes
    rows: int
    manifest: bytes

    def records(self) -> list[dict[str, str]]:
        """The rows by column name."""
        _, *body = _read_csv(self.rows_csv)
        return [dict(zip(self.grant.columns, row, strict=True)) for row in body]

    def sign_receipt(self, key: Signer, *, now_ms: int) -> bytes:
        """The recipient's receipt for this parcel."""
        return sign_receipt(
            manifest=self.manifest,
            role=RECIPIENT,
            tenant=self.grant.grantee,
            key=key,
            now_ms=now_ms,
        )


def seal_rows(
    *,
    rows: Iterable[Mapping[str, str]],
    grant: bytes,
    sender: Credential,
    recipient: Credential,
    signing_key: Signer,
    now_ms: int,
    pseudonym_key: bytes | None = None,
) -> SealedParcel:
    """A parcel of what a grant lets out of whole rows. See apply_grant and seal_parcel."""
    given = verify_grant(grant, sender)
    let_out = apply_grant(given, rows, pseudonym_key=pseudonym_key)
    rows_csv, count = write_csv(given.columns, let_out)
    return seal_parcel(
        rows_csv=rows_csv,
        rows=count,
        grant=grant,
        sender=sender,
        recipient=recipient,
        signing_key=signing_key,
        now_ms=now_ms,
    )


def seal_parcel(
    *,
    rows_csv: bytes,
    rows: int,
    grant: bytes,
    sender: Credential,
    recipient: Credential,
    signing_key: Signer,
    now_ms: int,
) -> SealedParcel:
    """Seal rows that a grant has already been applied to.

    Args:
        rows_csv: as write_csv makes it: heading first, columns of the grant.
        grant: the grant's envelope.
        sender, recipient: credentials from verify_chain. The recipient's sealing key is taken
            from there and nowhere else, so nobody on the way can put in another; its suite
            decides how the parcel is sealed.

    Raises:
        GrantExceeded, NotRelated: the grant is not for this moment, sender or recipient.
        Invalid, SignatureInvalid: the grant, or rows_csv under it, does not hold.
    """
    given = verify_grant(grant, sender)
    given.check_time(now_ms)
    given.check_grantee(recipient.tenant)
    sender.check_time(now_ms)
    recipient.check_time(now_ms)
    _check_rows(rows_csv, given, rows)
    key = recipient.key_for(credential_pb2.KEY_USE_SEALING)
    parcel_id, data_key = new_id("p"), sealing.new_data_key(key.suite)
    chunks = tuple(sealing.seal_chunks(rows_csv, data_key, parcel_id, key.suite))
    manifest = pb.ParcelManifest(
        parcel_id=parcel_id,
        grant_id=given.id,
        grant_sha256=grant_sha256(grant),
        sender=sender.tenant,
        recipient=recipient.tenant,
        rows=rows,
        sealing_key_id=key.id,
        chunk_sha256=[hashlib.sha256(chunk).digest() for chunk in chunks],
        plaintext_commitment=sealing.commitment(data_key, rows_csv, key.suite),
        time_ms=now_ms,
    )
    manifest.wrapped_key = sealing.wrap_key(data_key, key.public, _wrap_info(manifest), key.suite)
    envelope = seal_envelope(MANIFEST, manifest.SerializeToString(), signing_key)
    verify_manifest(envelope, grant=grant, sender=sender)
    receipt = sign_receipt(
        manifest=envelope, role=SENDER, tenant=sender.tenant, key=signing_key, now_ms=now_ms
    )
    return SealedParcel(parcel_id, envelope, chunks, receipt, rows)


def verify_manifest(manifest: bytes, *, grant: bytes, sender: Credential) -> pb.ParcelManifest:
    """What a manifest says, once it is the sender's and belongs to this very grant.

    Raises:
        SignatureInvalid: not signed by the sender.
        Invalid: of another grant, or malformed.
        NotRelated, GrantExceeded: other parties or another time than granted.
    """
    given = verify_grant(grant, sender)
    found = _parse_manifest(signed_payload(manifest, MANIFEST, sender))
    if found.grant_sha256 != grant_sha256(grant) or found.grant_id != given.id:
        raise Invalid(f"parcel {found.parcel_id} was sealed under another grant than {given.id}")
    if found.sender != given.owner:
        raise NotRelated(f"parcel {found.parcel_id} names {found.sender} as its sender")
    given.check_grantee(found.recipient)
    given.check_time(found.time_ms)
    return found


def open_parcel(
    *,
    manifest: bytes,
    grant: bytes,
    chunks: Iterable[bytes],
    sender: Credential,
    recipient: str,
    sealing_key: Opener,
) -> OpenedParcel:
    """Open a parcel, once signature, grant, order, completeness and commitment hold.

    Args:
        manifest, grant: envelopes.
        chunks: sealed bytes, in order.
        sender: the owner's credential from verify_chain.
        recipient: the tenant that opens it.

    Raises:
        Invalid: chunks are altered, missing, moved or of another parcel; rows break the grant.
        SignatureInvalid, NotRelated, GrantExceeded: as verify_manifest.
    """
    found = verify_manifest(manifest, grant=grant, sender=sender)
    given = verify_grant(grant, sender)
    given.check_grantee(recipient)
    if found.sealing_key_id != sealing_key.id:
        raise Invalid(
            f"parcel {found.parcel_id} is sealed to {found.sealing_key_id}, not {sealing_key.id}"
        )
    sealed = list(chunks)
    hashes = [hashlib.sha256(chunk).digest() for chunk in sealed]
    if hashes != list(found.chunk_sha256):
        raise Invalid(
            f"the chunks of parcel {found.parcel_id} are not those of its manifest: "
            f"{len(sealed)} came, {len(found.chunk_sha256)} were sent, or they are altered"
        )
    data_key = sealing.unwrap_key(found.wrapped_key, sealing_key, _wrap_info(found))
    suite = sealing_key.suite
    rows_csv = b"".join(sealing.open_chunks(sealed, data_key, found.parcel_id, suite))
    expected = sealing.commitment(data_key, rows_csv, suite)
    if not hmac.compare_digest(expected, found.plaintext_commitment):
        raise Invalid(f"the content of parcel {found.parcel_id} is not what its sender signed for")
    _check_rows(rows_csv, given, found.rows)
    return OpenedParcel(found.parcel_id, given, rows_csv, found.rows, manifest)


def sign_receipt(*, manifest: bytes, role: int, tenant: str, key: Signer, now_ms: int) -> bytes:
    """A receipt's envelope: tenant, as SENDER or RECIPIENT, stands to a verified manifest."""
    found = manifest_of(manifest)
    receipt = pb.ParcelReceipt(
        parcel_id=found.parcel_id,
        manifest_sha256=hashlib.sha256(manifest).digest(),
        role=role,  # type: ignore[arg-type]  # number of the enum
        tenant=tenant,
        rows=found.rows,
        plaintext_commitment=found.plaintext_commitment,
        time_ms=now_ms,
    )
    return seal_envelope(RECEIPT, receipt.SerializeToString(), key)


def verify_receipt(
    receipt: bytes, *, manifest: bytes, role: int, signer: Credential
) -> pb.ParcelReceipt:
    """What a receipt says, once it is the signer's, in this role, for this very manifest.

    Raises:
        SignatureInvalid: not signed by signer.
        Invalid: for another parcel, role, tenant or content.
    """
    try:
        found = pb.ParcelReceipt.FromString(signed_payload(receipt, RECEIPT, signer))
    except DecodeError as error:
        raise Invalid("the receipt cannot be read") from error
    of = manifest_of(manifest)
    if found.role != role:
        raise Invalid(f"the receipt for parcel {of.parcel_id} is signed in another role")
    party = of.sender if role == SENDER else of.recipient
    if not found.tenant == signer.tenant == party:
        raise Invalid(f"the receipt for parcel {of.parcel_id} is not by its party")
    same = (
        found.parcel_id == of.parcel_id
        and found.manifest_sha256 == hashlib.sha256(manifest).digest()
        and found.rows == of.rows
        and found.plaintext_commitment == of.plaintext_commitment
    )
    if not same:
        raise Invalid(f"the receipt is for another parcel than {of.parcel_id}")
    # Both clocks may be off, each to its own side.
    if found.time_ms + 2 * MAX_SKEW_MS < of.time_ms:
        raise Invalid(f"the receipt for parcel {of.parcel_id} is older than the parcel")
    return found


def manifest_of(envelope: bytes) -> pb.ParcelManifest:
    """What a manifest claims; nothing verified."""
    return _parse_manifest(read_envelope(envelope, MANIFEST).payload)


def write_csv(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> tuple[bytes, int]:
    """UTF-8 CSV (RFC 4180: CRLF, quotes doubled) with a heading, and the number of rows.

    Raises:
        Invalid: a value holds what UTF-8 cannot say.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    count = 0
    for row in rows:
        writer.writerow(row)
        count += 1
    try:
        return text.getvalue().encode(), count
    except UnicodeEncodeError as error:
        raise Invalid("a value holds characters that are no Unicode text") from error


def _read_csv(rows_csv: bytes) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(rows_csv.decode(), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise Invalid("the parcel's content is no CSV in UTF-8") from error


def _check_rows(rows_csv: bytes, grant: Grant, rows: int) -> None:
    heading, *body = _read_csv(rows_csv) or [[]]
    if tuple(heading) != grant.columns:
        raise GrantExceeded(f"the parcel's columns are not those of grant {grant.id}")
    if len(body) != rows or any(len(row) != len(heading) for row in body):
        raise Invalid(f"the parcel holds {len(body)} rows, not {rows}, or a row lacks a column")


def _wrap_info(manifest: pb.ParcelManifest) -> bytes:
    return sealing.binding(
        "zongheng parcel v1",
        manifest.sender.encode(),
        manifest.recipient.encode(),
        manifest.grant_sha256,
        manifest.parcel_id.encode(),
    )


def _parse_manifest(payload: bytes) -> pb.ParcelManifest:
    try:
        found = pb.ParcelManifest.FromString(payload)
    except DecodeError as error:
        raise Invalid("the manifest cannot be read") from error
    sizes = {len(digest) for digest in found.chunk_sha256}
    if sizes != {32} or len(found.chunk_sha256) > sealing.MAX_CHUNKS:
        raise Invalid(f"the manifest of parcel {found.parcel_id} lists no usable chunk hashes")
    return found

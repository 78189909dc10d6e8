"""A parcel opens for its recipient under its grant, exactly as it was sealed, or not at all."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.tenants.parties import (
    DAY_MS,
    GRANTEE,
    HOUSEHOLDS,
    NOW_MS,
    OWNER,
    STRANGER,
    Party,
    grant_of,
)
from zongheng_protos.errors import (
    CredentialExpired,
    GrantExceeded,
    Invalid,
    NotRelated,
    SignatureInvalid,
    ZonghengError,
)
from zongheng_protos.sharing.v1 import statement_pb2 as pb
from zongheng_tenants.act import MAX_SKEW_MS
from zongheng_tenants.envelope import MANIFEST, RECEIPT, seal_envelope
from zongheng_tenants.grant import GrantedField, sign_grant
from zongheng_tenants.keys import Signer
from zongheng_tenants.parcel import (
    RECIPIENT,
    SENDER,
    OpenedParcel,
    SealedParcel,
    manifest_of,
    open_parcel,
    seal_parcel,
    seal_rows,
    sign_receipt,
    verify_manifest,
    verify_receipt,
    write_csv,
)
from zongheng_tenants.sealing import MAX_CHUNKS

GRANT = sign_grant(grant_of(), OWNER.signing)


def sealed(
    grant: bytes = GRANT,
    *,
    recipient: Party = GRANTEE,
    signing: Signer = OWNER.signing,
    now_ms: int = NOW_MS,
) -> SealedParcel:
    return seal_rows(
        rows=HOUSEHOLDS,
        grant=grant,
        sender=OWNER.credential,
        recipient=recipient.credential,
        signing_key=signing,
        now_ms=now_ms,
    )


def opened(
    parcel: SealedParcel, *, grant: bytes = GRANT, by: Party = GRANTEE, sender: Party = OWNER
) -> OpenedParcel:
    return open_parcel(
        manifest=parcel.manifest,
        grant=grant,
        chunks=parcel.chunks,
        sender=sender.credential,
        recipient=by.tenant,
        sealing_key=by.sealing,
    )


PARCEL = sealed()


def altered(change: Callable[[pb.ParcelManifest], object]) -> SealedParcel:
    """The parcel under a manifest that its own sender signed anew."""
    manifest = manifest_of(PARCEL.manifest)
    change(manifest)
    envelope = seal_envelope(MANIFEST, manifest.SerializeToString(), OWNER.signing)
    return replace(PARCEL, manifest=envelope)


def test_the_recipient_reads_the_granted_rows() -> None:
    parcel = opened(PARCEL)
    assert parcel.rows == PARCEL.rows == 2
    assert parcel.records() == [
        {"name": "王**", "village": "东山村", "income": "4200"},
        {"name": "欧**", "village": '引"号,村\n', "income": "5000.00"},
    ]
    assert parcel.rows_csv.startswith(b"name,village,income\r\n")


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(*[st.text(st.characters(exclude_categories=["Cs"]), max_size=9)] * 2), max_size=9
    )
)
def test_any_text_comes_out_as_it_went_in(values: list[tuple[str, str]]) -> None:
    grant = sign_grant(
        grant_of(fields=(GrantedField("a"), GrantedField("b")), rows=()), OWNER.signing
    )
    parcel = seal_rows(
        rows=[{"a": a, "b": b} for a, b in values],
        grant=grant,
        sender=OWNER.credential,
        recipient=GRANTEE.credential,
        signing_key=OWNER.signing,
        now_ms=NOW_MS,
    )
    records = opened(parcel, grant=grant).records()
    assert [(record["a"], record["b"]) for record in records] == values


def test_nothing_readable_is_in_what_the_hub_relays() -> None:
    relayed = b"".join((PARCEL.manifest, PARCEL.receipt, *PARCEL.chunks))
    for marker in ("王", "东山村", "4200", "village,"):
        assert marker.encode() not in relayed


def test_a_parcel_is_never_sealed_beyond_its_grant() -> None:
    with pytest.raises(NotRelated):
        sealed(recipient=STRANGER)
    with pytest.raises(GrantExceeded, match="expired"):
        sealed(now_ms=NOW_MS + 2 * DAY_MS)
    late = sign_grant(grant_of(expires_ms=NOW_MS + 900 * DAY_MS), OWNER.signing)
    with pytest.raises(CredentialExpired):
        sealed(late, now_ms=NOW_MS + 500 * DAY_MS)
    with pytest.raises(SignatureInvalid):
        sealed(signing=STRANGER.signing)
    for wrong, error in (
        (b"name,phone\r\n", GrantExceeded),
        (b"name,village,income\r\na,b\r\n", Invalid),
    ):
        with pytest.raises(error):
            seal_parcel(
                rows_csv=wrong,
                rows=1,
                grant=GRANT,
                sender=OWNER.credential,
                recipient=GRANTEE.credential,
                signing_key=OWNER.signing,
                now_ms=NOW_MS,
            )


def test_a_stranger_opens_nothing() -> None:
    with pytest.raises(NotRelated):
        opened(PARCEL, by=STRANGER)
    thief = replace(STRANGER, tenant=GRANTEE.tenant)
    with pytest.raises(Invalid, match="sealed to"):
        opened(PARCEL, by=thief)


def test_a_manifest_by_another_sender_is_refused() -> None:
    with pytest.raises(SignatureInvalid):
        opened(PARCEL, sender=STRANGER)
    with pytest.raises(SignatureInvalid):
        forged = seal_envelope(
            MANIFEST, manifest_of(PARCEL.manifest).SerializeToString(), STRANGER.signing
        )
        opened(replace(PARCEL, manifest=forged))


def test_a_parcel_of_another_grant_is_refused() -> None:
    other = sign_grant(grant_of(), OWNER.signing)
    with pytest.raises(Invalid, match="another grant"):
        opened(PARCEL, grant=other)
    with pytest.raises(Invalid, match="another grant"):
        opened(sealed(other))


def test_chunks_of_another_parcel_are_refused_even_when_signed_for() -> None:
    other = sealed()
    with pytest.raises(Invalid):
        opened(replace(PARCEL, chunks=other.chunks))
    spliced = altered(
        lambda manifest: manifest.chunk_sha256.__setitem__(
            0, manifest_of(other.manifest).chunk_sha256[0]
        )
    )
    with pytest.raises(Invalid, match="does not open"):
        opened(replace(spliced, chunks=other.chunks))


def test_a_truncated_parcel_is_refused() -> None:
    with pytest.raises(Invalid, match="0 came, 1 were sent"):
        opened(replace(PARCEL, chunks=()))
    with pytest.raises(Invalid):
        opened(replace(PARCEL, chunks=PARCEL.chunks * 2))


@pytest.mark.parametrize(
    "change",
    [
        lambda m: setattr(m, "recipient", STRANGER.tenant),
        lambda m: setattr(m, "sender", STRANGER.tenant),
        lambda m: setattr(m, "parcel_id", "p_00000000000000000000"),
        lambda m: setattr(m, "grant_id", "g_other"),
        lambda m: setattr(m, "grant_sha256", bytes(32)),
        lambda m: setattr(m, "rows", 3),
        lambda m: setattr(m, "wrapped_key", bytes(80)),
        lambda m: setattr(m, "wrapped_key", b""),
        lambda m: setattr(m, "sealing_key_id", "k_other"),
        lambda m: setattr(m, "plaintext_commitment", bytes(32)),
        lambda m: setattr(m, "time_ms", NOW_MS + 2 * DAY_MS),
        lambda m: m.ClearField("chunk_sha256"),
        lambda m: m.chunk_sha256.append(b"short"),
    ],
)
def test_even_the_senders_own_signature_does_not_cover_a_lie(
    change: Callable[[pb.ParcelManifest], object],
) -> None:
    with pytest.raises(ZonghengError):
        opened(altered(change))


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def test_every_flipped_bit_of_a_small_parcel_is_noticed() -> None:
    (chunk,) = PARCEL.chunks
    for bit in range(len(chunk) * 8):
        with pytest.raises(ZonghengError):
            opened(replace(PARCEL, chunks=(flipped(chunk, bit),)))
    for bit in range(len(PARCEL.manifest) * 8):
        with pytest.raises(ZonghengError):
            opened(replace(PARCEL, manifest=flipped(PARCEL.manifest, bit)))
    for bit in range(len(GRANT) * 8):
        with pytest.raises(ZonghengError):
            opened(PARCEL, grant=flipped(GRANT, bit))


def test_both_sides_receipts_stand_to_the_manifest() -> None:
    theirs = opened(PARCEL).sign_receipt(GRANTEE.signing, now_ms=NOW_MS + 5)
    sender = verify_receipt(
        PARCEL.receipt, manifest=PARCEL.manifest, role=SENDER, signer=OWNER.credential
    )
    recipient = verify_receipt(
        theirs, manifest=PARCEL.manifest, role=RECIPIENT, signer=GRANTEE.credential
    )
    assert (sender.rows, recipient.rows) == (2, 2)
    assert (sender.tenant, recipient.tenant) == (OWNER.tenant, GRANTEE.tenant)


@pytest.mark.parametrize(
    ("role", "tenant", "signer", "manifest", "now_ms"),
    [
        (SENDER, GRANTEE.tenant, GRANTEE, PARCEL.manifest, NOW_MS),
        (RECIPIENT, OWNER.tenant, GRANTEE, PARCEL.manifest, NOW_MS),
        (RECIPIENT, GRANTEE.tenant, OWNER, PARCEL.manifest, NOW_MS),
        (RECIPIENT, STRANGER.tenant, STRANGER, PARCEL.manifest, NOW_MS),
        (RECIPIENT, GRANTEE.tenant, GRANTEE, sealed().manifest, NOW_MS),
        (RECIPIENT, GRANTEE.tenant, GRANTEE, PARCEL.manifest, NOW_MS - DAY_MS),
    ],
    ids=["role", "tenant", "key", "stranger", "parcel", "before the parcel"],
)
def test_a_receipt_for_anything_else_is_refused(
    role: int, tenant: str, signer: Party, manifest: bytes, now_ms: int
) -> None:
    receipt = sign_receipt(
        manifest=manifest, role=role, tenant=tenant, key=signer.signing, now_ms=now_ms
    )
    for credential in (GRANTEE.credential, signer.credential):
        with pytest.raises((Invalid, SignatureInvalid)):
            verify_receipt(receipt, manifest=PARCEL.manifest, role=RECIPIENT, signer=credential)


def test_every_flipped_bit_of_a_receipt_is_noticed() -> None:
    for bit in range(len(PARCEL.receipt) * 8):
        with pytest.raises(ZonghengError):
            verify_receipt(
                flipped(PARCEL.receipt, bit),
                manifest=PARCEL.manifest,
                role=SENDER,
                signer=OWNER.credential,
            )


@given(st.binary(max_size=200))
def test_random_bytes_are_refused_by_name(noise: bytes) -> None:
    for envelope in (noise, seal_envelope(MANIFEST, noise, OWNER.signing)):
        with pytest.raises(ZonghengError):
            verify_manifest(envelope, grant=GRANT, sender=OWNER.credential)
    for envelope in (noise, seal_envelope(RECEIPT, noise, OWNER.signing)):
        with pytest.raises(ZonghengError):
            verify_receipt(envelope, manifest=PARCEL.manifest, role=SENDER, signer=OWNER.credential)


def test_the_rows_are_csv_that_others_read() -> None:
    rows = [['引"号', "a,b"], ["", "c\r\nd"]]
    content, count = write_csv(["x", "y"], rows)
    assert count == 2
    assert list(csv.reader(io.StringIO(content.decode(), newline=""))) == [["x", "y"], *rows]
    assert content.count(b"\r\n") == 4


def test_text_that_is_no_unicode_is_refused() -> None:
    with pytest.raises(Invalid):
        write_csv(["x"], [["\ud800"]])


def test_a_receipt_may_be_dated_ten_minutes_before_its_parcel_and_no_more() -> None:
    def dated(time_ms: int) -> pb.ParcelReceipt:
        receipt = sign_receipt(
            manifest=PARCEL.manifest,
            role=RECIPIENT,
            tenant=GRANTEE.tenant,
            key=GRANTEE.signing,
            now_ms=time_ms,
        )
        return verify_receipt(
            receipt, manifest=PARCEL.manifest, role=RECIPIENT, signer=GRANTEE.credential
        )

    earliest = NOW_MS - 2 * MAX_SKEW_MS
    assert dated(earliest).time_ms == earliest
    with pytest.raises(Invalid, match="older than the parcel"):
        dated(earliest - 1)


def listing(digests: list[bytes]) -> bytes:
    """The parcel's manifest, with other chunk hashes."""

    def change(manifest: pb.ParcelManifest) -> None:
        del manifest.chunk_sha256[:]
        manifest.chunk_sha256.extend(digests)

    return altered(change).manifest


@pytest.mark.parametrize("digests", [[], [b"short"], [bytes(32), bytes(31)], [bytes(33)]])
def test_a_manifest_without_usable_hashes_is_named(digests: list[bytes]) -> None:
    with pytest.raises(Invalid, match="lists no usable chunk hashes"):
        manifest_of(listing(digests))


def test_a_manifest_lists_as_many_chunks_as_a_parcel_may_have_and_no_more() -> None:
    assert len(manifest_of(listing([bytes(32)] * MAX_CHUNKS)).chunk_sha256) == MAX_CHUNKS
    with pytest.raises(Invalid, match="lists no usable chunk hashes"):
        manifest_of(listing([bytes(32)] * (MAX_CHUNKS + 1)))


@pytest.mark.parametrize("content", [b"name,village,income\r\n\xff,b,c\r\n", b'name,"vil'])
def test_content_that_is_no_csv_is_never_sealed(content: bytes) -> None:
    with pytest.raises(Invalid, match="no CSV in UTF-8"):
        seal_parcel(
            rows_csv=content,
            rows=1,
            grant=GRANT,
            sender=OWNER.credential,
            recipient=GRANTEE.credential,
            signing_key=OWNER.signing,
            now_ms=NOW_MS,
        )

"""Parcels of several chunks, parcels of nothing, and manifests that lie in one thing only."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.tenants.parties import GRANTEE, NOW_MS, OWNER, STRANGER, grant_of
from tests.unit.tenants.test_parcel import GRANT, PARCEL, altered, opened
from zongheng_protos.errors import (
    CredentialExpired,
    GrantExceeded,
    Invalid,
    NotRelated,
    SignatureInvalid,
)
from zongheng_protos.sharing.v1 import statement_pb2 as pb
from zongheng_tenants.envelope import MANIFEST, RECEIPT, seal_envelope
from zongheng_tenants.grant import Condition, GrantedField, sign_grant
from zongheng_tenants.log_key import newest_log_key, sign_succession
from zongheng_tenants.parcel import (
    RECIPIENT,
    SENDER,
    SealedParcel,
    manifest_of,
    seal_parcel,
    seal_rows,
    sign_receipt,
    verify_manifest,
    verify_receipt,
    write_csv,
)
from zongheng_tenants.sealing import CHUNK_BYTES

WIDE = sign_grant(grant_of(fields=(GrantedField("a"), GrantedField("b")), rows=()), OWNER.signing)


def parcel_of(rows_csv: bytes, rows: int, grant: bytes = WIDE) -> SealedParcel:
    return seal_parcel(
        rows_csv=rows_csv, rows=rows, grant=grant, sender=OWNER.credential,
        recipient=GRANTEE.credential, signing_key=OWNER.signing, now_ms=NOW_MS,
    )  # fmt: skip


def test_a_parcel_of_several_chunks_opens_as_it_was() -> None:
    content, count = write_csv(["a", "b"], [("x" * 1000, f"{n}") for n in range(2500)])
    parcel = parcel_of(content, count)
    assert len(parcel.chunks) == -(-len(content) // CHUNK_BYTES) == 3
    read = opened(parcel, grant=WIDE)
    assert read.rows_csv == content
    assert (read.rows, read.parcel_id, read.manifest) == (
        2500, parcel.parcel_id, parcel.manifest,
    )  # fmt: skip
    assert read.grant.columns == ("a", "b")
    with pytest.raises(Invalid, match="2 came, 3 were sent"):
        opened(replace(parcel, chunks=parcel.chunks[:2]), grant=WIDE)


def test_a_parcel_without_rows_has_its_heading() -> None:
    parcel = parcel_of(b"a,b\r\n", 0)
    assert opened(parcel, grant=WIDE).records() == []
    for content, rows in ((b"", 0), (b"a,b\r\n", 1), (b"a,b\r\n1,2\r\n", 0)):
        with pytest.raises((Invalid, GrantExceeded)):
            parcel_of(content, rows)
    with pytest.raises(Invalid, match="holds 2 rows, not 2, or a row lacks a column"):
        parcel_of(b"a,b\r\n1,2\r\n3\r\n", 2)


def test_a_manifest_says_what_was_sealed() -> None:
    made = manifest_of(PARCEL.manifest)
    assert (made.parcel_id, made.sender, made.recipient) == (
        PARCEL.parcel_id, OWNER.tenant, GRANTEE.tenant,
    )  # fmt: skip
    assert (made.rows, made.time_ms, made.sealing_key_id) == (2, NOW_MS, GRANTEE.sealing.id)
    assert (PARCEL.parcel_id[:2], len(made.chunk_sha256)) == ("p_", 1)
    assert verify_manifest(PARCEL.manifest, grant=GRANT, sender=OWNER.credential) == made


@pytest.mark.parametrize(("part", "value"), [("grant_id", "g_other"), ("grant_sha256", bytes(32))])
def test_a_manifest_names_its_grant_by_id_and_by_hash(part: str, value: object) -> None:
    lie = altered(lambda manifest: setattr(manifest, part, value))
    with pytest.raises(Invalid, match="was sealed under another grant"):
        verify_manifest(lie.manifest, grant=GRANT, sender=OWNER.credential)


def test_a_manifest_names_both_parties_of_its_grant() -> None:
    lie = altered(lambda manifest: setattr(manifest, "sender", STRANGER.tenant))
    with pytest.raises(NotRelated, match="names t_stranger as its sender"):
        verify_manifest(lie.manifest, grant=GRANT, sender=OWNER.credential)
    lie = altered(lambda manifest: setattr(manifest, "recipient", STRANGER.tenant))
    with pytest.raises(NotRelated, match="given to t_grantee, not to t_stranger"):
        verify_manifest(lie.manifest, grant=GRANT, sender=OWNER.credential)


def test_a_grant_whose_dates_are_over_covers_no_manifest_and_no_new_parcel() -> None:
    short = sign_grant(grant_of(expires_ms=NOW_MS + 1), OWNER.signing)
    parcel_of(b"name,village,income\r\n", 0, short)
    ended = sign_grant(grant_of(expires_ms=NOW_MS), OWNER.signing)
    with pytest.raises(GrantExceeded, match="has expired"):
        parcel_of(b"name,village,income\r\n", 0, ended)


def test_a_parcel_is_sealed_for_its_grantee_by_its_owner_only() -> None:
    with pytest.raises(NotRelated, match="not to t_stranger"):
        seal_parcel(
            rows_csv=b"a,b\r\n", rows=0, grant=WIDE, sender=OWNER.credential,
            recipient=STRANGER.credential, signing_key=OWNER.signing, now_ms=NOW_MS,
        )  # fmt: skip
    with pytest.raises(SignatureInvalid):
        seal_parcel(
            rows_csv=b"a,b\r\n", rows=0, grant=WIDE, sender=OWNER.credential,
            recipient=GRANTEE.credential, signing_key=OWNER.console, now_ms=NOW_MS,
        )  # fmt: skip


@pytest.mark.parametrize("whose", ["sender", "recipient"])
def test_nobody_seals_under_or_for_a_credential_that_has_expired(whose: str) -> None:
    credentials = {"sender": OWNER.credential, "recipient": GRANTEE.credential}
    credentials[whose] = replace(credentials[whose], expires_ms=NOW_MS)
    with pytest.raises(CredentialExpired, match=credentials[whose].tenant):
        seal_parcel(
            rows_csv=b"a,b\r\n", rows=0, grant=WIDE, signing_key=OWNER.signing, now_ms=NOW_MS,
            **credentials,
        )  # fmt: skip


def test_content_other_than_its_sender_committed_to_is_refused() -> None:
    lie = altered(lambda manifest: setattr(manifest, "plaintext_commitment", bytes(32)))
    with pytest.raises(Invalid, match="is not what its sender signed for"):
        opened(lie)
    lie = altered(lambda manifest: setattr(manifest, "rows", 3))
    with pytest.raises(Invalid, match="holds 2 rows, not 3"):
        opened(lie)


def test_pseudonyms_in_a_parcel_are_made_with_the_owners_key() -> None:
    grant = sign_grant(
        grant_of(
            fields=(GrantedField("name", pb.MASK_PSEUDONYM),),
            rows=(Condition("name", pb.OPERATOR_IN, ("王", "李")),),
        ),
        OWNER.signing,
    )
    parcel = seal_rows(
        rows=[{"name": "王"}, {"name": "赵"}], grant=grant, sender=OWNER.credential,
        recipient=GRANTEE.credential, signing_key=OWNER.signing, now_ms=NOW_MS,
        pseudonym_key=bytes(32),
    )  # fmt: skip
    (row,) = opened(parcel, grant=grant).records()
    assert len(row["name"]) == 64


@pytest.mark.parametrize(
    ("part", "value"),
    [("parcel_id", "p_other"), ("manifest_sha256", bytes(32)), ("rows", 3),
     ("plaintext_commitment", bytes(32))],
)  # fmt: skip
def test_a_receipt_that_differs_from_its_parcel_in_one_thing_is_refused(
    part: str, value: object
) -> None:
    receipt = sign_receipt(
        manifest=PARCEL.manifest, role=RECIPIENT, tenant=GRANTEE.tenant, key=GRANTEE.signing,
        now_ms=NOW_MS,
    )  # fmt: skip
    told = verify_receipt(
        receipt, manifest=PARCEL.manifest, role=RECIPIENT, signer=GRANTEE.credential
    )
    assert (told.role, told.tenant, told.rows) == (RECIPIENT, GRANTEE.tenant, 2)
    setattr(told, part, value)
    lie = seal_envelope(RECEIPT, told.SerializeToString(), GRANTEE.signing)
    with pytest.raises(Invalid, match="is for another parcel than"):
        verify_receipt(lie, manifest=PARCEL.manifest, role=RECIPIENT, signer=GRANTEE.credential)


def test_a_receipt_is_by_the_party_whose_role_it_has() -> None:
    def receipt(role: int, tenant: str) -> bytes:
        return sign_receipt(
            manifest=PARCEL.manifest, role=role, tenant=tenant, key=GRANTEE.signing, now_ms=NOW_MS
        )

    for role, asked, tenant, said in (
        (SENDER, RECIPIENT, GRANTEE.tenant, "signed in another role"),
        (SENDER, SENDER, GRANTEE.tenant, "is not by its party"),
        (RECIPIENT, RECIPIENT, OWNER.tenant, "is not by its party"),
        (SENDER, SENDER, OWNER.tenant, "is not by its party"),
    ):
        with pytest.raises(Invalid, match=said):
            verify_receipt(
                receipt(role, tenant), manifest=PARCEL.manifest, role=asked,
                signer=GRANTEE.credential,
            )  # fmt: skip


@pytest.mark.parametrize("payload", [b"\xff", b"\x0a\xff"])
def test_signed_noise_is_neither_manifest_nor_receipt(payload: bytes) -> None:
    with pytest.raises(Invalid, match="the manifest cannot be read"):
        manifest_of(seal_envelope(MANIFEST, payload, OWNER.signing))
    with pytest.raises(Invalid, match="the receipt cannot be read"):
        verify_receipt(
            seal_envelope(RECEIPT, payload, OWNER.signing), manifest=PARCEL.manifest, role=SENDER,
            signer=OWNER.credential,
        )  # fmt: skip


def test_a_ring_of_log_keys_that_is_entered_from_outside_ends_too() -> None:
    from tests.unit.tenants.parties import PROVINCE
    from zongheng_tenants.credential import fingerprint

    root = PROVINCE.chain[0]
    successions = [
        sign_succession(
            origin="log", old_vkey=f"log+{old}", new_vkey=f"log+{new}", root_key=PROVINCE.signing,
            now_ms=NOW_MS,
        )
        for old, new in ((1, 2), (2, 3), (3, 2))
    ]  # fmt: skip
    found = newest_log_key("log+1", successions, root=root, root_fingerprint=fingerprint(root))
    assert found == "log+3"

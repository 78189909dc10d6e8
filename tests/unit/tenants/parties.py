"""A province and counties below it that hold keys and credentials, made without a hub."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from zongheng_protos.sharing.v1 import statement_pb2 as pb
from zongheng_protos.tenancy.v1 import credential_pb2
from zongheng_tenants.credential import (
    RIGHTS,
    Credential,
    fingerprint,
    issue_credential,
    verify_chain,
)
from zongheng_tenants.grant import Condition, Grant, GrantedField, make_grant
from zongheng_tenants.keys import HeldOpener, HeldSigner
from zongheng_tenants.suites import INTL_1, suite_of

NOW_MS = 1_800_000_000_000
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Party:
    """A unit with its keys; console is the key that the hub holds for it."""

    tenant: str
    signing: HeldSigner
    sealing: HeldOpener
    console: HeldSigner
    chain: tuple[bytes, ...]

    @property
    def credential(self) -> Credential:
        return verify_chain(self.chain, root_fingerprint=fingerprint(self.chain[0]), at_ms=None)


def make_party(
    tenant: str,
    above: Party | None = None,
    *,
    rights: frozenset[int] = RIGHTS,
    suite: int = INTL_1,
) -> Party:
    """A unit credentialed by the one above; without one, a root."""
    kind = suite_of(suite)
    signing, sealing, console = kind.new_signing(), kind.new_sealing(), kind.new_signing()
    envelope = issue_credential(
        subject=tenant,
        name=tenant.removeprefix("t_"),
        code="",
        keys=[
            (credential_pb2.KEY_USE_SIGNING, signing.public),
            (credential_pb2.KEY_USE_SEALING, sealing.public),
            (credential_pb2.KEY_USE_CONSOLE, console.public),
        ],
        rights=rights,
        depth=4 if above is None else above.credential.depth - 1,
        not_before_ms=NOW_MS - DAY_MS,
        expires_ms=NOW_MS + 400 * DAY_MS,
        issuer=above.tenant if above else tenant,
        issuer_key=above.signing if above else signing,
        issuer_envelope=above.chain[-1] if above else b"",
        suite=suite,
    )
    chain = (*above.chain, envelope) if above else (envelope,)
    return Party(tenant, signing, sealing, console, chain)


PROVINCE = make_party("t_province")
OWNER = make_party("t_owner", PROVINCE)
GRANTEE = make_party("t_grantee", PROVINCE)
STRANGER = make_party("t_stranger", PROVINCE)


def grant_of(
    *,
    fields: tuple[GrantedField, ...] = (
        GrantedField("name", pb.MASK_NAME),
        GrantedField("village"),
        GrantedField("income"),
    ),
    rows: tuple[Condition, ...] = (Condition("income", pb.OPERATOR_AT_MOST, ("5000",)),),
    not_before_ms: int = NOW_MS - DAY_MS,
    expires_ms: int = NOW_MS + DAY_MS,
    max_uses: int = 2,
    owner: str = OWNER.tenant,
    grantee: str = GRANTEE.tenant,
    purpose: str = "低保复核",
    request_id: str = "q_request",
) -> Grant:
    return make_grant(
        request_id=request_id,
        dataset_id="d_households",
        owner=owner,
        grantee=grantee,
        purpose=purpose,
        fields=fields,
        rows=rows,
        not_before_ms=not_before_ms,
        expires_ms=expires_ms,
        max_uses=max_uses,
    )


HOUSEHOLDS = [
    {"name": "王小明", "village": "东山村", "income": "4200", "phone": "13800001234"},
    {"name": "李雷", "village": "西沟村", "income": "9000", "phone": "13900005678"},
    {"name": "欧阳修", "village": '引"号,村\n', "income": "5000.00", "phone": ""},
]


def make_csr() -> bytes:
    """A request for a channel certificate, signed with its own key."""
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    key = ec.generate_private_key(ec.SECP256R1())
    return request.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)

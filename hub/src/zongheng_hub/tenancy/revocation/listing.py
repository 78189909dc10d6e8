"""A unit's credentials, keys and channel certificates, and how each stands; as wire messages."""

from __future__ import annotations

from sqlalchemy import Connection

from zongheng_hub.tenancy import service
from zongheng_hub.tenancy.revocation import reading
from zongheng_hub.tenancy.tables import CredentialState
from zongheng_protos.tenancy.v1 import credential_pb2
from zongheng_protos.tenancy.v1 import revocation_pb2 as pb
from zongheng_tenants.envelope import CREDENTIAL, read_envelope
from zongheng_tenants.revocation import as_message

_STANDING = {
    CredentialState.ACTIVE: pb.CREDENTIAL_STANDING_ACTIVE,
    CredentialState.SUPERSEDED: pb.CREDENTIAL_STANDING_SUPERSEDED,
    CredentialState.REVOKED: pb.CREDENTIAL_STANDING_REVOKED,
}


def list_credentials(
    connection: Connection, tenant_id: str, now_ms: int
) -> pb.ListCredentialsReply:
    """Everything by which a unit calls, newest first."""
    reply = pb.ListCredentialsReply()
    for stored in service.credentials_of(connection, tenant_id):
        reply.credentials.append(_record(connection, stored, now_ms))
    certificates = reading.channel_certificates(connection, tenant_id, now_ms)
    kind = pb.REVOKED_KIND_CHANNEL
    ended = reading.revoked(connection, kind, [one.serial for one in certificates])
    for one in certificates:
        reply.channels.add(
            serial=one.serial,
            issued_ms=one.issued_ms,
            expires_ms=one.expires_ms,
            revoked=as_message(ended[one.serial]) if one.serial in ended else None,
        )
    return reply


def _record(
    connection: Connection, stored: service.StoredCredential, now_ms: int
) -> pb.CredentialRecord:
    links = service.links_of(connection, stored.id)
    kind = pb.REVOKED_KIND_CREDENTIAL
    ended = reading.revoked(connection, kind, [link.credential_id for link in links])
    standing = _STANDING[stored.state]
    if ended:
        standing = pb.CREDENTIAL_STANDING_REVOKED
    elif now_ms >= stored.expires_ms:
        standing = pb.CREDENTIAL_STANDING_EXPIRED
    record = pb.CredentialRecord(
        id=stored.id,
        tenant_id=stored.tenant,
        standing=standing,
        issued_ms=stored.issued_ms,
        expires_ms=stored.expires_ms,
        log_index=stored.log_index,
    )
    if ended:
        record.revoked.CopyFrom(as_message(min(ended.values(), key=lambda one: one.at_ms)))
    payload = read_envelope(links[-1].envelope, CREDENTIAL).payload
    keys = credential_pb2.Credential.FromString(payload).keys
    gone = reading.revoked(connection, pb.REVOKED_KIND_KEY, [key.key_id for key in keys])
    for key in keys:
        record.keys.add(
            key_id=key.key_id,
            use=key.use,
            revoked=as_message(gone[key.key_id]) if key.key_id in gone else None,
        )
    return record

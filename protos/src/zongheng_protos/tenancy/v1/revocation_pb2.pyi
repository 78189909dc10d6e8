from buf.validate import validate_pb2 as _validate_pb2
from zongheng_protos.options.v1 import options_pb2 as _options_pb2
from zongheng_protos.tenancy.v1 import credential_pb2 as _credential_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RevokedKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REVOKED_KIND_UNSPECIFIED: _ClassVar[RevokedKind]
    REVOKED_KIND_CREDENTIAL: _ClassVar[RevokedKind]
    REVOKED_KIND_KEY: _ClassVar[RevokedKind]
    REVOKED_KIND_CHANNEL: _ClassVar[RevokedKind]
    REVOKED_KIND_GRANT: _ClassVar[RevokedKind]

class RevocationReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REVOCATION_REASON_UNSPECIFIED: _ClassVar[RevocationReason]
    REVOCATION_REASON_SUPERSEDED: _ClassVar[RevocationReason]
    REVOCATION_REASON_LOST: _ClassVar[RevocationReason]
    REVOCATION_REASON_COMPROMISED: _ClassVar[RevocationReason]
    REVOCATION_REASON_CLOSED: _ClassVar[RevocationReason]
    REVOCATION_REASON_POLICY: _ClassVar[RevocationReason]

class CredentialStanding(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CREDENTIAL_STANDING_UNSPECIFIED: _ClassVar[CredentialStanding]
    CREDENTIAL_STANDING_ACTIVE: _ClassVar[CredentialStanding]
    CREDENTIAL_STANDING_SUPERSEDED: _ClassVar[CredentialStanding]
    CREDENTIAL_STANDING_REVOKED: _ClassVar[CredentialStanding]
    CREDENTIAL_STANDING_EXPIRED: _ClassVar[CredentialStanding]
REVOKED_KIND_UNSPECIFIED: RevokedKind
REVOKED_KIND_CREDENTIAL: RevokedKind
REVOKED_KIND_KEY: RevokedKind
REVOKED_KIND_CHANNEL: RevokedKind
REVOKED_KIND_GRANT: RevokedKind
REVOCATION_REASON_UNSPECIFIED: RevocationReason
REVOCATION_REASON_SUPERSEDED: RevocationReason
REVOCATION_REASON_LOST: RevocationReason
REVOCATION_REASON_COMPROMISED: RevocationReason
REVOCATION_REASON_CLOSED: RevocationReason
REVOCATION_REASON_POLICY: RevocationReason
CREDENTIAL_STANDING_UNSPECIFIED: CredentialStanding
CREDENTIAL_STANDING_ACTIVE: CredentialStanding
CREDENTIAL_STANDING_SUPERSEDED: CredentialStanding
CREDENTIAL_STANDING_REVOKED: CredentialStanding
CREDENTIAL_STANDING_EXPIRED: CredentialStanding

class Revoked(_message.Message):
    __slots__ = ("kind", "id", "reason", "at_ms", "log_index", "tenant_id")
    KIND_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    AT_MS_FIELD_NUMBER: _ClassVar[int]
    LOG_INDEX_FIELD_NUMBER: _ClassVar[int]
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    kind: RevokedKind
    id: str
    reason: RevocationReason
    at_ms: int
    log_index: int
    tenant_id: str
    def __init__(self, kind: _Optional[_Union[RevokedKind, str]] = ..., id: _Optional[str] = ..., reason: _Optional[_Union[RevocationReason, str]] = ..., at_ms: _Optional[int] = ..., log_index: _Optional[int] = ..., tenant_id: _Optional[str] = ...) -> None: ...

class RevocationSnapshot(_message.Message):
    __slots__ = ("number", "hub_id", "issued_ms", "next_ms", "previous_sha256", "revoked")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    HUB_ID_FIELD_NUMBER: _ClassVar[int]
    ISSUED_MS_FIELD_NUMBER: _ClassVar[int]
    NEXT_MS_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_SHA256_FIELD_NUMBER: _ClassVar[int]
    REVOKED_FIELD_NUMBER: _ClassVar[int]
    number: int
    hub_id: str
    issued_ms: int
    next_ms: int
    previous_sha256: bytes
    revoked: _containers.RepeatedCompositeFieldContainer[Revoked]
    def __init__(self, number: _Optional[int] = ..., hub_id: _Optional[str] = ..., issued_ms: _Optional[int] = ..., next_ms: _Optional[int] = ..., previous_sha256: _Optional[bytes] = ..., revoked: _Optional[_Iterable[_Union[Revoked, _Mapping]]] = ...) -> None: ...

class RevokeCredentialRequest(_message.Message):
    __slots__ = ("credential_id", "reason")
    CREDENTIAL_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    credential_id: str
    reason: RevocationReason
    def __init__(self, credential_id: _Optional[str] = ..., reason: _Optional[_Union[RevocationReason, str]] = ...) -> None: ...

class RevokeKeyRequest(_message.Message):
    __slots__ = ("key_id", "reason")
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    key_id: str
    reason: RevocationReason
    def __init__(self, key_id: _Optional[str] = ..., reason: _Optional[_Union[RevocationReason, str]] = ...) -> None: ...

class RevokeChannelRequest(_message.Message):
    __slots__ = ("serial", "reason")
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    serial: str
    reason: RevocationReason
    def __init__(self, serial: _Optional[str] = ..., reason: _Optional[_Union[RevocationReason, str]] = ...) -> None: ...

class RevokeGrantRequest(_message.Message):
    __slots__ = ("grant_id", "reason")
    GRANT_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    grant_id: str
    reason: RevocationReason
    def __init__(self, grant_id: _Optional[str] = ..., reason: _Optional[_Union[RevocationReason, str]] = ...) -> None: ...

class RevokeReply(_message.Message):
    __slots__ = ("revoked", "number")
    REVOKED_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    revoked: _containers.RepeatedCompositeFieldContainer[Revoked]
    number: int
    def __init__(self, revoked: _Optional[_Iterable[_Union[Revoked, _Mapping]]] = ..., number: _Optional[int] = ...) -> None: ...

class PreviewRevocationRequest(_message.Message):
    __slots__ = ("credential_id",)
    CREDENTIAL_ID_FIELD_NUMBER: _ClassVar[int]
    credential_id: str
    def __init__(self, credential_id: _Optional[str] = ...) -> None: ...

class PreviewRevocationReply(_message.Message):
    __slots__ = ("tenant_id", "units_below", "streams")
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    UNITS_BELOW_FIELD_NUMBER: _ClassVar[int]
    STREAMS_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    units_below: int
    streams: int
    def __init__(self, tenant_id: _Optional[str] = ..., units_below: _Optional[int] = ..., streams: _Optional[int] = ...) -> None: ...

class KeyRecord(_message.Message):
    __slots__ = ("key_id", "use", "revoked")
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    USE_FIELD_NUMBER: _ClassVar[int]
    REVOKED_FIELD_NUMBER: _ClassVar[int]
    key_id: str
    use: _credential_pb2.KeyUse
    revoked: Revoked
    def __init__(self, key_id: _Optional[str] = ..., use: _Optional[_Union[_credential_pb2.KeyUse, str]] = ..., revoked: _Optional[_Union[Revoked, _Mapping]] = ...) -> None: ...

class CredentialRecord(_message.Message):
    __slots__ = ("id", "tenant_id", "standing", "issued_ms", "expires_ms", "log_index", "keys", "revoked")
    ID_FIELD_NUMBER: _ClassVar[int]
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    STANDING_FIELD_NUMBER: _ClassVar[int]
    ISSUED_MS_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_MS_FIELD_NUMBER: _ClassVar[int]
    LOG_INDEX_FIELD_NUMBER: _ClassVar[int]
    KEYS_FIELD_NUMBER: _ClassVar[int]
    REVOKED_FIELD_NUMBER: _ClassVar[int]
    id: str
    tenant_id: str
    standing: CredentialStanding
    issued_ms: int
    expires_ms: int
    log_index: int
    keys: _containers.RepeatedCompositeFieldContainer[KeyRecord]
    revoked: Revoked
    def __init__(self, id: _Optional[str] = ..., tenant_id: _Optional[str] = ..., standing: _Optional[_Union[CredentialStanding, str]] = ..., issued_ms: _Optional[int] = ..., expires_ms: _Optional[int] = ..., log_index: _Optional[int] = ..., keys: _Optional[_Iterable[_Union[KeyRecord, _Mapping]]] = ..., revoked: _Optional[_Union[Revoked, _Mapping]] = ...) -> None: ...

class ChannelRecord(_message.Message):
    __slots__ = ("serial", "issued_ms", "expires_ms", "revoked")
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    ISSUED_MS_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_MS_FIELD_NUMBER: _ClassVar[int]
    REVOKED_FIELD_NUMBER: _ClassVar[int]
    serial: str
    issued_ms: int
    expires_ms: int
    revoked: Revoked
    def __init__(self, serial: _Optional[str] = ..., issued_ms: _Optional[int] = ..., expires_ms: _Optional[int] = ..., revoked: _Optional[_Union[Revoked, _Mapping]] = ...) -> None: ...

class ListCredentialsRequest(_message.Message):
    __slots__ = ("tenant_id",)
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    def __init__(self, tenant_id: _Optional[str] = ...) -> None: ...

class ListCredentialsReply(_message.Message):
    __slots__ = ("credentials", "channels")
    CREDENTIALS_FIELD_NUMBER: _ClassVar[int]
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    credentials: _containers.RepeatedCompositeFieldContainer[CredentialRecord]
    channels: _containers.RepeatedCompositeFieldContainer[ChannelRecord]
    def __init__(self, credentials: _Optional[_Iterable[_Union[CredentialRecord, _Mapping]]] = ..., channels: _Optional[_Iterable[_Union[ChannelRecord, _Mapping]]] = ...) -> None: ...

class GetRevocationsRequest(_message.Message):
    __slots__ = ("since",)
    SINCE_FIELD_NUMBER: _ClassVar[int]
    since: int
    def __init__(self, since: _Optional[int] = ...) -> None: ...

class GetRevocationsReply(_message.Message):
    __slots__ = ("snapshots",)
    SNAPSHOTS_FIELD_NUMBER: _ClassVar[int]
    snapshots: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, snapshots: _Optional[_Iterable[bytes]] = ...) -> None: ...

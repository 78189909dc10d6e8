from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Mask(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MASK_UNSPECIFIED: _ClassVar[Mask]
    MASK_NONE: _ClassVar[Mask]
    MASK_NAME: _ClassVar[Mask]
    MASK_LAST_FOUR: _ClassVar[Mask]
    MASK_PSEUDONYM: _ClassVar[Mask]

class Operator(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OPERATOR_UNSPECIFIED: _ClassVar[Operator]
    OPERATOR_EQUALS: _ClassVar[Operator]
    OPERATOR_IN: _ClassVar[Operator]
    OPERATOR_AT_LEAST: _ClassVar[Operator]
    OPERATOR_AT_MOST: _ClassVar[Operator]

class ReceiptRole(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RECEIPT_ROLE_UNSPECIFIED: _ClassVar[ReceiptRole]
    RECEIPT_ROLE_SENDER: _ClassVar[ReceiptRole]
    RECEIPT_ROLE_RECIPIENT: _ClassVar[ReceiptRole]
MASK_UNSPECIFIED: Mask
MASK_NONE: Mask
MASK_NAME: Mask
MASK_LAST_FOUR: Mask
MASK_PSEUDONYM: Mask
OPERATOR_UNSPECIFIED: Operator
OPERATOR_EQUALS: Operator
OPERATOR_IN: Operator
OPERATOR_AT_LEAST: Operator
OPERATOR_AT_MOST: Operator
RECEIPT_ROLE_UNSPECIFIED: ReceiptRole
RECEIPT_ROLE_SENDER: ReceiptRole
RECEIPT_ROLE_RECIPIENT: ReceiptRole

class GrantedField(_message.Message):
    __slots__ = ("name", "mask")
    NAME_FIELD_NUMBER: _ClassVar[int]
    MASK_FIELD_NUMBER: _ClassVar[int]
    name: str
    mask: Mask
    def __init__(self, name: _Optional[str] = ..., mask: _Optional[_Union[Mask, str]] = ...) -> None: ...

class Condition(_message.Message):
    __slots__ = ("field", "operator", "values")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    field: str
    operator: Operator
    values: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, field: _Optional[str] = ..., operator: _Optional[_Union[Operator, str]] = ..., values: _Optional[_Iterable[str]] = ...) -> None: ...

class Grant(_message.Message):
    __slots__ = ("id", "request_id", "dataset_id", "owner", "grantee", "purpose", "legal_basis", "fields", "rows", "not_before_ms", "expires_ms", "max_uses")
    ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    DATASET_ID_FIELD_NUMBER: _ClassVar[int]
    OWNER_FIELD_NUMBER: _ClassVar[int]
    GRANTEE_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    LEGAL_BASIS_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    NOT_BEFORE_MS_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_MS_FIELD_NUMBER: _ClassVar[int]
    MAX_USES_FIELD_NUMBER: _ClassVar[int]
    id: str
    request_id: str
    dataset_id: str
    owner: str
    grantee: str
    purpose: str
    legal_basis: str
    fields: _containers.RepeatedCompositeFieldContainer[GrantedField]
    rows: _containers.RepeatedCompositeFieldContainer[Condition]
    not_before_ms: int
    expires_ms: int
    max_uses: int
    def __init__(self, id: _Optional[str] = ..., request_id: _Optional[str] = ..., dataset_id: _Optional[str] = ..., owner: _Optional[str] = ..., grantee: _Optional[str] = ..., purpose: _Optional[str] = ..., legal_basis: _Optional[str] = ..., fields: _Optional[_Iterable[_Union[GrantedField, _Mapping]]] = ..., rows: _Optional[_Iterable[_Union[Condition, _Mapping]]] = ..., not_before_ms: _Optional[int] = ..., expires_ms: _Optional[int] = ..., max_uses: _Optional[int] = ...) -> None: ...

class ParcelManifest(_message.Message):
    __slots__ = ("parcel_id", "grant_id", "grant_sha256", "sender", "recipient", "rows", "wrapped_key", "sealing_key_id", "chunk_sha256", "plaintext_commitment", "time_ms")
    PARCEL_ID_FIELD_NUMBER: _ClassVar[int]
    GRANT_ID_FIELD_NUMBER: _ClassVar[int]
    GRANT_SHA256_FIELD_NUMBER: _ClassVar[int]
    SENDER_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    WRAPPED_KEY_FIELD_NUMBER: _ClassVar[int]
    SEALING_KEY_ID_FIELD_NUMBER: _ClassVar[int]
    CHUNK_SHA256_FIELD_NUMBER: _ClassVar[int]
    PLAINTEXT_COMMITMENT_FIELD_NUMBER: _ClassVar[int]
    TIME_MS_FIELD_NUMBER: _ClassVar[int]
    parcel_id: str
    grant_id: str
    grant_sha256: bytes
    sender: str
    recipient: str
    rows: int
    wrapped_key: bytes
    sealing_key_id: str
    chunk_sha256: _containers.RepeatedScalarFieldContainer[bytes]
    plaintext_commitment: bytes
    time_ms: int
    def __init__(self, parcel_id: _Optional[str] = ..., grant_id: _Optional[str] = ..., grant_sha256: _Optional[bytes] = ..., sender: _Optional[str] = ..., recipient: _Optional[str] = ..., rows: _Optional[int] = ..., wrapped_key: _Optional[bytes] = ..., sealing_key_id: _Optional[str] = ..., chunk_sha256: _Optional[_Iterable[bytes]] = ..., plaintext_commitment: _Optional[bytes] = ..., time_ms: _Optional[int] = ...) -> None: ...

class ParcelReceipt(_message.Message):
    __slots__ = ("parcel_id", "manifest_sha256", "role", "tenant", "rows", "plaintext_commitment", "time_ms")
    PARCEL_ID_FIELD_NUMBER: _ClassVar[int]
    MANIFEST_SHA256_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    TENANT_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    PLAINTEXT_COMMITMENT_FIELD_NUMBER: _ClassVar[int]
    TIME_MS_FIELD_NUMBER: _ClassVar[int]
    parcel_id: str
    manifest_sha256: bytes
    role: ReceiptRole
    tenant: str
    rows: int
    plaintext_commitment: bytes
    time_ms: int
    def __init__(self, parcel_id: _Optional[str] = ..., manifest_sha256: _Optional[bytes] = ..., role: _Optional[_Union[ReceiptRole, str]] = ..., tenant: _Optional[str] = ..., rows: _Optional[int] = ..., plaintext_commitment: _Optional[bytes] = ..., time_ms: _Optional[int] = ...) -> None: ...

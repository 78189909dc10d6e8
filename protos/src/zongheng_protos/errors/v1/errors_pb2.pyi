import datetime

from google.protobuf import any_pb2 as _any_pb2
from google.protobuf import descriptor_pb2 as _descriptor_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Reason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REASON_UNSPECIFIED: _ClassVar[Reason]
    REASON_MALFORMED: _ClassVar[Reason]
    REASON_INVALID: _ClassVar[Reason]
    REASON_TOO_LARGE: _ClassVar[Reason]
    REASON_METHOD_UNKNOWN: _ClassVar[Reason]
    REASON_NOT_ENROLLED: _ClassVar[Reason]
    REASON_CREDENTIAL_EXPIRED: _ClassVar[Reason]
    REASON_CREDENTIAL_FOREIGN: _ClassVar[Reason]
    REASON_CREDENTIAL_INVALID: _ClassVar[Reason]
    REASON_CHANNEL_EXPIRED: _ClassVar[Reason]
    REASON_SIGNATURE_INVALID: _ClassVar[Reason]
    REASON_ACT_MISSING: _ClassVar[Reason]
    REASON_ACT_MISMATCH: _ClassVar[Reason]
    REASON_CLOCK_SKEW: _ClassVar[Reason]
    REASON_NONCE_REUSED: _ClassVar[Reason]
    REASON_FORBIDDEN: _ClassVar[Reason]
    REASON_NOT_RELATED: _ClassVar[Reason]
    REASON_QUOTA: _ClassVar[Reason]
    REASON_NOT_FOUND: _ClassVar[Reason]
    REASON_MODULE_UNKNOWN: _ClassVar[Reason]
    REASON_NOT_ADOPTED: _ClassVar[Reason]
    REASON_DIVISION_UNKNOWN: _ClassVar[Reason]
    REASON_STATE: _ClassVar[Reason]
    REASON_EXISTS: _ClassVar[Reason]
    REASON_INVITATION_INVALID: _ClassVar[Reason]
    REASON_GRANT_EXCEEDED: _ClassVar[Reason]
    REASON_STORE_FULL: _ClassVar[Reason]
    REASON_UNAVAILABLE: _ClassVar[Reason]
    REASON_DEADLINE: _ClassVar[Reason]
    REASON_OPERATOR_UNKNOWN: _ClassVar[Reason]
    REASON_OPERATOR_DISABLED: _ClassVar[Reason]
    REASON_OPERATOR_FORBIDDEN: _ClassVar[Reason]
    REASON_DUTIES_CONFLICT: _ClassVar[Reason]
    REASON_OWN_REQUEST: _ClassVar[Reason]
    REASON_LAST_ADMINISTRATOR: _ClassVar[Reason]
    REASON_SIGN_IN_FAILED: _ClassVar[Reason]
    REASON_SIGN_IN_DELAYED: _ClassVar[Reason]
    REASON_PASSWORD_WEAK: _ClassVar[Reason]
    REASON_CREDENTIAL_REVOKED: _ClassVar[Reason]
    REASON_KEY_REVOKED: _ClassVar[Reason]
    REASON_CHANNEL_REVOKED: _ClassVar[Reason]
    REASON_GRANT_REVOKED: _ClassVar[Reason]
    REASON_REVOCATIONS_STALE: _ClassVar[Reason]
    REASON_REVOCATIONS_FORKED: _ClassVar[Reason]
    REASON_KEY_SUPERSEDED: _ClassVar[Reason]
    REASON_ENROLMENT_REJECTED: _ClassVar[Reason]
    REASON_POSSESSION_UNPROVEN: _ClassVar[Reason]
    REASON_BUSY: _ClassVar[Reason]
    REASON_TOO_SLOW: _ClassVar[Reason]
    REASON_TENANT_SUSPENDED: _ClassVar[Reason]
    REASON_TENANT_CLOSED: _ClassVar[Reason]
    REASON_CODE_SUCCEEDED: _ClassVar[Reason]
    REASON_CODE_TAKEN: _ClassVar[Reason]
    REASON_CODE_INVALID: _ClassVar[Reason]
    REASON_TREE_RULE: _ClassVar[Reason]
    REASON_UNIT_IN_USE: _ClassVar[Reason]
    REASON_TREE_CHANGED: _ClassVar[Reason]
    REASON_SUITE_UNAVAILABLE: _ClassVar[Reason]
    REASON_PASSPHRASE_NEEDED: _ClassVar[Reason]
    REASON_PASSPHRASE_WRONG: _ClassVar[Reason]
    REASON_SIGNER_UNAVAILABLE: _ClassVar[Reason]
    REASON_ARGUMENT: _ClassVar[Reason]
    REASON_FILE_UNUSABLE: _ClassVar[Reason]
    REASON_FILE_EXISTS: _ClassVar[Reason]
    REASON_OPERATOR_UNNAMED: _ClassVar[Reason]
    REASON_IDENTITY_UNUSABLE: _ClassVar[Reason]
    REASON_EVIDENCE_UNREADABLE: _ClassVar[Reason]
    REASON_REPLY_UNUSABLE: _ClassVar[Reason]
    REASON_PASSPHRASE_SHORT: _ClassVar[Reason]
    REASON_QUORUM_MISSING: _ClassVar[Reason]
    REASON_NOT_SHREDDABLE: _ClassVar[Reason]
    REASON_PACKAGE_INVALID: _ClassVar[Reason]
    REASON_PACKAGE_TOO_LARGE: _ClassVar[Reason]
    REASON_RECEIPT_MISMATCH: _ClassVar[Reason]
    REASON_PURPOSE_UNCOVERED: _ClassVar[Reason]
REASON_UNSPECIFIED: Reason
REASON_MALFORMED: Reason
REASON_INVALID: Reason
REASON_TOO_LARGE: Reason
REASON_METHOD_UNKNOWN: Reason
REASON_NOT_ENROLLED: Reason
REASON_CREDENTIAL_EXPIRED: Reason
REASON_CREDENTIAL_FOREIGN: Reason
REASON_CREDENTIAL_INVALID: Reason
REASON_CHANNEL_EXPIRED: Reason
REASON_SIGNATURE_INVALID: Reason
REASON_ACT_MISSING: Reason
REASON_ACT_MISMATCH: Reason
REASON_CLOCK_SKEW: Reason
REASON_NONCE_REUSED: Reason
REASON_FORBIDDEN: Reason
REASON_NOT_RELATED: Reason
REASON_QUOTA: Reason
REASON_NOT_FOUND: Reason
REASON_MODULE_UNKNOWN: Reason
REASON_NOT_ADOPTED: Reason
REASON_DIVISION_UNKNOWN: Reason
REASON_STATE: Reason
REASON_EXISTS: Reason
REASON_INVITATION_INVALID: Reason
REASON_GRANT_EXCEEDED: Reason
REASON_STORE_FULL: Reason
REASON_UNAVAILABLE: Reason
REASON_DEADLINE: Reason
REASON_OPERATOR_UNKNOWN: Reason
REASON_OPERATOR_DISABLED: Reason
REASON_OPERATOR_FORBIDDEN: Reason
REASON_DUTIES_CONFLICT: Reason
REASON_OWN_REQUEST: Reason
REASON_LAST_ADMINISTRATOR: Reason
REASON_SIGN_IN_FAILED: Reason
REASON_SIGN_IN_DELAYED: Reason
REASON_PASSWORD_WEAK: Reason
REASON_CREDENTIAL_REVOKED: Reason
REASON_KEY_REVOKED: Reason
REASON_CHANNEL_REVOKED: Reason
REASON_GRANT_REVOKED: Reason
REASON_REVOCATIONS_STALE: Reason
REASON_REVOCATIONS_FORKED: Reason
REASON_KEY_SUPERSEDED: Reason
REASON_ENROLMENT_REJECTED: Reason
REASON_POSSESSION_UNPROVEN: Reason
REASON_BUSY: Reason
REASON_TOO_SLOW: Reason
REASON_TENANT_SUSPENDED: Reason
REASON_TENANT_CLOSED: Reason
REASON_CODE_SUCCEEDED: Reason
REASON_CODE_TAKEN: Reason
REASON_CODE_INVALID: Reason
REASON_TREE_RULE: Reason
REASON_UNIT_IN_USE: Reason
REASON_TREE_CHANGED: Reason
REASON_SUITE_UNAVAILABLE: Reason
REASON_PASSPHRASE_NEEDED: Reason
REASON_PASSPHRASE_WRONG: Reason
REASON_SIGNER_UNAVAILABLE: Reason
REASON_ARGUMENT: Reason
REASON_FILE_UNUSABLE: Reason
REASON_FILE_EXISTS: Reason
REASON_OPERATOR_UNNAMED: Reason
REASON_IDENTITY_UNUSABLE: Reason
REASON_EVIDENCE_UNREADABLE: Reason
REASON_REPLY_UNUSABLE: Reason
REASON_PASSPHRASE_SHORT: Reason
REASON_QUORUM_MISSING: Reason
REASON_NOT_SHREDDABLE: Reason
REASON_PACKAGE_INVALID: Reason
REASON_PACKAGE_TOO_LARGE: Reason
REASON_RECEIPT_MISMATCH: Reason
REASON_PURPOSE_UNCOVERED: Reason
REASON_FIELD_NUMBER: _ClassVar[int]
reason: _descriptor.FieldDescriptor

class ReasonRule(_message.Message):
    __slots__ = ("code", "advice", "advice_zh")
    CODE_FIELD_NUMBER: _ClassVar[int]
    ADVICE_FIELD_NUMBER: _ClassVar[int]
    ADVICE_ZH_FIELD_NUMBER: _ClassVar[int]
    code: int
    advice: str
    advice_zh: str
    def __init__(self, code: _Optional[int] = ..., advice: _Optional[str] = ..., advice_zh: _Optional[str] = ...) -> None: ...

class Status(_message.Message):
    __slots__ = ("code", "message", "details")
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    DETAILS_FIELD_NUMBER: _ClassVar[int]
    code: int
    message: str
    details: _containers.RepeatedCompositeFieldContainer[_any_pb2.Any]
    def __init__(self, code: _Optional[int] = ..., message: _Optional[str] = ..., details: _Optional[_Iterable[_Union[_any_pb2.Any, _Mapping]]] = ...) -> None: ...

class ErrorInfo(_message.Message):
    __slots__ = ("reason", "domain", "metadata")
    class MetadataEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    REASON_FIELD_NUMBER: _ClassVar[int]
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    reason: str
    domain: str
    metadata: _containers.ScalarMap[str, str]
    def __init__(self, reason: _Optional[str] = ..., domain: _Optional[str] = ..., metadata: _Optional[_Mapping[str, str]] = ...) -> None: ...

class RetryInfo(_message.Message):
    __slots__ = ("retry_delay",)
    RETRY_DELAY_FIELD_NUMBER: _ClassVar[int]
    retry_delay: _duration_pb2.Duration
    def __init__(self, retry_delay: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

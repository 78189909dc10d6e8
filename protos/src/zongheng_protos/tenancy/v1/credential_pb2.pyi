from zongheng_protos.options.v1 import options_pb2 as _options_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class KeyUse(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    KEY_USE_UNSPECIFIED: _ClassVar[KeyUse]
    KEY_USE_SIGNING: _ClassVar[KeyUse]
    KEY_USE_SEALING: _ClassVar[KeyUse]
    KEY_USE_CONSOLE: _ClassVar[KeyUse]

class Suite(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SUITE_UNSPECIFIED: _ClassVar[Suite]
    SUITE_INTL_1: _ClassVar[Suite]
    SUITE_SM_1: _ClassVar[Suite]
KEY_USE_UNSPECIFIED: KeyUse
KEY_USE_SIGNING: KeyUse
KEY_USE_SEALING: KeyUse
KEY_USE_CONSOLE: KeyUse
SUITE_UNSPECIFIED: Suite
SUITE_INTL_1: Suite
SUITE_SM_1: Suite

class Key(_message.Message):
    __slots__ = ("key_id", "use", "public_key")
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    USE_FIELD_NUMBER: _ClassVar[int]
    PUBLIC_KEY_FIELD_NUMBER: _ClassVar[int]
    key_id: str
    use: KeyUse
    public_key: bytes
    def __init__(self, key_id: _Optional[str] = ..., use: _Optional[_Union[KeyUse, str]] = ..., public_key: _Optional[bytes] = ...) -> None: ...

class Credential(_message.Message):
    __slots__ = ("id", "subject", "issuer", "keys", "rights", "depth", "not_before_ms", "expires_ms", "suite", "name", "code", "issuer_sha256")
    ID_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    ISSUER_FIELD_NUMBER: _ClassVar[int]
    KEYS_FIELD_NUMBER: _ClassVar[int]
    RIGHTS_FIELD_NUMBER: _ClassVar[int]
    DEPTH_FIELD_NUMBER: _ClassVar[int]
    NOT_BEFORE_MS_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_MS_FIELD_NUMBER: _ClassVar[int]
    SUITE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    ISSUER_SHA256_FIELD_NUMBER: _ClassVar[int]
    id: str
    subject: str
    issuer: str
    keys: _containers.RepeatedCompositeFieldContainer[Key]
    rights: _containers.RepeatedScalarFieldContainer[_options_pb2.Right]
    depth: int
    not_before_ms: int
    expires_ms: int
    suite: Suite
    name: str
    code: str
    issuer_sha256: bytes
    def __init__(self, id: _Optional[str] = ..., subject: _Optional[str] = ..., issuer: _Optional[str] = ..., keys: _Optional[_Iterable[_Union[Key, _Mapping]]] = ..., rights: _Optional[_Iterable[_Union[_options_pb2.Right, str]]] = ..., depth: _Optional[int] = ..., not_before_ms: _Optional[int] = ..., expires_ms: _Optional[int] = ..., suite: _Optional[_Union[Suite, str]] = ..., name: _Optional[str] = ..., code: _Optional[str] = ..., issuer_sha256: _Optional[bytes] = ...) -> None: ...

from buf.validate import validate_pb2 as _validate_pb2
from zongheng_protos.options.v1 import options_pb2 as _options_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class BeginExportRequest(_message.Message):
    __slots__ = ("tenant_id", "below", "since_ms", "until_ms", "act", "reason")
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    BELOW_FIELD_NUMBER: _ClassVar[int]
    SINCE_MS_FIELD_NUMBER: _ClassVar[int]
    UNTIL_MS_FIELD_NUMBER: _ClassVar[int]
    ACT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    below: bool
    since_ms: int
    until_ms: int
    act: str
    reason: str
    def __init__(self, tenant_id: _Optional[str] = ..., below: _Optional[bool] = ..., since_ms: _Optional[int] = ..., until_ms: _Optional[int] = ..., act: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class BeginExportReply(_message.Message):
    __slots__ = ("index", "tenant_ids")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    TENANT_IDS_FIELD_NUMBER: _ClassVar[int]
    index: int
    tenant_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, index: _Optional[int] = ..., tenant_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class ReadExportRequest(_message.Message):
    __slots__ = ("export_index", "indices", "size")
    EXPORT_INDEX_FIELD_NUMBER: _ClassVar[int]
    INDICES_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    export_index: int
    indices: _containers.RepeatedScalarFieldContainer[int]
    size: int
    def __init__(self, export_index: _Optional[int] = ..., indices: _Optional[_Iterable[int]] = ..., size: _Optional[int] = ...) -> None: ...

class ReadExportReply(_message.Message):
    __slots__ = ("entries",)
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[ExportedEntry]
    def __init__(self, entries: _Optional[_Iterable[_Union[ExportedEntry, _Mapping]]] = ...) -> None: ...

class ExportedEntry(_message.Message):
    __slots__ = ("entry", "hashes")
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    HASHES_FIELD_NUMBER: _ClassVar[int]
    entry: PackagedEntry
    hashes: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, entry: _Optional[_Union[PackagedEntry, _Mapping]] = ..., hashes: _Optional[_Iterable[bytes]] = ...) -> None: ...

class PackagedEntry(_message.Message):
    __slots__ = ("index", "leaf", "salt", "envelope", "request")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    LEAF_FIELD_NUMBER: _ClassVar[int]
    SALT_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    index: int
    leaf: bytes
    salt: bytes
    envelope: bytes
    request: bytes
    def __init__(self, index: _Optional[int] = ..., leaf: _Optional[bytes] = ..., salt: _Optional[bytes] = ..., envelope: _Optional[bytes] = ..., request: _Optional[bytes] = ...) -> None: ...

class ReadCredentialsRequest(_message.Message):
    __slots__ = ("export_index", "key_ids")
    EXPORT_INDEX_FIELD_NUMBER: _ClassVar[int]
    KEY_IDS_FIELD_NUMBER: _ClassVar[int]
    export_index: int
    key_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, export_index: _Optional[int] = ..., key_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class ReadCredentialsReply(_message.Message):
    __slots__ = ("credentials", "entries")
    CREDENTIALS_FIELD_NUMBER: _ClassVar[int]
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    credentials: _containers.RepeatedScalarFieldContainer[bytes]
    entries: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, credentials: _Optional[_Iterable[bytes]] = ..., entries: _Optional[_Iterable[int]] = ...) -> None: ...

class ProveStretchRequest(_message.Message):
    __slots__ = ("first", "end", "size")
    FIRST_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    first: int
    end: int
    size: int
    def __init__(self, first: _Optional[int] = ..., end: _Optional[int] = ..., size: _Optional[int] = ...) -> None: ...

class ProveStretchReply(_message.Message):
    __slots__ = ("hashes",)
    HASHES_FIELD_NUMBER: _ClassVar[int]
    hashes: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, hashes: _Optional[_Iterable[bytes]] = ...) -> None: ...

class ShredContentRequest(_message.Message):
    __slots__ = ("index", "basis")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    index: int
    basis: str
    def __init__(self, index: _Optional[int] = ..., basis: _Optional[str] = ...) -> None: ...

class ShredContentReply(_message.Message):
    __slots__ = ("emptied",)
    EMPTIED_FIELD_NUMBER: _ClassVar[int]
    emptied: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, emptied: _Optional[_Iterable[str]] = ...) -> None: ...

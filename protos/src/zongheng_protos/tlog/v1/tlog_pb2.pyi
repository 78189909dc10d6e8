from buf.validate import validate_pb2 as _validate_pb2
from zongheng_protos.options.v1 import options_pb2 as _options_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetCheckpointRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetCheckpointReply(_message.Message):
    __slots__ = ("checkpoint", "vkey")
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    VKEY_FIELD_NUMBER: _ClassVar[int]
    checkpoint: bytes
    vkey: str
    def __init__(self, checkpoint: _Optional[bytes] = ..., vkey: _Optional[str] = ...) -> None: ...

class GetInclusionRequest(_message.Message):
    __slots__ = ("index", "size")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    index: int
    size: int
    def __init__(self, index: _Optional[int] = ..., size: _Optional[int] = ...) -> None: ...

class GetInclusionReply(_message.Message):
    __slots__ = ("index", "size", "hashes", "leaf", "checkpoint")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    HASHES_FIELD_NUMBER: _ClassVar[int]
    LEAF_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    index: int
    size: int
    hashes: _containers.RepeatedScalarFieldContainer[bytes]
    leaf: bytes
    checkpoint: bytes
    def __init__(self, index: _Optional[int] = ..., size: _Optional[int] = ..., hashes: _Optional[_Iterable[bytes]] = ..., leaf: _Optional[bytes] = ..., checkpoint: _Optional[bytes] = ...) -> None: ...

class GetConsistencyRequest(_message.Message):
    __slots__ = ("old_size", "new_size")
    OLD_SIZE_FIELD_NUMBER: _ClassVar[int]
    NEW_SIZE_FIELD_NUMBER: _ClassVar[int]
    old_size: int
    new_size: int
    def __init__(self, old_size: _Optional[int] = ..., new_size: _Optional[int] = ...) -> None: ...

class GetConsistencyReply(_message.Message):
    __slots__ = ("hashes",)
    HASHES_FIELD_NUMBER: _ClassVar[int]
    hashes: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, hashes: _Optional[_Iterable[bytes]] = ...) -> None: ...

class ListEntriesRequest(_message.Message):
    __slots__ = ("start", "limit")
    START_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    start: int
    limit: int
    def __init__(self, start: _Optional[int] = ..., limit: _Optional[int] = ...) -> None: ...

class ListEntriesReply(_message.Message):
    __slots__ = ("entries", "size")
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[LogEntry]
    size: int
    def __init__(self, entries: _Optional[_Iterable[_Union[LogEntry, _Mapping]]] = ..., size: _Optional[int] = ...) -> None: ...

class LogEntry(_message.Message):
    __slots__ = ("index", "leaf")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    LEAF_FIELD_NUMBER: _ClassVar[int]
    index: int
    leaf: bytes
    def __init__(self, index: _Optional[int] = ..., leaf: _Optional[bytes] = ...) -> None: ...

class GetContentRequest(_message.Message):
    __slots__ = ("index",)
    INDEX_FIELD_NUMBER: _ClassVar[int]
    index: int
    def __init__(self, index: _Optional[int] = ...) -> None: ...

class GetContentReply(_message.Message):
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

class GetLogKeysRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetLogKeysReply(_message.Message):
    __slots__ = ("vkey", "next_vkey", "root", "successions")
    VKEY_FIELD_NUMBER: _ClassVar[int]
    NEXT_VKEY_FIELD_NUMBER: _ClassVar[int]
    ROOT_FIELD_NUMBER: _ClassVar[int]
    SUCCESSIONS_FIELD_NUMBER: _ClassVar[int]
    vkey: str
    next_vkey: str
    root: bytes
    successions: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, vkey: _Optional[str] = ..., next_vkey: _Optional[str] = ..., root: _Optional[bytes] = ..., successions: _Optional[_Iterable[bytes]] = ...) -> None: ...

class LogKeySuccession(_message.Message):
    __slots__ = ("origin", "old_vkey", "new_vkey", "time_ms")
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    OLD_VKEY_FIELD_NUMBER: _ClassVar[int]
    NEW_VKEY_FIELD_NUMBER: _ClassVar[int]
    TIME_MS_FIELD_NUMBER: _ClassVar[int]
    origin: str
    old_vkey: str
    new_vkey: str
    time_ms: int
    def __init__(self, origin: _Optional[str] = ..., old_vkey: _Optional[str] = ..., new_vkey: _Optional[str] = ..., time_ms: _Optional[int] = ...) -> None: ...

class RotateLogKeyRequest(_message.Message):
    __slots__ = ("succession",)
    SUCCESSION_FIELD_NUMBER: _ClassVar[int]
    succession: bytes
    def __init__(self, succession: _Optional[bytes] = ...) -> None: ...

class RotateLogKeyReply(_message.Message):
    __slots__ = ("size",)
    SIZE_FIELD_NUMBER: _ClassVar[int]
    size: int
    def __init__(self, size: _Optional[int] = ...) -> None: ...

class ListWitnessesRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListWitnessesReply(_message.Message):
    __slots__ = ("witnesses", "needed", "size", "witnessed_size", "witnessed_ms", "alarm")
    WITNESSES_FIELD_NUMBER: _ClassVar[int]
    NEEDED_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    WITNESSED_SIZE_FIELD_NUMBER: _ClassVar[int]
    WITNESSED_MS_FIELD_NUMBER: _ClassVar[int]
    ALARM_FIELD_NUMBER: _ClassVar[int]
    witnesses: _containers.RepeatedCompositeFieldContainer[LogWitness]
    needed: int
    size: int
    witnessed_size: int
    witnessed_ms: int
    alarm: str
    def __init__(self, witnesses: _Optional[_Iterable[_Union[LogWitness, _Mapping]]] = ..., needed: _Optional[int] = ..., size: _Optional[int] = ..., witnessed_size: _Optional[int] = ..., witnessed_ms: _Optional[int] = ..., alarm: _Optional[str] = ...) -> None: ...

class LogWitness(_message.Message):
    __slots__ = ("name", "vkey", "comes_by_itself", "size", "cosigned_ms", "trouble", "trouble_since_ms", "detail")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VKEY_FIELD_NUMBER: _ClassVar[int]
    COMES_BY_ITSELF_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    COSIGNED_MS_FIELD_NUMBER: _ClassVar[int]
    TROUBLE_FIELD_NUMBER: _ClassVar[int]
    TROUBLE_SINCE_MS_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    name: str
    vkey: str
    comes_by_itself: bool
    size: int
    cosigned_ms: int
    trouble: str
    trouble_since_ms: int
    detail: str
    def __init__(self, name: _Optional[str] = ..., vkey: _Optional[str] = ..., comes_by_itself: _Optional[bool] = ..., size: _Optional[int] = ..., cosigned_ms: _Optional[int] = ..., trouble: _Optional[str] = ..., trouble_since_ms: _Optional[int] = ..., detail: _Optional[str] = ...) -> None: ...

class Receipt(_message.Message):
    __slots__ = ("index", "leaf", "salt", "replayed")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    LEAF_FIELD_NUMBER: _ClassVar[int]
    SALT_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    index: int
    leaf: bytes
    salt: bytes
    replayed: bool
    def __init__(self, index: _Optional[int] = ..., leaf: _Optional[bytes] = ..., salt: _Optional[bytes] = ..., replayed: _Optional[bool] = ...) -> None: ...

from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class Leaf(_message.Message):
    __slots__ = ("version", "act", "time_ms", "actor", "parties", "subject", "commitment")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    ACT_FIELD_NUMBER: _ClassVar[int]
    TIME_MS_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    PARTIES_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    COMMITMENT_FIELD_NUMBER: _ClassVar[int]
    version: int
    act: str
    time_ms: int
    actor: str
    parties: _containers.RepeatedScalarFieldContainer[str]
    subject: str
    commitment: bytes
    def __init__(self, version: _Optional[int] = ..., act: _Optional[str] = ..., time_ms: _Optional[int] = ..., actor: _Optional[str] = ..., parties: _Optional[_Iterable[str]] = ..., subject: _Optional[str] = ..., commitment: _Optional[bytes] = ...) -> None: ...

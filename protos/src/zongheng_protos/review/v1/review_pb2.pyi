from buf.validate import validate_pb2 as _validate_pb2
from zongheng_protos.options.v1 import options_pb2 as _options_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SearchLogRequest(_message.Message):
    __slots__ = ("party", "counterparty", "act", "about", "dataset", "purpose", "since_ms", "until_ms", "page_token", "page_size")
    PARTY_FIELD_NUMBER: _ClassVar[int]
    COUNTERPARTY_FIELD_NUMBER: _ClassVar[int]
    ACT_FIELD_NUMBER: _ClassVar[int]
    ABOUT_FIELD_NUMBER: _ClassVar[int]
    DATASET_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    SINCE_MS_FIELD_NUMBER: _ClassVar[int]
    UNTIL_MS_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    party: str
    counterparty: str
    act: str
    about: str
    dataset: str
    purpose: str
    since_ms: int
    until_ms: int
    page_token: str
    page_size: int
    def __init__(self, party: _Optional[str] = ..., counterparty: _Optional[str] = ..., act: _Optional[str] = ..., about: _Optional[str] = ..., dataset: _Optional[str] = ..., purpose: _Optional[str] = ..., since_ms: _Optional[int] = ..., until_ms: _Optional[int] = ..., page_token: _Optional[str] = ..., page_size: _Optional[int] = ...) -> None: ...

class SearchLogReply(_message.Message):
    __slots__ = ("entries", "next_page_token", "indexed", "size")
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    INDEXED_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[FoundEntry]
    next_page_token: str
    indexed: int
    size: int
    def __init__(self, entries: _Optional[_Iterable[_Union[FoundEntry, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., indexed: _Optional[int] = ..., size: _Optional[int] = ...) -> None: ...

class FoundEntry(_message.Message):
    __slots__ = ("index", "leaf", "operator", "dataset_id", "dataset_title", "request_id", "grant_id", "purpose")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    LEAF_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    DATASET_ID_FIELD_NUMBER: _ClassVar[int]
    DATASET_TITLE_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    GRANT_ID_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    index: int
    leaf: bytes
    operator: str
    dataset_id: str
    dataset_title: str
    request_id: str
    grant_id: str
    purpose: str
    def __init__(self, index: _Optional[int] = ..., leaf: _Optional[bytes] = ..., operator: _Optional[str] = ..., dataset_id: _Optional[str] = ..., dataset_title: _Optional[str] = ..., request_id: _Optional[str] = ..., grant_id: _Optional[str] = ..., purpose: _Optional[str] = ...) -> None: ...

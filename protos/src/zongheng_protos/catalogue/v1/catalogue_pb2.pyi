from buf.validate import validate_pb2 as _validate_pb2
from zongheng_protos.options.v1 import options_pb2 as _options_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Track(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TRACK_UNSPECIFIED: _ClassVar[Track]
    TRACK_STABLE: _ClassVar[Track]
    TRACK_PILOT: _ClassVar[Track]
TRACK_UNSPECIFIED: Track
TRACK_STABLE: Track
TRACK_PILOT: Track

class Module(_message.Message):
    __slots__ = ("id", "title", "title_en", "owner", "version", "service", "settings_schema", "summary")
    ID_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    TITLE_EN_FIELD_NUMBER: _ClassVar[int]
    OWNER_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    SETTINGS_SCHEMA_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    id: str
    title: str
    title_en: str
    owner: str
    version: str
    service: str
    settings_schema: str
    summary: str
    def __init__(self, id: _Optional[str] = ..., title: _Optional[str] = ..., title_en: _Optional[str] = ..., owner: _Optional[str] = ..., version: _Optional[str] = ..., service: _Optional[str] = ..., settings_schema: _Optional[str] = ..., summary: _Optional[str] = ...) -> None: ...

class Adoption(_message.Message):
    __slots__ = ("tenant_id", "module_id", "track", "version", "settings", "adopted_ms")
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    MODULE_ID_FIELD_NUMBER: _ClassVar[int]
    TRACK_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    ADOPTED_MS_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    module_id: str
    track: Track
    version: str
    settings: str
    adopted_ms: int
    def __init__(self, tenant_id: _Optional[str] = ..., module_id: _Optional[str] = ..., track: _Optional[_Union[Track, str]] = ..., version: _Optional[str] = ..., settings: _Optional[str] = ..., adopted_ms: _Optional[int] = ...) -> None: ...

class ListModulesRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListModulesReply(_message.Message):
    __slots__ = ("modules",)
    MODULES_FIELD_NUMBER: _ClassVar[int]
    modules: _containers.RepeatedCompositeFieldContainer[Module]
    def __init__(self, modules: _Optional[_Iterable[_Union[Module, _Mapping]]] = ...) -> None: ...

class GetModuleRequest(_message.Message):
    __slots__ = ("module_id",)
    MODULE_ID_FIELD_NUMBER: _ClassVar[int]
    module_id: str
    def __init__(self, module_id: _Optional[str] = ...) -> None: ...

class GetModuleReply(_message.Message):
    __slots__ = ("module", "descriptors")
    MODULE_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTORS_FIELD_NUMBER: _ClassVar[int]
    module: Module
    descriptors: bytes
    def __init__(self, module: _Optional[_Union[Module, _Mapping]] = ..., descriptors: _Optional[bytes] = ...) -> None: ...

class AdoptRequest(_message.Message):
    __slots__ = ("module_id", "track", "settings")
    MODULE_ID_FIELD_NUMBER: _ClassVar[int]
    TRACK_FIELD_NUMBER: _ClassVar[int]
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    module_id: str
    track: Track
    settings: str
    def __init__(self, module_id: _Optional[str] = ..., track: _Optional[_Union[Track, str]] = ..., settings: _Optional[str] = ...) -> None: ...

class AdoptReply(_message.Message):
    __slots__ = ("adoption",)
    ADOPTION_FIELD_NUMBER: _ClassVar[int]
    adoption: Adoption
    def __init__(self, adoption: _Optional[_Union[Adoption, _Mapping]] = ...) -> None: ...

class ListAdoptionsRequest(_message.Message):
    __slots__ = ("module_id", "own", "page_token")
    MODULE_ID_FIELD_NUMBER: _ClassVar[int]
    OWN_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    module_id: str
    own: bool
    page_token: str
    def __init__(self, module_id: _Optional[str] = ..., own: _Optional[bool] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListAdoptionsReply(_message.Message):
    __slots__ = ("adoptions", "next_page_token")
    ADOPTIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    adoptions: _containers.RepeatedCompositeFieldContainer[Adoption]
    next_page_token: str
    def __init__(self, adoptions: _Optional[_Iterable[_Union[Adoption, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class CountAdoptionsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class AdoptionCount(_message.Message):
    __slots__ = ("module_id", "track", "units")
    MODULE_ID_FIELD_NUMBER: _ClassVar[int]
    TRACK_FIELD_NUMBER: _ClassVar[int]
    UNITS_FIELD_NUMBER: _ClassVar[int]
    module_id: str
    track: Track
    units: int
    def __init__(self, module_id: _Optional[str] = ..., track: _Optional[_Union[Track, str]] = ..., units: _Optional[int] = ...) -> None: ...

class CountAdoptionsReply(_message.Message):
    __slots__ = ("counts", "counties")
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    COUNTIES_FIELD_NUMBER: _ClassVar[int]
    counts: _containers.RepeatedCompositeFieldContainer[AdoptionCount]
    counties: int
    def __init__(self, counts: _Optional[_Iterable[_Union[AdoptionCount, _Mapping]]] = ..., counties: _Optional[int] = ...) -> None: ...

class ListUsageRequest(_message.Message):
    __slots__ = ("days",)
    DAYS_FIELD_NUMBER: _ClassVar[int]
    days: int
    def __init__(self, days: _Optional[int] = ...) -> None: ...

class Usage(_message.Message):
    __slots__ = ("module_id", "day", "calls", "failures")
    MODULE_ID_FIELD_NUMBER: _ClassVar[int]
    DAY_FIELD_NUMBER: _ClassVar[int]
    CALLS_FIELD_NUMBER: _ClassVar[int]
    FAILURES_FIELD_NUMBER: _ClassVar[int]
    module_id: str
    day: str
    calls: int
    failures: int
    def __init__(self, module_id: _Optional[str] = ..., day: _Optional[str] = ..., calls: _Optional[int] = ..., failures: _Optional[int] = ...) -> None: ...

class ListUsageReply(_message.Message):
    __slots__ = ("usage",)
    USAGE_FIELD_NUMBER: _ClassVar[int]
    usage: _containers.RepeatedCompositeFieldContainer[Usage]
    def __init__(self, usage: _Optional[_Iterable[_Union[Usage, _Mapping]]] = ...) -> None: ...

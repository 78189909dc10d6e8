from buf.validate import validate_pb2 as _validate_pb2
from zongheng_protos.options.v1 import options_pb2 as _options_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class NeedKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NEED_KIND_UNSPECIFIED: _ClassVar[NeedKind]
    NEED_KIND_DATA: _ClassVar[NeedKind]
    NEED_KIND_MODULE: _ClassVar[NeedKind]
    NEED_KIND_FUNDS: _ClassVar[NeedKind]
    NEED_KIND_EQUIPMENT: _ClassVar[NeedKind]
    NEED_KIND_PEOPLE: _ClassVar[NeedKind]
    NEED_KIND_TRAINING: _ClassVar[NeedKind]
    NEED_KIND_RULE: _ClassVar[NeedKind]
    NEED_KIND_UNCLEAR: _ClassVar[NeedKind]

class Urgency(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    URGENCY_UNSPECIFIED: _ClassVar[Urgency]
    URGENCY_NORMAL: _ClassVar[Urgency]
    URGENCY_URGENT: _ClassVar[Urgency]

class NeedState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NEED_STATE_UNSPECIFIED: _ClassVar[NeedState]
    NEED_STATE_FILED: _ClassVar[NeedState]
    NEED_STATE_ACCEPTED: _ClassVar[NeedState]
    NEED_STATE_ANSWERED: _ClassVar[NeedState]
    NEED_STATE_CONFIRMED: _ClassVar[NeedState]

class ClockStage(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CLOCK_STAGE_UNSPECIFIED: _ClassVar[ClockStage]
    CLOCK_STAGE_ACCEPT: _ClassVar[ClockStage]
    CLOCK_STAGE_ANSWER: _ClassVar[ClockStage]
    CLOCK_STAGE_DELIVER: _ClassVar[ClockStage]
NEED_KIND_UNSPECIFIED: NeedKind
NEED_KIND_DATA: NeedKind
NEED_KIND_MODULE: NeedKind
NEED_KIND_FUNDS: NeedKind
NEED_KIND_EQUIPMENT: NeedKind
NEED_KIND_PEOPLE: NeedKind
NEED_KIND_TRAINING: NeedKind
NEED_KIND_RULE: NeedKind
NEED_KIND_UNCLEAR: NeedKind
URGENCY_UNSPECIFIED: Urgency
URGENCY_NORMAL: Urgency
URGENCY_URGENT: Urgency
NEED_STATE_UNSPECIFIED: NeedState
NEED_STATE_FILED: NeedState
NEED_STATE_ACCEPTED: NeedState
NEED_STATE_ANSWERED: NeedState
NEED_STATE_CONFIRMED: NeedState
CLOCK_STAGE_UNSPECIFIED: ClockStage
CLOCK_STAGE_ACCEPT: ClockStage
CLOCK_STAGE_ANSWER: ClockStage
CLOCK_STAGE_DELIVER: ClockStage

class Clock(_message.Message):
    __slots__ = ("stage", "started_ms", "stopped_ms", "limit_days", "spent_days", "due", "days_left", "legal_basis")
    STAGE_FIELD_NUMBER: _ClassVar[int]
    STARTED_MS_FIELD_NUMBER: _ClassVar[int]
    STOPPED_MS_FIELD_NUMBER: _ClassVar[int]
    LIMIT_DAYS_FIELD_NUMBER: _ClassVar[int]
    SPENT_DAYS_FIELD_NUMBER: _ClassVar[int]
    DUE_FIELD_NUMBER: _ClassVar[int]
    DAYS_LEFT_FIELD_NUMBER: _ClassVar[int]
    LEGAL_BASIS_FIELD_NUMBER: _ClassVar[int]
    stage: ClockStage
    started_ms: int
    stopped_ms: int
    limit_days: int
    spent_days: int
    due: str
    days_left: int
    legal_basis: str
    def __init__(self, stage: _Optional[_Union[ClockStage, str]] = ..., started_ms: _Optional[int] = ..., stopped_ms: _Optional[int] = ..., limit_days: _Optional[int] = ..., spent_days: _Optional[int] = ..., due: _Optional[str] = ..., days_left: _Optional[int] = ..., legal_basis: _Optional[str] = ...) -> None: ...

class Resource(_message.Message):
    __slots__ = ("id", "kind", "title", "detail", "reference")
    ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    id: str
    kind: NeedKind
    title: str
    detail: str
    reference: str
    def __init__(self, id: _Optional[str] = ..., kind: _Optional[_Union[NeedKind, str]] = ..., title: _Optional[str] = ..., detail: _Optional[str] = ..., reference: _Optional[str] = ...) -> None: ...

class NeedEvent(_message.Message):
    __slots__ = ("act", "tenant_id", "operator", "time_ms", "text", "log_index")
    ACT_FIELD_NUMBER: _ClassVar[int]
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    TIME_MS_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    LOG_INDEX_FIELD_NUMBER: _ClassVar[int]
    act: str
    tenant_id: str
    operator: str
    time_ms: int
    text: str
    log_index: int
    def __init__(self, act: _Optional[str] = ..., tenant_id: _Optional[str] = ..., operator: _Optional[str] = ..., time_ms: _Optional[int] = ..., text: _Optional[str] = ..., log_index: _Optional[int] = ...) -> None: ...

class Need(_message.Message):
    __slots__ = ("id", "filer_id", "handler_id", "kind", "title", "detail", "urgency", "households", "wanted_by", "state", "filed_ms", "clocks", "resources", "events", "filer_name", "handler_name", "place")
    ID_FIELD_NUMBER: _ClassVar[int]
    FILER_ID_FIELD_NUMBER: _ClassVar[int]
    HANDLER_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    URGENCY_FIELD_NUMBER: _ClassVar[int]
    HOUSEHOLDS_FIELD_NUMBER: _ClassVar[int]
    WANTED_BY_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    FILED_MS_FIELD_NUMBER: _ClassVar[int]
    CLOCKS_FIELD_NUMBER: _ClassVar[int]
    RESOURCES_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    FILER_NAME_FIELD_NUMBER: _ClassVar[int]
    HANDLER_NAME_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    id: str
    filer_id: str
    handler_id: str
    kind: NeedKind
    title: str
    detail: str
    urgency: Urgency
    households: int
    wanted_by: str
    state: NeedState
    filed_ms: int
    clocks: _containers.RepeatedCompositeFieldContainer[Clock]
    resources: _containers.RepeatedCompositeFieldContainer[Resource]
    events: _containers.RepeatedCompositeFieldContainer[NeedEvent]
    filer_name: str
    handler_name: str
    place: str
    def __init__(self, id: _Optional[str] = ..., filer_id: _Optional[str] = ..., handler_id: _Optional[str] = ..., kind: _Optional[_Union[NeedKind, str]] = ..., title: _Optional[str] = ..., detail: _Optional[str] = ..., urgency: _Optional[_Union[Urgency, str]] = ..., households: _Optional[int] = ..., wanted_by: _Optional[str] = ..., state: _Optional[_Union[NeedState, str]] = ..., filed_ms: _Optional[int] = ..., clocks: _Optional[_Iterable[_Union[Clock, _Mapping]]] = ..., resources: _Optional[_Iterable[_Union[Resource, _Mapping]]] = ..., events: _Optional[_Iterable[_Union[NeedEvent, _Mapping]]] = ..., filer_name: _Optional[str] = ..., handler_name: _Optional[str] = ..., place: _Optional[str] = ...) -> None: ...

class FileNeedRequest(_message.Message):
    __slots__ = ("kind", "title", "detail", "urgency", "households", "wanted_by", "place")
    KIND_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    URGENCY_FIELD_NUMBER: _ClassVar[int]
    HOUSEHOLDS_FIELD_NUMBER: _ClassVar[int]
    WANTED_BY_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    kind: NeedKind
    title: str
    detail: str
    urgency: Urgency
    households: int
    wanted_by: str
    place: str
    def __init__(self, kind: _Optional[_Union[NeedKind, str]] = ..., title: _Optional[str] = ..., detail: _Optional[str] = ..., urgency: _Optional[_Union[Urgency, str]] = ..., households: _Optional[int] = ..., wanted_by: _Optional[str] = ..., place: _Optional[str] = ...) -> None: ...

class FileNeedReply(_message.Message):
    __slots__ = ("need",)
    NEED_FIELD_NUMBER: _ClassVar[int]
    need: Need
    def __init__(self, need: _Optional[_Union[Need, _Mapping]] = ...) -> None: ...

class AcceptNeedRequest(_message.Message):
    __slots__ = ("need_id", "note")
    NEED_ID_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    need_id: str
    note: str
    def __init__(self, need_id: _Optional[str] = ..., note: _Optional[str] = ...) -> None: ...

class AcceptNeedReply(_message.Message):
    __slots__ = ("need",)
    NEED_FIELD_NUMBER: _ClassVar[int]
    need: Need
    def __init__(self, need: _Optional[_Union[Need, _Mapping]] = ...) -> None: ...

class AnswerNeedRequest(_message.Message):
    __slots__ = ("need_id", "text", "resources")
    NEED_ID_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    RESOURCES_FIELD_NUMBER: _ClassVar[int]
    need_id: str
    text: str
    resources: _containers.RepeatedCompositeFieldContainer[Resource]
    def __init__(self, need_id: _Optional[str] = ..., text: _Optional[str] = ..., resources: _Optional[_Iterable[_Union[Resource, _Mapping]]] = ...) -> None: ...

class AnswerNeedReply(_message.Message):
    __slots__ = ("need",)
    NEED_FIELD_NUMBER: _ClassVar[int]
    need: Need
    def __init__(self, need: _Optional[_Union[Need, _Mapping]] = ...) -> None: ...

class ConfirmNeedRequest(_message.Message):
    __slots__ = ("need_id", "note")
    NEED_ID_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    need_id: str
    note: str
    def __init__(self, need_id: _Optional[str] = ..., note: _Optional[str] = ...) -> None: ...

class ConfirmNeedReply(_message.Message):
    __slots__ = ("need",)
    NEED_FIELD_NUMBER: _ClassVar[int]
    need: Need
    def __init__(self, need: _Optional[_Union[Need, _Mapping]] = ...) -> None: ...

class ReopenNeedRequest(_message.Message):
    __slots__ = ("need_id", "reason")
    NEED_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    need_id: str
    reason: str
    def __init__(self, need_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class ReopenNeedReply(_message.Message):
    __slots__ = ("need",)
    NEED_FIELD_NUMBER: _ClassVar[int]
    need: Need
    def __init__(self, need: _Optional[_Union[Need, _Mapping]] = ...) -> None: ...

class GetNeedRequest(_message.Message):
    __slots__ = ("need_id",)
    NEED_ID_FIELD_NUMBER: _ClassVar[int]
    need_id: str
    def __init__(self, need_id: _Optional[str] = ...) -> None: ...

class GetNeedReply(_message.Message):
    __slots__ = ("need",)
    NEED_FIELD_NUMBER: _ClassVar[int]
    need: Need
    def __init__(self, need: _Optional[_Union[Need, _Mapping]] = ...) -> None: ...

class ListNeedsRequest(_message.Message):
    __slots__ = ("state", "page_token", "page_size")
    STATE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    state: NeedState
    page_token: str
    page_size: int
    def __init__(self, state: _Optional[_Union[NeedState, str]] = ..., page_token: _Optional[str] = ..., page_size: _Optional[int] = ...) -> None: ...

class ListNeedsReply(_message.Message):
    __slots__ = ("needs", "next_page_token")
    NEEDS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    needs: _containers.RepeatedCompositeFieldContainer[Need]
    next_page_token: str
    def __init__(self, needs: _Optional[_Iterable[_Union[Need, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class CountNeedsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class NeedCount(_message.Message):
    __slots__ = ("tenant_id", "kind", "open", "late", "due_soon", "confirmed")
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    OPEN_FIELD_NUMBER: _ClassVar[int]
    LATE_FIELD_NUMBER: _ClassVar[int]
    DUE_SOON_FIELD_NUMBER: _ClassVar[int]
    CONFIRMED_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    kind: NeedKind
    open: int
    late: int
    due_soon: int
    confirmed: int
    def __init__(self, tenant_id: _Optional[str] = ..., kind: _Optional[_Union[NeedKind, str]] = ..., open: _Optional[int] = ..., late: _Optional[int] = ..., due_soon: _Optional[int] = ..., confirmed: _Optional[int] = ...) -> None: ...

class CountNeedsReply(_message.Message):
    __slots__ = ("counts",)
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    counts: _containers.RepeatedCompositeFieldContainer[NeedCount]
    def __init__(self, counts: _Optional[_Iterable[_Union[NeedCount, _Mapping]]] = ...) -> None: ...

from buf.validate import validate_pb2 as _validate_pb2
from zongheng_protos.options.v1 import options_pb2 as _options_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AlertRule(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ALERT_RULE_UNSPECIFIED: _ClassVar[AlertRule]
    ALERT_RULE_VOLUME: _ClassVar[AlertRule]
    ALERT_RULE_HOUR: _ClassVar[AlertRule]
    ALERT_RULE_PURPOSE: _ClassVar[AlertRule]
    ALERT_RULE_GRANT_ENDED: _ClassVar[AlertRule]
    ALERT_RULE_REFUSALS: _ClassVar[AlertRule]
    ALERT_RULE_RECEIPT_MISSING: _ClassVar[AlertRule]
    ALERT_RULE_WITNESS_SILENT: _ClassVar[AlertRule]
    ALERT_RULE_BY_HAND: _ClassVar[AlertRule]

class AlertState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ALERT_STATE_UNSPECIFIED: _ClassVar[AlertState]
    ALERT_STATE_OPEN: _ClassVar[AlertState]
    ALERT_STATE_EXPLAINED: _ClassVar[AlertState]
    ALERT_STATE_CLOSED: _ClassVar[AlertState]

class AlertVerdict(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ALERT_VERDICT_UNSPECIFIED: _ClassVar[AlertVerdict]
    ALERT_VERDICT_UNFOUNDED: _ClassVar[AlertVerdict]
    ALERT_VERDICT_REMEDIED: _ClassVar[AlertVerdict]
    ALERT_VERDICT_FOUNDED: _ClassVar[AlertVerdict]
ALERT_RULE_UNSPECIFIED: AlertRule
ALERT_RULE_VOLUME: AlertRule
ALERT_RULE_HOUR: AlertRule
ALERT_RULE_PURPOSE: AlertRule
ALERT_RULE_GRANT_ENDED: AlertRule
ALERT_RULE_REFUSALS: AlertRule
ALERT_RULE_RECEIPT_MISSING: AlertRule
ALERT_RULE_WITNESS_SILENT: AlertRule
ALERT_RULE_BY_HAND: AlertRule
ALERT_STATE_UNSPECIFIED: AlertState
ALERT_STATE_OPEN: AlertState
ALERT_STATE_EXPLAINED: AlertState
ALERT_STATE_CLOSED: AlertState
ALERT_VERDICT_UNSPECIFIED: AlertVerdict
ALERT_VERDICT_UNFOUNDED: AlertVerdict
ALERT_VERDICT_REMEDIED: AlertVerdict
ALERT_VERDICT_FOUNDED: AlertVerdict

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

class Alert(_message.Message):
    __slots__ = ("id", "rule", "state", "tenant_id", "subject", "entries", "figures", "raised_ms", "verdict", "steps")
    class FiguresEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    ID_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    FIGURES_FIELD_NUMBER: _ClassVar[int]
    RAISED_MS_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    id: str
    rule: AlertRule
    state: AlertState
    tenant_id: str
    subject: str
    entries: _containers.RepeatedScalarFieldContainer[int]
    figures: _containers.ScalarMap[str, int]
    raised_ms: int
    verdict: AlertVerdict
    steps: _containers.RepeatedCompositeFieldContainer[AlertStep]
    def __init__(self, id: _Optional[str] = ..., rule: _Optional[_Union[AlertRule, str]] = ..., state: _Optional[_Union[AlertState, str]] = ..., tenant_id: _Optional[str] = ..., subject: _Optional[str] = ..., entries: _Optional[_Iterable[int]] = ..., figures: _Optional[_Mapping[str, int]] = ..., raised_ms: _Optional[int] = ..., verdict: _Optional[_Union[AlertVerdict, str]] = ..., steps: _Optional[_Iterable[_Union[AlertStep, _Mapping]]] = ...) -> None: ...

class AlertStep(_message.Message):
    __slots__ = ("act", "tenant_id", "operator", "text", "time_ms", "log_index")
    ACT_FIELD_NUMBER: _ClassVar[int]
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    TIME_MS_FIELD_NUMBER: _ClassVar[int]
    LOG_INDEX_FIELD_NUMBER: _ClassVar[int]
    act: str
    tenant_id: str
    operator: str
    text: str
    time_ms: int
    log_index: int
    def __init__(self, act: _Optional[str] = ..., tenant_id: _Optional[str] = ..., operator: _Optional[str] = ..., text: _Optional[str] = ..., time_ms: _Optional[int] = ..., log_index: _Optional[int] = ...) -> None: ...

class RaiseAlertRequest(_message.Message):
    __slots__ = ("tenant_id", "subject", "entries", "text", "rule", "figures")
    class FiguresEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    FIGURES_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    subject: str
    entries: _containers.RepeatedScalarFieldContainer[int]
    text: str
    rule: AlertRule
    figures: _containers.ScalarMap[str, int]
    def __init__(self, tenant_id: _Optional[str] = ..., subject: _Optional[str] = ..., entries: _Optional[_Iterable[int]] = ..., text: _Optional[str] = ..., rule: _Optional[_Union[AlertRule, str]] = ..., figures: _Optional[_Mapping[str, int]] = ...) -> None: ...

class RaiseAlertReply(_message.Message):
    __slots__ = ("alert",)
    ALERT_FIELD_NUMBER: _ClassVar[int]
    alert: Alert
    def __init__(self, alert: _Optional[_Union[Alert, _Mapping]] = ...) -> None: ...

class ExplainAlertRequest(_message.Message):
    __slots__ = ("alert_id", "text")
    ALERT_ID_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    alert_id: str
    text: str
    def __init__(self, alert_id: _Optional[str] = ..., text: _Optional[str] = ...) -> None: ...

class ExplainAlertReply(_message.Message):
    __slots__ = ("alert",)
    ALERT_FIELD_NUMBER: _ClassVar[int]
    alert: Alert
    def __init__(self, alert: _Optional[_Union[Alert, _Mapping]] = ...) -> None: ...

class CloseAlertRequest(_message.Message):
    __slots__ = ("alert_id", "verdict", "text")
    ALERT_ID_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    alert_id: str
    verdict: AlertVerdict
    text: str
    def __init__(self, alert_id: _Optional[str] = ..., verdict: _Optional[_Union[AlertVerdict, str]] = ..., text: _Optional[str] = ...) -> None: ...

class CloseAlertReply(_message.Message):
    __slots__ = ("alert",)
    ALERT_FIELD_NUMBER: _ClassVar[int]
    alert: Alert
    def __init__(self, alert: _Optional[_Union[Alert, _Mapping]] = ...) -> None: ...

class ListAlertsRequest(_message.Message):
    __slots__ = ("state", "rule", "tenant_id", "page_token", "page_size")
    STATE_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    state: AlertState
    rule: AlertRule
    tenant_id: str
    page_token: str
    page_size: int
    def __init__(self, state: _Optional[_Union[AlertState, str]] = ..., rule: _Optional[_Union[AlertRule, str]] = ..., tenant_id: _Optional[str] = ..., page_token: _Optional[str] = ..., page_size: _Optional[int] = ...) -> None: ...

class ListAlertsReply(_message.Message):
    __slots__ = ("alerts", "next_page_token", "open", "explained")
    ALERTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    OPEN_FIELD_NUMBER: _ClassVar[int]
    EXPLAINED_FIELD_NUMBER: _ClassVar[int]
    alerts: _containers.RepeatedCompositeFieldContainer[Alert]
    next_page_token: str
    open: int
    explained: int
    def __init__(self, alerts: _Optional[_Iterable[_Union[Alert, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., open: _Optional[int] = ..., explained: _Optional[int] = ...) -> None: ...

class GetAlertRequest(_message.Message):
    __slots__ = ("alert_id",)
    ALERT_ID_FIELD_NUMBER: _ClassVar[int]
    alert_id: str
    def __init__(self, alert_id: _Optional[str] = ...) -> None: ...

class GetAlertReply(_message.Message):
    __slots__ = ("alert",)
    ALERT_FIELD_NUMBER: _ClassVar[int]
    alert: Alert
    def __init__(self, alert: _Optional[_Union[Alert, _Mapping]] = ...) -> None: ...

class ListDisclosuresRequest(_message.Message):
    __slots__ = ("dataset_id", "page_token")
    DATASET_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    dataset_id: str
    page_token: str
    def __init__(self, dataset_id: _Optional[str] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListDisclosuresReply(_message.Message):
    __slots__ = ("dataset_title", "owner", "disclosures", "next_page_token")
    DATASET_TITLE_FIELD_NUMBER: _ClassVar[int]
    OWNER_FIELD_NUMBER: _ClassVar[int]
    DISCLOSURES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    dataset_title: str
    owner: str
    disclosures: _containers.RepeatedCompositeFieldContainer[Disclosure]
    next_page_token: str
    def __init__(self, dataset_title: _Optional[str] = ..., owner: _Optional[str] = ..., disclosures: _Optional[_Iterable[_Union[Disclosure, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class Disclosure(_message.Message):
    __slots__ = ("grant", "revoked_ms", "parcels")
    GRANT_FIELD_NUMBER: _ClassVar[int]
    REVOKED_MS_FIELD_NUMBER: _ClassVar[int]
    PARCELS_FIELD_NUMBER: _ClassVar[int]
    grant: bytes
    revoked_ms: int
    parcels: _containers.RepeatedCompositeFieldContainer[DisclosedParcel]
    def __init__(self, grant: _Optional[bytes] = ..., revoked_ms: _Optional[int] = ..., parcels: _Optional[_Iterable[_Union[DisclosedParcel, _Mapping]]] = ...) -> None: ...

class DisclosedParcel(_message.Message):
    __slots__ = ("parcel_id", "rows", "delivered_ms", "delivered_index", "fetches", "received_index")
    PARCEL_ID_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    DELIVERED_MS_FIELD_NUMBER: _ClassVar[int]
    DELIVERED_INDEX_FIELD_NUMBER: _ClassVar[int]
    FETCHES_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_INDEX_FIELD_NUMBER: _ClassVar[int]
    parcel_id: str
    rows: int
    delivered_ms: int
    delivered_index: int
    fetches: _containers.RepeatedCompositeFieldContainer[DisclosedFetch]
    received_index: int
    def __init__(self, parcel_id: _Optional[str] = ..., rows: _Optional[int] = ..., delivered_ms: _Optional[int] = ..., delivered_index: _Optional[int] = ..., fetches: _Optional[_Iterable[_Union[DisclosedFetch, _Mapping]]] = ..., received_index: _Optional[int] = ...) -> None: ...

class DisclosedFetch(_message.Message):
    __slots__ = ("log_index", "time_ms", "operator")
    LOG_INDEX_FIELD_NUMBER: _ClassVar[int]
    TIME_MS_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    log_index: int
    time_ms: int
    operator: str
    def __init__(self, log_index: _Optional[int] = ..., time_ms: _Optional[int] = ..., operator: _Optional[str] = ...) -> None: ...

class SavedSearch(_message.Message):
    __slots__ = ("name", "search")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SEARCH_FIELD_NUMBER: _ClassVar[int]
    name: str
    search: SearchLogRequest
    def __init__(self, name: _Optional[str] = ..., search: _Optional[_Union[SearchLogRequest, _Mapping]] = ...) -> None: ...

class ListSavedSearchesRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListSavedSearchesReply(_message.Message):
    __slots__ = ("searches",)
    SEARCHES_FIELD_NUMBER: _ClassVar[int]
    searches: _containers.RepeatedCompositeFieldContainer[SavedSearch]
    def __init__(self, searches: _Optional[_Iterable[_Union[SavedSearch, _Mapping]]] = ...) -> None: ...

class SaveSearchRequest(_message.Message):
    __slots__ = ("search",)
    SEARCH_FIELD_NUMBER: _ClassVar[int]
    search: SavedSearch
    def __init__(self, search: _Optional[_Union[SavedSearch, _Mapping]] = ...) -> None: ...

class SaveSearchReply(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

from buf.validate import validate_pb2 as _validate_pb2
from zongheng_protos.options.v1 import options_pb2 as _options_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Budget(_message.Message):
    __slots__ = ("reads", "acts", "bulk", "calls", "streams", "bulk_mib")
    READS_FIELD_NUMBER: _ClassVar[int]
    ACTS_FIELD_NUMBER: _ClassVar[int]
    BULK_FIELD_NUMBER: _ClassVar[int]
    CALLS_FIELD_NUMBER: _ClassVar[int]
    STREAMS_FIELD_NUMBER: _ClassVar[int]
    BULK_MIB_FIELD_NUMBER: _ClassVar[int]
    reads: int
    acts: int
    bulk: int
    calls: int
    streams: int
    bulk_mib: int
    def __init__(self, reads: _Optional[int] = ..., acts: _Optional[int] = ..., bulk: _Optional[int] = ..., calls: _Optional[int] = ..., streams: _Optional[int] = ..., bulk_mib: _Optional[int] = ...) -> None: ...

class GivenBudget(_message.Message):
    __slots__ = ("by_tenant_id", "budget", "set_ms", "log_index")
    BY_TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    BUDGET_FIELD_NUMBER: _ClassVar[int]
    SET_MS_FIELD_NUMBER: _ClassVar[int]
    LOG_INDEX_FIELD_NUMBER: _ClassVar[int]
    by_tenant_id: str
    budget: Budget
    set_ms: int
    log_index: int
    def __init__(self, by_tenant_id: _Optional[str] = ..., budget: _Optional[_Union[Budget, _Mapping]] = ..., set_ms: _Optional[int] = ..., log_index: _Optional[int] = ...) -> None: ...

class Use(_message.Message):
    __slots__ = ("since_ms", "calls", "streams", "held", "reads_per_second", "acts_per_second", "bulk_per_second", "reads", "acts", "bulk", "refused", "refused_ms")
    SINCE_MS_FIELD_NUMBER: _ClassVar[int]
    CALLS_FIELD_NUMBER: _ClassVar[int]
    STREAMS_FIELD_NUMBER: _ClassVar[int]
    HELD_FIELD_NUMBER: _ClassVar[int]
    READS_PER_SECOND_FIELD_NUMBER: _ClassVar[int]
    ACTS_PER_SECOND_FIELD_NUMBER: _ClassVar[int]
    BULK_PER_SECOND_FIELD_NUMBER: _ClassVar[int]
    READS_FIELD_NUMBER: _ClassVar[int]
    ACTS_FIELD_NUMBER: _ClassVar[int]
    BULK_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    REFUSED_MS_FIELD_NUMBER: _ClassVar[int]
    since_ms: int
    calls: int
    streams: int
    held: int
    reads_per_second: float
    acts_per_second: float
    bulk_per_second: float
    reads: int
    acts: int
    bulk: int
    refused: _containers.RepeatedCompositeFieldContainer[Refusals]
    refused_ms: int
    def __init__(self, since_ms: _Optional[int] = ..., calls: _Optional[int] = ..., streams: _Optional[int] = ..., held: _Optional[int] = ..., reads_per_second: _Optional[float] = ..., acts_per_second: _Optional[float] = ..., bulk_per_second: _Optional[float] = ..., reads: _Optional[int] = ..., acts: _Optional[int] = ..., bulk: _Optional[int] = ..., refused: _Optional[_Iterable[_Union[Refusals, _Mapping]]] = ..., refused_ms: _Optional[int] = ...) -> None: ...

class Refusals(_message.Message):
    __slots__ = ("reason", "count")
    REASON_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    reason: str
    count: int
    def __init__(self, reason: _Optional[str] = ..., count: _Optional[int] = ...) -> None: ...

class Quota(_message.Message):
    __slots__ = ("tenant_id", "budget", "given", "use")
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    BUDGET_FIELD_NUMBER: _ClassVar[int]
    GIVEN_FIELD_NUMBER: _ClassVar[int]
    USE_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    budget: Budget
    given: _containers.RepeatedCompositeFieldContainer[GivenBudget]
    use: Use
    def __init__(self, tenant_id: _Optional[str] = ..., budget: _Optional[_Union[Budget, _Mapping]] = ..., given: _Optional[_Iterable[_Union[GivenBudget, _Mapping]]] = ..., use: _Optional[_Union[Use, _Mapping]] = ...) -> None: ...

class SetQuotaRequest(_message.Message):
    __slots__ = ("tenant_id", "budget")
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    BUDGET_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    budget: Budget
    def __init__(self, tenant_id: _Optional[str] = ..., budget: _Optional[_Union[Budget, _Mapping]] = ...) -> None: ...

class SetQuotaReply(_message.Message):
    __slots__ = ("quota",)
    QUOTA_FIELD_NUMBER: _ClassVar[int]
    quota: Quota
    def __init__(self, quota: _Optional[_Union[Quota, _Mapping]] = ...) -> None: ...

class GetQuotaRequest(_message.Message):
    __slots__ = ("tenant_id",)
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    def __init__(self, tenant_id: _Optional[str] = ...) -> None: ...

class GetQuotaReply(_message.Message):
    __slots__ = ("quota",)
    QUOTA_FIELD_NUMBER: _ClassVar[int]
    quota: Quota
    def __init__(self, quota: _Optional[_Union[Quota, _Mapping]] = ...) -> None: ...

class ListQuotasRequest(_message.Message):
    __slots__ = ("page_size",)
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    def __init__(self, page_size: _Optional[int] = ...) -> None: ...

class ListQuotasReply(_message.Message):
    __slots__ = ("quotas", "total", "usual", "load")
    QUOTAS_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    USUAL_FIELD_NUMBER: _ClassVar[int]
    LOAD_FIELD_NUMBER: _ClassVar[int]
    quotas: _containers.RepeatedCompositeFieldContainer[Quota]
    total: int
    usual: Budget
    load: Load
    def __init__(self, quotas: _Optional[_Iterable[_Union[Quota, _Mapping]]] = ..., total: _Optional[int] = ..., usual: _Optional[_Union[Budget, _Mapping]] = ..., load: _Optional[_Union[Load, _Mapping]] = ...) -> None: ...

class Load(_message.Message):
    __slots__ = ("calls", "waiting", "held", "streams")
    CALLS_FIELD_NUMBER: _ClassVar[int]
    WAITING_FIELD_NUMBER: _ClassVar[int]
    HELD_FIELD_NUMBER: _ClassVar[int]
    STREAMS_FIELD_NUMBER: _ClassVar[int]
    calls: int
    waiting: int
    held: int
    streams: int
    def __init__(self, calls: _Optional[int] = ..., waiting: _Optional[int] = ..., held: _Optional[int] = ..., streams: _Optional[int] = ...) -> None: ...

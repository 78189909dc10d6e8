from buf.validate import validate_pb2 as _validate_pb2
from zongheng_protos.options.v1 import options_pb2 as _options_pb2
from zongheng_protos.tenancy.v1 import tenancy_pb2 as _tenancy_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class TreeChange(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TREE_CHANGE_UNSPECIFIED: _ClassVar[TreeChange]
    TREE_CHANGE_ADDED: _ClassVar[TreeChange]
    TREE_CHANGE_RENAMED: _ClassVar[TreeChange]
    TREE_CHANGE_RECODED: _ClassVar[TreeChange]
    TREE_CHANGE_MOVED: _ClassVar[TreeChange]
    TREE_CHANGE_MERGED: _ClassVar[TreeChange]
    TREE_CHANGE_GONE: _ClassVar[TreeChange]
TREE_CHANGE_UNSPECIFIED: TreeChange
TREE_CHANGE_ADDED: TreeChange
TREE_CHANGE_RENAMED: TreeChange
TREE_CHANGE_RECODED: TreeChange
TREE_CHANGE_MOVED: TreeChange
TREE_CHANGE_MERGED: TreeChange
TREE_CHANGE_GONE: TreeChange

class Basis(_message.Message):
    __slots__ = ("legal_basis", "effective_on", "note")
    LEGAL_BASIS_FIELD_NUMBER: _ClassVar[int]
    EFFECTIVE_ON_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    legal_basis: str
    effective_on: str
    note: str
    def __init__(self, legal_basis: _Optional[str] = ..., effective_on: _Optional[str] = ..., note: _Optional[str] = ...) -> None: ...

class HistoryEntry(_message.Message):
    __slots__ = ("act", "from_ms", "to_ms", "recorded_ms", "log_index", "tenant", "basis", "actor_id", "operator")
    ACT_FIELD_NUMBER: _ClassVar[int]
    FROM_MS_FIELD_NUMBER: _ClassVar[int]
    TO_MS_FIELD_NUMBER: _ClassVar[int]
    RECORDED_MS_FIELD_NUMBER: _ClassVar[int]
    LOG_INDEX_FIELD_NUMBER: _ClassVar[int]
    TENANT_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    ACTOR_ID_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    act: str
    from_ms: int
    to_ms: int
    recorded_ms: int
    log_index: int
    tenant: _tenancy_pb2.Tenant
    basis: Basis
    actor_id: str
    operator: str
    def __init__(self, act: _Optional[str] = ..., from_ms: _Optional[int] = ..., to_ms: _Optional[int] = ..., recorded_ms: _Optional[int] = ..., log_index: _Optional[int] = ..., tenant: _Optional[_Union[_tenancy_pb2.Tenant, _Mapping]] = ..., basis: _Optional[_Union[Basis, _Mapping]] = ..., actor_id: _Optional[str] = ..., operator: _Optional[str] = ...) -> None: ...

class ListHistoryRequest(_message.Message):
    __slots__ = ("tenant_id",)
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    def __init__(self, tenant_id: _Optional[str] = ...) -> None: ...

class ListHistoryReply(_message.Message):
    __slots__ = ("entries",)
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[HistoryEntry]
    def __init__(self, entries: _Optional[_Iterable[_Union[HistoryEntry, _Mapping]]] = ...) -> None: ...

class FindTenantsRequest(_message.Message):
    __slots__ = ("text", "state", "limit")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    text: str
    state: _tenancy_pb2.TenantState
    limit: int
    def __init__(self, text: _Optional[str] = ..., state: _Optional[_Union[_tenancy_pb2.TenantState, str]] = ..., limit: _Optional[int] = ...) -> None: ...

class FindTenantsReply(_message.Message):
    __slots__ = ("tenants", "is_cut")
    TENANTS_FIELD_NUMBER: _ClassVar[int]
    IS_CUT_FIELD_NUMBER: _ClassVar[int]
    tenants: _containers.RepeatedCompositeFieldContainer[_tenancy_pb2.Tenant]
    is_cut: bool
    def __init__(self, tenants: _Optional[_Iterable[_Union[_tenancy_pb2.Tenant, _Mapping]]] = ..., is_cut: _Optional[bool] = ...) -> None: ...

class AddTenantRequest(_message.Message):
    __slots__ = ("parent_id", "level", "name", "code", "uscc", "kind", "basis")
    PARENT_ID_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    USCC_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    parent_id: str
    level: _tenancy_pb2.Level
    name: str
    code: str
    uscc: str
    kind: str
    basis: Basis
    def __init__(self, parent_id: _Optional[str] = ..., level: _Optional[_Union[_tenancy_pb2.Level, str]] = ..., name: _Optional[str] = ..., code: _Optional[str] = ..., uscc: _Optional[str] = ..., kind: _Optional[str] = ..., basis: _Optional[_Union[Basis, _Mapping]] = ...) -> None: ...

class AddTenantReply(_message.Message):
    __slots__ = ("tenant",)
    TENANT_FIELD_NUMBER: _ClassVar[int]
    tenant: _tenancy_pb2.Tenant
    def __init__(self, tenant: _Optional[_Union[_tenancy_pb2.Tenant, _Mapping]] = ...) -> None: ...

class RenameTenantRequest(_message.Message):
    __slots__ = ("tenant_id", "name", "kind", "basis")
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    name: str
    kind: str
    basis: Basis
    def __init__(self, tenant_id: _Optional[str] = ..., name: _Optional[str] = ..., kind: _Optional[str] = ..., basis: _Optional[_Union[Basis, _Mapping]] = ...) -> None: ...

class RenameTenantReply(_message.Message):
    __slots__ = ("tenant",)
    TENANT_FIELD_NUMBER: _ClassVar[int]
    tenant: _tenancy_pb2.Tenant
    def __init__(self, tenant: _Optional[_Union[_tenancy_pb2.Tenant, _Mapping]] = ...) -> None: ...

class RecodeTenantRequest(_message.Message):
    __slots__ = ("tenant_id", "code", "uscc", "name", "kind", "basis")
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    USCC_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    code: str
    uscc: str
    name: str
    kind: str
    basis: Basis
    def __init__(self, tenant_id: _Optional[str] = ..., code: _Optional[str] = ..., uscc: _Optional[str] = ..., name: _Optional[str] = ..., kind: _Optional[str] = ..., basis: _Optional[_Union[Basis, _Mapping]] = ...) -> None: ...

class RecodeTenantReply(_message.Message):
    __slots__ = ("tenant",)
    TENANT_FIELD_NUMBER: _ClassVar[int]
    tenant: _tenancy_pb2.Tenant
    def __init__(self, tenant: _Optional[_Union[_tenancy_pb2.Tenant, _Mapping]] = ...) -> None: ...

class MoveTenantRequest(_message.Message):
    __slots__ = ("tenant_id", "parent_id", "basis")
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    PARENT_ID_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    parent_id: str
    basis: Basis
    def __init__(self, tenant_id: _Optional[str] = ..., parent_id: _Optional[str] = ..., basis: _Optional[_Union[Basis, _Mapping]] = ...) -> None: ...

class MoveTenantReply(_message.Message):
    __slots__ = ("tenant",)
    TENANT_FIELD_NUMBER: _ClassVar[int]
    tenant: _tenancy_pb2.Tenant
    def __init__(self, tenant: _Optional[_Union[_tenancy_pb2.Tenant, _Mapping]] = ...) -> None: ...

class MergeTenantRequest(_message.Message):
    __slots__ = ("tenant_id", "successor_id", "basis")
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    SUCCESSOR_ID_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    successor_id: str
    basis: Basis
    def __init__(self, tenant_id: _Optional[str] = ..., successor_id: _Optional[str] = ..., basis: _Optional[_Union[Basis, _Mapping]] = ...) -> None: ...

class MergeTenantReply(_message.Message):
    __slots__ = ("tenant", "successor", "units", "needs")
    TENANT_FIELD_NUMBER: _ClassVar[int]
    SUCCESSOR_FIELD_NUMBER: _ClassVar[int]
    UNITS_FIELD_NUMBER: _ClassVar[int]
    NEEDS_FIELD_NUMBER: _ClassVar[int]
    tenant: _tenancy_pb2.Tenant
    successor: _tenancy_pb2.Tenant
    units: int
    needs: int
    def __init__(self, tenant: _Optional[_Union[_tenancy_pb2.Tenant, _Mapping]] = ..., successor: _Optional[_Union[_tenancy_pb2.Tenant, _Mapping]] = ..., units: _Optional[int] = ..., needs: _Optional[int] = ...) -> None: ...

class SuspendTenantRequest(_message.Message):
    __slots__ = ("tenant_id", "basis")
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    basis: Basis
    def __init__(self, tenant_id: _Optional[str] = ..., basis: _Optional[_Union[Basis, _Mapping]] = ...) -> None: ...

class SuspendTenantReply(_message.Message):
    __slots__ = ("tenant",)
    TENANT_FIELD_NUMBER: _ClassVar[int]
    tenant: _tenancy_pb2.Tenant
    def __init__(self, tenant: _Optional[_Union[_tenancy_pb2.Tenant, _Mapping]] = ...) -> None: ...

class ResumeTenantRequest(_message.Message):
    __slots__ = ("tenant_id", "basis")
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    basis: Basis
    def __init__(self, tenant_id: _Optional[str] = ..., basis: _Optional[_Union[Basis, _Mapping]] = ...) -> None: ...

class ResumeTenantReply(_message.Message):
    __slots__ = ("tenant",)
    TENANT_FIELD_NUMBER: _ClassVar[int]
    tenant: _tenancy_pb2.Tenant
    def __init__(self, tenant: _Optional[_Union[_tenancy_pb2.Tenant, _Mapping]] = ...) -> None: ...

class CloseTenantRequest(_message.Message):
    __slots__ = ("tenant_id", "basis", "end_adoptions")
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    END_ADOPTIONS_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    basis: Basis
    end_adoptions: bool
    def __init__(self, tenant_id: _Optional[str] = ..., basis: _Optional[_Union[Basis, _Mapping]] = ..., end_adoptions: _Optional[bool] = ...) -> None: ...

class CloseTenantReply(_message.Message):
    __slots__ = ("tenant",)
    TENANT_FIELD_NUMBER: _ClassVar[int]
    tenant: _tenancy_pb2.Tenant
    def __init__(self, tenant: _Optional[_Union[_tenancy_pb2.Tenant, _Mapping]] = ...) -> None: ...

class PreviewChangeRequest(_message.Message):
    __slots__ = ("tenant_id", "add", "rename", "recode", "move", "merge", "suspend", "resume", "close")
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    ADD_FIELD_NUMBER: _ClassVar[int]
    RENAME_FIELD_NUMBER: _ClassVar[int]
    RECODE_FIELD_NUMBER: _ClassVar[int]
    MOVE_FIELD_NUMBER: _ClassVar[int]
    MERGE_FIELD_NUMBER: _ClassVar[int]
    SUSPEND_FIELD_NUMBER: _ClassVar[int]
    RESUME_FIELD_NUMBER: _ClassVar[int]
    CLOSE_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    add: AddTenantRequest
    rename: RenameTenantRequest
    recode: RecodeTenantRequest
    move: MoveTenantRequest
    merge: MergeTenantRequest
    suspend: SuspendTenantRequest
    resume: ResumeTenantRequest
    close: CloseTenantRequest
    def __init__(self, tenant_id: _Optional[str] = ..., add: _Optional[_Union[AddTenantRequest, _Mapping]] = ..., rename: _Optional[_Union[RenameTenantRequest, _Mapping]] = ..., recode: _Optional[_Union[RecodeTenantRequest, _Mapping]] = ..., move: _Optional[_Union[MoveTenantRequest, _Mapping]] = ..., merge: _Optional[_Union[MergeTenantRequest, _Mapping]] = ..., suspend: _Optional[_Union[SuspendTenantRequest, _Mapping]] = ..., resume: _Optional[_Union[ResumeTenantRequest, _Mapping]] = ..., close: _Optional[_Union[CloseTenantRequest, _Mapping]] = ...) -> None: ...

class PreviewChangeReply(_message.Message):
    __slots__ = ("after", "units", "enrolled", "open_needs", "adoptions", "grants")
    AFTER_FIELD_NUMBER: _ClassVar[int]
    UNITS_FIELD_NUMBER: _ClassVar[int]
    ENROLLED_FIELD_NUMBER: _ClassVar[int]
    OPEN_NEEDS_FIELD_NUMBER: _ClassVar[int]
    ADOPTIONS_FIELD_NUMBER: _ClassVar[int]
    GRANTS_FIELD_NUMBER: _ClassVar[int]
    after: _containers.RepeatedCompositeFieldContainer[_tenancy_pb2.Tenant]
    units: int
    enrolled: int
    open_needs: int
    adoptions: int
    grants: int
    def __init__(self, after: _Optional[_Iterable[_Union[_tenancy_pb2.Tenant, _Mapping]]] = ..., units: _Optional[int] = ..., enrolled: _Optional[int] = ..., open_needs: _Optional[int] = ..., adoptions: _Optional[int] = ..., grants: _Optional[int] = ...) -> None: ...

class TreeDifference(_message.Message):
    __slots__ = ("changes", "tenant_id", "level", "code", "name", "kind", "parent_code", "old_code", "old_name", "old_kind", "old_parent_code")
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    PARENT_CODE_FIELD_NUMBER: _ClassVar[int]
    OLD_CODE_FIELD_NUMBER: _ClassVar[int]
    OLD_NAME_FIELD_NUMBER: _ClassVar[int]
    OLD_KIND_FIELD_NUMBER: _ClassVar[int]
    OLD_PARENT_CODE_FIELD_NUMBER: _ClassVar[int]
    changes: _containers.RepeatedScalarFieldContainer[TreeChange]
    tenant_id: str
    level: _tenancy_pb2.Level
    code: str
    name: str
    kind: str
    parent_code: str
    old_code: str
    old_name: str
    old_kind: str
    old_parent_code: str
    def __init__(self, changes: _Optional[_Iterable[_Union[TreeChange, str]]] = ..., tenant_id: _Optional[str] = ..., level: _Optional[_Union[_tenancy_pb2.Level, str]] = ..., code: _Optional[str] = ..., name: _Optional[str] = ..., kind: _Optional[str] = ..., parent_code: _Optional[str] = ..., old_code: _Optional[str] = ..., old_name: _Optional[str] = ..., old_kind: _Optional[str] = ..., old_parent_code: _Optional[str] = ...) -> None: ...

class PreviewImportRequest(_message.Message):
    __slots__ = ("table",)
    TABLE_FIELD_NUMBER: _ClassVar[int]
    table: bytes
    def __init__(self, table: _Optional[bytes] = ...) -> None: ...

class PreviewImportReply(_message.Message):
    __slots__ = ("differences", "added", "renamed", "recoded", "moved", "merged", "gone", "unchanged", "diff_sha256", "table_sha256", "obstacles")
    DIFFERENCES_FIELD_NUMBER: _ClassVar[int]
    ADDED_FIELD_NUMBER: _ClassVar[int]
    RENAMED_FIELD_NUMBER: _ClassVar[int]
    RECODED_FIELD_NUMBER: _ClassVar[int]
    MOVED_FIELD_NUMBER: _ClassVar[int]
    MERGED_FIELD_NUMBER: _ClassVar[int]
    GONE_FIELD_NUMBER: _ClassVar[int]
    UNCHANGED_FIELD_NUMBER: _ClassVar[int]
    DIFF_SHA256_FIELD_NUMBER: _ClassVar[int]
    TABLE_SHA256_FIELD_NUMBER: _ClassVar[int]
    OBSTACLES_FIELD_NUMBER: _ClassVar[int]
    differences: _containers.RepeatedCompositeFieldContainer[TreeDifference]
    added: int
    renamed: int
    recoded: int
    moved: int
    merged: int
    gone: int
    unchanged: int
    diff_sha256: bytes
    table_sha256: bytes
    obstacles: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, differences: _Optional[_Iterable[_Union[TreeDifference, _Mapping]]] = ..., added: _Optional[int] = ..., renamed: _Optional[int] = ..., recoded: _Optional[int] = ..., moved: _Optional[int] = ..., merged: _Optional[int] = ..., gone: _Optional[int] = ..., unchanged: _Optional[int] = ..., diff_sha256: _Optional[bytes] = ..., table_sha256: _Optional[bytes] = ..., obstacles: _Optional[_Iterable[str]] = ...) -> None: ...

class ImportTreeRequest(_message.Message):
    __slots__ = ("table", "diff_sha256", "basis")
    TABLE_FIELD_NUMBER: _ClassVar[int]
    DIFF_SHA256_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    table: bytes
    diff_sha256: bytes
    basis: Basis
    def __init__(self, table: _Optional[bytes] = ..., diff_sha256: _Optional[bytes] = ..., basis: _Optional[_Union[Basis, _Mapping]] = ...) -> None: ...

class ImportTreeReply(_message.Message):
    __slots__ = ("added", "renamed", "recoded", "moved", "merged", "gone", "table_sha256")
    ADDED_FIELD_NUMBER: _ClassVar[int]
    RENAMED_FIELD_NUMBER: _ClassVar[int]
    RECODED_FIELD_NUMBER: _ClassVar[int]
    MOVED_FIELD_NUMBER: _ClassVar[int]
    MERGED_FIELD_NUMBER: _ClassVar[int]
    GONE_FIELD_NUMBER: _ClassVar[int]
    TABLE_SHA256_FIELD_NUMBER: _ClassVar[int]
    added: int
    renamed: int
    recoded: int
    moved: int
    merged: int
    gone: int
    table_sha256: bytes
    def __init__(self, added: _Optional[int] = ..., renamed: _Optional[int] = ..., recoded: _Optional[int] = ..., moved: _Optional[int] = ..., merged: _Optional[int] = ..., gone: _Optional[int] = ..., table_sha256: _Optional[bytes] = ...) -> None: ...

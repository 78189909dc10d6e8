from buf.validate import validate_pb2 as _validate_pb2
from zongheng_protos.options.v1 import options_pb2 as _options_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Role(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ROLE_UNSPECIFIED: _ClassVar[Role]
    ROLE_HANDLER: _ClassVar[Role]
    ROLE_DATA_STEWARD: _ClassVar[Role]
    ROLE_APPROVER: _ClassVar[Role]
    ROLE_INTEGRATOR: _ClassVar[Role]
    ROLE_PUBLISHER: _ClassVar[Role]
    ROLE_REVIEWER: _ClassVar[Role]
    ROLE_ADMINISTRATOR: _ClassVar[Role]
    ROLE_AUDITOR: _ClassVar[Role]
ROLE_UNSPECIFIED: Role
ROLE_HANDLER: Role
ROLE_DATA_STEWARD: Role
ROLE_APPROVER: Role
ROLE_INTEGRATOR: Role
ROLE_PUBLISHER: Role
ROLE_REVIEWER: Role
ROLE_ADMINISTRATOR: Role
ROLE_AUDITOR: Role

class Operator(_message.Message):
    __slots__ = ("id", "tenant_id", "name", "login", "staff_number", "oidc_subject", "roles", "disabled", "must_set_up", "added_ms", "signed_in_ms")
    ID_FIELD_NUMBER: _ClassVar[int]
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    LOGIN_FIELD_NUMBER: _ClassVar[int]
    STAFF_NUMBER_FIELD_NUMBER: _ClassVar[int]
    OIDC_SUBJECT_FIELD_NUMBER: _ClassVar[int]
    ROLES_FIELD_NUMBER: _ClassVar[int]
    DISABLED_FIELD_NUMBER: _ClassVar[int]
    MUST_SET_UP_FIELD_NUMBER: _ClassVar[int]
    ADDED_MS_FIELD_NUMBER: _ClassVar[int]
    SIGNED_IN_MS_FIELD_NUMBER: _ClassVar[int]
    id: str
    tenant_id: str
    name: str
    login: str
    staff_number: str
    oidc_subject: str
    roles: _containers.RepeatedScalarFieldContainer[Role]
    disabled: bool
    must_set_up: bool
    added_ms: int
    signed_in_ms: int
    def __init__(self, id: _Optional[str] = ..., tenant_id: _Optional[str] = ..., name: _Optional[str] = ..., login: _Optional[str] = ..., staff_number: _Optional[str] = ..., oidc_subject: _Optional[str] = ..., roles: _Optional[_Iterable[_Union[Role, str]]] = ..., disabled: _Optional[bool] = ..., must_set_up: _Optional[bool] = ..., added_ms: _Optional[int] = ..., signed_in_ms: _Optional[int] = ...) -> None: ...

class RoleRequest(_message.Message):
    __slots__ = ("id", "operator_id", "roles", "asked_by", "asked_ms")
    ID_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_ID_FIELD_NUMBER: _ClassVar[int]
    ROLES_FIELD_NUMBER: _ClassVar[int]
    ASKED_BY_FIELD_NUMBER: _ClassVar[int]
    ASKED_MS_FIELD_NUMBER: _ClassVar[int]
    id: str
    operator_id: str
    roles: _containers.RepeatedScalarFieldContainer[Role]
    asked_by: str
    asked_ms: int
    def __init__(self, id: _Optional[str] = ..., operator_id: _Optional[str] = ..., roles: _Optional[_Iterable[_Union[Role, str]]] = ..., asked_by: _Optional[str] = ..., asked_ms: _Optional[int] = ...) -> None: ...

class AddOperatorRequest(_message.Message):
    __slots__ = ("tenant_id", "name", "login", "staff_number", "oidc_subject", "roles", "link_sha256")
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    LOGIN_FIELD_NUMBER: _ClassVar[int]
    STAFF_NUMBER_FIELD_NUMBER: _ClassVar[int]
    OIDC_SUBJECT_FIELD_NUMBER: _ClassVar[int]
    ROLES_FIELD_NUMBER: _ClassVar[int]
    LINK_SHA256_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    name: str
    login: str
    staff_number: str
    oidc_subject: str
    roles: _containers.RepeatedScalarFieldContainer[Role]
    link_sha256: bytes
    def __init__(self, tenant_id: _Optional[str] = ..., name: _Optional[str] = ..., login: _Optional[str] = ..., staff_number: _Optional[str] = ..., oidc_subject: _Optional[str] = ..., roles: _Optional[_Iterable[_Union[Role, str]]] = ..., link_sha256: _Optional[bytes] = ...) -> None: ...

class AddOperatorReply(_message.Message):
    __slots__ = ("operator", "waiting")
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    WAITING_FIELD_NUMBER: _ClassVar[int]
    operator: Operator
    waiting: RoleRequest
    def __init__(self, operator: _Optional[_Union[Operator, _Mapping]] = ..., waiting: _Optional[_Union[RoleRequest, _Mapping]] = ...) -> None: ...

class ChangeRolesRequest(_message.Message):
    __slots__ = ("operator_id", "roles")
    OPERATOR_ID_FIELD_NUMBER: _ClassVar[int]
    ROLES_FIELD_NUMBER: _ClassVar[int]
    operator_id: str
    roles: _containers.RepeatedScalarFieldContainer[Role]
    def __init__(self, operator_id: _Optional[str] = ..., roles: _Optional[_Iterable[_Union[Role, str]]] = ...) -> None: ...

class ChangeRolesReply(_message.Message):
    __slots__ = ("operator", "waiting")
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    WAITING_FIELD_NUMBER: _ClassVar[int]
    operator: Operator
    waiting: RoleRequest
    def __init__(self, operator: _Optional[_Union[Operator, _Mapping]] = ..., waiting: _Optional[_Union[RoleRequest, _Mapping]] = ...) -> None: ...

class ApproveRolesRequest(_message.Message):
    __slots__ = ("operator_id", "request_id", "refused")
    OPERATOR_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    operator_id: str
    request_id: str
    refused: bool
    def __init__(self, operator_id: _Optional[str] = ..., request_id: _Optional[str] = ..., refused: _Optional[bool] = ...) -> None: ...

class ApproveRolesReply(_message.Message):
    __slots__ = ("operator",)
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    operator: Operator
    def __init__(self, operator: _Optional[_Union[Operator, _Mapping]] = ...) -> None: ...

class DisableOperatorRequest(_message.Message):
    __slots__ = ("operator_id",)
    OPERATOR_ID_FIELD_NUMBER: _ClassVar[int]
    operator_id: str
    def __init__(self, operator_id: _Optional[str] = ...) -> None: ...

class DisableOperatorReply(_message.Message):
    __slots__ = ("operator",)
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    operator: Operator
    def __init__(self, operator: _Optional[_Union[Operator, _Mapping]] = ...) -> None: ...

class EnableOperatorRequest(_message.Message):
    __slots__ = ("operator_id",)
    OPERATOR_ID_FIELD_NUMBER: _ClassVar[int]
    operator_id: str
    def __init__(self, operator_id: _Optional[str] = ...) -> None: ...

class EnableOperatorReply(_message.Message):
    __slots__ = ("operator",)
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    operator: Operator
    def __init__(self, operator: _Optional[_Union[Operator, _Mapping]] = ...) -> None: ...

class ResetLoginRequest(_message.Message):
    __slots__ = ("operator_id", "link_sha256")
    OPERATOR_ID_FIELD_NUMBER: _ClassVar[int]
    LINK_SHA256_FIELD_NUMBER: _ClassVar[int]
    operator_id: str
    link_sha256: bytes
    def __init__(self, operator_id: _Optional[str] = ..., link_sha256: _Optional[bytes] = ...) -> None: ...

class ResetLoginReply(_message.Message):
    __slots__ = ("operator",)
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    operator: Operator
    def __init__(self, operator: _Optional[_Union[Operator, _Mapping]] = ...) -> None: ...

class SetOperatorsRequiredRequest(_message.Message):
    __slots__ = ("tenant_id", "required")
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    REQUIRED_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    required: bool
    def __init__(self, tenant_id: _Optional[str] = ..., required: _Optional[bool] = ...) -> None: ...

class SetOperatorsRequiredReply(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListOperatorsRequest(_message.Message):
    __slots__ = ("tenant_id", "page_token")
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    page_token: str
    def __init__(self, tenant_id: _Optional[str] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListOperatorsReply(_message.Message):
    __slots__ = ("operators", "next_page_token", "waiting", "operators_required")
    OPERATORS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    WAITING_FIELD_NUMBER: _ClassVar[int]
    OPERATORS_REQUIRED_FIELD_NUMBER: _ClassVar[int]
    operators: _containers.RepeatedCompositeFieldContainer[Operator]
    next_page_token: str
    waiting: _containers.RepeatedCompositeFieldContainer[RoleRequest]
    operators_required: bool
    def __init__(self, operators: _Optional[_Iterable[_Union[Operator, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., waiting: _Optional[_Iterable[_Union[RoleRequest, _Mapping]]] = ..., operators_required: _Optional[bool] = ...) -> None: ...

from google.protobuf import descriptor_pb2 as _descriptor_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Right(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RIGHT_UNSPECIFIED: _ClassVar[Right]
    RIGHT_OPEN: _ClassVar[Right]
    RIGHT_ENROLLED: _ClassVar[Right]
    RIGHT_ADOPT: _ClassVar[Right]
    RIGHT_CALL: _ClassVar[Right]
    RIGHT_FILE: _ClassVar[Right]
    RIGHT_HANDLE: _ClassVar[Right]
    RIGHT_OFFER: _ClassVar[Right]
    RIGHT_REQUEST: _ClassVar[Right]
    RIGHT_GRANT: _ClassVar[Right]
    RIGHT_PUBLISH: _ClassVar[Right]
    RIGHT_REVIEW: _ClassVar[Right]
    RIGHT_AUDIT: _ClassVar[Right]
    RIGHT_ADMINISTER: _ClassVar[Right]

class Relation(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RELATION_UNSPECIFIED: _ClassVar[Relation]
    RELATION_ANYONE: _ClassVar[Relation]
    RELATION_OWN: _ClassVar[Relation]
    RELATION_PARENT: _ClassVar[Relation]
    RELATION_ABOVE: _ClassVar[Relation]
    RELATION_HANDLER: _ClassVar[Relation]
    RELATION_GRANTEE: _ClassVar[Relation]

class Quota(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    QUOTA_UNSPECIFIED: _ClassVar[Quota]
    QUOTA_READ: _ClassVar[Quota]
    QUOTA_ACT: _ClassVar[Quota]
    QUOTA_BULK: _ClassVar[Quota]

class Retry(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RETRY_UNSPECIFIED: _ClassVar[Retry]
    RETRY_NEVER: _ClassVar[Retry]
    RETRY_SAFE: _ClassVar[Retry]
RIGHT_UNSPECIFIED: Right
RIGHT_OPEN: Right
RIGHT_ENROLLED: Right
RIGHT_ADOPT: Right
RIGHT_CALL: Right
RIGHT_FILE: Right
RIGHT_HANDLE: Right
RIGHT_OFFER: Right
RIGHT_REQUEST: Right
RIGHT_GRANT: Right
RIGHT_PUBLISH: Right
RIGHT_REVIEW: Right
RIGHT_AUDIT: Right
RIGHT_ADMINISTER: Right
RELATION_UNSPECIFIED: Relation
RELATION_ANYONE: Relation
RELATION_OWN: Relation
RELATION_PARENT: Relation
RELATION_ABOVE: Relation
RELATION_HANDLER: Relation
RELATION_GRANTEE: Relation
QUOTA_UNSPECIFIED: Quota
QUOTA_READ: Quota
QUOTA_ACT: Quota
QUOTA_BULK: Quota
RETRY_UNSPECIFIED: Retry
RETRY_NEVER: Retry
RETRY_SAFE: Retry
RULE_FIELD_NUMBER: _ClassVar[int]
rule: _descriptor.FieldDescriptor

class MethodRule(_message.Message):
    __slots__ = ("right", "relations", "subject", "act", "quota", "retry")
    RIGHT_FIELD_NUMBER: _ClassVar[int]
    RELATIONS_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    ACT_FIELD_NUMBER: _ClassVar[int]
    QUOTA_FIELD_NUMBER: _ClassVar[int]
    RETRY_FIELD_NUMBER: _ClassVar[int]
    right: Right
    relations: _containers.RepeatedScalarFieldContainer[Relation]
    subject: str
    act: str
    quota: Quota
    retry: Retry
    def __init__(self, right: _Optional[_Union[Right, str]] = ..., relations: _Optional[_Iterable[_Union[Relation, str]]] = ..., subject: _Optional[str] = ..., act: _Optional[str] = ..., quota: _Optional[_Union[Quota, str]] = ..., retry: _Optional[_Union[Retry, str]] = ...) -> None: ...

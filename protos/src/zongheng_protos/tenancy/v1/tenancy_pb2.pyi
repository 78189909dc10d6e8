from buf.validate import validate_pb2 as _validate_pb2
from zongheng_protos.options.v1 import options_pb2 as _options_pb2
from zongheng_protos.tenancy.v1 import credential_pb2 as _credential_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Level(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LEVEL_UNSPECIFIED: _ClassVar[Level]
    LEVEL_PROVINCE: _ClassVar[Level]
    LEVEL_CITY: _ClassVar[Level]
    LEVEL_COUNTY: _ClassVar[Level]
    LEVEL_TOWNSHIP: _ClassVar[Level]
    LEVEL_DEPARTMENT: _ClassVar[Level]
    LEVEL_EXTRA: _ClassVar[Level]

class TenantState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TENANT_STATE_UNSPECIFIED: _ClassVar[TenantState]
    TENANT_STATE_ACTIVE: _ClassVar[TenantState]
    TENANT_STATE_SUSPENDED: _ClassVar[TenantState]
    TENANT_STATE_CLOSED: _ClassVar[TenantState]

class EnrolmentState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ENROLMENT_STATE_UNSPECIFIED: _ClassVar[EnrolmentState]
    ENROLMENT_STATE_WAITING: _ClassVar[EnrolmentState]
    ENROLMENT_STATE_ISSUED: _ClassVar[EnrolmentState]
    ENROLMENT_STATE_REJECTED: _ClassVar[EnrolmentState]
LEVEL_UNSPECIFIED: Level
LEVEL_PROVINCE: Level
LEVEL_CITY: Level
LEVEL_COUNTY: Level
LEVEL_TOWNSHIP: Level
LEVEL_DEPARTMENT: Level
LEVEL_EXTRA: Level
TENANT_STATE_UNSPECIFIED: TenantState
TENANT_STATE_ACTIVE: TenantState
TENANT_STATE_SUSPENDED: TenantState
TENANT_STATE_CLOSED: TenantState
ENROLMENT_STATE_UNSPECIFIED: EnrolmentState
ENROLMENT_STATE_WAITING: EnrolmentState
ENROLMENT_STATE_ISSUED: EnrolmentState
ENROLMENT_STATE_REJECTED: EnrolmentState

class Tenant(_message.Message):
    __slots__ = ("id", "parent_id", "level", "name", "code", "enrolled", "uscc", "kind", "state", "successor_id")
    ID_FIELD_NUMBER: _ClassVar[int]
    PARENT_ID_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    ENROLLED_FIELD_NUMBER: _ClassVar[int]
    USCC_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    SUCCESSOR_ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    parent_id: str
    level: Level
    name: str
    code: str
    enrolled: bool
    uscc: str
    kind: str
    state: TenantState
    successor_id: str
    def __init__(self, id: _Optional[str] = ..., parent_id: _Optional[str] = ..., level: _Optional[_Union[Level, str]] = ..., name: _Optional[str] = ..., code: _Optional[str] = ..., enrolled: _Optional[bool] = ..., uscc: _Optional[str] = ..., kind: _Optional[str] = ..., state: _Optional[_Union[TenantState, str]] = ..., successor_id: _Optional[str] = ...) -> None: ...

class GetHubRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetHubReply(_message.Message):
    __slots__ = ("hub_id", "province_id", "grpc_address", "ca_pem", "root", "root_fingerprint", "log_vkey")
    HUB_ID_FIELD_NUMBER: _ClassVar[int]
    PROVINCE_ID_FIELD_NUMBER: _ClassVar[int]
    GRPC_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    CA_PEM_FIELD_NUMBER: _ClassVar[int]
    ROOT_FIELD_NUMBER: _ClassVar[int]
    ROOT_FINGERPRINT_FIELD_NUMBER: _ClassVar[int]
    LOG_VKEY_FIELD_NUMBER: _ClassVar[int]
    hub_id: str
    province_id: str
    grpc_address: str
    ca_pem: bytes
    root: bytes
    root_fingerprint: str
    log_vkey: str
    def __init__(self, hub_id: _Optional[str] = ..., province_id: _Optional[str] = ..., grpc_address: _Optional[str] = ..., ca_pem: _Optional[bytes] = ..., root: _Optional[bytes] = ..., root_fingerprint: _Optional[str] = ..., log_vkey: _Optional[str] = ...) -> None: ...

class GetTenantRequest(_message.Message):
    __slots__ = ("tenant_id", "code", "as_of_ms")
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    AS_OF_MS_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    code: str
    as_of_ms: int
    def __init__(self, tenant_id: _Optional[str] = ..., code: _Optional[str] = ..., as_of_ms: _Optional[int] = ...) -> None: ...

class GetTenantReply(_message.Message):
    __slots__ = ("tenant",)
    TENANT_FIELD_NUMBER: _ClassVar[int]
    tenant: Tenant
    def __init__(self, tenant: _Optional[_Union[Tenant, _Mapping]] = ...) -> None: ...

class ListTenantsRequest(_message.Message):
    __slots__ = ("parent_id", "level", "page_token", "page_size", "with_closed")
    PARENT_ID_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    WITH_CLOSED_FIELD_NUMBER: _ClassVar[int]
    parent_id: str
    level: Level
    page_token: str
    page_size: int
    with_closed: bool
    def __init__(self, parent_id: _Optional[str] = ..., level: _Optional[_Union[Level, str]] = ..., page_token: _Optional[str] = ..., page_size: _Optional[int] = ..., with_closed: _Optional[bool] = ...) -> None: ...

class ListTenantsReply(_message.Message):
    __slots__ = ("tenants", "next_page_token")
    TENANTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    tenants: _containers.RepeatedCompositeFieldContainer[Tenant]
    next_page_token: str
    def __init__(self, tenants: _Optional[_Iterable[_Union[Tenant, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GetChainRequest(_message.Message):
    __slots__ = ("tenant_id",)
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    def __init__(self, tenant_id: _Optional[str] = ...) -> None: ...

class GetChainReply(_message.Message):
    __slots__ = ("envelopes", "earlier")
    ENVELOPES_FIELD_NUMBER: _ClassVar[int]
    EARLIER_FIELD_NUMBER: _ClassVar[int]
    envelopes: _containers.RepeatedScalarFieldContainer[bytes]
    earlier: _containers.RepeatedCompositeFieldContainer[Chain]
    def __init__(self, envelopes: _Optional[_Iterable[bytes]] = ..., earlier: _Optional[_Iterable[_Union[Chain, _Mapping]]] = ...) -> None: ...

class Chain(_message.Message):
    __slots__ = ("envelopes",)
    ENVELOPES_FIELD_NUMBER: _ClassVar[int]
    envelopes: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, envelopes: _Optional[_Iterable[bytes]] = ...) -> None: ...

class InviteRequest(_message.Message):
    __slots__ = ("tenant_id", "token_sha256", "expires_ms", "rights", "depth", "life_ms")
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    TOKEN_SHA256_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_MS_FIELD_NUMBER: _ClassVar[int]
    RIGHTS_FIELD_NUMBER: _ClassVar[int]
    DEPTH_FIELD_NUMBER: _ClassVar[int]
    LIFE_MS_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    token_sha256: bytes
    expires_ms: int
    rights: _containers.RepeatedScalarFieldContainer[_options_pb2.Right]
    depth: int
    life_ms: int
    def __init__(self, tenant_id: _Optional[str] = ..., token_sha256: _Optional[bytes] = ..., expires_ms: _Optional[int] = ..., rights: _Optional[_Iterable[_Union[_options_pb2.Right, str]]] = ..., depth: _Optional[int] = ..., life_ms: _Optional[int] = ...) -> None: ...

class InviteReply(_message.Message):
    __slots__ = ("invitation_id",)
    INVITATION_ID_FIELD_NUMBER: _ClassVar[int]
    invitation_id: str
    def __init__(self, invitation_id: _Optional[str] = ...) -> None: ...

class EnrolRequest(_message.Message):
    __slots__ = ("invitation_id", "token", "csr", "signing_key", "sealing_key", "proof", "invitation_mac", "suite", "answer")
    INVITATION_ID_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    CSR_FIELD_NUMBER: _ClassVar[int]
    SIGNING_KEY_FIELD_NUMBER: _ClassVar[int]
    SEALING_KEY_FIELD_NUMBER: _ClassVar[int]
    PROOF_FIELD_NUMBER: _ClassVar[int]
    INVITATION_MAC_FIELD_NUMBER: _ClassVar[int]
    SUITE_FIELD_NUMBER: _ClassVar[int]
    ANSWER_FIELD_NUMBER: _ClassVar[int]
    invitation_id: str
    token: bytes
    csr: bytes
    signing_key: bytes
    sealing_key: bytes
    proof: bytes
    invitation_mac: bytes
    suite: _credential_pb2.Suite
    answer: bytes
    def __init__(self, invitation_id: _Optional[str] = ..., token: _Optional[bytes] = ..., csr: _Optional[bytes] = ..., signing_key: _Optional[bytes] = ..., sealing_key: _Optional[bytes] = ..., proof: _Optional[bytes] = ..., invitation_mac: _Optional[bytes] = ..., suite: _Optional[_Union[_credential_pb2.Suite, str]] = ..., answer: _Optional[bytes] = ...) -> None: ...

class EnrolReply(_message.Message):
    __slots__ = ("enrolment_id",)
    ENROLMENT_ID_FIELD_NUMBER: _ClassVar[int]
    enrolment_id: str
    def __init__(self, enrolment_id: _Optional[str] = ...) -> None: ...

class ChallengeRequest(_message.Message):
    __slots__ = ("keys_digest", "sealing_key", "suite")
    KEYS_DIGEST_FIELD_NUMBER: _ClassVar[int]
    SEALING_KEY_FIELD_NUMBER: _ClassVar[int]
    SUITE_FIELD_NUMBER: _ClassVar[int]
    keys_digest: bytes
    sealing_key: bytes
    suite: _credential_pb2.Suite
    def __init__(self, keys_digest: _Optional[bytes] = ..., sealing_key: _Optional[bytes] = ..., suite: _Optional[_Union[_credential_pb2.Suite, str]] = ...) -> None: ...

class ChallengeReply(_message.Message):
    __slots__ = ("wrapped",)
    WRAPPED_FIELD_NUMBER: _ClassVar[int]
    wrapped: bytes
    def __init__(self, wrapped: _Optional[bytes] = ...) -> None: ...

class RejectEnrolmentRequest(_message.Message):
    __slots__ = ("tenant_id", "enrolment_id", "reason")
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    ENROLMENT_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    enrolment_id: str
    reason: str
    def __init__(self, tenant_id: _Optional[str] = ..., enrolment_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class RejectEnrolmentReply(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class RequestRotationRequest(_message.Message):
    __slots__ = ("csr", "signing_key", "sealing_key", "proof", "answer", "suite")
    CSR_FIELD_NUMBER: _ClassVar[int]
    SIGNING_KEY_FIELD_NUMBER: _ClassVar[int]
    SEALING_KEY_FIELD_NUMBER: _ClassVar[int]
    PROOF_FIELD_NUMBER: _ClassVar[int]
    ANSWER_FIELD_NUMBER: _ClassVar[int]
    SUITE_FIELD_NUMBER: _ClassVar[int]
    csr: bytes
    signing_key: bytes
    sealing_key: bytes
    proof: bytes
    answer: bytes
    suite: _credential_pb2.Suite
    def __init__(self, csr: _Optional[bytes] = ..., signing_key: _Optional[bytes] = ..., sealing_key: _Optional[bytes] = ..., proof: _Optional[bytes] = ..., answer: _Optional[bytes] = ..., suite: _Optional[_Union[_credential_pb2.Suite, str]] = ...) -> None: ...

class RequestRotationReply(_message.Message):
    __slots__ = ("enrolment_id",)
    ENROLMENT_ID_FIELD_NUMBER: _ClassVar[int]
    enrolment_id: str
    def __init__(self, enrolment_id: _Optional[str] = ...) -> None: ...

class ReissueRequest(_message.Message):
    __slots__ = ("tenant_id", "credential")
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    CREDENTIAL_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    credential: bytes
    def __init__(self, tenant_id: _Optional[str] = ..., credential: _Optional[bytes] = ...) -> None: ...

class ReissueReply(_message.Message):
    __slots__ = ("credential_id",)
    CREDENTIAL_ID_FIELD_NUMBER: _ClassVar[int]
    credential_id: str
    def __init__(self, credential_id: _Optional[str] = ...) -> None: ...

class Enrolment(_message.Message):
    __slots__ = ("id", "invitation_id", "tenant_id", "csr", "signing_key", "sealing_key", "proof", "invitation_mac", "console_key", "suite", "answer", "act", "request", "handed_in_ms", "rights", "depth", "life_ms", "state", "reason")
    ID_FIELD_NUMBER: _ClassVar[int]
    INVITATION_ID_FIELD_NUMBER: _ClassVar[int]
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    CSR_FIELD_NUMBER: _ClassVar[int]
    SIGNING_KEY_FIELD_NUMBER: _ClassVar[int]
    SEALING_KEY_FIELD_NUMBER: _ClassVar[int]
    PROOF_FIELD_NUMBER: _ClassVar[int]
    INVITATION_MAC_FIELD_NUMBER: _ClassVar[int]
    CONSOLE_KEY_FIELD_NUMBER: _ClassVar[int]
    SUITE_FIELD_NUMBER: _ClassVar[int]
    ANSWER_FIELD_NUMBER: _ClassVar[int]
    ACT_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    HANDED_IN_MS_FIELD_NUMBER: _ClassVar[int]
    RIGHTS_FIELD_NUMBER: _ClassVar[int]
    DEPTH_FIELD_NUMBER: _ClassVar[int]
    LIFE_MS_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    id: str
    invitation_id: str
    tenant_id: str
    csr: bytes
    signing_key: bytes
    sealing_key: bytes
    proof: bytes
    invitation_mac: bytes
    console_key: bytes
    suite: _credential_pb2.Suite
    answer: bytes
    act: bytes
    request: bytes
    handed_in_ms: int
    rights: _containers.RepeatedScalarFieldContainer[_options_pb2.Right]
    depth: int
    life_ms: int
    state: EnrolmentState
    reason: str
    def __init__(self, id: _Optional[str] = ..., invitation_id: _Optional[str] = ..., tenant_id: _Optional[str] = ..., csr: _Optional[bytes] = ..., signing_key: _Optional[bytes] = ..., sealing_key: _Optional[bytes] = ..., proof: _Optional[bytes] = ..., invitation_mac: _Optional[bytes] = ..., console_key: _Optional[bytes] = ..., suite: _Optional[_Union[_credential_pb2.Suite, str]] = ..., answer: _Optional[bytes] = ..., act: _Optional[bytes] = ..., request: _Optional[bytes] = ..., handed_in_ms: _Optional[int] = ..., rights: _Optional[_Iterable[_Union[_options_pb2.Right, str]]] = ..., depth: _Optional[int] = ..., life_ms: _Optional[int] = ..., state: _Optional[_Union[EnrolmentState, str]] = ..., reason: _Optional[str] = ...) -> None: ...

class ListEnrolmentsRequest(_message.Message):
    __slots__ = ("with_settled",)
    WITH_SETTLED_FIELD_NUMBER: _ClassVar[int]
    with_settled: bool
    def __init__(self, with_settled: _Optional[bool] = ...) -> None: ...

class ListEnrolmentsReply(_message.Message):
    __slots__ = ("enrolments",)
    ENROLMENTS_FIELD_NUMBER: _ClassVar[int]
    enrolments: _containers.RepeatedCompositeFieldContainer[Enrolment]
    def __init__(self, enrolments: _Optional[_Iterable[_Union[Enrolment, _Mapping]]] = ...) -> None: ...

class IssueCredentialRequest(_message.Message):
    __slots__ = ("tenant_id", "enrolment_id", "credential")
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    ENROLMENT_ID_FIELD_NUMBER: _ClassVar[int]
    CREDENTIAL_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    enrolment_id: str
    credential: bytes
    def __init__(self, tenant_id: _Optional[str] = ..., enrolment_id: _Optional[str] = ..., credential: _Optional[bytes] = ...) -> None: ...

class IssueCredentialReply(_message.Message):
    __slots__ = ("credential_id",)
    CREDENTIAL_ID_FIELD_NUMBER: _ClassVar[int]
    credential_id: str
    def __init__(self, credential_id: _Optional[str] = ...) -> None: ...

class CollectCredentialRequest(_message.Message):
    __slots__ = ("enrolment_id",)
    ENROLMENT_ID_FIELD_NUMBER: _ClassVar[int]
    enrolment_id: str
    def __init__(self, enrolment_id: _Optional[str] = ...) -> None: ...

class CollectCredentialReply(_message.Message):
    __slots__ = ("ready", "chain", "channel_pem", "hub")
    READY_FIELD_NUMBER: _ClassVar[int]
    CHAIN_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_PEM_FIELD_NUMBER: _ClassVar[int]
    HUB_FIELD_NUMBER: _ClassVar[int]
    ready: bool
    chain: _containers.RepeatedScalarFieldContainer[bytes]
    channel_pem: bytes
    hub: GetHubReply
    def __init__(self, ready: _Optional[bool] = ..., chain: _Optional[_Iterable[bytes]] = ..., channel_pem: _Optional[bytes] = ..., hub: _Optional[_Union[GetHubReply, _Mapping]] = ...) -> None: ...

class RenewChannelRequest(_message.Message):
    __slots__ = ("csr",)
    CSR_FIELD_NUMBER: _ClassVar[int]
    csr: bytes
    def __init__(self, csr: _Optional[bytes] = ...) -> None: ...

class RenewChannelReply(_message.Message):
    __slots__ = ("channel_pem", "chain", "authorities")
    CHANNEL_PEM_FIELD_NUMBER: _ClassVar[int]
    CHAIN_FIELD_NUMBER: _ClassVar[int]
    AUTHORITIES_FIELD_NUMBER: _ClassVar[int]
    channel_pem: bytes
    chain: _containers.RepeatedScalarFieldContainer[bytes]
    authorities: bytes
    def __init__(self, channel_pem: _Optional[bytes] = ..., chain: _Optional[_Iterable[bytes]] = ..., authorities: _Optional[bytes] = ...) -> None: ...

class ChannelAuthorities(_message.Message):
    __slots__ = ("hub_id", "pem", "time_ms")
    HUB_ID_FIELD_NUMBER: _ClassVar[int]
    PEM_FIELD_NUMBER: _ClassVar[int]
    TIME_MS_FIELD_NUMBER: _ClassVar[int]
    hub_id: str
    pem: bytes
    time_ms: int
    def __init__(self, hub_id: _Optional[str] = ..., pem: _Optional[bytes] = ..., time_ms: _Optional[int] = ...) -> None: ...

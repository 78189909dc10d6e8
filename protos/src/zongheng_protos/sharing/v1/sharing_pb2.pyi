from buf.validate import validate_pb2 as _validate_pb2
from zongheng_protos.options.v1 import options_pb2 as _options_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SharingClass(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SHARING_CLASS_UNSPECIFIED: _ClassVar[SharingClass]
    SHARING_CLASS_UNCONDITIONAL: _ClassVar[SharingClass]
    SHARING_CLASS_CONDITIONAL: _ClassVar[SharingClass]
    SHARING_CLASS_NOT_SHARED: _ClassVar[SharingClass]
SHARING_CLASS_UNSPECIFIED: SharingClass
SHARING_CLASS_UNCONDITIONAL: SharingClass
SHARING_CLASS_CONDITIONAL: SharingClass
SHARING_CLASS_NOT_SHARED: SharingClass

class Field(_message.Message):
    __slots__ = ("name", "title", "sharing_class")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    SHARING_CLASS_FIELD_NUMBER: _ClassVar[int]
    name: str
    title: str
    sharing_class: SharingClass
    def __init__(self, name: _Optional[str] = ..., title: _Optional[str] = ..., sharing_class: _Optional[_Union[SharingClass, str]] = ...) -> None: ...

class Dataset(_message.Message):
    __slots__ = ("id", "owner", "title", "detail", "fields", "rows", "offered_ms")
    ID_FIELD_NUMBER: _ClassVar[int]
    OWNER_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    OFFERED_MS_FIELD_NUMBER: _ClassVar[int]
    id: str
    owner: str
    title: str
    detail: str
    fields: _containers.RepeatedCompositeFieldContainer[Field]
    rows: int
    offered_ms: int
    def __init__(self, id: _Optional[str] = ..., owner: _Optional[str] = ..., title: _Optional[str] = ..., detail: _Optional[str] = ..., fields: _Optional[_Iterable[_Union[Field, _Mapping]]] = ..., rows: _Optional[int] = ..., offered_ms: _Optional[int] = ...) -> None: ...

class DataRequest(_message.Message):
    __slots__ = ("id", "dataset_id", "owner", "requester", "purpose", "legal_basis", "fields", "requested_ms", "grant_id", "parcel_ids")
    ID_FIELD_NUMBER: _ClassVar[int]
    DATASET_ID_FIELD_NUMBER: _ClassVar[int]
    OWNER_FIELD_NUMBER: _ClassVar[int]
    REQUESTER_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    LEGAL_BASIS_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    REQUESTED_MS_FIELD_NUMBER: _ClassVar[int]
    GRANT_ID_FIELD_NUMBER: _ClassVar[int]
    PARCEL_IDS_FIELD_NUMBER: _ClassVar[int]
    id: str
    dataset_id: str
    owner: str
    requester: str
    purpose: str
    legal_basis: str
    fields: _containers.RepeatedScalarFieldContainer[str]
    requested_ms: int
    grant_id: str
    parcel_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, id: _Optional[str] = ..., dataset_id: _Optional[str] = ..., owner: _Optional[str] = ..., requester: _Optional[str] = ..., purpose: _Optional[str] = ..., legal_basis: _Optional[str] = ..., fields: _Optional[_Iterable[str]] = ..., requested_ms: _Optional[int] = ..., grant_id: _Optional[str] = ..., parcel_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class OfferDatasetRequest(_message.Message):
    __slots__ = ("title", "detail", "fields", "rows")
    TITLE_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    title: str
    detail: str
    fields: _containers.RepeatedCompositeFieldContainer[Field]
    rows: int
    def __init__(self, title: _Optional[str] = ..., detail: _Optional[str] = ..., fields: _Optional[_Iterable[_Union[Field, _Mapping]]] = ..., rows: _Optional[int] = ...) -> None: ...

class OfferDatasetReply(_message.Message):
    __slots__ = ("dataset",)
    DATASET_FIELD_NUMBER: _ClassVar[int]
    dataset: Dataset
    def __init__(self, dataset: _Optional[_Union[Dataset, _Mapping]] = ...) -> None: ...

class ListDatasetsRequest(_message.Message):
    __slots__ = ("owner", "page_token")
    OWNER_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    owner: str
    page_token: str
    def __init__(self, owner: _Optional[str] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListDatasetsReply(_message.Message):
    __slots__ = ("datasets", "next_page_token")
    DATASETS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    datasets: _containers.RepeatedCompositeFieldContainer[Dataset]
    next_page_token: str
    def __init__(self, datasets: _Optional[_Iterable[_Union[Dataset, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class RequestDataRequest(_message.Message):
    __slots__ = ("dataset_id", "purpose", "legal_basis", "fields")
    DATASET_ID_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    LEGAL_BASIS_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    dataset_id: str
    purpose: str
    legal_basis: str
    fields: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, dataset_id: _Optional[str] = ..., purpose: _Optional[str] = ..., legal_basis: _Optional[str] = ..., fields: _Optional[_Iterable[str]] = ...) -> None: ...

class RequestDataReply(_message.Message):
    __slots__ = ("request",)
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    request: DataRequest
    def __init__(self, request: _Optional[_Union[DataRequest, _Mapping]] = ...) -> None: ...

class ListRequestsRequest(_message.Message):
    __slots__ = ("page_token",)
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_token: str
    def __init__(self, page_token: _Optional[str] = ...) -> None: ...

class ListRequestsReply(_message.Message):
    __slots__ = ("requests", "next_page_token")
    REQUESTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    requests: _containers.RepeatedCompositeFieldContainer[DataRequest]
    next_page_token: str
    def __init__(self, requests: _Optional[_Iterable[_Union[DataRequest, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GrantDataRequest(_message.Message):
    __slots__ = ("request_id", "grant")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    GRANT_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    grant: bytes
    def __init__(self, request_id: _Optional[str] = ..., grant: _Optional[bytes] = ...) -> None: ...

class GrantDataReply(_message.Message):
    __slots__ = ("grant_id",)
    GRANT_ID_FIELD_NUMBER: _ClassVar[int]
    grant_id: str
    def __init__(self, grant_id: _Optional[str] = ...) -> None: ...

class GetGrantRequest(_message.Message):
    __slots__ = ("grant_id",)
    GRANT_ID_FIELD_NUMBER: _ClassVar[int]
    grant_id: str
    def __init__(self, grant_id: _Optional[str] = ...) -> None: ...

class GetGrantReply(_message.Message):
    __slots__ = ("grant", "uses")
    GRANT_FIELD_NUMBER: _ClassVar[int]
    USES_FIELD_NUMBER: _ClassVar[int]
    grant: bytes
    uses: int
    def __init__(self, grant: _Optional[bytes] = ..., uses: _Optional[int] = ...) -> None: ...

class PutChunkRequest(_message.Message):
    __slots__ = ("grant_id", "parcel_id", "index", "sealed")
    GRANT_ID_FIELD_NUMBER: _ClassVar[int]
    PARCEL_ID_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    SEALED_FIELD_NUMBER: _ClassVar[int]
    grant_id: str
    parcel_id: str
    index: int
    sealed: bytes
    def __init__(self, grant_id: _Optional[str] = ..., parcel_id: _Optional[str] = ..., index: _Optional[int] = ..., sealed: _Optional[bytes] = ...) -> None: ...

class PutChunkReply(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class DeliverParcelRequest(_message.Message):
    __slots__ = ("grant_id", "manifest", "receipt")
    GRANT_ID_FIELD_NUMBER: _ClassVar[int]
    MANIFEST_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    grant_id: str
    manifest: bytes
    receipt: bytes
    def __init__(self, grant_id: _Optional[str] = ..., manifest: _Optional[bytes] = ..., receipt: _Optional[bytes] = ...) -> None: ...

class DeliverParcelReply(_message.Message):
    __slots__ = ("parcel_id",)
    PARCEL_ID_FIELD_NUMBER: _ClassVar[int]
    parcel_id: str
    def __init__(self, parcel_id: _Optional[str] = ...) -> None: ...

class FetchParcelRequest(_message.Message):
    __slots__ = ("parcel_id",)
    PARCEL_ID_FIELD_NUMBER: _ClassVar[int]
    parcel_id: str
    def __init__(self, parcel_id: _Optional[str] = ...) -> None: ...

class FetchParcelReply(_message.Message):
    __slots__ = ("manifest", "grant")
    MANIFEST_FIELD_NUMBER: _ClassVar[int]
    GRANT_FIELD_NUMBER: _ClassVar[int]
    manifest: bytes
    grant: bytes
    def __init__(self, manifest: _Optional[bytes] = ..., grant: _Optional[bytes] = ...) -> None: ...

class ReadChunksRequest(_message.Message):
    __slots__ = ("parcel_id", "start")
    PARCEL_ID_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    parcel_id: str
    start: int
    def __init__(self, parcel_id: _Optional[str] = ..., start: _Optional[int] = ...) -> None: ...

class ReadChunksReply(_message.Message):
    __slots__ = ("index", "sealed")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    SEALED_FIELD_NUMBER: _ClassVar[int]
    index: int
    sealed: bytes
    def __init__(self, index: _Optional[int] = ..., sealed: _Optional[bytes] = ...) -> None: ...

class SignReceiptRequest(_message.Message):
    __slots__ = ("parcel_id", "receipt")
    PARCEL_ID_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    parcel_id: str
    receipt: bytes
    def __init__(self, parcel_id: _Optional[str] = ..., receipt: _Optional[bytes] = ...) -> None: ...

class SignReceiptReply(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetExchangeRequest(_message.Message):
    __slots__ = ("parcel_id",)
    PARCEL_ID_FIELD_NUMBER: _ClassVar[int]
    parcel_id: str
    def __init__(self, parcel_id: _Optional[str] = ...) -> None: ...

class GetExchangeReply(_message.Message):
    __slots__ = ("grant", "manifest", "sender_receipt", "recipient_receipt", "entries", "owner_chain", "grantee_chain", "credential_entries", "earlier_chains", "revocations")
    GRANT_FIELD_NUMBER: _ClassVar[int]
    MANIFEST_FIELD_NUMBER: _ClassVar[int]
    SENDER_RECEIPT_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_RECEIPT_FIELD_NUMBER: _ClassVar[int]
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    OWNER_CHAIN_FIELD_NUMBER: _ClassVar[int]
    GRANTEE_CHAIN_FIELD_NUMBER: _ClassVar[int]
    CREDENTIAL_ENTRIES_FIELD_NUMBER: _ClassVar[int]
    EARLIER_CHAINS_FIELD_NUMBER: _ClassVar[int]
    REVOCATIONS_FIELD_NUMBER: _ClassVar[int]
    grant: bytes
    manifest: bytes
    sender_receipt: bytes
    recipient_receipt: bytes
    entries: _containers.RepeatedScalarFieldContainer[int]
    owner_chain: _containers.RepeatedScalarFieldContainer[bytes]
    grantee_chain: _containers.RepeatedScalarFieldContainer[bytes]
    credential_entries: _containers.RepeatedScalarFieldContainer[int]
    earlier_chains: _containers.RepeatedCompositeFieldContainer[EarlierChain]
    revocations: bytes
    def __init__(self, grant: _Optional[bytes] = ..., manifest: _Optional[bytes] = ..., sender_receipt: _Optional[bytes] = ..., recipient_receipt: _Optional[bytes] = ..., entries: _Optional[_Iterable[int]] = ..., owner_chain: _Optional[_Iterable[bytes]] = ..., grantee_chain: _Optional[_Iterable[bytes]] = ..., credential_entries: _Optional[_Iterable[int]] = ..., earlier_chains: _Optional[_Iterable[_Union[EarlierChain, _Mapping]]] = ..., revocations: _Optional[bytes] = ...) -> None: ...

class EarlierChain(_message.Message):
    __slots__ = ("envelopes",)
    ENVELOPES_FIELD_NUMBER: _ClassVar[int]
    envelopes: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, envelopes: _Optional[_Iterable[bytes]] = ...) -> None: ...

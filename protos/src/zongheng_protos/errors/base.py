"""The error that all others are kinds of, and its way over the wire (google.rpc.Status)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache
from typing import Any, ClassVar

from zongheng_protos.errors.v1 import errors_pb2 as pb

_DOMAIN = "zongheng"
_ERROR_INFO_URL = "type.googleapis.com/google.rpc.ErrorInfo"
_RETRY_INFO_URL = "type.googleapis.com/google.rpc.RetryInfo"
# What a code means when no details came with it: gRPC itself refused or a proxy did.
_BY_CODE = {
    3: "INVALID",
    4: "DEADLINE",
    5: "NOT_FOUND",
    7: "FORBIDDEN",
    8: "TOO_LARGE",
    12: "METHOD_UNKNOWN",
    14: "UNAVAILABLE",
    16: "NOT_ENROLLED",
}


class ZonghengError(Exception):
    """A call was refused; says why and what to do.

    Attributes:
        reason: number of the Reason in errors.proto.
        message: what is wrong, naming the thing.
        retry_after: seconds after which the same call has a chance; None: nobody knows.
        limit: which limit was met, such as "act calls a second"; empty: none.
    """

    reason: ClassVar[int] = pb.REASON_UNSPECIFIED

    def __init__(self, message: str, *, retry_after: float | None = None, limit: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.retry_after = retry_after
        self.limit = limit

    @property
    def reason_name(self) -> str:
        return pb.Reason.Name(self.reason).removeprefix("REASON_")

    @property
    def code(self) -> int:
        """The google.rpc.Code number."""
        return _rule(self.reason).code

    @property
    def advice(self) -> str:
        return _rule(self.reason).advice

    @property
    def advice_zh(self) -> str:
        return _rule(self.reason).advice_zh

    def to_status(self) -> bytes:
        """The bytes of grpc-status-details-bin (a google.rpc.Status)."""
        info = pb.ErrorInfo(
            reason=self.reason_name,
            domain=_DOMAIN,
            metadata={"advice": self.advice, "advice_zh": self.advice_zh},
        )
        if self.limit:
            info.metadata["limit"] = self.limit
        status = pb.Status(code=self.code, message=self.message)
        status.details.add(type_url=_ERROR_INFO_URL, value=info.SerializeToString())
        if self.retry_after is not None:
            wait = pb.RetryInfo()
            wait.retry_delay.FromMilliseconds(math.ceil(self.retry_after * 1000))
            status.details.add(type_url=_RETRY_INFO_URL, value=wait.SerializeToString())
        return status.SerializeToString()

    @staticmethod
    def from_status(status: bytes | None, code: int, message: str) -> ZonghengError:
        """The error a peer sent; by code alone where it sent no details we know."""
        if status:
            parsed = pb.Status()
            try:
                parsed.ParseFromString(status)
                found = {detail.type_url: detail.value for detail in parsed.details}
                info = pb.ErrorInfo.FromString(found.get(_ERROR_INFO_URL, b""))
                if info.domain == _DOMAIN:
                    sent = _class_of(info.reason)(parsed.message)
                    sent.limit = info.metadata.get("limit", "")
                    if _RETRY_INFO_URL in found:
                        wait = pb.RetryInfo.FromString(found[_RETRY_INFO_URL])
                        sent.retry_after = max(wait.retry_delay.ToMilliseconds() / 1000, 0.0)
                    return sent
            except Exception as error:  # a peer's bytes: anything may be wrong with them
                return _class_of("UNSPECIFIED")(
                    f"{message} (its details could not be read: {error})"
                )
        return _class_of(_BY_CODE.get(code, "UNSPECIFIED"))(message)


@cache
def _rule(reason: int) -> pb.ReasonRule:
    value = pb.DESCRIPTOR.enum_types_by_name["Reason"].values_by_number[reason]
    extensions: Any = value.GetOptions().Extensions
    rule: pb.ReasonRule = extensions[pb.reason]
    return rule


@cache
def _by_name() -> dict[str, type[ZonghengError]]:
    """The class of each reason; one that only narrows another's is not the reason's own."""
    return {
        pb.Reason.Name(cls.reason).removeprefix("REASON_"): cls
        for cls in _classes(ZonghengError)
        if "reason" in vars(cls)
    }


def _class_of(reason: str) -> type[ZonghengError]:
    return _by_name().get(reason) or _by_name()["UNSPECIFIED"]


def _classes(of: type[ZonghengError]) -> Iterator[type[ZonghengError]]:
    for cls in of.__subclasses__():
        yield cls
        yield from _classes(cls)

"""Every error a hub answers with: one class a reason, with gRPC code and advice.

    ZonghengError
    ├── Malformed, Invalid, TooLarge, MethodUnknown          the message
    ├── NotEnrolled, Credential…, ChannelExpired              who calls
    ├── SignatureInvalid, Act…, ClockSkew, NonceReused        what was signed
    ├── Forbidden, NotRelated, Quota, GrantExceeded           may they
    ├── NotFound, ModuleUnknown, NotAdopted, DivisionUnknown  what is meant
    ├── Operator…, DutiesConflict, OwnRequest, …              which person
    ├── SignInFailed, SignInDelayed, PasswordWeak             may they come in
    ├── StateConflict, Exists, InvitationInvalid              does it follow
    ├── TenantSuspended, TenantClosed                         may this unit act
    ├── Code…, TreeRule, UnitInUse, TreeChanged               the tree of units
    ├── SuiteUnavailable, Passphrase…, SignerUnavailable      are the keys at hand
    └── StoreFull, Busy, Unavailable, Deadline…, TooSlow      can the hub

The codes and the advice stand in errors/v1/errors.proto, beside each reason.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any, ClassVar

from zongheng_protos.errors.v1 import errors_pb2 as pb

_DOMAIN = "zongheng"
_ERROR_INFO_URL = "type.googleapis.com/google.rpc.ErrorInfo"
_RETRY_INFO_URL = "type.googleapis.com/google.rpc.RetryInfo"


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
                    sent = _BY_NAME.get(info.reason, Internal)(parsed.message)
                    sent.limit = info.metadata.get("limit", "")
                    if _RETRY_INFO_URL in found:
                        wait = pb.RetryInfo.FromString(found[_RETRY_INFO_URL])
                        sent.retry_after = max(wait.retry_delay.ToMilliseconds() / 1000, 0.0)
                    return sent
            except Exception as error:  # a peer's bytes: anything may be wrong with them
                return Internal(f"{message} (its details could not be read: {error})")
        return _BY_CODE.get(code, Internal)(message)


@cache
def _rule(reason: int) -> pb.ReasonRule:
    value = pb.DESCRIPTOR.enum_types_by_name["Reason"].values_by_number[reason]
    extensions: Any = value.GetOptions().Extensions
    rule: pb.ReasonRule = extensions[pb.reason]
    return rule


class Internal(ZonghengError):
    """The hub failed; the cause is in its log."""


class Malformed(ZonghengError):
    reason = pb.REASON_MALFORMED


class Invalid(ZonghengError):
    reason = pb.REASON_INVALID


class TooLarge(ZonghengError):
    reason = pb.REASON_TOO_LARGE


class MethodUnknown(ZonghengError):
    reason = pb.REASON_METHOD_UNKNOWN


class NotEnrolled(ZonghengError):
    reason = pb.REASON_NOT_ENROLLED


class CredentialExpired(ZonghengError):
    reason = pb.REASON_CREDENTIAL_EXPIRED


class CredentialForeign(ZonghengError):
    reason = pb.REASON_CREDENTIAL_FOREIGN


class CredentialInvalid(ZonghengError):
    reason = pb.REASON_CREDENTIAL_INVALID


class ChannelExpired(ZonghengError):
    reason = pb.REASON_CHANNEL_EXPIRED


class SignatureInvalid(ZonghengError):
    reason = pb.REASON_SIGNATURE_INVALID


class ActMissing(ZonghengError):
    reason = pb.REASON_ACT_MISSING


class ActMismatch(ZonghengError):
    reason = pb.REASON_ACT_MISMATCH


class ClockSkew(ZonghengError):
    reason = pb.REASON_CLOCK_SKEW


class NonceReused(ZonghengError):
    reason = pb.REASON_NONCE_REUSED


class Forbidden(ZonghengError):
    reason = pb.REASON_FORBIDDEN


class NotRelated(ZonghengError):
    reason = pb.REASON_NOT_RELATED


class Quota(ZonghengError):
    reason = pb.REASON_QUOTA


class NotFound(ZonghengError):
    reason = pb.REASON_NOT_FOUND


class ModuleUnknown(ZonghengError):
    reason = pb.REASON_MODULE_UNKNOWN


class NotAdopted(ZonghengError):
    reason = pb.REASON_NOT_ADOPTED


class DivisionUnknown(ZonghengError):
    reason = pb.REASON_DIVISION_UNKNOWN


class StateConflict(ZonghengError):
    reason = pb.REASON_STATE


class Exists(ZonghengError):
    reason = pb.REASON_EXISTS


class InvitationInvalid(ZonghengError):
    reason = pb.REASON_INVITATION_INVALID


class GrantExceeded(ZonghengError):
    reason = pb.REASON_GRANT_EXCEEDED


class StoreFull(ZonghengError):
    reason = pb.REASON_STORE_FULL


class Busy(ZonghengError):
    reason = pb.REASON_BUSY


class TooSlow(ZonghengError):
    reason = pb.REASON_TOO_SLOW


class Unavailable(ZonghengError):
    reason = pb.REASON_UNAVAILABLE


class DeadlineExceeded(ZonghengError):
    reason = pb.REASON_DEADLINE


class OperatorUnknown(ZonghengError):
    reason = pb.REASON_OPERATOR_UNKNOWN


class OperatorDisabled(ZonghengError):
    reason = pb.REASON_OPERATOR_DISABLED


class OperatorForbidden(ZonghengError):
    reason = pb.REASON_OPERATOR_FORBIDDEN


class DutiesConflict(ZonghengError):
    reason = pb.REASON_DUTIES_CONFLICT


class OwnRequest(ZonghengError):
    reason = pb.REASON_OWN_REQUEST


class LastAdministrator(ZonghengError):
    reason = pb.REASON_LAST_ADMINISTRATOR


class SignInFailed(ZonghengError):
    reason = pb.REASON_SIGN_IN_FAILED


class SignInDelayed(ZonghengError):
    reason = pb.REASON_SIGN_IN_DELAYED


class PasswordWeak(ZonghengError):
    reason = pb.REASON_PASSWORD_WEAK


class KeySuperseded(ZonghengError):
    reason = pb.REASON_KEY_SUPERSEDED


class EnrolmentRejected(ZonghengError):
    reason = pb.REASON_ENROLMENT_REJECTED


class PossessionUnproven(ZonghengError):
    reason = pb.REASON_POSSESSION_UNPROVEN


class CredentialRevoked(ZonghengError):
    reason = pb.REASON_CREDENTIAL_REVOKED


class KeyRevoked(ZonghengError):
    reason = pb.REASON_KEY_REVOKED


class ChannelRevoked(ZonghengError):
    reason = pb.REASON_CHANNEL_REVOKED


class GrantRevoked(ZonghengError):
    reason = pb.REASON_GRANT_REVOKED


class RevocationsStale(ZonghengError):
    """What is known of revocations is too old: whoever relies on it refuses."""

    reason = pb.REASON_REVOCATIONS_STALE


class RevocationsForked(ZonghengError):
    """A list of revocations was shown that is older than, or other than, one seen before."""

    reason = pb.REASON_REVOCATIONS_FORKED


class TenantSuspended(ZonghengError):
    reason = pb.REASON_TENANT_SUSPENDED


class TenantClosed(ZonghengError):
    reason = pb.REASON_TENANT_CLOSED


class CodeSucceeded(ZonghengError):
    reason = pb.REASON_CODE_SUCCEEDED


class CodeTaken(ZonghengError):
    reason = pb.REASON_CODE_TAKEN


class CodeInvalid(ZonghengError):
    reason = pb.REASON_CODE_INVALID


class TreeRule(ZonghengError):
    reason = pb.REASON_TREE_RULE


class UnitInUse(ZonghengError):
    reason = pb.REASON_UNIT_IN_USE


class TreeChanged(ZonghengError):
    reason = pb.REASON_TREE_CHANGED


class SuiteUnavailable(ZonghengError):
    reason = pb.REASON_SUITE_UNAVAILABLE


class PassphraseNeeded(ZonghengError):
    reason = pb.REASON_PASSPHRASE_NEEDED


class PassphraseWrong(ZonghengError):
    reason = pb.REASON_PASSPHRASE_WRONG


class SignerUnavailable(ZonghengError):
    reason = pb.REASON_SIGNER_UNAVAILABLE


class ReceiptMismatch(ZonghengError):
    reason = pb.REASON_RECEIPT_MISMATCH


_BY_NAME: dict[str, type[ZonghengError]] = {
    pb.Reason.Name(cls.reason).removeprefix("REASON_"): cls
    for cls in ZonghengError.__subclasses__()
}
# What a code means when no details came with it: gRPC itself refused or a proxy did.
_BY_CODE: dict[int, type[ZonghengError]] = {
    3: Invalid,
    4: DeadlineExceeded,
    5: NotFound,
    7: Forbidden,
    8: TooLarge,
    12: MethodUnknown,
    14: Unavailable,
    16: NotEnrolled,
}

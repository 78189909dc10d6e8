"""Every error a hub answers with: one class a reason, with gRPC code and advice.

    ZonghengError
    ├── Malformed, Invalid, TooLarge, MethodUnknown          the message
    ├── NotEnrolled, Credential…, ChannelExpired              who calls
    ├── SignatureInvalid, Act…, ClockSkew, NonceReused        what was signed
    ├── Forbidden, NotRelated, Quota, GrantExceeded           may they
    ├── PurposeUncovered                                      and for this
    ├── NotFound, ModuleUnknown, NotAdopted, DivisionUnknown  what is meant
    ├── Operator…, DutiesConflict, OwnRequest, …              which person
    ├── SignInFailed, SignInDelayed, PasswordWeak             may they come in
    ├── StateConflict, Exists, InvitationInvalid              does it follow
    ├── TenantSuspended, TenantClosed                         may this unit act
    ├── Code…, TreeRule, UnitInUse, TreeChanged               the tree of units
    ├── NotShreddable, PackageInvalid, PackageTooLarge        what auditors take with them
    ├── SuiteUnavailable, Passphrase…, SignerUnavailable      are the keys at hand
    ├── FileUnusable, OperatorUnnamed, Argument…              made here, never sent
    └── StoreFull, Busy, Unavailable, Deadline…, TooSlow      can the hub

The codes and the advice stand in errors/v1/errors.proto, beside each reason.
"""

from __future__ import annotations

from zongheng_protos.errors.base import ZonghengError as ZonghengError
from zongheng_protos.errors.v1 import errors_pb2 as pb


class Internal(ZonghengError):
    """The hub failed; the cause is in its log."""

    reason = pb.REASON_UNSPECIFIED


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


class PurposeUncovered(ZonghengError):
    """A grant is for another purpose than its request."""

    reason = pb.REASON_PURPOSE_UNCOVERED


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


class QuorumMissing(ZonghengError):
    reason = pb.REASON_QUORUM_MISSING


class ArgumentInvalid(Invalid):
    """What was given to the SDK or on the command line does not fit; nothing was sent."""

    reason = pb.REASON_ARGUMENT


class FileUnusable(Invalid):
    """A file on this machine is missing, damaged or barred."""

    reason = pb.REASON_FILE_UNUSABLE


class FileInTheWay(Exists):
    """Something of that name is there already, and is left as it is."""

    reason = pb.REASON_FILE_EXISTS


class OperatorUnnamed(Invalid):
    """An act names the person who does it, and nobody was named."""

    reason = pb.REASON_OPERATOR_UNNAMED


class IdentityUnusable(NotEnrolled):
    """There is no identity in the file that was named."""

    reason = pb.REASON_IDENTITY_UNUSABLE


class EvidenceUnreadable(Invalid):
    """What is offered as evidence is none."""

    reason = pb.REASON_EVIDENCE_UNREADABLE


class ReplyUnusable(Malformed):
    """The hub answered with what is no answer to this SDK."""

    reason = pb.REASON_REPLY_UNUSABLE


class PassphraseShort(Invalid):
    reason = pb.REASON_PASSPHRASE_SHORT


class NotShreddable(ZonghengError):
    reason = pb.REASON_NOT_SHREDDABLE


class PackageInvalid(ZonghengError):
    reason = pb.REASON_PACKAGE_INVALID


class PackageTooLarge(ZonghengError):
    reason = pb.REASON_PACKAGE_TOO_LARGE

"""Grants: an owner's signed permission to use fields and rows of data, and what it lets out."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from google.protobuf.message import DecodeError
from google.protobuf.unknown_fields import UnknownFieldSet

from zongheng_protos.errors import Forbidden, GrantExceeded, Invalid, NotRelated, SignatureInvalid
from zongheng_protos.options.v1 import options_pb2 as options
from zongheng_protos.sharing.v1 import statement_pb2 as pb
from zongheng_protos.tenancy.v1 import credential_pb2
from zongheng_tenants.act import MAX_SKEW_MS
from zongheng_tenants.credential import Credential
from zongheng_tenants.envelope import GRANT, read_envelope, seal_envelope, verified_payload
from zongheng_tenants.ids import new_id
from zongheng_tenants.keys import Signer

MAX_FIELDS = 200
MAX_CONDITIONS = 100
PSEUDONYM_KEY_BYTES = 32
_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?")
_ID = re.compile(r"[a-z]_[0-9a-z]{3,60}")
_COMPARISONS = (pb.OPERATOR_AT_LEAST, pb.OPERATOR_AT_MOST)


@dataclass(frozen=True, slots=True)
class GrantedField:
    """A column that may leave, and how it is masked (a number of statement.Mask)."""

    name: str
    mask: int = pb.MASK_NONE


@dataclass(frozen=True, slots=True)
class Condition:
    """What a row must meet; operator is a number of statement.Operator."""

    field: str
    operator: int
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grant:
    """What an owner permits one grantee, for one purpose.

    Attributes:
        fields: in the order of the delivered columns.
        rows: a row leaves only if it meets every condition.
        not_before_ms, expires_ms: from the first up to, not including, the second.
        max_uses: how many fetches it covers.
    """

    id: str
    request_id: str
    dataset_id: str
    owner: str
    grantee: str
    purpose: str
    legal_basis: str
    fields: tuple[GrantedField, ...]
    rows: tuple[Condition, ...]
    not_before_ms: int
    expires_ms: int
    max_uses: int

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the granted fields, in order."""
        return tuple(field.name for field in self.fields)

    @property
    def touched_fields(self) -> frozenset[str]:
        """Every field that it names, granted or only filtered by."""
        return frozenset(self.columns) | {condition.field for condition in self.rows}

    def check_time(self, at_ms: int) -> None:
        """Raises GrantExceeded outside its dates; clocks that are a little slow are forgiven."""
        if at_ms + MAX_SKEW_MS < self.not_before_ms:
            raise GrantExceeded(f"grant {self.id} is not valid yet")
        if at_ms >= self.expires_ms:
            raise GrantExceeded(f"grant {self.id} has expired")

    def check_grantee(self, tenant: str) -> None:
        """Raises NotRelated for anyone but its grantee."""
        if tenant != self.grantee:
            raise NotRelated(f"grant {self.id} was given to {self.grantee}, not to {tenant}")

    def check_uses(self, used: int) -> None:
        """Raises GrantExceeded when no use is left after used ones."""
        if used >= self.max_uses:
            raise GrantExceeded(f"grant {self.id} allows {self.max_uses} uses, all are taken")

    def check_available(self, columns: Collection[str]) -> None:
        """Raises Invalid when it names a field that the data does not have."""
        missing = sorted(self.touched_fields - set(columns))
        if missing:
            raise Invalid(f"the data has no field {', '.join(missing)}, named by grant {self.id}")


def make_grant(
    *,
    request_id: str,
    dataset_id: str,
    owner: str,
    grantee: str,
    purpose: str,
    fields: Iterable[GrantedField],
    rows: Iterable[Condition] = (),
    not_before_ms: int,
    expires_ms: int,
    max_uses: int = 1,
    legal_basis: str = "",
    id: str = "",
) -> Grant:
    """A new grant, checked.

    Raises:
        Invalid: it contradicts itself; the message names the part.
    """
    grant = Grant(
        id=id or new_id("g"),
        request_id=request_id,
        dataset_id=dataset_id,
        owner=owner,
        grantee=grantee,
        purpose=purpose,
        legal_basis=legal_basis,
        fields=tuple(fields),
        rows=tuple(rows),
        not_before_ms=not_before_ms,
        expires_ms=expires_ms,
        max_uses=max_uses,
    )
    _check_sound(grant)
    return grant


def sign_grant(grant: Grant, key: Signer) -> bytes:
    """The grant's envelope, signed with the owner's key."""
    _check_sound(grant)
    message = pb.Grant(
        id=grant.id,
        request_id=grant.request_id,
        dataset_id=grant.dataset_id,
        owner=grant.owner,
        grantee=grant.grantee,
        purpose=grant.purpose,
        legal_basis=grant.legal_basis,
        not_before_ms=grant.not_before_ms,
        expires_ms=grant.expires_ms,
        max_uses=grant.max_uses,
    )
    for field in grant.fields:
        message.fields.add(name=field.name, mask=field.mask)
    for condition in grant.rows:
        message.rows.add(
            field=condition.field,
            operator=condition.operator,
            values=condition.values,
        )
    return seal_envelope(GRANT, message.SerializeToString(), key)


def verify_grant(envelope: bytes, owner: Credential) -> Grant:
    """The grant in an envelope, once its owner's signature holds and it makes sense.

    Args:
        owner: the owner's verified credential; only its signing keys count, never a key that the
            hub keeps for it.

    Raises:
        SignatureInvalid: not signed by this owner.
        Forbidden: the owner may not grant.
        Invalid: it contradicts itself or says things not known here.
    """
    payload = signed_payload(envelope, GRANT, owner)
    grant = _parse(payload)
    if grant.owner != owner.tenant:
        raise SignatureInvalid(f"a grant of {grant.owner} was signed by {owner.tenant}")
    if options.RIGHT_GRANT not in owner.rights:
        raise Forbidden(f"the credential of {owner.tenant} lacks the right to grant")
    _check_sound(grant)
    return grant


def grant_sha256(envelope: bytes) -> bytes:
    """What parcels and receipts name a grant by."""
    return hashlib.sha256(envelope).digest()


def signed_payload(envelope: bytes, payload_type: str, by: Credential) -> bytes:
    """The payload of an envelope, once signed by one of a tenant's own signing keys.

    Keys of its earlier credentials count too: what they signed stays signed.

    Raises:
        SignatureInvalid: another type, another's key, a key of another use, or a wrong signature.
    """
    parts = read_envelope(envelope, payload_type)
    key = by.signed_with(parts.signatures[0].keyid).keys.get(parts.signatures[0].keyid)
    if key is None or key.use != credential_pb2.KEY_USE_SIGNING:
        raise SignatureInvalid(
            f"{parts.signatures[0].keyid or 'no key'} is no signing key of {by.tenant}"
        )
    return verified_payload(parts, key.verifier())


def apply_grant(
    grant: Grant, rows: Iterable[Mapping[str, str]], *, pseudonym_key: bytes | None = None
) -> Iterator[tuple[str, ...]]:
    """The rows that a grant lets out, one at a time: filtered, cut to its fields, masked.

    Args:
        rows: whole rows by field name; all values are text.
        pseudonym_key: 32 secret bytes of the owner's; needed only for MASK_PSEUDONYM.

    Yields:
        The values of grant.columns, in that order.

    Raises:
        Invalid: a row lacks a field, or a number is compared with what is none.
    """
    if pseudonym_key is not None and len(pseudonym_key) != PSEUDONYM_KEY_BYTES:
        raise Invalid(f"a pseudonym key has {PSEUDONYM_KEY_BYTES} bytes, not {len(pseudonym_key)}")
    if pseudonym_key is None and any(f.mask == pb.MASK_PSEUDONYM for f in grant.fields):
        raise Invalid(f"grant {grant.id} pseudonymises a field: the owner's key is needed")
    maskers = [(field.name, _masker(field.mask, pseudonym_key)) for field in grant.fields]
    return _let_out(grant, rows, maskers)


def _let_out(
    grant: Grant,
    rows: Iterable[Mapping[str, str]],
    maskers: list[tuple[str, Callable[[str], str]]],
) -> Iterator[tuple[str, ...]]:
    touched = grant.touched_fields
    for number, row in enumerate(rows, start=1):
        for name in touched:
            if not isinstance(row.get(name), str):
                raise Invalid(f"row {number} has no text in field {name}")
        if all(_meets(condition, row[condition.field], number) for condition in grant.rows):
            yield tuple(mask(row[name]) for name, mask in maskers)


def masked(value: str, mask: int, pseudonym_key: bytes | None = None) -> str:
    """A value under a mask; what is empty stays empty, what is short is hidden whole."""
    return _masker(mask, pseudonym_key)(value)


def _masker(mask: int, key: bytes | None) -> Callable[[str], str]:
    if mask == pb.MASK_NONE:
        return lambda value: value
    if mask == pb.MASK_NAME:
        return _name
    if mask == pb.MASK_LAST_FOUR:
        return _last_four
    if mask == pb.MASK_PSEUDONYM and key is not None:
        return lambda value: _pseudonym(value, key)
    raise Invalid(f"mask {mask} is not known here")


def _name(value: str) -> str:
    return value[0] + "*" * (len(value) - 1) if len(value) > 1 else "*" * len(value)


def _last_four(value: str) -> str:
    return "*" * (len(value) - 4) + value[-4:] if len(value) > 4 else "*" * len(value)


def _pseudonym(value: str, key: bytes) -> str:
    text = value.encode("utf-8", "surrogatepass")
    return hmac.digest(key, text, "sha256").hex() if value else ""


def _meets(condition: Condition, value: str, number: int) -> bool:
    if condition.operator not in _COMPARISONS:
        return value in condition.values
    if not _NUMBER.fullmatch(value):
        raise Invalid(f"row {number} has no number in field {condition.field} to compare")
    found, bound = Decimal(value), Decimal(condition.values[0])
    return found >= bound if condition.operator == pb.OPERATOR_AT_LEAST else found <= bound


def _parse(payload: bytes) -> Grant:
    try:
        message = pb.Grant.FromString(payload)
    except DecodeError as error:
        raise Invalid("the grant cannot be read") from error
    # What this version does not know might narrow the grant: refuse rather than overlook it.
    if any(len(UnknownFieldSet(part)) for part in (message, *message.fields, *message.rows)):
        raise Invalid("the grant says things not known here: it was made by a newer version")
    return Grant(
        id=message.id,
        request_id=message.request_id,
        dataset_id=message.dataset_id,
        owner=message.owner,
        grantee=message.grantee,
        purpose=message.purpose,
        legal_basis=message.legal_basis,
        fields=tuple(GrantedField(f.name, f.mask) for f in message.fields),
        rows=tuple(Condition(c.field, c.operator, tuple(c.values)) for c in message.rows),
        not_before_ms=message.not_before_ms,
        expires_ms=message.expires_ms,
        max_uses=message.max_uses,
    )


def _check_sound(grant: Grant) -> None:
    for part in ("id", "request_id", "dataset_id", "owner", "grantee"):
        if not _ID.fullmatch(getattr(grant, part)):
            raise Invalid(f"the grant's {part} is no identifier")
    if grant.owner == grant.grantee:
        raise Invalid("the grant's owner and grantee are the same")
    if not grant.purpose.strip():
        raise Invalid("the grant names no purpose")
    if not 1 <= len(grant.fields) <= MAX_FIELDS or len(set(grant.columns)) != len(grant.fields):
        raise Invalid(f"a grant names 1 to {MAX_FIELDS} fields, each once")
    if not all(grant.columns):
        raise Invalid("the grant names a field without a name")
    for field in grant.fields:
        if field.mask not in pb.Mask.values() or field.mask == pb.MASK_UNSPECIFIED:
            raise Invalid(f"the grant does not say how field {field.name} is masked")
    if len(grant.rows) > MAX_CONDITIONS:
        raise Invalid(f"a grant has at most {MAX_CONDITIONS} conditions")
    for condition in grant.rows:
        _check_condition(condition)
    if not 0 < grant.not_before_ms < grant.expires_ms:
        raise Invalid("the grant ends before it begins")
    if not 1 <= grant.max_uses < 2**31:
        raise Invalid("a grant allows at least one use")


def _check_condition(condition: Condition) -> None:
    where = f"the grant's condition on {condition.field or 'no field'}"
    if not condition.field:
        raise Invalid(f"{where} names no field")
    if condition.operator not in pb.Operator.values() or not condition.operator:
        raise Invalid(f"{where} has no operator")
    if not condition.values:
        raise Invalid(f"{where} has no value")
    if condition.operator != pb.OPERATOR_IN and len(condition.values) != 1:
        raise Invalid(f"{where} has {len(condition.values)} values, not one")
    if condition.operator in _COMPARISONS and not _NUMBER.fullmatch(condition.values[0]):
        raise Invalid(f"{where} compares with {condition.values[0]!r}, which is no number")

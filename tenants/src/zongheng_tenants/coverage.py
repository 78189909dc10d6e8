"""Whether a grant's rows take in one person's row, as far as that row is known.

A grant says which rows may leave. Whether a row did leave only owner and grantee know: the hub
relays what it cannot read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import Enum

from zongheng_protos.errors import Invalid
from zongheng_protos.sharing.v1 import statement_pb2 as pb
from zongheng_tenants.envelope import GRANT, read_envelope


class Coverage(Enum):
    """Whether a row is among those that a grant lets out."""

    COVERED = "covered"
    NOT_COVERED = "not covered"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Covered:
    """The verdict; missing: the fields whose value would decide it."""

    coverage: Coverage
    missing: tuple[str, ...] = ()


def stated_grant(envelope: bytes) -> pb.Grant:
    """What a grant's envelope states; its signature is not checked. Raises Invalid."""
    payload = read_envelope(envelope, GRANT).payload
    try:
        return pb.Grant.FromString(payload)
    except ValueError as error:
        raise Invalid("the grant cannot be read") from error


def coverage_of(conditions: Iterable[pb.Condition], row: Mapping[str, str]) -> Covered:
    """Whether a row meets all conditions; row may lack fields, then it may be unknown.

    A value that is no number meets no comparison.
    """
    missing = []
    for condition in conditions:
        if condition.field not in row:
            missing.append(condition.field)
        elif not _meets(condition, row[condition.field]):
            return Covered(Coverage.NOT_COVERED)
    if missing:
        return Covered(Coverage.UNKNOWN, tuple(dict.fromkeys(missing)))
    return Covered(Coverage.COVERED)


def _meets(condition: pb.Condition, value: str) -> bool:
    if condition.operator not in (pb.OPERATOR_AT_LEAST, pb.OPERATOR_AT_MOST):
        return value in condition.values
    try:
        found, bound = Decimal(value), Decimal(condition.values[0])
    except InvalidOperation:
        return False
    at_least = condition.operator == pb.OPERATOR_AT_LEAST
    return found >= bound if at_least else found <= bound

"""What a method's declaration says about a caller, worked out here a second time.

The kernel decides by zongheng_hub.kernel.permission. This module shares nothing with it, so that
a fault there shows as a difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor import MethodDescriptor

from zongheng_protos.options.v1 import options_pb2 as options

RIGHTS = tuple(
    number
    for number in options.Right.values()
    if number not in (options.RIGHT_UNSPECIFIED, options.RIGHT_OPEN, options.RIGHT_ENROLLED)
)
OWN, PARENT, GRANDPARENT, CHILD = "own", "parent", "grandparent", "child"
SIBLING, GRANTEE, COUSIN, FOREIGN, NOBODY = "sibling", "grantee", "cousin", "foreign", "nobody"
UNITS = (OWN, PARENT, GRANDPARENT, CHILD, SIBLING, GRANTEE, COUSIN)
"""Where a caller can stand, seen from the subject's owner, a county: its city, its province, a
township of it, another county of its city, a county of another city that was named in a grant,
and one that was not. A foreign unit is credentialed by another province; nobody shows nothing."""
PLACES = (*UNITS, FOREIGN, NOBODY)


@dataclass(frozen=True, slots=True)
class Stands:
    """Who is named on a subject, beside its owner; places."""

    handler: str = ""
    grantees: tuple[str, ...] = ()


def rule_of(method: MethodDescriptor) -> options.MethodRule:
    extensions: Any = method.GetOptions().Extensions
    rule: options.MethodRule = extensions[options.rule]
    return rule


def right_suffices(wanted: int, place: str, rights: frozenset[int]) -> str:
    """The reason to refuse, or nothing."""
    if place == FOREIGN:
        return "NOT_ENROLLED"
    if wanted == options.RIGHT_OPEN:
        return ""
    if place == NOBODY:
        return "NOT_ENROLLED"
    if wanted == options.RIGHT_ENROLLED or wanted in rights:
        return ""
    return "FORBIDDEN"


def relation_suffices(rule: options.MethodRule, place: str, stands: Stands) -> str:
    """The reason to refuse, or nothing. Without a subject the caller is its own."""
    wanted = set(rule.relations)
    place = place if rule.subject else OWN
    found = {
        options.RELATION_ANYONE: True,
        options.RELATION_OWN: place == OWN,
        options.RELATION_PARENT: place == PARENT and bool(rule.subject),
        options.RELATION_ABOVE: place in (PARENT, GRANDPARENT),
        options.RELATION_HANDLER: place == stands.handler,
        options.RELATION_GRANTEE: place in stands.grantees,
    }
    return "" if any(found[one] for one in wanted) else "NOT_RELATED"


def expected(
    rule: options.MethodRule, place: str, rights: frozenset[int], stands: Stands, *, signed: bool
) -> str:
    """The reason for which a call must be refused; empty when it must go through."""
    refused = right_suffices(rule.right, place, rights)
    if refused:
        return refused
    if rule.act and not signed:
        return "ACT_MISSING"
    return relation_suffices(rule, place, stands)

"""May they? Pure decisions from a method's rule, a caller and a subject."""

from __future__ import annotations

from zongheng_hub.kernel.call import Caller, Subject
from zongheng_protos.errors import Forbidden, NotEnrolled, NotRelated, OperatorForbidden
from zongheng_protos.options.v1 import options_pb2 as options


def check_right(right: int, caller: Caller, method: str) -> None:
    """Raises NotEnrolled or Forbidden unless the caller has the right."""
    if right == options.RIGHT_OPEN:
        return
    if not caller.tenant:
        raise NotEnrolled(f"{method} is for enrolled units; this call shows no credential")
    if right != options.RIGHT_ENROLLED and right not in caller.rights:
        name = options.Right.Name(right).removeprefix("RIGHT_").lower()
        if caller.credential is not None and right in caller.credential.rights:
            raise OperatorForbidden(
                f"{caller.operator} of {caller.tenant} has no role with the right to {name}, "
                f"which {method} needs"
            )
        raise Forbidden(f"{caller.tenant} has no right to {name}, which {method} needs")


def check_acts(caller: Caller, method: str) -> None:
    """Raises OperatorForbidden where a registered operator's roles only let them read."""
    allowed = caller.operator_rights
    if allowed is not None and not allowed - {options.RIGHT_AUDIT}:
        raise OperatorForbidden(
            f"{caller.operator} of {caller.tenant} reads and does not act, as {method} would"
        )


def relations_of(caller: Caller, subject: Subject) -> frozenset[int]:
    """How the caller stands to the subject: numbers of options.Relation."""
    found = {options.RELATION_ANYONE}
    if caller.tenant:
        if caller.tenant == subject.owner:
            found.add(options.RELATION_OWN)
        if caller.tenant in subject.owner_ancestors:
            found.add(options.RELATION_ABOVE)
        if subject.owner_ancestors and caller.tenant == subject.owner_ancestors[-1]:
            found.add(options.RELATION_PARENT)
        if caller.tenant == subject.handler:
            found.add(options.RELATION_HANDLER)
        if caller.tenant in subject.grantees:
            found.add(options.RELATION_GRANTEE)
    return frozenset(found)


def check_relation(
    relations: frozenset[int], caller: Caller, subject: Subject, method: str
) -> None:
    """Raises NotRelated unless the caller stands in one of the relations to the subject."""
    if options.RELATION_ANYONE in relations or subject.is_open:
        return
    if not relations & relations_of(caller, subject):
        wanted = ", ".join(
            sorted(options.Relation.Name(r).removeprefix("RELATION_").lower() for r in relations)
        )
        raise NotRelated(f"{method} is for: {wanted}; {caller.tenant or 'nobody'} is none of these")

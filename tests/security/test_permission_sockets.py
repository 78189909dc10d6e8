"""A sample of the permission matrix over mTLS: the hub's own kernel, its own handlers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.architecture.test_protos import METHODS
from tests.integration.running_hub import RawClient, client_of
from tests.security.province import Province, province
from tests.security.verdicts import RIGHTS, UNITS, Stands, expected, rule_of
from zongheng_protos.errors import ZonghengError

PERMISSION = {"NOT_ENROLLED", "FORBIDDEN", "NOT_RELATED", "ACT_MISSING"}


@pytest.fixture(scope="module")
def here() -> Iterator[Province]:
    with province() as found:
        yield found


@pytest.fixture(scope="module")
def clients(here: Province) -> Iterator[dict[str, RawClient]]:
    with ExitStack() as stack:
        yield {place: stack.enter_context(client_of(here.units[place])) for place in UNITS}


@pytest.mark.parametrize("rights", [frozenset[int](), frozenset(RIGHTS)], ids=["none", "all"])
@pytest.mark.parametrize("place", UNITS)
def test_what_must_be_refused_is_refused_and_the_rest_is_not(
    here: Province, clients: dict[str, RawClient], place: str, rights: frozenset[int]
) -> None:
    here.book.rights = rights
    try:
        wrong = [
            f"{method.full_name}: {said}, not {should}"
            for method in METHODS
            for said, should in [_asked(here, clients[place], method, place, rights)]
            if said != should
        ]
    finally:
        here.book.rights = None
    assert wrong == []


def _asked(
    here: Province, client: RawClient, method: object, place: str, rights: frozenset[int]
) -> tuple[str, str]:
    """What an unsigned call comes to, and what it must: nothing is changed by it."""
    from google.protobuf.descriptor import MethodDescriptor

    assert isinstance(method, MethodDescriptor)
    rule, thing = rule_of(method), here.things.get(rule_of(method).subject)
    path = f"/{method.containing_service.full_name}/{method.name}"
    stands = thing.stands if thing else Stands()
    should = expected(rule, place, rights, stands, signed=False)
    if path not in here.kernel.methods:
        return "", ""
    served = here.kernel.methods[path]
    request = served.request_class(**{rule.subject: thing.id}) if thing else served.request_class()
    try:
        client.stream(path, request) if served.stream else client.call(path, request, signed=False)
    except ZonghengError as error:
        said = error.reason_name
        if said == "INVALID" and should in ("", "NOT_RELATED"):
            return should, should  # an incomplete request is told so before relations are asked
        return (said if said in PERMISSION else ""), should
    return "", should

"""Every RPC of a real hub × every right × every place in the tree: only what is declared goes.

The rows come from the descriptors that the hub serves. A new RPC is walked without anyone adding
it here; one that names a subject of a new kind fails until province.py makes such a thing.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from google.protobuf.descriptor import MethodDescriptor

from tests.architecture.test_protos import METHODS
from tests.security.province import Province, province
from tests.security.verdicts import (
    FOREIGN,
    NOBODY,
    PLACES,
    RIGHTS,
    Stands,
    expected,
    rule_of,
)
from zongheng_hub.kernel.identity import Channel
from zongheng_hub.kernel.kernel import Kernel
from zongheng_protos.errors import ZonghengError
from zongheng_protos.options.v1 import options_pb2 as options

RIGHT_SETS = (frozenset[int](), *(frozenset({right}) for right in RIGHTS), frozenset(RIGHTS))


@pytest.fixture(scope="module")
def here() -> Iterator[Province]:
    with province() as found:
        yield found


def path_of(method: MethodDescriptor) -> str:
    return f"/{method.containing_service.full_name}/{method.name}"


def test_every_rpc_of_the_workspace_is_served_and_walked_and_nothing_else(here: Province) -> None:
    assert set(here.kernel.methods) == {path_of(method) for method in METHODS}


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.full_name)
def test_a_call_goes_through_exactly_where_it_is_declared(
    here: Province, method: MethodDescriptor
) -> None:
    rule = rule_of(method)
    assert not rule.subject or rule.subject in here.things, (
        f"{method.full_name} is about a {rule.subject}: make one in tests/security/province.py"
    )
    wrong = here.running.run(walked(here, method))
    here.book.rights = None
    assert wrong == []


async def walked(here: Province, method: MethodDescriptor) -> list[str]:
    """Calls whose verdict is not the expected one."""
    rule, path, gate = rule_of(method), path_of(method), here.gate()
    thing = here.things.get(rule.subject)
    request_class = gate.methods[path].request_class
    request = request_class(**{rule.subject: thing.id}) if thing else request_class()
    body = request.SerializeToString()
    stands = thing.stands if thing else Stands()
    wrong = []
    for place in PLACES:
        for rights in RIGHT_SETS if place not in (FOREIGN, NOBODY) else RIGHT_SETS[:1]:
            here.book.rights = rights
            for by in ("channel", "act", "both"):
                channel = here.channel(place) if by != "act" else None
                act = here.act(place, path, body) if by != "channel" else None
                signed = act is not None
                said = await verdict(gate, path, body, channel, act)
                should = expected(rule, place, rights, stands, signed=signed)
                if said != should:
                    named = "+".join(options.Right.Name(right) for right in sorted(rights))
                    wrong.append(
                        f"{place} with {named or 'no right'} by {by}: {said}, not {should}"
                    )
    return wrong


async def verdict(
    gate: Kernel, path: str, body: bytes, channel: Channel | None, act: bytes | None
) -> str:
    """The reason of the refusal; empty when the call reached its handler."""
    try:
        if gate.methods[path].stream is not None:
            async for _ in gate.handle_stream(path, body, channel=channel, act=act):
                pass
        else:
            await gate.handle(path, body, channel=channel, act=act)
    except ZonghengError as error:
        return error.reason_name
    return ""

"""The policy file is read as C2SP tlog-policy says, and says whose cosignatures are missing."""

from __future__ import annotations

import base64
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zongheng_protos.errors import Invalid
from zongheng_tenants.cosignature import WitnessKey, witness_key
from zongheng_tenants.keys import SigningKey
from zongheng_tenants.witness_policy import parse_policy

KEYS = {
    name: witness_key(f"{name}.example", SigningKey(bytes([at] * 32)).public)
    for at, name in enumerate(("X1", "X2", "X3", "Y1", "Y2", "Y3"), 1)
}
LOG = "log+01020304+" + base64.b64encode(b"\x01" + SigningKey(bytes(32)).public).decode()
# The example of C2SP tlog-policy.md, with keys.
EXAMPLE = f"""
log {LOG}

witness X1 {KEYS["X1"].vkey}
witness X2 {KEYS["X2"].vkey}\thttps://x2.example/witness
 witness X3 {KEYS["X3"].vkey}
group X-witnesses 2 X1 X2 X3
  # the others
witness Y1 {KEYS["Y1"].vkey}
witness Y2 {KEYS["Y2"].vkey}
witness Y3 {KEYS["Y3"].vkey}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""


def cosigned_by(*names: str) -> list[WitnessKey]:
    return [KEYS[name] for name in names]


def test_the_example_of_the_specification_is_read() -> None:
    policy = parse_policy(EXAMPLE.encode())
    assert [log.vkey for log in policy.logs] == [LOG]
    assert [one.name for one in policy.witnesses] == list(KEYS)
    assert policy.witnesses[1].url == "https://x2.example/witness"
    assert [group.needed for group in policy.groups] == [2, 1, 2]
    assert policy.quorum == "X-and-Y"
    assert parse_policy(policy.text().encode()) == policy


@pytest.mark.parametrize(
    ("names", "missing"),
    [
        ((), "X-and-Y has 0 of 2 needed; not: X-witnesses, Y-witnesses"),
        (("X1", "X2"), "X-and-Y has 1 of 2 needed; not: Y-witnesses"),
        (("X1", "Y1", "Y2", "Y3"), "X-and-Y has 1 of 2 needed; not: X-witnesses"),
        (("X1", "X3", "Y3"), ""),
        (tuple(KEYS), ""),
    ],
)
def test_the_quorum_of_the_example_counts_groups(names: tuple[str, ...], missing: str) -> None:
    policy = parse_policy(EXAMPLE.encode())
    assert policy.missing(cosigned_by(*names)) == missing
    assert policy.satisfied(cosigned_by(*names)) == (not missing)


@given(st.sets(st.sampled_from(sorted(KEYS))), st.sampled_from(sorted(KEYS)))
def test_one_more_cosignature_never_takes_a_quorum_away(names: set[str], more: str) -> None:
    policy = parse_policy(EXAMPLE.encode())
    if policy.satisfied(cosigned_by(*names)):
        assert policy.satisfied(cosigned_by(*names, more))


def test_a_single_witness_may_be_the_quorum_or_none() -> None:
    one = parse_policy(f"witness X1 {KEYS['X1'].vkey}\nquorum X1\n".encode())
    assert one.missing([]) == "X1 has not cosigned"
    assert one.satisfied(cosigned_by("X1"))
    assert parse_policy(b"quorum none\n").satisfied([])


def test_a_witness_of_another_name_with_the_same_key_counts_as_that_witness() -> None:
    one = parse_policy(f"witness X1 {KEYS['X1'].vkey}\nquorum X1\n".encode())
    assert one.satisfied([witness_key("renamed", KEYS["X1"].public)])


def test_names_are_octets() -> None:
    vkey = KEYS["X1"].vkey.encode()
    kelvin, letter, raw = "\u212a".encode(), b"K", b"\xff\xfe"
    for name in (kelvin, letter, raw):
        policy = parse_policy(b"witness %s %s\nquorum %s\n" % (name, vkey, name))
        assert policy.satisfied(cosigned_by("X1"))
    with pytest.raises(Invalid, match="no line before it names"):
        parse_policy(b"witness %s %s\nquorum %s\n" % (kelvin, vkey, letter))


X1, X2 = (f"witness {name} {KEYS[name].vkey}\n" for name in ("X1", "X2"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "does not end"),
        ("quorum none", "does not end"),
        ("\n", "no line quorum"),
        (f"{X1}", "no line quorum"),
        ("quorum none\nquorum none\n", "line 2 of the policy: there is a second"),
        ("quorum X1\n", "line 1 of the policy: the quorum is X1"),
        (f"quorum X1\n{X1}", "line 1"),
        (f"{X1}{X1}quorum X1\n", "line 2 of the policy: the name X1 is taken"),
        (f"{X1}{X1.replace(' X1', ' Z', 1)}quorum X1\n", "the key of Z stands there twice"),
        (f"{X1.replace(' X1', ' none', 1)}quorum none\n", "the name none is taken"),
        (f"{X1}group g any X1 none\nquorum g\n", "names none, which no line"),
        (f"{X1}group g any\nquorum g\n", "has no members"),
        (f"{X1}group g\nquorum X1\n", "is no log, witness, group or quorum"),
        (f"{X1}group g 0 X1\nquorum g\n", "needs any, all or 1 to 1, not 0"),
        (f"{X1}group g 2 X1\nquorum g\n", "not 2"),
        (f"{X1}group g 01 X1\nquorum g\n", "not 01"),
        (f"{X1}group g \u0661 X1\nquorum g\n", "needs any, all"),
        (f"{X1}group g any X1 X1\nquorum g\n", "X1 is a member twice"),
        (f"{X1}group g any X1\ngroup h any X1\nquorum h\n", "X1 is a member twice"),
        (f"{X1}group g any g\nquorum g\n", "names g, which no line before it does"),
        (f"{X1}group X1 any X1\nquorum X1\n", "the name X1 is taken"),
        (f"group g any X1\n{X1}quorum g\n", "line 1"),
        (f"log {LOG}\nlog {LOG.replace('log', 'gol', 1)}\nquorum none\n", "twice"),
        ("log x\nquorum none\n", "of the form name"),
        (f"log {LOG} url more\nquorum none\n", "is no log"),
        (f"witness X1 {LOG}\nquorum X1\n", "of type 1"),
        (f"{X1}{X2}quorum X1 X2\n", "is no log"),
        ("QUORUM none\n", "is no log"),
        ("quorum none\r\n", "line 1 of the policy: a control character"),
        ("quorum none\n\x7f\n", "line 2 of the policy: a control character"),
        ("quorum\u3000none\n", "is no log"),
        ("#" * 1_000_001 + "\n", "too large"),
    ],
)
def test_a_file_that_breaks_a_rule_is_refused(text: str, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        parse_policy(text.encode())


@given(st.binary(max_size=200))
def test_no_bytes_get_past_it_but_by_its_own_refusal(content: bytes) -> None:
    with contextlib.suppress(Invalid):
        parse_policy(content)

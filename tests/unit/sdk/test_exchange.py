"""Evidence of an exchange holds as a whole; whatever is changed in it is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.sdk.exchange_case import Case, make_case
from tests.unit.tenants.parties import (
    DAY_MS,
    GRANTEE,
    NOW_MS,
    OWNER,
    PROVINCE,
    STRANGER,
    grant_of,
    make_party,
)
from zongheng_protos.errors import Invalid
from zongheng_protos.sharing.v1 import sharing_pb2 as sharing
from zongheng_protos.sharing.v1.sharing_pb2 import GetExchangeReply
from zongheng_protos.tlog.v1.tlog_pb2 import GetContentReply
from zongheng_sdk.exchange import (
    Check,
    ExchangeEvidence,
    ExchangeVerdict,
    entries_needed,
    make_evidence,
    verify_exchange,
)
from zongheng_tenants.grant import sign_grant
from zongheng_tenants.keys import SigningKey

CASE = make_case()
EVIDENCE = CASE.logged()


def failures(evidence: ExchangeEvidence, vkey: str = CASE.vkey) -> str:
    verdict = verify_exchange(evidence, vkey)
    assert not verdict.ok
    return "\n".join(map(str, verdict.failures))


def test_a_sound_exchange_holds_and_says_what_was_checked() -> None:
    verdict = verify_exchange(EVIDENCE, CASE.vkey)
    assert verdict.ok, str(verdict)
    assert verdict.failures == ()
    text = str(verdict)
    assert text.count("✓") == len(verdict.checks) == len(text.splitlines())
    for named in ("低保复核", "王某某", "province → owner", "2 rows", "1 of 2"):
        assert named in text


def test_the_file_holds_everything() -> None:
    again = ExchangeEvidence.from_json(EVIDENCE.to_json())
    assert again == EVIDENCE
    assert verify_exchange(again, CASE.vkey).ok


def test_a_verdict_of_no_checks_does_not_hold() -> None:
    assert not ExchangeVerdict(()).ok
    assert not ExchangeVerdict((Check("a", True), Check("b", False, "c"))).ok
    assert str(Check("b", False, "c")) == "✗ b: c"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        '{"format": "another"}',
        EVIDENCE.to_json().replace('"grant"', '"graft"'),
        EVIDENCE.to_json().replace('"index": 0', '"index": "0"'),
        EVIDENCE.to_json().replace('"checkpoint": "', '"checkpoint": "*'),
        json.dumps({**json.loads(EVIDENCE.to_json()), "entries": [1]}),
        json.dumps({**json.loads(EVIDENCE.to_json()), "grant": None}),
    ],
)
def test_a_file_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="evidence"):
        ExchangeEvidence.from_json(text)


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


@settings(max_examples=60)
@given(st.data())
def test_a_flipped_bit_anywhere_is_noticed(data: st.DataObject) -> None:
    part = data.draw(st.sampled_from(["grant", "manifest", "sender_receipt", "recipient_receipt"]))
    whole: bytes = getattr(EVIDENCE, part)
    changed: dict[str, Any] = {part: flipped(whole, data.draw(st.integers(0, len(whole) * 8 - 1)))}
    failures(replace(EVIDENCE, **changed))


@settings(max_examples=80)
@given(st.data())
def test_a_flipped_bit_in_any_entry_is_noticed(data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(EVIDENCE.entries) - 1))
    entry = EVIDENCE.entries[index]
    part = data.draw(st.sampled_from(["leaf", "salt", "envelope", "request"]))
    bit = data.draw(st.integers(0, len(getattr(entry, part)) * 8 - 1))
    failures(with_entry(index, **{part: flipped(getattr(entry, part), bit)}))


def with_entry(at: int, /, **changes: Any) -> ExchangeEvidence:
    entries = list(EVIDENCE.entries)
    entries[at] = replace(entries[at], **changes)
    return replace(EVIDENCE, entries=tuple(entries))


@pytest.mark.parametrize("index", range(len(EVIDENCE.entries)))
def test_no_entry_can_be_left_out_or_moved(index: int) -> None:
    entries = EVIDENCE.entries
    failures(replace(EVIDENCE, entries=entries[:index] + entries[index + 1 :]))
    failures(with_entry(index, index=index + 1))
    failures(with_entry(index, proof=entries[index].proof[:-1]))
    failures(replace(EVIDENCE, entries=(*entries, entries[index])))


def test_another_logs_key_or_an_altered_checkpoint_is_noticed() -> None:
    assert "checkpoint" in failures(EVIDENCE, make_case().vkey)
    assert "checkpoint" in failures(EVIDENCE, "nonsense")
    altered = EVIDENCE.checkpoint.replace(b"\n8\n", b"\n9\n")
    assert altered != EVIDENCE.checkpoint
    text = failures(replace(EVIDENCE, checkpoint=altered))
    assert "no valid checkpoint" in text


def test_parts_of_another_exchange_are_noticed() -> None:
    other = make_case()
    for part in ("grant", "manifest", "sender_receipt", "recipient_receipt"):
        failures(replace(EVIDENCE, **{part: getattr(other.logged(), part)}))


def test_an_exchange_that_is_still_open_says_so() -> None:
    assert "not been signed yet" in failures(replace(EVIDENCE, recipient_receipt=b""))


def renewed(case: Case, change: Callable[[Case], None]) -> str:
    """What fails once a log itself recorded something else, all proofs holding."""
    change(case)
    text = failures(case.logged(), case.vkey)
    assert "is in the log" not in text
    return text


def step(kind: str, /, **changes: Any) -> Callable[[Case], None]:
    return lambda case: case.change(kind, lambda found: replace(found, **changes))


def asked(**changes: Any) -> bytes:
    request = sharing.RequestDataRequest(
        dataset_id="d_households", purpose="低保复核", fields=["name", "village", "income"]
    )
    for name, value in changes.items():
        request.ClearField(name)
        request.MergeFrom(sharing.RequestDataRequest(**{name: value}))
    return request.SerializeToString()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (step("data.requested", request=asked(purpose="另作他用")), "asked for"),
        (step("data.requested", request=asked(fields=["name"])), "nobody asked for income"),
        (step("data.requested", request=asked(dataset_id="d_other")), "asked for"),
        (step("data.requested", subject="q_other"), "q_other"),
        (step("data.requested", actor=STRANGER), "t_stranger"),
        (step("data.granted", key=STRANGER.signing), "no signing key"),
        (step("data.granted", key=OWNER.console), "on the unit's behalf"),
        (step("data.granted", on_behalf=True), "on the unit's behalf"),
        (step("data.granted", tenant="t_stranger"), "t_stranger"),
        (step("data.granted", method="/other/Method"), "was signed for /other/Method"),
        (step("data.granted", audience="h_other"), "2 hubs"),
        (step("data.granted", request=sharing.GrantDataRequest().SerializeToString()), "grant"),
        (step("data.granted", request=b"\xff"), "handed in this grant"),
        (step("data.granted", kind="data.denied"), "data.granted, not one"),
        (step("parcel.delivered", time_ms=NOW_MS + 2 * DAY_MS), "expired"),
        (step("parcel.delivered", request=b""), "manifest is another"),
        (step("parcel.delivered", subject="p_other"), "p_other"),
        (step("parcel.fetched", time_ms=NOW_MS + 2 * DAY_MS), "expired"),
        (step("parcel.fetched", request=b""), "fetched another parcel"),
        (step("parcel.fetched", actor=OWNER), "t_owner"),
        (step("parcel.received", request=b""), "receipt of the recipient"),
        (step("tenancy.rooted", kind="tenancy.other"), "tenancy.rooted"),
        (step("tenancy.rooted", request=OWNER.chain[-1]), "root"),
        (step("tenant.credentialed", actor=GRANTEE), "another unit's name"),
        (step("tenant.credentialed", request=b"\xff"), "can be read"),
    ],
)
def test_a_log_that_tells_another_story_is_contradicted(
    change: Callable[[Case], None], named: str
) -> None:
    assert named in renewed(make_case(), change)


def test_steps_in_another_order_are_noticed() -> None:
    def swap(case: Case) -> None:
        case.steps[4], case.steps[5] = case.steps[5], case.steps[4]

    assert "stands before" in renewed(make_case(), swap)


def test_a_step_dated_before_the_one_it_follows_is_noticed() -> None:
    late = step("data.requested", time_ms=NOW_MS + DAY_MS // 2)
    assert "is dated before" in renewed(make_case(), late)


def test_more_fetches_than_granted_are_noticed() -> None:
    def often(case: Case) -> None:
        fetched = next(step for step in case.steps if step.kind == "parcel.fetched")
        case.steps += [fetched, fetched]

    assert "fetched 3 times, 2 are allowed" in renewed(make_case(), often)


def test_a_fetch_within_the_uses_may_come_after_the_receipt() -> None:
    case = make_case()
    case.steps.append(next(step for step in case.steps if step.kind == "parcel.fetched"))
    verdict = verify_exchange(case.logged(), case.vkey)
    assert verdict.ok, str(verdict)


def test_an_act_that_has_no_place_here_is_noticed() -> None:
    def add(case: Case) -> None:
        case.steps.append(replace(case.steps[-1], kind="need.filed"))

    assert "no place in an exchange" in renewed(make_case(), add)


def test_an_act_that_the_hub_signed_for_an_operator_is_shown_as_such() -> None:
    case = make_case()
    step("data.requested", key=GRANTEE.console, on_behalf=True)(case)
    verdict = verify_exchange(case.logged(), case.vkey)
    assert verdict.ok, str(verdict)
    assert "signed by the hub on behalf" in str(verdict)


def test_a_credential_that_nobody_logged_is_noticed() -> None:
    impostor = make_party(OWNER.tenant, PROVINCE)

    def substitute(case: Case) -> None:
        case.owner_chain = impostor.chain

    assert "no entry of the evidence issued it" in renewed(make_case(), substitute)


def test_a_chain_from_another_root_is_noticed() -> None:
    def substitute(case: Case) -> None:
        other = make_party("t_province")
        case.grantee_chain = make_party(GRANTEE.tenant, other).chain

    assert "grantee's credentials" in renewed(make_case(), substitute)


def test_a_missing_chain_is_noticed() -> None:
    assert "owner's credentials" in failures(replace(EVIDENCE, owner_chain=()))


def test_a_grant_by_another_key_is_noticed() -> None:
    def substitute(case: Case) -> None:
        case.grant = sign_grant(grant_of(), SigningKey.generate())

    assert "signed by the data's owner" in renewed(make_case(), substitute)


def test_evidence_is_put_together_from_what_a_hub_answers() -> None:
    reply = GetExchangeReply(
        grant=EVIDENCE.grant,
        manifest=EVIDENCE.manifest,
        sender_receipt=EVIDENCE.sender_receipt,
        recipient_receipt=EVIDENCE.recipient_receipt,
        entries=[3, 4, 5, 6, 7],
        owner_chain=EVIDENCE.owner_chain,
        grantee_chain=EVIDENCE.grantee_chain,
        credential_entries=[0, 1, 2],
    )
    assert entries_needed(reply) == tuple(range(8))
    contents = [
        GetContentReply(
            index=entry.index,
            leaf=entry.leaf,
            salt=entry.salt,
            envelope=entry.envelope,
            request=entry.request,
        )
        for entry in EVIDENCE.entries
    ]
    proofs = {entry.index: entry.proof for entry in EVIDENCE.entries}
    reply.revocations = EVIDENCE.revocations
    made = make_evidence(reply, contents=contents, proofs=proofs, checkpoint=EVIDENCE.checkpoint)
    assert made == EVIDENCE
    with pytest.raises(Invalid, match="entry 7"):
        make_evidence(reply, contents=contents[:-1], proofs=proofs, checkpoint=EVIDENCE.checkpoint)


@given(st.binary(max_size=60))
def test_random_bytes_give_a_verdict_and_never_an_exception(noise: bytes) -> None:
    entry = replace(
        EVIDENCE.entries[0], leaf=noise, envelope=noise, request=noise, salt=noise, proof=(noise,)
    )
    assert failures(
        ExchangeEvidence(noise, noise, noise, noise, (noise,), (noise,), (entry,), noise)
    )

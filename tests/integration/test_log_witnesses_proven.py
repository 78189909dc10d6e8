"""An auditor with a policy file proves which witnesses saw what; foreign verifiers agree."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from proofbundle.checkpoint import verify_witnessed_checkpoint
from typer.testing import CliRunner, Result

from tests.logs import KEY, ORIGIN, Log, entry, opened
from zongheng_hub.tlog.note import CheckpointSigner
from zongheng_protos.errors import QuorumMissing
from zongheng_sdk.audit import verify_log
from zongheng_sdk.cli.app import app
from zongheng_sdk.notes import NoteInvalid
from zongheng_sdk.tiles import open_source
from zongheng_sdk.witnessed import WitnessVerdict, verify_witnessed, verify_witnesses
from zongheng_tenants.cosignature import WitnessKey, cosign, witness_key
from zongheng_tenants.keys import SigningKey
from zongheng_tenants.witness_policy import WitnessPolicy, parse_policy

NAMES = ("audit", "finance", "justice")
SIGNING = {name: SigningKey(bytes([at] * 32)) for at, name in enumerate(NAMES, 1)}
KEYS: dict[str, WitnessKey] = {
    name: witness_key(f"{name}.example/w1", key.public) for name, key in SIGNING.items()
}
VKEY = CheckpointSigner(KEY, ORIGIN).vkey
POLICY_TEXT = (
    f"log {VKEY}\n"
    + "".join(f"witness {name} {key.vkey}\n" for name, key in KEYS.items())
    + f"group most 2 {' '.join(NAMES)}\nquorum most\n"
)
POLICY: WitnessPolicy = parse_policy(POLICY_TEXT.encode())


def cosigned(note: bytes, *names: str, time: int = 1_700_000_000) -> bytes:
    text = note.partition(b"\n\n")[0] + b"\n"
    lines = [
        cosign(text, key=SIGNING[name], name=KEYS[name].name, time=time + at)
        for at, name in enumerate(names)
    ]
    return note + "".join(lines).encode()


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[int, bytes]]]:
    folder = tmp_path_factory.mktemp("log")
    with opened(folder / "hub.sqlite3", folder / "tlog") as log:
        notes = {size: grow(log, size) for size in (250, 300)}
        yield log.folder, notes


@pytest.fixture
def log(
    published: tuple[Path, dict[int, bytes]], tmp_path: Path
) -> Iterator[tuple[Path, dict[int, bytes]]]:
    folder = Path(shutil.copytree(published[0], tmp_path / "tlog"))
    yield folder, published[1]


def grow(log: Log, size: int, act: str = "need.filed") -> bytes:
    at = log.store.write_now(lambda tx: tx.next_index())
    log.append(*(entry(number, act=act) for number in range(at, size)))
    return (log.publish() / "checkpoint").read_bytes()


def judged(folder: Path, **kept: bytes) -> WitnessVerdict:
    verdict = verify_log(folder, VKEY)
    assert verdict.checkpoint is not None
    assert verdict.ok
    return verify_witnesses(open_source(folder), verdict.checkpoint, POLICY, kept=kept.items())


def test_a_quorum_on_the_newest_checkpoint_is_named(log: tuple[Path, dict[int, bytes]]) -> None:
    folder, notes = log
    (folder / "checkpoint").write_bytes(cosigned(notes[300], "audit", "justice"))
    verdict = judged(folder)
    assert verdict.ok
    assert (verdict.size, verdict.of) == (300, 300)
    assert [(one.name, one.size, one.time) for one in verdict.seen] == [
        ("audit", 300, 1_700_000_000),
        ("justice", 300, 1_700_000_001),
    ]
    assert verdict.unseen == ("finance",)


def test_how_far_the_quorum_reaches_is_said_where_the_newest_has_none(
    log: tuple[Path, dict[int, bytes]],
) -> None:
    folder, notes = log
    (folder / "witnessed").write_bytes(cosigned(notes[250], *NAMES))
    (folder / "checkpoint").write_bytes(cosigned(notes[300], "audit"))
    verdict = judged(folder)
    assert verdict.ok
    assert (verdict.size, verdict.of) == (250, 300)
    assert [(one.name, one.size) for one in verdict.seen] == [
        ("audit", 300),
        ("finance", 250),
        ("justice", 250),
    ]


def test_a_missing_quorum_is_said_by_name(log: tuple[Path, dict[int, bytes]]) -> None:
    folder, notes = log
    for names in ((), ("finance",)):
        (folder / "checkpoint").write_bytes(cosigned(notes[300], *names))
        verdict = judged(folder)
        assert not verdict.ok
        assert f"most has {len(names)} of 2 needed; not: audit" in verdict.missing
    found = verify_witnessed(cosigned(notes[300], "finance"), POLICY)
    with pytest.raises(QuorumMissing, match="300 entries is not witnessed"):
        found.raise_unless_witnessed()


def test_one_key_under_many_names_is_one_witness(log: tuple[Path, dict[int, bytes]]) -> None:
    note = log[1][300]
    text = note.partition(b"\n\n")[0] + b"\n"
    lines = [cosign(text, key=SIGNING["audit"], name=f"w{at}", time=1) for at in range(9)]
    found = verify_witnessed(cosigned(note, "audit") + "".join(lines).encode(), POLICY)
    assert [one.name for one in found.seen] == ["audit"]
    assert found.missing


def test_a_witnesses_line_that_does_not_hold_spoils_the_checkpoint(
    log: tuple[Path, dict[int, bytes]],
) -> None:
    folder, notes = log
    moved = cosigned(notes[250], "audit", "justice")[len(notes[250]) :]
    (folder / "checkpoint").write_bytes(notes[300] + moved)
    with pytest.raises(NoteInvalid, match="cosignature by audit does not hold"):
        verify_witnessed(notes[300] + moved, POLICY)
    verdict = judged(folder)
    assert verdict.faults[0].startswith("checkpoint: the cosignature by audit does not hold")
    assert not verdict.ok


def test_an_equivocation_is_named_with_those_who_vouched_for_it(
    log: tuple[Path, dict[int, bytes]], tmp_path: Path
) -> None:
    """The log's own key has signed another history, and a witness has cosigned both."""
    folder, notes = log
    (folder / "checkpoint").write_bytes(cosigned(notes[300], *NAMES))
    with opened(tmp_path / "second.sqlite3", tmp_path / "second") as second:
        other = cosigned(grow(second, 280, "need.answered"), "justice")
        longer = cosigned(grow(second, 310, "need.answered"), "audit", "justice")
    verdict = judged(folder, kept=other, cut=longer)
    assert not verdict.ok
    assert verdict.faults == (
        "kept: the log's key signed another history of 280 entries (cosigned by justice): "
        "the log was forked",
        "cut: the log's key signed 310 entries (cosigned by audit, justice), the log shows 300: "
        "it was cut, or what is shown is old",
    )


Run = Callable[..., Result]


def run(*arguments: object) -> Result:
    environment = {"NO_COLOR": "1", "ZONGHENG_IDENTITY": "none"}
    return CliRunner().invoke(app, [str(each) for each in arguments], env=environment)


def test_the_command_takes_the_policy_for_key_and_quorum(
    log: tuple[Path, dict[int, bytes]], tmp_path: Path
) -> None:
    folder, notes = log
    policy = tmp_path / "policy"
    policy.write_text(POLICY_TEXT)
    (folder / "checkpoint").write_bytes(cosigned(notes[300], "audit", "finance"))
    good = run("audit", "verify", "--log", folder, "--policy", policy)
    assert good.exit_code == 0, good.output
    assert "见证齐全 witnessed: 300 of 300 entries by the quorum most" in good.output
    assert "audit: 300 entries at 2023-11-1" in good.output
    assert "justice: 未见证 no cosignature" in good.output
    kept = tmp_path / "kept"
    kept.write_bytes(notes[250])
    again = run("audit", "verify", "--log", folder, "--policy", policy, "--checkpoint", kept)
    assert again.exit_code == 0, again.output
    (folder / "checkpoint").write_bytes(cosigned(notes[300], "audit"))
    bad = run("audit", "verify", "--log", folder, "--policy", policy)
    assert bad.exit_code == 1
    assert "most has 1 of 2 needed; not: finance, justice" in bad.output
    assert run("audit", "verify", "--log", folder, "--checkpoint", kept).exit_code == 1
    policy.write_text(POLICY_TEXT.replace("quorum most", "quorum all"))
    assert (
        "line 6 of the policy" in run("audit", "verify", "--log", folder, "--policy", policy).stderr
    )


def test_proofbundle_agrees_on_our_cosignatures(log: tuple[Path, dict[int, bytes]]) -> None:
    vkeys = [key.vkey for key in KEYS.values()]
    note = log[1][300]

    def verdict(note: bytes, threshold: int) -> bool:
        found = verify_witnessed_checkpoint(note.decode(), VKEY, vkeys, threshold=threshold)
        assert found["log_ok"]
        return bool(found["ok"])

    assert verdict(cosigned(note, *NAMES), 3)
    assert verdict(cosigned(note, "audit", "justice"), 2)
    assert not verdict(cosigned(note, "audit", "justice"), 3)
    assert not verdict(note, 1)
    text = note.partition(b"\n\n")[0] + b"\n"
    spare = [
        cosign(text, key=SigningKey(bytes([9, at] * 16)), name=f"w{at}", time=1) for at in range(16)
    ]
    crowded = cosigned(note, *NAMES) + "".join(spare).encode()
    assert verdict(crowded, 3)
    assert not verify_witnessed(crowded, POLICY).missing

"""An auditor accepts exactly the log that was signed, and names the place of whatever is not."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable

import pytest

from zongheng_protos.tlog.v1.leaf_pb2 import Leaf
from zongheng_sdk.audit import (
    MAX_FAULTS,
    LogVerdict,
    check_commitment,
    load_entry,
    read_leaf,
    verify_entry,
    verify_growth,
    verify_log,
)
from zongheng_sdk.notes import NoteInvalid
from zongheng_sdk.proofs import ProofInvalid, leaf_hash, merkle_root
from zongheng_sdk.tiles import bundle_path, split_bundle, tile_path
from zongheng_tenants.keys import SigningKey

NAME = "zongheng.cn/140000/log"
KEY = SigningKey(bytes(range(32)))
TYPED = b"\x01" + KEY.public
KEY_HASH = hashlib.sha256(NAME.encode() + b"\n" + TYPED).digest()[:4]
VKEY = f"{NAME}+{KEY_HASH.hex()}+{base64.b64encode(TYPED).decode()}"
Files = dict[str, bytes]


def checkpoint(size: int, root: bytes) -> bytes:
    text = f"{NAME}\n{size}\n{base64.b64encode(root).decode()}\n"
    signature = base64.b64encode(KEY_HASH + KEY.sign(text.encode())).decode()
    return f"{text}\n— {NAME} {signature}\n".encode()


def published(leaves: list[bytes]) -> Files:
    """A log as C2SP tlog-tiles describes it, written out by hand."""
    hashes = [leaf_hash(leaf) for leaf in leaves]
    files = {"checkpoint": checkpoint(len(leaves), merkle_root(hashes))}
    for at in range(0, len(leaves), 256):
        rows = leaves[at : at + 256]
        bundle = b"".join(len(row).to_bytes(2, "big") + row for row in rows)
        files[bundle_path(at // 256, len(rows))] = bundle
    level = 0
    while hashes:
        tiles = [hashes[at : at + 256] for at in range(0, len(hashes), 256)]
        for number, tile in enumerate(tiles):
            files[tile_path(level, number, len(tile))] = b"".join(tile)
        hashes = [merkle_root(tile) for tile in tiles if len(tile) == 256]
        level += 1
    return files


def leaves(count: int) -> list[bytes]:
    return [b"leaf %d" % number for number in range(count)]


def audit(files: Files) -> LogVerdict:
    return verify_log(files.get, VKEY)


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 511, 512, 513, 700])
def test_a_sound_log_is_accepted(size: int) -> None:
    verdict = audit(published(leaves(size)))
    assert verdict.faults == ()
    assert (verdict.ok, verdict.size) == (True, size)


def test_every_flipped_bit_of_a_small_log_is_rejected() -> None:
    files = published(leaves(5))
    accepted = []
    for name, content in files.items():
        for at in range(len(content)):
            for bit in range(8):
                flipped = content[:at] + bytes([content[at] ^ 1 << bit]) + content[at + 1 :]
                if audit(files | {name: flipped}).ok:
                    accepted.append((name, at, bit))
    assert accepted == []


def test_flipped_bytes_of_a_log_with_upper_tiles_are_rejected_at_their_place() -> None:
    files = published(leaves(600))
    for name, content in files.items():
        for at in range(0, len(content), max(1, len(content) // 25)):
            flipped = content[:at] + bytes([content[at] ^ 0x20]) + content[at + 1 :]
            verdict = audit(files | {name: flipped})
            assert not verdict.ok
            assert any(name in str(fault) for fault in verdict.faults), (name, at, verdict)


def test_an_altered_entry_is_named() -> None:
    files = published(leaves(300))
    bundle = files[bundle_path(1, 44)]
    altered = bundle.replace(b"leaf 270", b"leaf 27O")
    verdict = audit(files | {bundle_path(1, 44): altered})
    assert str(verdict.faults[0]) == (
        "tile/entries/001.p/44, entry 270: not what tile/0/001.p/44 holds of it"
    )
    assert str(verdict.faults[1]) == (
        "checkpoint: the 300 entries do not give the root that was signed; "
        "the tiles do, so the entries were altered"
    )


def test_an_altered_tile_is_named() -> None:
    files = published(leaves(600))
    altered = bytes(32) + files["tile/1/000.p/2"][32:]
    verdict = audit(files | {"tile/1/000.p/2": altered})
    assert [str(fault) for fault in verdict.faults] == [
        "tile/1/000.p/2: its hashes are not those of the tiles below"
    ]


def test_a_history_rewritten_throughout_does_not_fit_the_signature() -> None:
    rewritten = published([*leaves(299), b"another last leaf"])
    rewritten["checkpoint"] = published(leaves(300))["checkpoint"]
    verdict = audit(rewritten)
    assert [fault.place for fault in verdict.faults] == ["checkpoint"]


@pytest.mark.parametrize("name", sorted(published(leaves(300))))
def test_a_missing_file_is_named(name: str) -> None:
    files = published(leaves(300))
    del files[name]
    faults = audit(files).faults
    assert f"{name}: missing" in [str(fault) for fault in faults]


def test_a_truncated_or_lengthened_file_is_named() -> None:
    files = published(leaves(300))
    for name in ("tile/0/000", "tile/entries/000", "tile/entries/001.p/44", "tile/1/000.p/1"):
        for content in (files[name][:-1], files[name] + b"\0\0", b""):
            places = [fault.place for fault in audit(files | {name: content}).faults]
            assert name in places


def test_a_wholly_wrong_log_gives_a_bounded_list() -> None:
    files = published(leaves(600))
    files["tile/0/000"] = bytes(8192)
    files["tile/0/001"] = bytes(8192)
    assert len(audit(files).faults) == MAX_FAULTS


def test_a_log_of_another_key_is_not_accepted() -> None:
    files = published(leaves(3))
    name, digest, key = VKEY.split("+", 2)
    with pytest.raises(NoteInvalid, match="has id"):
        verify_log(files.get, f"{name}+{digest[::-1]}+{key}")
    other = SigningKey(bytes(32))
    typed = b"\x01" + other.public
    other_hash = hashlib.sha256(name.encode() + b"\n" + typed).digest()[:4]
    other_vkey = f"{name}+{other_hash.hex()}+{base64.b64encode(typed).decode()}"
    verdict = verify_log(files.get, other_vkey)
    assert (verdict.ok, verdict.size) == (False, 0)


def test_progress_is_told_after_every_bundle() -> None:
    told: list[tuple[int, int]] = []
    verify_log(published(leaves(600)).get, VKEY, progress=lambda *at: told.append(at))
    assert told == [(256, 600), (512, 600), (600, 600)]


def test_one_entry_is_proven_with_the_key_alone() -> None:
    hashes = [leaf_hash(leaf) for leaf in leaves(3)]
    note = checkpoint(3, merkle_root(hashes))
    proof = [merkle_root(hashes[:2])]
    assert verify_entry(b"leaf 2", 2, proof, note, VKEY).size == 3
    with pytest.raises(ProofInvalid, match="entry 2 is not in the log of 3"):
        verify_entry(b"leaf 3", 2, proof, note, VKEY)
    with pytest.raises(NoteInvalid):
        verify_entry(b"leaf 2", 2, proof, note.replace(b"\n3\n", b"\n4\n"), VKEY)


def test_growth_is_proven_between_two_signed_heads() -> None:
    hashes = [leaf_hash(leaf) for leaf in leaves(3)]
    old, new = checkpoint(2, merkle_root(hashes[:2])), checkpoint(3, merkle_root(hashes))
    assert verify_growth(old, new, [hashes[2]], VKEY)[1].size == 3
    with pytest.raises(ProofInvalid, match="does not continue"):
        verify_growth(checkpoint(2, hashes[0]), new, [hashes[2]], VKEY)


def test_an_entry_is_loaded_from_its_bundle() -> None:
    files = published(leaves(300))
    assert load_entry(files.get, 255, 300) == b"leaf 255"
    assert load_entry(files.get, 299, 300) == b"leaf 299"
    with pytest.raises(ProofInvalid, match="can't be in a log of 300"):
        load_entry(files.get, 300, 300)
    with pytest.raises(ProofInvalid, match=r"tile/entries/001\.p/45 is missing"):
        load_entry(files.get, 300, 301)


@pytest.mark.parametrize("bundle", [b"\0", b"\0\2a", b"\0\1a", b"\0\1a\0\1b\0\1c", b"\0\1a\0\1b\0"])
def test_a_bundle_that_is_not_whole_is_refused(bundle: bytes) -> None:
    with pytest.raises(ProofInvalid, match="bundle"):
        split_bundle(bundle, 2)


@pytest.mark.parametrize(
    ("number", "width", "path"),
    [
        (0, 256, "tile/0/000"),
        (999, 1, "tile/0/999.p/1"),
        (1000, 256, "tile/0/x001/000"),
        (1234067, 256, "tile/0/x001/x234/067"),
    ],
)
def test_a_tile_is_spelt_as_in_the_specification(number: int, width: int, path: str) -> None:
    assert tile_path(0, number, width) == path


def leaf(**changed: object) -> bytes:
    facts: dict[str, object] = {
        "version": 1,
        "act": "need.filed",
        "time_ms": 1_767_225_600_000,
        "actor": "t_county",
        "parties": ["t_city"],
        "subject": "n_1",
        "commitment": hmac.digest(b"salt", b"envelope", "sha256"),
    }
    return Leaf(**(facts | changed)).SerializeToString()  # type: ignore[arg-type]


def test_a_leaf_says_who_did_what_to_whom() -> None:
    act = read_leaf(leaf())
    assert (act.act, act.actor, act.parties) == ("need.filed", "t_county", ("t_city",))
    assert (act.subject, act.time_ms) == ("n_1", 1_767_225_600_000)


@pytest.mark.parametrize("wrong", [b"\xff", leaf(version=2), b""])
def test_a_leaf_of_another_form_is_refused(wrong: bytes) -> None:
    with pytest.raises(ProofInvalid, match="leaf"):
        read_leaf(wrong)


@pytest.mark.parametrize(
    "check",
    [
        lambda: check_commitment(leaf(), b"salt", b"other envelope"),
        lambda: check_commitment(leaf(), b"other salt", b"envelope"),
        lambda: check_commitment(leaf(commitment=b""), b"salt", b"envelope"),
    ],
)
def test_a_leaf_commits_to_one_envelope_only(check: Callable[[], object]) -> None:
    assert check_commitment(leaf(), b"salt", b"envelope").subject == "n_1"
    with pytest.raises(ProofInvalid, match="commits to another envelope"):
        check()

"""Verifiers that others wrote accept our log and refuse it with a byte flipped.

Which they are, foreign.py says; test_long_logs.py asks them about logs of many tiles.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sigstore._internal.merkle import verify_merkle_inclusion
from sigstore._internal.rekor.checkpoint import verify_checkpoint
from sigstore.errors import VerificationError

from tests.contract.foreign import Ask, as_rekor_entry, proofbundle_accepts
from tests.logs import Log, entry, opened
from zongheng_hub.tlog.service import Inclusion, prove_consistency, prove_inclusion
from zongheng_tenants.cosignature import cosign
from zongheng_tenants.keys import SigningKey

SIZES = (1, 2, 3, 7, 8, 255, 256, 257, 300, 600)


@dataclass(frozen=True, slots=True)
class Published:
    """A log of 600 entries with its checkpoints at SIZES and proofs of some entries at the last."""

    vkey: str
    folder: Path
    checkpoints: dict[int, bytes]
    inclusions: tuple[Inclusion, ...]
    consistencies: dict[int, tuple[bytes, ...]]

    @property
    def newest(self) -> bytes:
        return self.checkpoints[SIZES[-1]]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    folder = tmp_path_factory.mktemp("log")
    checkpoints = {}
    with opened(folder / "hub.sqlite3", folder / "tlog") as log:
        for size in SIZES:
            grow_to(log, size)
            checkpoints[size] = (log.publish() / "checkpoint").read_bytes()
        inclusions = tuple(
            log.store.read_now(partial(prove_inclusion, index=index))
            for index in (0, 1, 254, 255, 256, 511, 512, 597, 599)
        )
        consistencies = {
            old: log.store.read_now(partial(prove_consistency, old=old)) for old in SIZES
        }
        return Published(log.vkey, log.folder, checkpoints, inclusions, consistencies)


def grow_to(log: Log, size: int) -> None:
    at = log.store.write_now(lambda tx: tx.next_index())
    log.append(*(entry(number) for number in range(at, size)))


def flip(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def test_go_accepts_checkpoints_inclusion_and_consistency(go: Ask, published: Published) -> None:
    notes: list[dict[str, Any]] = [
        {"Vkey": published.vkey, "Checkpoint": note} for note in published.checkpoints.values()
    ]
    records = [
        {
            "Vkey": published.vkey,
            "Checkpoint": published.newest,
            "Leaf": proof.leaf,
            "Index": proof.index,
            "Proof": proof.hashes,
        }
        for proof in published.inclusions
    ]
    trees = [
        {
            "Vkey": published.vkey,
            "Checkpoint": published.newest,
            "Old": published.checkpoints[old],
            "Proof": hashes,
        }
        for old, hashes in published.consistencies.items()
    ]
    answers = go(notes + records + trees)
    assert answers == [""] * (len(SIZES) + 9 + len(SIZES))


def test_go_proves_every_entry_from_our_tiles(go: Ask, published: Published) -> None:
    questions = [
        {
            "Vkey": published.vkey,
            "Checkpoint": published.newest,
            "Leaf": entry(index).leaf,
            "Index": index,
            "Folder": str(published.folder),
        }
        for index in range(600)
    ]
    assert go(questions) == [""] * 600


def test_go_refuses_every_flipped_byte_of_a_checkpoint(go: Ask, published: Published) -> None:
    """All but the two bits of padding in base64 that x/mod does not look at."""
    note = published.newest
    questions = [{"Vkey": published.vkey, "Checkpoint": flip(note, at)} for at in range(len(note))]
    accepted = [at for at, answer in enumerate(go(questions)) if not answer]
    assert accepted == [note.rindex(b"=\n") - 1]


def test_go_refuses_altered_leaves_proofs_and_tiles(
    go: Ask, published: Published, tmp_path: Path
) -> None:
    proof = published.inclusions[4]
    good: dict[str, Any] = {
        "Vkey": published.vkey,
        "Checkpoint": published.newest,
        "Leaf": proof.leaf,
        "Index": proof.index,
        "Proof": proof.hashes,
    }
    spoilt = [good | {"Leaf": flip(proof.leaf, at)} for at in range(len(proof.leaf))]
    spoilt += [
        good | {"Proof": [*proof.hashes[:at], flip(each, 0), *proof.hashes[at + 1 :]]}
        for at, each in enumerate(proof.hashes)
    ]
    spoilt += [good | {"Index": proof.index + 1}, good | {"Proof": proof.hashes[1:]}]
    growth = {"Vkey": published.vkey, "Checkpoint": published.newest}
    hashes = published.consistencies[7]
    spoilt += [
        growth
        | {
            "Old": published.checkpoints[7],
            "Proof": [*hashes[:at], flip(each, 31), *hashes[at + 1 :]],
        }
        for at, each in enumerate(hashes)
    ]
    for name in ("tile/0/000", "tile/0/002.p/88", "tile/1/000.p/2"):
        folder = Path(shutil.copytree(published.folder, tmp_path / name.replace("/", "-")))
        (folder / name).write_bytes(flip((folder / name).read_bytes(), 40))
        at = 600 - 88 if "002" in name else 0
        spoilt.append(growth | {"Leaf": entry(at).leaf, "Index": at, "Folder": str(folder)})
    assert go([good]) == [""]
    assert [at for at, answer in enumerate(go(spoilt)) if not answer] == []


def test_sigstore_accepts_checkpoint_and_inclusion(published: Published, keyring: Any) -> None:
    for proof in published.inclusions:
        rekor_entry = as_rekor_entry(proof, published.newest)
        verify_merkle_inclusion(rekor_entry)
        verify_checkpoint(keyring, rekor_entry)


def test_sigstore_refuses_every_flipped_byte_of_a_leaf(published: Published) -> None:
    proof = published.inclusions[4]
    for at in range(len(proof.leaf)):
        rekor_entry = as_rekor_entry(proof, published.newest)
        rekor_entry._inner.canonicalized_body = flip(proof.leaf, at)
        with pytest.raises(VerificationError, match="invalid root hash"):
            verify_merkle_inclusion(rekor_entry)


def test_sigstore_refuses_a_checkpoint_whose_text_or_signature_was_flipped(
    published: Published, keyring: Any
) -> None:
    proof, note = published.inclusions[4], published.newest
    text_end = note.index(b"\n\n")
    signature = note.rindex(b" ") + 10
    for at in (0, 5, text_end - 20, text_end - 2, signature, signature + 30):
        rekor_entry = as_rekor_entry(proof, note)
        envelope = flip(note, at).decode()
        rekor_entry._inner.inclusion_proof.checkpoint.envelope = envelope
        with pytest.raises(VerificationError):
            verify_checkpoint(keyring, rekor_entry)


def test_sigstore_refuses_another_index(published: Published) -> None:
    rekor_entry = as_rekor_entry(published.inclusions[4], published.newest)
    rekor_entry._inner.inclusion_proof.log_index += 1
    with pytest.raises(VerificationError):
        verify_merkle_inclusion(rekor_entry)


def test_proofbundle_accepts_proof_files_and_refuses_another_leaf(published: Published) -> None:
    for proof in published.inclusions:
        note = published.newest
        assert proofbundle_accepts(proof.leaf, proof.index, proof.hashes, note, published.vkey)
        other = flip(proof.leaf, 3)
        assert not proofbundle_accepts(other, proof.index, proof.hashes, note, published.vkey)


def test_go_and_sigstore_accept_a_checkpoint_that_sixteen_witnesses_cosigned(
    go: Ask, published: Published, keyring: Any
) -> None:
    text = published.newest.partition(b"\n\n")[0] + b"\n"
    lines = [
        cosign(text, key=SigningKey(bytes([at] * 32)), name=f"witness{at}.example", time=at)
        for at in range(1, 17)
    ]
    note = published.newest + "".join(lines).encode()
    assert go([{"Vkey": published.vkey, "Checkpoint": note}]) == [""]
    rekor_entry = as_rekor_entry(published.inclusions[4], published.newest)
    rekor_entry._inner.inclusion_proof.checkpoint.envelope = note.decode()
    verify_checkpoint(keyring, rekor_entry)

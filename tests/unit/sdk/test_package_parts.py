"""Parts of an audit package: the zip file's one spelling, stretches, which acts are known."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.logs import entry, opened
from zongheng_hub.tlog.service import read_head
from zongheng_hub.tlog.stretches import stretch_hashes
from zongheng_protos.errors import Invalid, PackageInvalid
from zongheng_sdk.audit_package import ProvenBy, Stretch, read_proof, write_proof
from zongheng_sdk.package_acts import AREAS
from zongheng_sdk.package_findings import Fails
from zongheng_sdk.package_log import stretch_root
from zongheng_sdk.package_program import program
from zongheng_sdk.strict_zip import read_zip, write_zip

PROTOS = Path(__file__).resolve().parents[3] / "protos/src/zongheng_protos"


def test_every_service_of_the_hub_is_known_to_the_verifier() -> None:
    served = {
        ".".join(path.relative_to(PROTOS).with_suffix("").parts)
        for path in PROTOS.rglob("*.proto")
        if "\nservice " in path.read_text()
    }
    assert served == set(AREAS)


def test_a_zip_file_has_one_spelling() -> None:
    members = {"b.txt": b"two", "a/x.bin": bytes(300), "empty": b""}
    data = write_zip(members)
    assert read_zip(data) == members
    assert write_zip(dict(reversed(members.items()))) == data
    for at in range(len(data)):
        with pytest.raises(PackageInvalid):
            read_zip(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])


def test_any_stretch_of_any_log_gives_its_root_and_no_other(tmp_path: Path) -> None:
    draw = random.Random(7)
    with opened(tmp_path / "hub.sqlite3", tmp_path / "tlog") as log:
        for size in (1, 2, 7, 8, 255, 300):
            at = log.store.write_now(lambda tx: tx.next_index())
            log.append(*(entry(number) for number in range(at, size)))
            head = log.store.read_now(read_head)
            leaves = [entry(number).leaf for number in range(size)]
            for _ in range(20):
                first = draw.randrange(size)
                end = draw.randrange(first + 1, size + 1)
                hashes = log.store.read_now(
                    lambda c, a=first, b=end, n=size: stretch_hashes(c, a, b, n)  # type: ignore[misc]
                )
                whole = Stretch(first, end, tuple(leaves[first:end]), tuple(hashes))
                assert stretch_root(whole, size) == head.root
                bent = Stretch(first, end, (b"x", *whole.leaves[1:]), whole.hashes)
                assert stretch_root(bent, size) != head.root
                with pytest.raises(Fails):
                    stretch_root(Stretch(first, end, whole.leaves, (*hashes, b"x")), size)
        with pytest.raises(Invalid):
            log.store.read_now(lambda c: stretch_hashes(c, 5, 5, 300))
        with pytest.raises(Invalid):
            log.store.read_now(lambda c: stretch_hashes(c, 0, 301, 301))


def test_a_proof_is_spelt_as_c2sp_tlog_proof_says() -> None:
    proof = ProvenBy(7, (bytes(32), b"\1" * 32), "log\n8\nroot\n\n— log sig\n".encode())
    text = write_proof(proof)
    assert text.startswith(b"c2sp.org/tlog-proof@v1\nindex 7\nAAAA")
    assert read_proof(text) == proof
    for odd in (b"", b"c2sp.org/tlog-proof@v2\nindex 7\n\nx", text.replace(b"7", b"07", 1)):
        with pytest.raises(ValueError, match="it"):
            read_proof(odd)


def test_the_verifiers_program_needs_no_server_no_sdk_and_no_hub() -> None:
    modules = set(program())
    assert "verifier/zongheng_sdk/package_verify.py" in modules
    assert not [name for name in modules if "zongheng_hub" in name or "_grpc" in name]
    assert not [name for name in modules if name.endswith(("client.py", "session.py", "drive.py"))]
    assert all(b"import grpc" not in source for source in program().values())

"""Witnesses for tests: real ones, listening on real sockets, of the log in tests.logs."""

from __future__ import annotations

import base64
import contextlib
import http.client
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from time import time as now

from typer.testing import CliRunner

from tests.logs import KEY, ORIGIN
from zongheng_hub.cli import app as hub_command
from zongheng_hub.tlog.note import CheckpointSigner
from zongheng_hub.tlog.tree import frontier_root, grow, leaf_hash
from zongheng_sdk.proofs import merkle_root
from zongheng_sdk.witness import Witness
from zongheng_sdk.witness_folder import WitnessFolder, origin_hash
from zongheng_sdk.witness_server import WitnessServer
from zongheng_tenants.keys import SigningKey


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    kind: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Asking:
    """Asks a witness; url is its submission and monitoring prefix."""

    url: str

    def ask(self, path: str, body: bytes | None = None, *, method: str = "") -> Answer:
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=10)
        try:
            method = method or ("GET" if body is None else "POST")
            connection.request(method, path, body)
            reply = connection.getresponse()
            return Answer(reply.status, reply.headers.get("content-type", ""), reply.read())
        finally:
            connection.close()

    def add(self, old: int, proof: Sequence[bytes], checkpoint: bytes) -> Answer:
        return self.ask("/add-checkpoint", request(old, proof, checkpoint))

    def newest(self, origin: str = ORIGIN) -> Answer:
        return self.ask(f"/{origin_hash(origin)}/checkpoint")


@dataclass(frozen=True, slots=True)
class Listening(Asking):
    """A witness that listens, in this process."""

    witness: Witness

    @property
    def vkey(self) -> str:
        return self.witness.folder.key.vkey


@contextlib.contextmanager
def listening(
    folder: Path,
    *vkeys: str,
    name: str = "审计.example/w1",
    port: int = 0,
    clock: Callable[[], float] = now,
) -> Iterator[Listening]:
    """The witness in folder, made there where there is none, trusting the logs with vkeys."""
    kept = (
        WitnessFolder(folder)
        if (folder / "witness.json").exists()
        else WitnessFolder.make(folder, name)
    )
    for vkey in vkeys:
        kept.trust(vkey)
    witness = Witness(kept, clock=clock)
    server = WitnessServer(witness, ("127.0.0.1", port))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield Listening(f"http://127.0.0.1:{server.port}", witness)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        witness.close()


def at_the_hub(data: Path, *arguments: str) -> str:
    """What `zongheng-hub witness` prints, run on a thread of its own: it brings its own loop."""
    command = ["witness", arguments[0], "--data", str(data), *arguments[1:]]
    with ThreadPoolExecutor(1) as thread:
        result = thread.submit(CliRunner().invoke, hub_command, command).result()
    assert result.exit_code == 0, result.output + str(result.exception)
    return result.output


def request(old: int, proof: Sequence[bytes], checkpoint: bytes) -> bytes:
    lines = [f"old {old}", *(base64.b64encode(each).decode() for each in proof)]
    return "".join(f"{line}\n" for line in lines).encode() + b"\n" + checkpoint


@dataclass(frozen=True, slots=True)
class Leaves:
    """A log that is only its leaves, so that any history can be signed."""

    leaves: tuple[bytes, ...]
    key: SigningKey = KEY
    origin: str = ORIGIN

    @property
    def vkey(self) -> str:
        return CheckpointSigner(self.key, self.origin).vkey

    def root(self, size: int) -> bytes:
        hashes = [leaf_hash(leaf) for leaf in self.leaves[:size]]
        assert frontier_root(grow((), hashes)[0]) == merkle_root(hashes)
        return merkle_root(hashes)

    def checkpoint(self, size: int) -> bytes:
        return CheckpointSigner(self.key, self.origin).sign(size, self.root(size))

    def proof(self, old: int, new: int) -> tuple[bytes, ...]:
        """RFC 6962 section 2.1.2, from all leaves."""
        hashes = [leaf_hash(leaf) for leaf in self.leaves[:new]]

        def sub(m: int, part: list[bytes], whole: bool) -> list[bytes]:
            if m == len(part):
                return [] if whole else [merkle_root(part)]
            k = 1 << (len(part) - 1).bit_length() - 1
            if m <= k:
                return [*sub(m, part[:k], whole), merkle_root(part[k:])]
            return [*sub(m - k, part[k:], False), merkle_root(part[:k])]

        return tuple(sub(old, hashes, True)) if old else ()


def leaves(size: int, *, other_from: int | None = None) -> Leaves:
    """A log of size leaves; from other_from on another history."""
    return Leaves(
        tuple(
            b"%d %s" % (at, b"" if other_from is None or at < other_from else b"forked")
            for at in range(size)
        )
    )

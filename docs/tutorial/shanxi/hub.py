"""The hub as its own process: made, served and ended by the commands that a province uses."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from shanxi.failure import DemoFailed

PROVINCE = "140000"
STOP_SECONDS = 30


@dataclass(slots=True)
class HubProcess:
    """A hub that serves.

    Attributes:
        folder: its data folder.
        grpc, web: where it answers.
    """

    folder: Path
    grpc: str
    web: str
    database: str | None
    process: subprocess.Popen[str] = field(repr=False)

    @property
    def province_identity(self) -> Path:
        return self.folder / "province/identity.json"

    @property
    def log(self) -> Path:
        """The transparency log's folder: checkpoint, tiles, vkey."""
        return self.folder / "tlog"

    def sign_in_link(self, tenant: str, operator: str) -> str:
        """A link that lets operator into the console once."""
        command = ["sign-in", "--data", str(self.folder), "--tenant", tenant]
        command += ["--operator", operator, "--web", self.web, *_database(self.database)]
        return run_command("zongheng-hub", *command).strip()

    def stop(self) -> None:
        """End it by its own process id; it finishes what it has taken on."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()


def start_hub(folder: Path, *, port: int, web_port: int, database: str | None) -> HubProcess:
    """Make a hub for Shanxi in folder and serve it.

    Args:
        port, web_port: 0 takes a free one.

    Raises:
        DemoFailed: the hub says why it does not start.
    """
    grpc_port, console_port = _ports(port, web_port)
    place = _place(folder, grpc_port, console_port, database)
    run_command("zongheng-hub", "init", "--province", PROVINCE, *place)
    return _serve(folder, place, database)


def serve_again(hub: HubProcess) -> HubProcess:
    """Serve the folder of a hub that has ended, where it was served before.

    Raises:
        DemoFailed: as start_hub.
    """
    port, web_port = (int(address.rpartition(":")[2]) for address in (hub.grpc, hub.web))
    return _serve(hub.folder, _place(hub.folder, port, web_port, hub.database), hub.database)


def _serve(folder: Path, place: list[str], database: str | None) -> HubProcess:
    said = folder / "hub.log"
    with said.open("a", encoding="utf-8") as sink:
        process = subprocess.Popen(
            [command_path("zongheng-hub"), "serve", *place],
            stdout=subprocess.PIPE,
            stderr=sink,
            text=True,
        )
    assert process.stdout is not None
    try:
        ready = _ready_line(process.stdout)
    except BaseException:
        process.kill()
        process.wait()
        raise
    if ready is None:
        process.wait()
        process.stdout.close()
        raise DemoFailed(f"The hub did not start:\n{said.read_text(encoding='utf-8').strip()}")
    return HubProcess(folder, ready["grpc"], ready["web"], database, process)


def _place(folder: Path, port: int, web_port: int, database: str | None) -> list[str]:
    ports = ["--port", str(port), "--web-port", str(web_port)]
    return ["--data", str(folder), *ports, *_database(database)]


def run_command(name: str, *arguments: str) -> str:
    """What one of the project's commands prints. Raises DemoFailed with its words when it fails."""
    done = subprocess.run(
        [command_path(name), *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        words = (done.stderr or done.stdout).strip()
        raise DemoFailed(f"{name} {arguments[0]} failed:\n{words}")
    return done.stdout


def command_path(name: str) -> str:
    """The command in the environment that runs this."""
    return str(Path(sys.executable).with_name(name))


def _ready_line(stdout: IO[str]) -> dict[str, str] | None:
    for line in stdout:
        if line.startswith("{"):
            ready: dict[str, str] = json.loads(line)
            return ready
    return None


def _database(database: str | None) -> list[str]:
    return ["--database", database] if database else []


def _ports(port: int, web_port: int) -> tuple[int, int]:
    """Free loopback ports where 0 was asked for; both are held until both are known."""
    with socket.socket() as one, socket.socket() as other:
        for probe in (one, other):
            probe.bind(("127.0.0.1", 0))
        return port or one.getsockname()[1], web_port or other.getsockname()[1]

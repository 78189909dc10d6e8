"""The audit: someone who holds only the log's public key proves the whole log and one exchange."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from shanxi.failure import DemoFailed
from shanxi.hub import command_path
from zongheng_sdk import Hub

PUBLISH_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Audited:
    """What the auditor found; words are those of `zongheng audit verify`."""

    log_size: int
    verified: bool
    words: tuple[str, ...]

    def told(self) -> list[str]:
        """The words; where all holds, the single checks of the exchange only by their number."""
        if not self.verified:
            return list(self.words)
        checks = sum(word.startswith("  ✓") for word in self.words)
        return [
            *(word for word in self.words if not word.startswith("  ✓")),
            f"  {checks} checks of the exchange hold",
        ]


def audit_offline(province: Path, log: Path, parcel_id: str, folder: Path) -> Audited:
    """Hand the auditor the published log and one exchange's evidence; verify them over there.

    Args:
        province: its identity; it stands above both parties, so it may gather the evidence.
        log: the published log, with vkey.
        folder: the auditor's; after the copy nothing else is looked at.
    """
    folder.mkdir()
    exchange = folder / "exchange.json"
    with Hub.open(province) as hub:
        evidence = hub.sharing.evidence(parcel_id)
        size = hub.log.checkpoint().size
    exchange.write_text(evidence.to_json(), encoding="utf-8")
    _wait_until_published(log, size)
    vkey = Path(shutil.copy(log / "vkey", folder / "vkey"))
    copied = Path(shutil.copytree(log, folder / "log", ignore=shutil.ignore_patterns("vkey")))
    command = [command_path("zongheng"), "audit", "verify", "--vkey", str(vkey)]
    command += ["--log", str(copied), "--exchange", str(exchange)]
    wide = os.environ | {"COLUMNS": "200"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=wide)
    words = tuple(line for line in (done.stdout + done.stderr).splitlines() if line.strip())
    (folder / "verdict.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    return Audited(checkpoint_size(copied), done.returncode == 0, words)


def checkpoint_size(log: Path) -> int:
    """How many entries the published checkpoint counts (C2SP tlog-checkpoint, second line)."""
    return int((log / "checkpoint").read_text(encoding="utf-8").splitlines()[1])


def _wait_until_published(log: Path, size: int) -> None:
    """Publishing follows the acts by a moment. Raises DemoFailed when it does not."""
    deadline = time.monotonic() + PUBLISH_SECONDS
    while checkpoint_size(log) < size:
        if time.monotonic() > deadline:
            raise DemoFailed(f"the log has {size} entries but {checkpoint_size(log)} are published")
        time.sleep(0.1)

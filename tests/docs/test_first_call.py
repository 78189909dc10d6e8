"""From invitation to first call with two commands, as the county's tutorial prints them."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import fences
from zongheng_sdk.testing import LocalHub

ROOT = Path(__file__).resolve().parents[2]
TUTORIAL = ROOT / "docs/tutorial/county.md"
ZONGHENG = Path(sys.executable).with_name("zongheng")


@pytest.fixture
def local(tmp_path: Path) -> Iterator[LocalHub]:
    with LocalHub(tmp_path / "hub") as running:
        yield running


def test_a_new_unit_goes_from_invitation_to_first_call_with_two_commands(
    local: LocalHub, tmp_path: Path
) -> None:
    printed = [line for fence in fences(TUTORIAL, "console") for line in fence.splitlines()]
    enrol, call = (shlex.split(line) for line in printed[:2])
    assert enrol[:2] == ["zongheng", "enrol"]
    assert enrol[2].startswith("zh1.")
    folder = tmp_path / "county"
    folder.mkdir()
    city = local.enrol("140100")
    invitation = local.invite("140105")

    # What a person types is in the environment here; nobody is there to be asked.
    typed = os.environ | {"ZONGHENG_PASSPHRASE": "一句够长的口令 2026"}
    enrolling = subprocess.Popen(
        [ZONGHENG, "enrol", invitation], cwd=folder, stdout=subprocess.PIPE, text=True, env=typed
    )
    deadline = time.monotonic() + 60
    while not (waiting := city.tenancy.enrolments()) and time.monotonic() < deadline:
        time.sleep(0.2)
    city.tenancy.approve(waiting[0])
    shown, _ = enrolling.communicate(timeout=60)
    called = subprocess.run(
        [ZONGHENG, *call[1:]], cwd=folder, capture_output=True, text=True, check=False, env=typed
    )

    assert enrolling.returncode == 0
    digits = re.search(r"\d{4}( \d{4}){5}", shown)
    assert digits is not None
    assert digits[0] == waiting[0].fingerprint
    assert called.returncode == 0, called.stderr
    assert "snap" in called.stdout
    assert '"protected"' in (folder / "identity.json").read_text("utf-8")
    assert (folder / "identity.json").stat().st_mode & 0o777 == 0o600

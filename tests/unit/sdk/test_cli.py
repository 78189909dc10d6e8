"""The command line without a hub: help, and what is missing is named."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from zongheng_sdk.cli.app import app


def test_help_names_every_command() -> None:
    shown = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "120"}).output
    for command in ("enrol", "whoami", "invite", "approve", "modules", "adopt", "call"):
        assert command in shown
    for group in ("need", "data", "log", "audit", "renew"):
        assert group in shown


@pytest.mark.parametrize("library", ["typer", "rich"])
def test_a_missing_library_is_named_with_the_way_to_get_it(library: str) -> None:
    program = (
        f"import sys; sys.modules[{library!r}] = None; from zongheng_sdk.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 1
    assert library in done.stderr
    assert "zongheng-sdk[cli]" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_audit_needs_something_to_verify(tmp_path: Path) -> None:
    vkey = tmp_path / "vkey"
    vkey.write_text("x", encoding="utf-8")
    result = CliRunner().invoke(app, ["audit", "verify", "--vkey", str(vkey)])
    assert result.exit_code == 1
    assert "--log" in result.stderr


def test_an_audit_of_a_log_with_a_hole_fails_and_says_where(tmp_path: Path) -> None:
    vkey = tmp_path / "vkey"
    vkey.write_text(
        "example+530fd4e5+AXRHdZy6qMT8rXePDZsFvfLzlEQYSwVGfJhOkcrNTEtm", encoding="utf-8"
    )
    result = CliRunner().invoke(
        app, ["audit", "verify", "--log", str(tmp_path), "--vkey", str(vkey)]
    )
    assert result.exit_code == 1

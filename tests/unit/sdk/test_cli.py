"""The command line without a hub: help, and what is missing is named."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from typer.testing import CliRunner

from zongheng_sdk.cli.app import app
from zongheng_sdk.cli.show import table


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


def test_an_audit_names_a_folder_or_a_key_that_is_missing(tmp_path: Path) -> None:
    vkey = tmp_path / "vkey"
    arguments = ["audit", "verify", "--log", str(tmp_path / "nope"), "--vkey", str(vkey)]
    result = CliRunner().invoke(app, arguments)
    assert f"there is no file {vkey}" in result.stderr
    assert "Errno" not in result.stderr
    vkey.write_text("x", encoding="utf-8")
    result = CliRunner().invoke(app, arguments)
    assert f"there is no folder {tmp_path / 'nope'}" in result.stderr


def test_the_version_is_shown() -> None:
    shown = CliRunner().invoke(app, ["--version"])
    assert shown.exit_code == 0
    assert shown.output == f"zongheng {version('zongheng-sdk')}\n"


def test_a_table_that_is_no_screen_is_not_wrapped(capsys: pytest.CaptureFixture[str]) -> None:
    words = "新来的网格员没有用过随手拍 " * 20
    table("需求", ("编号 id", "标题 title"), [("n_06h02qpcp0txej", words)])
    (row,) = [at for at in capsys.readouterr().out.splitlines() if "n_06h02qpcp0txej" in at]
    assert words.strip() in row


def test_ids_stay_whole_on_a_narrow_screen(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "50")
    ids = ["q_06h02qpcp0txej", "t_06h02qpcp0txek", "g_06h02qpcp0txem"]
    heading = ("编号 id", "申请 requester", "用途 purpose", "授权 grant")
    rows = [(ids[0], ids[1], "核对低保资格，比对困难家庭基本情况", ids[2]), ("–", "", "–", "–")]
    table("申请", heading, rows)
    shown = capsys.readouterr().out
    assert all(identifier in shown for identifier in ids)
    assert "困难家庭基本情况" not in shown  # the other column is what wraps


def test_a_table_without_headings_has_no_row_for_them(capsys: pytest.CaptureFixture[str]) -> None:
    table("小店区", ("", ""), [("单位 tenant", "t_06h02qpcp0txej")])
    assert "━" not in capsys.readouterr().out

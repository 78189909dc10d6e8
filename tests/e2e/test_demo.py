"""`make demo` tells the whole story, on SQLite and on PostgreSQL, and refuses bad input."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

SHIPPED = Path(__file__).parents[2] / "docs/tutorial/shanxi/messages.csv"
KEYS = ["tenants", "reports_filed", "needs_closed", "rows_shared"]
KEYS += ["log_size", "verified", "seconds"]


def demo(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "docs/tutorial/shanxi", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=SHIPPED.parents[3]
    )


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_whole_story_holds_on_postgresql(tmp_path: Path, postgresql_url: str) -> None:
    summary, data = tmp_path / "out.json", tmp_path / "kept"
    arguments = ("--once", "--json", summary, "--data", data, "--database", postgresql_url)

    told = demo(*arguments)

    assert told.returncode == 0, told.stdout + told.stderr
    found = json.loads(summary.read_text())
    assert found["tenants"] == 129
    assert found["reports_filed"] == len(rows_of(SHIPPED))
    assert found["verified"] is True
    assert not (data / "hub/hub.sqlite3").exists()


def test_the_whole_story_holds_on_sqlite_and_then_the_console_serves(tmp_path: Path) -> None:
    summary, data = tmp_path / "out.json", tmp_path / "kept"
    arguments = ["--data", str(data), "--json", str(summary)]
    with subprocess.Popen(
        [sys.executable, "docs/tutorial/shanxi", *arguments],
        stdout=subprocess.PIPE,
        text=True,
        cwd=SHIPPED.parents[3],
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    ) as story:
        said = said_until(story, "Ctrl-C")
        try:
            links = re.findall(r"http://127\.0\.0\.1:\d+/sign-in\S+", said)
            assert len(links) == 2, said
            with urllib.request.urlopen(links[0], timeout=20) as page:
                assert page.status == 200
        finally:
            story.send_signal(signal.SIGINT)
            story.wait(60)

    assert story.returncode == 0
    found = json.loads(summary.read_text())
    assert list(found) == KEYS
    assert found["tenants"] == 129
    assert found["reports_filed"] == len(rows_of(SHIPPED))
    assert found["needs_closed"] == 1
    assert 0 < found["rows_shared"] < 10_000
    assert found["verified"] is True
    # At least: two acts a unit enrolled, one a county for the module, one a report.
    assert found["log_size"] >= 1 + 2 * 128 + 117 + found["reports_filed"]
    assert (data / "hub/hub.sqlite3").exists()
    assert len(list((data / "units").glob("*/identity.json"))) == 128
    host, port = re.findall(r"http://([\d.]+):(\d+)/", links[0])[0]
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port))).close()


def said_until(story: subprocess.Popen[str], mark: str) -> str:
    """What it says up to the line with mark, or up to its end."""
    assert story.stdout is not None
    said = ""
    for line in story.stdout:
        said += line
        if mark in line:
            break
    return said


def test_a_missing_column_is_named_before_anything_starts(tmp_path: Path) -> None:
    lacking = tmp_path / "lacking.csv"
    lacking.write_text("id,title,time\n1,路灯不亮,2026-03-01T08:00:00\n", encoding="utf-8")

    told = demo("--once", "--messages", lacking, "--data", tmp_path / "kept")

    assert told.returncode == 1
    assert "lacks the column detail" in told.stdout
    assert not (tmp_path / "kept").exists()


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("important")

    told = demo("--once", "--data", tmp_path)

    assert told.returncode == 1
    assert "is not empty" in told.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        told = demo("--once", "--data", tmp_path / "kept", "--port", str(port))

    assert told.returncode == 1
    assert str(port) in told.stdout


def test_an_output_file_that_cannot_be_written_is_told_first(tmp_path: Path) -> None:
    told = demo("--once", "--json", tmp_path / "nowhere/out.json")

    assert told.returncode == 1
    assert "cannot be written" in told.stdout
    assert "Starting" not in told.stdout


def test_the_shipped_messages_are_many_and_all_different() -> None:
    rows = rows_of(SHIPPED)

    assert len(rows) >= 100
    assert len({row["id"] for row in rows}) == len({row["title"] for row in rows}) == len(rows)

"""`make demo ARGS="--once"` tells the whole story on SQLite and PostgreSQL, and refuses bad input."""

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
from typing import Any

import pytest

SHIPPED = Path(__file__).parents[2] / "docs/tutorial/shanxi/messages.csv"
KEYS = "tenants reports_filed needs_closed rows_shared log_size verified seconds".split()


def demo(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "docs/tutorial/shanxi", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=SHIPPED.parents[3]
    )


def checked(told: subprocess.CompletedProcess[str], summary: Path) -> dict[str, Any]:
    assert told.returncode == 0, told.stdout + told.stderr
    found: dict[str, Any] = json.loads(summary.read_text())
    return found


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_whole_story_holds_on_sqlite(tmp_path: Path) -> None:
    summary, data = tmp_path / "out.json", tmp_path / "kept"

    found = checked(demo("--once", "--json", summary, "--data", data), summary)

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


def test_the_whole_story_holds_on_postgresql(tmp_path: Path, postgresql_url: str) -> None:
    summary, data = tmp_path / "out.json", tmp_path / "kept"
    arguments = ("--once", "--json", summary, "--data", data, "--database", postgresql_url)

    found = checked(demo(*arguments), summary)

    assert found["tenants"] == 129
    assert found["reports_filed"] == len(rows_of(SHIPPED))
    assert found["verified"] is True
    assert not (data / "hub/hub.sqlite3").exists()


def test_the_console_serves_until_interrupted_and_the_hub_ends_with_it(tmp_path: Path) -> None:
    command = [sys.executable, "docs/tutorial/shanxi", "--data", str(tmp_path / "kept")]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        text=True,
        cwd=SHIPPED.parents[3],
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    ) as story:
        assert story.stdout is not None
        told = []
        for line in story.stdout:
            told.append(line)
            if "Ctrl-C" in line:
                break
        said = "".join(told)
        links = re.findall(r"http://127\.0\.0\.1:\d+/sign-in\S+", said)
        assert len(links) == 3, said
        with urllib.request.urlopen(links[0]) as page:
            assert page.status == 200
        story.send_signal(signal.SIGINT)
        story.wait()
    assert story.returncode == 0
    host, port = re.findall(r"http://([\d.]+):(\d+)/", links[0])[0]
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port))).close()


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

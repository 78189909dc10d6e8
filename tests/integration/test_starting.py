"""A hub that cannot start says what is wrong and what to do, and changes nothing."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlmodel import SQLModel

import zongheng_hub.app  # noqa: F401  # brings every room's tables
from tests.integration.running_hub import client_of, province_of, running_hub
from zongheng_hub.store.migrate import migrate
from zongheng_protos.needs.v1 import needs_pb2

LIST = "/zongheng.needs.v1.NeedsService/ListNeeds"


def hub_command(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "zongheng_hub", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "hub"
    assert hub_command("init", "--data", str(folder)).returncode == 0
    return folder


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        yield sock.getsockname()[1]


def refusal(*arguments: str) -> str:
    done = hub_command(*arguments)
    assert done.returncode == 1, done.stdout
    assert "Traceback" not in done.stderr
    return done.stderr


def test_a_grpc_port_in_use_is_named(data: Path, taken: int) -> None:
    said = refusal("serve", "--data", str(data), "--port", str(taken), "--web-port", "0")
    assert f"port {taken} on 127.0.0.1 is taken" in said and "--port" in said


def test_a_web_port_in_use_is_named(data: Path, taken: int) -> None:
    said = refusal("serve", "--data", str(data), "--port", "0", "--web-port", str(taken))
    assert f"port {taken} on 127.0.0.1 is taken" in said and "--web-port" in said


def test_a_folder_without_a_hub_says_how_to_make_one(tmp_path: Path) -> None:
    assert "zongheng-hub init" in refusal("serve", "--data", str(tmp_path))


def test_a_folder_of_a_newer_version_is_left_alone(data: Path) -> None:
    about = data / "hub.json"
    about.write_text(json.dumps({**json.loads(about.read_text()), "format": 9}))
    before = about.read_bytes()
    assert "format 9" in refusal("serve", "--data", str(data))
    assert about.read_bytes() == before


def test_a_database_of_a_newer_version_is_left_alone(data: Path) -> None:
    engine = create_engine(f"sqlite:///{data / 'hub.sqlite3'}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    assert "revision 9999" in refusal("serve", "--data", str(data))


def test_a_second_hub_on_one_folder_is_refused(tmp_path: Path) -> None:
    with running_hub(tmp_path / "hub"):
        said = refusal("serve", "--data", str(tmp_path / "hub"), "--port", "0", "--web-port", "0")
    assert "another hub is running" in said


def test_a_missing_key_is_named(data: Path) -> None:
    (data / "keys" / "log.key").unlink()
    said = refusal("serve", "--data", str(data), "--port", "0", "--web-port", "0")
    assert "keys/log.key" in said and "backup" in said


def test_a_second_init_changes_nothing(data: Path) -> None:
    before = (data / "hub.json").read_bytes()
    assert "holds a hub already" in refusal("init", "--data", str(data))
    assert (data / "hub.json").read_bytes() == before


def test_an_unknown_province_and_a_broken_division_table_are_named(tmp_path: Path) -> None:
    assert "999999" in refusal("init", "--data", str(tmp_path / "a"), "--province", "999999")
    table = tmp_path / "divisions.csv"
    table.write_text("code,name\r\n140000,山西省\r\n", "utf-8")
    said = refusal("init", "--data", str(tmp_path / "b"), "--divisions", str(table))
    assert "level" in said


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_migrations_make_exactly_the_tables_that_the_rooms_declare(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if kind == "sqlite":
        address = f"sqlite:///{tmp_path / 'new.sqlite3'}"
    else:
        url: str = request.getfixturevalue("postgresql_url")
        address = "postgresql+psycopg://" + url.partition("://")[2]
    engine = create_engine(address)
    migrate(engine)
    migrate(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        differences = compare_metadata(context, SQLModel.metadata)
    engine.dispose()
    assert differences == []


def test_a_hub_on_postgresql_serves_and_comes_back(tmp_path: Path, postgresql_url: str) -> None:
    need = needs_pb2.FileNeedRequest(
        kind=needs_pb2.NEED_KIND_DATA,
        title="没有户表数据",
        urgency=needs_pb2.URGENCY_NORMAL,
    )
    for _ in range(2):
        with (
            running_hub(tmp_path / "hub", database=postgresql_url) as hub,
            client_of(province_of(hub)) as province,
        ):
            province.call("/zongheng.needs.v1.NeedsService/FileNeed", need)
            listed = province.call(LIST, needs_pb2.ListNeedsRequest(), signed=False)
    assert len(needs_pb2.ListNeedsReply.FromString(listed).needs) == 2

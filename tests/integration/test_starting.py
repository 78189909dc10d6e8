"""A hub that cannot start says what is wrong and what to do, and changes nothing."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import urllib.request
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


def test_equal_ports_are_refused(data: Path, taken: int) -> None:
    both = str(taken)
    said = refusal("serve", "--data", str(data), "--port", both, "--web-port", both)
    assert "must differ" in said


def test_an_address_of_another_machine_is_named(data: Path) -> None:
    said = refusal("serve", "--data", str(data), "--host", "203.0.113.7", "--port", "0")
    assert "cannot listen on 203.0.113.7" in said and "--host" in said


def test_only_the_hubs_user_sees_into_the_data_folder(data: Path) -> None:
    assert data.stat().st_mode & 0o777 == 0o700
    inside = [folder for folder in data.rglob("*") if folder.is_dir()]
    modes = {folder.name: folder.stat().st_mode & 0o777 for folder in inside}
    assert modes["keys"] == modes["province"] == 0o700


def test_folders_of_keys_that_an_earlier_version_left_open_are_closed(data: Path) -> None:
    (data / "keys").chmod(0o755)
    with running_hub(data):
        assert (data / "keys").stat().st_mode & 0o777 == 0o700


def test_the_table_that_ships_is_printed_and_another_provinces_is_not_there() -> None:
    shown = hub_command("divisions").stdout
    assert shown.startswith("code,name,level,type,parent,parent_name")
    assert "小店区" in shown
    assert "no table of divisions ships" in refusal("divisions", "--province", "110000")


def test_sign_in_knows_where_the_console_is_served(tmp_path: Path) -> None:
    with running_hub(tmp_path / "hub") as hub:
        done = hub_command(
            *("sign-in", "--data", str(tmp_path / "hub")),
            *("--tenant", "140000", "--operator", "赵某某"),
        )
    assert done.stdout.startswith(f"{hub.web_address}/sign-in?t=")


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


def test_another_province_founds_its_hub_on_a_table_of_its_own(tmp_path: Path) -> None:
    table = tmp_path / "divisions.csv"
    table.write_text(
        "code,name,level,type,parent,parent_name\r\n"
        "150000,内蒙古自治区,province,自治区,,\r\n"
        "150100,呼和浩特市,prefecture,地级市,150000,内蒙古自治区\r\n",
        "utf-8",
    )
    made = hub_command(
        *("init", "--data", str(tmp_path / "hub")),
        *("--province", "150000", "--divisions", str(table)),
    )
    assert made.returncode == 0, made.stderr
    with running_hub(tmp_path / "hub") as hub:
        link = hub.sign_in_link("150000", "赵某某")
        with urllib.request.urlopen(link, timeout=10) as page:
            assert page.status == 200


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


def test_the_whole_log_is_checked_on_demand_and_damage_named(tmp_path: Path) -> None:
    data = tmp_path / "hub"
    with running_hub(data):
        sound = hub_command("log", "fsck", "--data", str(data))
    assert (sound.returncode, sound.stderr.strip()) == (0, "")
    assert "0 faults" in sound.stdout
    bundle = next((data / "tlog/tile/entries").rglob("*.p/*"))
    bundle.write_bytes(bundle.read_bytes()[:-1])
    damaged = hub_command("log", "fsck", "--data", str(data))
    name = bundle.relative_to(data / "tlog")
    assert damaged.returncode == 1
    assert f"{name}: not what the database holds" in damaged.stdout

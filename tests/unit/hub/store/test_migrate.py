"""Revisions are found in the order in which they follow one another, without Alembic."""

from __future__ import annotations

from pathlib import Path

import pytest

from zongheng_hub.store import migrate


def write(folder: Path, revision: str, before: str) -> None:
    text = f'"""A migration."""\n\nrevision = "{revision}"\ndown_revision = {before}\n'
    (folder / f"{revision}_x.py").write_text(text)


@pytest.fixture
def versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "versions"
    folder.mkdir()
    monkeypatch.setattr(migrate, "MIGRATIONS", tmp_path)
    return folder


def test_the_last_revision_is_the_one_that_none_follows_whatever_its_number(versions: Path) -> None:
    write(versions, "0001", "None")
    write(versions, "0003", '"0001"')
    write(versions, "0002", '"0003"')

    assert migrate.revisions() == ["0001", "0003", "0002"]


def test_two_that_follow_the_same_are_refused(versions: Path) -> None:
    write(versions, "0001", "None")
    write(versions, "0002", '"0001"')
    write(versions, "0003", '"0001"')

    with pytest.raises(ValueError, match="do not follow one another"):
        migrate.revisions()


def test_those_that_ship_make_one_line() -> None:
    assert migrate.revisions()[0] == "0001"

"""Sealed chunks on disk: whole under their name, or not there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from zongheng_hub.sharing.blobs import Blobs
from zongheng_protos.errors import Internal, Invalid, StoreFull

PARCEL = "p_" + "0" * 23


def test_a_chunk_is_kept_under_its_parcel_and_position(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    blobs.put(PARCEL, 3, b"sealed")
    assert blobs.get(PARCEL, 3) == b"sealed"
    assert (tmp_path / PARCEL / "3").read_bytes() == b"sealed"
    assert blobs.has(PARCEL, 3)
    assert not blobs.has(PARCEL, 2)
    assert [path.name for path in (tmp_path / PARCEL).iterdir()] == ["3"]


def test_a_chunk_that_is_gone_is_reported(tmp_path: Path) -> None:
    with pytest.raises(Internal, match="chunk 0"):
        Blobs(tmp_path).get(PARCEL, 0)


@pytest.mark.parametrize("name", ["../escape", "p_../../etc", "", "p_" + "0" * 22 + "/"])
def test_a_name_never_leaves_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(Invalid):
        Blobs(tmp_path).put(name, 0, b"sealed")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_named_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(StoreFull, match="chunk 0"):
            Blobs(tmp_path).put(PARCEL, 0, b"sealed")
    assert list((tmp_path / PARCEL).iterdir()) == []
    Blobs(tmp_path).put(PARCEL, 0, b"sealed")
    assert Blobs(tmp_path).get(PARCEL, 0) == b"sealed"

"""Files with secrets: whole, private, named when they are missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.sdk.hub_by_hand import identity
from zongheng_protos.errors import NotEnrolled
from zongheng_protos.options.v1 import options_pb2
from zongheng_sdk.identity_file import InvitationBook, Invited, read_identity, write_secret
from zongheng_tenants.enrolment import Terms


def test_an_identity_is_read_back_from_its_file_or_folder(tmp_path: Path) -> None:
    kept = identity()
    write_secret(tmp_path / "identity.json", kept.to_json())
    assert read_identity(tmp_path) == kept == read_identity(tmp_path / "identity.json")


def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    write_secret(tmp_path / "identity.json", "{}")
    assert (tmp_path / "identity.json").stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [tmp_path / "identity.json"]


def test_a_missing_or_foreign_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotEnrolled, match=r"identity\.json"):
        read_identity(tmp_path)
    (tmp_path / "identity.json").write_text("[]")
    with pytest.raises(NotEnrolled):
        read_identity(tmp_path)


@pytest.mark.parametrize("on_disk", [True, False])
def test_an_invitations_secret_is_kept_until_it_is_used(tmp_path: Path, on_disk: bool) -> None:
    book = InvitationBook(tmp_path / "invitations.json" if on_disk else None)
    narrow = Terms(frozenset({options_pb2.RIGHT_CALL}), 0, 1000)
    book.keep("i_1", b"1" * 16, Terms())
    book.keep("i_2", b"2" * 16, narrow)
    assert book.invited("i_1") == Invited(b"1" * 16, Terms())
    book.forget("i_1")
    assert book.invited("i_1") is None
    assert book.invited("i_2") == Invited(b"2" * 16, narrow)


def test_invitations_that_version_01_kept_are_read(tmp_path: Path) -> None:
    (tmp_path / "invitations.json").write_text('{"i_1": "31313131313131313131313131313131"}')

    book = InvitationBook(tmp_path / "invitations.json")

    assert book.invited("i_1") == Invited(b"1" * 16, Terms())

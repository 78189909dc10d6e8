"""A few hundred of the flips of `make flips`: each noticed, and the verdict names its place."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from io import BytesIO

import pytest

from tests.flips.run import WAYS, FlipTally, Victim, flip, victim_of
from tests.integration.audit_case import shared_case
from zongheng_protos.errors import PackageInvalid
from zongheng_sdk.package_verify import verify_package
from zongheng_sdk.strict_zip import read_zip, write_zip


@pytest.fixture(scope="module")
def victim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Victim]:
    with shared_case(tmp_path_factory.mktemp("case")) as case:
        yield victim_of(case)


@pytest.fixture(scope="module")
def tally(victim: Victim) -> FlipTally:
    return flip(victim, 20261124, 400)


def test_no_flipped_bit_goes_unnoticed(tally: FlipTally) -> None:
    assert tally.missed == []
    assert set(tally.tried) == set(WAYS)


def test_the_verdict_names_the_place(tally: FlipTally) -> None:
    assert tally.unnamed == []


def test_a_package_cut_off_at_any_place_is_refused(victim: Victim) -> None:
    for end in range(0, len(victim.data), 9_973):
        verdict = verify_package(victim.data[:end], victim.root)
        assert not verdict.ok
        assert verdict.failures


@pytest.mark.parametrize(
    "odd",
    [
        b"",
        b"PK\x05\x06" + bytes(18),
        b"no zip file at all",
    ],
)
def test_what_is_no_package_is_said_to_be_none(victim: Victim, odd: bytes) -> None:
    assert not verify_package(odd, victim.root).ok


def test_bytes_before_or_after_a_package_are_refused(victim: Victim) -> None:
    for odd in (b"#!/bin/sh\n" + victim.data, victim.data + b"\n", victim.data * 2):
        assert not verify_package(odd, victim.root).ok


def test_a_member_more_or_less_is_named(victim: Victim) -> None:
    members = read_zip(victim.data)
    more = write_zip({**members, "entries/000000000099.entry": b""})
    assert "entries/000000000099.entry" in str(verify_package(more, victim.root))
    members.pop("log/leaves")
    assert "log/leaves: package.json names this member, and it is missing" in str(
        verify_package(write_zip(members), victim.root)
    )


@pytest.mark.parametrize(
    "name", ["../evil", "/etc/passwd", "a//b", "a\\b", ".hidden", "a/../b", ""]
)
def test_names_that_lead_elsewhere_are_refused(name: str) -> None:
    with pytest.raises(PackageInvalid):
        write_zip({name: b"x"})
    loose = BytesIO()
    with zipfile.ZipFile(loose, "w") as file:
        file.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), b"x")
    with pytest.raises(PackageInvalid):
        read_zip(loose.getvalue())


def test_a_zip_file_that_unfolds_is_refused_unread() -> None:
    bomb = BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("package.json", bytes(50_000_000))
    with pytest.raises(PackageInvalid):
        read_zip(bomb.getvalue())


def test_a_member_twice_is_refused() -> None:
    twice = BytesIO()
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(twice, "w") as file:
        for _ in range(2):
            file.writestr(zipfile.ZipInfo("package.json", (1980, 1, 1, 0, 0, 0)), b"x")
    with pytest.raises(PackageInvalid, match="twice"):
        read_zip(twice.getvalue())

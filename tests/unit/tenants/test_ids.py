"""Ids need no coordination: unique, sorted by time, safe in a path and a URI."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from zongheng_tenants.ids import new_id

TIMES = st.integers(0, 2**48 - 1)


@given(TIMES)
def test_an_id_has_its_prefix_and_23_plain_characters(at_ms: int) -> None:
    assert re.fullmatch(r"n_[0-9a-hjkmnp-tv-z]{23}", new_id("n", now_ms=at_ms))


@given(TIMES, TIMES)
def test_ids_sort_by_time(one: int, other: int) -> None:
    earlier, later = sorted((one, other))

    if earlier != later:
        assert new_id("n", now_ms=earlier) < new_id("n", now_ms=later)


def test_ids_of_one_moment_differ() -> None:
    assert len({new_id("n", now_ms=1) for _ in range(1000)}) == 1000


def test_an_id_holds_its_time_before_its_chance() -> None:
    alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
    at_ms = 0x0123456789AB
    digits = new_id("n", now_ms=at_ms).removeprefix("n_")
    number = 0
    for digit in digits:
        number = number << 5 | alphabet.index(digit)
    assert number >> 67 == at_ms
    assert number & 7 == 0

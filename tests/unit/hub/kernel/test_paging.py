"""A page ends at its limit or at a megabyte, whichever comes first, and never loses a message."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from zongheng_hub.kernel.paging import MOST_BYTES, page_of
from zongheng_protos.sharing.v1.sharing_pb2 import Dataset

LIMIT = 5


@given(st.lists(st.sampled_from([10, 400_000, MOST_BYTES + 1]), max_size=23))
def test_pages_together_hold_everything_once_and_none_is_too_large(sizes: list[int]) -> None:
    all_of_it = [Dataset(id=f"d_{n:03}", detail="x" * size) for n, size in enumerate(sizes)]
    seen: list[Dataset] = []
    token = ""
    for _ in range(len(sizes) + 1):
        rest = [one for one in all_of_it if one.id > token]
        page, token = page_of(rest[:LIMIT], LIMIT)
        assert len(page) <= 1 or sum(one.ByteSize() for one in page) <= MOST_BYTES
        seen += page
        if not token:
            break
    assert seen == all_of_it


def sized(number: int, size: int) -> Dataset:
    """A message of exactly so many bytes."""
    message = Dataset(id=f"d_{number:03}", detail="x" * size)
    message.detail = "x" * (size - (message.ByteSize() - size))
    assert message.ByteSize() == size
    return message


def test_a_page_is_as_large_as_a_megabyte_and_no_larger() -> None:
    half = [sized(number, MOST_BYTES // 2) for number in range(2)]
    assert page_of(half, LIMIT) == (half, "")
    assert page_of([half[0], sized(1, MOST_BYTES // 2 + 1)], LIMIT) == (half[:1], "d_000")


def test_a_full_page_says_where_the_next_begins() -> None:
    few = [Dataset(id=f"d_{number}") for number in range(LIMIT)]
    assert page_of(few, LIMIT) == (few, "d_4")
    assert page_of(few[:-1], LIMIT) == (few[:-1], "")
    assert page_of([], LIMIT) == ([], "")

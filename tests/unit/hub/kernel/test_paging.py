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

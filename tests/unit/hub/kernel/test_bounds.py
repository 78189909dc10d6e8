"""What a request's fields break is said field by field, in words of whoever filled them in."""

from __future__ import annotations

import protovalidate
import pytest
from google.protobuf.message import Message

from zongheng_hub.kernel.bounds import violated
from zongheng_protos.needs.v1 import needs_pb2


def broken(request: Message) -> str:
    with pytest.raises(protovalidate.ValidationError) as refused:
        protovalidate.validate(request)
    return violated(refused.value)


def test_every_field_that_does_not_fit_is_named() -> None:
    said = broken(needs_pb2.FileNeedRequest())
    assert said == "kind: must be given; title: must be at least 4 characters"


def test_an_item_of_a_list_is_named_by_its_place() -> None:
    right = needs_pb2.Resource(kind=needs_pb2.NEED_KIND_TRAINING, title="培训")
    request = needs_pb2.AnswerNeedRequest(
        need_id="n_1234", text="派人来", resources=[right, needs_pb2.Resource(title="经费")]
    )
    assert broken(request) == "resources[1].kind: must be given"


def test_no_more_than_five_are_listed() -> None:
    request = needs_pb2.AnswerNeedRequest(
        need_id="n_1234", text="派人来", resources=[needs_pb2.Resource() for _ in range(4)]
    )
    said = broken(request)
    assert said.endswith("; and 3 more")
    assert said.count(": ") == 5


@pytest.mark.parametrize(("count", "rest"), [(5, ""), (6, "; and 1 more")])
def test_what_is_listed_whole_says_of_no_more(count: int, rest: str) -> None:
    each = [needs_pb2.Resource(title="经费") for _ in range(count)]
    said = broken(needs_pb2.AnswerNeedRequest(need_id="n_1234", text="派人来", resources=each))
    listed = "; ".join(f"resources[{place}].kind: must be given" for place in range(5))
    assert said == listed + rest

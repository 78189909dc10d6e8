"""What a method declares about itself, read from its descriptor's options, never from a list."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from google.protobuf.descriptor import MethodDescriptor


@dataclass(frozen=True, slots=True)
class Method:
    """A method as the SDK calls it.

    Attributes:
        path: "/zongheng.needs.v1.NeedsService/FileNeed".
        act: the act type, such as "need.filed"; empty when the method has no consequences.
        retry_safe: sending it again does no harm.
        streams: it replies with a stream.
    """

    path: str
    act: str
    retry_safe: bool
    streams: bool


@lru_cache(maxsize=1024)
def method_of(descriptor: MethodDescriptor) -> Method:
    """Read a method's rule; works for descriptors of any pool.

    Raises:
        MethodUnknown: it declares no rule, so nobody can know how to call it.
    """
    from google.protobuf.descriptor_pb2 import MethodOptions

    from zongheng_protos.errors import MethodUnknown
    from zongheng_protos.options.v1 import options_pb2

    # A private pool has its own idea of the extension: parse the bytes again with ours.
    options: Any = MethodOptions.FromString(descriptor.GetOptions().SerializeToString())
    rule: options_pb2.MethodRule = options.Extensions[options_pb2.rule]
    if not rule.right:
        raise MethodUnknown(f"{descriptor.full_name} declares no rule: it cannot be called")
    return Method(
        path=f"/{descriptor.containing_service.full_name}/{descriptor.name}",
        act=rule.act,
        retry_safe=rule.retry == options_pb2.RETRY_SAFE,
        streams=descriptor.server_streaming,
    )

"""Request bodies with an end: more bytes than allowed are refused before they are kept."""

from __future__ import annotations

from starlette.requests import Request

from zongheng_protos.errors import Malformed, TooLarge


async def read_body(request: Request, limit: int) -> bytes:
    """The whole body.

    Raises:
        TooLarge: more than limit bytes were announced or sent.
        Malformed: the announced length is no number.
    """
    announced = request.headers.get("content-length", "0")
    if not announced.isdecimal():
        raise Malformed(f"content-length {announced!r} is no number")
    if int(announced) > limit:
        raise TooLarge(f"the request has {int(announced):,} bytes; at most {limit:,} are taken")
    chunks = bytearray()
    async for chunk in request.stream():
        chunks += chunk
        if len(chunks) > limit:
            raise TooLarge(f"the request has more than {limit:,} bytes, the most that are taken")
    return bytes(chunks)

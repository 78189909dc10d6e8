"""What a serving hub does without: memory that libraries take for what it never asks of them."""

from __future__ import annotations

import ctypes
import sys

_M_ARENA_MAX = -8


def spare_memory() -> None:
    """Before anything is built. Only for a process that is a hub and nothing else.

    FastAPI asks of every type in a route whether it is one of pydantic's version 1, and takes an
    ImportError for no; importing it takes 1.5 MB. glibc gives each of gRPC's threads a heap of its
    own, where two will do; where there is no glibc nothing is changed.
    """
    sys.modules.setdefault("pydantic.v1", None)  # type: ignore[arg-type]  # None: cannot be imported
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 2)

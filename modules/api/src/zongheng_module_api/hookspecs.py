"""Every hook that a module may implement, on one page (pluggy)."""

from __future__ import annotations

import pluggy

from zongheng_module_api.module import Module

PROJECT = "zongheng"
"""The pluggy project name; the entry point group of modules is "zongheng.modules"."""

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def zongheng_module() -> Module:  # type: ignore[empty-body]  # a specification has no body
    """The module: its manifest, its gRPC service, its handlers and its tables.

    Called once, when the hub loads the distribution. MUST build everything from constants: no
    network, no files, no threads.
    """

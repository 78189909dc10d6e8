"""Finding modules: distributions with an entry point in group "zongheng.modules" (pluggy)."""

from __future__ import annotations

from collections.abc import Iterable

import pluggy
from google.protobuf import descriptor_pb2
from google.protobuf.descriptor import FileDescriptor, ServiceDescriptor

from zongheng_module_api import PROJECT, Module, hookspecs

GROUP = "zongheng.modules"


class ModuleBroken(Exception):
    """A distribution offers a module that cannot be hosted; says which and why."""


def installed_modules() -> list[Module]:
    """Every module whose distribution is installed, by id."""
    manager = _manager()
    manager.load_setuptools_entrypoints(GROUP)
    return _collect(manager)


def modules_of(plugins: Iterable[object]) -> list[Module]:
    """The modules of plugins given as objects, for tests and benches."""
    manager = _manager()
    for plugin in plugins:
        manager.register(plugin)
    return _collect(manager)


def descriptors_of(service: ServiceDescriptor) -> bytes:
    """A google.protobuf.FileDescriptorSet with service's file and all it imports, those first."""
    files = descriptor_pb2.FileDescriptorSet()
    seen: set[str] = set()

    def add(file: FileDescriptor) -> None:
        if file.name in seen:
            return
        seen.add(file.name)
        for dependency in file.dependencies:
            add(dependency)
        files.file.add().ParseFromString(file.serialized_pb)

    add(service.file)
    return files.SerializeToString(deterministic=True)


def _manager() -> pluggy.PluginManager:
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(hookspecs)
    return manager


def _collect(manager: pluggy.PluginManager) -> list[Module]:
    manager.check_pending()
    modules: dict[str, Module] = {}
    for module in manager.hook.zongheng_module():
        if module.manifest.id in modules:
            raise ModuleBroken(f"two distributions offer a module {module.manifest.id}")
        missing = {m.name for m in module.service.methods} - set(module.handlers)
        if missing:
            raise ModuleBroken(
                f"module {module.manifest.id} has no handler for {', '.join(sorted(missing))}"
            )
        modules[module.manifest.id] = module
    return [modules[key] for key in sorted(modules)]

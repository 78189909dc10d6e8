"""The standard module as the hub's catalogue serves it: descriptors only."""

from __future__ import annotations

from google.protobuf import descriptor_pb2
from google.protobuf.descriptor import FileDescriptor

from zongheng_module_snap.v1 import snap_pb2
from zongheng_sdk.catalogue import Module, ServedModule


def snap(*, service: str = "zongheng.snap.v1.SnapService") -> ServedModule:
    files = descriptor_pb2.FileDescriptorSet()
    for file in _with_dependencies(snap_pb2.DESCRIPTOR, {}).values():
        files.file.add().ParseFromString(file.serialized_pb)
    about = Module("snap", "随手拍", "Snap", "省数据局", "1.0.0", service, "", "")
    return ServedModule(about, files.SerializeToString())


def _with_dependencies(
    file: FileDescriptor, seen: dict[str, FileDescriptor]
) -> dict[str, FileDescriptor]:
    for dependency in file.dependencies:
        _with_dependencies(dependency, seen)
    seen.setdefault(file.name, file)
    return seen

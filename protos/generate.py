"""Regenerate every ``*_pb2.py`` and ``*_pb2.pyi`` from the .proto files (``make protos``).

The validation options come from the installed protovalidate package, so that
their descriptor is exactly the one its engine understands.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from google.protobuf import (
    any_pb2,
    descriptor_pb2,
    duration_pb2,
    field_mask_pb2,
    timestamp_pb2,
)
from grpc_tools import protoc
from protovalidate._gen.buf.validate import validate_pb

ROOT = Path(__file__).resolve().parent.parent
CORE = ROOT / "protos/src"
MODULES = sorted(ROOT.glob("modules/*/src"))
KNOWN = (any_pb2, descriptor_pb2, duration_pb2, field_mask_pb2, timestamp_pb2)


def foreign_descriptors(folder: Path) -> Path:
    """Write the protos that are not ours as one FileDescriptorSet."""
    files = descriptor_pb2.FileDescriptorSet()
    for known in KNOWN:
        files.file.add().ParseFromString(known.DESCRIPTOR.serialized_pb)
    files.file.add().ParseFromString(validate_pb.desc().proto.to_binary())
    target = folder / "foreign.binpb"
    target.write_bytes(files.SerializeToString(deterministic=True))
    return target


def generate(foreign: Path, out: Path, names: list[str]) -> None:
    """Write Python and stubs for names (paths below out, or foreign) into out."""
    arguments = [
        "protoc",
        f"--descriptor_set_in={foreign}",
        f"-I{CORE}",
        *([] if out == CORE else [f"-I{out}"]),
        f"--python_out={out}",
        f"--pyi_out={out}",
        *names,
    ]
    if protoc.main(arguments) != 0:
        sys.exit(f"protoc failed for {', '.join(names)}")


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        foreign = foreign_descriptors(Path(scratch))
        generate(foreign, CORE, ["buf/validate/validate.proto"])
        for source in (CORE, *MODULES):
            names = sorted(str(p.relative_to(source)) for p in source.rglob("*.proto"))
            if names:
                generate(foreign, source, names)


if __name__ == "__main__":
    main()

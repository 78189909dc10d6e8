"""Write rpc.md and errors.md from the descriptors and comments of the .proto files.

`make protos` runs this; tests/docs asserts that the result is what is committed.
"""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import grpc
from google.protobuf.descriptor import (
    EnumDescriptor,
    FieldDescriptor,
    FileDescriptor,
    MethodDescriptor,
)

from zongheng_protos.errors.v1 import errors_pb2
from zongheng_protos.options.v1 import options_pb2 as options

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
NOTE = "<!-- Written by docs/reference/generate.py (make protos). Do not edit. -->\n"
CODES = {code.value[0]: code.name for code in grpc.StatusCode}
_COMMENT = r"((?:[ \t]*//[^\n]*\n)*)"


def written() -> dict[str, str]:
    """What each file of this folder that is generated should hold."""
    return {"rpc.md": _rpc_page(), "errors.md": _errors_page()}


def _sources() -> list[Path]:
    found = [*ROOT.glob("protos/src/zongheng_protos/**/*.proto")]
    found += ROOT.glob("modules/*/src/**/*.proto")
    return sorted(path for path in found if re.search(r"^service ", path.read_text(), re.M))


def _file(path: Path) -> FileDescriptor:
    below_src = path.parts[path.parts.index("src") + 1 : -1]
    module = importlib.import_module(".".join((*below_src, f"{path.stem}_pb2")))
    descriptor: FileDescriptor = module.DESCRIPTOR
    return descriptor


def _rpc_page() -> str:
    lines = [NOTE, "# RPC reference 接口", ""]
    lines += [
        "Every RPC is served as gRPC over mTLS and as Connect (`POST /SERVICE/METHOD`, JSON or "
        "protobuf). A call with an *act* must carry a signed envelope and is recorded in the log; "
        "the others only read. *Subject* is the request field that names what the relation is "
        "measured to; without one it is the caller itself.",
        "",
    ]
    for path in _sources():
        text, file = path.read_text(encoding="utf-8"), _file(path)
        for name, service in file.services_by_name.items():
            lines += [f"## {name}", "", f"`{service.full_name}`. {_head(text)}", ""]
            for method in service.methods:
                lines += _method(method, text)
    return "\n".join(lines).rstrip() + "\n"


def _method(method: MethodDescriptor, text: str) -> list[str]:
    extensions = method.GetOptions().Extensions
    rule: options.MethodRule = extensions[options.rule]  # type: ignore[index]  # protoc's stub
    relations = " or ".join(_word(options.Relation.DESCRIPTOR, one) for one in rule.relations)
    facts = [f"right `{_word(options.Right.DESCRIPTOR, rule.right)}`", f"relation {relations}"]
    facts += [f"subject `{rule.subject}`"] if rule.subject else []
    facts += [f"act `{rule.act}`"] if rule.act else []
    facts += [f"quota {_word(options.Quota.DESCRIPTOR, rule.quota)}"]
    facts += ["streams its reply"] if method.server_streaming else []
    said = _comment(text, rf"rpc {method.name}\(")
    lines = [f"### {method.name}", "", *([said, ""] if said else []), "; ".join(facts) + ".", ""]
    for title, message in (("Request", method.input_type), ("Reply", method.output_type)):
        fields = ", ".join(f"`{field.name}` {_type(field)}" for field in message.fields)
        lines.append(f"- {title}: {fields or 'nothing'}")
    return [*lines, ""]


def _errors_page() -> str:
    path = ROOT / "protos/src/zongheng_protos/errors/v1/errors.proto"
    lines = [NOTE, "# Errors 错误", "", _head(path.read_text(encoding="utf-8")), ""]
    lines += [
        "A refused call carries a `google.rpc.Status` with one `google.rpc.ErrorInfo` (domain "
        "`zongheng`). In Python each reason is a class of `zongheng_protos.errors`.",
        "",
        "| reason | gRPC code | what to do | 怎么办 |",
        "|---|---|---|---|",
    ]
    for value in errors_pb2.DESCRIPTOR.enum_types_by_name["Reason"].values:
        extensions = value.GetOptions().Extensions
        rule: errors_pb2.ReasonRule = extensions[errors_pb2.reason]  # type: ignore[index]  # protoc
        name = value.name.removeprefix("REASON_")
        name = "INTERNAL" if name == "UNSPECIFIED" else name
        lines.append(f"| `{name}` | {CODES[rule.code]} | {rule.advice} | {rule.advice_zh} |")
    return "\n".join(lines) + "\n"


def _word(enum: EnumDescriptor, number: int) -> str:
    name = enum.values_by_number[number].name
    return name.removeprefix(enum.values_by_number[0].name.removesuffix("UNSPECIFIED")).lower()


def _type(field: FieldDescriptor) -> str:
    named = field.message_type or field.enum_type
    kind = named.name if named else _SCALARS[field.type]
    return f"list of {kind}" if field.is_repeated else kind


_SCALARS = {
    getattr(FieldDescriptor, f"TYPE_{name.upper()}"): name
    for name in ("int32", "int64", "uint32", "uint64", "bool", "string", "bytes", "double")
}


def _head(text: str) -> str:
    """The comment at the top of the file, without licence or blank lines."""
    return _joined(re.match(_COMMENT, text))


def _comment(text: str, pattern: str) -> str:
    """The comment right above what pattern finds."""
    return _joined(re.search(_COMMENT + r"[ \t]*" + pattern, text))


def _joined(found: re.Match[str] | None) -> str:
    lines = found.group(1).splitlines() if found else []
    return " ".join(line.strip().removeprefix("//").strip() for line in lines)


def main() -> None:
    for name, text in written().items():
        (HERE / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

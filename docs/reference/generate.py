"""Write rpc.md, permissions.md and errors.md from the .proto files and the console's routes.

`make protos` runs this; tests/docs asserts that the result is what is committed.
"""

from __future__ import annotations

import importlib
import re
from inspect import signature
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.descriptor import (
    EnumDescriptor,
    FieldDescriptor,
    FileDescriptor,
    MethodDescriptor,
)

from zongheng_hub.console import console_app
from zongheng_hub.settings import Oidc, Settings, SignIn
from zongheng_hub.web.doors import Opening
from zongheng_protos.errors.v1 import errors_pb2
from zongheng_protos.options.v1 import options_pb2 as options

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
NOTE = "<!-- Written by docs/reference/generate.py (make protos). Do not edit. -->\n"
CODES = {code.value[0]: code.name for code in grpc.StatusCode}
_COMMENT = r"((?:[ \t]*//[^\n]*\n)*)"


def written() -> dict[str, str]:
    """What each file of this folder that is generated should hold."""
    return {
        "rpc.md": _rpc_page(),
        "permissions.md": _permissions_page(),
        "errors.md": _errors_page(),
    }


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
    rule = _rule(method)
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


PLACES = ("own", "parent", "above", "handler", "grantee", "below", "beside")


def _permissions_page() -> str:
    lines = [NOTE, "# Permissions 权限", ""]
    lines += [
        "Who may call what, as the descriptors and the console's routes declare it; the kernel "
        "and the console ask these declarations and nothing else. `tests/security` walks every "
        "row against a running hub: each right alone, none and all, from every place in the tree.",
        "",
        "*Right*: `open` asks for no credential, `enrolled` for any; every other right must stand "
        "in the unit's credential, and in a role of its operator where that operator is "
        "registered. The other columns are places, seen from the subject's owner: the owner "
        "itself, its direct parent, a unit further above, who was named to handle it, who holds a "
        "grant on it, a unit below it, and any other enrolled unit. An RPC without a subject is "
        "about its caller. An *act* must be signed. A unit of another province, and whoever shows "
        "no credential, gets no further than `open`.",
        "",
        "## RPCs",
        "",
        "| RPC | right | act | " + " | ".join(PLACES) + " |",
        "|---|---|---|" + "---|" * len(PLACES),
    ]
    for path in _sources():
        for service in _file(path).services_by_name.values():
            lines += [_permission(method) for method in service.methods]
    lines += [
        "",
        "## Console",
        "",
        "`open` is for anyone, `enrolled` for whoever is signed in for a unit, a right for whose "
        "unit has it in its credential and whose operator in a role. What a page then calls is "
        "decided once more by the table above.",
        "",
        "| route | right |",
        "|---|---|",
    ]
    for opening in _openings():
        right = _word(options.Right.DESCRIPTOR, opening.right)
        lines.append(f"| {opening.verb} `{opening.path}` | `{right}` |")
    return "\n".join(lines) + "\n"


def _permission(method: MethodDescriptor) -> str:
    rule = _rule(method)
    found = set(rule.relations)
    if options.RELATION_ABOVE in found:
        found.add(options.RELATION_PARENT)
    needed = ("OWN", "PARENT", "ABOVE", "HANDLER", "GRANTEE")
    if options.RELATION_ANYONE in found:
        marks = ["✓"] * len(PLACES)
    elif not rule.subject:
        marks = ["itself"] + [""] * (len(PLACES) - 1)
    else:
        marks = ["✓" if options.Relation.Value(f"RELATION_{n}") in found else "" for n in needed]
        marks += ["", ""]
    service = method.containing_service.name
    right = _word(options.Right.DESCRIPTOR, rule.right)
    act = f"`{rule.act}`" if rule.act else ""
    return f"| {service} `{method.name}` | `{right}` | {act} | " + " | ".join(marks) + " |"


def _rule(method: MethodDescriptor) -> options.MethodRule:
    extensions = method.GetOptions().Extensions
    rule: options.MethodRule = extensions[options.rule]  # type: ignore[index]  # protoc's stub
    return rule


class _Nothing:
    """What stands behind a console that nobody opens."""

    def __getattr__(self, name: str) -> _Nothing:
        return self


def _openings() -> list[Opening]:
    """The console's routes as they are declared, without a hub."""
    given: dict[str, Any] = {name: _Nothing() for name in signature(console_app).parameters}
    settings = Settings(HERE, sign_in=SignIn(oidc=Oidc("https://id.example", "zongheng")))
    given |= {"operator_secret": bytes(32), "settings": settings}
    app = console_app(**{**given, "tlog_folder": HERE, "province_code": "140000"})
    return sorted(app.state.openings, key=lambda one: (one.path, one.verb))


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

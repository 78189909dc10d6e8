"""zongheng modules, adopt, call: service modules without a line of code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from zongheng_protos.errors import ArgumentInvalid, MethodUnknown
from zongheng_sdk.catalogue import Track
from zongheng_sdk.cli.app import hub
from zongheng_sdk.cli.files import read_text
from zongheng_sdk.cli.show import console, done, table
from zongheng_sdk.modules import SyncModuleProxy, snake_case
from zongheng_sdk.records import Record, from_text


def register(app: typer.Typer) -> None:
    for command in (modules, adopt, call):
        app.command()(command)


def modules(ctx: typer.Context) -> None:
    """List the modules on offer and what is adopted 可接入的服务模块."""
    opened = hub(ctx)
    mine = {adoption.module_id: adoption for adoption in opened.catalogue.adoptions(own=True)}
    table(
        "服务模块 modules",
        ("编号 id", "名称 title", "版本 version", "接入 adopted", "说明 summary"),
        [
            (m.id, m.title, m.version, mine[m.id].track if m.id in mine else "–", m.summary)
            for m in opened.catalogue.modules()
        ],
    )


def adopt(
    ctx: typer.Context,
    module: Annotated[str, typer.Argument(help="Such as snap 模块编号.")],
    track: Annotated[str, typer.Option(help="stable 正式 or pilot 试点.")] = "stable",
    settings: Annotated[str, typer.Option(help="JSON 模块设置.")] = "",
) -> None:
    """Adopt a module 接入模块."""
    given = _object(settings, "--settings") if settings else None
    made = hub(ctx).catalogue.adopt(module, track=cast(Track, track), settings=given)
    done(f"已接入 adopted {made.module_id} {made.version} ({made.track})", made.receipt)


def call(
    ctx: typer.Context,
    module: Annotated[str, typer.Argument(help="Such as snap 模块编号.")],
    method: Annotated[str, typer.Argument(help="Such as file_report; empty: list 方法名.")] = "",
    fields: Annotated[
        list[str] | None, typer.Argument(help="KEY=VALUE…, lists as A,B 字段.")
    ] = None,
    document: Annotated[
        str, typer.Option("--json", help="The request as JSON, or @FILE 以JSON给出请求.")
    ] = "",
) -> None:
    """Call a method of a module; the reply is printed as JSON 调用模块方法."""
    proxy = hub(ctx).module(module)
    if not method:
        table(
            f"{proxy.about.title} {module} {proxy.about.version}",
            ("方法 method", "字段 fields"),
            [(name, ", ".join(_fields_of(proxy, name))) for name in proxy.method_names()],
        )
        return
    name = snake_case(method)
    if name not in proxy.method_names():
        known = ", ".join(proxy.method_names())
        raise MethodUnknown(f"module {module} has no method {method}; its methods: {known}")
    request = {**_document(document), **_pairs(proxy, name, fields or [])}
    unknown = sorted(set(request) - set(_fields_of(proxy, name)))
    if unknown:
        known = ", ".join(_fields_of(proxy, name)) or "none"
        raise ArgumentInvalid(f"{name} has no field {', '.join(unknown)}; its fields: {known}")
    reply = getattr(proxy, name)(**request)
    shown = [r.to_dict() for r in reply] if isinstance(reply, tuple) else reply.to_dict()
    console().print_json(json.dumps(shown, ensure_ascii=False, default=_bytes), ensure_ascii=False)
    if isinstance(reply, Record) and reply.receipt is not None:
        done(f"{module}.{name}", reply.receipt)


def _fields_of(proxy: SyncModuleProxy, method: str) -> list[str]:
    return [field.name for field in proxy.request(method).DESCRIPTOR.fields]


def _pairs(proxy: SyncModuleProxy, method: str, fields: list[str]) -> dict[str, Any]:
    empty, pairs = proxy.request(method), {}
    for pair in fields:
        name, separator, text = pair.partition("=")
        if not separator:
            raise ArgumentInvalid(f"{pair!r} is no KEY=VALUE")
        pairs[name] = from_text(empty, name, text)
    return pairs


def _document(given: str) -> dict[str, Any]:
    if not given:
        return {}
    if given.startswith("@"):
        given = read_text(Path(given[1:]))
    return _object(given, "--json")


def _object(text: str, option: str) -> dict[str, Any]:
    try:
        parsed = json.loads(text)
    except ValueError as error:
        raise ArgumentInvalid(f"{option} is no JSON: {error}") from error
    if not isinstance(parsed, dict):
        raise ArgumentInvalid(f"{option} is no JSON object")
    return parsed


def _bytes(value: object) -> str:
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(f"{type(value).__name__} cannot be shown")

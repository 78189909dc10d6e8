"""Decisions of the catalogue: values in, values out (JSON Schema 2020-12)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry

from zongheng_protos.errors import Invalid

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")


def effective_settings(settings: str, schema: str) -> str:
    """Settings as a module gets them: checked, with defaults filled in, as compact JSON.

    Args:
        settings: a JSON object; empty means none.
        schema: the module's JSON Schema; only its top level's defaults are filled in.

    Raises:
        Invalid: no JSON object, or against the schema; names the field.
    """
    given = _json_object(settings or "{}")
    rules = json.loads(schema)
    for name, rule in rules.get("properties", {}).items():
        if isinstance(rule, dict) and "default" in rule:
            given.setdefault(name, rule["default"])
    # An empty registry: a schema may point into itself, never to an address.
    validator = Draft202012Validator(rules, registry=Registry())
    try:
        faults = sorted(validator.iter_errors(given), key=lambda fault: list(map(str, fault.path)))
    except RecursionError as error:
        raise Invalid("the settings are nested too deeply") from error
    if faults:
        raise Invalid("the settings do not fit the module: " + "; ".join(map(_say, faults[:5])))
    return _compact(given)


def first_day(now_ms: int, days: int) -> str:
    """The first of the last so many days, today included: "2026-11-20", Beijing time."""
    today = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(BEIJING).date()
    return (today - timedelta(days=days - 1)).isoformat()


def _compact(value: object) -> str:
    # No NaN and no infinity: they are no JSON, and 1e999 reads as one.
    return json.dumps(
        value, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False
    )


def _json_object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text, object_pairs_hook=_without_doubles, parse_constant=_no_constant)
        _compact(value).encode()  # refuses half a surrogate pair, which no store takes
    except (ValueError, RecursionError) as error:
        raise Invalid(f"the settings are no JSON: {_printable(error)}") from error
    if not isinstance(value, dict):
        raise Invalid("the settings are no JSON object: write {…}")
    return value


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return fields


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _say(fault: ValidationError) -> str:
    where = ".".join(map(str, fault.path))
    message = fault.message if len(fault.message) <= 200 else fault.message[:199] + "…"
    return f"{where}: {message}" if where else message


def _printable(error: Exception) -> str:
    return str(error).encode(errors="backslashreplace").decode()

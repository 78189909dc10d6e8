"""Settings are checked against the module's schema, filled with its defaults, kept compact."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zongheng_hub.catalogue.rules import effective_settings, first_day
from zongheng_protos.errors import Invalid

SCHEMA = json.dumps(
    {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "days": {"type": "integer", "minimum": 1, "maximum": 60, "default": 15},
            "title": {"type": "string", "maxLength": 20},
            "contact": {"$ref": "#/$defs/person"},
        },
        "$defs": {"person": {"type": "object", "required": ["phone"]}},
    }
)


def test_no_settings_are_the_modules_defaults() -> None:
    assert effective_settings("", SCHEMA) == '{"days":15}'


def test_what_is_set_stands_beside_the_defaults() -> None:
    assert effective_settings('{ "title": "随手拍" }', SCHEMA) == '{"days":15,"title":"随手拍"}'


def test_what_is_set_wins_over_the_default() -> None:
    assert effective_settings('{"days": 3}', SCHEMA) == '{"days":3}'


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ('{"days": 0}', "days: 0 is less than the minimum"),
        ('{"days": "3"}', "days: '3' is not of type"),
        ('{"colour": 1}', "colour"),
        ('{"contact": {}}', "contact: 'phone' is a required property"),
        ('{"days": 0, "title": 5}', "days: .*; title: "),
        ("[]", "no JSON object"),
        ("null", "no JSON object"),
        ("{", "no JSON"),
        ('{"days": 1, "days": 2}', "stands twice"),
        ('{"days": NaN}', "NaN"),
        ('{"days": 1e999}', "no JSON"),
        ('{"title": "\\ud800"}', "no JSON"),
        ("[" * 60_000, "no JSON"),
        ('{"days":' + "9" * 5000 + "}", "no JSON"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_settings_that_do_not_fit_are_refused_by_name(settings: str, says: str) -> None:
    with pytest.raises(Invalid, match=says) as refused:
        effective_settings(settings, SCHEMA)
    refused.value.to_status()


@given(st.text(max_size=80))
def test_random_text_gives_settings_or_a_named_error(text: str) -> None:
    with suppress(Invalid):
        assert isinstance(json.loads(effective_settings(text, '{"type":"object"}')), dict)


def test_days_are_counted_in_beijing() -> None:
    # 2026-11-19 16:30 UTC is 2026-11-20 00:30 in Beijing.
    at_ms = 1_795_105_800_000

    assert first_day(at_ms, 1) == "2026-11-20"
    assert first_day(at_ms, 20) == "2026-11-01"

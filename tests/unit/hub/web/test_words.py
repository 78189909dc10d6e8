"""Every word of the console has its English, and every English its use."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from zongheng_hub.tenancy.operators.rules import ROLE_NAMES
from zongheng_hub.web import console, unit_form
from zongheng_hub.web.need_form import read_need
from zongheng_hub.web.unit_form import CHANGES, LEVELS, Change, read_change
from zongheng_hub.web.words import (
    ACT_FAMILIES,
    ACTS,
    ALERT_RULES,
    ALERT_STATES,
    ALERT_VERDICTS,
    KINDS,
    MASKS,
    SHARING,
    STAGES,
    STATES,
    TRACKS,
    URGENCIES,
    Words,
    english,
)

HAN = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
WEB = Path(console.__file__).parent
PLACE = re.compile(r"\{(\w+)\}")


def templates() -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in console.TEMPLATES.glob("*.html")}


def test_every_word_in_a_template_has_its_english() -> None:
    used = {word for text in templates().values() for word in re.findall(r"_\('([^']+)'", text)}

    assert {word for word in used if HAN.search(word)} - set(english()) == set()


def test_every_named_thing_has_its_english() -> None:
    named = [name for pair in KINDS.values() for name in pair]
    named += [name for name, _ in (*STATES.values(), *TRACKS.values())]
    named += [*STAGES.values(), *URGENCIES.values(), *SHARING.values(), *ACTS.values()]
    named += [name for _, name in ACT_FAMILIES]
    named += [*ALERT_RULES.values(), *ALERT_VERDICTS.values(), *MASKS.values()]
    named += [name for name, _ in ALERT_STATES.values()]

    named += [name for pair in ROLE_NAMES.values() for name in pair]

    assert set(named) - set(english()) == set()


def test_every_fault_of_the_form_has_its_english() -> None:
    today, phone = date(2026, 1, 1), "电话13800000000"
    faults = [*read_need({}, today).faults.values()]
    faults += read_need({"title": phone, "detail": phone, "place": phone}, today).faults.values()

    assert set(faults) - set(english()) == set()


def test_every_word_of_a_change_of_a_unit_has_its_english() -> None:
    named = [word for words in CHANGES.values() for word in words]
    named += [*LEVELS.values(), *(name for name, _ in unit_form.STATES.values())]
    ahead = {"effective_on": "2099-01-01"}
    for change in Change:
        named += read_change(change, {}, date(2026, 1, 1)).faults.values()
        named += read_change(change, ahead, date(2026, 1, 1)).faults.values()

    assert set(named) - set(english()) == set()


def test_translations_keep_the_places_for_values() -> None:
    torn = {
        chinese
        for chinese, text in english().items()
        if sorted(PLACE.findall(chinese)) != sorted(PLACE.findall(text))
    }

    assert torn == set()


def test_no_translation_is_left_over() -> None:
    sources = "".join(
        path.read_text("utf-8")
        for path in (
            *WEB.rglob("*.py"),
            *WEB.parent.rglob("*pages.py"),
            *WEB.parent.rglob("rules.py"),
        )
    )
    sources += "".join(templates().values())

    assert [word for word in english() if word not in sources] == []


def test_an_act_nobody_named_goes_by_its_own_name() -> None:
    assert Words("zh").act("weather.measured") == "weather.measured"


def test_templates_hold_no_text_outside_the_words() -> None:
    """Chinese stands only in _('…'), in comments and in data-l, which CSS matches."""
    for name, text in templates().items():
        bare = re.sub(r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}|data-l=\"[^\"]*\"", "", text, flags=re.S)
        assert not HAN.search(bare.replace("中文", "")), name

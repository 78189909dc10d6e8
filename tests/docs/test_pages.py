"""Links lead somewhere, the generated reference is current, and every decision is listed."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from tests.docs.pages import pages

ROOT = Path(__file__).resolve().parents[2]
PAGES = pages(ROOT)
LINK = re.compile(r'\]\(([^)#\s]+)(?:#[^)]*)?\)|src="([^"]+)"')


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files_of_the_repository(page: Path) -> None:
    links = [one or other for one, other in LINK.findall(page.read_text(encoding="utf-8"))]

    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []


def test_the_generated_reference_is_current() -> None:
    spec = importlib.util.spec_from_file_location("reference", ROOT / "docs/reference/generate.py")
    assert spec
    assert spec.loader
    reference = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(reference)

    for name, text in reference.written().items():
        assert (ROOT / "docs/reference" / name).read_text(encoding="utf-8") == text, (
            f"{name} is out of date: run make protos"
        )


def test_every_decision_is_listed_and_says_its_state() -> None:
    listed = (ROOT / "docs/adr/README.md").read_text(encoding="utf-8")

    for page in (ROOT / "docs/adr").glob("0*.md"):
        text = page.read_text(encoding="utf-8")

        assert f"({page.name})" in listed
        assert text.startswith(f"# {page.name[:4]}: ")
        assert "\nAccepted" in text


def test_every_page_of_the_documentation_can_be_reached_from_its_index() -> None:
    reached, waiting = set[Path](), [ROOT / "docs/index.md"]
    while waiting:
        page = waiting.pop()
        if page in reached:
            continue
        reached.add(page)
        links = (one or other for one, other in LINK.findall(page.read_text(encoding="utf-8")))
        waiting += [
            target
            for link in links
            if link.endswith(".md") and (target := (page.parent / link).resolve()).exists()
        ]

    assert {page for page in PAGES if page.is_relative_to(ROOT / "docs")} <= reached

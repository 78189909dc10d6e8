"""Every command that the documents print exists, with these arguments and options."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer.main

from tests.docs.pages import fences, pages
from zongheng_hub.cli import app as hub_app
from zongheng_sdk.cli.app import app as sdk_app

ROOT = Path(__file__).resolve().parents[2]
APPS = {"zongheng": sdk_app, "zongheng-hub": hub_app}
LINES = [
    (str(page.relative_to(ROOT)), line)
    for page in pages(ROOT)
    for fence in fences(page, "console")
    for line in fence.splitlines()
]


def targets() -> set[str]:
    makefile = (ROOT / "Makefile").read_text()
    return set(re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE))


def parse(words: list[str]) -> None:
    """Parse as the command line does, without running anything; raises what it would say."""
    name, *arguments = words
    command: Any = typer.main.get_command(APPS[name])
    context = None
    while True:
        context = command.make_context(name, arguments, parent=context)
        if not hasattr(command, "resolve_command"):
            return
        rest = [*context._protected_args, *context.args]
        name, command, arguments = command.resolve_command(context, rest)


def test_the_documents_print_commands() -> None:
    assert len(LINES) > 15


@pytest.mark.parametrize(("page", "line"), LINES)
def test_a_printed_command_exists(page: str, line: str) -> None:
    words = shlex.split(line)

    if words[0] == "make":
        assert words[1] in targets()
    else:
        parse(words)


def test_make_help_and_the_developers_page_name_the_same_targets() -> None:
    page = (ROOT / "docs/howto/develop.md").read_text()

    assert set(re.findall(r"^\| `make (\w+)", page, re.MULTILINE)) == targets() - {"help"}


def test_the_readme_names_just_two_commands() -> None:
    for name in ("README.md", "README.zh-CN.md"):
        (console,) = fences(ROOT / name, "console")

        assert console.splitlines() == ["make demo", "make test"], name

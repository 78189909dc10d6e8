"""From a case's question to a verified package, with the commands that the pages print."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.docs.pages import fences
from tests.integration.audit_case import Case, shared_case
from zongheng_sdk.package_times import BEIJING

ROOT = Path(__file__).resolve().parents[2]
TUTORIAL = ROOT / "docs/tutorial/audit.md"
GUIDE = ROOT / "docs/guide/audit.zh.md"
PRINTED_ROOT = "9f2c41d07b5e8a3610cd4e7f92ab58c3d16e04f7a9b2538c6de1f047a85b3c92"


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    with shared_case(tmp_path_factory.mktemp("case")) as made:
        yield made


def printed(page: Path) -> list[list[str]]:
    """The commands of a page, in order."""
    lines = [line for fence in fences(page, "console") for line in fence.splitlines()]
    return [shlex.split(line) for line in lines]


def run(case: Case, words: list[str], folder: Path, identity: Path) -> str:
    """Run a printed command; only the month of the case and its root are other ones."""
    yesterday = datetime.now(BEIJING) - timedelta(days=1)
    tomorrow = yesterday + timedelta(days=2)
    meant = {
        "2026-03-01": yesterday.strftime("%Y-%m-%d"),
        "2026-03-31": tomorrow.strftime("%Y-%m-%d"),
        PRINTED_ROOT: case.root,
        "zongheng": str(Path(sys.executable).with_name("zongheng")),
        "python3": sys.executable,
    }
    told = subprocess.run(
        [meant.get(word, word) for word in words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"ZONGHENG_IDENTITY": str(identity)},
    )
    assert told.returncode == 0, told.stdout + told.stderr
    return told.stdout


def test_an_auditor_goes_from_the_question_to_a_verified_package(
    case: Case, tmp_path: Path
) -> None:
    export, verify, reconcile = printed(TUTORIAL)
    assert (export[3:5], verify[1:3]) == (["audit", "export"], ["audit", "verify"])
    assert reconcile == ["zongheng", "audit", "reconcile"]
    auditor = case.local.folder / "hub/province/identity.json"

    told = run(case, export, tmp_path, auditor)
    assert "SHA-256" in told
    laptop = tmp_path / "laptop"
    laptop.mkdir()
    shutil.copy(tmp_path / "case.zip", laptop)
    nobody = laptop / "no-identity.json"
    verdict = run(case, verify, laptop, nobody)

    assert "✓ 审计包属实 the package is proven" in verdict
    assert "杏花岭区 ← 小店区: 低收入家庭, 3 行 rows, name, town" in verdict
    assert "核对低保资格" in verdict
    assert "1/1 次 uses; 已签收 receipt signed" in verdict
    (by_itself,) = (shlex.split(line) for line in fences(TUTORIAL, "sh"))
    assert run(case, by_itself, laptop, nobody).rstrip() == verdict.rstrip()
    for code in ("140105", "140107"):
        unit = case.local.folder / "units" / code / "identity.json"
        assert "相符 match" in run(case, reconcile, tmp_path, unit)


def test_what_the_tutorial_shows_of_a_verdict_is_how_verdicts_read(
    case: Case, tmp_path: Path
) -> None:
    (shown,) = fences(TUTORIAL, "text")
    verdict = run(case, printed(TUTORIAL)[0], tmp_path, case.local.folder / "hub/province")
    verdict = run(case, printed(TUTORIAL)[1], tmp_path, tmp_path)
    fixed = (
        "审计包属实",
        "所问 asked: 小店区",
        "parcel.fetched",
        "谁看了谁的数据",
        "低收入家庭, 3 行",
    )
    for words in fixed:
        assert words in shown
        assert words in verdict


def test_the_chinese_guide_prints_commands_that_work(case: Case, tmp_path: Path) -> None:
    export, verify, reconcile, offline, shred = printed(GUIDE)
    assert (export, verify, reconcile) == tuple(printed(TUTORIAL))
    folder = case.local.folder / "units/140105"
    run(case, reconcile, tmp_path, folder / "identity.json")
    shutil.copytree(case.local.folder / "hub/tlog", tmp_path / "tlog")
    assert "相符 match" in run(case, offline, tmp_path, folder / "identity.json")
    filed = next(one.index for one in case.owner.log.entries() if one.act.act == "need.filed")
    shred[shred.index("17")] = str(filed)
    assert "已销毁" in run(case, [*shred, "--yes"], tmp_path, folder / "identity.json")

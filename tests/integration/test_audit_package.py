"""Audit packages: from a case's question to a verdict that rests on the root alone."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from tests.integration.audit_case import OWNER, Case, shared_case
from zongheng_protos.errors import NotRelated, OperatorForbidden
from zongheng_sdk import Hub
from zongheng_sdk.auditing import AuditExport
from zongheng_sdk.package_program import program
from zongheng_sdk.package_verify import verify_package

ZONGHENG = Path(sys.executable).with_name("zongheng")


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    with shared_case(tmp_path_factory.mktemp("case")) as made:
        yield made


@pytest.fixture(scope="module")
def exported(case: Case) -> AuditExport:
    return case.local.province.audit.export(
        reason="晋审〔2026〕7号", tenant_id=case.owner.identity.tenant
    )


def test_a_package_shows_who_was_shown_what_under_which_grant(
    case: Case, exported: AuditExport
) -> None:
    verdict = verify_package(exported.data, case.root)
    assert verdict.ok, str(verdict)
    (shown,) = verdict.showings
    assert (shown.parcel_id, shown.rows, shown.received) == (case.parcel_id, 3, True)
    assert shown.grant.purpose == "核对低保资格"
    assert shown.title == "低收入家庭"
    assert len(shown.fetched) == 1
    text = str(verdict)
    assert "杏花岭区 ← 小店区: 低收入家庭, 3 行" in text
    assert "no witness has signed it" in text
    assert "what it said is not" in text  # of the module's report, which the module keeps


def test_an_export_is_itself_an_act_that_the_unit_asked_about_sees(
    case: Case, exported: AuditExport
) -> None:
    entry = case.owner.log.prove(exported.index).entry
    assert (entry.act.act, entry.act.parties) == ("audit.exported", (case.owner.identity.tenant,))
    assert b"7" in case.owner.log.content(exported.index).request


def test_a_package_of_one_kind_of_act_still_holds_what_that_rests_on(case: Case) -> None:
    made = case.local.province.audit.export(
        reason="只看取数", tenant_id=case.grantee.identity.tenant, act="parcel.fetched"
    )
    assert made.verdict.ok, str(made.verdict)
    assert [act.leaf.act for act in made.verdict.answer] == ["parcel.fetched"]
    assert [one.parcel_id for one in made.verdict.showings] == [case.parcel_id]


def test_a_package_about_all_units_below_holds(case: Case) -> None:
    made = case.local.province.audit.export(reason="全省", below=True)
    assert made.verdict.ok, str(made.verdict)
    assert "which units stand below" in str(made.verdict)
    assert len(made.verdict.answer) > 12


def test_a_package_about_a_time_when_nothing_happened_is_empty_and_proven(case: Case) -> None:
    made = case.local.province.audit.export(
        reason="此前", tenant_id=case.owner.identity.tenant, until_ms=1_000_000_000_000
    )
    assert made.verdict.ok
    assert made.verdict.answer == ()


def test_with_another_root_nothing_is_proven(exported: AuditExport) -> None:
    verdict = verify_package(exported.data, "0" * 64)
    assert not verdict.ok
    assert verdict.failures[0].en.startswith("the root credential")


def test_only_who_may_audit_a_unit_exports_it(case: Case) -> None:
    with pytest.raises(NotRelated):
        case.grantee.audit.export(reason="好奇", tenant_id=case.owner.identity.tenant)
    own = case.grantee.audit.export(reason="自查")
    assert own.verdict.ok, str(own.verdict)


def test_the_same_package_is_the_same_file_and_any_zip_program_reads_it(
    exported: AuditExport,
) -> None:
    with zipfile.ZipFile(BytesIO(exported.data)) as file:
        assert file.testzip() is None
        assert file.namelist() == sorted(file.namelist())
        assert {one.date_time for one in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {name for name in file.namelist() if name.startswith("verifier/")} == {
            name for name in program() if name.startswith("verifier/")
        }


def test_the_verifier_inside_runs_by_itself_with_cryptography_and_protobuf_alone(
    case: Case, exported: AuditExport, tmp_path: Path
) -> None:
    package = tmp_path / "case.zip"
    package.write_bytes(exported.data)
    alone = bare_python(tmp_path)
    told = subprocess.run(
        [*alone, str(package), "--root", case.root],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert told.stdout == str(verify_package(exported.data, case.root))
    wrong = subprocess.run(
        [*alone, str(package), "--root", "0" * 64], capture_output=True, check=False, cwd=tmp_path
    )
    assert wrong.returncode == 1


def bare_python(folder: Path) -> list[str]:
    """A Python that has the standard library, cryptography (with cffi) and protobuf alone."""
    installed = Path(sys.prefix) / f"lib/python{sys.version_info.major}.{sys.version_info.minor}"
    packages = folder / "packages"
    packages.mkdir()
    for name in ("cryptography", "google", "_cffi_backend", "cffi", "pycparser"):
        for found in (installed / "site-packages").glob(f"{name}*"):
            if "dist-info" not in found.name:
                (packages / found.name).symlink_to(found)
    start = (
        "import sys, runpy; sys.path.append(sys.argv[1]); "
        "assert not any('site-packages' in path for path in sys.path), sys.path; "
        "sys.argv = sys.argv[2:]; runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    return [sys.executable, "-I", "-S", "-c", start, str(packages)]


def test_the_command_line_exports_and_verifies(case: Case, tmp_path: Path) -> None:
    package = tmp_path / "case.zip"
    identity = case.local.folder / "hub/province/identity.json"
    export = [str(ZONGHENG), "-i", str(identity), "-o", "审计员", "audit", "export"]
    export += ["--tenant", OWNER, "--reason", "案号 7", "--out", str(package)]
    told = subprocess.run(export, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
    verify = [str(ZONGHENG), "audit", "verify", str(package), "--root"]
    told = subprocess.run([*verify, case.root], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
    assert "✓ 审计包属实 the package is proven" in told.stdout
    package.write_bytes(package.read_bytes().replace("案号 7".encode(), "案号 8".encode()))
    told = subprocess.run([*verify, case.root], capture_output=True, text=True, check=False)
    assert told.returncode == 1
    assert "its bytes are not those that were written" in told.stdout


def test_an_operator_exports_by_the_role_of_auditor_and_by_no_other(case: Case) -> None:
    folder = case.local.folder / "units" / OWNER
    case.owner.operators.add("孙某某", login="sun", roles=["handler"])
    case.owner.operators.add("周某某", login="zhou", roles=["auditor"])
    with Hub.open(folder, operator="孙某某") as handler, pytest.raises(OperatorForbidden):
        handler.audit.export(reason="无权")
    with Hub.open(folder, operator="周某某") as auditor:
        assert auditor.audit.export(reason="自查").verdict.ok

"""The command line against a real hub: what it prints, and how it ends."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner, Result

from zongheng_hub.tenancy.divisions import packaged_table
from zongheng_sdk import passphrases
from zongheng_sdk.cli.app import app
from zongheng_sdk.client import Hub
from zongheng_sdk.testing import LocalHub

OWNER, GRANTEE = "140105", "140106"
Run = Callable[..., Result]


@pytest.fixture(scope="module")
def local() -> Iterator[LocalHub]:
    with LocalHub() as running:
        running.enrol(OWNER).catalogue.adopt("snap")
        running.enrol(GRANTEE)
        yield running


@pytest.fixture
def run(local: LocalHub) -> Run:
    def invoke(*arguments: object, unit: str = OWNER, operator: str = "王某某") -> Result:
        identity = (
            local.province.folder / "identity.json"
            if unit == "province" and local.province.folder
            else local.folder / "units" / unit / "identity.json"
        )
        environment = {
            "ZONGHENG_IDENTITY": str(identity),
            "ZONGHENG_OPERATOR": operator,
            "COLUMNS": "240",
            "NO_COLOR": "1",
        }
        return CliRunner().invoke(app, [str(a) for a in arguments], env=environment)

    return invoke


def word(result: Result, prefix: str) -> str:
    """The first id with this prefix that was printed."""
    assert result.exit_code == 0, result.output
    return next(w.strip(":,") for w in result.output.split() if w.startswith(prefix))


def rows_shown(result: Result, dataset: str) -> str:
    """The last cell of the dataset's line."""
    (listed,) = [at for at in result.output.splitlines() if dataset in at]
    return listed.split("│")[-2].strip()


def test_a_need_is_filed_handled_and_closed(run: Run) -> None:
    about = ("--place", "北营街道", "--households", "40", "--wanted-by", "2099-12-15")
    filed = run("need", "file", "--kind", "training", "--title", "网格员操作培训", *about)
    need = word(filed, "n_")
    assert need in run("need", "list").output
    assert run("need", "accept", need, unit="province").exit_code == 0
    answer = run(
        "need",
        "answer",
        need,
        "--text",
        "下周开班",
        "--resource",
        "training:培训班",
        unit="province",
    )
    assert answer.exit_code == 0, answer.output
    assert "已确认 confirmed" in run("need", "confirm", need).output
    shown = run("need", "show", need).output
    assert "培训班" in shown
    assert "need.confirmed" in shown
    assert "地点 place: 北营街道" in shown
    assert "涉及户数 households: 40" in shown
    assert "期望 wanted by: 2099-12-15" in shown


def test_a_module_is_called_with_key_value_or_json(run: Run) -> None:
    assert "file_report" in run("call", "snap").output
    filed = run("call", "snap", "FileReport", "title=路灯不亮", "reported_ms=1795000000000")
    assert "report_id" in filed.output
    assert "log entry" in filed.output
    listed = run("call", "snap", "list_reports", "--json", '{"state": "filed"}')
    assert json.loads(listed.output)["reports"]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("call", "nothing"), "MODULE_UNKNOWN"),
        (("call", "snap", "nothing"), "METHOD_UNKNOWN"),
        (("call", "snap", "file_report", "titel=x"), "ARGUMENT"),
        (("call", "snap", "file_report", "reported_ms=heute"), "ARGUMENT"),
        (("need", "file", "--kind", "money", "--title", "需要经费"), "ARGUMENT"),
        (("need", "file", "--kind", "data", "--title", "短"), "INVALID title: must be"),
        (("call", "snap", "file_report", "--json", "@nothing.json"), "FILE_UNUSABLE"),
        (("audit", "verify", "--vkey", "log.vkey"), "ARGUMENT"),
        (("need", "show", "n_nothing"), "NOT_FOUND"),
        (("data", "fetch", "p_nothing", "--out", "x.csv"), "NOT_FOUND"),
        (("enrol", "zh1.nonsense"), "INVITATION_INVALID"),
    ],
)
def test_a_refusal_is_one_line_with_advice_in_two_languages(
    run: Run, arguments: tuple[str, ...], reason: str
) -> None:
    result = run(*arguments)
    assert result.exit_code == 1
    line, chinese, english = result.stderr.strip().splitlines()
    assert reason in line
    assert "。" in chinese
    assert english.strip().endswith(".")


def test_an_act_needs_an_operator(run: Run) -> None:
    result = run("need", "file", "--kind", "data", "--title", "需要数据", operator="")
    assert result.exit_code == 1
    assert "--operator" in result.stderr


def test_a_missing_identity_says_how_to_enrol(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["--identity", str(tmp_path / "no.json"), "whoami"])
    assert result.exit_code == 1
    assert "zongheng enrol" in result.stderr


def test_a_unit_is_invited_enrolled_and_approved(run: Run, local: LocalHub, tmp_path: Path) -> None:
    invitation = word(run("invite", "140200", unit="province"), "zh1.")
    open_keys = ("--folder", tmp_path, "--wait", "0", "--no-passphrase")
    pending = run("enrol", invitation, *open_keys)
    assert pending.exit_code == 1
    assert "DEADLINE" in pending.stderr
    enrolment = next(w for w in pending.output.split() if w.startswith("e_"))
    assert enrolment in run("approve", unit="province").output
    assert "大同市" in run("approve", enrolment, unit="province").output
    assert "已入网" in run("enrol", invitation, *open_keys).output
    shown = CliRunner().invoke(app, ["-i", str(tmp_path), "whoami"]).output
    assert "省级根指纹 root" in shown
    assert "大同市" in shown
    assert "administer" in shown


def test_a_global_option_in_the_wrong_place_is_told_where_it_stands(run: Run) -> None:
    result = run("adopt", "snap", "-o", "王某某", operator="")
    assert result.exit_code == 2
    said = "".join(result.stderr.split())
    assert "beforethecommand:zongheng-o" in said


def test_who_revokes_one_key_is_told_what_it_leaves_open(run: Run, local: LocalHub) -> None:
    held = local.enrol("140602").revocations.credentials().credentials[0]
    sealing = next(key.id for key in held.keys if key.use == "sealing")
    result = run("revoke", sealing, "--reason", "lost", unit="140602")
    assert result.exit_code == 0, result.output
    assert "channel goes on reading" in result.output
    tenant = local.enrol("140602").identity.tenant
    assert f"zongheng revoke {tenant} --reason lost" in result.output


def test_a_unit_that_another_invites_is_told_with_that_units_name(run: Run) -> None:
    result = run("invite", OWNER, unit="province")
    assert result.exit_code == 1
    assert "小店区 (140105) belongs to 太原市: that unit invites it" in result.stderr
    assert "no unit invites it" in run("invite", "140000", unit="province").stderr


def test_data_is_shared_and_audited(run: Run, local: LocalHub, tmp_path: Path) -> None:
    source, parcel, evidence = (tmp_path / n for n in ("in.csv", "out.csv", "evidence.json"))
    source.write_text("name,card\n王某,140105199001010001\n", encoding="utf-8")
    dataset = word(run("data", "offer", "低收入家庭", source), "d_")
    assert rows_shown(run("data", "list"), dataset) == "1"
    assert rows_shown(run("data", "list", unit=GRANTEE), dataset) == "–"
    asked = run(
        "data",
        "request",
        dataset,
        "--purpose",
        "核对低保资格",
        "--fields",
        "name,card",
        unit=GRANTEE,
    )
    request = word(asked, "q_")
    granted = run("data", "grant", request, "--field", "name", "--field", "card:last_four")
    delivered = run("data", "deliver", word(granted, "g_"), source)
    parcel_id = word(delivered, "p_")
    nowhere = run("data", "fetch", parcel_id, "--out", tmp_path / "no/x.csv", unit=GRANTEE)
    assert nowhere.exit_code == 1
    assert f"there is no folder {tmp_path / 'no'}" in nowhere.stderr
    taken = run("data", "fetch", parcel_id, "--out", parcel, unit=GRANTEE)
    assert taken.exit_code == 0, taken.output  # its one use was not spent on the folder
    assert parcel.stat().st_mode & 0o777 == 0o600
    assert parcel.read_text(encoding="utf-8").splitlines()[1] == "王某," + "*" * 14 + "0001"
    assert run("data", "fetch", parcel_id, "--out", parcel, unit=GRANTEE).exit_code == 1

    exported = run("data", "evidence", parcel_id, "--out", evidence, unit=GRANTEE)
    assert exported.exit_code == 0, exported.output
    log, vkey = local.folder / "hub/tlog", local.folder / "hub/tlog/vkey"
    verdict = run("audit", "verify", "--log", log, "--vkey", vkey, "--exchange", evidence)
    assert verdict.exit_code == 0, verdict.output
    assert verdict.output.startswith("✓ 日志完整未改 the log holds")
    assert "\n  root " in verdict.output
    assert "the exchange is proven" in verdict.output
    over_http = run("audit", "verify", "--log", f"{local.web_address}/tlog/", "--vkey", vkey)
    assert over_http.exit_code == 0, over_http.output

    document = json.loads(evidence.read_text(encoding="utf-8"))
    document["grant"] = document["manifest"]
    evidence.write_text(json.dumps(document), encoding="utf-8")
    forged = run("audit", "verify", "--vkey", vkey, "--exchange", evidence)
    assert forged.exit_code == 1
    assert "not proven" in forged.output


def test_the_log_is_shown_and_proven(run: Run) -> None:
    assert "signature holds" in run("log", "checkpoint").output
    assert "tenancy.rooted" in run("log", "list", "--start", "0", "--limit", "3").output
    newest = [at for at in run("log", "list", "--limit", "2").output.splitlines() if ":" in at]
    indices = [int(at.split("│")[1]) for at in newest]
    assert indices == [indices[1] + 1, indices[1]]
    assert f"{indices[0] + 1} entries" in run("log", "checkpoint").output
    assert "is among" in run("log", "prove", "0").output


def test_modules_are_listed_and_adopted(run: Run) -> None:
    assert "随手拍" in run("modules", unit=GRANTEE).output
    assert "已接入" in run("adopt", "snap", unit=GRANTEE).output
    assert "stable" in run("modules", unit=GRANTEE).output
    assert "有效至" in run("renew", unit=GRANTEE).output


def test_units_are_changed_over_time_and_a_table_is_imported(
    run: Run, local: LocalHub, tmp_path: Path
) -> None:
    basis = ("--basis", "民函〔2026〕12号")

    def province(*arguments: object) -> Result:
        return run("units", *arguments, unit="province")

    assert "阳曲县" in province("show", "140100").output
    dry = province("recode", "140122", "--code", "140112", "--name", "阳曲区", *basis, "--dry-run")
    assert "预览 would be: 阳曲区 140112" in dry.output
    recoded = province("recode", "140122", "--code", "140112", "--name", "阳曲区", *basis)
    assert "已换码 recoded: 阳曲区 140112" in recoded.output
    assert "阳曲区 (140112)" in province("show", "140122").stderr
    assert "阳曲区" in province("find", "140122").output
    past = province("history", "140112").output
    assert "tenancy.rooted" in past
    assert "民函〔2026〕12号" in past
    added = word(province("add", "140112", "民政局", *basis), "t_")
    assert "停用 suspended" in province("suspend", added, *basis, "--dry-run").output
    assert province("suspend", added, *basis).exit_code == 0
    assert "已恢复" in province("resume", added, *basis).output
    assert "已撤销" in province("close", added, *basis).output
    assert "UNIT_IN_USE" in province("close", "140112", *basis).stderr

    table = tmp_path / "table.csv"
    packaged = packaged_table("divisions", "140000").decode().replace("阳曲县", "阳曲区")
    table.write_text(packaged.replace("140122,阳曲区,county", "140112,阳曲区,county"), "utf-8")
    shown = province("import", table, "--dry-run")
    assert shown.exit_code == 1
    assert "the parent of 140122" in shown.stderr
    table.write_text(
        packaged.replace("140122,阳曲区,county", "140112,阳曲区,county").replace(
            ",140122,", ",140112,"
        ),
        "utf-8",
    )
    shown = province("import", table, "--dry-run")
    assert "更名 renamed 0" in shown.output
    assert "未变 unchanged 1412" in shown.output
    assert "无变动 nothing to do" in province("import", table).output
    table.write_text(table.read_text("utf-8").replace("清源镇", "清源新镇"), "utf-8")
    assert "--basis" in province("import", table).stderr
    done = province("import", table, "--yes", *basis)
    assert "已导入 imported, table " in done.output, done.output + done.stderr


def test_units_are_added_moved_and_merged(run: Run) -> None:
    basis = ("--basis", "晋政函〔2026〕3号")

    def province(*arguments: object) -> Result:
        return run("units", *arguments, *basis, unit="province")

    extra = word(province("add", "140100", "综改示范区", "--level", "extra"), "t_")
    assert "已改隶" in province("move", extra, "140121").output
    assert "TREE_RULE" in province("move", "140121", extra).stderr
    assert "已更名" in province("rename", extra, "清徐示范区").output
    assert "已并入" in province("merge", extra, "140121").output
    assert "清徐县" in run("units", "show", "140121", "--closed", unit="province").output


def test_a_quota_is_set_shown_and_taken_back(run: Run) -> None:
    made = run("quota", "set", OWNER, "--acts", 500, unit="province")
    assert made.exit_code == 0 and "已设定 set: 小店区" in made.output
    shown = run("quota", "show").output
    assert "/ 500" in shown and "山西省: acts 500" in shown
    assert "小店区" in run("quota", "list", unit="province").output
    back = run("quota", "set", OWNER, unit="province")
    assert "已撤回 taken back" in back.output
    assert "/ 50 " in run("quota", "show").output
    refused = run("quota", "set", GRANTEE, "--acts", 500)
    assert refused.exit_code == 1 and "NOT_RELATED" in refused.output


def test_keys_are_kept_under_a_passphrase_from_enrolment_on(
    run: Run, local: LocalHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passphrases, "_opened", {})
    invitation = word(run("invite", "140300", unit="province"), "zh1.")
    assert "PASSPHRASE_NEEDED" in run("enrol", invitation, "--folder", tmp_path).stderr
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_text("第一个很长的口令 abc\n", encoding="utf-8")
    second.write_text("第二个很长的口令 abc\n", encoding="utf-8")
    kept = ("--folder", tmp_path / "unit", "--wait", "0", "--passphrase-file", first)
    pending = run("enrol", invitation, *kept)
    waiting = (tmp_path / "unit" / "enrolment.json").read_text("utf-8")
    assert "protected" in waiting
    assert "signing" not in waiting
    enrolment = next(w for w in pending.output.split() if w.startswith("e_"))
    run("approve", enrolment, unit="province")
    assert "已入网" in run("enrol", invitation, *kept).output
    identity = tmp_path / "unit" / "identity.json"
    assert '"protected"' in identity.read_text("utf-8")

    def whoami(*options: object) -> Result:
        monkeypatch.setattr(passphrases, "_opened", {})
        arguments = [str(a) for a in ("-i", identity, "-o", "王某某", *options, "whoami")]
        return CliRunner().invoke(app, arguments)

    assert "PASSPHRASE_NEEDED" in whoami().stderr
    assert "PASSPHRASE_WRONG" in whoami("--passphrase-file", second).stderr
    shown = whoami("--passphrase-file", first).output
    assert "阳泉市" in shown
    assert "INTL-1" in shown
    assert "under a passphrase" in shown
    changed = CliRunner().invoke(
        app,
        [
            *("-i", str(identity), "--passphrase-file", str(first)),
            *("passphrase", "--new-passphrase-file", str(second)),
        ],
    )
    assert changed.exit_code == 0, changed.stderr
    assert "PASSPHRASE_WRONG" in whoami("--passphrase-file", first).stderr
    assert "阳泉市" in whoami("--passphrase-file", second).output
    monkeypatch.setattr(passphrases, "_opened", {})
    with Hub.open(identity, passphrase="第二个很长的口令 abc", operator="王某某") as hub:
        assert hub.needs.file(kind="training", title="网格员培训").id
        hub.renew()
    assert '"protected"' in identity.read_text("utf-8")


def test_the_log_is_searched_and_alerts_are_raised_explained_and_closed(
    run: Run, tmp_path: Path
) -> None:
    source = tmp_path / "rows.csv"
    source.write_text("name,village\n王某某,东村\n", encoding="utf-8")
    offered = run("data", "offer", "复核名册", source)
    dataset = word(offered, "d_")
    found = run("log", "search", "--dataset", "复核名册", unit="province")
    assert "dataset.offered" in found.output and "王某某" in found.output
    assert "dataset.offered" not in run("log", "search", "--dataset", "复核", unit=GRANTEE).output

    for name in ("found.csv", "found.parquet"):
        written = run("log", "search", "--out", tmp_path / name, unit="province")
        assert written.exit_code == 0, written.output
    lines = (tmp_path / "found.csv").read_text("utf-8-sig").splitlines()
    table = duckdb.read_parquet(str(tmp_path / "found.parquet"))
    rows = table.fetchall()
    assert len(lines) == len(rows) + 1 > 3
    assert dict(zip(table.columns, rows[0], strict=True))["index"] == len(rows) - 1
    assert any("复核名册" in row for row in rows)
    assert run("log", "search", "--out", tmp_path / "found.xlsx").exit_code == 1

    seen = run("review", "who-saw", dataset, "--value", "village=东村")
    assert seen.exit_code == 0 and "枢纽不知道数据内容" in seen.output
    raised = run("review", "raise", OWNER, "--text", "目录说明太少", unit="province")
    alert = word(raised, "a_")
    assert alert in run("review", "alerts", "--state", "open").output
    assert run("review", "explain", alert, "--text", "本周补全").exit_code == 0
    own = run("review", "close", alert, "--verdict", "unfounded", "--text", "自己办结")
    assert own.exit_code == 1 and "NOT_RELATED" in own.output + str(own.stderr)
    closing = ("review", "close", alert, "--verdict", "remedied", "--text", "已补全")
    assert run(*closing, unit="province", operator="孙某某").exit_code == 0
    shown = run("review", "show", alert)
    assert "closed remedied" in shown.output and "已补全" in shown.output

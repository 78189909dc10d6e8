"""Content shredded on a legal basis: really gone from the disk, and an audit shows who and why."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from tests.integration.audit_case import shared_case
from zongheng_hub.data_folder import DataFolder
from zongheng_hub.testing import RunningHub
from zongheng_hub.tlog.fsck import verify_store
from zongheng_hub.tlog.note import CheckpointSigner
from zongheng_protos.errors import NonceReused, NotRelated, NotShreddable, StateConflict
from zongheng_protos.needs.v1.needs_pb2 import DESCRIPTOR, FileNeedRequest
from zongheng_sdk.audit import verify_log
from zongheng_sdk.methods import method_of
from zongheng_sdk.testing import LocalHub

MARKER = "须依法销毁的家庭住址"
FILE = DESCRIPTOR.services_by_name["NeedsService"].methods_by_name["FileNeed"]
BASIS = "《个人信息保护法》第四十七条，当事人申请〔2026〕12号"


@pytest.fixture
def local(tmp_path: Path) -> Iterator[LocalHub]:
    with LocalHub(tmp_path) as running:
        yield running


def bytes_on_disk(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())


def test_shredded_words_are_gone_from_the_database_and_its_wal(local: LocalHub) -> None:
    county = local.enrol("140105")
    for number in range(20):  # so that pages split and move about
        county.needs.file(kind="training", title=f"培训 {number}", detail="甲" * 600)
    need = county.needs.file(kind="funds", title=MARKER, detail=MARKER * 90)
    for number in range(20):
        county.needs.file(kind="training", title=f"培训 {number}", detail="乙" * 600)
    assert need.receipt is not None
    assert MARKER.encode() in bytes_on_disk(local.folder / "hub")

    city = local.enrol("140100")
    shredded = city.audit.shred(need.receipt.index, basis=BASIS)

    assert shredded.emptied == ("salt", "envelope", "request", "need")
    assert MARKER.encode() not in bytes_on_disk(local.folder / "hub")
    assert county.needs.get(need.id).title == "（内容已依法销毁）"
    content = county.log.content(need.receipt.index)
    assert (content.salt, content.envelope, content.request) == (b"", b"", b"")


def test_a_shredded_parcel_is_gone_and_nobody_fetches_it_any_more(tmp_path: Path) -> None:
    with shared_case(tmp_path) as case:
        parcels = case.local.folder / "hub/parcels"
        assert list(parcels.rglob("*"))
        delivered = next(
            one.index for one in case.owner.log.entries() if one.act.act == "parcel.delivered"
        )
        manifest = case.owner.log.content(delivered).request
        case.owner.audit.shred(delivered, basis=BASIS)
        assert not list(parcels.rglob("*"))
        assert manifest[-40:] not in bytes_on_disk(case.local.folder / "hub")
        with pytest.raises(StateConflict, match="shredded"):
            case.grantee.sharing.fetch(case.parcel_id)


def test_the_log_goes_on_to_verify_and_an_audit_shows_who_shredded_what_and_why(
    tmp_path: Path,
) -> None:
    with shared_case(tmp_path) as case:
        filed = next(one.index for one in case.owner.log.entries() if one.act.act == "need.filed")
        shredding = case.owner.audit.shred(filed, basis=BASIS).receipt
        made = case.local.province.audit.export(
            reason="案号 9", tenant_id=case.owner.identity.tenant, act="need.filed"
        )
        assert made.verdict.ok, str(made.verdict)
        (shown,) = made.verdict.shredded
        assert (shown.index, shown.by, shown.basis) == (filed, shredding.index, BASIS)
        assert (shown.actor, shown.operator) == (case.owner.identity.tenant, "测试员")
        assert BASIS in str(made.verdict)
        case.local.province.log.prove(filed)
        running = cast(RunningHub, case.local._running)
        folder = DataFolder(case.local.folder / "hub")
        assert verify_log(folder.tlog, case.owner.identity.log_vkey).ok
        hub = running.hub
        assert hub.kernel is not None
        signer = CheckpointSigner(folder.log_key(), folder.about().origin)
        store = hub.kernel._recorder._store
        assert running.run(store.read(lambda c: verify_store(c, signer))).faults == ()


def test_what_was_done_is_not_done_again_though_its_content_is_gone(local: LocalHub) -> None:
    county = local.enrol("140105")
    session, method = county._session, method_of(FILE)
    body = FileNeedRequest(
        kind="NEED_KIND_TRAINING", title="网格员操作培训", urgency="URGENCY_NORMAL"
    ).SerializeToString()
    act = session.sign(method.path, body)
    _, receipt = county._run(session.exchange(method, body, signed=[act]))
    county.audit.shred(receipt.index, basis=BASIS)
    with pytest.raises(NonceReused):
        county._run(session.exchange(method, body, signed=[act]))
    assert len(county.needs.list()) == 1


def test_only_the_unit_and_those_above_shred_and_never_what_others_rest_on(
    local: LocalHub,
) -> None:
    county, neighbour = local.enrol("140105"), local.enrol("140106")
    need = county.needs.file(kind="training", title="网格员操作培训")
    assert need.receipt is not None
    with pytest.raises(NotRelated):
        neighbour.audit.shred(need.receipt.index, basis=BASIS)
    with pytest.raises(NotShreddable, match="others rest on it"):
        local.province.audit.shred(0, basis=BASIS)
    shredding = county.audit.shred(need.receipt.index, basis=BASIS)
    with pytest.raises(NotShreddable, match="before"):
        county.audit.shred(need.receipt.index, basis=BASIS)
    with pytest.raises(NotShreddable):
        local.province.audit.shred(shredding.receipt.index, basis=BASIS)


def test_the_command_line_shreds(local: LocalHub) -> None:
    county = local.enrol("140105")
    need = county.needs.file(kind="training", title="网格员操作培训")
    assert need.receipt is not None
    zongheng = Path(sys.executable).with_name("zongheng")
    identity = local.folder / "units/140105/identity.json"
    command = [str(zongheng), "-i", str(identity), "-o", "管理员", "audit", "shred"]
    command += [str(need.receipt.index), "--basis", BASIS, "--yes"]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
    assert "salt, envelope, request, need" in told.stdout


def test_on_postgresql_a_package_holds_and_shows_what_was_shredded(
    tmp_path: Path, postgresql_url: str
) -> None:
    with shared_case(tmp_path, database=postgresql_url) as case:
        filed = next(one.index for one in case.owner.log.entries() if one.act.act == "need.filed")
        shredded = case.owner.audit.shred(filed, basis=BASIS)
        assert "need" in shredded.emptied
        made = case.local.province.audit.export(
            reason="案号 9", tenant_id=case.owner.identity.tenant
        )
        assert made.verdict.ok, str(made.verdict)
        assert [one.index for one in made.verdict.shredded] == [filed]
        assert [one.parcel_id for one in made.verdict.showings] == [case.parcel_id]
        assert case.grantee.audit.look() > 0

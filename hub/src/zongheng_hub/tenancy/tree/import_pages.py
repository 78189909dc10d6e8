"""A division table in the console: chosen or pasted, its differences looked at, then carried out.

The file travels as text fields of an ordinary form: a multipart one could name any codec, and
without script a table can still be pasted.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import cast

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from zongheng_hub.web.console import Console, Pages, Visit, refusal, see
from zongheng_hub.web.dates import parse_day
from zongheng_hub.web.doors import holds
from zongheng_hub.web.need_form import new_nonce, nonce_of
from zongheng_hub.web.unit_form import BASIS_LEAST, Filled
from zongheng_protos.errors import ZonghengError
from zongheng_protos.options.v1 import options_pb2 as options
from zongheng_protos.tenancy.v1 import tree_pb2 as pb

TREE = "/zongheng.tenancy.v1.TreeService/"
SHOWN_MOST = 500
MOST_BYTES = 2_900_000
"""Of a table; more than that goes by the command line."""
FIELDS = ("file64", "table", "legal_basis", "effective_on", "note", "nonce")
CHANGES = {
    pb.TREE_CHANGE_ADDED: ("新增", "done"),
    pb.TREE_CHANGE_RENAMED: ("更名", "run"),
    pb.TREE_CHANGE_RECODED: ("换码", "run"),
    pb.TREE_CHANGE_MOVED: ("改隶", "run"),
    pb.TREE_CHANGE_MERGED: ("并入", "soon"),
    pb.TREE_CHANGE_GONE: ("撤销", "late"),
}


def import_pages(console: Console) -> Pages:
    """/units/import, for the province."""
    router = APIRouter()

    @router.get("/units/import", dependencies=[holds(options.RIGHT_ADMINISTER)])
    async def ask(request: Request) -> Response:
        visit, _ = await console.signed_in(request)
        filled = Filled(dict.fromkeys(FIELDS, "") | {"nonce": new_nonce()})
        return form_page(visit, request, filled, done=request.query_params.get("done", "") == "1")

    @router.post("/units/import", dependencies=[holds(options.RIGHT_ADMINISTER)])
    async def act(request: Request) -> Response:
        visit, session, fields = await console.form(request, longest=2 * MOST_BYTES)
        filled, table = _read(fields, visit)
        if not _is_province(visit):  # the hub would refuse it as well
            return form_page(visit, request, filled)
        if filled.faults or fields.get("step") == "edit":
            return form_page(visit, request, filled, status=422 if filled.faults else 200)
        try:
            if fields.get("step") == "do":
                wanted = _import_request(filled.values, table, fields.get("diff", ""))
                await console.desk.call(
                    session, f"{TREE}ImportTree", wanted, nonce=nonce_of(fields)
                )
                return see("/units/import?done=1")
            preview = pb.PreviewImportRequest(table=table)
            shown = await console.desk.call(session, f"{TREE}PreviewImport", preview)
        except ZonghengError as error:
            refused = (refusal(error, visit.words), error.message)
            return form_page(visit, request, filled, status=422, refused=refused)
        diff = cast(pb.PreviewImportReply, shown)
        return console.page(
            visit,
            request,
            "import_preview.html",
            filled=filled,
            diff=diff,
            rows=diff.differences[:SHOWN_MOST],
            counts=_counts(diff),
            changes=CHANGES,
        )

    def form_page(
        visit: Visit,
        request: Request,
        filled: Filled,
        *,
        status: int = 200,
        refused: tuple[str, str] | None = None,
        done: bool = False,
    ) -> Response:
        return console.page(
            visit,
            request,
            "import.html",
            status,
            filled=filled,
            refused=refused,
            done=done,
            may_import=_is_province(visit),
        )

    return Pages(router)


def _is_province(visit: Visit) -> bool:
    return visit.session is not None and not visit.units[visit.session.tenant].parent_id


def _read(fields: Mapping[str, str], visit: Visit) -> tuple[Filled, bytes]:
    values = {name: fields.get(name, "").strip() for name in FIELDS}
    table, faults = values["table"].encode(), {}
    if values["file64"]:
        try:
            table = base64.b64decode(values["file64"], altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            table = b""
        values["table"] = ""
    if not table:
        faults["table"] = "选一张区划表，或把它粘贴进来"
    elif len(table) > MOST_BYTES:
        faults["table"] = "表太大：请用命令行导入"
    if len(values["legal_basis"]) < BASIS_LEAST:
        faults["legal_basis"] = "写依据，例如“民函〔2026〕12号”"
    if values["effective_on"]:
        day = parse_day(values["effective_on"])
        if day is None:
            faults["effective_on"] = "日期写成2026-11-01这样"
        elif day > visit.today:
            faults["effective_on"] = "还没到生效的日子，到那天再办"
    return Filled(values, faults), table


def _import_request(values: Mapping[str, str], table: bytes, diff: str) -> pb.ImportTreeRequest:
    is_hash = len(diff) == 64 and not set(diff) - set("0123456789abcdef")
    return pb.ImportTreeRequest(
        table=table,
        diff_sha256=bytes.fromhex(diff) if is_hash else bytes(32),
        basis=pb.Basis(
            legal_basis=values["legal_basis"],
            effective_on=values["effective_on"],
            note=values["note"],
        ),
    )


def _counts(diff: pb.PreviewImportReply) -> dict[int, int]:
    return dict(
        zip(
            CHANGES,
            (diff.added, diff.renamed, diff.recoded, diff.moved, diff.merged, diff.gone),
            strict=True,
        )
    )

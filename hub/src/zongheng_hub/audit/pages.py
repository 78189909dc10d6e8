"""Shredding in the console: what is deleted for good, on which basis, asked before it happens."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from zongheng_hub.audit.rules import MOST_BASIS, may_be_shredded
from zongheng_hub.web.console import Console, Pages, refusal, see
from zongheng_hub.web.doors import holds
from zongheng_hub.web.need_form import new_nonce, nonce_of
from zongheng_hub.web.ports import LogBook, LogQuery
from zongheng_protos.audit.v1 import audit_pb2 as pb
from zongheng_protos.errors import NotFound, ZonghengError
from zongheng_protos.options.v1 import options_pb2 as options
from zongheng_protos.tlog.v1 import leaf_pb2

SHRED = "/zongheng.audit.v1.AuditService/ShredContent"


def shred_pages(console: Console, book: LogBook) -> Pages:
    """/log/{index}/shred."""
    router = APIRouter()

    async def form_page(
        request: Request,
        index: int,
        basis: str = "",
        *,
        fault: str = "",
        refused: tuple[str, str] | None = None,
    ) -> Response:
        visit, _ = await console.signed_in(request)
        found = await book.search(LogQuery(below=index + 1), limit=1)
        if not found.rows or found.rows[0].index != index:
            raise NotFound(f"the log has no entry {index}")
        leaf = leaf_pb2.Leaf.FromString(found.rows[0].leaf)
        return console.page(
            visit,
            request,
            "shred.html",
            422 if fault or refused else 200,
            index=index,
            leaf=leaf,
            possible=may_be_shredded(leaf.act),
            basis=basis,
            most=MOST_BASIS,
            nonce=new_nonce(),
            fault=fault,
            refused=refused,
        )

    @router.get("/log/{index}/shred", dependencies=[holds(options.RIGHT_ADMINISTER)])
    async def ask(index: int, request: Request) -> Response:
        return await form_page(request, _checked(index))

    @router.post("/log/{index}/shred", dependencies=[holds(options.RIGHT_ADMINISTER)])
    async def act(index: int, request: Request) -> Response:
        visit, session, fields = await console.form(request)
        basis = fields.get("basis", "").strip()
        if len(basis) < 4:
            return await form_page(request, _checked(index), basis, fault="写明法律依据")
        message = pb.ShredContentRequest(index=_checked(index), basis=basis)
        try:
            await console.desk.call(session, SHRED, message, nonce=nonce_of(fields))
        except ZonghengError as error:
            said = (refusal(error, visit.words), error.message)
            return await form_page(request, index, basis, refused=said)
        return see(f"/log/{index}")

    return Pages(router)


def _checked(index: int) -> int:
    """Raises NotFound for what no database or message takes as an index."""
    if not 0 <= index < 10**18:
        raise NotFound(f"the log has no entry {index}")
    return index

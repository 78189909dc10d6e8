"""The module as the hub loads it: manifest, handlers, tables."""

from __future__ import annotations

import json

from zongheng_module_api import Effect, Manifest, Module, ModuleContext, Transaction, hookimpl
from zongheng_module_snap import rules, service
from zongheng_module_snap.tables import metadata
from zongheng_module_snap.v1 import snap_pb2 as pb
from zongheng_tenants.ids import new_id

_PAGE = 100

MANIFEST = Manifest(
    id="snap",
    title="随手拍",
    title_en="Snap",
    owner="省数据局",
    version="1.0.0",
    summary="群众拍照反映身边问题，县里受理、答复、办结。",
    settings_schema=json.dumps(
        {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "greeting": {"type": "string", "maxLength": 200, "default": "谢谢你的反映。"},
            },
        },
        ensure_ascii=False,
    ),
)


async def list_categories(
    context: ModuleContext, request: pb.ListCategoriesRequest
) -> pb.ListCategoriesReply:
    reply = pb.ListCategoriesReply()
    for identifier, title in rules.CATEGORIES:
        reply.categories.add(id=identifier, title=title)
    return reply


async def file_report(context: ModuleContext, request: pb.FileReportRequest) -> pb.FileReportReply:
    report_id = new_id("r", now_ms=context.now_ms)

    def work(tx: Transaction) -> Effect:
        service.file_report(
            tx, id=report_id, tenant=context.tenant, now_ms=context.now_ms, request=request
        )
        return Effect(pb.FileReportReply(report_id=report_id), subject=report_id)

    reply = await context.act(work)
    assert isinstance(reply, pb.FileReportReply)
    return reply


async def get_report(context: ModuleContext, request: pb.GetReportRequest) -> pb.GetReportReply:
    found = await context.read(
        lambda connection: service.get_report(
            connection, tenant=context.tenant, id=request.report_id
        )
    )
    return pb.GetReportReply(report=found)


async def list_reports(
    context: ModuleContext, request: pb.ListReportsRequest
) -> pb.ListReportsReply:
    page, token, total = await context.read(
        lambda connection: service.list_reports(
            connection,
            tenant=context.tenant,
            state=request.state,
            after=request.page_token,
            limit=request.page_size or _PAGE,
        )
    )
    return pb.ListReportsReply(reports=page, next_page_token=token, total=total)


async def answer_report(
    context: ModuleContext, request: pb.AnswerReportRequest
) -> pb.AnswerReportReply:
    def work(tx: Transaction) -> Effect:
        report = service.answer_report(
            tx,
            tenant=context.tenant,
            id=request.report_id,
            state=request.state,
            answer=request.answer,
        )
        return Effect(pb.AnswerReportReply(report=report), subject=report.id)

    reply = await context.act(work)
    assert isinstance(reply, pb.AnswerReportReply)
    return reply


@hookimpl
def zongheng_module() -> Module:
    return Module(
        manifest=MANIFEST,
        service=pb.DESCRIPTOR.services_by_name["SnapService"],
        handlers={
            "ListCategories": list_categories,
            "FileReport": file_report,
            "GetReport": get_report,
            "ListReports": list_reports,
            "AnswerReport": answer_report,
        },
        tables=metadata,
    )

"""Filing, reading and answering reports: one transaction each, one tenant's rows each."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from zongheng_module_api import Transaction
from zongheng_module_snap import rules
from zongheng_module_snap.tables import report
from zongheng_module_snap.v1 import snap_pb2 as pb
from zongheng_protos.errors import NotFound


def file_report(
    tx: Transaction, *, id: str, tenant: str, now_ms: int, request: pb.FileReportRequest
) -> None:
    """Keep a new report of a tenant."""
    tx.insert(
        report,
        {
            "id": id,
            "tenant": tenant,
            "source_id": request.source_id,
            "category": rules.category_of(request.category),
            "title": request.title,
            "detail": request.detail,
            "reported_ms": request.reported_ms or now_ms,
            "filed_ms": now_ms,
            "state": pb.REPORT_STATE_FILED,
            "answer": "",
        },
    )


def get_report(connection: Connection, *, tenant: str, id: str) -> pb.Report:
    """A tenant's report.

    Raises:
        NotFound: this tenant has none with that id.
    """
    row = connection.execute(
        select(report).where(report.c.tenant == tenant, report.c.id == id)
    ).first()
    if row is None:
        raise NotFound(f"no report {id} of this unit")
    return _as_report(row)


def list_reports(
    connection: Connection, *, tenant: str, state: int, after: str, limit: int
) -> tuple[list[pb.Report], str, int]:
    """A page of a tenant's reports by id, the token of the next page, and how many there are."""
    chosen = report.c.tenant == tenant
    if state:
        chosen = chosen & (report.c.state == state)
    total = connection.execute(select(func.count()).select_from(report).where(chosen)).scalar_one()
    rows = connection.execute(
        select(report).where(chosen, report.c.id > after).order_by(report.c.id).limit(limit + 1)
    ).all()
    page = [_as_report(row) for row in rows[:limit]]
    return page, page[-1].id if len(rows) > limit else "", total


def answer_report(tx: Transaction, *, tenant: str, id: str, state: int, answer: str) -> pb.Report:
    """Answer a tenant's report and move it on.

    Raises:
        NotFound: this tenant has none with that id.
        StateConflict: it cannot move there.
    """
    row = tx.one(select(report).where(report.c.tenant == tenant, report.c.id == id))
    if row is None:
        raise NotFound(f"no report {id} of this unit")
    rules.check_step(row.state, state)
    tx.execute(
        update(report)
        .where(report.c.tenant == tenant, report.c.id == id)
        .values(state=state, answer=answer)
    )
    changed = _as_report(row)
    changed.state = state  # type: ignore[assignment]  # a number of the enum
    changed.answer = answer
    return changed


def _as_report(row: Row[Any]) -> pb.Report:
    return pb.Report(
        id=row.id,
        source_id=row.source_id,
        category=row.category,
        title=row.title,
        detail=row.detail,
        reported_ms=row.reported_ms,
        filed_ms=row.filed_ms,
        state=row.state,
        answer=row.answer,
    )

"""The life of an alert: raised, explained, closed, each step an act."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from zongheng_hub.review import rules
from zongheng_hub.review.rules import Finding
from zongheng_hub.review.tables import ALERT, ALERT_STEP
from zongheng_hub.store import Tx
from zongheng_protos.errors import Invalid, NotFound
from zongheng_protos.review.v1 import review_pb2 as pb
from zongheng_tenants.ids import new_id

RAISED, EXPLAINED, CLOSED = "alert.raised", "alert.explained", "alert.closed"
_FEW = 500

Who = tuple[str, str]
"""A tenant and its operator."""
Reply = pb.RaiseAlertReply | pb.ExplainAlertReply | pb.CloseAlertReply


def raise_alert(tx: Tx, index: int, finding: Finding, text: str, who: Who, now_ms: int) -> pb.Alert:
    """Raise an alert. Raises Invalid: it names entries that the log does not have."""
    if any(entry >= index for entry in finding.entries):
        raise Invalid("an alert names entries that are in the log")
    identifier = new_id("a", now_ms=now_ms)
    tx.execute(
        insert(ALERT).values(
            id=identifier,
            key=finding.key or identifier,
            rule=finding.rule,
            state=pb.ALERT_STATE_OPEN,
            verdict=0,
            tenant_id=finding.tenant,
            subject=finding.subject,
            entries=list(finding.entries),
            figures=dict(finding.figures),
            raised_ms=now_ms,
            raised_index=index,
        )
    )
    _step(tx, index, identifier, RAISED, who, text, now_ms)
    return alert(tx.connection, identifier)


def explain(tx: Tx, index: int, alert_id: str, text: str, who: Who, now_ms: int) -> pb.Alert:
    """Say what was behind it. Raises NotFound, StateConflict."""
    rules.check_explainable(alert(tx.connection, alert_id).state)
    tx.execute(update(ALERT).where(ALERT.c.id == alert_id).values(state=pb.ALERT_STATE_EXPLAINED))
    _step(tx, index, alert_id, EXPLAINED, who, text, now_ms)
    return alert(tx.connection, alert_id)


def close(
    tx: Tx,
    index: int,
    request: pb.CloseAlertRequest,
    who: Who,
    ancestors: Sequence[str],
    now_ms: int,
) -> pb.Alert:
    """Give the verdict. Raises what rules.check_closable raises, NotFound."""
    found = alert(tx.connection, request.alert_id)
    explainers = {(s.tenant_id, s.operator) for s in found.steps if s.act == EXPLAINED}
    rules.check_closable(found.state, found.tenant_id, who, ancestors, explainers)
    tx.execute(
        update(ALERT)
        .where(ALERT.c.id == found.id)
        .values(state=pb.ALERT_STATE_CLOSED, verdict=request.verdict)
    )
    _step(tx, index, found.id, CLOSED, who, request.text, now_ms)
    return alert(tx.connection, found.id)


def alert(connection: Connection, alert_id: str) -> pb.Alert:
    """An alert with its steps. Raises NotFound."""
    row = connection.execute(select(ALERT).where(ALERT.c.id == alert_id)).first()
    if row is None:
        raise NotFound(f"there is no alert {alert_id}")
    found = _as_alert(row)
    steps = select(ALERT_STEP).where(ALERT_STEP.c.alert_id == alert_id)
    for step in connection.execute(steps.order_by(ALERT_STEP.c.log_index)):
        found.steps.add(
            act=step.act,
            tenant_id=step.tenant_id,
            operator=step.operator,
            text=step.text,
            time_ms=step.at_ms,
            log_index=step.log_index,
        )
    return found


def alerts(
    connection: Connection,
    request: pb.ListAlertsRequest,
    scope: Collection[str] | None,
    limit: int,
) -> pb.ListAlertsReply:
    """Alerts about the units of a scope (None: all), the newest first."""
    about = _about(scope)
    wanted = list(about)
    if request.state:
        wanted.append(ALERT.c.state == request.state)
    if request.rule:
        wanted.append(ALERT.c.rule == request.rule)
    if request.tenant_id:
        wanted.append(ALERT.c.tenant_id == request.tenant_id)
    if request.page_token:
        wanted.append(ALERT.c.raised_index < int(request.page_token))
    query = select(ALERT).where(*wanted).order_by(ALERT.c.raised_index.desc()).limit(limit + 1)
    rows = connection.execute(query).all()
    states = select(ALERT.c.state, func.count()).where(*about).group_by(ALERT.c.state)
    counted: dict[int, int] = dict((*row,) for row in connection.execute(states))
    return pb.ListAlertsReply(
        alerts=[_as_alert(row) for row in rows[:limit]],
        next_page_token=str(rows[limit - 1].raised_index) if len(rows) > limit else "",
        open=counted.get(pb.ALERT_STATE_OPEN, 0),
        explained=counted.get(pb.ALERT_STATE_EXPLAINED, 0),
    )


def known(connection: Connection, keys: Collection[str]) -> set[str]:
    """Which of these findings have been raised."""
    listed, found = sorted(keys), set[str]()
    for at in range(0, len(listed), _FEW):
        few = select(ALERT.c.key).where(ALERT.c.key.in_(listed[at : at + _FEW]))
        found.update(connection.scalars(few))
    return found


def _about(scope: Collection[str] | None) -> list[ColumnElement[bool]]:
    return [] if scope is None else [ALERT.c.tenant_id.in_(sorted(scope))]


def _step(tx: Tx, index: int, alert_id: str, act: str, who: Who, text: str, now_ms: int) -> None:
    tx.execute(
        insert(ALERT_STEP).values(
            log_index=index,
            alert_id=alert_id,
            act=act,
            tenant_id=who[0],
            operator=who[1],
            text=text,
            at_ms=now_ms,
        )
    )


def _as_alert(row: Any) -> pb.Alert:
    figures: Mapping[str, int] = row.figures
    return pb.Alert(
        id=row.id,
        rule=row.rule,
        state=row.state,
        tenant_id=row.tenant_id,
        subject=row.subject,
        entries=row.entries,
        figures=figures,
        raised_ms=row.raised_ms,
        verdict=row.verdict,
    )

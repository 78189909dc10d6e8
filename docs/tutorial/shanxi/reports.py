"""Reports: every county adopts the module snap, files its citizens' reports, reads them back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeVar

from shanxi.enrolment import OPERATOR, Unit
from shanxi.failure import DemoFailed
from shanxi.messages import Message
from zongheng_sdk import AsyncHub

MODULE = "snap"
COUNTIES_AT_ONCE = 8
CALLS_AT_ONCE = 8
PATIENCE_SECONDS = 60.0
PAGE = 500

T = TypeVar("T")


async def adopt_everywhere(counties: Sequence[Unit], tell: Callable[[int], None]) -> None:
    """Every county adopts the module."""

    async def adopt(county: Unit) -> None:
        async with AsyncHub.open(county.identity, operator=OPERATOR) as hub:
            await hub.catalogue.adopt(MODULE)
        tell(1)

    await _some_at_once(adopt(county) for county in counties)


async def file_all(
    counties: Sequence[Unit], messages: Sequence[Message], tell: Callable[[int], None]
) -> None:
    """File every message, dealt out to the counties in turn, through each county's outbox."""

    async def file(county: Unit, its: Sequence[Message]) -> None:
        async with AsyncHub.open(county.identity, operator=OPERATOR) as hub:
            outbox = hub.outbox(county.identity.with_name("outbox.sqlite3"))
            try:
                snap = await outbox.module(MODULE)
                await outbox.put_all(snap.file_report, [(one.id, _fields(one)) for one in its])
                flushed = await outbox.flush(concurrency=CALLS_AT_ONCE, patience=PATIENCE_SECONDS)
                refused = await outbox.entries("refused")
            finally:
                outbox.close()
        if flushed.sent != len(its):
            why = refused[0].message if refused else "the hub did not answer"
            raise DemoFailed(f"{county.tenant.name} filed {flushed.sent} of {len(its)}: {why}")
        tell(len(its))

    await _some_at_once(file(county, its) for county, its in dealt(counties, messages))


async def read_back(
    counties: Sequence[Unit], messages: Sequence[Message], tell: Callable[[int], None]
) -> int:
    """Read every report from the hub, one by one; gives how many there are.

    Raises:
        DemoFailed: one is missing, there twice, or not what was filed.
    """

    async def read(county: Unit, its: Sequence[Message]) -> int:
        async with AsyncHub.open(county.identity) as hub:
            snap = await hub.module(MODULE)
            ids: list[str] = []
            page = await snap.list_reports(page_size=PAGE)
            ids += [report.id for report in page.reports]
            while page.next_page_token:
                page = await snap.list_reports(page_size=PAGE, page_token=page.next_page_token)
                ids += [report.id for report in page.reports]
            reports = [(await snap.get_report(report_id=one)).report for one in ids]
        there = sorted((r.source_id, r.title, r.detail, r.reported_ms) for r in reports)
        meant = sorted((m.id, m.title, m.detail, m.reported_ms) for m in its)
        if there != meant:
            raise DemoFailed(
                f"{county.tenant.name} filed {len(meant)} reports and reads {len(there)} back: "
                "they are not the same"
            )
        tell(len(its))
        return len(reports)

    dealing = dealt(counties, messages)
    return sum(await _some_at_once(read(county, its) for county, its in dealing))


def dealt(
    counties: Sequence[Unit], messages: Sequence[Message]
) -> list[tuple[Unit, Sequence[Message]]]:
    """Each county with its messages: the first to the first, and round again."""
    return [(county, messages[n :: len(counties)]) for n, county in enumerate(counties)]


def _fields(message: Message) -> dict[str, object]:
    return {
        "source_id": message.id,
        "title": message.title,
        "detail": message.detail,
        "reported_ms": message.reported_ms,
    }


async def _some_at_once(jobs: Iterable[Awaitable[T]]) -> list[T]:
    limit = asyncio.Semaphore(COUNTIES_AT_ONCE)

    async def one(job: Awaitable[T]) -> T:
        async with limit:
            return await job

    return await asyncio.gather(*map(one, jobs))

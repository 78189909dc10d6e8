"""The story in its order: hub, enrolment, reports, a need, sharing, audit, summary."""

from __future__ import annotations

import asyncio
import signal
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from shanxi.audit import audit_offline
from shanxi.enrolment import enrol_province
from shanxi.failure import DemoFailed
from shanxi.hub import PROVINCE, HubProcess, start_hub
from shanxi.messages import Message, read_messages
from shanxi.needs import close_a_need, file_needs
from shanxi.reports import adopt_everywhere, file_all, read_back
from shanxi.sharing import make_households, share
from shanxi.summary import Summary, show, write_json

CITIES_AND_COUNTIES = 128
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says; see __main__.py."""

    once: bool
    data: Path | None
    json: Path | None
    messages: Path
    database: str | None
    port: int
    web_port: int


@dataclass(slots=True)
class Steps:
    """Tells and times each step."""

    console: Console
    spent: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str, title: str) -> Iterator[None]:
        self.console.print(f"[bold cyan]▸[/] {title}")
        started = time.monotonic()
        yield
        self.spent[name] = time.monotonic() - started

    def counted(
        self,
        name: str,
        title: str,
        total: int,
        work: Callable[[Callable[[int], None]], Coroutine[None, None, T]],
    ) -> T:
        """Run work with a progress bar that it moves on."""
        columns = (TextColumn("  {task.description}"), BarColumn(), MofNCompleteColumn())
        started = time.monotonic()
        with Progress(*columns, TimeElapsedColumn(), console=self.console) as progress:
            task = progress.add_task(title, total=total)
            result = asyncio.run(work(lambda done: progress.update(task, advance=done)))
        self.spent[name] = time.monotonic() - started
        return result


def tell(options: Options, console: Console) -> None:
    """Play the story; serve the console afterwards unless it is to be told once.

    Raises:
        DemoFailed, ZonghengError: what stopped it, and what to do.
    """
    messages = read_messages(options.messages)
    if options.json:
        _check_writable(options.json)
    with _folder(options.data) as folder:
        console.print(f"[bold cyan]▸[/] Starting a hub for {PROVINCE} 山西省 in {folder}")
        started = time.monotonic()
        hub = start_hub(
            folder / "hub",
            port=options.port,
            web_port=options.web_port,
            database=options.database,
        )
        try:
            steps = Steps(console)
            summary, tree = _play(hub, folder, messages, steps, started)
            show(summary, console, tree=tree, spent=steps.spent)
            if options.json:
                write_json(summary, options.json)
            if not summary.verified:
                raise DemoFailed("The audit found the log or the exchange wanting; see above.")
            if not options.once:
                _serve(hub, console)
        finally:
            hub.stop()


def _play(
    hub: HubProcess, folder: Path, messages: list[Message], steps: Steps, started: float
) -> tuple[Summary, int]:
    units = folder / "units"
    province = steps.counted(
        "enrol",
        "Enrolling cities and counties 市县入网",
        CITIES_AND_COUNTIES,
        lambda tell: enrol_province(hub.province_identity, units, tell),
    )
    counties, count = province.counties, len(messages)
    steps.counted(
        "adopt",
        "Adopting module snap 接入随手拍",
        len(counties),
        lambda tell: adopt_everywhere(counties, tell),
    )
    steps.counted(
        "file", "Filing reports 上报", count, lambda tell: file_all(counties, messages, tell)
    )
    filed = steps.counted(
        "read", "Reading back 读回", count, lambda tell: read_back(counties, messages, tell)
    )
    with steps.step("need", f"{counties[0].tenant.name} files a need 需求直报、资源反哺"):
        need, clock = close_a_need(counties[0], province.identity)
        still_open = file_needs(counties[1:])
    steps.console.print(
        f"  {need.title}: answer due {clock.due} ({clock.limit_days} working days 个工作日), "
        f"{len(need.resources)} resources came back, confirmed 已确认",
        soft_wrap=True,
    )
    steps.console.print(f"  {still_open} more counties filed one each, to be seen in the console")
    owner, grantee = counties[1], counties[2]
    with steps.step("share", f"{owner.tenant.name} → {grantee.tenant.name}: data 数据互通"):
        households = owner.identity.with_name("households.sqlite3")
        make_households(households)
        shared = share(owner, grantee, households)
    steps.console.print(
        f"  {shared.rows:,} of 10,000 rows, 3 of 6 fields, names masked, sealed 封装送达"
    )
    with steps.step("audit", "The auditor verifies with the log's key alone 离线审计"):
        audited = audit_offline(province.identity, hub.log, shared.parcel_id, folder / "auditor")
    for line in audited.told():
        steps.console.print(f"  {line}", markup=False, soft_wrap=True)
    summary = Summary(
        tenants=province.enrolled,
        reports_filed=filed,
        needs_closed=1,
        rows_shared=shared.rows,
        log_size=audited.log_size,
        verified=audited.verified,
        seconds=round(time.monotonic() - started, 1),
    )
    return summary, province.tree


def _serve(hub: HubProcess, console: Console) -> None:
    """Give the console's address and links, then wait for Ctrl-C."""
    county = "140105"
    people = [
        ("province 省级", PROVINCE, "赵某某"),
        ("county 县级", county, "李某某"),
    ]
    console.print(f"\n[bold]Console 控制台[/] {hub.web}")
    for who, tenant, operator in people:
        link = hub.sign_in_link(tenant, operator)
        console.print(f"  {who}, {operator}: {link}", soft_wrap=True)
    console.print(f"  auditor 审计: {hub.web}/log needs no sign-in 无需登录", soft_wrap=True)
    console.print("Each link works once, within 15 minutes. 链接只能用一次。Ctrl-C ends 结束。")
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        code = hub.process.wait()
    except KeyboardInterrupt:
        console.print("\nStopping the hub 正在停止")
        return
    raise DemoFailed(f"The hub ended by itself with code {code}; see {hub.folder / 'hub.log'}")


@contextmanager
def _folder(data: Path | None) -> Iterator[Path]:
    if data is None:
        with tempfile.TemporaryDirectory(prefix="zongheng-shanxi-") as temporary:
            yield Path(temporary)
        return
    if data.exists() and (not data.is_dir() or any(data.iterdir())):
        raise DemoFailed(
            f"{data} is not empty. Name a new folder, or serve what is there: "
            f"zongheng-hub serve --data {data / 'hub'}"
        )
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DemoFailed(f"{data} cannot be made: {error.strerror}. Name another.") from error
    yield data


def _check_writable(path: Path) -> None:
    """So that a wrong name is told before the work, not after."""
    if not path.parent.is_dir() or path.is_dir():
        raise DemoFailed(f"{path} cannot be written: name a file in a folder that exists.")

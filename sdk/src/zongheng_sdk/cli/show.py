"""How the command line speaks: tables, a green line for what was done, a red one for failure."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from zongheng_protos.errors import ZonghengError
from zongheng_sdk.package_times import BEIJING as BEIJING
from zongheng_sdk.package_times import moment as moment
from zongheng_sdk.receipts import Receipt

WIDE = 10_000
OTHER_COLUMN = 8
_IDS = re.compile(r"[a-z]_[0-9a-z]+(, [a-z]_[0-9a-z]+)*")
_NOTHING = ("", "–")


def console(*, at_least: int = 0) -> Console:
    """Stdout: a terminal as wide as it is, or at_least; anything else takes lines unbroken."""
    out = Console(highlight=False)
    out.width = max(out.width, at_least) if sys.stdout.isatty() else WIDE
    return out


def done(text: str, receipt: Receipt | None = None) -> None:
    """What was done, with its place in the log."""
    place = "" if receipt is None else f"  [dim]存证 log entry {receipt.index}[/]"
    console().print(f"[green]✓[/] {escape(text)}{place}", soft_wrap=True)


@contextmanager
def waiting(text: str) -> Iterator[Callable[[float], None]]:
    """A line that says how long it has waited, on a terminal; what is yielded is told the time."""
    out = Console(stderr=True, highlight=False)
    with out.status(f"{escape(text)} 0:00") as status:

        def progress(seconds: float) -> None:
            minutes, rest = divmod(int(seconds), 60)
            status.update(f"{escape(text)} {minutes}:{rest:02d}")

        yield progress


def line(text: str) -> None:
    """Plain text that a script may read."""
    console().print(escape(text), soft_wrap=True)


def refused(error: ZonghengError) -> None:
    """One red line with the reason, then what to do, on stderr."""
    errors = Console(stderr=True, highlight=False)
    errors.print(
        f"[bold red]✗ {error.reason_name}[/] [red]{escape(error.message)}[/]", soft_wrap=True
    )
    if error.advice:
        errors.print(f"  {escape(error.advice_zh)}", soft_wrap=True)
        errors.print(f"  [dim]{escape(error.advice)}[/]", soft_wrap=True)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table, or a line that says that there is nothing; ids in it are never broken."""
    listed = [[escape(str(value)) for value in row] for row in rows]
    if not listed:
        console().print(f"[dim]{escape(title)}: 暂无 nothing yet[/]")
        return
    made = Table(title=title, title_justify="left", header_style="bold", show_header=any(columns))
    needed = 1
    for column, cells in zip(columns, zip(*listed, strict=True), strict=True):
        ids = _are_ids(cells)
        made.add_column(column, overflow="fold", no_wrap=ids)
        needed += 3 + (max(map(cell_len, (column, *cells))) if ids else OTHER_COLUMN)
    for row in listed:
        made.add_row(*row)
    console(at_least=needed).print(made)


def _are_ids(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell not in _NOTHING]
    return bool(filled) and all(_IDS.fullmatch(cell) for cell in filled)

"""Citizens' reports from a CSV file (RFC 4180, UTF-8); all of it is checked before any is filed."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from shanxi.failure import DemoFailed

COLUMNS = ("id", "title", "time", "detail")
BEIJING = timezone(timedelta(hours=8))
LONGEST = {"id": 64, "title": 200, "detail": 10_000}


@dataclass(frozen=True, slots=True)
class Message:
    """One report as the citizen wrote it; reported_ms is Unix time in milliseconds."""

    id: str
    title: str
    detail: str
    reported_ms: int


def read_messages(path: Path) -> list[Message]:
    """Every message of the file, in its order.

    Raises:
        DemoFailed: the file cannot be read, lacks a column, or a row of it cannot be filed; names
            the row and what to do.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            messages = list(_messages(path, csv.DictReader(file, strict=True)))
    except OSError as error:
        raise DemoFailed(f"{path} cannot be read: {error.strerror}. Name another file.") from error
    except UnicodeDecodeError as error:
        raise DemoFailed(f"{path} is not UTF-8. Save it as UTF-8.") from error
    if not messages:
        raise DemoFailed(f"{path} holds no message. Add a row below the heading.")
    return messages


def _messages(path: Path, rows: csv.DictReader[str]) -> Iterator[Message]:
    heading = rows.fieldnames or []
    if missing := [column for column in COLUMNS if column not in heading]:
        raise DemoFailed(
            f"{path} lacks the column {', '.join(missing)}: its heading is "
            f"{','.join(heading) or 'empty'}. Needed are {','.join(COLUMNS)}."
        )
    seen: dict[str, int] = {}
    number = 0
    try:
        for number, row in enumerate(rows, start=1):
            message = _message(f"{path}, row {number} (line {rows.line_num})", row)
            if message.id in seen:
                raise DemoFailed(
                    f"{path}, row {number}: id {message.id} is that of row {seen[message.id]} too. "
                    "Give each message its own id."
                )
            seen[message.id] = number
            yield message
    except csv.Error as error:
        raise DemoFailed(
            f"{path}, row {number + 1}: {error}. Put text with commas or line breaks in quotes."
        ) from error


def _message(place: str, row: dict[str | None, str | None]) -> Message:
    if None in row:
        raise DemoFailed(f"{place} has more values than the heading. Quote values with commas.")
    values = {column: row.get(column) for column in COLUMNS}
    if missing := [column for column, value in values.items() if value is None]:
        raise DemoFailed(
            f"{place} lacks a value for {', '.join(missing)}. Complete the row or take it out."
        )
    texts = {column: value or "" for column, value in values.items()}
    for column in ("id", "title"):
        if not texts[column].strip():
            raise DemoFailed(f"{place} has an empty {column}. Fill it in or take the row out.")
    for column, longest in LONGEST.items():
        if len(texts[column]) > longest:
            raise DemoFailed(
                f"{place}: {column} has {len(texts[column])} characters, at most {longest} can be "
                "filed. Shorten it."
            )
    try:
        time = datetime.fromisoformat(texts["time"])
    except ValueError as error:
        raise DemoFailed(
            f"{place}: time is {texts['time']!r}. Write it as 2026-03-05T14:30:00."
        ) from error
    moment = time if time.tzinfo else time.replace(tzinfo=BEIJING)
    return Message(texts["id"], texts["title"], texts["detail"], int(moment.timestamp() * 1000))

"""What a search of the log found, as CSV or Parquet, written on this machine a page at a time.

Parquet is written by DuckDB, which is loaded only then and is not among what the SDK needs.
"""

from __future__ import annotations

import csv
import hashlib
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from zongheng_protos.errors import ArgumentInvalid
from zongheng_sdk.log_search import FoundEntry

TEXT = (
    *("act", "actor", "operator", "parties", "subject", "dataset_id", "dataset_title"),
    *("purpose", "request_id", "grant_id", "leaf_sha256"),
)
COLUMNS = ("index", "time_ms", *TEXT)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_found(entries: Iterable[FoundEntry], path: Path) -> int:
    """Write entries to a file named .csv or .parquet; how many there were.

    Raises:
        ArgumentInvalid: another name, or no DuckDB where Parquet is asked for.
    """
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            return _write(entries, file, inert=True)
    if path.suffix != ".parquet":
        raise ArgumentInvalid(f"{path.name}: name the file .csv or .parquet")
    try:
        import duckdb
    except ImportError as error:
        raise ArgumentInvalid("Parquet is written by DuckDB: pip install duckdb") from error
    with tempfile.TemporaryDirectory() as folder:
        rows = Path(folder) / "found.csv"
        with rows.open("w", encoding="utf-8", newline="") as file:
            count = _write(entries, file, inert=False)
        numbers = 'CAST("index" AS BIGINT) AS "index", CAST(time_ms AS BIGINT) AS time_ms'
        texts = ", ".join(f"coalesce({name}, '') AS {name}" for name in TEXT)
        with duckdb.connect() as database:
            found = database.read_csv(
                str(rows), header=True, sep=",", quotechar='"', escapechar='"', all_varchar=True
            )
            found.project(f"{numbers}, {texts}").write_parquet(str(path))
    return count


def _write(entries: Iterable[FoundEntry], file: IO[str], *, inert: bool) -> int:
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    count = 0
    for entry in entries:
        cells = _cells(entry)
        writer.writerow(_as_text(cell) for cell in cells) if inert else writer.writerow(cells)
        count += 1
    return count


def _cells(entry: FoundEntry) -> tuple[str, ...]:
    act = entry.act
    return (
        str(entry.index),
        str(act.time_ms),
        act.act,
        act.actor,
        entry.operator,
        " ".join(act.parties),
        act.subject,
        entry.dataset_id,
        entry.dataset_title,
        entry.purpose,
        entry.request_id,
        entry.grant_id,
        hashlib.sha256(b"\0" + entry.leaf).hexdigest(),
    )


def _as_text(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell

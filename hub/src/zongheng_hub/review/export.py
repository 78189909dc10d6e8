"""What is taken away of a search: CSV, a page at a time, and the command for an audit package."""

from __future__ import annotations

import csv
import hashlib
import io
import shlex
from collections.abc import AsyncIterator, Mapping

from zongheng_hub.web.console import Visit
from zongheng_hub.web.dates import moment
from zongheng_protos.review.v1 import review_pb2 as pb
from zongheng_protos.tlog.v1 import leaf_pb2

COLUMNS = (
    *("index", "time", "act", "actor", "actor_name", "operator", "parties", "party_names"),
    *("subject", "dataset_id", "dataset_title", "purpose", "request_id", "grant_id", "leaf_sha256"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


async def csv_lines(pages: AsyncIterator[pb.SearchLogReply], visit: Visit) -> AsyncIterator[bytes]:
    """CSV in UTF-8 with the mark that spreadsheets look for; leaf_sha256 proves each line."""
    yield b"\xef\xbb\xbf" + _line(COLUMNS)
    async for page in pages:
        yield b"".join(_line(row(entry, visit)) for entry in page.entries)


def row(found: pb.FoundEntry, visit: Visit) -> tuple[str, ...]:
    """An entry in the order of COLUMNS; leaf_sha256 is the leaf's hash of RFC 6962."""
    leaf = leaf_pb2.Leaf.FromString(found.leaf)
    return (
        str(found.index),
        moment(leaf.time_ms).isoformat(),
        leaf.act,
        leaf.actor,
        visit.path(leaf.actor),
        found.operator,
        " ".join(leaf.parties),
        " ".join(visit.path(party) for party in leaf.parties),
        leaf.subject,
        found.dataset_id,
        found.dataset_title,
        found.purpose,
        found.request_id,
        found.grant_id,
        hashlib.sha256(b"\0" + found.leaf).hexdigest(),
    )


def _line(cells: tuple[str, ...]) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow(_inert(cell) for cell in cells)
    return line.getvalue().encode()


def _inert(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def package_command(asked: Mapping[str, str], tenant: str, own: str) -> str:
    """The command that makes an audit package of a search, on the auditor's own machine.

    The package is signed with the unit's own key, which the hub does not have. It takes what a
    search by unit, act and days takes; other filters narrow the list alone.

    Args:
        asked: the filters; tenant: the unit that they name, or empty.
    """
    words = ["zongheng", "audit", "export", "--tenant", tenant or own]
    if not tenant:
        words.append("--below")
    for name in ("act", "since", "until"):
        if asked[name]:
            words += [f"--{name}", asked[name]]
    return f"{shlex.join(words)} --reason 案号 --out case.zip"

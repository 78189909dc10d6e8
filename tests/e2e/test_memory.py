"""A hub stays small: one process under 150 MB."""

from __future__ import annotations

from pathlib import Path

import psutil

from shanxi.hub import start_hub
from zongheng_sdk import Hub

MEGABYTE = 1_000_000


def test_a_hub_that_has_served_a_thousand_calls_is_under_150_mb(tmp_path: Path) -> None:
    running = start_hub(tmp_path / "hub", port=0, web_port=0, database=None)
    try:
        with Hub.open(running.province_identity, operator="李某某") as province:
            province.catalogue.adopt("snap")
            snap = province.module("snap")
            for number in range(500):
                snap.file_report(title=f"第{number}条群众反映")
                snap.list_reports(page_size=1)
        assert psutil.Process(running.process.pid).memory_info().rss < 150 * MEGABYTE
    finally:
        running.stop()

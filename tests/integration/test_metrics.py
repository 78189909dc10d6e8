"""Prometheus finds the log's lag, its checkpoint's age and the disk on an address of its own."""

from __future__ import annotations

import asyncio
import re
import time
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from zongheng_hub.app import Hub
from zongheng_hub.founding import found
from zongheng_hub.kernel.grpc_server import PortInUse
from zongheng_hub.settings import Settings

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "monitor.md"


def settings(folder: Path, metrics: str) -> Settings:
    return Settings(data=folder, port=0, web_port=0, metrics=metrics)


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[Hub]:
    wanted = settings(tmp_path / "hub", "127.0.0.1:0")
    await found(wanted, province="140000", divisions=None, passphrase=None)
    hub = await Hub.open(wanted)
    await hub.start()
    yield hub
    await hub.stop()


def scraped(address: str) -> dict[str, float]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(address, timeout=10) as answer:
        text = answer.read().decode()
    return {
        sample.name: sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_figures_say_how_the_log_stands_and_are_those_of_the_page(hub: Hub) -> None:
    figures = await asyncio.to_thread(scraped, hub.metrics_address)
    assert figures["zongheng_log_entries"] > 0
    assert figures["zongheng_log_published_entries"] == figures["zongheng_log_entries"]
    assert figures["zongheng_log_unpublished_seconds"] == 0
    assert abs(figures["zongheng_log_checkpoint_timestamp_seconds"] - time.time()) < 600
    assert figures["zongheng_log_publish_failures_total"] == 0
    assert figures["zongheng_disk_free_bytes"] < figures["zongheng_disk_size_bytes"]
    assert figures["zongheng_database_bytes"] > 0
    assert figures["zongheng_writer_works_total"] > 0
    named = set(re.findall(r"zongheng_[a-z_]+", PAGE.read_text("utf-8")))
    served = set(await asyncio.to_thread(scraped, hub.metrics_address))
    without_witnesses = {"zongheng_log_witness_timestamp_seconds"}
    assert (
        named - without_witnesses
        == {name for name in served if not name.endswith("_created")} - without_witnesses
    )


@pytest.mark.parametrize(
    ("address", "fault"), [("9480", ValueError), ("203.0.113.7:9480", PortInUse)]
)
async def test_an_address_that_cannot_be_served_is_named(
    tmp_path: Path, address: str, fault: type[Exception]
) -> None:
    wanted = settings(tmp_path / "hub", address)
    await found(wanted, province="140000", divisions=None, passphrase=None)
    hub = await Hub.open(wanted)
    with pytest.raises(fault, match=address):
        await hub.start()

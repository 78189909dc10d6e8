"""Figures for Prometheus: how far the log is behind, how old its checkpoint is, room on the disk.

Served on a port of its own, so that who may read them is a matter of that address alone.
"""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Connection

from zongheng_hub.kernel.grpc_server import PortInUse
from zongheng_hub.store import Store
from zongheng_hub.tlog.publisher import Publisher
from zongheng_hub.tlog.service import read_entry
from zongheng_hub.tlog.standing import QUORUM_MISSING, WENT_BACK, Standing, standing_of
from zongheng_hub.tlog.witnessing import Witnessing


class HubFigures(Collector):
    """Read anew at every scrape; counters count from the start of this process."""

    def __init__(
        self, store: Store, publisher: Publisher, witnessing: Witnessing, data: Path
    ) -> None:
        self._store = store
        self._publisher = publisher
        self._witnessing = witnessing
        self._data = data

    def collect(self) -> Iterator[Metric]:
        standing, waits_ms = self._store.read_now(self._read)
        yield from self._log(standing, waits_ms / 1000)
        yield from _witnesses(standing)
        yield from self._writer()
        yield from self._disk()

    def _read(self, connection: Connection) -> tuple[Standing, int]:
        now_ms = int(time.time() * 1000)
        since_ms = self._witnessing.since_ms
        standing = standing_of(connection, now_ms=now_ms, since_ms=since_ms)
        published = self._publisher.size
        if published >= standing.size:
            return standing, 0
        return standing, max(0, now_ms - read_entry(connection, published).time_ms)

    def _log(self, standing: Standing, waits_seconds: float) -> Iterator[Metric]:
        size, published = standing.size, self._publisher.size
        yield _gauge("log_entries", "Entries in the log, durable.", size)
        yield _gauge("log_published_entries", "Entries that the checkpoint counts.", published)
        yield _gauge(
            "log_unpublished_seconds",
            "How long the oldest entry waits that is not published yet; 0: none waits.",
            waits_seconds,
        )
        yield _gauge(
            "log_checkpoint_timestamp_seconds",
            "When the published checkpoint was written, Unix time; 0: never.",
            _written(self._publisher.folder / "checkpoint"),
        )
        yield _counter(
            "log_publish_failures",
            "Publications that failed and were tried again.",
            self._publisher.failures,
        )

    def _writer(self) -> Iterator[Metric]:
        figures = self._store.figures
        yield _gauge("writer_waiting", "Use cases handed in, not yet taken.", self._store.waiting)
        yield _counter("writer_groups", "Groups committed.", figures.groups)
        yield _counter("writer_works", "Use cases committed in them.", figures.works)
        yield _counter("writer_undone", "Groups run again without one that failed.", figures.undone)

    def _disk(self) -> Iterator[Metric]:
        usage = shutil.disk_usage(self._data)
        yield _gauge("disk_free_bytes", "Room left where the data folder is.", usage.free)
        yield _gauge("disk_size_bytes", "Size of the disk where the data folder is.", usage.total)
        if self._store.dialect == "sqlite":
            file = Path(self._store.writer.url.database or "")
            wal = file.with_name(f"{file.name}-wal")
            yield _gauge("database_bytes", "Size of the database file.", _size(file))
            yield _gauge("database_wal_bytes", "Size of its write-ahead log.", _size(wal))


@contextlib.contextmanager
def serving_metrics(
    address: str, store: Store, publisher: Publisher, witnessing: Witnessing, data: Path
) -> Iterator[str]:
    """Serve figures under http://ADDRESS/metrics until the block ends; gives that address.

    Args:
        address: "HOST:PORT"; port 0 takes a free one.
        data: the data folder, whose disk is looked at.

    Raises:
        PortInUse: something listens there, or the address is none of this machine's.
        ValueError: address is no address.
    """
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        raise ValueError(f"--metrics {address} is no HOST:PORT such as 127.0.0.1:9480")
    registry = CollectorRegistry(auto_describe=False)
    registry.register(HubFigures(store, publisher, witnessing, data))
    try:
        server, thread = start_http_server(int(port), host.strip("[]"), registry)
    except OSError as error:
        raise PortInUse(f"cannot serve metrics on {address}: {error.strerror}") from error
    try:
        yield f"http://{host}:{server.server_port}/metrics"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _witnesses(standing: Standing) -> Iterator[Metric]:
    seen = standing.witnessed.size if standing.witnessed else 0
    yield _gauge("log_witnessed_entries", "Entries of the newest checkpoint with quorum.", seen)
    cosigned = GaugeMetricFamily(
        "zongheng_log_witness_timestamp_seconds",
        "When a witness cosigned last, Unix time; 0: never.",
        labels=["witness"],
    )
    for one in standing.witnesses:
        cosigned.add_metric([one.name], one.cosigned_ms / 1000)
    yield cosigned
    alarm = GaugeMetricFamily(
        "zongheng_log_alarm",
        "1 while there is this alarm about the log's witnesses.",
        labels=["alarm"],
    )
    for kind in (QUORUM_MISSING, WENT_BACK):
        alarm.add_metric([kind], standing.alarm == kind)
    yield alarm


def _gauge(name: str, told: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"zongheng_{name}", told, value=value)


def _counter(name: str, told: str, value: float) -> CounterMetricFamily:
    return CounterMetricFamily(f"zongheng_{name}", told, value=value)


def _written(path: Path) -> float:
    return path.stat().st_mtime if path.exists() else 0.0


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0

"""A real hub in this process, for a county's own tests: mTLS, SQLite, log and all."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Protocol, Self

from zongheng_protos.errors import Unavailable
from zongheng_sdk.client import Hub
from zongheng_sdk.enrolling import begin_enrolment

OPERATOR = "测试员"
_GROUP, _NAME = "zongheng.testing", "hub"


class RunningHub(Protocol):
    """What the entry point "hub" of group "zongheng.testing" gives."""

    @property
    def web_address(self) -> str: ...
    @property
    def grpc_address(self) -> str: ...
    @property
    def province_identity(self) -> Path: ...
    def stop(self) -> None: ...


class LocalHub:
    """A hub with its province, from `with` to the end of the block.

    Attributes:
        province: the province's Hub.
        web_address, grpc_address: where it listens, on this machine only.

    Example:
        with LocalHub() as local:
            county = local.enrol("140105")
            county.needs.file(kind="training", title="网格员操作培训")
    """

    def __init__(
        self, folder: Path | None = None, *, operator: str = OPERATOR, **options: Any
    ) -> None:
        """Nothing starts before `with`.

        Args:
            folder: keeps data and identities there; None: a temporary folder, gone at the end.
            operator: who acts in what the hubs of this LocalHub do.
            options: for the hub, such as database="postgresql://…".
        """
        self._given = folder
        self._operator = operator
        self._options = options
        self._hubs: dict[str, Hub] = {}

    def __enter__(self) -> Self:
        self._temporary = None if self._given else tempfile.TemporaryDirectory(prefix="zongheng-")
        self.folder = self._given or Path(self._temporary.name)  # type: ignore[union-attr]
        try:
            self._running = _start()(self.folder / "hub", **self._options)
            self.province = Hub.open(self._running.province_identity, operator=self._operator)
        except BaseException:
            self._clean()
            raise
        self._hubs["province"] = self.province
        return self

    def __exit__(self, *_: object) -> None:
        for hub in self._hubs.values():
            hub.close()
        self._running.stop()
        self._clean()

    def _clean(self) -> None:
        if self._temporary is not None:
            self._temporary.cleanup()

    @property
    def web_address(self) -> str:
        return self._running.web_address

    @property
    def grpc_address(self) -> str:
        return self._running.grpc_address

    def invite(self, code: str) -> str:
        """An invitation for the unit with this code, by its parent, enrolled first if need be."""
        return self._parent(code).tenancy.invite(code)

    def enrol(self, code: str, **keys: Any) -> Hub:
        """The unit with this code, enrolled by its parent (enrolled first if need be).

        Args:
            keys: how its keys are made and kept, as for begin_enrolment.
        """
        if code not in self._hubs:
            parent = self._parent(code)
            folder = self.folder / "units" / code
            pending = begin_enrolment(parent.tenancy.invite(code), folder, **keys)
            parent.tenancy.approve(pending.enrolment_id)
            path = pending.collect()
            if path is None:
                raise Unavailable(f"the hub did not give {code} the credential just issued")
            self._hubs[code] = Hub.open(path, operator=self._operator)
        return self._hubs[code]

    @contextmanager
    def away(self) -> Iterator[None]:
        """The hub is down within the block, and back on the same ports after it."""
        grpc_port, web_port = (
            int(address.rpartition(":")[2]) for address in (self.grpc_address, self.web_address)
        )
        self._running.stop()
        try:
            yield
        finally:
            options = {**self._options, "port": grpc_port, "web_port": web_port}
            self._running = _start()(self.folder / "hub", **options)

    def _parent(self, code: str) -> Hub:
        parent_id = self.province.tenancy.tenant(code=code).parent_id
        if parent_id == self.province.identity.tenant:
            return self.province
        return self.enrol(self.province.tenancy.tenant(parent_id).code)


def _start() -> Callable[..., RunningHub]:
    found = tuple(entry_points(group=_GROUP, name=_NAME))
    if not found:
        raise Unavailable(
            "there is no hub to start in this environment: install zongheng-hub beside the SDK"
        )
    start: Callable[..., RunningHub] = found[0].load()
    return start

"""Call a Zongheng hub 纵横: enrol, adopt modules, file needs, share data, check the log."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zongheng_protos.errors import ZonghengError
    from zongheng_sdk.client import AsyncHub, Hub
    from zongheng_sdk.enrolment import enrol, renew
    from zongheng_sdk.need_values import Need, Resource
    from zongheng_sdk.outbox import Outbox
    from zongheng_sdk.receipts import Receipt
    from zongheng_tenants.identity import Identity

# Imported when first asked for: `import zongheng_sdk` stays light (tests/bench, sdk_import).
_HOMES = {
    "AsyncHub": "zongheng_sdk.client",
    "Hub": "zongheng_sdk.client",
    "Identity": "zongheng_tenants.identity",
    "Need": "zongheng_sdk.need_values",
    "Outbox": "zongheng_sdk.outbox",
    "Receipt": "zongheng_sdk.receipts",
    "Resource": "zongheng_sdk.need_values",
    "ZonghengError": "zongheng_protos.errors",
    "enrol": "zongheng_sdk.enrolment",
    "renew": "zongheng_sdk.enrolment",
}

__all__ = [
    "AsyncHub",
    "Hub",
    "Identity",
    "Need",
    "Outbox",
    "Receipt",
    "Resource",
    "ZonghengError",
    "enrol",
    "renew",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"zongheng_sdk has no {name}; it has: {', '.join(__all__)}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__doc__", "__name__"]

"""What a change of the tree touches in other rooms: needs, adoptions and grants, put together."""

from __future__ import annotations

from collections.abc import Callable

from zongheng_hub.catalogue import service as catalogue
from zongheng_hub.needs import service as needs
from zongheng_hub.sharing import service as sharing
from zongheng_hub.store import Tx
from zongheng_hub.tenancy.service import Dealings, Stamp


def dealings(clock: Callable[[], int]) -> Dealings:
    """The rooms' answers; clock gives Unix milliseconds."""
    return Dealings(
        open_needs=needs.open_needs,
        adoptions=catalogue.adoptions_held,
        grants=lambda connection, whose: sharing.live_grants(connection, whose, clock()),
        end_adoptions=catalogue.end_adoptions,
        hand_over_needs=_hand_over,
    )


def _hand_over(tx: Tx, tenant_id: str, successor_id: str, stamp: Stamp) -> int:
    act = needs.Act(stamp.act, stamp.actor_id, stamp.operator, stamp.now_ms, stamp.log_index)
    return needs.hand_over(tx, act, tenant_id, successor_id)

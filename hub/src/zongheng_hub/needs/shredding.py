"""What needs deletes where the content of an entry is shredded: the words people wrote."""

from __future__ import annotations

from sqlalchemy import select, update

from zongheng_hub.needs.tables import EVENT, NEED, RESOURCE
from zongheng_hub.store import Tx

GONE = "（内容已依法销毁）"


def shred(tx: Tx, index: int, act: str, subject: str) -> tuple[str, ...]:
    """Delete what the room's tables hold of an entry; says what that was."""
    event = tx.one(select(EVENT.c.number).where(EVENT.c.log_index == index))
    if event is None:
        return ()
    tx.execute(update(EVENT).where(EVENT.c.log_index == index).values(text=GONE, operator=""))
    tx.execute(
        update(RESOURCE)
        .where(RESOURCE.c.log_index == index)
        .values(title=GONE, detail="", reference="")
    )
    if act == "need.filed":
        tx.execute(
            update(NEED)
            .where(NEED.c.id == subject)
            .values(title=GONE, detail="", place="", wanted_by="")
        )
    return ("need",)

"""Tables in SQLite or PostgreSQL, written in groups that reach the disk together."""

from zongheng_hub.store.engines import open_store
from zongheng_hub.store.journal import Entry, Journal, Recorded
from zongheng_hub.store.store import Store
from zongheng_hub.store.tx import Tx

__all__ = ["Entry", "Journal", "Recorded", "Store", "Tx", "open_store"]

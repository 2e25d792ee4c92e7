"""Parts become canonical tables: what counts, whose it is, and which version a reader sees."""

from __future__ import annotations

from engine.store.apply import apply
from engine.store.beside import Beside
from engine.store.change import Change
from engine.store.instance import Instance
from engine.store.lookups import LookedUp, LookupContent
from engine.store.store import Rate, Store, StoreSettings
from engine.store.tables import Tables

__all__ = [
    "Beside", "Change", "Instance", "LookedUp", "LookupContent", "Rate", "Store", "StoreSettings", "Tables",
    "apply",
]  # fmt: skip

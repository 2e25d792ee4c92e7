"""Which data a number was computed from: one short text for the parts in force."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

from engine.store.instance import Instance

if TYPE_CHECKING:
    from engine.store.store import StoreSettings


def watermark(instances: Iterable[Instance], settings: StoreSettings) -> str:
    """Sixteen hex digits over the content of the parts, their files, the rates and the moment of a replay.

    The same data give the same text in every process. Of files the order by time counts, not the time: it
    decides which of two re-exports is the newer one.
    """
    held = list(instances)
    names = sorted((one.table, one.source, one.file, one.id) for one in held)
    newer = [
        one.file
        for one in sorted(held, key=lambda one: (one.mtime_ns, one.file, one.id))
        if one.table == "spend"
    ]
    rates = [(one.currency, one.first, one.last, str(one.rate.normalize())) for one in settings.rates]
    text = repr((names, newer, rates, settings.until))
    return hashlib.sha256(text.encode()).hexdigest()[:16]

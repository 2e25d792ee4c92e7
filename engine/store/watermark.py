"""Which data a number was computed from: one short text for the parts in force."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

from engine.store.instance import Instance

if TYPE_CHECKING:
    from engine.store.store import StoreSettings


def watermark(instances: Iterable[Instance], settings: StoreSettings, beside: object = ()) -> str:
    """Sixteen hex digits over the content of the files, the rates, the moment of a replay and what stands
    beside the files.

    In:  `beside`: links, decisions and lookups in force, anything with a repr of its own.
    The same data give the same text in every process, however a file that grew is cut into parts. Of files
    the order by time counts, not the time: it decides which of two re-exports is the newer one.
    """
    held = list(instances)
    names = sorted({(one.table, one.source, one.file, one.content or one.id) for one in held})
    spend = [one for one in held if one.table == "spend"]
    newer = list(dict.fromkeys(one.file for one in sorted(spend, key=lambda one: (one.mtime_ns, one.file))))
    rates = [(one.currency, one.first, one.last, str(one.rate.normalize())) for one in settings.rates]
    text = repr((names, newer, rates, settings.until, beside))
    return hashlib.sha256(text.encode()).hexdigest()[:16]

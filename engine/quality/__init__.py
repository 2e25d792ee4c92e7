"""How good the files are: verdicts over the profiles that ingest keeps beside the parts.

The door of the room.

profiles of parts ─► sums by file ─► columns, drift, late rows, rules
hours with facts  ─► rhythm       ─► freshness, stale
store             ─► disputes

The room stands right of derive and left of all that publishes: it reads what ingest and the store know,
and alerts and status read it.
"""

from __future__ import annotations

from engine.quality.answer import files_of, lines_of, quality
from engine.quality.calendar import Calendar, calendar
from engine.quality.columns import empty_share_of
from engine.quality.disputes import disputed_rows, disputes
from engine.quality.drift import drift, newest_drift
from engine.quality.hiding import masked
from engine.quality.late import late_rows
from engine.quality.rhythm import freshness
from engine.quality.rules import results
from engine.quality.sums import Sums

__all__ = [
    "Calendar", "Sums", "calendar", "disputed_rows", "disputes", "drift", "empty_share_of", "files_of",
    "freshness", "late_rows",
    "lines_of", "masked", "newest_drift", "quality", "results",
]  # fmt: skip

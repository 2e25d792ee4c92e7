"""Which touch gave an event its credit: the event whose channel the table of credits took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from engine.questions import Touch
from engine.store.select import Select

if TYPE_CHECKING:
    from engine.store.tables import Tables

Fact = tuple[int, int]
"""(part, row)."""

_NAMED = "{'channel': e.channel, 'campaign': coalesce(e.campaign, ''), 'creative': coalesce(e.creative, '')}"
_WITHIN = "e.person = w.person AND e.ts <= w.ts AND e.ts >= w.ts - INTERVAL 30 DAY"


def touches(tables: Tables, facts: Sequence[Fact]) -> Mapping[Fact, Touch]:
    """The touch of each fact that has no channel of its own; facts without one are missing.

    Source: the table `credits`: the person's latest event with a channel that is not direct, in the 30
    days before; of several at one moment the first by channel, campaign and creative.
    """
    if not facts:
        return {}
    shown = "(SELECT unnest(?::INTEGER[]) AS part, unnest(?::UINTEGER[]) AS row)"
    wanted = Select(
        f"{shown} AS s",
        tuple((f"o.{name}", name) for name in ("part", "row", "person", "ts")),
        ("JOIN events o ON o.part = s.part AND o.row = s.row",),
        ("o.channel IS NULL", "o.person IS NOT NULL"),
        params=([part for part, _ in facts], [row for _, row in facts]),
    )
    order = f"PARTITION BY w.part, w.row ORDER BY e.ts DESC, {_NAMED}, p.file, e.line, e.row"
    ranked = Select(
        f"({wanted.sql()}) AS w",
        (
            *(("w.part", "part"), ("w.row", "row")),
            *(("p.source", "source"), ("p.file", "file"), ("e.line", "line")),
            *(("e.ts", "ts"), ("e.channel", "channel"), (f"row_number() OVER ({order})", "rank")),
        ),
        (f"JOIN events e ON {_WITHIN}", "JOIN parts p ON p.part = e.part"),
        ("e.channel IS NOT NULL", "e.channel <> 'direct'"),
        params=wanted.params,
    )
    best = Select(f"({ranked.sql()}) AS t", where=("t.rank = 1",), params=ranked.params)
    found: dict[Fact, Touch] = {}
    for part, row, source, file, line, ts, channel, _ in tables.rows(best.sql(), best.params):
        assert isinstance(ts, datetime)
        place = (int(str(part)), int(str(row)))
        found[place] = Touch(
            str(source), str(file), int(str(line)), ts, None if channel is None else str(channel)
        )
    return found

"""Everything a person did or got, in the order of time, with the visits cut at 30 minutes."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, cast

from engine.questions import JourneyFact
from engine.store.select import Select

if TYPE_CHECKING:
    from datetime import datetime

    from engine.store import Store

_SESSION_GAP_SECONDS = 30 * 60

_DETAIL = "coalesce(page, product, text, order_id, stage)"
_EXPRESSIONS = {"detail": _DETAIL, "credited": "c_channel"}
_JOURNEY = tuple(
    (_EXPRESSIONS.get(name, name), name)
    for name in (
        "ts", "kind", "event", "channel", "campaign", "detail", "value", "currency", "source", "file", "line",
        "credited",
    )
)  # fmt: skip
"""Columns of a journey, in the order of `JourneyFact`."""


def journey(store: Store, number: int) -> tuple[JourneyFact, ...]:
    """All facts of a person in the order of time; behaviour within 30 minutes shares a session number."""
    relation = store.relation("credited", ("text", "file"))
    found = store.rows(
        Select(relation, _JOURNEY, where=("person = ?",), order=("ts", "file", "line", "row")).sql(), [number]
    )
    facts: list[JourneyFact] = []
    session, last = 0, None
    for row in found:
        ts, kind = cast("datetime", row[0]), str(row[1])
        visit = None
        if kind == "behaviour":
            if last is None or (ts - last).total_seconds() > _SESSION_GAP_SECONDS:
                session += 1
            visit, last = session, ts
        facts.append(_fact(row, visit))
    return tuple(facts)


def _fact(row: tuple[object, ...], visit: int | None) -> JourneyFact:
    ts, kind, event, channel, campaign, detail, value, currency, source, file, line, credited = row
    return JourneyFact(
        ts=cast("datetime", ts),
        kind=str(kind),
        event=str(event),
        channel=_text(channel),
        campaign=_text(campaign),
        detail=_text(detail) or "",
        value=value if isinstance(value, Decimal) else None,
        currency=_text(currency),
        source=str(source),
        file=str(file),
        line=int(str(line)),
        session=visit,
        credited=_text(credited),
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)

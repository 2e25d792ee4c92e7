"""What those who dropped at a step did next: the first event of each after its last step, in its window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.funnels.read import Reading
from engine.funnels.summary import reached
from engine.questions import FunnelNext

if TYPE_CHECKING:
    import polars as pl

    from engine.funnels.finding import Asked


def next_events(asked: Asked, chosen: pl.DataFrame, number: int) -> tuple[FunnelNext, ...]:
    """Events by how many of the dropped did them first, None for nothing; they sum to the dropped.

    In:  what is counted, with t1 … tn and until; a step from 1. Of events of one moment the first by name.
    """
    import polars as pl

    plan, step = asked.plan, number - 1
    before = plan.previous(step)
    if before is None:
        return ()
    times = [f"t{at + 1}" for at in range(plan.steps)]
    lost = chosen.filter(~pl.col("excluded") & reached(plan, before) & ~reached(plan, step))
    lost = lost.select("who", "until", last=pl.max_horizontal(times)).with_row_index("one")
    later = lost.join(_events(asked), on="who").filter(
        (pl.col("ts") > pl.col("last")) & (pl.col("ts") <= pl.col("until"))
    )
    first = later.sort("one", "ts", "event").unique("one", keep="first", maintain_order=True)
    counted = lost.join(first.select("one", "event"), on="one", how="left").group_by("event").len()
    found = [FunnelNext(event, persons) for event, persons in counted.iter_rows()]
    return tuple(sorted(found, key=lambda each: (-each.persons, each.event is None, each.event or "")))


def _events(asked: Asked) -> pl.DataFrame:
    reading = Reading(asked.funnel, asked.plan, asked.tables.columns("events"), range=asked.query.range)
    relation = asked.tables.relation("events", {"event", "ts", "day", reading.entity})
    return asked.tables.frame(reading.everything(relation))

"""What is known of persons beside their attempts: attributes of profiles, and when they first did what."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from engine.funnels.candidates import columns_of
from engine.funnels.plan import plan_of
from engine.funnels.read import Reading
from engine.store.duck import quote
from engine.store.select import Select
from engine.store.tables import Tables
from engine.workspace.model import Funnel, Workspace

if TYPE_CHECKING:
    import polars as pl


def profiles_of(
    tables: Tables, workspace: Workspace, taken: Collection[str]
) -> Iterator[tuple[str, pl.DataFrame]]:
    """Each column of profiles with who has which value (who, value), one of a list each.

    In:  names of event columns: a profile's column of such a name is called `profiles.NAME`.
    """
    kinds = tables.columns("profiles")
    for name in columns_of(tables, workspace, "profiles"):
        value = f"e.{quote(name)}"
        if kinds[name] == "list":
            value = f"unnest({value})"
        query = Select(
            f"{tables.relation('profiles', {'person', name})} AS e",
            columns=(("e.person", "who"), (f"CAST({value} AS VARCHAR)", "value")),
            where=("e.person IS NOT NULL",),
            distinct=True,
        )
        held = tables.frame(query.sql()).drop_nulls()
        yield (f"profiles.{name}" if name in taken else name), held


def earlier_events(tables: Tables, funnel: Funnel) -> pl.DataFrame:
    """When each person first did each event that is no step of the funnel: who, event, ts (µs)."""
    reading = Reading(funnel, plan_of(funnel, "UTC", 0), tables.columns("events"))
    query = Select(
        f"{tables.relation('events', reading.columns)} AS e",
        columns=(("e.person", "who"), ("e.event", "event"), ("epoch_us(min(e.ts))", "ts")),
        where=("e.person IS NOT NULL", f"({reading.any_step()}) IS NOT TRUE"),
        group=("e.person", "e.event"),
    )
    return tables.frame(query.sql())

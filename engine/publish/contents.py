"""What the files hold, for a template that is fitted to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.schema import COLUMNS, Table
from engine.store.duck import quote
from engine.store.select import Select
from engine.workspace.needs import There

if TYPE_CHECKING:
    from engine.store.tables import Tables

_LISTED = frozenset({"ts", "event_id", "subject", "source", "file", "line", "props"})
"""Columns that every row has, or that no definition names."""


def there(tables: Tables) -> There:
    """Events with their counts, and the canonical columns of each table that are not empty."""
    counts = tables.rows(
        Select(
            tables.relation("events", ("event",)),
            (("event", "event"), ("count(*)", "n")),
            group=("event",),
            order=("event",),
        ).sql()
    )
    events = {str(event): int(str(n)) for event, n in counts if event is not None}
    names: tuple[Table, ...] = ("events", "spend", "profiles")
    return There(events, {table: _filled(tables, table) for table in names})


def _filled(tables: Tables, table: Table) -> frozenset[str]:
    columns = [column.name for column in COLUMNS[table] if column.name not in _LISTED]
    counted = tuple((f"count({quote(name)})", name) for name in columns)
    select = Select(tables.relation(table, columns), (*counted, ("count(*)", "rows")))
    *found, rows = tables.rows(select.sql())[0]
    filled = {name for name, n in zip(columns, found, strict=True) if n}
    return frozenset({*filled, "ts"}) if rows else frozenset()

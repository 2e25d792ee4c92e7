"""What resolving needs to know: the raw text, the names that exist, the columns of each table."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.expressions import Expression
from engine.schema import COLUMNS, DERIVED_COLUMNS, IDENTIFIERS, TIMES, Kind, Table
from engine.workspace.faults import Report
from engine.workspace.lines import Path
from engine.workspace.model import Metric
from engine.workspace.values import duration

FACT_TABLES: tuple[Table, ...] = ("events", "spend", "profiles")
DERIVED_TABLES = ("sessions", "person_days", "customers", "new_customers")
"""Tables that looptop derives: metrics may read them, their columns are not fixed here."""


@dataclass(frozen=True, slots=True)
class Context:
    """`raw` is the file as tomllib read it, so that names of faulty parts still count as known."""

    report: Report
    raw: Mapping[str, Any]
    builtin: Mapping[str, Metric]
    props: Mapping[Table, Mapping[str, Kind]] | None
    presets: Callable[[], Collection[str]] | None
    sources: frozenset[str]
    headers: Collection[str] | None = None
    """Columns as the files call them; None: not known yet."""

    def section(self, name: str) -> list[str]:
        """Names of the parts of a section (`metric` → its metrics)."""
        found = self.raw.get(name)
        return list(found) if isinstance(found, dict) else []

    @property
    def priority(self) -> tuple[str, ...]:
        """Identifier types in force."""
        identity = self.raw.get("identity")
        own = identity.get("priority") if isinstance(identity, dict) else None
        if isinstance(own, list) and own and all(isinstance(each, str) for each in own):
            return tuple(own)
        return IDENTIFIERS

    @property
    def metrics(self) -> list[str]:
        """Names of all metrics, own and built-in."""
        return [
            *self.section("metric"),
            *(name for name in self.builtin if name not in self.section("metric")),
        ]

    def mappable(self, table: Table) -> set[str]:
        """Canonical columns that a file of a table can give."""
        own = {column.name for column in COLUMNS[table]} - DERIVED_COLUMNS
        return own | set(self.priority) if table in ("events", "profiles") else own

    def columns(self, table: str, times: bool = False) -> tuple[dict[str, Kind | None], bool]:
        """(kinds by name, whether other names may exist) of a table, or of all for "any".

        In:  `times`: with weekday and hour of day, which metrics have beside the columns.
        """
        names: dict[str, Kind | None] = dict.fromkeys(TIMES if times else (), "text")
        for each in FACT_TABLES if table == "any" else tuple(t for t in FACT_TABLES if t == table):
            names |= {column.name: column.kind for column in COLUMNS[each]}
            if each != "spend":
                names |= dict.fromkeys((*self.priority, "person"))
            # What a file holds may change with the next file: a prop's name can be wrong, its kind cannot.
            props = (self.props or {}).get(each, {})
            names |= {name: None for name in props if name not in names}
        names |= dict.fromkeys(self._looked_up())
        return names, self.props is None or table in DERIVED_TABLES

    def _looked_up(self) -> Iterable[str]:
        lookups = self.raw.get("lookup")
        for each in lookups if isinstance(lookups, list) else ():
            added = each.get("add") if isinstance(each, dict) else None
            if isinstance(added, list | dict):
                yield from (name for name in added if isinstance(name, str))

    def every_column(self) -> set[str]:
        """Canonical columns, and all columns as the files call them."""
        canonical = {column.name for table in COLUMNS.values() for column in table}
        return canonical | set(self.priority) | set(self.headers or ())

    def condition(
        self, path: Path, text: str | None, table: str = "any", times: bool = False
    ) -> Expression | None:
        """A parsed `where`; `times` as for `columns`."""
        if text is None:
            return None
        names, is_open = self.columns(table, times)
        return self.report.expression(path, text, names, "boolean", open_names=is_open)

    def column(self, path: Path, name: str, table: str = "any", times: bool = False) -> bool:
        """Whether a column exists in a table; `times` as for `columns`."""
        names, is_open = self.columns(table, times)
        return is_open or self.report.name(path, "column", name, names)

    def duration(self, path: Path, text: str) -> int | None:
        """Microseconds of a duration; None after a fault."""
        found = duration(text)
        if found is None:
            self.report.add(path, f'"{text}" is no duration: write 30s, 12h, 7d, 2w …')
        return found

"""A funnel's predicates as SQL, and the one query that fetches the events that take part.

events ─► where (funnel, question, days) ─► who · ts µs · mask [· hold · by, day · lineage]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from engine.errors import UnknownName
from engine.expressions import Expression, SqlColumn, to_sql
from engine.funnels.plan import Plan
from engine.questions import Range
from engine.schema import Kind
from engine.store.duck import quote, text_literal
from engine.store.select import Select
from engine.workspace.model import Exclusion, Funnel, Step

DAY_US = 86_400_000_000
LINEAGE = ("part", "row", "line", "event")


@dataclass(frozen=True, slots=True)
class Reading:
    """Which events a question needs of a funnel.

    `where` is the question's own filter; `by` a column whose value is wanted, as text; `lineage`: also
    part, row, line and event of each row; `values`: columns whose values are wanted, as text, of the events
    that meet `at` (a step from 0); `only`: these persons alone; `member`: a column whose value makes groups.
    """

    funnel: Funnel
    plan: Plan
    kinds: Mapping[str, Kind]
    where: Expression | None = None
    by: str | None = None
    range: Range = field(default_factory=Range)
    lineage: bool = False
    values: tuple[str, ...] = ()
    at: int = 0
    only: tuple[int, ...] = ()
    member: str | None = None

    @property
    def columns(self) -> frozenset[str]:
        """Every column of `events` that the query names."""
        found = {"event", "ts", "day", "person", *self.funnel.hold}
        for text in (self.where, self.funnel.where, *(each.where for each in self._predicates)):
            found |= text.columns if text is not None else frozenset()
        found |= {name for name in (self.by, self.member) if name is not None}
        found |= {self.entity, *self.values}
        return frozenset(found | (set(LINEAGE) if self.lineage else set()))

    @property
    def entity(self) -> str:
        """The column that is counted by."""
        return "person" if self.funnel.count in ("persons", "attempts") else self.funnel.count

    @property
    def _predicates(self) -> tuple[Step | Exclusion, ...]:
        return (*self.funnel.steps, *self.funnel.exclude)

    def check(self) -> None:
        """Raises UnknownName for a column that `events` lacks."""
        for name in sorted(self.columns - {"person", "day", *LINEAGE}):
            if name not in self.kinds:
                raise UnknownName("column of events", name, self.kinds)

    def any_step(self) -> str:
        """SQL: whether an event meets a step's predicate. Raises: ExpressionError."""
        return " OR ".join(f"({self._condition(step)})" for step in self.funnel.steps)

    def query(self, relation: str) -> str:
        """SQL over a relation with at least `columns`: who, ts, mask, hold_i, by, day, value_i, lineage.

        Raises: ExpressionError.
        """
        conditions = [self._condition(each) for each in self._predicates]
        joins = []
        for k, step in enumerate(self.funnel.steps):
            if step.first_time is not None:
                joins.append(self._first(relation, step, k, conditions[k]))
                conditions[k] = f"{conditions[k]} AND e.{quote('ts')} = first_{k}.ts"
        return Select(
            f"{relation} AS e",
            columns=self._columns(conditions),
            joins=tuple(joins),
            where=self._where(relation, conditions),
        ).sql()

    def _columns(self, conditions: list[str]) -> tuple[tuple[str, str], ...]:
        bits = " | ".join(f"(CASE WHEN {text} THEN {1 << k} ELSE 0 END)" for k, text in enumerate(conditions))
        wide = "UINTEGER" if len(conditions) <= 32 else "UBIGINT"
        found = [
            (self._who, "who"),
            ("epoch_us(e.ts)", "ts"),
            (f"CAST({bits} AS {wide})", "mask"),
        ]
        found += [(self._text(name), f"hold_{i}") for i, name in enumerate(self.funnel.hold)]
        if self.by is not None:
            found += [(self._text(self.by), "by"), ("e.day", "day")]
        found += [(self._text(self.member), "member")] if self.member is not None else []
        found += [
            (f"CASE WHEN {conditions[self.at]} THEN {self._text(name)} END", f"value_{i}")
            for i, name in enumerate(self.values)
        ]
        if self.lineage:
            found += [(f"e.{quote(name)}", name) for name in LINEAGE]
        return tuple(found)

    def _where(self, relation: str, conditions: list[str]) -> tuple[str, ...]:
        where = [f"{self._who} IS NOT NULL", *self._filters()]
        where += [f"{self._text(name)} IS NOT NULL" for name in self.funnel.hold]
        if self.plan.mode != "strict":
            where.append(" OR ".join(f"({text})" for text in conditions))
        where += self._days()
        if self.only and self.entity == "person":
            where.append(f"{self._who} IN ({', '.join(str(int(key)) for key in self.only)})")
        elif self.range.last is not None or self.plan.mode == "strict":
            where.append(f"{self._who} IN ({self._entrants(relation)})")
        return tuple(where)

    def _days(self) -> list[str]:
        """The days of the question, and those after it that its windows reach."""
        first, last = self.range.first, self.range.last
        found = [f"e.day >= DATE '{first.isoformat()}'"] if first is not None else []
        reach = self._reach_days()
        if last is not None and reach is not None:
            found.append(f"e.day <= DATE '{(last + timedelta(days=reach)).isoformat()}'")
        return found

    def everything(self, relation: str) -> str:
        """SQL for every event of those days, whether it is of the funnel or not: who, event, ts."""
        return Select(
            f"{relation} AS e",
            columns=((self._who, "who"), ("e.event", "event"), ("epoch_us(e.ts)", "ts")),
            where=(f"{self._who} IS NOT NULL", *self._days()),
        ).sql()

    def _reach_days(self) -> int | None:
        """Days after a step-1 event on which later steps may fall; None without a window."""
        if self.plan.natural is not None:
            return 1 if self.plan.natural == "same_day" else 7
        return None if self.plan.window_us is None else self.plan.window_us // DAY_US + 2

    def _entrants(self, relation: str) -> str:
        """Who can open an attempt in the range: a cheap superset that spares the rest of the sort."""
        somewhere = self.plan.anywhere or self.plan.mode == "unordered"
        steps = self.funnel.steps if somewhere else self.funnel.steps[:1]
        where = [" OR ".join(f"({self._condition(step)})" for step in steps)]
        for day, sign in ((self.range.first, ">="), (self.range.last, "<=")):
            if day is not None:
                where.append(f"e.day {sign} DATE '{day.isoformat()}'")
        return Select(f"{relation} AS e", columns=((self._who, "who"),), where=tuple(where)).sql()

    def _first(self, relation: str, step: Step, k: int, condition: str) -> str:
        """F1: each entity's first moment, over the whole history and never cut by the range."""
        by_name = self._events(step.events)
        where = [by_name] if step.first_time == "event" else [condition, *self._filters()]
        found = Select(
            f"{relation} AS e",
            columns=((self._who, "who"), ("min(e.ts)", "ts")),
            where=tuple(where),
            group=(self._who,),
        )
        return f"LEFT JOIN ({found.sql()}) AS first_{k} ON first_{k}.who = {self._who}"

    @property
    def _who(self) -> str:
        return "e.person" if self.entity == "person" else self._text(self.entity)

    def _text(self, name: str) -> str:
        # the first of several identifiers is the strongest
        value = f"e.{quote(name)}"
        if self.kinds.get(name) == "list":
            value += "[1]"
        return f"NULLIF(CAST({value} AS VARCHAR), '')"

    def _filters(self) -> list[str]:
        return [self._sql(text) for text in (self.funnel.where, self.where) if text is not None]

    def _condition(self, step: Step | Exclusion) -> str:
        parts = [self._events(step.events)]
        if step.where is not None:
            parts.append(self._sql(step.where))
        return " AND ".join(f"({part})" for part in parts)

    def _events(self, names: tuple[str, ...]) -> str:
        return f"e.event IN ({', '.join(map(text_literal, names))})" if names else "TRUE"

    def _sql(self, expression: Expression) -> str:
        names = {name: SqlColumn(f"e.{quote(name)}", kind) for name, kind in self.kinds.items()}
        return to_sql(expression, names, want="boolean")

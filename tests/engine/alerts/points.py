"""A handful of points in place of a store: values by member, series and day, asked like metrics."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import StoreError
from engine.expressions import parse
from engine.questions import MetricAnswer, MetricQuery, MetricRow
from engine.schema import Kind, Table
from engine.workspace.model import Console, Identity, Metric, Notify, Person, Rates, Rule, Workspace

if TYPE_CHECKING:
    import polars as pl

START = date(2026, 3, 2)
Value = float | tuple[float, float] | None
Values = Mapping[str, Mapping[str, Sequence[Value]]]
"""Member (label value, or "all") → series → value by day; a pair is numerator and denominator."""


@dataclass
class Points:
    """Implements `Tables` as far as alerts ask it; `asked` keeps the questions."""

    values: Values
    start: date = START
    revision: int = 0
    asked: list[MetricQuery] = field(default_factory=list)

    def days(self, tables: Collection[str]) -> tuple[date, date] | None:
        lengths = [i for each in self.values.values() for line in each.values()
                   for i, value in enumerate(line) if value is not None]  # fmt: skip
        return (
            (self.start + timedelta(days=min(lengths)), self.start + timedelta(days=max(lengths)))
            if lengths
            else None
        )

    def version(self, tables: Collection[str], first: date | None = None, last: date | None = None) -> str:
        return str(self.revision)

    def newest(self, source: str | None = None, table: Table | None = None) -> datetime | None:
        return None

    def rows(self, sql: str, params: Sequence[object] = ()) -> list[tuple[object, ...]]:
        raise StoreError("no SQL here")

    def frame(self, sql: str, params: Sequence[object] = ()) -> pl.DataFrame:
        raise StoreError("no SQL here")

    def relation(self, table: str, columns: Collection[str]) -> str:
        raise StoreError("no SQL here")

    def columns(self, table: str) -> Mapping[str, Kind]:
        return {}

    def answer(self, tables: object, workspace: Workspace, query: MetricQuery, now: datetime) -> MetricAnswer:
        """Every point that is there is a row."""
        self.asked.append(query)
        rows = []
        for member, series in self.values.items():
            by = tuple((dimension, member) for dimension in query.by)
            for name, line in series.items():
                for p, value in enumerate(line):
                    day = self.start + timedelta(days=p)
                    inside = (query.range.first or day) <= day <= (query.range.last or day)
                    if f"m_{name}" in query.metrics and value is not None and inside:
                        rows.append(_row(f"m_{name}", day, by, value))
        return MetricAnswer(now, "UTC", tuple(rows))


def _row(
    metric: str, day: date, by: tuple[tuple[str, str | None], ...], value: float | tuple[float, float]
) -> MetricRow:
    if isinstance(value, tuple):
        num, den = value
        return MetricRow(metric, day.isoformat(), by, None if den == 0 else num / den, num, den)
    return MetricRow(metric, day.isoformat(), by, float(value))


def end(p: int, start: date = START) -> datetime:
    """Midnight after day p: the moment at which it is complete."""
    return datetime.combine(start, datetime.min.time()) + timedelta(days=p + 1)


def rule(when: str, **more: object) -> Rule:
    """A rule named r over day periods, evidence `point`, told to li."""
    given: dict[str, object] = {
        "levels": (("warning", parse(when)),), "evidence": "point", "notify": ("li",), **more,
    }  # fmt: skip
    return Rule("r", **given)  # type: ignore[arg-type]


def workspace(
    *rules: Rule, rates: Collection[str] = (), names: Collection[str] = ("value", "a", "b")
) -> Workspace:
    """A workspace with the given rules and metrics m_<name>; li, wang and lead can be told."""
    metrics = {f"m_{name}": Metric(f"m_{name}", table="events", agg="sum", column="value") for name in names}
    for name in rates:
        metrics[f"m_{name}"] = Metric(
            f"m_{name}", kind="ratio", num=f"m_{name}_num", den=f"m_{name}_den", unit="percent"
        )
    people = ("li", "wang", "lead", "p_owner", "p_lead", "p_director")
    return Workspace(
        root=Path("/nowhere"), file=None, digest="", console=Console(), rates=Rates(), sources=(),
        identity=Identity((), {}, {}, frozenset(), {}, {}), metrics=metrics, funnels={},
        rules={each.name: each for each in rules}, people={n: Person(n, (f"{n}_hook",)) for n in people},
        notify={f"{name}_hook": Notify(f"{name}_hook", "LOOPTOP_NOTIFY_LI") for name in people},
    )  # fmt: skip

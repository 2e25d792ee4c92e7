"""Which number the cursor is on, as a question to trace it and the place of the rows behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from engine.questions import Alert, Grain, TraceQuery
from tui.place import Place
from tui.views import funnel, metrics
from tui.views.crumbs import next_dimension
from tui.views.paths import member_filter
from tui.views.scene import Scene

LINES = 200
"""Lines of each operand that the console asks for."""
COLUMNS = ("cost", "revenue", "orders", "conversion_rate", "roi")
"""Columns of the table of channels that are metrics."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number on the screen; `place`: the members and days of the rows behind it."""

    query: TraceQuery
    place: Place


def of_metric(scene: Scene, metric: str, path: tuple[tuple[str, str | None], ...] = ()) -> Number:
    """A metric over the range of the scene, for the members gone into."""
    where = _where(scene, path)
    place = Place("rows", metric=metric, path=path, range=scene.place.range)
    return Number(TraceQuery(metric, range=scene.range, where=where, limit=LINES), place)


def of_channel(scene: Scene, row_id: str, column: str) -> Number:
    """A cell of the table of channels: its column's metric, else revenue, for the member of the row."""
    by = scene.snapshot.view.by if scene.snapshot else "channel"
    metric = column.removesuffix("_change")
    return of_metric(scene, metric if metric in COLUMNS else "revenue", ((by, _member(row_id)),))


def of_member(scene: Scene, row_id: str) -> Number:
    """A row of Metrics: the member of its dimension, or its period."""
    name, by = metrics.metric_of(scene), next_dimension(scene.place)
    value = _member(row_id)
    if by != "day":
        return of_metric(scene, name, (*scene.place.path, (by, value)))
    found = of_metric(scene, name, scene.place.path)
    grain = cast(Grain, scene.place.grain)
    query = TraceQuery(name, value, grain, scene.range, found.query.where, limit=LINES)
    path = (*scene.place.path, ("day", value)) if grain == "day" else scene.place.path
    return Number(query, Place("rows", metric=name, path=path, range=scene.place.range))


def of_step(scene: Scene, number: int) -> Number | None:
    """A step of the funnel that is looked at."""
    asked = funnel.main(scene)
    if asked is None:
        return None
    query = TraceQuery(
        f"funnel:{asked.funnel}", range=asked.range, where=asked.where, step=number, limit=LINES
    )
    return Number(query, Place("rows"))


def of_alert(scene: Scene, alert: Alert) -> Number | None:
    """The value that an alert was judged by: its metric in the judged period, for its member."""
    if alert.metric is None:
        return None
    path = tuple(alert.labels.items())
    parts = (member_filter(path), f"({alert.where})" if alert.where else "")
    where = " and ".join(part for part in parts if part) or None
    query = TraceQuery(alert.metric, alert.period, cast(Grain, alert.grain), where=where, limit=LINES)
    return Number(query, Place("rows", metric=alert.metric, path=path))


def definitions(scene: Scene, *names: str) -> str:
    """What an export says of the definitions behind it: names, formulas where they are known, hashes."""
    known = dict(scene.snapshot.definitions) if scene.snapshot else {}
    entries = {entry.name: entry for entry in metrics.dictionary(scene)}
    said = []
    for name in names:
        if name in entries:
            said.append(f"{name} = {entries[name].formula} ({entries[name].definition})")
        elif name:
            said.append(f"{name} ({known[name]})" if name in known else name)
    return "; ".join(said)


def _where(scene: Scene, path: tuple[tuple[str, str | None], ...]) -> str | None:
    asked = scene.snapshot.view.where if scene.snapshot else None
    parts = (member_filter(path), f"({asked})" if asked else "")
    return " and ".join(part for part in parts if part) or None


def _member(row_id: str) -> str | None:
    return row_id[1:] if row_id.startswith("=") else None

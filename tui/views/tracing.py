"""Which number the cursor is on, as a question to trace it and the place of the rows behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from engine.questions import Alert, Grain, TraceQuery
from tui.place import Place
from tui.views import funnel, going, metrics
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
    return of_metric(scene, metric if metric in COLUMNS else "revenue", ((by, metrics.key_from(row_id)),))


def of_members(scene: Scene, keys: tuple[tuple[str, str | None], ...]) -> Number:
    """A number of Metrics: members of its dimensions, as (dimension, member); `day` names a period."""
    name, grain = metrics.metric_of(scene), cast(Grain, scene.place.grain)
    path = (*scene.place.path, *(each for each in keys if each[0] != "day"))
    found = of_metric(scene, name, path)
    period = dict(keys).get("day")
    if period is None:
        return found
    query = TraceQuery(name, period, grain, scene.range, found.query.where, limit=LINES)
    return Number(query, going.rows_of(scene, keys))


def of_step(scene: Scene, number: int) -> Number | None:
    """A step of the funnel that is looked at."""
    asked = funnel.main(scene)
    if asked is None:
        return None
    query = TraceQuery(
        f"funnel:{asked.funnel}", range=asked.range, where=asked.where, step=number, limit=LINES,
        toml=asked.toml, enter=asked.enter, breakdown=asked.breakdown, member=asked.member,
    )  # fmt: skip
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

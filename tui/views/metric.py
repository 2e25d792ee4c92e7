"""One metric over time: its trend beside what it is compared with, its target, what of it may still move."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.questions import MetricAnswer, MetricRow
from tui import format as fmt
from tui.view import Limit, Series, TrendView
from tui.views import revisions
from tui.views.crumbs import metric_name
from tui.views.metrics import (
    Asked,
    asked,
    base_of,
    compared,
    entry_of,
    metric_of,
    moved,
    period_text,
    whole,
)  # fmt: skip
from tui.views.overview import with_axes
from tui.views.scene import Scene, member_text

if TYPE_CHECKING:
    from engine.metrics import Entry

BESIDE = (("series-2", "dotted"), ("series-3", "dashed"), ("series-4", "dotted"), ("series-2", "dashed"))
"""Token and style of each comparison."""


def trend(scene: Scene) -> TrendView:
    """The metric over time, down the path of the place, beside its comparisons, with its target."""
    found, entry = asked(scene), entry_of(scene)
    if found is None:
        return TrendView()
    answer = scene.got(found.trend, MetricAnswer)
    unit = entry.unit if entry else "count"
    members = " / ".join(member_text(*each, scene.lang) for each in scene.place.path)
    title = " · ".join(each for each in (metric_name(scene, metric_of(scene)), members) if each)
    grain = scene.say("panel.by", dimension=scene.say(f"grain.{scene.place.grain}"))
    if answer is None:
        empty = scene.failure(found.trend) or scene.say("empty.computing")
        return TrendView(title=title, unit=grain, empty=empty)
    rows = full(answer.rows)
    now = Series(scene.say("foot.now"), tuple(row.value for row in rows))
    view = TrendView(
        series=(now, *_beside(scene, found, rows), *(_goal(scene, rows) if not found.trend.where else ())),
        limits=_limits(scene, rows) if not found.trend.where else (),
        band=_band(entry, rows) if not found.trend.where else (),
        partial=_tail(row.partial for row in rows),
        open=_tail(row.provisional for row in rows),
        marks=revisions.marks(scene, rows),
        legend=True,
    )
    labels = [
        (row.period or "")[5:10] if scene.place.grain == "day" else period_text(row.period, scene)
        for row in rows
    ]
    axes = with_axes(view, labels, unit, scene)
    return replace(axes, title=title, unit=grain, notes=_note(scene, found, entry))


def full(rows: Sequence[MetricRow]) -> list[MetricRow]:
    """The periods in order, without a first one that the range cuts."""
    found = [row for row in rows if row.period]
    return found[1:] if len(found) > 2 and found[0].partial else found


def _tail(flags: Iterable[bool]) -> int:
    """How many of the last periods say yes."""
    count = 0
    for flag in reversed(list(flags)):
        if not flag:
            break
        count += 1
    return count


def _beside(scene: Scene, found: Asked, rows: Sequence[MetricRow]) -> list[Series]:
    """A line for each comparison; those of `previous` are periods of their own, the last under the last."""
    out: list[Series] = []
    for kind in compared(scene):
        if kind in ("none", "target"):
            continue
        values = [row.previous.get(kind) for row in rows]
        if kind == "previous":
            answer = scene.got(found.before, MetricAnswer) if found.before else None
            earlier = [row.value for row in full(answer.rows)] if answer else []
            values = ([None] * len(rows) + list(earlier))[-len(rows) :] if rows else []
        token, style = BESIDE[len(out) % len(BESIDE)]
        out.append(Series(scene.say(f"metrics.short_{kind}"), tuple(values), token, style))
    return out


def _goal(scene: Scene, rows: Sequence[MetricRow]) -> list[Series]:
    """The target of each period, where it is not the same for all of them."""
    goals = tuple(row.target for row in rows)
    known = {goal for goal in goals if goal is not None}
    return [Series(scene.say("head.target"), goals, "target", "dashed")] if len(known) > 1 else []


def _band(entry: Entry | None, rows: Sequence[MetricRow]) -> tuple[tuple[float, float] | None, ...]:
    """Where a period is as it should be: in its band, else as near to its target as counts as on track."""
    if entry is None:
        return ()
    if entry.band is not None:
        return (entry.band,) * len(rows)
    edges = [_near(row.target, entry.tolerance) for row in rows]
    return tuple(edges) if any(edges) else ()


def _near(goal: float | None, share: float) -> tuple[float, float] | None:
    if goal is None:
        return None
    low, high = sorted((goal * (1 - share), goal * (1 + share)))
    return low, high


def _limits(scene: Scene, rows: Sequence[MetricRow]) -> tuple[Limit, ...]:
    """One line where every period that has a target has the same."""
    known = {row.target for row in rows if row.target is not None}
    return (Limit(known.pop(), scene.say("head.target")),) if len(known) == 1 else ()


def _note(scene: Scene, found: Asked, entry: Entry | None) -> tuple[str, ...]:
    """`now 2.068%   Before 3.318%   ▼1.25pp   target 2.800%`."""
    row = whole(scene, found)
    if row is None or entry is None:
        return ()

    unit = entry.unit

    def shown(value: float | None) -> str:
        return fmt.value_of(value, unit, scene.lang)

    parts = [f"{scene.say('foot.now')} {shown(row.value)}{'?' if row.stale else ''}"]
    for at, kind in enumerate(compared(scene)):
        base = base_of(row, kind)
        if kind != "none" and base is not None:
            name = scene.say("head.previous") if not at else scene.say(f"metrics.short_{kind}")
            parts.append(f"{name} {shown(base)} {moved(row, entry, scene, kind=kind).text}")
    if row.target is not None:
        parts.append(scene.say("tile.target", value=shown(row.target)))
    return ("   ".join(parts),)

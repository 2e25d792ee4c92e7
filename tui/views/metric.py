"""One metric in detail: its trend, what it is now, and its definition."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.questions import MetricAnswer
from tui import format as fmt
from tui.harmless import harmless, wrap
from tui.lines import line
from tui.view import Limit, Line, Series, TrendView
from tui.view.text import TextView
from tui.views.crumbs import metric_name
from tui.views.metrics import Asked, asked, entry_of, metric_of, moved, period_text
from tui.views.overview import with_axes
from tui.views.scene import Scene, member, unit_of, words_of

if TYPE_CHECKING:
    from engine.metrics import Entry


def trend(scene: Scene) -> TrendView:
    """The metric over time, down the path of the place, with its target."""
    found, entry = asked(scene), entry_of(scene)
    if found is None:
        return TrendView()
    answer = scene.got(found.trend, MetricAnswer)
    unit = entry.unit if entry else "count"
    title = " · ".join(
        [metric_name(scene, metric_of(scene)), " / ".join(member(v, scene.lang) for _, v in scene.place.path)]
    ).rstrip(" ·")
    grain = scene.say("panel.by", dimension=scene.say(f"grain.{scene.place.grain}"))
    if answer is None:
        return TrendView(
            title=title, unit=grain, empty=scene.failure(found.trend) or scene.say("empty.computing")
        )
    rows = [row for row in answer.rows if row.period]
    target = (
        next((row.target for row in reversed(rows) if row.target is not None), None)
        if not scene.place.path
        else None
    )
    limits = (
        (Limit(target, scene.say("head.target")),)
        if target is not None and unit in ("percent", "ratio")
        else ()
    )
    partial = 0
    for row in reversed(rows):
        if not row.partial:
            break
        partial += 1
    view = TrendView(
        series=(Series(metric_of(scene), tuple(row.value for row in rows)),), limits=limits, partial=partial
    )
    labels = [
        (row.period or "")[5:10] if scene.place.grain == "day" else period_text(row.period, scene)
        for row in rows
    ]
    return replace(
        with_axes(view, labels, unit, scene), title=title, unit=grain, notes=_note(scene, found, entry)
    )


def _note(scene: Scene, found: Asked, entry: Entry | None) -> tuple[str, ...]:
    whole = scene.got(found.total, MetricAnswer)
    if whole is None or not whole.rows or entry is None:
        return ()
    row = whole.rows[0]
    compare = scene.snapshot.view.compare if scene.snapshot else "none"
    parts = [
        f"{scene.say('foot.now')} {fmt.value_of(row.value, entry.unit, scene.lang)}{'?' if row.stale else ''}"
    ]
    base = row.previous.get(compare)
    if base is not None:
        parts.append(f"{scene.say('head.previous')} {fmt.value_of(base, entry.unit, scene.lang)}")
        parts.append(moved(row, entry, scene).text)
    if row.target is not None:
        parts.append(scene.say("tile.target", value=fmt.value_of(row.target, entry.unit, scene.lang)))
    return ("   ".join(parts),)


def definition(scene: Scene, width: int = 34) -> TextView:
    """How the metric is computed, what is counted, who owns it."""
    entry = entry_of(scene)
    if entry is None:
        return TextView((), scene.say("page.definition"))
    room = max(16, width - 4)
    good = scene.say(f"page.good_{entry.good}") if entry.good in ("up", "down") else ""
    lines: list[Line] = [line((" " + text, "ink")) for text in wrap(harmless(entry.formula), room)]
    lines.append(line((" " + " · ".join(text for text in (entry.unit, good) if text), "ink-dim")))
    wording = words_of(entry.wording, scene.lang, "") if entry.wording else ""
    lines += [line((" " + text, "ink-dim")) for text in (wrap(wording, room) if wording else ())]
    owner = scene.say("incident.owner", who=harmless(entry.owner)) if entry.owner else ""
    tail = " · ".join(text for text in (owner, f"def {entry.definition[:6]}") if text)
    lines.append(line((" " + tail, "ink-dim")))
    return TextView(tuple(lines), words_of(entry.label, scene.lang, entry.name), unit_of(entry.unit, scene))

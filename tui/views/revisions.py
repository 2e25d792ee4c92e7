"""Days whose numbers changed after they were published, on the trend and in the entry of the metric."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.questions import ChangesAnswer, ChangesQuery, MetricRow, NumberChange
from tui import format as fmt
from tui.harmless import harmless, wrap
from tui.lines import line
from tui.view import Line
from tui.views.metrics import entry_of, metric_of
from tui.views.scene import Scene

if TYPE_CHECKING:
    from engine.metrics import Entry

SHOWN = 5


def found(scene: Scene, metric: str) -> tuple[NumberChange, ...]:
    """Days that were over when they were first published, and are another number now; oldest first."""
    answer = scene.got(ChangesQuery(metric), ChangesAnswer)
    return tuple(each for each in answer.changes if not each.running) if answer else ()


def marks(scene: Scene, rows: Sequence[MetricRow]) -> tuple[tuple[int, str], ...]:
    """(place, state) of the periods of a trend that have changed; of the whole metric by day alone."""
    if scene.place.grain != "day" or scene.place.path:
        return ()
    entry = entry_of(scene)
    states = {each.date[:10]: "defined" for each in (entry.changes if entry else ())}
    states |= {
        each.day.isoformat(): "defined" if each.cause == "definition" else "revised"
        for each in found(scene, metric_of(scene))
    }
    return tuple((at, states[row.period]) for at, row in enumerate(rows) if row.period in states)


def lines(entry: Entry, scene: Scene, room: int) -> list[Line]:
    """The newest changed days: what they were, what they are, and by which file."""
    changes = found(scene, entry.name)
    if not changes:
        return []
    out = [line((f" △ {scene.say('metrics.changed')} {len(changes)}", "revised"))]
    for each in reversed(changes[-SHOWN:]):
        before, after = (fmt.value_of(v, entry.unit, scene.lang) for v in (each.before, each.after))
        day = fmt.day(each.day, scene.lang)
        said = scene.say("metrics.changed_day", day=day, before=before, after=after)
        why = scene.say("metrics.redefined") if each.cause == "definition" else ", ".join(each.files[:2])
        out += [
            line((" " + part, "ink-dim")) for part in wrap(f"{said} · {harmless(why)}".rstrip(" ·"), room)
        ]
    if len(changes) > SHOWN:
        out.append(line((" " + scene.say("metrics.more_changed", n=len(changes) - SHOWN), "ink-dim")))
    return out

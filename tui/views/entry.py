"""A funnel by period of entry: the rate as a line, and a table of who converted how long after."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from engine.questions import FunnelAnswer, FunnelCohort, FunnelPoint, FunnelQuery, Range
from tui import format as fmt
from tui.glyphs import UNICODE
from tui.harmless import harmless
from tui.rows import MemoryRows
from tui.view import Cell, Column, Row, Series, TableView, TrendView
from tui.views.funnel import answer_of, grain_of, main, no_funnel, periods, queries
from tui.views.overview import with_axes
from tui.views.scene import Scene

COHORT_GRAIN = "week"
Scale = tuple[float, float]
"""The least and the largest share of a table."""


def starts(days: Range, grain: str, known: tuple[str, ...]) -> list[str]:
    """The name of every period of entry, as the engine writes them; known ones as they are."""
    if grain != "day":
        return sorted(known)
    first, last = days.first or date.min, days.last or date.min
    return [(first + timedelta(days=at)).isoformat() for at in range((last - first).days + 1)]


def label(period: str, grain: str, lang: str) -> str:
    """`10-29`, `W44 10-26`, `2026-10`."""
    if grain == "month":
        return period[:7]
    return fmt.period(date.fromisoformat(period[:10]), grain, lang)


def rate(scene: Scene) -> TrendView:
    """The rate by period of entry; periods whose windows are open are hollow points, for they may rise."""
    asked, answer = queries(scene).get("trend"), answer_of(scene, "trend")
    grain, say = grain_of(scene), scene.say
    title = say("panel.rate_by_entry", grain=say(f"grain.{grain}"))
    if answer is None or asked is None:
        waiting = scene.failure(asked) if asked else no_funnel(scene)
        return TrendView(title=title, empty=waiting or say("empty.computing"))
    if asked.steps is not None:
        first, last = (harmless(answer.steps[number - 1].label) for number in asked.steps)
        title += f" · {first} {UNICODE.step} {last}"
    known = {point.period[:10]: point for point in answer.trend}
    names = starts(asked.range, grain, tuple(known))
    points = [known.get(name) for name in names]
    values = tuple(point.rate if point else None for point in points)
    view = TrendView(series=(Series("rate", values),), open=_open(points))
    view = with_axes(view, [label(name, grain, scene.lang) for name in names], "percent", scene)
    note = f"{UNICODE.open_point} {say('funnel.window_open')}"
    return replace(view, title=title, unit=say("panel.days_alone"), notes=(note,) if view.open else ())


def _open(points: list[FunnelPoint | None]) -> int:
    """So many last periods have entrants whose windows still run, or nobody at all after those."""
    first = next((at for at, point in enumerate(points) if point is not None and point.open), len(points))
    return len(points) - first


def cohort_grain(scene: Scene) -> str:
    """The length of a period of the table; beside the rate by day the weeks stand."""
    grain = grain_of(scene, COHORT_GRAIN)
    return COHORT_GRAIN if scene.place.kind == "funnel" and grain == "day" else grain


def cohorts_query(scene: Scene) -> FunnelQuery | None:
    """Who had converted by the end of each period after that of entry."""
    asked, grain = main(scene), cohort_grain(scene)
    if asked is None:
        return None
    return replace(asked, range=periods(scene, grain), cohorts=grain)  # type: ignore[arg-type]


def cohorts(scene: Scene) -> TableView:
    """Periods of entry down, periods since across: the share converted by then, as heat."""
    asked, grain, say = cohorts_query(scene), cohort_grain(scene), scene.say
    answer = scene.got(asked, FunnelAnswer) if asked else None
    found = answer.cohorts if answer else ()
    width = max((len(each.converted) for each in found), default=0)
    sign = say(f"funnel.since_{grain}")
    columns = [
        Column("period", say("head.entry"), "left"),
        Column("entered", say("head.entered")),
        *(Column(f"since{at}", f"{sign}{at}", drop=at + 1) for at in range(width)),
    ]
    shares = [
        done / each.entered for each in found if each.entered for done in each.converted if done is not None
    ]
    scale = (min(shares, default=0.0), max(shares, default=0.0))
    rows = [_cohort(each, grain, width, scale, scene) for each in found]
    empty = (scene.failure(asked) if asked else no_funnel(scene)) or say(
        "empty.computing" if answer is None else "empty.panel"
    )
    return TableView(
        tuple(columns),
        MemoryRows(rows),
        _all(found, width, scale, scene) if found else None,
        foot=(say("funnel.cohort_foot"),),
        title=say("panel.cohorts", grain=say(f"grain.{grain}")),
        unit=say("funnel.cohort_unit"),
        empty=empty,
    )


def _cohort(each: FunnelCohort, grain: str, width: int, scale: Scale, scene: Scene) -> Row:
    done = (*each.converted, *([None] * (width - len(each.converted))))
    cells = [
        Cell(label(each.period, grain, scene.lang), each.period),
        Cell(f"{each.entered:,}", each.entered, kind="number"),
    ]
    return Row(f"={each.period}", (*cells, *(_heat(one, each.entered, scale) for one in done)))


def _heat(done: int | None, entered: int, scale: Scale) -> Cell:
    """A share and its step of heat, between the least and the largest of the table; a gap before its time."""
    if done is None or not entered:
        return Cell("·" if done is None else fmt.NONE, None, "ink-dim", kind="number")
    share, (low, high) = done / entered, scale
    heat = (share - low) / (high - low) if high > low else 0.5
    return Cell(fmt.percent(share, 1), share, kind="heat", share=heat)


def _all(found: tuple[FunnelCohort, ...], width: int, scale: Scale, scene: Scene) -> Row:
    """All cohorts that are old enough, together: recomputed from persons, never a mean of rates."""
    cells = [
        Cell(scene.say("head.total")),
        Cell(f"{sum(each.entered for each in found):,}", kind="number"),
    ]
    for at in range(width):
        old = [(c.converted[at], c.entered) for c in found if at < len(c.converted)]
        known = [(done, entered) for done, entered in old if done is not None]
        entered = sum(each for _, each in known)
        cells.append(_heat(sum(done for done, _ in known) if known else None, entered, scale))
    return Row("total", tuple(cells))

"""The Funnel screen: steps with all numbers, breakdown, times, rate by day, and who is in a step."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Literal, cast

from engine.questions import FunnelAnswer, FunnelPerson, FunnelQuery, Range
from tui import format as fmt
from tui.draw.spark import bar_line
from tui.glyphs import UNICODE
from tui.harmless import harmless, pad
from tui.lines import line
from tui.rows import MemoryRows
from tui.view import Cell, Column, FunnelView, Line, Row, Series, Step, TableView, TrendView
from tui.view.text import TextView
from tui.views.overview import with_axes
from tui.views.scene import Scene, dimension, head, member

TREND_DAYS = 28
PERSONS_MOST = 2000
WHICH = ("dropped", "reached", "excluded")
Which = Literal["reached", "dropped", "excluded"]


def name_of(scene: Scene) -> str:
    """The funnel that is looked at: the place's, else the overview's."""
    if scene.place.funnel:
        return scene.place.funnel
    shown = scene.snapshot.funnel if scene.snapshot else None
    return shown.funnel if shown is not None else ""


def queries(scene: Scene) -> dict[str, FunnelQuery]:
    """What is asked: the steps, the breakdown, the rate by day of entry, times into the bottleneck."""
    name, snapshot = name_of(scene), scene.snapshot
    if not name or snapshot is None:
        return {}
    main = FunnelQuery(name, range=scene.range, where=snapshot.view.where)
    last = scene.range.last or scene.local(snapshot.as_of).date()
    days = Range(last - timedelta(days=TREND_DAYS - 1), last)
    out = {"steps": main, "by": replace(main, by=scene.place.by or snapshot.view.by)}
    if not scene.size.low:
        out["trend"] = replace(main, range=days, grain="day")
    answer = scene.got(main, FunnelAnswer)
    if answer is not None and not scene.size.narrow and len(answer.steps) > 1:
        to = answer.bottleneck if answer.bottleneck and answer.bottleneck > 1 else 2
        out["hist"] = replace(main, hist=(to - 1, to))
    return out


def steps(scene: Scene) -> FunnelView:
    """The steps as bars with all numbers."""
    asked = queries(scene).get("steps")
    answer = scene.got(asked, FunnelAnswer) if asked else None
    if answer is None or asked is None:
        empty = scene.failure(asked) if asked else scene.say("funnel.no_funnel")
        return FunnelView(
            name_of(scene), empty=" " + (empty or scene.say("empty.computing")), title=name_of(scene)
        )
    say = scene.say
    heads = {
        "step": "step",
        "persons": "persons",
        "of_first": "of_first",
        "of_previous": "of_previous",
        "dropped": "dropped",
        "median": "median",
        "p90": "p90",
        "target": "target",
    }
    parts = [
        say(f"funnel.{answer.mode}") if answer.mode in ("ordered", "unordered") else harmless(answer.mode)
    ]
    if answer.window_seconds:
        parts.append(fmt.duration(answer.window_seconds, scene.lang))
    parts.append(say("funnel.persons"))
    return FunnelView(
        name=harmless(answer.funnel),
        steps=tuple(_step(answer, at, scene) for at in range(len(answer.steps))),
        heads=tuple((name, say(f"head.{word}")) for name, word in heads.items()),
        bottleneck=say("funnel.bottleneck"),
        notes=tuple(_notes(answer, scene)),
        title=harmless(answer.funnel) + (" …" if scene.computing else ""),
        unit=" · ".join(parts),
    )


def _step(answer: FunnelAnswer, at: int, scene: Scene) -> Step:
    step = answer.steps[at]
    missed = step.target is not None and step.of_previous is not None and step.of_previous < step.target
    first = bool(at)
    return Step(
        number=step.step,
        name=harmless(step.label),
        share=step.of_first if step.of_first is not None else float(step.persons > 0),
        persons=fmt.number(step.persons, scene.lang, whole=True),
        of_first=fmt.percent(step.of_first, 2),
        of_previous=fmt.percent(step.of_previous, 1),
        dropped=fmt.number(step.dropped, scene.lang, whole=True) if first else fmt.NONE,
        median=fmt.duration(step.median_seconds, scene.lang),
        p90=fmt.duration(step.p90_seconds, scene.lang),
        target=fmt.percent(step.target, 1),
        missed=missed,
        bottleneck=answer.bottleneck == step.step,
    )


def _notes(answer: FunnelAnswer, scene: Scene) -> list[str]:
    say, out = scene.say, []
    neck = next((step for step in answer.steps if step.step == answer.bottleneck), None)
    if neck is not None and neck.step > 1:
        before = answer.steps[neck.step - 2].label
        text = say(
            "funnel.bottleneck_line",
            number=neck.step,
            step=harmless(neck.label),
            rate=fmt.percent(neck.of_previous, 1),
            previous=harmless(before),
        )
        parts = [f"{UNICODE.bottleneck} {text}"]
        if neck.target is not None and neck.of_previous is not None:
            points = (neck.of_previous - neck.target) * 100
            gap = ("+" if points >= 0 else fmt.MINUS) + f"{abs(points):.1f} " + say("page.points")
            parts.append(say("funnel.target", rate=fmt.percent(neck.target, 1), gap=gap))
        if neck.benchmark is not None:
            source = f" ({harmless(neck.benchmark_source)})" if neck.benchmark_source else ""
            parts.append(say("funnel.benchmark", rate=fmt.percent(neck.benchmark, 1)) + source)
        out.append(", ".join(parts))
    last = answer.steps[-1].of_first if answer.steps else None
    rest = [say("funnel.excluded", n=answer.excluded), say("funnel.open_short", n=answer.open)]
    if answer.mature_rate is not None:
        rest.append(say("funnel.mature", rate=fmt.percent(answer.mature_rate, 3)))
    return [*out, " · ".join([*rest, say("funnel.observed", rate=fmt.percent(last, 3))])]


def breakdown(scene: Scene) -> TableView:
    """Members of the dimension with the share of the previous step in each step."""
    asked = queries(scene).get("by")
    answer = scene.got(asked, FunnelAnswer) if asked else None
    by = (asked.by if asked else "") or "channel"
    labels = answer.steps if answer else ()
    columns = [
        Column("member", head(by, scene.lang), "left"),
        Column("entered", scene.say("head.entered"), natural="desc"),
    ]
    columns += [Column(f"step{s.step}", harmless(s.label), drop=9 - min(8, s.step)) for s in labels[1:]]
    columns.append(Column("rate", scene.say("head.rate")))
    rows = [_group(group.value, group.steps, scene) for group in (answer.groups if answer else ())]
    total = _group("", labels, scene, total=True) if labels else None
    empty = scene.failure(asked) if asked else ""
    return TableView(
        tuple(columns),
        MemoryRows(rows),
        total,
        title=scene.say("panel.breakdown", dimension=dimension(by, scene.lang)),
        unit=scene.say("panel.share_of_previous"),
        empty=empty or scene.say("empty.computing" if answer is None else "empty.panel"),
        underline=True,
    )


def _group(name: str | None, found: tuple[object, ...], scene: Scene, total: bool = False) -> Row:
    first = found[0] if found else None
    entered = getattr(first, "persons", 0)
    cells = [
        Cell(scene.say("head.total") if total else member(name, scene.lang)),
        Cell(fmt.number(entered, scene.lang, whole=True), entered, kind="number"),
    ]
    for step in found[1:]:
        rate = getattr(step, "of_previous", None)
        cells.append(Cell(fmt.percent(rate, 1), rate, kind="number"))
    rate = getattr(found[-1], "of_first", None) if found else None
    cells.append(Cell(fmt.percent(rate, 3), rate, kind="number"))
    return Row("total" if total else f"={name}" if name is not None else "-", tuple(cells))


def histogram(scene: Scene, width: int) -> TextView:
    """How long people take into the bottleneck."""
    asked = queries(scene).get("hist")
    answer = scene.got(asked, FunnelAnswer) if asked else None
    if answer is None or asked is None or asked.hist is None:
        return TextView(
            (line((" " + (scene.failure(asked) if asked else ""), "ink-dim")),), scene.say("page.times")
        )
    first, second = (next((s.label for s in answer.steps if s.step == n), str(n)) for n in asked.hist)
    most = max((count for _, count in answer.histogram), default=0)
    room = max(4, width - 26)
    lines: list[Line] = []
    for edge, count in answer.histogram:
        text = "≤ " + fmt.duration(edge, scene.lang) if edge not in (float("inf"),) else "…"
        bar = bar_line(count / most if most else 0.0, room, UNICODE, rest=False)
        lines.append(line((" " + pad(text, 13), "ink-dim"), *bar, (f" {count:>7,}", "ink")))
    persons = next((s.persons for s in answer.steps if s.step == asked.hist[1]), 0)
    return TextView(
        tuple(lines),
        scene.say("panel.time_between", first=harmless(first), second=harmless(second)),
        fmt.number(persons, scene.lang, whole=True),
    )


def rate(scene: Scene) -> TrendView:
    """The rate by day of entry; days whose windows are open may rise."""
    asked = queries(scene).get("trend")
    answer = scene.got(asked, FunnelAnswer) if asked else None
    title = scene.say("panel.rate_by_entry", grain=scene.say("grain.day"))
    if answer is None or asked is None:
        return TrendView(title=title, empty=scene.failure(asked) if asked else "")
    known = {point.period[:10]: point for point in answer.trend}
    first = asked.range.first or date.min
    days = [first + timedelta(days=at) for at in range(TREND_DAYS)]
    points = [known.get(day.isoformat()) for day in days]
    waiting = 0
    for point in reversed(points):
        if point is not None and not point.open:
            break
        waiting += 1
    values = tuple(point.rate if point else None for point in points)
    view = TrendView(series=(Series("rate", values),), open=waiting if waiting < len(days) else 0)
    view = with_axes(view, [f"{day:%m-%d}" for day in days], "percent", scene)
    note = f"{UNICODE.open_point} {scene.say('funnel.window_open')}"
    return replace(view, title=title, unit=scene.say("panel.days_alone"), notes=(note,) if view.open else ())


def persons_query(scene: Scene) -> FunnelQuery | None:
    """Who is in the step of the place."""
    place, snapshot = scene.place, scene.snapshot
    if snapshot is None or not place.funnel:
        return None
    return FunnelQuery(
        place.funnel,
        range=scene.range,
        where=snapshot.view.where,
        persons=str(place.step),
        which=cast(Which, place.which or "reached"),
        limit=PERSONS_MOST,
    )


def persons(scene: Scene) -> TableView:
    """Persons with how far they came and why not further."""
    asked = persons_query(scene)
    answer = scene.got(asked, FunnelAnswer) if asked else None
    say = scene.say
    columns = (
        Column("person", say("head.person"), "left"),
        Column("level", say("head.step"), drop=3),
        Column("identifiers", say("head.identifiers"), "left", drop=6, grow=30),
        Column("why", say("head.why_not"), "left", grow=60),
        Column("event", say("head.event"), "left", drop=5),
        Column("time", say("head.time"), drop=2),
        Column("file", say("head.file"), "left", drop=7),
    )
    found = answer.persons if answer else ()
    place = scene.place
    word = {"dropped": "funnel.dropped_at", "reached": "funnel.reached_at"}.get(place.which)
    title = say(word, number=place.step) if word else say("funnel.excluded_list")
    empty = (scene.failure(asked) if asked else "") or say(
        "empty.computing" if answer is None else "empty.persons"
    )
    return TableView(
        columns,
        MemoryRows([_person(each, scene) for each in found]),
        title=f"{say('panel.persons')} · {title}",
        unit=f"{len(found):,}",
        empty=empty,
    )


def _person(person: FunnelPerson, scene: Scene) -> Row:
    last = person.path[-1] if person.path else None
    when = scene.local(last.ts) if last else None
    return Row(
        person.person,
        (
            Cell(harmless(person.person)),
            Cell(str(person.level), person.level, kind="number"),
            Cell(harmless(" ".join(person.identifiers))),
            Cell(harmless(person.why_not or "")),
            Cell(harmless(last.event) if last else ""),
            Cell(f"{when:%m-%d %H:%M}" if when else fmt.NONE, when.isoformat() if when else None),
            Cell(f"{harmless(last.file)}:{last.line}" if last else ""),
        ),
    )

"""One step of a funnel: its numbers, how long it took, and what those who dropped did next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.questions import FunnelAnswer, FunnelQuery, FunnelStep
from tui import format as fmt
from tui.draw.spark import bar_line
from tui.glyphs import UNICODE
from tui.harmless import cells, harmless, pad
from tui.lines import line
from tui.rows import MemoryRows
from tui.view import Cell, Column, Line, Row, TableView
from tui.view.text import TextView
from tui.views.funnel import answer_of, hop, main, points, queries
from tui.views.scene import Scene

LEAST_BAR = 4
Bins = tuple[tuple[float, float, int], ...]


def after_query(scene: Scene) -> FunnelQuery | None:
    """What those who dropped at the step of the place did next."""
    asked = main(scene)
    return replace(asked, after=scene.place.step) if asked and scene.place.step > 1 else None


def bins(histogram: Sequence[tuple[float, int]], rows: int) -> Bins:
    """A histogram in at most `rows` bars, as (from, to, persons): later bars are wider where there are many.

    In:  (start in seconds, persons) of equal bins; the last one only ends the one before it.
    """
    starts = [start for start, _ in histogram]
    counts = [count for _, count in histogram]
    if len(starts) == 1:
        return ((starts[0], starts[0], counts[0]),)
    edges, last = starts, len(counts) - 1
    counts = [*counts[: last - 1], counts[last - 1] + counts[last]] if last > 0 else counts
    widths = _widths(len(counts), rows)
    out, at = [], 0
    for width in widths:
        out.append((edges[at], edges[min(at + width, last)], sum(counts[at : at + width])))
        at += width
    return tuple(out)


def _widths(count: int, rows: int) -> list[int]:
    """How many equal bins each bar takes: one each, else growing ones by the smallest factor that does."""
    if count <= rows:
        return [1] * count
    factor = 1.0
    while True:
        widths: list[int] = []
        size = 1.0
        while sum(widths) < count and len(widths) < rows:
            widths.append(min(max(1, round(size)), count - sum(widths)))
            size *= factor
        if sum(widths) == count:
            return widths
        factor += 0.05


def histogram(scene: Scene, width: int, height: int) -> TextView:
    """How long people take from the step before into the step that is looked at."""
    asked, answer = queries(scene).get("hist"), answer_of(scene, "hist")
    if answer is None or asked is None or asked.hist is None:
        return TextView(
            (line((" " + (scene.failure(asked) if asked else ""), "ink-dim")),), scene.say("page.times")
        )
    first, second = (answer.steps[number - 1] for number in asked.hist)
    title = scene.say("panel.time_between", first=harmless(first.label), second=harmless(second.label))
    if not answer.histogram:
        return TextView((line((" " + scene.say("funnel.no_times"), "ink-dim")),), title)
    lines = bars(bins(answer.histogram, max(2, height - 1)), width, scene)
    return TextView(
        (*lines, _times(second, scene)), title, fmt.number(second.persons, scene.lang, whole=True)
    )


def bars(found: Bins, width: int, scene: Scene) -> tuple[Line, ...]:
    """`1 min – 3 min ████▋ 5,480`: both ends of each bar, bars from zero."""
    lang = scene.lang
    texts = [_ends(low, high, lang) for low, high, _ in found]
    label = max(cells(text) for text in texts)
    size = max(len(f"{count:,}") for _, _, count in found)
    most = max(count for _, _, count in found)
    room = max(LEAST_BAR, width - label - size - 4)
    out = []
    for text, (_, _, count) in zip(texts, found, strict=True):
        bar = bar_line(count / most if most else 0.0, room, UNICODE, rest=False)
        out.append(line((f" {pad(text, label)} ", "ink-dim"), *bar, (f" {count:>{size},}", "ink")))
    return tuple(out)


def _ends(low: float, high: float, lang: str) -> str:
    first, last = fmt.age(low, lang), fmt.age(high, lang)
    if first == last or high < 172_800:
        first, last = fmt.duration(low, lang), fmt.duration(high, lang)
    return first if low == high else f"{first} – {last}"


def _times(step: FunnelStep, scene: Scene) -> Line:
    parts = [
        f"{scene.say(f'head.{name}')} {fmt.duration(seconds, scene.lang)}"
        for name, seconds in (("average", step.avg_seconds), ("p75", step.p75_seconds))
        if seconds is not None
    ]
    return line((" " + " · ".join(parts), "ink-dim"))


def card(scene: Scene) -> TextView:
    """A step with all its numbers, one in a line."""
    answer = answer_of(scene)
    step = next((each for each in answer.steps if each.step == scene.place.step), None) if answer else None
    if answer is None or step is None:
        return TextView((line((" " + scene.say("empty.computing"), "ink-dim")),), scene.say("head.step"))
    rows = _facts(answer, step, scene)
    label = max(cells(name) for name, _, _ in rows)
    lines = [line((f" {pad(name, label)}  ", "ink-dim"), (text, tone)) for name, text, tone in rows]
    return TextView(tuple(lines), f"{step.step} {harmless(step.label)}", scene.say("funnel.persons"))


def _facts(answer: FunnelAnswer, step: FunnelStep, scene: Scene) -> list[tuple[str, str, str]]:
    """(label, text, tone) of all that is known of a step."""
    say, lang, pair = scene.say, scene.lang, hop(answer, step.step)
    before = harmless(answer.steps[pair[0] - 1].label) if pair else ""
    out = [(say("head.persons"), fmt.exact(step.persons), "ink-strong")]
    out.append((say("head.of_first"), fmt.percent(step.of_first, 2), "ink"))
    if step.step > 1:
        out.append((say("funnel.of_step", step=before), fmt.percent(step.of_previous, 2), "ink"))
        out.append((say("head.dropped"), fmt.exact(step.dropped), "ink"))
    for name, aim in (("target", step.target), ("benchmark", step.benchmark)):
        if aim is not None and step.of_previous is not None:
            missed = step.of_previous < aim
            text = f"{fmt.percent(aim, 1)} {points(step.of_previous - aim, scene)}{'!' if missed else ''}"
            out.append((say(f"head.{name}"), text, "bad" if missed and name == "target" else "ink"))
    for name, seconds in (
        ("average", step.avg_seconds), ("median", step.median_seconds), ("p75", step.p75_seconds),
        ("p90", step.p90_seconds),
    ):  # fmt: skip
        if seconds is not None:
            out.append((say(f"head.{name}"), fmt.duration(seconds, lang), "ink"))
    return out


def next_events(scene: Scene) -> TableView:
    """What those who dropped at the step did next: first event, persons, share of the dropped."""
    asked, say = after_query(scene), scene.say
    answer = scene.got(asked, FunnelAnswer) if asked else None
    found = answer.after if answer else ()
    whole = sum(each.persons for each in found)
    rows = [
        Row(
            f"={each.event}" if each.event is not None else "-",
            (
                Cell(say("funnel.nothing_more") if each.event is None else harmless(each.event)),
                Cell(f"{each.persons:,}", each.persons, kind="number"),
                Cell(fmt.percent(each.persons / whole, 1), each.persons / whole, kind="bar",
                     share=each.persons / whole),
            ),
        )
        for each in found
    ]  # fmt: skip
    columns = (
        Column("event", say("head.event"), "left"),
        Column("persons", say("head.persons"), natural="desc"),
        Column("share", say("head.share"), "left", width=17, drop=1),
    )
    empty = scene.failure(asked) if asked else say("funnel.none_dropped")
    waiting = "empty.computing" if answer is None else "funnel.none_dropped"
    return TableView(
        columns, MemoryRows(rows), title=say("panel.did_next"), unit=f"{whole:,}" if whole else "",
        empty=empty or say(waiting),
    )  # fmt: skip

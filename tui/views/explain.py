"""Why a number changed, in lines: for the overlay of the console."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from engine.questions import Cause, MemberChange, Range, WhyAnswer, WhyQuery
from tui import format as fmt
from tui.harmless import cells, harmless, pad, wrap
from tui.lines import line
from tui.place import Place
from tui.view import Line
from tui.views.lineage import Entry
from tui.views.scene import Scene, dimension, member_text
from tui.views.tracing import Number
from tui.words import say

MEMBERS = 12
"""So many members are listed; the number of the others is said."""
WIDEST = 44
"""Cells of the longest name."""
_FUNNEL = "funnel:"


@dataclass(frozen=True, slots=True)
class Why:
    """A change on the screen; `place`: Metrics for the members gone into, None where it leads nowhere."""

    query: WhyQuery
    place: Place | None


def of_number(scene: Scene, number: Number) -> Why | None:
    """The change of a number: its metric, members, days and filter, against what the view compares with.

    None for the first step of a funnel, which nobody is lost before, for open funnels and for one group.
    """
    trace = number.query
    days = trace.range if trace.range != Range() else None
    query = WhyQuery(
        trace.metric,
        trace.period,
        days,
        _compared(scene),
        where=trace.where,
        grain=trace.grain,
    )
    if not trace.metric.startswith(_FUNNEL):
        path = tuple(each for each in number.place.path if each[0] != "day")
        return Why(query, Place("metrics", metric=trace.metric, path=path, range=number.place.range))
    if trace.step is None or trace.step < 2 or trace.enter == "any" or trace.member is not None:
        return None
    funnel = trace.metric.removeprefix(_FUNNEL)
    name = f"{funnel}_{trace.step}"
    toml = "\n".join(
        (
            trace.toml,
            f"[metric.{json.dumps(name, ensure_ascii=False)}]",
            'kind = "funnel"',
            f"funnel = {json.dumps(funnel, ensure_ascii=False)}",
            f"to_step = {trace.step}",
            'unit = "percent"',
        )
    )
    return Why(replace(query, metric=name, toml=toml), None)


def _compared(scene: Scene) -> Literal["previous", "week", "month", "year"]:
    """What the view compares with; the period before where it says nothing of time."""
    for each in ("previous", "week", "month", "year"):
        if scene.snapshot is not None and scene.snapshot.view.compare == each:
            return each
    return "previous"


Named = Callable[[str], str]
"""A metric in words, harmless."""


def entries(
    answer: WhyAnswer, lang: str, width: int, place: Place | None = None, named: Named = harmless
) -> tuple[Entry, ...]:
    """The sentence, then causes, the metric tree and members as small tables.

    In:  cells of a line; the place in Metrics whose members a cause adds to; what a metric is called.
    """
    return tuple(_all(answer, lang, width, place, named))


def _all(answer: WhyAnswer, lang: str, width: int, place: Place | None, named: Named) -> Iterator[Entry]:
    for text in wrap(harmless(answer.sentences.get(lang, answer.sentence)), width):
        yield Entry(line((text, "ink-strong")))
    unit = answer.unit
    if answer.causes:
        heads = [say(f"explain.{key}", lang) for key in ("causes", "effect", "share", "ratio", "factor")]
        rows = [_cause(each, unit, lang, named) for each in answer.causes]
        yield from _table(heads, rows, [_below(place, cause.element) for cause in answer.causes], width)
    if answer.tree:
        heads = [say(f"explain.tree_{answer.tree_method or 'sum'}", lang), say("explain.effect", lang)]
        rows = [[named(name), effect(each, unit)] for name, each in answer.tree.items()]
        yield from _table(heads, rows, [None] * len(rows), width)
    if answer.members:
        yield from _members(answer, lang, width, place)


def _cause(cause: Cause, unit: str, lang: str, named: Named) -> list[str]:
    factor = f"{named(cause.factor)} {effect(cause.factor_effect, unit)}" if cause.factor else fmt.NONE
    ratio = fmt.NONE if cause.ratio is None else f"× {cause.ratio:.2f}"
    return [
        element(cause.element, lang),
        effect(cause.effect, unit),
        fmt.percent(cause.share, 0),
        ratio,
        factor,
    ]


def _members(answer: WhyAnswer, lang: str, width: int, place: Place | None) -> Iterator[Entry]:
    rate = any(each.mix_effect is not None for each in answer.members)
    keys = ("members", "effect", "share", *(("rate", "mix") if rate else ()))
    shown = answer.members[:MEMBERS]
    rows = [_member(each, answer.unit, lang, rate) for each in shown]
    places = [_below(place, each.member) for each in shown]
    dims = " · ".join(dimension(name, lang) for name, _ in answer.members[0].member)
    heads = [dims or say("explain.members", lang), *(say(f"explain.{key}", lang) for key in keys[1:])]
    yield from _table(heads, rows, places, width)
    more = len(answer.members) - len(shown)
    if more:
        yield Entry(line((f"+ {more:,}", "ink-dim")))


def _member(each: MemberChange, unit: str, lang: str, rate: bool) -> list[str]:
    cellular = [element(each.member, lang), effect(each.effect, unit), fmt.percent(each.share, 0)]
    return cellular + ([effect(part, unit) for part in (each.rate_effect, each.mix_effect)] if rate else [])


def _below(place: Place | None, members: tuple[tuple[str, str | None], ...]) -> Place | None:
    """Metrics for a member of the place; a member that it has already leads nowhere new."""
    if place is None or not members:
        return None
    held = dict(place.path)
    return replace(place, path=(*place.path, *(each for each in members if each[0] not in held)))


def _table(
    heads: Sequence[str], rows: Sequence[Sequence[str]], places: Sequence[Place | None], width: int
) -> Iterator[Entry]:
    """A blank line, the heads, the rows: names at the left, numbers at the right of their columns."""
    columns = list(zip(heads, *rows, strict=True))
    widths = [max(cells(text) for text in column) for column in columns]
    rest = sum(widths[1:]) + 2 * len(widths[1:])
    widths[0] = min(widths[0], WIDEST, max(8, width - rest))
    yield Entry(())
    yield Entry(_row(heads, widths, "ink-dim"))
    for row, place in zip(rows, places, strict=True):
        yield Entry(_row(row, widths, "ink"), place)


def _row(texts: Sequence[str], widths: Sequence[int], tokens: str) -> Line:
    first, *others = zip(texts, widths, strict=True)
    runs = [(pad(*first), tokens)]
    runs += [(f"  {pad(text, room, 'right')}", tokens) for text, room in others]
    return line(*runs)


def element(members: tuple[tuple[str, str | None], ...], lang: str) -> str:
    """`Douyin · sofa_03`; everything for no members."""
    named = (member_text(name, value, lang) for name, value in members)
    return " · ".join(named) or say("explain.everything", lang)


def effect(value: float | None, unit: str) -> str:
    """A change with its sign: `−339.36`, of a percent metric in points `−0.85 pp`."""
    if value is None:
        return fmt.NONE
    sign = fmt.MINUS if value < 0 else "+"
    if unit == "percent":
        return f"{sign}{abs(value) * 100:,.2f} pp"
    size = abs(value)
    return sign + (f"{size:,.0f}" if size == round(size) else f"{size:,.2f}")

"""The breakdown of a funnel: each group with its shares and how its rate moved; groups sum to the total."""

from __future__ import annotations

from dataclasses import replace

from engine.questions import FunnelAnswer, FunnelGroup
from tui import format as fmt
from tui.glyphs import UNICODE
from tui.harmless import harmless
from tui.rows import MemoryRows
from tui.view import Cell, Column, Row, TableView
from tui.views import rules
from tui.views.funnel import answer_of, name_of, queries
from tui.views.marks import change_cell
from tui.views.scene import Scene, dimension, head, member

NOBODY = FunnelGroup(None, (), 0)


def mode_of(scene: Scene) -> str:
    """How a person gets a group: the place's breakdown, else the funnel's."""
    words = rules.in_force(scene, name_of(scene))
    return scene.place.rules.breakdown or str(rules.value(words, "breakdown"))


def breakdown(scene: Scene) -> TableView:
    """Members of the dimension with the share of the previous step in each step."""
    asked, say = queries(scene).get("by"), scene.say
    answer, before = answer_of(scene, "by"), answer_of(scene, "base_by")
    by = (asked.by if asked else "") or "channel"
    labels = answer.steps if answer else ()
    columns = [
        Column("member", head(by, scene.lang), "left"),
        Column("entered", say("head.entered"), natural="desc"),
    ]
    columns += [Column(f"step{s.step}", harmless(s.label), drop=9 - min(8, s.step)) for s in labels[1:]]
    columns.append(Column("rate", say("head.rate")))
    if before is not None:
        columns.append(Column("change", say("head.change")))
    waiting = answer is not None and answer.open > 0
    earlier = {group.value: group for group in before.groups} if before is not None else None
    rows = [
        _row(group, scene, earlier.get(group.value, NOBODY) if earlier is not None else None, waiting=waiting)
        for group in (answer.groups if answer else ())
    ]
    total = None
    if answer is not None:
        was = whole(before) if before is not None else None
        total = _row(whole(answer), scene, was, waiting=waiting, total=True)
    empty = scene.failure(asked) if asked else ""
    return TableView(
        tuple(columns),
        MemoryRows(rows),
        total,
        foot=_foot(scene, answer),
        title=say("panel.breakdown", dimension=dimension(by, scene.lang)),
        unit=f"{rules.said(scene, 'breakdown', mode_of(scene))} · {say('panel.share_of_previous')}",
        empty=empty or say("empty.computing" if answer is None else "empty.panel"),
        underline=True,
    )


def whole(answer: FunnelAnswer) -> FunnelGroup:
    """The total as a group."""
    return FunnelGroup(None, answer.steps, answer.excluded, observed_rate=answer.observed_rate)


def rate(group: FunnelGroup) -> float | None:
    """Converted of those who entered: as the engine says it, else the last step's share of the first."""
    if group.observed_rate is not None or not group.steps:
        return group.observed_rate
    return group.steps[-1].of_first


def _foot(scene: Scene, answer: FunnelAnswer | None) -> tuple[str, ...]:
    """Whether the groups sum to the total, as far as the way of breaking down promises it."""
    if answer is None or not answer.groups:
        return ()
    if answer.checks:
        return tuple(f"▲ {harmless(text)}" for text in answer.checks)
    return (" · ".join([_sum(scene, answer), *_open(scene, answer)]),)


def _sum(scene: Scene, answer: FunnelAnswer) -> str:
    mode = mode_of(scene)
    if mode == "all_events":
        return scene.say("funnel.may_repeat")
    if mode.startswith("step:"):
        return scene.say("funnel.only_step", number=mode.removeprefix("step:"))
    return "✓ " + scene.say("funnel.sums", n=len(answer.groups))


def _open(scene: Scene, answer: FunnelAnswer) -> list[str]:
    return [f"{UNICODE.open_point} {scene.say('funnel.window_open')}"] if answer.open else []


def _row(
    group: FunnelGroup,
    scene: Scene,
    before: FunnelGroup | None,
    *,
    waiting: bool = False,
    total: bool = False,
) -> Row:
    """One group; in: what it was before (None: nothing is compared), whether windows are still open."""
    entered = group.steps[0].persons if group.steps else 0
    cells = [
        Cell(scene.say("head.total") if total else member(group.value, scene.lang)),
        Cell(fmt.number(entered, scene.lang, whole=True), entered, kind="number"),
    ]
    for step in group.steps[1:]:
        cells.append(Cell(fmt.percent(step.of_previous, 1), step.of_previous, kind="number"))
    now = rate(group)
    cells.append(Cell(fmt.percent(now, 3), now, kind="number"))
    if before is not None:
        was = rate(before)
        move = fmt.change(now, was, kind="percent", lang=scene.lang)
        if waiting:
            move = replace(move, text=f"{move.text} {UNICODE.open_point}", tone="partial")
        cells.append(change_cell(move, now - was if now is not None and was is not None else None))
    value = group.value
    return Row("total" if total else f"={value}" if value is not None else "-", tuple(cells))

"""Two funnels beside each other: periods, segments or rule sets; which step moved, and who moves."""

from __future__ import annotations

from dataclasses import replace

from engine.questions import BesideAnswer, BesideMove, BesideQuery, BesideStep, FunnelQuery, Range
from tui import format as fmt
from tui.glyphs import UNICODE
from tui.harmless import harmless
from tui.lines import line
from tui.place import Rules
from tui.rows import MemoryRows
from tui.view import Cell, Column, Row, TableView
from tui.view.text import TextView
from tui.views import rules
from tui.views.funnel import base, filters, main, name_of, points, signed
from tui.views.scene import Scene

EXCLUDED, ABSENT = -1, 0


def query(scene: Scene) -> BesideQuery | None:
    """Both funnels of the place."""
    asked, versus, snapshot = main(scene), scene.place.versus, scene.snapshot
    if asked is None or versus is None or snapshot is None:
        return None
    if versus.kind == "periods":
        before = base(scene)
        return BesideQuery(before, asked) if before is not None else None
    if versus.kind == "segments":
        a, b = (replace(asked, where=filters(asked.where, each)) for each in (versus.a, versus.b))
        return BesideQuery(a, b)
    plain = FunnelQuery(asked.funnel, range=asked.range, where=snapshot.view.where)
    return BesideQuery(plain, asked)


def answer_of(scene: Scene) -> BesideAnswer | None:
    """The answer, None while there is none."""
    asked = query(scene)
    return scene.got(asked, BesideAnswer) if asked else None


def names(scene: Scene) -> tuple[str, str]:
    """What stands at the left and at the right, in words."""
    versus, asked = scene.place.versus, query(scene)
    if versus is None or asked is None:
        return "A", "B"
    if versus.kind == "periods":
        spans = (each.range for each in (asked.a, asked.b))
        first, second = (fmt.days(s.first, s.last) if s.first and s.last else "" for s in spans)
        return first, second
    if versus.kind == "segments":
        return harmless(versus.a) or scene.say("beside.everyone"), harmless(versus.b) or scene.say(
            "beside.everyone"
        )
    return scene.say("beside.configured"), scene.say("beside.options")


def moved(answer: BesideAnswer) -> BesideStep | None:
    """The step that moved, None where none did beyond chance."""
    return next((step for step in answer.steps if step.step == answer.moved), None)


def about(scene: Scene) -> TextView:
    """What is compared, and in a sentence what moved."""
    say, asked, answer = scene.say, query(scene), answer_of(scene)
    first, second = names(scene)
    title = say("panel.beside", name=harmless(name_of(scene)))
    lines = [line((" A  ", "series-1"), (first, "ink-strong")), line((" B  ", "series-3"), (second, "ink"))]
    if asked is None:
        return TextView((line((" " + say("beside.no_base"), "ink-dim")),), title)
    if answer is None:
        return TextView(
            (*lines, line((" " + (scene.failure(asked) or say("empty.computing")), "ink-dim"))), title
        )
    lines.append(line((" " + _sentence(answer, scene), "ink")))
    if answer.b.open > answer.a.open:
        text = say("beside.open", n=answer.b.open)
        lines.append(line((f" {UNICODE.open_point} {text}", "partial")))
    if scene.place.versus is not None and scene.place.versus.kind == "rules":
        lines.append(line((" △ " + ", ".join(rules.changed(scene, name_of(scene))), "revised")))
    return TextView(tuple(lines), title)


def _sentence(answer: BesideAnswer, scene: Scene) -> str:
    step = moved(answer)
    if step is None or step.difference is None or step.low is None or step.high is None:
        return scene.say("beside.none_moved")
    return scene.say(
        "beside.moved",
        number=step.step,
        step=harmless(step.label),
        a=fmt.percent(step.a_rate, 1),
        b=fmt.percent(step.b_rate, 1),
        difference=points(step.difference, scene),
        low=signed(step.low),
        high=signed(step.high),
    )


def steps(scene: Scene) -> TableView:
    """Each step of both: persons, rates, their difference with its interval."""
    say, answer = scene.say, answer_of(scene)
    columns = (
        Column("step", say("head.step"), "left"),
        Column("a", f"A {say('head.persons')}", drop=3),
        Column("b", f"B {say('head.persons')}", drop=3),
        Column("a_rate", f"A {say('head.of_previous')}"),
        Column("b_rate", f"B {say('head.of_previous')}"),
        Column("difference", f"{say('beside.difference')} {say('page.points')}"),
        Column("interval", say("beside.interval"), drop=1),
        Column("mark", "", "left", drop=4),
    )
    most = moved(answer) if answer else None
    rows = [_step(each, each is most, scene) for each in (answer.steps if answer else ())]
    return TableView(
        columns,
        MemoryRows(rows),
        foot=(say("beside.foot"),),
        title=say("beside.steps"),
        unit=say("beside.unit"),
        empty=say("empty.computing" if answer is None else "empty.panel"),
    )


def _step(step: BesideStep, most: bool, scene: Scene) -> Row:
    beyond = step.low is not None and step.high is not None and (step.low > 0 or step.high < 0)
    better = (step.difference or 0.0) > 0
    tone = ("good" if better else "bad") if beyond else "ink"
    arrow = UNICODE.up if better else UNICODE.down
    text = fmt.NONE if step.difference is None else signed(step.difference)
    shown = arrow + text.lstrip(f"+{fmt.MINUS}") + ("" if better else "!") if beyond else text
    interval = (
        f"{signed(step.low)} … {signed(step.high)}"
        if step.low is not None and step.high is not None
        else fmt.NONE
    )
    return Row(
        f"={step.step}",
        (
            Cell(f"{step.step} {harmless(step.label)}", step.step),
            Cell(fmt.number(step.a, scene.lang, whole=True), step.a, kind="number"),
            Cell(fmt.number(step.b, scene.lang, whole=True), step.b, kind="number"),
            Cell(fmt.percent(step.a_rate, 1), step.a_rate, kind="number"),
            Cell(fmt.percent(step.b_rate, 1), step.b_rate, kind="number"),
            Cell(shown, step.difference, tone, kind="number"),
            Cell(interval, step.low, "ink-dim", kind="number"),
            Cell(f"{UNICODE.bottleneck} {scene.say('beside.most')}" if most else "", tone="warn"),
        ),
    )


def level(number: int, scene: Scene) -> str:
    """How far somebody came in one of both."""
    if number == EXCLUDED:
        return scene.say("funnel.excluded_list")
    return scene.say("beside.absent") if number == ABSENT else scene.say("beside.level", number=number)


def moves(scene: Scene) -> TableView:
    """How many persons stand elsewhere, by pair of levels."""
    say, answer = scene.say, answer_of(scene)
    columns = (
        Column("a", "A", "left"),
        Column("arrow", "", "left"),
        Column("b", "B", "left"),
        Column("persons", say("head.persons"), natural="desc"),
    )
    found = answer.moves if answer else ()
    rows = [
        Row(
            f"{a},{b}",
            (
                Cell(level(a, scene), a),
                Cell(UNICODE.step, tone="ink-dim"),
                Cell(level(b, scene), b),
                Cell(f"{count:,}", count, kind="number"),
            ),
        )
        for a, b, count in found
    ]
    return TableView(
        columns,
        MemoryRows(rows),
        title=say("beside.moves"),
        unit=f"{sum(count for _, _, count in found):,}",
        empty=say("empty.computing" if answer is None else "beside.nobody"),
    )


def persons(scene: Scene) -> TableView:
    """Those who move, of the pair of levels that was gone into, else all that are listed."""
    say, answer, pair = scene.say, answer_of(scene), scene.place.which
    found = [each for each in (answer.persons if answer else ()) if pair in ("", f"{each.a},{each.b}")]
    columns = (
        Column("person", say("head.person"), "left"),
        Column("a", "A", "left"),
        Column("b", "B", "left"),
        Column("identifiers", say("head.identifiers"), "left", drop=2, grow=60),
    )
    title = say("beside.who")
    if pair:
        a, b = (level(int(each), scene) for each in pair.split(","))
        title += f" · {a} {UNICODE.step} {b}"
    return TableView(
        columns,
        MemoryRows([_person(each, scene) for each in found]),
        title=title,
        unit=f"{len(found):,}",
        empty=say("empty.computing" if answer is None else "beside.nobody"),
    )


def _person(move: BesideMove, scene: Scene) -> Row:
    return Row(
        f"{move.person}\x1f{move.key}\x1f{move.b}",
        (
            Cell(harmless(move.person)),
            Cell(level(move.a, scene), move.a),
            Cell(level(move.b, scene), move.b),
            Cell(harmless(" ".join(move.identifiers)), tone="ink-dim"),
        ),
    )


def side(scene: Scene, row: str) -> tuple[Rules, Range | None]:
    """The rules and the range that mark the journey of somebody who moves: B's; A's for who is only there.

    In:  the id of the person's row.
    """
    versus, looked, asked = scene.place.versus, scene.place.rules, query(scene)
    if versus is None or asked is None:
        return looked, scene.place.range
    only_a = row.endswith(f"\x1f{ABSENT}")
    if versus.kind == "segments":
        typed = versus.a if only_a else versus.b
        return replace(looked, where=filters(looked.where, typed) or ""), scene.place.range
    if versus.kind == "rules" and only_a:
        return Rules(), scene.place.range
    return looked, asked.a.range if only_a else scene.place.range

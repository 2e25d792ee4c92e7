"""Everything a person did or got, by day and visit, with what joined the identifiers in its place."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby

from engine.questions import FunnelPerson, Join, JourneyFact, PersonAnswer
from tui import format as fmt
from tui.glyphs import UNICODE
from tui.harmless import cells, cut, harmless
from tui.rows import MemoryRows
from tui.view import Cell, Column, Row, TableView
from tui.views.person import amount, answer_of, ask, funnel_person
from tui.views.scene import Scene

SIGNS = {"behaviour": "●", "transaction": "◆", "interaction": "○", "feedback": "■", "lead": UNICODE.up}
JOINED = "◇"
NAME = 20
BARRIER = UNICODE.states["crit"][0]
"""The sign of the event that excluded a person from a funnel, or came too late."""
Event = JourneyFact | Join
Marks = dict[tuple[str, int], str]


def journey(scene: Scene) -> TableView:
    """All facts in the order of time; a visit begins with a line that says how long it was."""
    answer, say = answer_of(scene), scene.say
    found = funnel_person(scene)
    steps = marks(found) if found else {}
    columns = (
        Column("time", say("head.time"), "left", width=5),
        Column("event", say("head.event"), "left", width=14, grow=30),
        Column("kind", say("head.kind"), "left", drop=4),
        Column("detail", say("page.what"), "left", width=12 if scene.size.tiny else 24, grow=60),
        *((Column("step", say("head.step"), "left", drop=1),) if steps else ()),
        Column("file", say("head.file"), "left", drop=2),
    )
    rows = list(_rows(answer, steps, scene)) if answer is not None else []
    foot: tuple[str, ...] = ()
    if found is not None and found.path:
        day = fmt.day(scene.local(found.path[0].ts).date(), scene.lang)
        foot = (say("person.marks", funnel=harmless(scene.place.funnel), day=day, level=found.level),)
    if found is not None and found.barrier is not None:
        foot = (*foot, f"{BARRIER} {harmless(found.why_not or '')}")
    title = say("panel.journey")
    empty = scene.failure(ask(scene)) or say("empty.computing" if answer is None else "table.no_rows")
    return TableView(
        columns, MemoryRows(rows), title=title, unit=say("panel.all_kinds"), empty=empty, foot=foot
    )


def marks(found: FunnelPerson) -> Marks:
    """Line of a file → the step that it fills, or the sign of the event that stood in the way."""
    out = {(one.file, one.line): f"{one.step} {UNICODE.step}" for one in found.path}
    if found.barrier is not None:
        out[found.barrier.file, found.barrier.line] = BARRIER
    return out


def _rows(answer: PersonAnswer, steps: Marks, scene: Scene) -> Iterator[Row]:
    events: list[tuple[datetime, Event]] = [(fact.ts, fact) for fact in answer.journey]
    events += [(join.ts, join) for join in answer.joins if join.ts is not None]
    events.sort(key=lambda pair: (pair[0], isinstance(pair[1], Join)))
    visits: dict[int, list[JourneyFact]] = {}
    for fact in answer.journey:
        if fact.session is not None:
            visits.setdefault(fact.session, []).append(fact)
    begun: set[int] = set()
    for day, group in groupby(events, key=lambda pair: scene.local(pair[0]).date()):
        title = fmt.day(day, scene.lang, named=True)
        for at, (_, event) in enumerate(group):
            number = None if isinstance(event, Join) else event.session
            opens = number is not None and number not in begun
            if number is not None and opens:
                begun.add(number)
            if at == 0 or opens:
                named = f"  {visit(visits[number], scene)}" if number is not None and opens else ""
                text = f"{title}{named}" if at == 0 else f"{' ' * cells(title)}{named}"
                yield Row(f"day {day} {number or ''} {at}", (Cell(text, tone="ink-strong"),), heading=True)
            where = f"{event.file}\x1f{event.line}\x1f{type(event).__name__}\x1f{day}\x1f{at}"
            yield (
                _joined(event, where, scene, bool(steps))
                if isinstance(event, Join)
                else _fact(event, where, steps, scene)
            )


def visit(facts: list[JourneyFact], scene: Scene) -> str:
    """`── visit 1 · Douyin · 6 min · 4 facts ──`: how long from its first to its last fact."""
    first, last = facts[0], facts[-1]
    channel = next((fact.channel for fact in facts if fact.channel), first.credited)
    spent = fmt.age((last.ts - first.ts).total_seconds(), scene.lang)
    parts = [scene.say("person.session", n=first.session), harmless(channel or ""), spent]
    parts.append(scene.say("page.facts", n=len(facts)))
    ends = UNICODE.rule * 2
    return f"{ends} {' · '.join(part for part in parts if part)} {ends}"


def _fact(fact: JourneyFact, where: str, steps: Marks, scene: Scene) -> Row:
    local = scene.local(fact.ts)
    money = amount(fact.value, fact.currency)
    through = " / ".join(harmless(text) for text in (fact.channel, fact.campaign) if text)
    credited = ""
    if fact.kind == "transaction" and fact.credited and fact.credited != fact.channel:
        credited = scene.say("person.credited", channel=harmless(fact.credited))
    step = steps.get((fact.file, fact.line), "")
    detail = "  ".join(text for text in (harmless(fact.detail), money, through, credited) if text)
    return Row(
        where,
        (
            Cell(f"{local:%H:%M}", local.isoformat()),
            Cell(f"{SIGNS.get(fact.kind, '○')} {harmless(fact.event)}"),
            Cell(_class(fact.kind, scene)),
            Cell(detail),
            *((Cell(step, tone="bad" if step == BARRIER else "info"),) if steps else ()),
            Cell(_place(fact.file, fact.line), tone="ink-dim"),
        ),
    )


def _place(file: str, number: int | None) -> str:
    """The file by its name without folder and ending, cut so that the line stays in sight."""
    name = file.rsplit("/", 1)[-1].partition(".")[0] or file
    return f"{cut(harmless(name), NAME).rstrip()}:{number}"


def _class(kind: str, scene: Scene) -> str:
    return scene.say(f"kind.{kind}") if kind in SIGNS else harmless(kind)


def _joined(join: Join, where: str, scene: Scene, marked: bool) -> Row:
    assert join.ts is not None and join.file is not None
    local = scene.local(join.ts)
    beside = scene.say("person.beside", beside=harmless(join.beside.partition(":")[2]))
    return Row(
        where,
        (
            Cell(f"{local:%H:%M}", local.isoformat(), "ink-dim"),
            Cell(f"{JOINED} {scene.say('person.joined')}", tone="ink-dim"),
            Cell(scene.say("kind.identity"), tone="ink-dim"),
            Cell(f"{harmless(join.identifier.partition(':')[2])} {beside}", tone="ink-dim"),
            *((Cell(""),) if marked else ()),
            Cell(_place(join.file, join.line), tone="ink-dim"),
        ),
    )

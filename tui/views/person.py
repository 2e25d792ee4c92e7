"""A person: identifiers, and everything done in the order of time."""

from __future__ import annotations

from decimal import Decimal
from itertools import groupby

from engine.questions import JourneyFact, PersonAnswer
from tui import format as fmt
from tui.asking import PersonAsk
from tui.glyphs import UNICODE
from tui.harmless import harmless
from tui.lines import line
from tui.rows import MemoryRows
from tui.view import Cell, Column, Line, Row, TableView
from tui.view.text import TextView
from tui.views.scene import Scene

SIGNS = {"behaviour": "●", "transaction": "◆", "interaction": "○", "feedback": "■", "lead": UNICODE.up}


def ask(scene: Scene) -> PersonAsk:
    """The person of the place, masked."""
    return PersonAsk(scene.place.person)


def card(scene: Scene) -> TextView:
    """Identifiers, value, first seen."""
    asked = ask(scene)
    answer = scene.got(asked, PersonAnswer)
    say = scene.say
    if answer is None:
        text = scene.failure(asked) or say("empty.computing")
        return TextView((line((" " + text, "ink-dim")),), say("panel.person"))
    lines: list[Line] = []
    for each in answer.entry.identifiers:
        kind, _, value = each.partition(":")
        mark = say("page.canonical") if each == answer.entry.canonical else ""
        lines.append(line((f" {harmless(value)} ", "ink"), (f" {harmless(kind)}  {mark}", "ink-dim")))
    facts = answer.journey
    orders = [f for f in facts if f.kind == "transaction" and f.event == "order"]
    spent = sum((f.value for f in orders if f.value is not None), Decimal(0))
    lines += [
        (),
        line(
            (f" {say('head.orders')}  ", "ink-dim"),
            (f"{len(orders)} · {fmt.exact(float(spent))} {scene.currency}", "ink"),
        ),
    ]
    if answer.entry.first_ts is not None:
        first = scene.local(answer.entry.first_ts)
        source = next((f.channel for f in facts if f.channel), None)
        lines.append(
            line(
                (f" {say('page.first')}  ", "ink-dim"), (f"{first:%Y-%m-%d} {harmless(source or '')}", "ink")
            )
        )
    lines.append(line((f" {say('page.facts', n=len(facts))}", "ink-dim")))
    return TextView(tuple(lines), say("panel.person"), say("panel.masked"))


def journey(scene: Scene) -> TableView:
    """All facts by day and session."""
    answer = scene.got(ask(scene), PersonAnswer)
    say = scene.say
    columns = (
        Column("time", say("head.time"), "left", width=7),
        Column("event", say("head.event"), "left", width=24),
        Column("detail", say("page.what"), "left", width=20, grow=60),
        Column("file", say("head.file"), "left", width=20, drop=2, grow=30),
    )
    rows: list[Row] = []
    seen_session: int | None = None
    for day, facts in groupby(answer.journey if answer else (), key=lambda f: scene.local(f.ts).date()):
        rows.append(
            Row(
                f"day {day}",
                (Cell("", tone="ink-strong"), Cell(fmt.day(day, scene.lang, named=True), tone="ink-strong")),
                heading=True,
            )
        )
        for at, fact in enumerate(facts):
            if fact.session is not None and fact.session != seen_session:
                seen_session = fact.session
                name = say("page.session", n=fact.session, channel=harmless(fact.channel or ""))
                rows.append(
                    Row(
                        f"session {fact.session}",
                        (Cell(""), Cell(f"{UNICODE.rule * 2} {name}", tone="ink-dim")),
                        heading=True,
                    )
                )
            rows.append(_fact(fact, at, scene))
    title = say("panel.journey")
    empty = scene.failure(ask(scene)) or say("empty.computing" if answer is None else "table.no_rows")
    return TableView(columns, MemoryRows(rows), title=title, unit=say("panel.all_kinds"), empty=empty)


def _fact(fact: JourneyFact, at: int, scene: Scene) -> Row:
    local = scene.local(fact.ts)
    sign = SIGNS.get(fact.kind, "○")
    money = (
        f"{fmt.exact(float(fact.value))} {harmless(fact.currency or '')}" if fact.value is not None else ""
    )
    where = " / ".join(harmless(text) for text in (fact.channel, fact.campaign) if text)
    detail = "  ".join(text for text in (harmless(fact.detail), money, where) if text)
    return Row(
        f"{fact.file}\x1f{fact.line}\x1f{fact.event}\x1f{at}",
        (
            Cell(f"{local:%H:%M}", local.isoformat()),
            Cell(f"{sign} {harmless(fact.kind):<11} {harmless(fact.event)}"),
            Cell(detail),
            Cell(f"{harmless(fact.file.rsplit('/', 1)[-1])}:{fact.line}", tone="ink-dim"),
        ),
    )

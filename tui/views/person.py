"""A person: identifiers and why they are joined, what was kept apart, and what is known of the whole."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from engine.questions import Conflict, FunnelAnswer, FunnelPerson, Join, PersonAnswer
from tui import format as fmt
from tui.asking import PersonAsk
from tui.harmless import cells, harmless, pad, wrap
from tui.lines import line
from tui.place import Place
from tui.rows import MemoryRows
from tui.view import Cell, Column, Line, Row, TableView
from tui.view.text import TextView
from tui.views.dropouts import person_query
from tui.views.scene import Scene

Kind = Literal["identifier", "shared", "conflict"]


@dataclass(frozen=True, slots=True)
class Pick:
    """What a row of the card names: two identifiers as they are shown, and where it leads.

    `beside` is empty where nothing stands on the other side. `by_hand`: the verdict that is in force because
    somebody said so, else empty.
    """

    kind: Kind
    name: str
    beside: str = ""
    by_hand: str = ""
    place: Place | None = None


def ask(scene: Scene) -> PersonAsk:
    """The person of the place, masked unless a reason was given."""
    return PersonAsk(scene.place.person, scene.place.reveal)


def answer_of(scene: Scene) -> PersonAnswer | None:
    """The answer, None while there is none."""
    return scene.got(ask(scene), PersonAnswer)


def picks(scene: Scene) -> dict[str, Pick]:
    """Row of the card → what it names."""
    answer = answer_of(scene)
    if answer is None:
        return {}
    found: dict[str, Pick] = {}
    for name in answer.entry.identifiers:
        join = join_of(answer, name)
        place = Place("line", file=join.file, line=join.line) if join and join.file and join.line else None
        hand = "always" if join is not None and join.file is None else ""
        other = "" if join is None else join.beside if join.identifier == name else join.identifier
        found[f"identifier\x1f{name}"] = Pick("identifier", name, other, hand, place)
    for at, conflict in enumerate(answer.conflicts):
        mine, other, whose = sides(answer, conflict)
        hand = "never" if conflict.reason == "never_link" else ""
        person = Place("person", person=whose) if whose else None
        found[f"conflict\x1f{at}"] = Pick("conflict", mine, other, hand, person)
    return found | {f"shared\x1f{name}": Pick("shared", name) for name in answer.shared}


def join_of(answer: PersonAnswer, name: str) -> Join | None:
    """The join that brought an identifier in; for the first one of all, the join that others came by."""
    mine = [join for join in answer.joins if join.identifier == name]
    return next(iter(mine or [join for join in answer.joins if join.beside == name]), None)


def sides(answer: PersonAnswer, conflict: Conflict) -> tuple[str, str, str | None]:
    """This person's end of a conflict, the other end, and whose that is."""
    if conflict.person_b == answer.entry.person and conflict.person_a != answer.entry.person:
        return conflict.b, conflict.a, conflict.person_a
    return conflict.a, conflict.b, conflict.person_b


def card(scene: Scene) -> TableView:
    """The identifiers, strongest first, then what is shared and what was kept apart."""
    answer, say = answer_of(scene), scene.say
    columns = (
        Column("value", say("head.value"), "left"),
        Column("type", say("head.type"), "left"),
        Column("why", say("head.why"), "left", width=10, grow=90),
    )
    title, empty = say("panel.person"), scene.failure(ask(scene)) or say("empty.computing")
    if answer is None:
        return TableView(columns, MemoryRows(), title=title, empty=empty)
    rows = [_identifier(answer, name, scene) for name in answer.entry.identifiers]
    rows += [_row(f"shared\x1f{name}", name, f"◌ {say('person.shared')}", "stale") for name in answer.shared]
    for at, conflict in enumerate(answer.conflicts):
        _, other, _ = sides(answer, conflict)
        text = f"{say('person.conflict')}: {reason(conflict, scene)}"
        rows.append(_row(f"conflict\x1f{at}", other, f"▲ {text}", "warn"))
    unit = say("person.revealed" if scene.place.reveal else "panel.masked")
    if scene.size.narrow:
        unit = f"{unit} · {' · '.join(text for _, text in _totals(answer, scene)[:2])}"
    return TableView(columns, MemoryRows(rows), title=title, unit=unit, empty=say("table.no_rows"))


def _identifier(answer: PersonAnswer, name: str, scene: Scene) -> Row:
    marks = [scene.say("page.canonical")] if name == answer.entry.canonical else []
    marks += [scene.say("person.alias")] if name in answer.entry.aliases else []
    mine = next((join for join in answer.joins if join.identifier == name), None)
    marks += [why(mine, scene)] if mine is not None else []
    tone = "ink-strong" if name == answer.entry.canonical else "ink-dim"
    return _row(f"identifier\x1f{name}", name, " · ".join(marks), tone)


def _row(row_id: str, name: str, text: str, tone: str) -> Row:
    kind, _, value = name.partition(":")
    shown = (Cell(harmless(value)), Cell(harmless(kind), tone="ink-dim"), Cell(text, tone=tone))
    return Row(row_id, shown)


def why(join: Join, scene: Scene) -> str:
    """`beside 138****2207 · orders_1022.csv:118 · since 2026-10-22`, or `linked by hand to …`."""
    beside = harmless(join.beside.partition(":")[2])
    if join.file is None:
        return scene.say("person.by_hand", beside=beside)
    parts = [scene.say("person.beside", beside=beside), f"{harmless(join.file)}:{join.line}"]
    if join.ts is not None:
        parts.append(scene.say("person.since", day=f"{scene.local(join.ts):%Y-%m-%d}"))
    return " · ".join(parts)


def reason(conflict: Conflict, scene: Scene) -> str:
    """Why two identifiers were kept apart, in words."""
    kind, _, of = conflict.reason.partition(":")
    if kind == "limit":
        return scene.say("person.over_limit", type=harmless(of))
    return scene.say("person.kept_by_hand" if kind == "never_link" else "person.kept")


def amount(value: Decimal | None, currency: str | None) -> str:
    """`1,204.00 CNY`; empty without a value."""
    return (
        "" if value is None else f"{value:,.2f} {harmless(currency or '')}".rstrip().replace("-", fmt.MINUS)
    )


def _totals(answer: PersonAnswer, scene: Scene) -> list[tuple[str, str]]:
    """(label, text): orders and what they brought, first seen, how many facts."""
    facts, say = answer.journey, scene.say
    orders = [f for f in facts if f.kind == "transaction" and f.event == "order"]
    spent: dict[str, Decimal] = {}
    for order in orders:
        if order.value is not None:
            code = order.currency or ""
            spent[code] = spent.get(code, Decimal(0)) + order.value
    money = " + ".join(amount(value, code) for code, value in spent.items())
    out = [(say("person.orders"), say("person.orders_n", n=len(orders)))]
    out += [(say("head.value"), money.strip())] if money else []
    if answer.entry.first_ts is not None:
        first = f"{scene.local(answer.entry.first_ts):%Y-%m-%d}"
        by = next((fact.channel for fact in facts if fact.channel), None)
        out.append((say("page.first"), say("person.first_by", day=first, by=harmless(by)) if by else first))
    return [*out, (say("person.facts"), say("page.facts", n=len(facts)))]


def subject(scene: Scene) -> str:
    """Line 2: since when the person is known, how many facts, in which time zone."""
    answer = answer_of(scene)
    if answer is None:
        return ""
    parts = [scene.say("page.facts", n=len(answer.journey))]
    if not scene.size.narrow and scene.snapshot is not None:
        if answer.entry.first_ts is not None:
            first = fmt.day(scene.local(answer.entry.first_ts).date(), scene.lang)
            parts.insert(0, scene.say("person.first_seen", day=first))
        parts.append(scene.say("person.times_in", zone=scene.snapshot.timezone))
    return " · ".join(parts)


def funnel_person(scene: Scene) -> FunnelPerson | None:
    """The person in the funnel that led here, None where none did."""
    asked = person_query(scene) if scene.place.funnel else None
    found = scene.got(asked, FunnelAnswer) if asked else None
    return next((one for one in found.persons if one.person == scene.place.person), None) if found else None


def detail(scene: Scene, row: str, width: int) -> TextView:
    """What is known of the row under the cursor of the card, then of the whole person.

    In:  width: cells of a line.
    """
    answer = answer_of(scene)
    if answer is None:
        return TextView((), scene.say("head.why"))
    lines: list[Line] = [line((" " + text, "ink")) for text in wrap(_about(answer, row, scene), width - 1)]
    lines.append(())
    totals = _totals(answer, scene)
    wide = max(cells(label) for label, _ in totals)
    lines += [line((f" {pad(label, wide)}  ", "ink-dim"), (text, "ink")) for label, text in totals]
    found = funnel_person(scene)
    if found is not None and found.why_not:
        lines += [(), line((f" {scene.say('head.why_not')}", "ink-strong"))]
        lines += [line((" " + text, "ink")) for text in wrap(harmless(found.why_not), width - 1)]
    return TextView(tuple(lines), scene.say("head.why"))


def _about(answer: PersonAnswer, row: str, scene: Scene) -> str:
    """One row of the card as a sentence."""
    kind, _, name = row.partition("\x1f")
    if kind == "shared":
        return f"{harmless(name)}: {scene.say('person.shared_long')}"
    if kind == "conflict" and name.isdigit() and int(name) < len(answer.conflicts):
        conflict = answer.conflicts[int(name)]
        mine, other, whose = sides(answer, conflict)
        values = {"mine": harmless(mine), "other": harmless(other), "whose": harmless(whose or fmt.NONE)}
        return scene.say("person.conflict_long", why=reason(conflict, scene), **values)
    name = name if name in answer.entry.identifiers else answer.entry.canonical
    join = next((one for one in answer.joins if one.identifier == name), None)
    said = why(join, scene) if join is not None else scene.say("person.first_of_all")
    return f"{harmless(name)}: {said}"

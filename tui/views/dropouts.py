"""Who is in a step, who dropped before it, who was excluded, and why not further."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, cast

from engine.questions import FunnelAnswer, FunnelPerson, FunnelQuery
from tui import format as fmt
from tui.harmless import harmless
from tui.rows import MemoryRows
from tui.view import Cell, Column, Row, TableView
from tui.views.funnel import main
from tui.views.scene import Scene

PERSONS_MOST = 2000
WHICH = ("dropped", "reached", "excluded")
Which = Literal["reached", "dropped", "excluded"]


def persons_query(scene: Scene) -> FunnelQuery | None:
    """Who is in the step of the place; the excluded are those of all steps."""
    asked, place = main(scene), scene.place
    if asked is None or not place.funnel:
        return None
    step = str(place.step) if place.step and place.which != "excluded" else "all"
    return replace(asked, persons=step, which=cast(Which, place.which or "reached"), limit=PERSONS_MOST)


def person_query(scene: Scene) -> FunnelQuery | None:
    """The person of the place in the funnel that led there."""
    asked = persons_query(scene)
    if asked is None or not scene.place.key:
        return asked
    return replace(asked, persons="all", which="reached", limit=1, only=(scene.place.key,))


def title_of(scene: Scene) -> str:
    """`dropped at 3`, `reached 3`, `excluded`."""
    word = {"dropped": "funnel.dropped_at", "reached": "funnel.reached_at"}.get(scene.place.which)
    return scene.say(word, number=scene.place.step) if word else scene.say("funnel.excluded_list")


def persons(scene: Scene) -> TableView:
    """Persons with how far they came and why not further."""
    asked, say = persons_query(scene), scene.say
    answer = scene.got(asked, FunnelAnswer) if asked else None
    columns = (
        Column("person", say("head.person"), "left"),
        Column("level", say("head.step"), drop=3),
        Column("identifiers", say("head.identifiers"), "left", drop=6, grow=30),
        Column("why", say("head.why_not"), "left", width=24 if scene.size.narrow else 48, grow=90),
        Column("event", say("head.last_step"), "left", drop=5),
        Column("time", say("head.time"), drop=2),
        Column("file", say("head.file"), "left", drop=7),
    )
    found = answer.persons if answer else ()
    empty = (scene.failure(asked) if asked else "") or say(
        "empty.computing" if answer is None else "empty.persons"
    )
    most = "+" if len(found) == PERSONS_MOST else ""
    return TableView(
        columns,
        MemoryRows([_row(each, scene) for each in found]),
        title=f"{say('panel.persons')} · {title_of(scene)}",
        unit=f"{len(found):,}{most}",
        empty=empty,
    )


def _row(person: FunnelPerson, scene: Scene) -> Row:
    last = person.path[-1] if person.path else None
    when = scene.local(last.ts) if last else None
    return Row(
        row_id(person),
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


def row_id(person: FunnelPerson) -> str:
    """The row of a person: several attempts of one person are several rows."""
    first = person.path[0] if person.path else None
    return f"{person.person}\x1f{person.key}\x1f{first.file if first else ''}\x1f{first.line if first else 0}"


def of_row(row: str) -> tuple[str, int]:
    """The person and the engine's number of it in a row's id."""
    name, _, rest = row.partition("\x1f")
    key = rest.partition("\x1f")[0]
    return name, int(key) if key.lstrip("-").isdigit() else 0

"""What goes with converting: properties and earlier events, with odds ratio, interval and q."""

from __future__ import annotations

from engine.questions import Driver, DriversAnswer, DriversQuery
from tui import format as fmt
from tui.glyphs import UNICODE
from tui.harmless import harmless
from tui.rows import MemoryRows
from tui.view import Cell, Column, Row, TableView
from tui.views.funnel import main, no_funnel
from tui.views.paths import member_filter
from tui.views.scene import Scene, dimension


def query(scene: Scene) -> DriversQuery | None:
    """The question of the place: between the steps of its rate, else the first and the last."""
    asked = main(scene)
    if asked is None:
        return None
    first, last = scene.place.rules.steps or (1, None)
    return DriversQuery(asked, first, last)


def answer_of(scene: Scene) -> DriversAnswer | None:
    """The answer, None while there is none."""
    asked = query(scene)
    return scene.got(asked, DriversAnswer) if asked else None


def table(scene: Scene) -> TableView:
    """Drivers by strength, those beyond chance only."""
    asked, answer, say = query(scene), answer_of(scene), scene.say
    found = answer.drivers if answer else ()
    columns = (
        Column("what", say("head.what"), "left"),
        Column("direction", say("drivers.effect"), "left", drop=2),
        Column("odds", say("drivers.odds")),
        Column("interval", say("drivers.interval"), drop=3),
        Column("with", say("drivers.with_rate"), drop=1),
        Column("without", say("drivers.without_rate"), drop=1),
        Column("n", say("drivers.with_n"), drop=4),
        Column("without_n", say("drivers.without_n"), drop=6),
        Column("q", "q", drop=5),
    )
    empty = (scene.failure(asked) if asked else no_funnel(scene)) or say(
        "empty.computing" if answer is None else "drivers.none" if answer.entered else "drivers.none_closed"
    )
    title = say("panel.drivers")
    if answer is not None:
        title += " · " + say("drivers.hop", first=answer.from_step, last=answer.to_step)
    return TableView(
        columns,
        MemoryRows([_row(each, scene) for each in found]),
        foot=(_foot(answer, scene), say("drivers.meaning")) if answer else (),
        title=title,
        unit=say("drivers.unit", n=len(found), tested=answer.tested) if answer else "",
        empty=empty,
    )


def _foot(answer: DriversAnswer, scene: Scene) -> str:
    share = answer.converted / answer.entered if answer.entered else None
    return scene.say(
        "drivers.base", converted=f"{answer.converted:,}", entered=f"{answer.entered:,}",
        rate=fmt.percent(share, 2),
    )  # fmt: skip


def what(driver: Driver, scene: Scene) -> str:
    """`channel = RED`, `did search before`."""
    if driver.kind == "event":
        return scene.say("drivers.did", event=harmless(driver.name))
    value = scene.say("head.none") if driver.value is None else harmless(driver.value)
    return f"{dimension(driver.name, scene.lang)} = {value}"


def _row(driver: Driver, scene: Scene) -> Row:
    helps = driver.odds >= 1
    tone = "good" if helps else "bad"
    sign = UNICODE.up if helps else UNICODE.down
    word = scene.say("drivers.helps" if helps else "drivers.hurts")
    won = driver.with_won / driver.with_n if driver.with_n else None
    lost = driver.without_won / driver.without_n if driver.without_n else None
    return Row(
        row_id(driver),
        (
            Cell(what(driver, scene)),
            Cell(f"{sign} {word}", driver.odds, tone),
            Cell(_ratio(driver.odds), driver.odds, "ink-strong", kind="number"),
            Cell(f"{_ratio(driver.low)} – {_ratio(driver.high)}", driver.low, kind="number"),
            Cell(fmt.percent(won, 1), won, kind="number"),
            Cell(fmt.percent(lost, 1), lost, kind="number"),
            Cell(f"{driver.with_n:,}", driver.with_n, kind="number"),
            Cell(f"{driver.without_n:,}", driver.without_n, kind="number"),
            Cell(_q(driver.q), driver.q, kind="number"),
        ),
    )


def _ratio(value: float) -> str:
    return "∞" if value == float("inf") else f"{value:.2f}" if value < 100 else f"{value:,.0f}"


def _q(value: float) -> str:
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def row_id(driver: Driver) -> str:
    """A driver's own name."""
    mark = "-" if driver.value is None else f"={driver.value}"
    kind = driver.kind if driver.table == "events" else driver.table
    return f"{kind}\x1f{driver.name}\x1f{mark}"


def segment(row: str) -> str | None:
    """The filter that keeps the events with the property of a row; None for what is no column of events."""
    kind, name, mark = row.split("\x1f", 2)
    return member_filter(((name, None if mark == "-" else mark[1:]),)) if kind == "property" else None

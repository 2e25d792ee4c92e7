"""The wall: turns, what holds them, and what can be read from afar."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from textual.pilot import Pilot

from engine.questions import AlertsAnswer
from tests.tui.fake_session import FakeSession, snapshot
from tests.tui.screens.console import console, press, settled, shown
from tui.app import Looptop
from tui.jobs import Refresh
from tui.overlays.wall import WallScreen
from tui.place import Place
from tui.views import wall
from tui.views.scene import Scene, Size


def scene(width: int = 120, height: int = 36) -> Scene:
    return Scene(Place("overview"), snapshot(), size=Size(width, height))


def test_every_screen_of_the_wall_has_a_turn_and_only_those_asked_for() -> None:
    assert {page.screen for page in wall.pages(scene(), wall.turns(()))} == set(wall.TURNS)
    assert [page.screen for page in wall.pages(scene(), ("funnel",))] == ["funnel"]


def test_every_member_stands_on_one_page_of_the_wall_at_any_height() -> None:
    for height in (15, 24, 36, 50):
        pages = wall.pages(scene(80, height), ("metrics",))
        found = [band.title for page in pages for band in page.bands]
        assert found == [row.member for row in snapshot().channels]


async def test_the_wall_may_be_drawn_before_it_is_there() -> None:
    async with console() as (app, pilot):
        screen = WallScreen((), 20)
        app.push_screen(screen)
        app.draw()
        app.tick()
        assert not screen.pages
        await settled(app, pilot)
        screen.known = None
        screen.take(replace(app.scene(), snapshot=None))
        screen.take(app.scene())
        assert not screen.held


async def test_a_new_critical_alert_holds_the_turn_until_it_is_acknowledged() -> None:
    fake = FakeSession()
    alert = fake.current.alerts.alerts[0]
    quiet = replace(fake.current.alerts, alerts=fake.current.alerts.alerts[1:])
    fake.current = replace(fake.current, alerts=quiet)
    async with console(session=fake) as (app, pilot):
        await press(app, pilot, "w")
        await _published(app, pilot, fake, "v2", replace(quiet, alerts=(alert, *quiet.alerts)))
        assert isinstance(app.screen, WallScreen)
        assert "stays here until it is acknowledged" in shown(app)
        assert app.screen.page.tiles[0].state == "crit"
        taken = replace(alert, acked_by="li")
        await _published(app, pilot, fake, "v3", replace(quiet, alerts=(taken, *quiet.alerts)))
        assert app.screen.page.screen == "overview"


async def _published(
    app: Looptop, pilot: Pilot[Any], fake: FakeSession, version: str, alerts: AlertsAnswer
) -> None:
    fake.current = replace(fake.current, version=version, alerts=alerts)
    app.feed.do(Refresh("change"))
    while app.snapshot is None or app.snapshot.version != version:
        await pilot.pause(0.01)
    await settled(app, pilot)

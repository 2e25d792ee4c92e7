"""Frames over a slow link: none waits behind another, and there are fewer of them."""

from __future__ import annotations

from tests.tui.screens.console import console, press, shown
from tui.link import Link


class Way:
    """A queue and a clock that a test sets."""

    def __init__(self) -> None:
        self.queued, self.now = 0, 0.0
        self.link = Link(lambda: self.queued, clock=lambda: self.now)


def test_no_frame_is_drawn_while_one_waits() -> None:
    way = Way()
    assert not way.link.waits()
    way.queued = 1
    assert way.link.waits()


def test_a_frame_that_waits_for_a_quarter_of_a_second_makes_the_link_slow() -> None:
    way = Way()
    way.queued = 1
    for way.now in (0.0, 0.2):
        way.link.waits()
    assert not way.link.slow
    way.now = 0.3
    way.link.waits()
    assert way.link.slow


def test_short_waits_do_not_add_up() -> None:
    way = Way()
    for at in range(20):
        way.queued, way.now = at % 2, at * 0.2
        way.link.waits()
    assert not way.link.slow


def test_over_a_slow_link_one_tick_of_five_is_drawn() -> None:
    way = Way()
    assert [way.link.due() for _ in range(5)] == [True] * 5
    way.link.slow = True
    assert sum(way.link.due() for _ in range(50)) == 10


async def test_over_a_slow_link_the_chart_is_left_out_and_keys_still_work() -> None:
    async with console((200, 50)) as (app, pilot):
        assert "Revenue by day" in shown(app)
        app.link.slow = True
        await press(app, pilot, "7", "1")
        assert "Revenue by day" not in shown(app)
        assert "14 d" in shown(app)

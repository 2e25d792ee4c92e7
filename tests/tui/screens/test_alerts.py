"""What keys do on the Alerts, Rules and Review screens."""

from __future__ import annotations

from dataclasses import replace

from engine.questions import BacktestQuery
from tests.tui.fake_session import FakeSession
from tests.tui.screens.console import console, crumb_line, press, settled, shown
from tui.jobs import Refresh
from tui.overlays.backtest import BacktestOverlay
from tui.overlays.next_key import NextKey
from tui.place import Sieve


async def test_a_silence_asks_for_its_reason_and_for_an_end_that_lies_ahead() -> None:
    fake = FakeSession()
    async with console(session=fake) as (app, pilot):
        await press(app, pilot, "5", "Z", *"promo", "enter", *"soon", "enter")
        assert "soon" in shown(app)
        assert "is no end that lies ahead" in shown(app)
        assert not fake.decided
        await press(app, pilot, *["backspace"] * 4, *"2h", "enter")
    kind, episode, _, reason, until, _ = fake.decided[0]
    assert (kind, episode, reason, until) == ("silence", "e1", "promo", "2026-10-29T16:32")


async def test_two_keys_label_an_episode_and_any_other_second_key_does_not() -> None:
    fake = FakeSession()
    async with console(session=fake) as (app, pilot):
        await press(app, pilot, "5", "R")
        assert [isinstance(each, NextKey) for each in app.screen_stack] == [False, True]
        assert "t true" in shown(app)
        await press(app, pilot, "q")
        assert len(app.screen_stack) == 1
        await press(app, pilot, "R", "f", "V", "R", "t")
    assert [(each[0], each[1]) for each in fake.labelled] == [("e1", "false"), ("q1", "true")]


async def test_space_goes_to_the_first_open_step_and_then_ticks_it() -> None:
    fake = FakeSession()
    async with console(session=fake) as (app, pilot):
        await press(app, pilot, "5", "space")
        assert not fake.decided
        await press(app, pilot, "space", "k", "space")
    assert [(each[0], each[5]) for each in fake.decided] == [("tick", 1), ("untick", 0)]


async def test_an_act_is_seen_though_the_data_are_the_same() -> None:
    fake = FakeSession()
    async with console(session=fake) as (app, pilot):
        await press(app, pilot, "5")
        before = len([each for each in fake.asked if type(each).__name__ == "IncidentQuery"])
        app.feed.do(Refresh("change"))
        for _ in range(100):
            await pilot.pause(0.01)
            if len([each for each in fake.asked if type(each).__name__ == "IncidentQuery"]) > before:
                break
        await settled(app, pilot)
        assert len([each for each in fake.asked if type(each).__name__ == "IncidentQuery"]) > before


async def test_a_filter_narrows_the_feed_and_the_sieve_chooses_what_is_in_it() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, "5", "/", *"ops !roi", "enter")
        assert "Source is stale" in shown(app)
        assert "Budget pace" not in shown(app)
        await press(app, pilot, "escape", "o", "l", "l", "enter")
        assert app.stacks.here.sieve == Sieve("earlier")
        assert "retracted" in shown(app)


async def test_rules_lead_to_their_alerts_and_the_proof_is_a_key_away() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, ":", *"rules", "enter")
        assert "looptop.toml:41" in shown(app)
        await press(app, pilot, "Q")
        assert "Quiet proof" in crumb_line(app)
        assert "4 open, 2 quiet" in shown(app)
        await press(app, pilot, "j", "enter")
        assert app.stacks.here.sieve == Sieve("all", rule="valid_leads_drop")


async def test_the_line_below_the_alerts_of_the_overview_leads_to_the_proof() -> None:
    async with console() as (app, pilot):
        app.page.query_one("#alerts").focus()
        await press(app, pilot, "G", "enter")
        assert app.stacks.here.quiet
        assert app.stacks.number == 5


async def test_the_slider_moves_by_steps_and_its_line_is_copied() -> None:
    fake = FakeSession()
    async with console(session=fake) as (app, pilot):
        await press(app, pilot, "5", "B", "l", "H", "L", "h")
        assert isinstance(app.screen, BacktestOverlay)
        assert app.screen.wanted == -0.3
        assert 'when = "change(conversion_rate, week) < -30% and visits > 500"' in shown(app)
    asked = {each.threshold for each in fake.asked if isinstance(each, BacktestQuery)}
    assert asked == {None, -0.25, -0.5, -0.3}


async def test_a_bell_rings_once_for_a_new_critical_alert_also_while_paused() -> None:
    fake = FakeSession()
    alerts = fake.current.alerts
    fake.current = replace(fake.current, alerts=replace(alerts, alerts=alerts.alerts[1:]))
    rung = []
    async with console(session=fake) as (app, pilot):
        app.bell = lambda: rung.append(1)  # type: ignore[method-assign]
        await press(app, pilot, "p")
        for version in ("v2", "v3"):
            fake.current = replace(fake.current, version=version, alerts=alerts)
            app.feed.do(Refresh("change"))
            while app.held is None or app.held.version != version:
                await pilot.pause(0.01)
        await press(app, pilot, "p")
    assert rung == [1]

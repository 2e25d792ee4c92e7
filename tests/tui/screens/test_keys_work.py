"""What keys do on the running console: going in and out, ranges, filter, pause, copies, the wall."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from engine.questions import MetricQuery, Range
from tests.tui.fake_session import CHANNELS, FakeSession, channel, snapshot
from tests.tui.screens.console import console, crumb_line, press, settled, shown
from tui.jobs import Refresh
from tui.overlays.asking import QuitOverlay
from tui.overlays.wall import WallScreen
from tui.widgets.table import TableWidget


async def test_a_number_opens_its_screen_and_one_without_a_screen_does_nothing() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, "7")
        assert app.stacks.here.kind == "sources"
        await press(app, pilot, "4")
        assert app.stacks.here.kind == "sources"
        assert "4 Customers" not in shown(app)


async def test_a_full_width_digit_is_its_plain_one() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, "５")
        assert app.stacks.here.kind == "alerts"


async def test_enter_goes_from_a_channel_down_to_the_line_and_escape_comes_back() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, "enter", "enter", "enter", "enter", "enter")
        kinds = [place.kind for place in app.stacks.stack]
        assert kinds[-2:] == ["rows", "line"]
        assert "orders_1022.csv:118" in crumb_line(app)
        for _ in range(len(kinds)):
            await press(app, pilot, "backspace")
        assert [place.kind for place in app.stacks.stack] == ["metrics"]


async def test_going_down_asks_for_the_members_gone_into() -> None:
    fake = FakeSession()
    async with console(session=fake) as (app, pilot):
        await press(app, pilot, "j", "enter", "enter")
        asked = [
            q
            for q in fake.asked
            if isinstance(q, MetricQuery) and q.by == ("creative",) and q.grain == "total"
        ]
        assert asked[-1].where == "channel = 'Baidu' and campaign = 'sofa_03'"


async def test_the_cursor_stands_where_it_was_after_going_in_and_out() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, "7", "j", "j", "enter", "backspace")
        table = app.page.table
        assert table is not None
        assert table.current is not None
        assert table.current.id == "kuaishou"


async def test_selection_and_sort_survive_a_refresh_that_turns_the_rows_round() -> None:
    fake = FakeSession()
    async with console(session=fake) as (app, pilot):
        await press(app, pilot, "j", "j", ">", "s")
        table = app.page.table
        assert table is not None
        before, sort = table.current, table.model.sort
        fake.current = replace(
            snapshot(), version="v2", channels=tuple(channel(row) for row in reversed(CHANNELS))
        )
        app.feed.do(Refresh("change"))
        while app.snapshot is None or app.snapshot.version != "v2":
            await pilot.pause(0.01)
        await settled(app, pilot)
        assert before is not None
        assert table.current is not None
        assert (table.current.id, table.model.sort) == (before.id, sort)


async def test_paused_the_screen_stands_and_says_how_much_waits() -> None:
    fake = FakeSession()
    async with console(session=fake) as (app, pilot):
        await press(app, pilot, "p")
        fake.current = replace(snapshot(), version="v2", title="Another")
        app.feed.do(Refresh("change"))
        while not app.waiting:
            await pilot.pause(0.01)
        assert app.snapshot is not None
        assert app.snapshot.title == "Maple Home"
        await press(app, pilot, "p")
        assert app.snapshot.title == "Another"


async def test_a_preset_of_the_time_range_is_looked_at() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, "t", "down", "enter")
        assert (app.view.kind, app.view.days) == ("days", 28)


async def test_a_typed_range_is_looked_at_and_nonsense_is_refused() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, "t", *"xx", "enter")
        assert "xx is no range" in shown(app)
        await press(app, pilot, "backspace", "backspace", *"10-01..10-15", "enter")
        assert app.view.range == Range(date(2026, 10, 1), date(2026, 10, 15))


async def test_brackets_shift_the_range_and_zero_comes_back() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, "[")
        assert app.view.range == Range(date(2026, 10, 16), date(2026, 10, 22))
        await press(app, pilot, "0")
        assert app.view.kind == "days"


async def test_the_filter_narrows_while_it_is_typed_and_escape_takes_it_off() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, "/", *"douyin", "enter")
        table = app.page.table
        assert table is not None
        assert len(table.rows) == 1
        await press(app, pilot, "escape")
        assert len(table.rows) == len(CHANNELS)


async def test_a_step_of_the_funnel_leads_to_persons_and_a_person_to_the_journey() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, "2", "j", "j", "enter")
        assert app.stacks.here.which == "dropped"
        await press(app, pilot, "l")
        assert app.stacks.here.which == "reached"
        await press(app, pilot, "enter")
        assert app.stacks.here.kind == "person"
        assert "138****2207" in shown(app)


async def test_an_alert_leads_to_its_metric_at_that_time() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, "5", "enter")
        here = app.stacks.here
        assert (here.kind, here.metric, here.path) == ("metrics", "conversion_rate", (("channel", "Douyin"),))
        assert here.range is not None


async def test_an_acknowledgement_goes_to_the_session_with_its_note() -> None:
    fake = FakeSession()
    async with console(session=fake) as (app, pilot):
        await press(app, pilot, "5", "a", *"mine", "enter")
        await settled(app, pilot)
        assert fake.acked == [("e1", "li", "mine")]


async def test_the_command_line_completes_and_runs() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, ":", *"metrics ro", "tab", "enter")
        assert app.stacks.here.metric == "roi"
        await press(app, pilot, "：", *"by region", "enter")
        assert app.stacks.here.by == "region"


async def test_a_command_that_is_not_there_names_the_nearest() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, ":", *"allerts", "enter")
        assert "nearest: alerts" in shown(app)


async def test_quitting_asks_and_only_a_second_q_leaves() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, "q")
        assert isinstance(app.screen, QuitOverlay)
        await press(app, pilot, "escape")
        assert not isinstance(app.screen, QuitOverlay)


async def test_on_the_wall_only_q_works_and_it_asks() -> None:
    async with console() as (app, pilot):
        seen = []
        for keys in (["w", "7", "t"], ["q", "j", "q"], ["q"]):
            await press(app, pilot, *keys)
            seen.append(isinstance(app.screen, WallScreen))
        assert seen == [True, True, False]
        assert app.stacks.here.kind == "overview"


async def test_zoom_gives_one_panel_the_page_and_takes_it_back() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, "z")
        assert "Funnel purchase" not in shown(app)
        await press(app, pilot, "z")
        assert "Funnel purchase" in shown(app)


async def test_language_and_theme_change_at_once() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, "L")
        assert "总览" in shown(app)
        await press(app, pilot, "T")
        assert app.theme == "looptop-light"


async def test_help_names_the_focused_panel_and_hides_what_does_not_work_yet() -> None:
    async with console((120, 60)) as (app, pilot):
        await press(app, pilot, "?")
        text = shown(app)
        assert "Help · Channels" in text
        assert "saved views" not in text


async def test_an_unknown_key_names_the_help_and_does_nothing() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, "ctrl+y")
        assert "? shows the keys" in shown(app).splitlines()[-1]


async def test_markup_and_escapes_in_rows_are_shown_as_text() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, ":", *"metrics revenue", "enter", "enter", "enter", "enter", "enter")
        text = shown(app)
        assert "[red]Douyin[/red]" in text
        assert "\x1b" not in text


async def test_a_copy_says_where_it_went_and_is_in_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("TMUX", raising=False)
    async with console() as (app, pilot):
        await press(app, pilot, "y")
        assert "copied" in shown(app)
        assert (tmp_path / "looptop" / "clipboard.tsv").read_text("utf-8") == "Douyin"


async def test_the_export_holds_range_version_and_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with console() as (app, pilot):
        await press(app, pilot, "e")
        assert "wrote 8 rows" in shown(app)
    text = next(tmp_path.glob("*.csv")).read_text("utf-8")
    assert "# range: 2026-10-23..2026-10-29" in text
    assert "# watermark: d00a041e6cd4060c" in text
    assert "# definition: cost; revenue (7c1e09); orders;" in text
    assert "\nDouyin,182400," in text


async def test_tab_goes_round_the_panels_one_at_a_time_in_a_small_terminal() -> None:
    async with console((40, 15)) as (app, pilot):
        assert "Channels 1/4" in shown(app)
        await press(app, pilot, "tab")
        assert "2/4" in shown(app)
        assert "Revenue 1.421M" in shown(app)


async def test_a_table_keeps_its_filter_when_another_screen_was_visited() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, "/", *"red", "enter", "7", "1")
        table = app.page.query_one("#channels", TableWidget)
        assert table.model.query == "red"


async def test_at_80_columns_an_alert_leads_to_its_detail_first_and_then_to_its_metric() -> None:
    async with console((80, 24)) as (app, pilot):
        await press(app, pilot, "5", "enter")
        text = shown(app)
        assert "Conversion drop · Douyin" in crumb_line(app)
        assert "Open the landing page" in text
        assert "Valid leads drop" not in text
        await press(app, pilot, "enter")
        assert app.stacks.here.metric == "conversion_rate"


async def test_escape_leads_from_the_detail_back_to_the_same_alert_of_the_list() -> None:
    async with console((80, 24)) as (app, pilot):
        await press(app, pilot, "5", "j", "enter", "escape")
        assert "▶▲ warn" in shown(app)

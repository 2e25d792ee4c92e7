"""The funnel's pages: what each key brings onto the screen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from engine.questions import BesideQuery, DriversQuery, FunnelAnswer, FunnelQuery, TraceQuery, WhyQuery
from tests.tui import funnels
from tests.tui.fake_session import FakeSession
from tests.tui.screens.console import console, crumb_line, press, shown
from tui.app import Looptop
from tui.place import Rules

WIDE = (160, 46)


def asked(fake: FakeSession) -> list[FunnelQuery]:
    """The funnel questions so far."""
    return [each for each in fake.asked if isinstance(each, FunnelQuery)]


async def test_the_cursor_begins_at_the_bottleneck_and_the_times_follow_it() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, "2")
        assert "▶3 add to cart" in shown(app)
        assert "Time view → add to cart" in shown(app)
        await press(app, pilot, "j")
        assert "Time add to cart → checkout" in shown(app)
        await press(app, pilot, "g")
        assert "Time visit → view" in shown(app)


async def test_the_times_are_labelled_at_both_ends_and_no_bar_begins_where_the_last_one_ends() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, "2")
        text = shown(app)
        assert "30 s – 1 min" in text
        assert "2 min – 2 min 30 s" in text
        assert "average 6 h · p75 1 h 30 min" in text


async def test_groups_say_that_they_sum_to_the_total_and_changes_of_open_windows_are_hollow() -> None:
    async with console(WIDE) as (app, pilot):
        await press(app, pilot, "2")
        text = shown(app)
        assert "✓ 4 rows sum to the total · ○ window still open" in text
        assert "▼0.29 pp ○" in text


class Broken(FakeSession):
    """An engine whose groups do not sum."""

    def funnel(self, query: FunnelQuery) -> FunnelAnswer:
        return replace(super().funnel(query), checks=("step 3: groups sum to 7, the total is 8",))


async def test_a_check_that_does_not_hold_is_a_warning() -> None:
    async with console(session=Broken()) as (app, pilot):
        await press(app, pilot, "2")
        assert "▲ step 3: groups sum to 7, the total is 8" in shown(app)


async def test_a_group_leads_to_the_funnel_of_that_group_alone() -> None:
    fake = FakeSession()
    async with console(WIDE, session=fake) as (app, pilot):
        await press(app, pilot, "2", "tab", "j", "enter")
        assert "△ channel = RED" in crumb_line(app)
        assert asked(fake)[-1].member == ("channel", "RED")
        await press(app, pilot, "enter")
        assert app.stacks.here.kind == "persons"
        assert app.stacks.here.rules.member == ("channel", "RED")


async def test_the_way_of_breaking_down_is_picked_and_said() -> None:
    fake = FakeSession()
    async with console(session=fake) as (app, pilot):
        await press(app, pilot, "2", "b")
        assert "first touch" in shown(app)
        await press(app, pilot, "j", "enter")
        assert "last touch · share of the previous step" in shown(app)
        assert "△ Group by not as configured" in shown(app)
        assert asked(fake)[-1].breakdown == "last_touch"
        await press(app, pilot, "b", "G", "enter")
        assert "one person may stand in several rows" in shown(app)
        await press(app, pilot, "b", "g", "enter")
        assert "△" not in shown(app)


async def test_plus_and_minus_change_the_period_of_entry() -> None:
    fake = FakeSession()
    async with console(session=fake) as (app, pilot):
        await press(app, pilot, "2", "-")
        assert "Rate by week of entry" in shown(app)
        assert "week" in [each.grain for each in asked(fake)]
        await press(app, pilot, "+", "+")
        assert "Rate by day of entry" in shown(app)


async def test_the_form_shows_at_once_what_an_option_gives_and_enter_looks_at_it() -> None:
    fake = FakeSession()
    async with console(session=fake) as (app, pilot):
        await press(app, pilot, "2", "o")
        assert "● ordered" in shown(app)
        assert "gives              " in shown(app)
        assert shown(app).count("3.574%  168.4k") == 2
        await press(app, pilot, "space")
        assert "● strict" in shown(app)
        assert shown(app).count("3.574%  168.4k") == 1
        await press(app, pilot, "enter")
        assert "△ Mode not as configured" in shown(app)
        assert "△ Mode" in crumb_line(app)
        assert 'mode = "strict"' in asked(fake)[-1].toml
        await press(app, pilot, "o", "r", "enter")
        assert "△" not in shown(app)
        assert app.stacks.here.rules == Rules()


async def test_escape_leaves_the_options_as_they_were() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, "2", "o", "space", "j", "space", "escape")
        assert app.stacks.here.rules == Rules()
        assert "△" not in shown(app)


KEYS: tuple[tuple[str, str, Any], ...] = (
    ("j space", 'window = "14d"', None),
    ("j i", 'window = "36h"', "36h"),
    ("j j space", 'count = "attempts"', None),
    ("j j i", 'count = "order_id"', "order_id"),
    ("j j j space", 'ties = "strict"', None),
    ("j j j j space", 'hold = ["product", "region"]', "product, region"),
    ("j j j j j space", "where = \"region <> 'x'\"", "region <> 'x'"),
    ("G k k k k k k space", '{ event = "visit", optional = true }', None),
    ("G k k l space", 'within = "7d"', None),
    ("G k k k k l l space", 'first_time = "event"', None),
    ("G k space", 'on_exclusion = "restart"', None),
)


async def test_every_option_is_reached_by_keys_and_stands_in_the_text() -> None:
    async with console(WIDE) as (app, pilot):
        await press(app, pilot, "2")
        for keys, words, typed in KEYS:
            app.stacks.change(rules=Rules())
            await press(app, pilot, "o", *keys.split())
            if typed is not None:
                await press(app, pilot, "ctrl+u", *typed, "enter")
            await press(app, pilot, "T")
            assert words in shown(app)
            await press(app, pilot, "enter")
            assert words in app.stacks.here.rules.toml
            assert app.stacks.here.rules.toml.startswith("[funnel.purchase]")


async def test_an_exclusion_is_left_out_and_comes_back() -> None:
    async with console(WIDE) as (app, pilot):
        await press(app, pilot, "2", "o", "G", "space")
        assert "left out" in shown(app)
        await press(app, pilot, "enter")
        assert "refund" not in app.stacks.here.rules.toml
        assert "△ Exclusions" in shown(app)
        await press(app, pilot, "o", "G", "space", "enter")
        assert app.stacks.here.rules == Rules()


async def test_an_open_funnel_the_hop_of_the_rate_and_a_segment_go_with_the_question_alone() -> None:
    fake = FakeSession()
    async with console(WIDE, session=fake) as (app, pilot):
        await press(app, pilot, "2", "o", *"jjjjjjj", "space", "j", "l", "space", "space")
        await press(app, pilot, "j", "space", *"channel = 'RED'", "enter", "T")
        said = "# not in looptop.toml, asked with each question: Entered at, Segment, Rate by entry"
        assert said in shown(app)
        await press(app, pilot, "enter")
        found = app.stacks.here.rules
        assert (found.toml, found.enter, found.where) == ("", "any", "channel = 'RED'")
        assert found.steps == (1, 2)
        last = next(each for each in reversed(asked(fake)) if each.grain)
        assert (last.enter, last.where, last.steps) == ("any", "channel = 'RED'", (1, 2))
        assert "visit ▸ view" in shown(app)


async def test_a_fault_is_said_and_cannot_be_applied() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, "2", "o", "j", "i", "ctrl+u", *"nonsense", "enter")
        assert '"nonsense" is no duration' in shown(app)
        await press(app, pilot, "enter")
        assert "Space change" in shown(app)


async def test_the_text_is_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("TMUX", raising=False)
    async with console() as (app, pilot):
        await press(app, pilot, "2", "o", "space", "y")
        text = (tmp_path / "looptop" / "clipboard.tsv").read_text("utf-8")
        assert text.startswith("[funnel.purchase]\n")
        assert 'mode = "strict"' in text


async def test_a_step_has_its_numbers_times_what_came_next_and_its_persons() -> None:
    async with console(WIDE) as (app, pilot):
        await press(app, pilot, "2", "enter")
        text = shown(app)
        for words in ("3 add to cart", "26.25%", "30.0% −3.7 pp!", "25.0% +1.3 pp", "p75", "1 d 4 h",
                      "What they did next", "nothing more", "did not happen"):  # fmt: skip
            assert words in text
        await press(app, pilot, "l", "l")
        assert "excluded" in crumb_line(app)
        assert '"refund" came between' in shown(app)
        assert "row gone" not in shown(app)


async def test_the_journey_marks_the_steps_and_the_event_that_excluded() -> None:
    async with console(WIDE) as (app, pilot):
        await press(app, pilot, "2", "enter", "h", "enter")
        text = shown(app)
        assert "1 ▸  web_1024:40211" in text
        assert "2 ▸  web_1024:40213" in text
        assert "✖    orders_1022:118" in text
        assert '✖ excluded: "refund" came between' in text
        await press(app, pilot, "j", "enter")
        assert app.stacks.here.kind == "line"


async def test_two_periods_side_by_side_say_which_step_moved_and_list_who_moves() -> None:
    fake = FakeSession()
    async with console(WIDE, session=fake) as (app, pilot):
        await press(app, pilot, "2", "V", "enter")
        text = shown(app)
        assert "A  10-16…10-22" in text
        assert "B  10-23…10-29" in text
        assert "Step 3 add to cart moved most: 26.8% → 26.2%, −0.5 pp (−0.6 … −0.4)." in text
        assert "▼0.5!" in text
        assert "◀ moved most" in text
        await press(app, pilot, "tab", "G", "enter")
        assert "Persons · step 5 ▸ excluded" in shown(app)
        await press(app, pilot, "tab", "enter")
        here = app.stacks.here
        assert (here.kind, here.key) == ("person", 9)
        assert asked(fake)[-1].only == (9,)
        assert "✖ excluded" in shown(app)


async def test_two_segments_are_typed() -> None:
    fake = FakeSession()
    async with console(WIDE, session=fake) as (app, pilot):
        await press(app, pilot, "2", "V", "j", "enter", *"channel = 'RED'", "enter", "enter")
        (query,) = [each for each in fake.asked if isinstance(each, BesideQuery)]
        assert (query.a.where, query.b.where) == ("channel = 'RED'", None)
        assert "A  channel = 'RED'" in shown(app)
        assert "B  everybody" in shown(app)


async def test_rule_sets_need_options_that_differ() -> None:
    fake = FakeSession()
    async with console(WIDE, session=fake) as (app, pilot):
        await press(app, pilot, "2", "V", "G", "enter")
        assert "All options are as configured" in shown(app)
        await press(app, pilot, "o", "space", "enter", "V", "G", "enter")
        (query,) = [each for each in fake.asked if isinstance(each, BesideQuery)]
        assert 'mode = "strict"' in query.b.toml
        assert query.a.toml == ""
        assert "B  options now" in shown(app)
        assert "△ Mode" in shown(app)


async def test_cohorts_are_a_heat_map_that_says_what_has_not_passed() -> None:
    fake = FakeSession()
    async with console(session=fake) as (app, pilot):
        await press(app, pilot, "2", "C")
        text = shown(app)
        assert "Conversion by week of entry" in text
        assert "2.8% ░" in text
        assert "5.9% █" in text
        assert "·" in next(row for row in text.splitlines() if "W44 10-26" in row)
        await press(app, pilot, "-")
        assert "Conversion by month of entry" in shown(app)
        assert asked(fake)[-1].cohorts == "month"


async def test_drivers_have_odds_interval_q_and_n_and_a_property_narrows_the_funnel() -> None:
    fake = FakeSession()
    async with console(session=fake) as (app, pilot):
        await press(app, pilot, "2", "W")
        text = shown(app)
        for words in ("channel = RED", "2.54 2.41 – 2.68", "40,000", "<0.001", "did search before",
                      "region = (none)", "3 of 87 beyond chance"):  # fmt: skip
            assert words in text
        assert any(isinstance(each, DriversQuery) for each in fake.asked)
        await press(app, pilot, "enter")
        assert app.stacks.here.rules.where == "channel = 'RED'"
        assert "△ Segment" in shown(app)
        await press(app, pilot, "escape", "j", "enter")
        assert app.stacks.here.kind == "drivers"
        assert "Only a property of events narrows a funnel" in shown(app)


async def test_x_explains_the_step_by_the_rules_that_are_looked_at() -> None:
    fake = FakeSession()
    async with console(WIDE, session=fake) as (app, pilot):
        await press(app, pilot, "2", "o", "space", "enter", "x")
        (query,) = [each for each in fake.asked if isinstance(each, WhyQuery)]
        assert query.metric == "purchase_3"
        assert query.toml.startswith("[funnel.purchase]")
        assert 'mode = "strict"' in query.toml
        await press(app, pilot, "escape", "i")
        (traced,) = [each for each in fake.asked if isinstance(each, TraceQuery)]
        assert 'mode = "strict"' in traced.toml


async def test_another_funnel_is_picked_and_begins_as_configured() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, "2", "o", "space", "enter", "f", "j", "enter")
        assert app.stacks.here.funnel == "leads"
        assert app.stacks.here.rules == Rules()
        assert "Funnel › leads" in crumb_line(app)


async def test_under_100_columns_tab_brings_the_lower_panels_one_by_one() -> None:
    async with console((80, 24)) as (app, pilot):
        await press(app, pilot, "2")
        titles = ("Breakdown by channel", "Time view → add to cart", "Rate by day of entry")
        for at, title in enumerate(titles):
            await press(app, pilot, "tab")
            assert [each in shown(app) for each in titles] == [n == at for n in range(3)], title
            assert "▶3 add to cart" in shown(app)
        await press(app, pilot, "z")
        assert "Rate by entry 4/4" in shown(app)
        await press(app, pilot, "z", "tab", "tab")
        assert titles[0] in shown(app)


async def test_a_large_terminal_has_what_came_next_and_the_cohorts_as_well() -> None:
    async with console((200, 50)) as (app, pilot):
        await press(app, pilot, "2")
        text = shown(app)
        assert "What they did next" in text
        assert "Conversion by week of entry" in text


async def test_an_export_says_the_rules_it_was_made_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with console() as (app, pilot):
        await press(app, pilot, "2", "o", "space", "enter", "e")
    text = next(tmp_path.glob("*.csv")).read_text("utf-8")
    assert 'mode = ""strict""' in text
    assert "Douyin" in text


async def chinese(app: Looptop, pilot: Any, *keys: str) -> str:
    """The screen after these keys, checked to be as wide as the terminal in every line."""
    await press(app, pilot, *keys)
    text = shown(app)
    assert {cell_len(row) for row in text.splitlines()} == {app.size.width}
    return text


async def test_chinese_lines_stay_as_wide_as_the_terminal() -> None:
    async with console((80, 24), "zh") as (app, pilot):
        assert "有序 · 7 天 · 人数 · 首次触点" in await chinese(app, pilot, "2")
        assert "● 严格" in await chinese(app, pilot, "o", "space")
        assert "模式 与配置不同" in await chinese(app, pilot, "enter")
        assert "按周进入的转化" in await chinese(app, pilot, "C")
        assert "优势比" in await chinese(app, pilot, "escape", "W")
        assert "步骤并排" in await chinese(app, pilot, "escape", "V", "enter")


def test_the_text_of_the_fake_funnel_is_what_the_form_begins_with() -> None:
    from tui.views.rules import read

    assert read(funnels.TEXT)["steps"][0] == "visit"

"""Metrics by its keys: the tree, dimensions, pivot, heat maps, comparisons, the way down from each cell."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from engine.questions import MetricAnswer, MetricQuery, Range, TraceQuery, WhyQuery
from tests.tui.fake_session import FakeSession
from tests.tui.screens.console import console, crumb_line, press, shown
from tui.widgets.table import TableWidget


def asked(fake: FakeSession) -> list[MetricQuery]:
    """Questions about metrics, in order."""
    return [each for each in fake.asked if isinstance(each, MetricQuery)]


async def test_right_opens_what_a_metric_is_made_of_and_left_shuts_it() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, "3", "shift+tab", "shift+tab", "shift+tab")
        listed = app.page.query_one("#dictionary", TableWidget)
        listed.focus()
        await press(app, pilot, "g", "j", "l")
        ids = [row.id for row in listed.rows.slice(0, 9)]
        assert ids[1:3] == ["revenue", "revenue\x1forders"]
        assert "▾ Revenue" in shown(app)
        await press(app, pilot, "h")
        assert "▸ Revenue" in shown(app)
        await press(app, pilot, "h")
        assert listed.current is not None
        assert listed.current.heading


async def test_enter_shuts_a_level_and_says_how_many_it_holds() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, "3")
        app.page.query_one("#dictionary", TableWidget).focus()
        await press(app, pilot, "g", "enter")
        assert "▸ Strategy (5)" in shown(app)


async def test_the_entry_of_the_metric_under_the_cursor_is_read() -> None:
    async with console((120, 50)) as (app, pilot):
        await press(app, pilot, "3")
        app.page.query_one("#dictionary", TableWidget).focus()
        await press(app, pilot, "/", *"roi", "enter")
        text = shown(app)
        assert "How ROI is counted." in text
        assert "made of: Revenue, Spend" in text
        assert "kuaishou · 10-28 12:10 · stale" in text


async def test_what_is_usual_elsewhere_is_marked_as_a_benchmark_with_its_study() -> None:
    async with console((120, 50)) as (app, pilot):
        await press(app, pilot, "3")
        app.page.query_one("#dictionary", TableWidget).focus()
        await press(app, pilot, "/", *"conv", "enter")
        assert "benchmark 1.400%: Littledata" in shown(app)


async def test_a_dimension_is_typed_and_completed_also_one_that_is_looked_up() -> None:
    fake = FakeSession()
    async with console(session=fake) as (app, pilot):
        await press(app, pilot, "3", "d", *"ow", "tab", "enter")
        assert app.stacks.here.by == "owner"
        assert any(each.by == ("owner",) for each in asked(fake))
        assert "by owner" in crumb_line(app)


async def test_a_dimension_that_is_not_there_is_tried_as_it_was_typed() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, "3", "d", *"zzz", "enter")
        assert app.stacks.here.by == "zzz"


async def test_a_second_dimension_makes_a_pivot_with_totals_that_were_asked_for() -> None:
    fake = FakeSession()
    async with console(session=fake) as (app, pilot):
        await press(app, pilot, "3", "D", *"region", "enter")
        text = shown(app)
        assert "Revenue by channel × region" in text
        assert "广东省" in text
        assert "Total" in text
    whole = [each.by for each in asked(fake) if each.grain == "total" and len(each.metrics) == 1]
    assert {("channel", "region"), ("channel",), ("region",), ()} <= set(whole)


async def test_the_cursor_of_a_pivot_is_a_cell_and_the_title_says_it() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, "3", "D", *"region", "enter", "l", "l", "j")
        assert "sofa_01 广东省" in shown(app)
        await press(app, pilot, "enter")
        assert app.stacks.here.path == (("channel", "sofa_01"), ("region", "广东省"))
        assert "sofa_01 / 广东省 › by campaign" in crumb_line(app)


async def test_a_total_of_a_pivot_leads_to_its_member_alone() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, "3", "D", *"region", "enter", "l", "enter")
        assert app.stacks.here.path == (("channel", "sofa_03"),)


async def test_cells_show_changes_instead_of_values_and_back() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, "3", "D", *"region", "enter", "V")
        assert "changes" in shown(app)
        assert "▼53.1%" in shown(app)
        await press(app, pilot, "V")
        assert "values" in shown(app)


async def test_the_second_dimension_goes_away_again() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, "3", "D", *"region", "enter", "D", *"nothing", "enter")
        assert app.stacks.here.second == ""
        assert "× region" not in shown(app)


async def test_hours_of_the_week_fit_80_columns_and_lead_to_their_rows() -> None:
    fake = FakeSession()
    async with console((80, 24), session=fake) as (app, pilot):
        await press(app, pilot, "3", "enter", "H")
        text = shown(app)
        assert "weekday × hour of day" in text
        assert " 00 01 02 " in text
        assert "22 23" in text
        assert "Sun" in text
        await press(app, pilot, "j", "j", *("l" * 3))
        assert "Wed 02:00" in shown(app)
        await press(app, pilot, "enter")
        assert app.stacks.here.kind == "rows"
    table, where = [each for each in fake.asked if isinstance(each, tuple) and each[0] == "events"][-1]
    assert table == "events"
    assert "date_part('weekday', lts) = 3 and date_part('hour', lts) = 2" in where


async def test_hours_go_away_by_the_same_key() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, "3", "H", "H")
        assert app.stacks.here.second == ""
        assert "by channel" in crumb_line(app)


@pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_regions_that_are_provinces_lie_on_a_map(size: tuple[int, int]) -> None:
    async with console(size, "zh") as (app, pilot):
        await press(app, pilot, "3", *(["enter"] if size[0] == 80 else []), "M")
        text = shown(app)
        assert "广东  ██" in text
        assert "黑龙江" in text
        assert "海外" in text
        await press(app, pilot, "M")
        assert "黑龙江" not in shown(app)


async def test_a_heat_map_is_reached_by_its_name_from_any_screen() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, ":", *"heat hours", "enter")
        assert (app.stacks.here.by, app.stacks.here.second) == ("weekday", "hour_of_day")


async def test_several_comparisons_stand_beside_each_other() -> None:
    fake = FakeSession()
    async with console(session=fake) as (app, pilot):
        await press(app, pilot, "3", "v", "j", "space", "j", "j", "space", "k", "k", "k", "enter")
        assert app.view.compare == "previous"
        assert app.stacks.here.beside == ("week", "year")
        text = shown(app)
        assert "⠒⠂ week ago" in text
        assert "vs year ago" in text
    assert asked(fake)[-1].compare or any(
        each.compare == ("previous", "week", "year") for each in asked(fake)
    )


async def test_the_grain_goes_from_hour_to_year_and_no_further() -> None:
    fake = FakeSession()
    async with console(session=fake) as (app, pilot):
        await press(app, pilot, "3", *("-" * 7))
        assert app.stacks.here.grain == "year"
        await press(app, pilot, *("+" * 7))
        assert app.stacks.here.grain == "hour"
    assert {each.grain for each in asked(fake)} >= {"hour", "day", "week", "month", "quarter", "year"}


async def test_a_month_leads_to_its_days_and_a_day_to_its_rows() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, "3", "d", *"day", "enter", "enter")
        assert app.stacks.here.kind == "rows"
        assert app.stacks.here.path == (("day", "2026-10-23"),)


async def test_the_lineage_of_a_cell_names_both_of_its_members() -> None:
    fake = FakeSession()
    async with console(session=fake) as (app, pilot):
        await press(app, pilot, "3", "D", *"region", "enter", "l", "l", "i")
    query = next(each for each in fake.asked if isinstance(each, TraceQuery))
    assert query.where == "channel = 'sofa_03' and region = '广东省'"


async def test_a_pivot_is_exported_with_names_for_its_columns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with console() as (app, pilot):
        await press(app, pilot, "3", "D", *"region", "enter", "e")
    lines = next(tmp_path.glob("*.csv")).read_text("utf-8").splitlines()
    assert "# definition: revenue = sum(value) (7c1e09)" in lines
    assert "# watermark: d00a041e6cd4060c" in lines
    assert "channel,Total,广东省,浙江,北京市,四川,海外" in lines


async def test_a_narrowed_list_leads_on_to_the_metric_that_is_meant() -> None:
    async with console((80, 24)) as (app, pilot):
        await press(app, pilot, "3", "j", "H")
        assert len(app.stacks.stack) == 2
        assert app.stacks.here.metric == "orders"


async def test_tab_goes_round_the_panels_of_a_metric_in_a_small_terminal() -> None:
    async with console((40, 15)) as (app, pilot):
        await press(app, pilot, "3")
        seen = []
        for _ in range(4):
            seen.append(shown(app).splitlines()[1])
            await press(app, pilot, "tab")
        assert ["1/4" in seen[0], "2/4" in seen[1], "3/4" in seen[2], "4/4" in seen[3]] == [True] * 4


async def test_a_period_of_weeks_is_gone_into_by_days() -> None:
    from tui.place import Place
    from tui.views.going import days_of, down

    async with console() as (app, _):
        scene = replace(app.scene(), place=Place("metrics", metric="revenue", by="day", grain="week"))
        place = down(scene, (("day", "2026-10-19"),))
        assert (place.by, place.grain, place.range) == (
            "day", "day", Range(date(2026, 10, 19), date(2026, 10, 25)),
        )  # fmt: skip
        assert days_of("2026-02", "month") == Range(date(2026, 2, 1), date(2026, 2, 28))
        assert days_of("2026-Q4", "quarter") is None


async def test_a_day_whose_number_changed_is_marked_and_named_with_its_file() -> None:
    async with console((200, 60)) as (app, pilot):
        await press(app, pilot, "3")
        text = shown(app)
        assert "△ Numbers that changed 1" in text
        assert "10-27 198.4k → 205.1k" in text
        assert "10-28" not in text.split("Numbers that changed")[1].split("10-29")[0]
        chart = "\n".join(line[48:] for line in text.splitlines()[2:18])
        assert "△" in chart
        assert "◆" in chart
        assert "◆ 2026-10-08 refunds no longer" in text
        assert "definition since 2026-10-08" in text


async def test_members_of_a_rate_have_the_parts_of_the_change_that_the_engine_split_off() -> None:
    fake = FakeSession()
    async with console(session=fake) as (app, pilot):
        await press(app, pilot, ":", *"metrics conversion_rate", "enter")
        assert "86.0%" in shown(app)
    asked_why = [each for each in fake.asked if isinstance(each, WhyQuery)]
    assert (asked_why[-1].metric, asked_why[-1].by) == ("conversion_rate", ("channel",))


async def test_all_members_beyond_the_first_are_one_row_that_leads_nowhere() -> None:
    class Many(FakeSession):
        def metrics(self, query: MetricQuery) -> MetricAnswer:
            found = super().metrics(query)
            if not query.others:
                return found
            rest = replace(found.rows[0], by=(("channel", None),), value=99.0, other=True)
            return replace(found, rows=(rest, *found.rows))

    fake = Many()
    async with console(session=fake) as (app, pilot):
        await press(app, pilot, "3")
        rows = app.page.query_one("#members", TableWidget).rows
        assert [row.id for row in rows.slice(0, 9)][-1] == "other"
        await press(app, pilot, "G", "enter")
        assert "all members beyond the first" in shown(app)
        assert len(app.stacks.stack) == 1
    assert any(each.top and each.others for each in asked(fake))


async def test_targets_have_pace_and_state_in_cells_and_on_tiles() -> None:
    class Aimed(FakeSession):
        def metrics(self, query: MetricQuery) -> MetricAnswer:
            found = super().metrics(query)
            rows = (replace(row, target=1_500_000.0, pace=0.94, status="behind") for row in found.rows)
            return replace(found, rows=tuple(rows))

    async with console((200, 50), session=Aimed()) as (app, pilot):
        assert "94.7%! behind" in shown(app)
        await press(app, pilot, "3")
        text = shown(app)
        assert "▲ behind" in text
        assert " 0.94 " in text


async def test_a_tile_whose_number_changed_since_yesterday_says_revised() -> None:
    fake = FakeSession()
    tiles = (replace(fake.current.tiles[0], revised=2), *fake.current.tiles[1:])
    fake.current = replace(fake.current, tiles=tiles)
    async with console(session=fake) as (app, _):
        assert "1.421M △ revised" in shown(app)
    async with console((80, 24), session=fake) as (app, _):
        assert "1.421M △ " in shown(app)


async def test_a_tile_leads_to_its_metric() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, *["shift+tab"] * 3)
        app.page.query_one("#tile-3").focus()
        await press(app, pilot, "enter")
        assert (app.stacks.here.kind, app.stacks.here.metric) == ("metrics", "roi")

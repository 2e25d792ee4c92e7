"""Widgets in a running app: keys, mouse, refreshes, and how little they paint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.widget import Widget

from tests.tui.examples import CHANNELS, FEED, FUNNEL, SPARK, TILE, TREND, channel, table
from tests.tui.snapshot import picture_of_app
from tui.bindings import textual_bindings
from tui.glyphs import ASCII, UNICODE, Glyphs
from tui.theme import textual_theme, theme_names
from tui.view import HeaderView, Row, Tab
from tui.widgets.digits import DigitsWidget
from tui.widgets.feed import FeedWidget
from tui.widgets.funnel import FunnelWidget
from tui.widgets.header_line import HeaderLine
from tui.widgets.spark import SparkWidget
from tui.widgets.table import TableWidget
from tui.widgets.tile import TileWidget
from tui.widgets.trend import TrendWidget


class Stage(App[None]):
    """Shows some widgets and sends actions to the focused one."""

    BINDINGS = textual_bindings("")
    CSS = "Screen { background: $background; overflow: hidden; }"
    ENABLE_COMMAND_PALETTE = False
    lang = "en"

    def __init__(self, *shown: Widget, glyphs: Glyphs = UNICODE, theme: str = "dark") -> None:
        super().__init__()
        self.glyphs, self.shown, self.heard = glyphs, shown, list[Any]()
        for name in theme_names():
            self.register_theme(textual_theme(name))
        self.theme = f"looptop-{theme}"

    def compose(self) -> ComposeResult:
        yield from self.shown

    def on_mount(self) -> None:
        self.shown[0].focus()

    def action_do(self, action: str) -> None:
        widget = self.screen.focused
        if isinstance(widget, TableWidget | FeedWidget | FunnelWidget):
            widget.act(action)

    def on_table_widget_entered(self, message: TableWidget.Entered) -> None:
        self.heard.append(message.row.id)

    def on_feed_widget_entered(self, message: FeedWidget.Entered) -> None:
        self.heard.append(message.entry.id)

    def on_funnel_widget_chosen(self, message: FunnelWidget.Chosen) -> None:
        self.heard.append(message.number)

    def on_chrome_line_pressed(self, message: HeaderLine.Pressed) -> None:
        self.heard.append(message.value)


def many(count: int) -> tuple[Row, ...]:
    return tuple(channel(f"c{n:03}", n, n) for n in range(count))


async def test_cursor_sort_filter_and_scroll_survive_a_refresh() -> None:
    widget = TableWidget(table(many(50)))
    async with Stage(widget).run_test(size=(80, 12)) as pilot:
        await pilot.press("greater_than_sign", "s", *["j"] * 20, "space")
        widget.set_filter("c0")
        before = widget.state
        widget.update(table((channel("c999", 999, 999), *many(50))))
        await pilot.pause()
        assert widget.state == before
        assert (before.sort.column if before.sort else "", before.cursor, before.marks) == (
            "spend",
            "c028",
            ("c029",),
        )


async def test_a_row_that_goes_leaves_the_cursor_to_its_neighbour_and_the_title_says_so() -> None:
    widget = TableWidget(table())
    async with Stage(widget).run_test(size=(80, 12)) as pilot:
        await pilot.press("j")
        widget.update(table(tuple(row for row in CHANNELS if row.id != "Baidu")))
        await pilot.pause()
        assert (widget.current.id if widget.current else "") == "小红书"
        assert "row gone · last touch" in widget.plain_text()


async def test_a_focused_table_keeps_its_order_until_enter() -> None:
    widget = TableWidget(table())
    async with Stage(widget).run_test(size=(80, 12)) as pilot:
        await pilot.press("greater_than_sign", "s")
        widget.update(table((*CHANNELS[:4], channel("Direct", 999.0, 1.0))))
        assert (widget.rows.slice(0, 9)[-1].id, "↻ order changed" in widget.plain_text()) == ("Direct", True)
        await pilot.press("enter")
        assert (widget.rows.slice(0, 1)[0].id, "↻ order changed" in widget.plain_text()) == ("Direct", False)


async def test_enter_and_a_second_click_go_into_a_row() -> None:
    widget = TableWidget(table())
    app = Stage(widget)
    async with app.run_test(size=(80, 12)) as pilot:
        await pilot.press("j", "enter")
        await pilot.click(widget, offset=(5, 4))
        await pilot.click(widget, offset=(5, 4), times=2)
        assert app.heard == ["Baidu", "小红书"]


async def test_a_click_on_a_title_sorts_and_the_wheel_scrolls() -> None:
    widget = TableWidget(table(many(50)))
    async with Stage(widget).run_test(size=(80, 12)) as pilot:
        await pilot.click(widget, offset=(20, 1))
        assert widget.state.sort is not None
        widget._wheel(_Stopped(), 3)  # type: ignore[arg-type]
        assert (widget.model.top, widget.model.place) == (3, 0)


class _Stopped:
    """A mouse event that only can be stopped."""

    def stop(self) -> None:
        """Nothing else hears it."""


async def test_a_narrow_table_says_how_many_columns_are_left_out() -> None:
    widget = TableWidget(table())
    async with Stage(widget).run_test(size=(50, 12)):
        assert "+2 columns, c" in widget.plain_text()


async def test_full_width_signs_work_as_keys() -> None:
    widget = TableWidget(table())
    async with Stage(widget).run_test(size=(80, 12)) as pilot:
        await pilot.press("》", "s")
        assert widget.state.sort is not None and widget.state.sort.column == "spend"


async def test_a_key_of_a_million_rows_reads_one_window() -> None:
    widget = TableWidget()
    async with Stage(widget).run_test(size=(80, 12)) as pilot:
        source = _Million()
        widget.update(replace(table(), rows=source))
        await pilot.press("G", "pageup", "k")
        assert widget.current is not None and widget.current.id == "r999991"
        assert source.asked < 500


class _Million:
    asked = 0

    def __len__(self) -> int:
        return 1_000_000

    def slice(self, top: int, count: int) -> tuple[Row, ...]:
        rows = tuple(channel(f"r{n}", n, n) for n in range(max(0, top), min(top + count, 1_000_000)))
        self.asked += len(rows)
        return rows

    def place(self, row_id: str) -> int | None:
        return int(row_id.removeprefix("r"))


async def test_the_feed_passes_over_headings_and_keeps_its_alert() -> None:
    widget = FeedWidget(FEED, title="Alerts")
    app = Stage(widget)
    async with app.run_test(size=(70, 12)) as pilot:
        await pilot.press("j", "j", "enter")
        widget.update(replace(FEED, entries=FEED.entries[1:]))
        assert (app.heard, widget.current.id if widget.current else "") == (["3"], "3")


async def test_enter_on_a_step_tells_its_number() -> None:
    app = Stage(FunnelWidget(FUNNEL, full=True))
    async with app.run_test(size=(100, 12)) as pilot:
        await pilot.press("j", "j", "enter")
        assert app.heard == [3]


async def test_a_click_on_a_screen_of_the_header_tells_its_number() -> None:
    header = HeaderLine(HeaderView("Maple", (Tab(1, "Overview", True), Tab(2, "Funnel"))))
    app = Stage(header)
    async with app.run_test(size=(120, 3)) as pilot:
        await pilot.click(header, offset=(32, 0))
        assert app.heard == ["2"]


async def test_an_equal_view_paints_nothing_and_a_changed_value_only_its_cells() -> None:
    tile = TileWidget(TILE)
    async with Stage(tile).run_test(size=(30, 5)):
        painted: list[Region] = []
        plain_refresh = tile.refresh

        def noted(*regions: Region, **named: Any) -> Any:
            painted.extend(regions)
            return plain_refresh(*regions, **named)

        tile.refresh = noted  # type: ignore[method-assign]
        assert not tile.update(replace(TILE))
        assert tile.update(replace(TILE, value="1.422M"))
        assert [(each.x, each.y, each.height) for each in painted] == [(5, 1, 1)]


async def test_all_widgets_on_one_stage_in_both_sets(golden: Callable[[str, str], None]) -> None:
    for glyphs in (UNICODE, ASCII):
        chart = TrendWidget(TREND), SparkWidget(SPARK), DigitsWidget("1.42%")
        funnel = FunnelWidget(FUNNEL, title="购买")
        app = Stage(TableWidget(table(), keys="Enter in"), TileWidget(TILE), funnel, *chart, glyphs=glyphs)
        async with app.run_test(size=(80, 40)) as pilot:
            await pilot.pause()
            golden(picture_of_app(app), f"stage_{glyphs.name}")


async def test_the_stage_survives_any_size() -> None:
    app = Stage(
        TableWidget(table()),
        TileWidget(TILE),
        FunnelWidget(FUNNEL, full=True),
        TrendWidget(TREND),
        FeedWidget(FEED),
    )
    async with app.run_test(size=(80, 24)) as pilot:
        for size in ((40, 15), (12, 5), (1, 1), (200, 50)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
        assert "Channels" in picture_of_app(app)


async def test_hostile_markup_is_only_text() -> None:
    widget = TableWidget(table((channel("bad [/red] x", 1.0, 1.0),)))
    async with Stage(widget).run_test(size=(80, 8)) as pilot:
        await pilot.pause()
        assert "bad [/red] x" in picture_of_app(pilot.app)


async def test_a_theme_change_restyles_what_is_shown() -> None:
    app = Stage(TableWidget(table()))
    async with app.run_test(size=(80, 10)) as pilot:
        dark = picture_of_app(app, styles=True)
        app.theme = "looptop-light"
        await pilot.pause()
        assert picture_of_app(app, styles=True) != dark

"""Pictures of panels at their sizes, and what must hold at every size."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tui.examples import CHINESE_TILE, FEED, FUNNEL, SPARK, TILE, TREND
from tests.tui.snapshot import picture_of_lines
from tui.draw import chrome
from tui.draw.digits import digits, digits_width
from tui.draw.feed import feed_lines
from tui.draw.frame import frame
from tui.draw.funnel import funnel_lines, funnel_one_line
from tui.draw.spark import bar_line, levels, spark_line
from tui.draw.tile import tile_line, tile_lines, wall_lines
from tui.draw.trend import trend_lines
from tui.glyphs import ASCII, UNICODE, Glyphs
from tui.lines import text_of, width_of
from tui.view import ContextView, FooterView, HeaderView, Hint, Line, Spark, StatusView, Tab, TrendView

Golden = Callable[[str, str], None]
SETS = st.sampled_from([UNICODE, ASCII])
SIZES = st.tuples(st.integers(1, 130), st.integers(1, 40))


@pytest.mark.parametrize(("width", "height"), [(30, 1), (20, 4), (30, 5), (40, 6)])
def test_a_tile_at_its_sizes(width: int, height: int, golden: Golden) -> None:
    lines = [*tile_lines(TILE, width, height, UNICODE), *tile_lines(CHINESE_TILE, width, height, UNICODE)]
    golden(picture_of_lines(lines), f"tile_{width}x{height}")


def test_a_tile_on_the_wall(golden: Golden) -> None:
    golden(picture_of_lines(wall_lines(TILE, 60, 16, UNICODE)), "tile_wall_60x16")


def test_a_tile_in_ascii(golden: Golden) -> None:
    golden(
        picture_of_lines([*tile_lines(TILE, 30, 5, ASCII), *wall_lines(TILE, 60, 16, ASCII)], styles=False),
        "tile_ascii",
    )


def test_a_funnel_in_its_three_forms(golden: Golden) -> None:
    lines = [
        *funnel_lines(FUNNEL, 57, 7, UNICODE),
        *funnel_lines(FUNNEL, 118, 8, UNICODE, full=True, cursor=2),
    ]
    golden(picture_of_lines([*lines, funnel_one_line(FUNNEL, 80, UNICODE)]), "funnel")


def test_a_trend_with_axes_limit_gap_and_partial_tail(golden: Golden) -> None:
    lines = [*trend_lines(TREND, 50, 10, UNICODE), *trend_lines(TREND, 50, 10, ASCII)]
    golden(picture_of_lines(lines), "trend")


def test_points_with_an_open_window_are_hollow() -> None:
    view = TrendView(TREND.series, open=2)
    text = "".join(text_of(each) for each in trend_lines(view, 40, 8, UNICODE))
    assert text.count("○") == 2


def test_a_feed(golden: Golden) -> None:
    golden(picture_of_lines([each.line for each in feed_lines(FEED, 60, UNICODE, cursor=0)]), "feed")


HEADER = HeaderView(
    "Maple Home",
    tuple(Tab(n, title, n == 1) for n, title in enumerate(("Overview", "Funnel", "Metrics", "Alerts"), 1)),
    (("crit", 1, "critical"), ("warn", 2, "warning"), ("stale", 0, "stale")),
)
CONTEXT = ContextView(
    ("Metrics", "转化率", "Douyin"),
    ("7 d 10-23…10-29", "today partial to 14:32", "no filter"),
    "as of Thu 10-29 14:32",
)
STATUS = StatusView(
    "live", "live", ("502 files", "1.284M rows", "+312 rows 4 s ago"), "1 of 9 sources stale", "stale"
)
FOOTER = FooterView(
    tuple(
        Hint(key, label, label)
        for key, label in (("Enter", "open"), ("t", "time"), ("v", "对比"), ("?", "help"))
    )
)


def chrome_lines(width: int, glyphs: Glyphs) -> list[Line]:
    return [
        chrome.header(HEADER, width, glyphs)[0],
        chrome.context(CONTEXT, width, glyphs)[0],
        chrome.status(STATUS, width, glyphs),
        chrome.footer(FOOTER, width, glyphs)[0],
    ]


def test_the_lines_around_a_screen_at_four_widths(golden: Golden) -> None:
    golden(
        picture_of_lines([each for width in (40, 80, 120, 200) for each in chrome_lines(width, UNICODE)]),
        "chrome",
    )


def test_a_click_zone_lies_under_its_words() -> None:
    line, zones = chrome.header(HEADER, 120, UNICODE)
    assert [text_of(line)[z.start : z.end].strip(" []") for z in zones] == [
        "1 Overview",
        "2 Funnel",
        "3 Metrics",
        "4 Alerts",
    ]
    line, zones = chrome.footer(FOOTER, 80, UNICODE)
    assert [z.value for z in zones] == ["open", "time", "对比", "help"]


def test_the_footer_gives_up_hints_but_never_help() -> None:
    assert "? help" in text_of(chrome.footer(FOOTER, 20, UNICODE)[0])


def test_as_of_stays_when_the_rest_is_cut() -> None:
    assert text_of(chrome.context(CONTEXT, 48, UNICODE)[0]).rstrip().endswith("as of Thu 10-29 14:32")


@given(SIZES, SETS)
def test_panels_fill_exactly_their_size(size: tuple[int, int], glyphs: Glyphs) -> None:
    width, height = size
    for drawn in (tile_lines(TILE, width, height, glyphs), tile_lines(CHINESE_TILE, width, height, glyphs)):
        assert (len(drawn), {width_of(each) for each in drawn}) == (height if height >= 4 else 1, {width})


@given(SIZES, SETS, st.booleans())
def test_no_line_is_wider_than_its_room(size: tuple[int, int], glyphs: Glyphs, full: bool) -> None:
    width, height = size
    lines: list[Sequence[Line]] = [
        funnel_lines(FUNNEL, width, height, glyphs, full=full, cursor=1),
        trend_lines(TREND, width, height, glyphs),
        [each.line for each in feed_lines(FEED, width, glyphs)],
        chrome_lines(width, glyphs),
        [tile_line(TILE, width, glyphs)],
    ]
    assert [width_of(each) for drawn in lines for each in drawn if width_of(each) > width] == []


@given(
    st.integers(2, 60),
    st.integers(2, 10),
    st.text(max_size=30).map(lambda t: "".join(c for c in t if c.isalnum())),
)
def test_a_frame_has_its_size_whatever_its_title(width: int, height: int, title: str) -> None:
    drawn = frame([], width, height, UNICODE, title=title, right="CNY", keys="Enter in")
    assert (len(drawn), {width_of(each) for each in drawn}) == (height, {width})


@given(
    st.lists(st.one_of(st.none(), st.floats(-1e9, 1e9)), max_size=40), st.integers(0, 30), st.booleans(), SETS
)
def test_a_sparkline_has_its_width_and_ends_at_the_right(
    values: list[float | None], width: int, partial: bool, glyphs: Glyphs
) -> None:
    drawn = spark_line(Spark(tuple(values), partial), width, glyphs)
    assert width_of(drawn) == width
    if width and values and partial and values[-1] is not None:
        assert drawn[-1][1] == "partial"


def test_a_sparkline_shows_gaps_and_the_unfinished_period() -> None:
    assert text_of(spark_line(Spark((1, None, 3, 3), partial=True), 6, UNICODE)) == "  ▁·█▓"
    assert text_of(spark_line(SPARK, 14, UNICODE)) == "▄█▇▅▄▃▄▆▇██▅▂░"


def test_levels_of_equal_values_are_in_the_middle_and_of_zeros_at_the_bottom() -> None:
    assert (levels((5.0, 5.0), 8), levels((0.0, 0.0), 8)) == ((4, 4), (0, 0))


@given(st.floats(-1, 3), st.integers(0, 40), SETS)
def test_a_bar_has_its_width_and_something_is_never_drawn_as_nothing(
    share: float, width: int, glyphs: Glyphs
) -> None:
    drawn = bar_line(share, width, glyphs)
    assert width_of(drawn) == width
    assert (bool(drawn) and drawn[0][1] == "bar") == (share > 0 and width > 0)


@given(st.text("0123456789.,%kM万亿−–?▲▼p ", max_size=8), st.sampled_from([3, 5]), SETS)
def test_numerals_have_rows_of_equal_width(text: str, rows: int, glyphs: Glyphs) -> None:
    drawn = digits(text, rows, glyphs)
    assert len(drawn) == rows
    assert {width_of(((row, ""),)) for row in drawn} == {digits_width(text, rows, glyphs)}


def test_each_numeral_differs_from_every_other() -> None:
    for glyphs, rows in ((UNICODE, 5), (UNICODE, 3), (ASCII, 5), (ASCII, 3)):
        assert len({digits(sign, rows, glyphs) for sign in "0123456789"}) == 10

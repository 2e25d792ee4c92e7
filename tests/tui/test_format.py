"""Numbers, changes, ages and dates as a person reads them."""

from __future__ import annotations

import math
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui import format as shown
from tui.view import Change


@pytest.mark.parametrize(
    ("value", "english", "chinese"),
    [
        (1_420_900, "1.421M", "142.1万"),
        (464_700, "464.7k", "46.47万"),
        (31_920, "31.92k", "3.192万"),
        (256.5, "256.5", "256.5"),
        (1.892, "1.892", "1.892"),
        (-94_080, "−94.08k", "−9.408万"),
        (999_960, "1.000M", "100.0万"),
        (123_456_789, "123.5M", "1.235亿"),
        (2_000_000_000, "2.000B", "20.00亿"),
        (0, "0", "0"),
        (None, "–", "–"),
        (math.nan, "–", "–"),
    ],
)
def test_a_tile_has_four_significant_digits(value: float | None, english: str, chinese: str) -> None:
    assert (shown.number(value, "en"), shown.number(value, "zh")) == (english, chinese)


def test_a_count_below_ten_thousand_is_whole() -> None:
    assert [shown.number(n, whole=True) for n in (6293, 14, 9999, 10000)] == [
        "6,293",
        "14",
        "9,999",
        "10.00k",
    ]


@given(st.floats(-1e12, 1e12))
def test_a_tile_is_true_to_its_value_within_its_digits(value: float) -> None:
    text = shown.number(value).replace(",", "").replace("−", "-")
    factor = {"k": 1e3, "M": 1e6, "B": 1e9}.get(text[-1], 1.0)
    number = float(text.rstrip("kMB")) * factor
    assert number == pytest.approx(value, rel=6e-4, abs=5.1e-7)


def test_percent_shows_four_digits_or_as_many_decimals_as_asked() -> None:
    assert [shown.percent(x) for x in (0.02624, 0.1842, 1.023, 0)] == ["2.624%", "18.42%", "102.3%", "0.00%"]
    assert (shown.percent(0.722, 1), shown.percent(None)) == ("72.2%", "–")


@pytest.mark.parametrize(
    ("values", "lang", "factor", "suffix", "cell"),
    [
        ([182_400, 96_300, 0], "en", 1e3, "k", "182.4"),
        ([182_400, 96_300], "zh", 1e4, "万", "18.24"),
        ([19_120, 7340], "en", 1e3, "k", "19.12"),
        ([5_200_000], "en", 1e3, "k", "5,200"),
        ([25_000_000], "en", 1e6, "M", "25.00"),
        ([1.501, 4.538], "en", 1, "", "1.501"),
    ],
)
def test_a_column_has_one_unit_for_its_largest_value(
    values: list[float], lang: str, factor: float, suffix: str, cell: str
) -> None:
    unit = shown.column_unit(values, lang)
    assert (unit.factor, unit.suffix, shown.in_unit(values[0], unit)) == (factor, suffix, cell)


def test_all_cells_of_a_column_have_the_same_decimals() -> None:
    unit = shown.column_unit([182_400, 96_300])
    assert [shown.in_unit(v, unit) for v in (182_400, 0, 1_420_900, None)] == ["182.4", "0.0", "1,420.9", "–"]


def test_counts_and_money_move_in_percent_and_rates_in_points() -> None:
    assert shown.change(1880, 2000) == Change(-1, "6.0%", "bad")
    assert shown.change(0.02624, 0.02874, kind="percent") == Change(-1, "0.25 pp", "bad")
    assert shown.change(0.1842, 0.1811, kind="percent", lang="zh") == Change(1, "0.31 百分点", "good")


def test_a_move_is_good_by_the_direction_of_its_metric() -> None:
    assert shown.change(110, 100, good="down").tone == "bad"
    assert shown.change(90, 100, good="down").tone == "good"
    assert shown.change(110, 100, good="none").tone == "ink"


def test_only_a_bad_move_beyond_its_noise_is_an_alarm() -> None:
    assert shown.change(90, 100, beyond_noise=True).alarm
    assert not shown.change(110, 100, beyond_noise=True).alarm
    assert not shown.change(90, 100).alarm


def test_without_a_base_a_value_is_new_and_zero_against_zero_is_nothing() -> None:
    assert [shown.change(5, None).text, shown.change(5, 0).text, shown.change(5, 0, lang="zh").text] == [
        "new",
        "new",
        "新增",
    ]
    assert [shown.change(0, 0).text, shown.change(None, 5).text] == ["–", "–"]


def test_a_change_of_a_negative_base_keeps_its_direction() -> None:
    assert shown.change(-1.0, -2.0) == Change(1, "50.0%", "good")


def test_a_move_too_small_to_show_has_no_arrow() -> None:
    assert shown.change(100.0001, 100) == Change(0, "0.0%")


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [
        (48, "48 s", "48 秒"),
        (192, "3 min 12 s", "3 分 12 秒"),
        (125, "2 min 05 s", "2 分 05 秒"),
        (100_800, "1 d 4 h", "1 天 4 小时"),
        (40_800, "11 h 20 min", "11 小时 20 分"),
        (1320, "22 min", "22 分钟"),
        (0.21, "0.21 s", "0.21 秒"),
        (0, "0 s", "0 秒"),
        (3601, "1 h", "1 小时"),
        (None, "–", "–"),
    ],
)
def test_a_duration_has_its_two_largest_units(seconds: float | None, english: str, chinese: str) -> None:
    assert (shown.duration(seconds), shown.duration(seconds, "zh")) == (english, chinese)


def test_an_age_has_one_unit_and_stays_in_hours_for_two_days() -> None:
    assert [shown.age(s) for s in (4, 180, 26 * 3600, 72 * 3600)] == ["4 s", "3 min", "26 h", "3 d"]
    assert (shown.ago(4), shown.ago(4, "zh"), shown.ago(None)) == ("4 s ago", "4 秒前", "–")


def test_a_clock_that_runs_behind_never_shows_a_negative_age() -> None:
    assert shown.age(-5) == "0 s"


def test_days_carry_their_weekday_and_ranges_their_years_where_they_differ() -> None:
    day = date(2026, 10, 29)
    assert (shown.day(day, named=True), shown.day(day, "zh", named=True)) == ("Thu 10-29", "10-29 周四")
    assert shown.days(date(2026, 10, 23), day) == "10-23…10-29"
    assert shown.days(date(2025, 12, 30), date(2026, 1, 2)) == "2025-12-30…2026-01-02"


def test_as_of_names_weekday_time_and_zone() -> None:
    moment = datetime(2026, 10, 29, 14, 32)
    assert shown.moment(moment, zone="+08:00") == "Thu 10-29 14:32 +08:00"
    assert shown.moment(moment, "zh") == "10-29 周四 14:32"


@given(st.floats(allow_nan=True, allow_infinity=True), st.sampled_from(["en", "zh"]))
def test_every_number_can_be_shown(value: float, lang: str) -> None:
    texts = [
        shown.number(value, lang),
        shown.percent(value),
        shown.duration(value, lang),
        shown.age(value, lang),
    ]
    assert all("-" not in text and "nan" not in text and "inf" not in text for text in texts)

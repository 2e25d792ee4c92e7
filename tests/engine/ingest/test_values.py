"""Numbers, times and identifiers as files write them."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.ingest.clock import Reading, parse_time
from engine.ingest.identifiers import normalise, normalised
from engine.ingest.numbers import parse_number, split_refunds, to_decimals
from engine.ingest.times import decide_order, order_evidence, to_utc
from tests import material
from tests.engine.ingest.workspaces import IDENTITY

UTC = Reading("UTC")
SHANGHAI = Reading("Asia/Shanghai")
VECTORS = material.VECTORS / "identity.json"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,204.50", "1204.50"),
        ("¥12.50", "12.50"),
        ("-¥12.50", "-12.50"),
        ("$1,000", "1000"),
        ("€ 3", "3"),
        ("R$ 1,204.50", "1204.50"),
        ("12.5元", "12.5"),
        ("１２３．５", "123.5"),
        ("12.5%", "0.125"),
        ("3.2万", "32000"),
        ("1.5亿", "150000000"),
        ("2k", "2000"),
        ("(1,204.50)", "-1204.50"),
        ("1e3", "1000"),
        ("+7", "7"),
        ("0.1", "0.1"),
        (".5", "0.5"),
        ("12 CNY", "12"),
        ("100-", "-100"),
        ("−5", "-5"),
        ("1.5M", "1500000"),
        ("USD 1,000.25", "1000.25"),
        ("007", "7"),
    ],
)
def test_a_number_is_read_exactly(text: str, value: str) -> None:
    assert parse_number(text) == Decimal(value)
    assert to_decimals(pl.Series([text]))[0].to_list() == [Decimal(value)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1,2O4.50", "not a number: letter O in 1,2O4.50"),
        ("--", 'not a number; add "--" to null_values'),
        ("3,50", 'not a number: 3,50; if its comma is the decimal mark, say decimal = "," in the source'),
        ("abc", "not a number: abc"),
        ("1,2,3", "not a number: 1,2,3"),
        ("1.2.3", "not a number: 1.2.3"),
        ("1234567890123", "too large a number: 1234567890123"),
        ("inf", "not a number: inf"),
    ],
)
def test_what_is_no_number_says_why(text: str, reason: str) -> None:
    assert str(parse_number(text)).startswith(reason)
    assert to_decimals(pl.Series([text]))[1].to_list() == [True]


@pytest.mark.parametrize(
    ("text", "value"),
    [("1.204,50", "1204.50"), ("99,88%", "0.9988"), ("2.546", "2546"), ("1 234,56", "1234.56"), ("5", "5")],
)
def test_a_decimal_comma_holds_where_the_source_says_so(text: str, value: str) -> None:
    assert parse_number(text, ",") == Decimal(value)
    assert to_decimals(pl.Series([text]), ",")[0].to_list() == [Decimal(value)]


PIECES = st.lists(st.sampled_from(list("0123456789.,-+()%¥$ 万元kO１e")), max_size=9).map("".join)


@given(st.lists(PIECES, min_size=1, max_size=30), st.sampled_from([".", ","]))
def test_numbers_read_as_a_column_equal_numbers_read_one_by_one(texts: list[str], mark: str) -> None:
    values, bad = to_decimals(pl.Series(texts, dtype=pl.String), mark)
    for text, value, wrong in zip(texts, values, bad, strict=True):
        single = parse_number(text, mark)
        assert wrong == isinstance(single, str), text
        if isinstance(single, Decimal):
            assert value == single.quantize(Decimal("0.000001")), text


@given(st.decimals(-(10**11), 10**11, places=6, allow_nan=False))
def test_no_digit_of_an_amount_is_lost(value: Decimal) -> None:
    assert to_decimals(pl.Series([f"{value:,f}"]))[0][0] == value


def test_an_amount_with_its_refund_is_split() -> None:
    found = split_refunds(pl.Series(["131.77(已退款89.84)", "5", "9.90（已全额退款）", None]))
    assert found is not None
    assert found[0].to_list() == ["131.77", "5", "9.90", None]
    assert found[1].to_list() == ["89.84", None, "9.90", None]


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-11-01", "2026-10-31T16:00:00"),
        ("2026/11/1 8:05", "2026-11-01T00:05:00"),
        ("2026-11-01T08:05:09.250", "2026-11-01T00:05:09.250000"),
        ("2026-11-01T08:05:09Z", "2026-11-01T08:05:09"),
        ("2026-11-01T08:05:09+09:00", "2026-10-31T23:05:09"),
        ("2026-03-12 09:14:02 +0000", "2026-03-12T09:14:02"),
        ("2026年11月1日", "2026-10-31T16:00:00"),
        ("2026年11月1日 8时5分", "2026-11-01T00:05:00"),
        ("20261101", "2026-10-31T16:00:00"),
        ("20261101080509", "2026-11-01T00:05:09"),
        ("1.11.2026", "2026-10-31T16:00:00"),
        ("1-Nov-2026", "2026-10-31T16:00:00"),
        ("Nov 1, 2026", "2026-10-31T16:00:00"),
        ("1793491200", "2026-11-01T00:00:00"),
        ("1793491200250", "2026-11-01T00:00:00.250000"),
        ("46327", "2026-10-31T16:00:00"),
        ("46327.5", "2026-11-01T04:00:00"),
        ("2026-11-01 8", "2026-11-01T00:00:00"),
        ("2026-11-01 下午3:30", "2026-11-01T07:30:00"),
        ("2026-11-01 3:30 PM", "2026-11-01T07:30:00"),
        ("2026-11-01 08:00-08:59", "2026-11-01T00:00:00"),
    ],
)
def test_a_time_is_read(text: str, utc: str) -> None:
    assert parse_time(text, SHANGHAI) == datetime.fromisoformat(utc)
    assert to_utc(pl.Series([text]), SHANGHAI)[0].to_list() == [datetime.fromisoformat(utc)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2026-13-01", "no such month: 13"),
        ("2026-02-30", "no such day: 2026-02-30"),
        ("soon", "not a date or time: soon"),
        ("2026-11-01 25:00", "no such time of day: 25:00"),
        ("April 1", "no year in April 1; set year in the source"),
    ],
)
def test_what_is_no_time_says_why(text: str, reason: str) -> None:
    assert parse_time(text, UTC) == reason
    assert to_utc(pl.Series([text]), UTC)[1].to_list() == [True]


def test_a_day_without_a_year_takes_the_year_of_the_source() -> None:
    assert parse_time("April 1", Reading("UTC", year=2020)) == datetime(2020, 4, 1)
    assert parse_time("11月1日", Reading("UTC", year=2020)) == datetime(2020, 11, 1)


@pytest.mark.parametrize(
    ("dates", "order", "why"),
    [
        (["1.08.2019", "30.08.2019"], "dmy", "day/month/year: the first number is over 12 in 1 of 2"),
        (["8/1/2019", "8/30/2019"], "mdy", "month/day/year: the second number is over 12 in 1 of 2"),
        (["1/8/2019"], "mdy", "month/day/year: not decided"),
        (["1.8.2019"], "dmy", "day/month/year: not decided"),
    ],
)
def test_the_order_of_day_and_month_is_one_decision_with_its_evidence(
    dates: list[str], order: str, why: str
) -> None:
    decided, words = decide_order(order_evidence(pl.Series(dates)))
    assert decided == order and str(words).startswith(why)


def test_a_skipped_hour_moves_on_and_a_doubled_hour_is_its_first() -> None:
    berlin = Reading("Europe/Berlin")
    texts = ["2026-03-29 02:30:00", "2026-10-25 02:30:00"]
    expected = [datetime(2026, 3, 29, 1, 30), datetime(2026, 10, 25, 0, 30)]
    assert [parse_time(text, berlin) for text in texts] == expected
    assert to_utc(pl.Series(texts), berlin)[0].to_list() == expected


MARKS = st.sampled_from(
    ["2026", "11", "1", "30", "2", "-", "/", ".", " ", "T", ":", "08", "Z", "+08:00", "年", "月", "日"]
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.lists(MARKS, max_size=8).map("".join), min_size=1, max_size=8),
    st.sampled_from(["dmy", "mdy"]),
)
def test_times_read_as_a_column_equal_times_read_one_by_one(texts: list[str], order: str) -> None:
    how = Reading("Asia/Shanghai", "dmy" if order == "dmy" else "mdy")
    values, bad = to_utc(pl.Series(texts, dtype=pl.String), how)
    for text, value, wrong in zip(texts, values, bad, strict=True):
        single = parse_time(text, how)
        assert wrong == isinstance(single, str), (text, single, value)
        assert wrong or value == single, (text, single, value)


@pytest.mark.skipif(not VECTORS.exists(), reason="the vectors are not here")
def test_identifiers_are_normalised_as_in_the_vectors() -> None:
    for case in json.loads(VECTORS.read_text("utf-8"))["normalisation"]:
        assert normalise(case["type"], case["raw"], IDENTITY) == case["expected"], case
        assert normalised(case["type"], pl.Series([case["raw"]]), IDENTITY).to_list() == [case["expected"]], (
            case
        )


RAW = st.lists(
    st.sampled_from([*"013８68+-. ()@aAbＢ/无", "null", "138", "1381111", "x.com", "86"]), max_size=8
).map("".join)


@given(
    st.lists(RAW, min_size=1, max_size=20),
    st.sampled_from(["phone", "email", "device_id", "cookie", "member_id"]),
)
def test_identifiers_read_as_a_column_equal_those_read_one_by_one(texts: list[str], kind: str) -> None:
    column = normalised(kind, pl.Series(texts, dtype=pl.String), IDENTITY)
    assert column.to_list() == [normalise(kind, text, IDENTITY) for text in texts]

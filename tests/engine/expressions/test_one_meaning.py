"""SQL, Polars and plain Python mean the same by an expression."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.expressions import PolarsColumn, SqlColumn, evaluate, parse, to_polars, to_sql
from engine.schema import Kind
from tests.effort import effort

KINDS: dict[str, Kind] = {
    "m": "number",
    "n": "number",
    "s": "text",
    "t": "text",
    "b": "boolean",
    "ts": "time",
}
DTYPES: dict[str, Any] = {
    "number": pl.Float64,
    "text": pl.String,
    "boolean": pl.Boolean,
    "time": pl.Datetime("us"),
}
SQL_TYPES = {"number": "DOUBLE", "text": "VARCHAR", "boolean": "BOOLEAN", "time": "TIMESTAMP"}

CONNECTION = duckdb.connect()

numbers = st.none() | st.integers(-40, 40).map(lambda quarter: quarter / 4)
texts = st.none() | st.sampled_from(
    ["", "a", "ab", "aXb", "10", "2.5", " 3 ", "true", "no", "%", "it's", "中文", "nan", "inf"]
)
moments = st.none() | st.datetimes(datetime(2019, 1, 1), datetime(2026, 12, 31)).map(
    lambda when: when.replace(microsecond=0)
)
rows = st.fixed_dictionaries(
    {"m": numbers, "n": numbers, "s": texts, "t": texts, "b": st.none() | st.booleans(), "ts": moments}
)


def number(depth: int) -> st.SearchStrategy[str]:
    leaf = st.sampled_from(["m", "n", "0", "2", "2.5", "25%", "null", "s", "length(s)", "-1"])
    parts = ["month", "weekday", "week", "hour", "quarter", "day"]
    if depth == 0:
        return leaf | st.sampled_from(parts).map(lambda part: f"date_part('{part}', ts)")
    inner = number(depth - 1)
    pair = st.tuples(inner, st.sampled_from("+-*/"), inner).map(
        lambda each: f"({each[0]} {each[1]} {each[2]})"
    )
    calls = [
        "coalesce({}, {})",
        "nullif({}, {})",
        "greatest({}, {})",
        "least({}, {})",
        "round({}) + abs({})",
        "floor({}) - ceil({})",
        "case when {} > 1 then {} end",
        "if(b, {}, {})",
    ]
    call = st.tuples(st.sampled_from(calls), inner, inner).map(lambda each: each[0].format(each[1], each[2]))
    return leaf | pair | call


def text(depth: int) -> st.SearchStrategy[str]:
    leaf = st.sampled_from(["s", "t", "'a'", "''", "'it''s'", "'10'", "'中'", "null"])
    if depth == 0:
        return leaf
    inner = text(depth - 1)
    calls = [
        "lower({})",
        "upper({})",
        "trim({})",
        "substr({}, 2)",
        "substr({}, 1, 1)",
        "replace({}, 'a', 'bb')",
    ]
    call = st.tuples(st.sampled_from(calls), inner).map(lambda each: each[0].format(each[1]))
    pairs = st.sampled_from(["concat({}, {})", "coalesce({}, {})", "case when b then {} else {} end"])
    return leaf | call | st.tuples(pairs, inner, inner).map(lambda each: each[0].format(each[1], each[2]))


def condition(depth: int) -> st.SearchStrategy[str]:
    ops = st.sampled_from(["=", "==", "<>", "!=", "<", "<=", ">", ">="])
    by_number = st.tuples(number(1), ops, number(1)).map(" ".join)
    by_text = st.tuples(text(1), ops, text(1)).map(" ".join)
    fixed = st.sampled_from(
        [
            "b",
            "b = true",
            "s = 10",
            "s in (10, 'a')",
            "s not in ('a', null)",
            "m in (0, 1, null)",
            "s = true",
            "s like 'a%'",
            "s not like '_'",
            "contains(s, 'a')",
            "starts_with(s, t)",
            "ends_with(s, 'b')",
            "b = 1",
            "m between 0 and 5",
            "s is null",
            "m is not null",
            "b is true",
            "b is not false",
            "ts >= '2022-02-01'",
            "date(ts) = '2022-02-01'",
            "contains(s, t)",
            "n not between m and 3",
            "s like '%\\''%'",
            "null",
        ]
    )
    if depth == 0:
        return by_number | by_text | fixed
    inner = condition(depth - 1)
    pair = st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda e: f"({e[0]} {e[1]} {e[2]})")
    return inner | pair | inner.map(lambda each: f"not ({each})")


def by_duckdb(expression: str, row: dict[str, Any], want: Kind) -> Any:
    columns = {name: SqlColumn(f'r."{name}"', kind) for name, kind in KINDS.items()}
    select = ", ".join(f'CAST(? AS {SQL_TYPES[kind]}) AS "{name}"' for name, kind in KINDS.items())
    sql = to_sql(parse(expression), columns, want=want)
    cursor = CONNECTION.execute(f"SELECT {sql} FROM (SELECT {select}) AS r", [row[name] for name in KINDS])
    return cursor.fetchall()[0][0]


def by_polars(expression: str, row: dict[str, Any], want: Kind) -> Any:
    frame = pl.DataFrame(
        {name: [row[name]] for name in KINDS}, schema={n: DTYPES[k] for n, k in KINDS.items()}
    )
    columns = {name: PolarsColumn(pl.col(name), kind) for name, kind in KINDS.items()}
    return frame.select(to_polars(parse(expression), columns, want=want).alias("x"))["x"][0]


def same(left: Any, right: Any) -> bool:
    if left is None or right is None or isinstance(left, bool | str):
        return bool(left == right)
    return math.isclose(float(left), float(right), rel_tol=1e-9, abs_tol=1e-9)


@settings(max_examples=effort(80), deadline=None)
@given(row=rows, expression=condition(2))
def test_a_condition_means_the_same_in_sql_polars_and_python(row: dict[str, Any], expression: str) -> None:
    expected = evaluate(parse(expression), row, tolerance=0, want="boolean", kinds=KINDS)
    assert by_duckdb(expression, row, "boolean") == expected
    assert by_polars(expression, row, "boolean") == expected


@settings(max_examples=effort(80), deadline=None)
@given(row=rows, expression=number(2))
def test_a_number_is_the_same_in_sql_polars_and_python(row: dict[str, Any], expression: str) -> None:
    expected = evaluate(parse(expression), row, tolerance=0, want="number", kinds=KINDS)
    assert same(by_duckdb(expression, row, "number"), expected)
    assert same(by_polars(expression, row, "number"), expected)


@settings(max_examples=effort(60), deadline=None)
@given(row=rows, expression=text(2))
def test_a_text_is_the_same_in_sql_polars_and_python(row: dict[str, Any], expression: str) -> None:
    expected = evaluate(parse(expression), row, kinds=KINDS)
    assert by_duckdb(expression, row, "text") == expected
    assert by_polars(expression, row, "text") == expected


ADDRESSES = st.none() | st.sampled_from(
    [
        "https://www.google.co.uk/search?q=a", "http://mail.google.com/",
        "//m.baidu.com/s?wd=x&Utm_Source=b%20c", "google.com\n",
        "/product?utm_source=%E5%8F%8C11+x#top", "https://user:pw@Shop.Example.com.cn:8080/a?gclid=1&x=%FF",
        "google.evil.com", "https://www.baidu.com?utm_source=", "facebook_ads", "Douyin", "x", "10.0.0.1/x",
        "android-app://com.google.android.gm/", "https://example.com", "localhost/x", "",
        "?utm_source=%zz&a=1",
        "https://news.example.org./", "what's this?", "360", "https://t.co/abc", "nexus", "微信-朋友圈",
    ]
)  # fmt: skip


@settings(max_examples=effort(120), deadline=None)
@given(
    address=ADDRESSES | st.text(max_size=12),
    call=st.sampled_from(
        ["host(s)", "site(s)", "referrer_medium(s)", "url_param(s, 'utm_source')", "url_param(s, 'x')"]
    ),
)
def test_an_address_is_read_the_same_way_in_sql_polars_and_python(address: str | None, call: str) -> None:
    row = {"m": None, "n": None, "s": address, "t": None, "b": None, "ts": None}
    expected = evaluate(parse(call), row, kinds=KINDS)
    assert by_duckdb(call, row, "text") == expected
    assert by_polars(call, row, "text") == expected


@pytest.mark.parametrize(
    ("call", "value"),
    [
        ("host('https://WWW.Example.com:8080/a')", "example.com"),
        ("host('/product')", None),
        ("site('https://shop.example.co.uk/x')", "example.co.uk"),
        ("site('m.example.com.cn')", "example.com.cn"),
        ("url_param('/a?b=1&utm_campaign=%E5%8F%8C11+%E5%A4%A7%E4%BF%83#x', 'utm_campaign')", "双11 大促"),
        ("url_param('/a?b=1', 'utm_campaign')", None),
        ("referrer_medium('https://www.google.com.hk/')", "search"),
        ("referrer_medium('https://mail.google.com/')", "email"),
        ("referrer_medium('google.evil.com')", "referral"),
        ("referrer_medium('https://mp.weixin.qq.com/s/x')", "social"),
        ("referrer_medium('facebook_ads')", "social"),
        ("referrer_medium('nobody')", None),
    ],
)
def test_what_an_address_says(call: str, value: str | None) -> None:
    assert evaluate(parse(call), {}) == value


def test_products_of_text_columns_are_read_as_numbers() -> None:
    frame = pl.DataFrame({"Quantity": ["3", "x", None], "UnitPrice": ["2.5", "1", "1"]})
    columns = {name: PolarsColumn(pl.col(name), "text") for name in frame.columns}
    result = frame.select(to_polars(parse("Quantity * UnitPrice"), columns).alias("value"))
    assert result["value"].to_list() == [7.5, None, None]


def test_the_caller_may_read_numbers_its_own_way() -> None:
    columns = {"v": PolarsColumn(pl.col("v"), "text")}
    read = to_polars(parse("v + 1"), columns, number=lambda x: x.str.replace_all(",", "").cast(pl.Float64))
    assert pl.DataFrame({"v": ["1,234.50"]}).select(read).item() == 1235.5


@pytest.mark.parametrize("text", ["a + b", "a - b", "a * b"])
def test_sums_and_products_of_money_stay_exact(text: str) -> None:
    columns = {
        name: SqlColumn(f"CAST({number} AS DECIMAL(18, 6))", "money")
        for name, number in (("a", "0.1"), ("b", "0.2"))
    }
    with duckdb.connect() as connection:
        kind = connection.execute(f"SELECT typeof({to_sql(parse(text), columns)})").fetchall()[0][0]
    assert kind.startswith("DECIMAL")


def test_division_by_zero_is_null() -> None:
    row = {"m": 1.0, "n": 0.0, "s": None, "t": None, "b": None, "ts": None}
    assert by_duckdb("m / n", row, "number") is by_polars("m / n", row, "number") is None

"""What the language accepts, what it refuses and where, and what the checker says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ExpressionError
from engine.expressions import FUNCTIONS, Call, CallRule, Count, Word, calls, check, evaluate, parse
from engine.schema import Kind

KINDS: dict[str, Kind | None] = {
    "event": "text",
    "value": "money",
    "ok": "boolean",
    "ts": "time",
    "tags": "list",
    "own": None,
}
ALERTS = {
    "change": CallRule("change", (Word("metric", ("ctr",)), Word("period", ("week",))), ""),
    "mean": CallRule("mean", (Word("metric", ("ctr",)), Count("n")), ""),
}


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("消费 > 0", {"消费"}),
        ('"ad cost" > 0', {"ad cost"}),
        ("order = 1 and date = 2", {"order", "date"}),
        ("lower(event) = 'x'", {"event"}),
        ("change(ctr, week) < 0 and visits > 1", {"visits"}),
        ("1 = 1", set()),
    ],
)
def test_names_of_an_expression(text: str, columns: set[str]) -> None:
    assert parse(text).columns == columns


@pytest.mark.parametrize(
    ("text", "value"),
    [("30%", 0.3), ("-12.5 %", -0.125), ("'30%' = '30%'", True), ("2 + 50% * 4", 4.0), (".5%", 0.005)],
)
def test_percent_is_a_hundredth_outside_strings(text: str, value: object) -> None:
    assert evaluate(parse(text), {}) == value


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("a -- b", 2),
        ("a; b", 1),
        ("a /* b */", 2),
        ("a[1]", 1),
        ("a::int", 1),
        ("a || b", 2),
        ("a % b", 2),
        ("(select 1)", 8),
        ("a in (select b)", 0),
        ("count(*)", 6),
        ("*", 0),
        ("sum(a) over ()", 0),
        ("x.y", 0),
        ("cast(a as int)", 5),
        ("'abc", 0),
        ("a = 'x' and \"b", 12),
        ("a = $1", 4),
        ("a = ?", 4),
        ("a -> b", 2),
        ("", 0),
        ("a b", 0),
        ("30% 2", 4),
        ("a > 1 （b）", 6),
        ("1e999", 0),
        ("a in ()", 0),
        ("a\0b", 1),
    ],
)
def test_everything_else_is_refused(text: str, position: int) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    if position:
        assert caught.value.position in range(max(0, position - 1), position + 2)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000,
        "not " * 9000 + "a",
        "- " * 9000 + "a",
        "lower(" * 500,
        "a+" * 9000 + "a",
        "case when " * 900,
        "a" * 30_000,
        "(" * 40 + "a" + ")" * 40,
    ],
)
def test_deep_and_long_text_is_an_error_and_no_crash(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse(text)


def test_a_long_chain_of_conditions_is_fine() -> None:
    text = " or ".join(f"own = {number}" for number in range(900))
    assert evaluate(parse(text), {"own": 899.0}) is True


@given(
    st.text(max_size=40)
    | st.lists(
        st.sampled_from(
            [
                "a",
                "(",
                ")",
                "and",
                "or",
                "not",
                "in",
                "case",
                "when",
                "then",
                "end",
                "like",
                "between",
                "is",
                "null",
                "'x'",
                "1",
                "30%",
                ",",
                "+",
                "-",
                "*",
                "/",
                "=",
                "<",
                "select",
                "from",
                "lower",
                ".",
                '"q"',
                "[",
                "distinct",
                "as",
            ]
        ),
        max_size=9,
    ).map(" ".join)
)
def test_any_text_parses_or_is_an_expression_error(text: str) -> None:
    try:
        check(parse(text), KINDS)
    except ExpressionError as error:
        assert 0 <= error.position <= len(text)


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("evnt = 'x'", "event"),
        ("lowr(event) = 'x'", "lower"),
        ("lower(event, event) = 'x'", None),
        ("event + 1 > 0", None),
        ("value", None),
        ("value = 'abc'", None),
        ("ts > 5", None),
        ("tags > 'x'", None),
        ("ts >= 'yesterday'", None),
        ("date_part('wek', ts) = 1", "week"),
        ("change(ctx, week) > 0", "ctr"),
        ("change(ctr, weeks) > 0", "week"),
        ("mean(ctr, 0) > 0", None),
        ("mean(ctr) > 0", None),
        ("change(ctr + 1, week) > 0", None),
        ("event like own", None),
        ("event and ok", None),
    ],
)
def test_the_checker_finds_it(text: str, nearest: str | None) -> None:
    found = check(parse(text), KINDS, want="boolean", functions=ALERTS)
    assert [near for _, near in found] == [nearest]


@pytest.mark.parametrize(
    "text",
    [
        "event = 5",
        "ok",
        "own",
        "own + 1 > 0",
        "value = '5'",
        "contains(tags, 'x')",
        "tags = 'x' or tags in ('y', 'z')",
        "ts >= '2026-11-01'",
        "ok = true",
        "value between 1 and 2",
        "coalesce(event, '') = ''",
        "change(ctr, week) < -30% and mean(ctr, 7) > 1",
    ],
)
def test_the_checker_is_content(text: str) -> None:
    assert check(parse(text), KINDS, want="boolean", functions=ALERTS) == []


def test_calls_give_bare_words_and_numbers() -> None:
    found = calls(parse("change(ctr, week) < -30% and deviation(ctr, 8) > lower('x')"))
    assert found == (Call("change", ("ctr", "week")), Call("deviation", ("ctr", 8.0)))


def test_functions_of_alerts_get_words_not_values() -> None:
    seen: list[tuple[object, ...]] = []

    def change(*args: object) -> float:
        seen.append(args)
        return -0.4

    functions = {"change": change}
    assert evaluate(parse("change(ctr, week) < -30%"), {"ctr": 1.0}, functions) is True
    assert seen == [("ctr", "week")]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("f and u", False),
        ("t and u", None),
        ("t or u", True),
        ("f or u", None),
        ("not u", None),
        ("u > 1", None),
        ("u is null", True),
        ("1 / 0 > 1", None),
        ("u in (1)", None),
        ("t and (u or t)", True),
    ],
)
def test_logic_is_three_valued(text: str, value: bool | None) -> None:
    kinds: dict[str, Kind] = {"u": "boolean"} if " u" in text and ">" not in text and "in" not in text else {}
    assert evaluate(parse(text), {"t": True, "f": False, "u": None}, kinds=kinds) is value


def test_exactly_thirty_percent_does_not_exceed_thirty_percent() -> None:
    fall = 0.7 / 1.0 - 1
    assert fall < -0.3 or fall == pytest.approx(-0.3)
    assert evaluate(parse("x < -30%"), {"x": fall}) is False
    assert evaluate(parse("x <= -30%"), {"x": fall}) is True
    assert evaluate(parse("x < -30%"), {"x": -0.3 - 1e-12}, tolerance=0) is True


def test_every_function_has_a_signature_and_a_meaning() -> None:
    assert all(each.signature.startswith(name) and each.meaning for name, each in FUNCTIONS.items())

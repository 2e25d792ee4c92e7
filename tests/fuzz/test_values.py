"""Values and conditions that nobody meant, each in a file that is otherwise as it should be."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import ExpressionError
from engine.expressions import check, parse
from tests.effort import effort
from tests.engine.ingest.workspaces import read
from tests.fuzz.laws import HOW, conserved, in_time
from tests.fuzz.seeds import SEEDS

NUMBER = r"[-+(]?[¥$￥]?[0-9]{1,20}([.,][0-9]{0,12}){0,3}([eE][-+]?[0-9]{1,9})?[%)万亿]?"
DAY = r"[0-9]{1,5}[-/.年][0-9]{1,3}[-/.月][0-9]{1,5}日?"
CLOCK = r"([T ][0-9]{1,2}:[0-9]{1,2}(:[0-9.]{1,9})?(Z|[+-][0-9]{2,5})?)?"
NUMBERS = st.one_of(
    st.from_regex(NUMBER, fullmatch=True),
    st.floats().map(str), st.integers(-(10**40), 10**40).map(str), st.text(max_size=8),
)  # fmt: skip
TIMES = st.one_of(
    st.from_regex(DAY + CLOCK, fullmatch=True),
    st.datetimes().map(str), st.integers(-(10**19), 10**19).map(str), st.text(max_size=12),
)  # fmt: skip
IDENTIFIERS = st.one_of(
    st.from_regex(r"[+(]{0,2}[0-9]{0,4}[-) ]{0,2}[0-9]{1,14}([;,/x][0-9]{1,12})?", fullmatch=True),
    st.emails(), st.from_regex(r"[^\s]{0,6}@{1,2}[^\s]{0,6}", fullmatch=True), st.text(max_size=12),
)  # fmt: skip
WORDS = st.sampled_from(
    [
        *("value", "n", "ts", "phone", "nobody", '"ts"', "'x'", "1", "1e308", "-", "(", ")", ",", ";", "--"),
        *(
            "and",
            "or",
            "not",
            "is null",
            "like '%'",
            "in (1, 'a')",
            "between 1 and 2",
            "=",
            "<",
            "/ 0",
            "% 0",
        ),
        *("case when", "then", "end", "lower(", "coalesce(", "cast(", "date '", "select", "\0", "🙂", "*"),
    ]
)
TITLES = ("ts", "phone", "email", "value", "n")


def file_of(rows: Sequence[tuple[str, ...]]) -> bytes:
    """The rows as a file in which every cell is quoted."""
    lines = (",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in (TITLES, *rows))
    return "".join(line + "\n" for line in lines).encode("utf-8", "replace")


@settings(max_examples=effort(15))
@given(
    rows=st.lists(st.tuples(TIMES, IDENTIFIERS, IDENTIFIERS, NUMBERS, NUMBERS), min_size=1, max_size=6),
    table=st.sampled_from(sorted(HOW)),
)
def test_any_value_goes_in_or_is_a_reject(rows: list[tuple[str, ...]], table: str) -> None:
    content = file_of(rows)
    with tempfile.TemporaryDirectory() as folder, in_time():
        found = read(Path(folder), content, HOW[table])
    conserved(found, content)
    assert found.state.error is None and found.state.encoding == "utf-8"


@settings(max_examples=effort(30))
@given(words=st.lists(WORDS, min_size=1, max_size=7), form=st.sampled_from(["a.csv", "d.ndjson"]))
def test_any_condition_is_refused_or_says_yes_or_no_of_each_row(words: list[str], form: str) -> None:
    with in_time(), tempfile.TemporaryDirectory() as folder:
        try:
            where = parse(" ".join(words))
        except ExpressionError:
            return
        if check(where, dict.fromkeys(TITLES), want="boolean", open_names=True):
            return
        content = SEEDS[form]()
        found = read(Path(folder), content, replace(HOW["events"], where=where), form)
        conserved(found, content)

"""What the types of each database become: nothing is rounded, no zone is lost, an odd value is one reject."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.ingest.databases.address import Unreachable
from engine.ingest.databases.cursor import Mark
from engine.ingest.databases.values import frame_of, texts_of, types_of, with_times
from engine.workspace.statement import parameters, placed, reads
from tests.engine.ingest.servers import Server
from tests.engine.ingest.test_databases import VARIABLE, asks, poll
from tests.engine.ingest.workspaces import columns

MAPPED = {
    "columns": columns(ts="at", value="total", order_id="id", phone="phones"),
    "timezone": "Asia/Shanghai",
}


def test_types_of_postgresql(postgresql: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, postgresql.url)
    postgresql.run(
        "DROP TABLE IF EXISTS typed",
        "CREATE TABLE typed (id bigint, at timestamptz, local timestamp, day date, total numeric(20, 8), "
        "rate float8, flag boolean, note jsonb, phones text[], raw bytea, key uuid, length interval, "
        "empty int)",
        "INSERT INTO typed VALUES (9007199254740993, '2026-11-01 10:00:00.5+08', '2026-11-01 10:00', "
        "'2026-11-01', 12345678901.123456, 0.1, true, '{\"a\": [1, null]}', '{13800000001,13800000002}', "
        "'\\xff00', '3b241101-e2bb-4255-8caf-4136c566a962', '1 day 02:03', NULL)",
        "INSERT INTO typed VALUES (2, 'infinity', '2026-11-02', '2026-11-02', 'NaN', 'NaN', false, 'null', "
        "'{}', NULL, NULL, NULL, NULL)",
    )
    found = poll(tmp_path, asks("SELECT * FROM typed ORDER BY id DESC", None, **MAPPED))
    assert found["ts"] == [datetime(2026, 11, 1, 2, 0, 0, 500_000)]
    assert found["value"] == [Decimal("12345678901.123456")] and found["order_id"] == ["9007199254740993"]
    assert found.reasons == [(2, "at", "not a date or time: infinity")]
    assert found["phone"] == [["13800000001", "13800000002"]]
    props = {
        name: found[f"p.{name}"] for name in ("local", "day", "rate", "flag", "note", "raw", "key", "length")
    }
    assert props == {
        "local": [datetime(2026, 11, 1, 10)], "day": ["2026-11-01"], "rate": [0.1], "flag": [True],
        "note": ['{"a": [1, null]}'], "raw": [r"\xff00"], "key": ["3b241101-e2bb-4255-8caf-4136c566a962"],
        "length": ["1 day 02:03:00"],
    }  # fmt: skip
    assert found.facts.schema["p.empty"] == pl.Int64


def test_types_of_mysql(mysql: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, mysql.url)
    mysql.run(
        "DROP TABLE IF EXISTS typed",
        "CREATE TABLE typed (id bigint unsigned, at timestamp(3) NULL, local datetime, day date, "
        "total decimal(20, 8), rate double, flag tinyint(1), note json, phones varchar(60), "
        "raw varbinary(4), "
        "bits bit(9), kind enum('a', 'b'))",
        "SET time_zone = '+08:00'",
        "INSERT INTO typed VALUES (18446744073709551615, '2026-11-01 10:00:00.500', '2026-11-01 10:00', "
        "'2026-11-01', 12345678901.123456, 0.1, 1, '{\"a\": 1}', '13800000001', x'ff00', b'100000001', 'b')",
        "SET sql_mode = ''",
        "INSERT INTO typed VALUES (1, '0000-00-00', '2026-11-02', '0000-00-00', 1, 1, 0, '1', NULL, "
        "'ab', 0, 'a')",
    )
    found = poll(tmp_path, asks("SELECT * FROM typed ORDER BY id DESC", None, **MAPPED))
    assert found["ts"] == [datetime(2026, 11, 1, 2, 0, 0, 500_000)]
    assert found["value"] == [Decimal("12345678901.123456")] and found["order_id"] == ["18446744073709551615"]
    assert [(line, column) for line, column, _ in found.reasons] == [(2, "at")]
    props = {
        name: found[f"p.{name}"] for name in ("local", "day", "rate", "flag", "note", "raw", "bits", "kind")
    }
    assert props == {
        "local": [datetime(2026, 11, 1, 10)], "day": ["2026-11-01"], "rate": [0.1], "flag": [1],
        "note": ['{"a": 1}'], "raw": [r"\xff00"], "bits": [257], "kind": ["b"],
    }  # fmt: skip


@pytest.mark.parametrize("column", ["at", "local", "day", "number", "word", "small", "key"])
def test_a_cursor_of_any_type_begins_before_all_and_goes_on(
    column: str, postgresql: Server, mysql: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for server, moment, key in ((postgresql, "timestamptz", "uuid"), (mysql, "timestamp NULL", "char(36)")):
        monkeypatch.setenv(VARIABLE, server.url)
        row = "INSERT INTO marks VALUES ({0}, '2026-11-0{0} 10:00:00', '2026-11-0{0} 10:00:00', "
        row += "'2026-11-0{0}', -{1}.5, 'w{0}', -{1}, '{0}b241101-e2bb-4255-8caf-4136c566a962')"
        server.run(
            "DROP TABLE IF EXISTS marks",
            f"CREATE TABLE marks (id int, at {moment}, local timestamp NULL, day date, number numeric(9, 2), "
            f"word varchar(9), small smallint, {'`key`' if server is mysql else 'key'} {key})",
            row.format(1, 8), row.format(2, 7),
        )  # fmt: skip
        named = f"`{column}`" if server is mysql else f'"{column}"'
        how = asks(
            f"SELECT * FROM marks WHERE {named} > :cursor", column, columns=columns(ts="at", order_id="id")
        )
        first = poll(tmp_path, how)
        assert (first.state.stale, sorted(first["order_id"])) == (None, ["1", "2"])
        server.run(row.format(3, 6))
        assert poll(tmp_path, how, first.state)["order_id"][2:] == ["3"]


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.decimals(), st.text(), st.binary(),
    st.datetimes(), st.dates(), st.timedeltas(), st.uuids(),
    st.lists(st.one_of(st.integers(), st.decimals(), st.text())),
    st.dictionaries(st.text(), st.integers()),
)  # fmt: skip


@given(st.lists(st.tuples(VALUES, VALUES), max_size=8))
def test_every_value_of_a_driver_becomes_a_text_and_a_kind(rows: list[tuple[object, object]]) -> None:
    kinds: list[set[str]] = [set(), set()]
    texts = texts_of(rows, kinds)
    types = types_of(("a", "b"), kinds, {})
    clean = [
        tuple(None if cell is None else cell.encode("utf-8", "replace").decode() for cell in row)
        for row in texts
    ]
    frame = with_times(frame_of(clean, ("a", "b"), 5), types)
    assert len(frame) == len(rows) and frame.width == 3
    for at, name in enumerate(("a", "b")):
        assert frame[name].null_count() == sum(row[at] is None for row in texts)


ORDERED = st.one_of(
    st.lists(st.integers()), st.lists(st.decimals(allow_nan=False)), st.lists(st.text(min_size=1)),
    st.lists(st.datetimes()), st.lists(st.dates()), st.lists(st.uuids()),
    st.lists(st.floats(allow_nan=False)),
)  # fmt: skip


@given(ORDERED)
def test_a_mark_is_the_greatest_value_with_the_rows_that_have_it(values: list[object]) -> None:
    mark = Mark()
    for at, value in enumerate(values):
        assert mark.see(value, str(at), None)
    if values:
        top = max(values)  # type: ignore[type-var]
        assert mark.value == top and mark.edge == {str(at) for at, each in enumerate(values) if each == top}
        assert not mark.see(top, min(mark.edge), None)
    back = Mark.from_plain(mark.to_plain())
    assert (back.value, back.edge) == (mark.value, mark.edge)


def test_what_has_no_order_is_no_cursor_and_what_is_beyond_time_is_passed_over() -> None:
    mark = Mark()
    assert mark.see("infinity", "a", "zoned") and mark.see(None, "b", "zoned") and mark.value is None
    mark.see(UUID(int=1), "c", None)
    with pytest.raises(Unreachable, match="a cursor cannot be a bytes"):
        mark.see(b"x", "d", None)


def test_only_parameters_are_touched_in_a_statement() -> None:
    sql = """SELECT a::date, ':x', ":y" /* :z */ FROM t WHERE n LIKE '5%' AND d > :cursor AND $$:q$$ = b;"""
    assert parameters(sql) == ("cursor",)
    assert placed(sql, "named") == sql.removesuffix(";")
    assert placed(sql, "format") == (
        """SELECT a::date, ':x', ":y" /* :z */ FROM t WHERE n LIKE '5%%' AND d > %(cursor)s AND $$:q$$ = b"""
    )
    assert placed("SELECT '5%'", "format") == "SELECT '5%'"
    assert reads("-- a\n (SELECT 1)") and not reads("DELETE FROM t") and not reads("")

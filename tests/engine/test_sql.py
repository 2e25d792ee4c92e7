"""`Session.sql`: the tables as people may see them, read only, within limits of rows, time and memory."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import UsageError
from engine.identity import mask, mask_personal, mask_text
from engine.identity.mask_sql import identifier_sql, personal_sql, text_sql
from engine.questions import SqlAnswer, SqlQuery
from engine.session import Session
from tests.effort import effort

TOML = """
[console]
timezone = "Asia/Shanghai"
clock = "data"
[[source]]
name = "orders"
files = ["orders.csv"]
table = "events"
event = "order"
columns = { ts = "ts", member_id = "who", phone = "tel", value = "amount", text = "note" }
[[source]]
name = "members"
files = ["members.csv"]
table = "profiles"
personal = ["street"]
columns = { member_id = "who", name = "name", city = "city" }
"""
ORDERS = """ts,who,tel,amount,note,plan
2026-10-01T10:00:00,m00001,13811112222,10.5,call 13811112222,pro
2026-10-01T20:00:00,m00002,,20,,free
2026-10-02T10:00:00,m00001,,5,me@shop.cn,pro
"""
MEMBERS = "who,name,city,street\nm00001,王小明,杭州,文三路 1 号 2 单元\n"
SECRETS = ("13811112222", "me@shop.cn", "m00001", "小明", "文三路")


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    root = tmp_path_factory.mktemp("sql") / "shop"
    root.mkdir()
    for name, text in (("looptop.toml", TOML), ("orders.csv", ORDERS), ("members.csv", MEMBERS)):
        (root / name).write_text(text, encoding="utf-8")
    found = Session.open(root, state=root.parent / "state", clock=lambda: datetime(2026, 11, 1), key="key")
    found.refresh()
    yield found
    found.close()


def ask(session: Session, text: str, reveal: bool = False, **more: int | float) -> SqlAnswer:
    return session.sql(SqlQuery(text, **more), reveal)  # type: ignore[arg-type]


def test_rows_and_columns_are_those_of_the_tables(session: Session) -> None:
    found = ask(session, "SELECT day, sum(value) AS v, count(*) FROM events GROUP BY day ORDER BY day")
    assert [row[1:] for row in found.rows] == [(Decimal("30.5"), 2), (Decimal(5), 1)]
    assert found.columns[:2] == (("day", "DATE"), ("v", "DECIMAL(38,6)"))
    lines = ask(session, "SELECT file, line, props.plan FROM events ORDER BY line").rows
    assert lines == (("orders.csv", 2, "pro"), ("orders.csv", 3, "free"), ("orders.csv", 4, "pro"))
    assert ask(session, "SELECT event_id FROM events WHERE line = 2").rows == (("orders:orders.csv:2",),)


def test_a_person_is_called_as_everywhere(session: Session) -> None:
    entries, _ = session.persons()
    names = {entry.person for entry in entries}
    assert {row[0] for row in ask(session, "SELECT person FROM events").rows} == names
    one = min(names)
    assert ask(session, f"SELECT DISTINCT person FROM customers WHERE person = '{one}'").rows == ((one,),)


LEAKS = (
    "SELECT * FROM events",
    "SELECT * FROM profiles",
    "SELECT e FROM events e",
    "SELECT to_json(p) FROM profiles p",
    "SELECT list(phone), string_agg(text, ',') FROM events",
    "SELECT min(phone), max(member_id), any_value(text) FROM events",
    "SELECT (SELECT phone FROM events LIMIT 1), hex(member_id) FROM profiles",
    "SELECT phone FROM events WHERE phone LIKE '%1111%' OR member_id = 'm00001'",
    "SELECT unnest(string_split(phone || text, '')) FROM events",
    "SELECT CAST(phone AS BIGINT) FROM events WHERE phone IS NOT NULL",
    "SELECT error(member_id || name || props.street) FROM profiles",
    "SUMMARIZE events",
    "SUMMARIZE profiles",
)


@pytest.mark.parametrize("sql", LEAKS)
def test_no_expression_sees_what_is_hidden(session: Session, sql: str) -> None:
    try:
        shown = str(ask(session, sql).rows)
    except UsageError as error:
        shown = str(error)
    hidden = (*SECRETS, *(one.encode().hex() for one in SECRETS))
    assert not [one for one in hidden if one in shown or one.upper() in shown]


def test_what_is_hidden_cannot_be_searched_for(session: Session) -> None:
    assert (
        ask(session, "SELECT * FROM events WHERE phone LIKE '%11112222' OR text LIKE '%me@shop%'").rows == ()
    )
    assert ask(session, "SELECT * FROM profiles WHERE props.street LIKE '%1 号%'").rows == ()


def test_who_may_see_it_sees_it(session: Session) -> None:
    found = ask(session, "SELECT phone, text FROM events WHERE line = 2", reveal=True)
    assert found.rows == (("13811112222", "call 13811112222"),)
    assert ask(session, "SELECT name, props.street FROM profiles", reveal=True).rows[0][0] == "王小明"


def test_more_rows_are_said_and_not_read(session: Session) -> None:
    found = ask(session, "SELECT * FROM range(10000000000)", limit=3)
    assert (len(found.rows), found.more) == (3, True)
    assert not ask(session, "SELECT * FROM events", limit=3).more


def test_a_query_without_end_is_stopped_and_the_next_one_runs(session: Session) -> None:
    with pytest.raises(UsageError, match=r"not done after 0\.3 s"):
        ask(session, "SELECT count(*) FROM range(10000000) a, range(10000000) b", seconds=0.3)
    assert ask(session, "SELECT count(*) FROM events").rows == ((3,),)


@pytest.mark.parametrize(("limit", "seconds"), [(0, 1.0), (1, 0.0), (10**7, 1.0), (1, 1e9)])
def test_limits_have_limits(session: Session, limit: int, seconds: float) -> None:
    with pytest.raises(UsageError):
        ask(session, "SELECT 1", limit=limit, seconds=seconds)


def test_a_value_that_cannot_be_computed_is_one_sentence(session: Session) -> None:
    with pytest.raises(UsageError, match=r"^Could not convert string 'order' to INT32"):
        ask(session, "SELECT CAST(event AS INTEGER) FROM events")


def test_the_catalogue_names_what_can_be_asked(session: Session) -> None:
    tables = {one.name: one for one in session.tables()}
    assert {"events", "spend", "profiles", "customers", "sessions", "person_days"} <= tables.keys()
    for table in tables.values():
        names = ", ".join(name for name, _, _ in table.columns)
        assert ask(session, f"SELECT {names} FROM {table.name} LIMIT 1").columns
    assert "props.plan" in {name for name, _, _ in tables["events"].columns}


TEXTS = st.lists(
    st.sampled_from(["13811112222", "+86 138 1111 2222", "0086-13811112222", "a@b.cn", "+1 (415) 555-2671"])
    | st.text("1３90 +86-().@x张_/a", max_size=6),
    max_size=4,
).map("".join)


@settings(max_examples=effort(6), deadline=None)
@given(st.lists(TEXTS, min_size=20, max_size=60))
def test_a_text_masked_in_sql_has_nothing_left_to_mask(texts: list[str]) -> None:
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE t AS SELECT unnest(?::VARCHAR[]) AS x", [texts])
        found = connection.execute(f"SELECT {text_sql('x')}, {personal_sql('x')} FROM t").fetchall()
    for text, personal in found:
        assert mask_text(text) == text
        assert mask_text(personal) == personal


@settings(max_examples=effort(8), deadline=None)
@given(
    st.sampled_from(["phone", "email", "member_id"]),
    st.lists(st.text("+8613a@.x王", max_size=14), min_size=10, max_size=40),
)
def test_an_identifier_is_masked_as_everywhere(kind: str, values: list[str]) -> None:
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE t AS SELECT unnest(?::VARCHAR[]) AS x", [values])
        found = connection.execute(f"SELECT x, {identifier_sql(kind, 'x')} FROM t").fetchall()
    assert [shown for _, shown in found] == [mask(kind, value) for value, _ in found]
    assert mask_personal("文三路 1 号") == "文三****"

"""[[source]] with `sql`: what may stand there, and where each fault is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.workspace.test_load import faults, loaded

GOOD = """[[source]]
name = "orders"
table = "events"
event = "order"
sql = "SELECT * FROM orders WHERE at > :cursor"
cursor = "at"
connect_env = "LOOPTOP_DB_SHOP"
poll = "5m"
"""


def test_a_database_stands_in_place_of_files(tmp_path: Path) -> None:
    source = loaded(tmp_path, GOOD).sources[0]
    assert (source.files, source.cursor, source.connect_env) == ((), "at", "LOOPTOP_DB_SHOP")
    assert (source.poll_us, source.timeout_us) == (300_000_000, 60_000_000)


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ('sql = "SELECT * FROM orders WHERE at > :cursor"\n', "", 5, "only a source with sql has cursor"),
        ("connect_env", 'files = ["a.csv"]\nconnect_env', 5, "a source has either files or sql"),
        ('cursor = "at"\n', "", 5, ':cursor needs a column: say cursor = "…"'),
        (":cursor", ":cursr", 5, 'unknown parameter ":cursr"; only :cursor has a value'),
        ("SELECT *", "DELETE", 5, "must be a statement that reads: SELECT, WITH, VALUES, TABLE or SHOW"),
        (
            'connect_env = "LOOPTOP_DB_SHOP"\n',
            "",
            5,
            'the key "connect_env" is required: the variable with the ',
        ),
        (
            "LOOPTOP_DB_SHOP",
            "mysql://u:p@h/d",
            7,
            "must name an environment variable; the address itself never ",
        ),
        ('"5m"', '"1ms"', 8, "must be at least 1s"),
        ('"5m"', '"soon"', 8, '"soon" is no duration'),
        ("poll", 'encoding = "gbk"\npoll', 8, "only a source with files has encoding"),
    ],
)
def test_each_fault_is_named_with_its_line(
    old: str, new: str, line: int, message: str, tmp_path: Path
) -> None:
    found = faults(tmp_path, GOOD.replace(old, new))
    assert (line, True) in {(one.line, one.message.startswith(message)) for one in found}, found


def test_a_source_needs_files_or_sql_and_a_wrong_letter_is_one_fault(tmp_path: Path) -> None:
    bare = '[[source]]\nname = "a"\ntable = "events"\nevent = "order"\n'
    assert [(one.line, one.message) for one in faults(tmp_path, bare)] == [
        (1, 'the key "files" is required, or "sql" for a database')
    ]
    near = faults(tmp_path, bare + 'file = ["a.csv"]\n')
    assert [(one.line, one.message, one.nearest) for one in near] == [(5, 'unknown key "file"', "files")]

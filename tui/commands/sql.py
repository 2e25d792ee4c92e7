"""`looptop sql`: one SELECT over the tables, read only and within limits; or the tables themselves."""

from __future__ import annotations

from argparse import Namespace
from datetime import date, datetime
from decimal import Decimal

from engine.errors import UsageError
from engine.questions import SqlAnswer, SqlQuery, SqlTableEntry
from tui.commands.output import csv_text, table, write, write_json
from tui.opening import language, opened
from tui.words import say

LIMIT, SECONDS = 1000, 10.0


def run(arguments: Namespace) -> int:
    """Print the rows, or with --tables what there is to ask."""
    if not arguments.tables and not arguments.query:
        raise UsageError(
            'a query is missing, as in: looptop sql DIR "SELECT channel, sum(cost) FROM spend GROUP BY 1"'
        )
    with opened(arguments) as session:
        console = session.workspace.console
        if arguments.tables:
            return _tables(arguments, session.tables())
        limit = LIMIT if arguments.limit is None else arguments.limit
        query = SqlQuery(arguments.query, limit, arguments.timeout or SECONDS)
        answer = session.sql(query, arguments.reveal)
    names = [name for name, _ in answer.columns]
    if arguments.json:
        write_json(to_json(answer))
    elif arguments.csv:
        rows = ([_plain(value) for value in row] for row in answer.rows)
        write(csv_text((*names, "watermark"), ([*row, answer.watermark] for row in rows)))
    else:
        lang = language(arguments, console.language)
        write(to_text(answer, lang))
    return 0


def to_json(answer: SqlAnswer) -> dict[str, object]:
    """The object of `looptop sql --json`: rows as lists in the order of the columns."""
    return {
        "columns": [{"name": name, "type": kind} for name, kind in answer.columns],
        "rows": [[_plain(value) for value in row] for row in answer.rows],
        "more": answer.more,
        "elapsed": answer.elapsed,
        "watermark": answer.watermark,
    }


def to_text(answer: SqlAnswer, lang: str) -> str:
    """One table; numbers to the right, and whether there are more rows."""
    right = [at for at in range(len(answer.columns)) if any(_is_number(row[at]) for row in answer.rows)]
    body = [[_text(value) for value in row] for row in answer.rows]
    said = say(
        f"printed.sql_{'more' if answer.more else 'rows'}", lang, n=len(body), seconds=f"{answer.elapsed:.2f}"
    )
    return f"{table([name for name, _ in answer.columns], body, right)}\n{said}"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _plain(value: object) -> object:
    """Moments as they are in the tables, without an offset: `ts` is UTC, `lts` local."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return {name: _plain(one) for name, one in value.items()} if isinstance(value, dict) else value


def _text(value: object) -> str:
    shown = _plain(value)
    if isinstance(shown, Decimal):
        return format(shown, "f")
    return "" if shown is None else str(shown)


def _tables(arguments: Namespace, found: tuple[SqlTableEntry, ...]) -> int:
    if arguments.json:
        keys = ("name", "type", "meaning")
        write_json(
            {
                "tables": [
                    {
                        "name": one.name,
                        "meaning": one.meaning,
                        "columns": [dict(zip(keys, column, strict=True)) for column in one.columns],
                    }
                    for one in found
                ]
            }
        )
        return 0
    blocks = (f"{one.name}: {one.meaning}\n{table(('column', 'type', ''), one.columns)}" for one in found)
    write("\n\n".join(blocks))
    return 0

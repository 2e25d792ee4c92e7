"""`looptop rows`: rows of a canonical table, each with its file and line."""

from __future__ import annotations

from argparse import Namespace

from engine.questions import RowsAnswer
from tui.commands.output import csv_text, plain, table, write, write_json
from tui.commands.words import word
from tui.opening import language, opened


def run(arguments: Namespace) -> int:
    """Print the rows as a table, CSV or JSON."""
    with opened(arguments) as session:
        console = session.workspace.console
        answer = session.rows(
            arguments.table, where=arguments.where, limit=arguments.limit, reveal=arguments.reveal
        )
        watermark = session.watermark
    if arguments.json:
        write_json({**to_json(answer), "watermark": watermark}, console.timezone)
    elif arguments.csv:
        marked = ((*row, watermark) for row in answer.rows)
        write(csv_text((*answer.columns, "watermark"), marked, console.timezone))
    else:
        write(to_text(answer, console.timezone, language(arguments, console.language)))
    return 0


def to_json(answer: RowsAnswer) -> dict[str, object]:
    """The object of `looptop rows --json`."""
    return {"rows": [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]}


def to_text(answer: RowsAnswer, timezone: str, lang: str) -> str:
    """One table of the columns that hold something."""
    used = [at for at in range(len(answer.columns)) if any(row[at] not in (None, []) for row in answer.rows)]
    if not used:
        return word("nothing", lang)
    names = [answer.columns[at] for at in used]
    return table(names, [[_text(row[at], timezone) for at in used] for row in answer.rows])


def _text(value: object, timezone: str) -> str:
    shown = plain(value, timezone)
    if isinstance(shown, list):
        return ", ".join(str(one) for one in shown)
    return "" if shown is None else str(shown)

"""The SQL screen: what a query came back with, what can be completed, what is said below the editor."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import cast

from engine.questions import SqlAnswer, SqlQuery, SqlTableEntry
from tui import format as fmt
from tui.asking import TablesAsk
from tui.harmless import harmless
from tui.lines import line
from tui.rows import MemoryRows
from tui.view import Cell, Column, Line, Row, TableView
from tui.views.scene import Scene

WORDS = (
    "SELECT", "FROM", "WHERE", "GROUP BY ALL", "ORDER BY", "HAVING", "LIMIT", "JOIN", "LEFT JOIN", "USING",
    "DISTINCT", "BETWEEN", "DESC", "WITH", "CASE", "WHEN", "THEN", "ELSE", "END", "UNION ALL", "count(*)",
    "sum(", "avg(", "median(", "date_trunc(",
)  # fmt: skip
_WORD = re.compile(r"[\w.\"]*$")
LONGEST = 300


def tables(scene: Scene) -> tuple[SqlTableEntry, ...]:
    """The tables that can be asked."""
    return cast("tuple[SqlTableEntry, ...]", scene.got(TablesAsk(), tuple) or ())


def completions(before: str, text: str, known: Iterable[SqlTableEntry], most: int = 8) -> tuple[str, ...]:
    """What the word before the cursor may become: columns of the tables that the query names, tables, words.

    In:  the text before the cursor, and the whole text.
    """
    found = _WORD.search(before)
    typed = found.group() if found else ""
    named = {word.casefold() for word in re.findall(r"\w+", text)}
    listed = tuple(known)
    owner, dot, _ = typed.rpartition(".")
    if dot and owner.casefold() not in ("props", "e.props"):
        aliases = _aliases(text)
        table = aliases.get(owner.casefold(), owner.casefold())
        names = [f"{owner}.{name}" for one in listed if one.name == table for name, _, _ in one.columns]
    else:
        mine = [one for one in listed if one.name in named] or listed[:2]
        names = [name for one in mine for name, _, _ in one.columns]
        names += [one.name for one in listed]
        names += WORDS if typed else ()
    wanted = typed.casefold()
    starts = [name for name in dict.fromkeys(names) if name.casefold().startswith(wanted)]
    held = [name for name in dict.fromkeys(names) if wanted in name.casefold() and name not in starts]
    fitting = [name for name in (*starts, *(held if len(wanted) > 1 else ())) if name.casefold() != wanted]
    return tuple(fitting[:most]) if typed else ()


def _aliases(text: str) -> Mapping[str, str]:
    """Alias → table of a text: `FROM events e`, `JOIN spend AS s`."""
    pairs = re.findall(r"\b(?:from|join)\s+(\w+)\s+(?:as\s+)?(\w+)", text, re.IGNORECASE)
    return {alias.casefold(): table.casefold() for table, alias in pairs}


def word_length(before: str) -> int:
    """How many characters before the cursor a completion takes the place of."""
    found = _WORD.search(before)
    return len(found.group()) if found else 0


def hint(names: tuple[str, ...], scene: Scene) -> Line:
    """The completions below the editor, the one that Tab takes first; without any, the keys."""
    if not names:
        return line((" " + scene.say("sql.keys"), "ink-dim"))
    first, rest = harmless(names[0]), "  ".join(harmless(name) for name in names[1:])
    return line((f" {scene.say('sql.tab')} ", "ink-dim"), (first, "ink selected"), (f"  {rest}", "ink-dim"))


def said(scene: Scene, query: SqlQuery | None, running: bool) -> Line:
    """What became of the query: rows and time, an error, or that it runs."""
    if query is None:
        return line((" " + scene.say("sql.begin"), "ink-dim"))
    if running:
        return line((" " + scene.say("sql.running", seconds=f"{query.seconds:g}"), "ink-dim"))
    if failed := scene.failure(query):
        return line((" " + failed, "warn"))
    answer = scene.got(query, SqlAnswer)
    if answer is None:
        return line((" " + scene.say("sql.begin"), "ink-dim"))
    word = "sql.more" if answer.more else "sql.done"
    text = scene.say(word, n=len(answer.rows), seconds=f"{answer.elapsed:.2f}")
    old = scene.snapshot is not None and answer.watermark != scene.snapshot.watermark
    return line((f" {text}", "ink"), (f" · {scene.say('sql.older')}" if old else "", "warn"))


def result(scene: Scene, query: SqlQuery | None) -> TableView:
    """The rows of the answer; text of data is made harmless."""
    title = scene.say("panel.sql_rows")
    answer = scene.got(query, SqlAnswer) if query is not None else None
    if answer is None:
        return TableView((), MemoryRows(), title=title, empty=scene.say("sql.empty"))
    names = _unique([name for name, _ in answer.columns])
    columns = tuple(
        Column(name, harmless(name), "right" if _is_number(answer, at) else "left", drop=at)
        for at, name in enumerate(names)
    )
    rows = [Row(str(at), tuple(_cell(value) for value in row)) for at, row in enumerate(answer.rows)]
    return TableView(
        columns, MemoryRows(rows), title=title, unit=f"{len(rows):,}{'+' if answer.more else ''}",
        empty=scene.say("table.no_rows"),
    )  # fmt: skip


def _unique(names: list[str]) -> list[str]:
    """Names that come twice are told apart by their place."""
    seen: set[str] = set()
    out = []
    for at, name in enumerate(names, 1):
        out.append(f"{name}:{at}" if name in seen else name)
        seen.add(out[-1])
    return out


def _is_number(answer: SqlAnswer, at: int) -> bool:
    found = next((row[at] for row in answer.rows if row[at] is not None), None)
    return isinstance(found, int | float | Decimal) and not isinstance(found, bool)


def _cell(value: object) -> Cell:
    """A value as it is in the table: moments without a zone."""
    if value is None:
        return Cell(fmt.NONE, None, "ink-dim")
    if isinstance(value, bool):
        return Cell(str(value).lower())
    if isinstance(value, int | float | Decimal):
        return Cell(
            format(value, "f") if isinstance(value, Decimal) else str(value), float(value), kind="number"
        )
    if isinstance(value, datetime | date):
        text = value.isoformat(sep=" ") if isinstance(value, datetime) else value.isoformat()
        return Cell(text, text)
    if isinstance(value, dict):
        value = " ".join(f"{name}={one}" for name, one in value.items() if one is not None)
    return Cell(harmless(str(value)[:LONGEST]))

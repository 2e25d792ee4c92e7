"""Rows of the canonical tables, and one line of a file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, cast

from engine.questions import Reject, RowsAnswer
from tui import format as fmt
from tui.asking import DictionaryAsk, RejectsAsk, RowsAsk
from tui.harmless import harmless
from tui.lines import line
from tui.rows import MemoryRows
from tui.view import Cell, Column, Line, Row, TableView
from tui.view.text import TextView
from tui.views.paths import member_filter
from tui.views.scene import Scene

if TYPE_CHECKING:
    from engine.metrics import Entry

FIRST = ("ts", "event", "channel", "campaign", "creative", "value", "cost", "impressions", "clicks", "person")
LAST = ("file", "line")
SPEND = ("cost", "impressions", "clicks", "reach", "ctr", "cpc", "cpm", "cost_per_click", "spend")


_FORMULA = re.compile(r"^\w+\([^()]*\) of (?P<table>\w+)(?: where (?P<where>.+))?$")
CREDITED = {name: f"c_{name}" for name in ("channel", "campaign", "creative")}


def _entry(scene: Scene) -> Entry | None:
    found = cast("tuple[Entry, ...]", scene.got(DictionaryAsk(), tuple) or ())
    return next((entry for entry in found if entry.name == scene.place.metric), None)


def table_of(scene: Scene) -> str:
    """Which table a metric's rows are in."""
    entry = _entry(scene)
    found = _FORMULA.match(entry.formula) if entry else None
    if found and found["table"] in ("events", "spend", "profiles"):
        return found["table"]
    return "spend" if scene.place.metric in SPEND else "events"


def ask(scene: Scene) -> RowsAsk:
    """The rows behind a place: its members as they are credited, its days, the metric's own filter."""
    entry, table = _entry(scene), table_of(scene)
    lent = table == "events" and (entry is None or entry.credit == "last_touch")
    named = tuple(
        (CREDITED.get(name, name) if lent else name, value)
        for name, value in scene.place.path
        if name != "day"
    )
    found = _FORMULA.match(entry.formula) if entry else None
    own = f"({found['where']})" if found and found["where"] else ""
    parts = [text for text in (own, member_filter(named), _days(scene)) if text]
    if scene.snapshot is not None and scene.snapshot.view.where:
        parts.append(f"({scene.snapshot.view.where})")
    return RowsAsk(table, " and ".join(parts) or None)


def _days(scene: Scene) -> str:
    day = next((value for name, value in scene.place.path if name == "day"), None)
    if day:
        return "day = '" + day.replace("'", "''") + "'"
    first, last = scene.range.first, scene.range.last
    return f"day >= '{first}' and day <= '{last}'" if first and last else ""


def shown(value: object, scene: Scene) -> Cell:
    """A value of any kind as a cell."""
    if value is None:
        return Cell(fmt.NONE, None, "ink-dim")
    if isinstance(value, datetime):
        local = scene.local(value)
        return Cell(f"{local:%Y-%m-%d %H:%M:%S}", local.isoformat())
    if isinstance(value, bool):
        return Cell(str(value).lower())
    if isinstance(value, int | float | Decimal):
        return Cell(fmt.exact(float(value)), float(value), kind="number")
    if isinstance(value, date):
        return Cell(value.isoformat(), value.isoformat())
    if isinstance(value, Mapping):
        text = " ".join(f"{name}={found}" for name, found in value.items() if found is not None)
        return Cell(harmless(text[:200]))
    if isinstance(value, list | tuple):
        return Cell(harmless(" ".join(str(each) for each in value)[:200]))
    return Cell(harmless(str(value)[:200]))


def table(scene: Scene) -> TableView:
    """The rows, the telling columns first, those without any value left out."""
    asked = ask(scene)
    answer = scene.got(asked, RowsAnswer)
    if answer is None:
        return TableView(
            (),
            MemoryRows(),
            title=scene.say("panel.rows"),
            empty=scene.failure(asked) or scene.say("empty.computing"),
        )
    order = _order(answer)
    columns = tuple(
        Column(
            answer.columns[at],
            harmless(answer.columns[at]),
            "right" if _is_number(answer, at) else "left",
            drop=_drop(n, answer.columns[at]),
        )
        for n, at in enumerate(order)
    )
    extra = _props(answer)
    props = answer.columns.index("props") if "props" in answer.columns else 0
    columns += tuple(
        Column(f"props.{name}", harmless(name), "left", drop=100 + at, hidden=True)
        for at, name in enumerate(extra)
    )
    file, number = (answer.columns.index(name) if name in answer.columns else None for name in LAST)
    rows = []
    for place, row in enumerate(answer.rows):
        where = f"{row[file]}\x1f{row[number]}" if file is not None and number is not None else str(place)
        held = cast("Mapping[str, object]", row[props] if isinstance(row[props], Mapping) else {})
        cells = (*(shown(row[at], scene) for at in order), *(shown(held.get(name), scene) for name in extra))
        rows.append(Row(f"{where}\x1f{place}", cells))
    unit = f"{len(rows):,}" if len(rows) == answer.total else f"{len(rows):,} / {answer.total:,}"
    return TableView(
        columns,
        MemoryRows(rows),
        title=f"{scene.say('panel.rows')} · {answer.table}",
        unit=unit,
        empty=scene.say("table.no_rows"),
    )


def _props(answer: RowsAnswer) -> tuple[str, ...]:
    """Columns without a canonical name, and those looked up: they can be shown as well."""
    if "props" not in answer.columns:
        return ()
    at = answer.columns.index("props")
    held = (row[at] for row in answer.rows)
    return tuple(sorted({str(name) for one in held if isinstance(one, Mapping) for name in one}))


def _drop(place: int, name: str) -> int:
    """File and line stay longest; what only repeats them goes first."""
    return 1 if name in LAST else 99 if name in ("event_id", "subject", "kind", "props") else 2 + place


def _order(answer: RowsAnswer) -> list[int]:
    filled = [
        at
        for at in range(len(answer.columns))
        if any(row[at] not in (None, [], {}) for row in answer.rows[:200])
    ]
    rank = {name: at for at, name in enumerate(FIRST)}
    last = {name: 900 + at for at, name in enumerate(LAST)}
    return sorted(
        filled, key=lambda at: (rank.get(answer.columns[at], last.get(answer.columns[at], 100)), at)
    )


def _is_number(answer: RowsAnswer, at: int) -> bool:
    found = next((row[at] for row in answer.rows if row[at] is not None), None)
    return (
        isinstance(found, int | float | Decimal)
        and not isinstance(found, bool)
        and answer.columns[at] != "line"
    )


def line_asks(scene: Scene) -> tuple[RowsAsk, RejectsAsk]:
    """A line of a file: its rows, or why there are none."""
    place = scene.place
    files = scene.snapshot.status.files if scene.snapshot else ()
    name = next((f.table for f in files if f.file == place.file), "events")
    escaped = place.file.replace("'", "''")
    return RowsAsk(
        name if name != "targets" else "events", f"file = '{escaped}' and line = {place.line}", 20
    ), RejectsAsk(None, place.file)


def line_person(scene: Scene) -> str:
    """The person of the line's first row, `p_…`; empty where it has none."""
    answer = scene.got(line_asks(scene)[0], RowsAnswer)
    if answer is None or "person" not in answer.columns:
        return ""
    at = answer.columns.index("person")
    return next((str(row[at]) for row in answer.rows if row[at]), "")


def line_view(scene: Scene) -> TextView:
    """Every column of the line, then the reject if it is one."""
    rows_ask, rejects_ask = line_asks(scene)
    answer = scene.got(rows_ask, RowsAnswer)
    refused = [
        r for r in scene.got(rejects_ask, tuple) or () if isinstance(r, Reject) and r.line == scene.place.line
    ]
    title = f"{harmless(scene.place.file)}:{scene.place.line}"
    lines: list[Line] = []
    for reject in refused:
        what = f"{harmless(reject.column or fmt.NONE)}: {harmless(reject.value or fmt.NONE)}"
        lines += [
            line((f" {harmless(reject.reason)}", "warn")),
            line((f" {what}", "ink")),
            line((f" {harmless(reject.text)}", "ink-dim")),
            (),
        ]
    for row in answer.rows if answer else ():
        for name, value in zip(answer.columns if answer else (), row, strict=True):
            if value not in (None, [], {}):
                lines.append(line((f" {harmless(name):<18}", "ink-dim"), (shown(value, scene).text, "ink")))
        lines.append(())
    if not lines:
        busy = answer is None and not scene.failure(rows_ask)
        text = scene.failure(rows_ask) or scene.say("empty.computing" if busy else "page.line_gone")
        lines.append(line((" " + text, "ink-dim")))
    return TextView(tuple(lines), title)

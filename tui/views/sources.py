"""Sources: files, rows and what became of them, and the lines that are in no number."""

from __future__ import annotations

from engine.questions import FileStatus, Reject, SourceStatus
from tui import format as fmt
from tui.harmless import harmless
from tui.lines import line
from tui.rows import MemoryRows
from tui.view import Cell, Column, Line, Row, TableView
from tui.view.text import TextView
from tui.views.marks import state_cell
from tui.views.scene import Scene

COUNTS = ("rows", "accepted", "rejected", "duplicates", "filtered")
DROPS = {"rows": 0, "accepted": 3, "rejected": 0, "duplicates": 5, "filtered": 6}


def count_columns(scene: Scene) -> tuple[Column, ...]:
    """The columns of the row equation."""
    return tuple(Column(name, scene.say(f"head.{name}"), drop=DROPS[name]) for name in COUNTS)


def count_cells(values: object) -> list[Cell]:
    """The cells of the row equation; rejects stand out."""
    cells = []
    for name in COUNTS:
        count: int = getattr(values, name)
        tone = "warn" if name == "rejected" and count else "ink"
        cells.append(Cell(f"{count:,}", count, tone, kind="number"))
    return cells


def freshness(source: SourceStatus, scene: Scene) -> Cell:
    """`● fresh`, `◌ stale 26 h`."""
    if source.stale:
        age = fmt.age(source.age_seconds, scene.lang)
        return state_cell("stale", scene.say("state.stale_for", age=age))
    if source.table == "targets":
        return state_cell("fresh", scene.say("state.in_force"))
    return state_cell("fresh", scene.say("state.fresh"))


def moment_text(scene: Scene, value: object) -> Cell:
    """`10-29 14:31`, with the day only where it is another one than today."""
    from datetime import datetime

    if not isinstance(value, datetime) or scene.snapshot is None:
        return Cell(fmt.NONE, "")
    local = scene.local(value)
    return Cell(f"{local:%m-%d %H:%M}", local.isoformat())


def table(scene: Scene) -> TableView:
    """One row a source, their sum below."""
    status = scene.snapshot.status if scene.snapshot else None
    say = scene.say
    columns = (
        Column("source", say("head.source"), "left"),
        Column("table", say("head.table"), "left", drop=7),
        Column("files", say("head.files"), drop=4),
        *count_columns(scene),
        Column("newest", say("head.newest"), drop=2),
        Column("state", say("head.state"), "left"),
    )
    rows = []
    for source in status.sources if status else ():
        rows.append(
            Row(
                source.name,
                (
                    Cell(harmless(source.name)),
                    Cell(harmless(source.table)),
                    Cell(f"{source.files:,}", source.files, kind="number"),
                    *count_cells(source),
                    moment_text(scene, source.last_ts),
                    freshness(source, scene),
                ),
            )
        )
    return TableView(
        columns,
        MemoryRows(rows),
        _total(scene),
        title=say("panel.sources"),
        unit=say("panel.equation_words") if not scene.size.narrow else "",
        empty=say("empty.sources"),
        underline=True,
    )


def _total(scene: Scene) -> Row | None:
    sources = scene.snapshot.status.sources if scene.snapshot else ()
    if not sources:
        return None
    sums = {name: sum(getattr(source, name) for source in sources) for name in COUNTS}
    files = sum(source.files for source in sources)
    cells = [Cell(f"{sums[name]:,}", sums[name], kind="number") for name in COUNTS]
    return Row(
        "total", (Cell(scene.say("head.total")), Cell(""), Cell(f"{files:,}", files, kind="number"), *cells)
    )


def equation(scene: Scene) -> str:
    """`1,284,006 rows = 1,279,780 + 214 + 2,790 + 1,222`."""
    sources = scene.snapshot.status.sources if scene.snapshot else ()
    return scene.say("context.equation", **{name: sum(getattr(s, name) for s in sources) for name in COUNTS})


def files(scene: Scene) -> TableView:
    """The files of a source."""
    say, name = scene.say, scene.place.source
    found = [
        f for f in (scene.snapshot.status.files if scene.snapshot else ()) if not name or f.source == name
    ]
    columns = (
        Column("file", say("head.file"), "left"),
        Column("layout", say("head.layout"), "left", drop=8),
        Column("encoding", say("head.encoding"), "left", drop=7),
        *count_columns(scene),
        Column("newest", say("head.newest"), drop=4),
        Column("state", say("head.state"), "left"),
    )
    rows = [
        Row(
            f.file,
            (
                Cell(harmless(f.file)),
                Cell(harmless(f.layout or fmt.NONE)),
                Cell(harmless(f.encoding or fmt.NONE)),
                *count_cells(f),
                moment_text(scene, f.last_ts),
                _file_state(f, scene),
            ),
        )
        for f in sorted(found, key=lambda f: f.file, reverse=True)
    ]
    return TableView(
        columns,
        MemoryRows(rows),
        title=say("panel.files"),
        unit=f"{len(rows):,}",
        empty=say("empty.sources"),
        underline=True,
    )


def _file_state(file: FileStatus, scene: Scene) -> Cell:
    if file.error:
        return state_cell("crit", scene.say("state.unreadable"))
    if file.rejected:
        return state_cell("warn", scene.say("head.rejected").lower())
    return state_cell("ok", scene.say("state.ok"))


def file_of(scene: Scene) -> FileStatus | None:
    """The file that is looked at."""
    found = scene.snapshot.status.files if scene.snapshot else ()
    return next((file for file in found if file.file == scene.place.file), None)


def file_detail(scene: Scene) -> TextView:
    """What was decided about a file, and its row equation as the title."""
    file = file_of(scene)
    if file is None:
        return TextView((line((" " + scene.say("page.file_gone"), "ink-dim")),), harmless(scene.place.file))
    lines: list[Line] = []
    if file.error:
        text = scene.say("message.unreadable_file", file=harmless(file.file), why=harmless(file.error))
        lines.append(line((" " + text, "bad")))
    shown = [("layout", f"{file.layout or fmt.NONE}"), ("encoding", file.encoding or fmt.NONE)]
    known = {topic for topic, _ in file.evidence}
    for topic, sentence in [*(pair for pair in shown if pair[0] not in known), *file.evidence]:
        lines.append(line((f" {harmless(topic):<10}", "ink-dim"), (harmless(sentence), "ink")))
    mapped = [f"{harmless(a)}→{harmless(b)}" for a, b in file.mapping if b != "props"]
    props = [harmless(a) for a, b in file.mapping if b == "props"]
    if mapped:
        extra = f"     props: {' '.join(props)}" if props else ""
        lines.append(line((" mapped    ", "ink-dim"), (" ".join(mapped) + extra, "ink")))
    words = {name: scene.say(f"head.{name}").lower() for name in COUNTS}
    parts = " + ".join(f"{getattr(file, name):,} {words[name]}" for name in COUNTS[1:])
    sums = f"{file.rows:,} {words['rows']} = {parts}"
    return TextView(tuple(lines), harmless(file.file), sums)


def rejects(scene: Scene, found: tuple[Reject, ...] | None) -> TableView:
    """Lines that are in no number, each with its reason."""
    say = scene.say
    columns = (
        Column("line", say("head.line"), "left", width=6),
        Column("column", say("head.column"), "left", drop=3),
        Column("value", say("head.value"), "left", drop=4, grow=26),
        Column("reason", say("head.reason"), "left", grow=60),
        Column("text", say("head.the_line"), "left", drop=6, grow=60),
    )
    rows = [
        Row(
            f"{each.line}:{each.column or ''}:{at}",
            (
                Cell(str(each.line), each.line),
                Cell(harmless(each.column or fmt.NONE)),
                Cell(harmless((each.value if each.value is not None else fmt.NONE)[:60])),
                Cell(harmless(each.reason[:160])),
                Cell(harmless(each.text[:120]), tone="ink-dim"),
            ),
        )
        for at, each in enumerate(found or ())
    ]
    foot: tuple[str, ...] = ()
    file = file_of(scene)
    if rows and file is not None:
        others = f"{max(0, file.rows - len(rows)):,}"
        foot = (say("rejects.none_counted", n=len(rows), others=others) + " " + say("rejects.fix"),)
    empty = say("empty.computing") if found is None else say("empty.rejects")
    return TableView(
        columns, MemoryRows(rows), foot=foot, title=say("panel.rejects"), unit=f"{len(rows):,}", empty=empty
    )

"""Sources and their files: rows and what became of them, newest fact, state."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from engine.questions import FileStatus, SourceStatus
from tui import format as fmt
from tui.harmless import harmless
from tui.rows import MemoryRows
from tui.view import Cell, Column, Row, TableView
from tui.views.marks import state_cell
from tui.views.quality import stale_text, whole
from tui.views.scene import Scene

NEVER = datetime(1, 1, 1)
COUNTS = ("rows", "accepted", "rejected", "duplicates", "filtered")
DROPS = {"rows": 1, "accepted": 3, "rejected": 2, "duplicates": 5, "filtered": 6}


def count_columns(scene: Scene, hidden: tuple[str, ...] = ()) -> tuple[Column, ...]:
    """The columns of the row equation; `hidden`: those that are not shown under 100 columns."""
    return tuple(
        Column(
            name,
            scene.say(f"head.{name}"),
            drop=DROPS[name],
            hidden=name in hidden and scene.size.narrow,
        )
        for name in COUNTS
    )


def count_cells(values: object) -> list[Cell]:
    """The cells of the row equation; rejects stand out."""
    cells = []
    for name in COUNTS:
        count: int = getattr(values, name)
        tone = "warn" if name == "rejected" and count else "ink"
        cells.append(Cell(f"{count:,}", count, tone, kind="number"))
    return cells


def state_of(source: SourceStatus, scene: Scene) -> Cell:
    """How the source is, the worst first: `✖ 1 unreadable file`, `◌ stale 26 h, usual 1 h  △ new column`."""
    say = scene.say
    said: list[tuple[str, str]] = []
    if source.unreadable:
        said.append(("crit", say("quality.unreadable", n=source.unreadable)))
    if source.stale_reason:
        said.append(("stale", say("quality.no_answer")))
    elif source.stale:
        said.append(("stale", _stale(source, scene)))
    if source.disputed:
        said.append(("warn", say("quality.disputed", n=source.disputed)))
    if broken := sum(source.violations.values()):
        said.append(("warn", say("quality.violations", n=broken)))
    if not said:
        word = "state.in_force" if source.table == "targets" else "state.fresh"
        said.append(("fresh", say(word)))
    first = state_cell(*said[0])
    if scene.size.tiny:
        return first
    rest = [state_cell(*each).text for each in said[1:]] + [
        text for text in (_header(source, scene),) if text
    ]
    return replace(first, text="  ".join([first.text, *rest]))


def _stale(source: SourceStatus, scene: Scene) -> str:
    return stale_text(source.age_seconds, source.freshness.usual_seconds if source.freshness else None, scene)


def _header(source: SourceStatus, scene: Scene) -> str:
    """`△ new column` where the newest file has another header than the one before it."""
    answer = whole(scene)
    found = next((one for one in answer.sources if one.name == source.name), None) if answer else None
    if found is None or not found.drift:
        return ""
    files = [f for f in (scene.snapshot.status.files if scene.snapshot else ()) if f.source == source.name]
    newest = max(files, key=lambda f: (f.last_ts is not None, f.last_ts or NEVER, f.file), default=None)
    changes = [one.kind for one in found.drift if newest is not None and one.file == newest.file]
    if not changes:
        return ""
    return scene.say("quality.new_column" if set(changes) == {"added"} else "quality.header_changed")


def moment_text(scene: Scene, value: object) -> Cell:
    """`10-29 14:31`, with the day only where it is another one than today."""
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
                    state_of(source, scene),
                ),
            )
        )
    return TableView(
        columns,
        MemoryRows(rows),
        _total(scene),
        title=say("panel.sources"),
        unit=say("panel.equation_words") if not scene.size.narrow else "",
        empty=say("empty.sources" if scene.snapshot else "empty.computing"),
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


def files(scene: Scene) -> TableView:
    """The files of a source."""
    say, name = scene.say, scene.place.source
    found = [
        f for f in (scene.snapshot.status.files if scene.snapshot else ()) if not name or f.source == name
    ]
    columns = (
        Column("file", say("head.file"), "left"),
        Column("layout", say("head.layout"), "left", drop=8, hidden=scene.size.narrow),
        Column("encoding", say("head.encoding"), "left", drop=7, hidden=scene.size.narrow),
        *count_columns(scene, ("accepted", "duplicates", "filtered")),
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
    if file.stale:
        return state_cell("stale", scene.say("quality.no_answer"))
    if file.rejected:
        return state_cell("warn", scene.say("quality.rejected", n=file.rejected))
    return state_cell("ok", scene.say("state.ok"))

"""One file: what was decided about it and why, and the lines of it that are in no number."""

from __future__ import annotations

from collections.abc import Iterator

from engine.questions import FileStatus, Reject
from tui import format as fmt
from tui.asking import RejectsAsk
from tui.harmless import cells, harmless, pad, wrap
from tui.lines import line
from tui.rows import MemoryRows
from tui.view import Cell, Column, Line, Row, TableView
from tui.view.text import TextView
from tui.views.scene import Scene
from tui.views.sources import COUNTS
from tui.words import UnknownWordError, say

TOPIC = 10
PAIRED = 34
"""A short sentence of the evidence: two of them may share a line where there is room."""


def file_of(scene: Scene) -> FileStatus | None:
    """The file that is looked at."""
    found = scene.snapshot.status.files if scene.snapshot else ()
    return next((file for file in found if file.file == scene.place.file), None)


def file_detail(scene: Scene, width: int) -> TextView:
    """What was decided about a file, and its row equation as the title.

    In:  width: cells of a line.
    """
    file = file_of(scene)
    if file is None:
        return TextView((line((" " + scene.say("page.file_gone"), "ink-dim")),), harmless(scene.place.file))
    lines: list[Line] = []
    if file.error:
        text = scene.say("message.unreadable_file", file=harmless(file.file), why=harmless(file.error))
        lines += [line((" " + part, "bad")) for part in wrap(text, width - 1)]
    if file.stale:
        lines += [line((" " + part, "stale")) for part in wrap(harmless(file.stale), width - 1)]
    for topic, text, tone in _topics(file, scene):
        label = pad(topic, TOPIC)
        room = max(12, width - TOPIC - 2)
        for at, part in enumerate(wrap(text, room)):
            lines.append(line((f" {label if at == 0 else ' ' * TOPIC} ", "ink-dim"), (part, tone)))
    words = {name: scene.say(f"head.{name}").lower() for name in COUNTS}
    parts = " + ".join(f"{getattr(file, name):,} {words[name]}" for name in COUNTS[1:])
    sums = f"{file.rows:,} {words['rows']} = {parts}"
    if cells(sums) + cells(file.file) + 8 > width:
        sums = f"{file.rows:,} = " + " + ".join(f"{getattr(file, name):,}" for name in COUNTS[1:])
    return TextView(tuple(lines), harmless(file.file), sums)


def _topics(file: FileStatus, scene: Scene) -> Iterator[tuple[str, str, str]]:
    """(topic, sentence, tone): layout and encoding, the evidence, what became of the columns."""
    known: dict[str, list[str]] = {}
    for topic, sentence in file.evidence:
        known.setdefault(topic, []).append(harmless(sentence))
    for topic, text in (("layout", file.layout), ("encoding", file.encoding)):
        known.setdefault(topic, [harmless(text or fmt.NONE)])
    first = [topic for topic in ("layout", "encoding") if topic in known]
    for topic in (*first, *(topic for topic in known if topic not in first)):
        yield _word(topic, scene), " · ".join(known[topic]), "ink"
    mapped = [f"{harmless(a)} → {harmless(b)}" for a, b in file.mapping if b != "props"]
    props = [harmless(a) for a, b in file.mapping if b == "props"]
    if mapped:
        yield _word("mapped", scene), ", ".join(mapped), "ink"
    if props:
        yield _word("props", scene), ", ".join(props), "ink-dim"
    if file.filtered_reasons:
        told = (f"{_reason(name, scene)} {count:,}" for name, count in file.filtered_reasons.items())
        yield scene.say("head.filtered").lower(), " · ".join(told), "ink-dim"


def _word(topic: str, scene: Scene) -> str:
    try:
        return say(f"evidence.{topic}", scene.lang)
    except UnknownWordError:
        return harmless(topic)


def _reason(name: str, scene: Scene) -> str:
    try:
        return say(f"lineage.reason_{name}", scene.lang)
    except UnknownWordError:
        return harmless(name)


def found_rejects(scene: Scene) -> tuple[Reject, ...] | None:
    """The rejects of the file of the place, None while nobody knows."""
    found = scene.got(RejectsAsk(None, scene.place.file), tuple)
    return None if found is None else tuple(each for each in found if isinstance(each, Reject))


def rejects(scene: Scene) -> TableView:
    """Lines that are in no number, each with its reason."""
    say, found = scene.say, found_rejects(scene)
    columns = (
        Column("line", say("head.line"), "left", width=6),
        Column("column", say("head.column"), "left", drop=3),
        Column("value", say("head.value"), "left", width=8, drop=4, grow=26),
        Column("reason", say("head.reason"), "left", width=20, grow=60),
        Column("text", say("head.the_line"), "left", width=16, drop=6, grow=60),
    )
    rows = [
        Row(
            f"{each.line}:{each.column or ''}:{at}",
            (
                Cell(str(each.line), each.line),
                Cell(harmless(each.column or fmt.NONE)),
                Cell(harmless((each.value if each.value is not None else fmt.NONE)[:60])),
                Cell(harmless(each.reason[:160]), tone="warn"),
                Cell(harmless(each.text[:400]), tone="ink-dim"),
            ),
        )
        for at, each in enumerate(found or ())
    ]
    foot: tuple[str, ...] = ()
    file = file_of(scene)
    if rows and file is not None:
        others = f"{max(0, file.rows - file.rejected):,}"
        foot = (say("rejects.none_counted", n=file.rejected, others=others) + " " + say("rejects.fix"),)
    empty = say("empty.computing") if found is None else say("empty.rejects")
    unit = say("quality.file_sum", n=f"{len(rows):,}", all=f"{file.rejected:,}") if file else f"{len(rows):,}"
    return TableView(columns, MemoryRows(rows), foot=foot, title=say("panel.rejects"), unit=unit, empty=empty)


def reject_at(scene: Scene, row: str) -> Reject | None:
    """The reject that a row of the table shows."""
    at = row.rpartition(":")[2]
    found = found_rejects(scene) or ()
    return found[int(at)] if at.isdigit() and int(at) < len(found) else None


def the_line(scene: Scene, row: str, width: int) -> TextView:
    """The line under the cursor as it stands in the file, the bad cell marked.

    In:  width: cells of a line.
    """
    reject = reject_at(scene, row)
    title = scene.say("panel.the_line")
    if reject is None:
        return TextView((), title)
    runs = marked(reject.text, reject.value)
    lines = [line((" ", "ink"), *part) for part in _folded(runs, max(8, width - 2))]
    return TextView(tuple(lines), title, f"{harmless(reject.file)}:{reject.line}")


def marked(text: str, value: str | None) -> tuple[tuple[str, str], ...]:
    """A line of a file in harmless runs; the bad cell, where it can be found, stands out."""
    at = text.find(value) if value else -1
    if at < 0 or value is None:
        return ((harmless(text), "ink"),)
    before, after = text[:at], text[at + len(value) :]
    return ((harmless(before), "ink"), (harmless(value), "bad selected"), (harmless(after), "ink"))


def _folded(runs: tuple[tuple[str, str], ...], room: int) -> Iterator[Line]:
    """Runs over as many lines as they need."""
    kept: list[tuple[str, str]] = []
    left = room
    for text, tokens in runs:
        piece = ""
        for sign in text:
            size = cells(sign)
            if size > left:
                yield line(*kept, (piece, tokens))
                kept, piece, left = [], "", room
            piece += sign
            left -= size
        kept.append((piece, tokens))
    yield line(*kept)


def plain(reject: Reject) -> str:
    """The line of a reject for a copy: tabs stay, other controls are their pictures."""
    return "\t".join(harmless(part) for part in reject.text.split("\t"))

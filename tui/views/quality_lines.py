"""The lines behind a number of quality: of a column, or of a rule that some rows break."""

from __future__ import annotations

from collections.abc import Iterable

from engine.questions import ColumnQuality, QualityAnswer, QualityLine, SeenValue, Violation
from tui import format as fmt
from tui.asking import QualityAsk
from tui.harmless import cells, harmless, pad
from tui.lines import line
from tui.rows import MemoryRows
from tui.view import Cell, Column, Line, Row, TableView
from tui.view.text import TextView
from tui.views.quality import rule_of
from tui.views.scene import Scene

TONES = {"rejected": "warn", "new": "info", "empty": "ink-dim"}


def ask(scene: Scene) -> QualityAsk:
    """The column of the place with its lines."""
    return QualityAsk(scene.place.source, scene.place.column)


def of_column(scene: Scene) -> TableView:
    """Where the column is empty, rejected or has a value for the first time."""
    answer = scene.got(ask(scene), QualityAnswer)
    empty = scene.failure(ask(scene)) or scene.say(
        "empty.computing" if answer is None else "quality.no_lines"
    )
    return _table(answer.lines if answer else (), scene, empty)


def of_rule(scene: Scene) -> TableView:
    """The first rows that break the rule of the place."""
    rule = rule_of(scene)
    found = [_line(one) for one in rule.first] if rule else []
    return _table(found, scene, scene.say("quality.rule_lines"))


def _line(one: Violation) -> QualityLine:
    return QualityLine(one.source, one.file, one.line, one.column, one.rule, one.value, one.text)


def _table(found: Iterable[QualityLine], scene: Scene, empty: str) -> TableView:
    say = scene.say
    columns = (
        Column("file", say("head.file"), "left"),
        Column("line", say("head.line"), "left"),
        Column("what", say("head.what"), "left", drop=2),
        Column("value", say("head.value"), "left", grow=26),
        Column("text", say("head.the_line"), "left", drop=3, width=20, grow=90),
    )
    rows = [
        Row(
            f"{one.file}\x1f{one.line}\x1f{at}",
            (
                Cell(harmless(one.file)),
                Cell(str(one.line), one.line),
                Cell(_what(one.what, scene), tone=TONES.get(one.what, "warn")),
                Cell(harmless((one.value if one.value is not None else fmt.NONE)[:60])),
                Cell(harmless(one.text[:160]), tone="ink-dim"),
            ),
        )
        for at, one in enumerate(found)
    ]
    title, unit = say("panel.lines"), f"{len(rows):,}"
    return TableView(columns, MemoryRows(rows), title=title, unit=unit, empty=empty)


def _what(what: str, scene: Scene) -> str:
    words = {"empty": "quality.empty_cell", "new": "head.new", "rejected": "head.rejected"}
    return scene.say(words[what]).lower() if what in words else harmless(what)


def about_column(scene: Scene) -> TextView:
    """The column's numbers, then the values that are new or have gone."""
    answer = scene.got(ask(scene), QualityAnswer)
    columns = answer.sources[0].columns if answer and answer.sources else ()
    place = scene.place
    named = [one for one in columns if one.column == place.column]
    column = next((one for one in named if place.which in ("", one.role)), None)
    title = f"{harmless(scene.place.source)} · {harmless(scene.place.column)}"
    if column is None:
        text = scene.failure(ask(scene)) or scene.say("empty.computing")
        return TextView((line((" " + text, "ink-dim")),), title)
    values = {
        "kind": harmless(column.kind or fmt.NONE),
        "rows": f"{column.rows:,}",
        "empty": _part(column.empty, column.empty_share),
        "rejected": _part(column.rejected, column.rejected_share),
    }
    lines: list[Line] = [line((" " + scene.say("quality.profile", **values), "ink"))]
    lines += list(_values(column, scene))
    return TextView(tuple(lines), title, scene.say("quality.in_files", n=column.files))


def _part(count: int, share: float | None) -> str:
    return f"{count:,} ({fmt.percent(share, 2)})" if count else "0"


def _values(column: ColumnQuality, scene: Scene) -> Iterable[Line]:
    groups = (("head.new", "info", column.new), ("head.vanished", "warn", column.vanished))
    wide = max(cells(scene.say(word)) for word, _, _ in groups)
    for word, tone, values in groups:
        for one in values:
            label = pad(scene.say(word), wide)
            yield line(
                (f" {label}  ", "ink-dim"), (harmless(one.value)[:40], tone), (_seen(one, scene), "ink-dim")
            )


def _seen(one: SeenValue, scene: Scene) -> str:
    parts = [scene.say("quality.values", n=one.rows)]
    if one.first is not None:
        where = f"{harmless(one.file)}:{one.line}"
        parts.append(scene.say("quality.first_seen", day=one.first, where=where))
    if one.last is not None:
        parts.append(scene.say("quality.last_seen", day=one.last))
    return "  " + " · ".join(parts)


def about_rule(scene: Scene) -> TextView:
    """What the rule says and how often it holds."""
    rule = rule_of(scene)
    title = scene.say("panel.rule", name=harmless(scene.place.rule))
    if rule is None:
        return TextView((line((" " + scene.say("empty.computing"), "ink-dim")),), title)
    said = scene.say("quality.broken", says=harmless(rule.says), n=rule.violations, all=rule.checked)
    share = f" {fmt.percent(rule.share, 2)}" if rule.share is not None else ""
    tone = "bad" if rule.failed and rule.severity == "error" else "warn" if rule.failed else "ink"
    return TextView((line((" " + said, tone), (share, "ink")),), title, harmless(rule.source))

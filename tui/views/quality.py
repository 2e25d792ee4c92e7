"""What needs a look: unreadable files, broken rules, disputes, changed headers, conflicts; and columns."""

from __future__ import annotations

from collections.abc import Iterator

from engine.questions import (
    ColumnQuality,
    Conflict,
    Dispute,
    Drift,
    QualityAnswer,
    RuleResult,
    SourceQuality,
)
from tui import format as fmt
from tui.asking import ConflictsAsk, QualityAsk
from tui.harmless import harmless
from tui.rows import MemoryRows
from tui.view import Cell, Column, Row, TableView
from tui.views.marks import state_cell
from tui.views.person import reason
from tui.views.scene import Scene

NAMED = 6
"""So many conflicts and values are listed; the number of the others is said."""
STATES = {"error": "crit", "warning": "warn", "info": "pend"}


def whole(scene: Scene) -> QualityAnswer | None:
    """The quality of all sources."""
    return scene.got(QualityAsk(), QualityAnswer)


def of_source(scene: Scene) -> SourceQuality | None:
    """The source of the place."""
    found = whole(scene)
    return next((one for one in found.sources if one.name == scene.place.source), None) if found else None


def dispute_of(scene: Scene) -> Dispute | None:
    """The dispute of the place."""
    found = whole(scene)
    return next((one for one in found.disputes if one.id == scene.place.dispute), None) if found else None


def rule_of(scene: Scene) -> RuleResult | None:
    """The rule of the place."""
    place, found = scene.place, whole(scene)
    rules = found.rules if found else ()
    return next((one for one in rules if (one.name, one.source) == (place.rule, place.source)), None)


def to_look_at(scene: Scene) -> TableView:
    """One row a thing that needs a look, the worst first; of one source where the place names it."""
    answer, say, name = whole(scene), scene.say, scene.place.source
    columns = (
        Column("kind", say("head.kind"), "left"),
        *(() if name else (Column("source", say("head.source"), "left", drop=1),)),
        Column("what", say("head.what"), "left", width=24, grow=120),
    )
    rows = list(_rows(answer, scene)) if answer is not None else []
    kept = [row for row, source in rows if name in ("", source)]
    if name:
        kept = [Row(row.id, (row.cells[0], *row.cells[2:])) for row in kept]
    kept.sort(key=lambda row: row.cells[0].value or 0)
    failure = scene.failure(QualityAsk())
    empty = failure or say("empty.computing" if answer is None else "quality.nothing")
    return TableView(
        columns, MemoryRows(kept), title=say("panel.to_look_at"), unit=f"{len(kept):,}", empty=empty
    )


def stale_text(age: float | None, usual: float | None, scene: Scene) -> str:
    """`stale 26 h, usual 1 h`."""
    shown = fmt.age(age, scene.lang)
    if usual is None:
        return scene.say("state.stale_for", age=shown)
    return scene.say("quality.stale_usual", age=shown, usual=fmt.age(usual, scene.lang))


def _rows(answer: QualityAnswer, scene: Scene) -> Iterator[tuple[Row, str]]:
    for source in answer.sources:
        if source.freshness.stale:
            text = stale_text(source.freshness.age_seconds, source.freshness.usual_seconds, scene)
            yield _row("stale", (source.name,), "stale", text, scene)
        if source.rejected:
            text = scene.say("quality.rejected_in", n=source.rejected, all=source.rows)
            yield _row("rejects", (source.name,), "warn", text, scene)
        for file, why in source.unreadable:
            text = f"{harmless(file)}: {harmless(why)}"
            yield _row("unreadable", (source.name, file), "crit", text, scene)
        for drift in source.drift[-NAMED:]:
            text = f"{harmless(drift.file)}: {drifted(drift, scene)}"
            yield _row("drift", (source.name, drift.file, drift.kind, drift.column), "revised", text, scene)
    for rule in answer.rules:
        if rule.failed:
            text = scene.say("quality.broken", says=harmless(rule.says), n=rule.violations, all=rule.checked)
            state, text = STATES.get(rule.severity, "warn"), f"{harmless(rule.name)}: {text}"
            yield _row("rule", (rule.source, rule.name), state, text, scene)
    for dispute in answer.disputes:
        text = f"{disputed(dispute, scene)} · {decided(dispute, scene)}"
        state = "ok" if dispute.decision else "warn"
        yield _row("dispute", (dispute.source, dispute.id), state, text, scene)
    for at, conflict in enumerate(scene.got(ConflictsAsk(), tuple) or ()):
        if isinstance(conflict, Conflict):
            values = {"a": harmless(conflict.a), "b": harmless(conflict.b), "why": reason(conflict, scene)}
            text = scene.say("quality.kept_apart", **values)
            whose = conflict.person_a or conflict.person_b or ""
            yield _row("conflict", ("", whose, str(at)), "warn", text, scene)


def _row(kind: str, names: tuple[str, ...], state: str, text: str, scene: Scene) -> tuple[Row, str]:
    """A row with its source; `names`: the source, then what tells the row from others of its kind."""
    source = names[0]
    where = Cell(harmless(source) if source else fmt.NONE, tone="ink" if source else "ink-dim")
    cells = (state_cell(state, scene.say(f"quality.kind_{kind}")), where, Cell(text))
    return Row("\x1f".join((kind, *names)), cells), source


def drifted(drift: Drift, scene: Scene) -> str:
    """One change of a header in words."""
    word = {"added": "new", "gone": "gone", "renamed": "renamed"}.get(drift.kind, "type")
    values = {
        "column": harmless(drift.column),
        "was": harmless(drift.was or ""),
        "now": harmless(drift.now or ""),
    }
    kept = {"new": ("column",), "gone": ("column",), "renamed": ("column", "was")}.get(word, tuple(values))
    return scene.say(f"quality.column_{word}", **{name: values[name] for name in kept})


def disputed(dispute: Dispute, scene: Scene) -> str:
    """Which copies disagree about which day, and about what they add up to."""
    names = ", ".join(dict.fromkeys(name for copy in dispute.copies for name in copy.sums))
    return scene.say("quality.dispute", n=len(dispute.copies), day=dispute.day, names=harmless(names))


def decided(dispute: Dispute, scene: Scene) -> str:
    """Who took which copy, or that nobody did."""
    if dispute.decision is None:
        return scene.say("quality.undecided")
    values = {"by": harmless(dispute.decision.by), "file": harmless(dispute.decision.take)}
    return scene.say("quality.decided", **values)


def copies(scene: Scene) -> TableView:
    """The copies of a dispute, the newest file first."""
    dispute, say = dispute_of(scene), scene.say
    sums = list(dict.fromkeys(name for copy in dispute.copies for name in copy.sums)) if dispute else []
    columns = (
        Column("file", say("head.file"), "left"),
        Column("written", say("head.written"), "left", drop=3),
        Column("rows", say("head.rows"), drop=2),
        *(Column(f"sum {name}", harmless(name), drop=1 if at else 0) for at, name in enumerate(sums)),
        Column("counts", say("head.counts"), "left"),
    )
    rows = [
        Row(
            copy.file,
            (
                Cell(harmless(copy.file)),
                Cell(f"{scene.local(copy.written):%Y-%m-%d %H:%M}"),
                Cell(f"{copy.rows:,}", copy.rows, kind="number"),
                *(_sum(copy.sums.get(name)) for name in sums),
                state_cell("ok", say("quality.counts")) if copy.counts else Cell(say("quality.not_counted")),
            ),
        )
        for copy in (dispute.copies if dispute else ())
    ]
    empty = say("empty.computing" if whole(scene) is None else "quality.gone_dispute")
    foot = (disputed(dispute, scene), decided(dispute, scene)) if dispute else ()
    return TableView(columns, MemoryRows(rows), title=say("panel.copies"), empty=empty, foot=foot)


def _sum(value: object) -> Cell:
    number = None if value is None else float(str(value))
    return Cell(fmt.exact(number), number, kind="number")


def columns_table(scene: Scene) -> TableView:
    """The columns of a source: what they become, how much is empty or rejected, what is new or gone."""
    source, say = of_source(scene), scene.say
    columns = (
        Column("column", say("head.column"), "left"),
        Column("mapping", say("head.mapping"), "left", drop=2),
        Column("kind", say("head.kind"), "left", drop=7),
        Column("files", say("head.files"), drop=6),
        Column("rows", say("head.rows"), drop=5),
        Column("empty", say("head.empty")),
        Column("rejected", say("head.rejected_share")),
        Column("distinct", say("head.distinct"), drop=4),
        Column("new", say("head.new"), "left", drop=1, grow=40),
        Column("vanished", say("head.vanished"), "left", drop=3, grow=40),
    )
    rows = [_column(one, scene) for one in (source.columns if source else ())]
    empty = say("empty.computing" if whole(scene) is None else "table.no_rows")
    title, unit = say("panel.quality"), f"{len(rows):,}"
    return TableView(columns, MemoryRows(rows), title=title, unit=unit, empty=empty, underline=True)


def _column(one: ColumnQuality, scene: Scene) -> Row:
    return Row(
        f"{one.role}\x1f{one.column}",
        (
            Cell(harmless(one.column)),
            Cell(_becomes(one, scene), tone="ink" if one.target else "ink-dim"),
            Cell(harmless(one.kind or fmt.NONE), tone="ink-dim"),
            Cell(f"{one.files:,}", one.files, kind="number"),
            Cell(f"{one.rows:,}", one.rows, kind="number"),
            _share(one.empty, one.empty_share, "ink"),
            _share(one.rejected, one.rejected_share, "warn"),
            Cell(fmt.NONE, None)
            if one.distinct is None
            else Cell(f"{one.distinct:,}", one.distinct, kind="number"),
            Cell(_values(one.new), tone="info"),
            Cell(_values(one.vanished), tone="warn"),
        ),
    )


def _becomes(one: ColumnQuality, scene: Scene) -> str:
    if one.role == "canonical":
        return scene.say("quality.mapped_form")
    return harmless(one.target or fmt.NONE)


def _share(count: int, share: float | None, tone: str) -> Cell:
    if not count:
        return Cell("0" if share is not None else fmt.NONE, share and 0.0, "ink-dim", kind="text")
    return Cell(fmt.percent(share, 2), share, tone, kind="number")


def _values(values: tuple[object, ...]) -> str:
    shown = [harmless(str(getattr(one, "value", one)))[:24] for one in values[:NAMED]]
    more = [f"+{len(values) - NAMED}"] if len(values) > NAMED else []
    return ", ".join(shown + more)

"""Alert rules: how each stands, its record and load; the definition and why it is quiet."""

from __future__ import annotations

from collections.abc import Iterator

from engine.questions import Quiet, RuleEntry, RulesAnswer
from tui import format as fmt
from tui.asking import AlertRulesAsk
from tui.harmless import harmless, wrap
from tui.lines import line
from tui.rows import MemoryRows
from tui.view import Cell, Column, Line, Row, TableView
from tui.view.text import TextView
from tui.views.alerts import day_text, value_text
from tui.views.marks import state_cell
from tui.views.scene import Scene, dimension, member, words_of
from tui.words import UnknownWordError

SEVERITIES = {"critical": "crit", "warning": "warn"}
ENDASH = "–"


def answer_of(scene: Scene) -> RulesAnswer | None:
    """All rules."""
    return scene.got(AlertRulesAsk(), RulesAnswer)


def find(scene: Scene, name: str) -> RuleEntry | None:
    """The rule of that name, else the first."""
    found = answer_of(scene)
    rules = found.rules if found else ()
    return next((each for each in rules if each.name == name), rules[0] if rules else None)


def name_of(entry: RuleEntry, scene: Scene) -> str:
    """A rule as it is labelled, else by its name."""
    said = words_of(entry.label, scene.lang, entry.name)
    return said[:1].upper() + said[1:]


def state_name(entry: RuleEntry) -> str:
    """The sign of a rule: that of its worst member."""
    if entry.state == "firing":
        return SEVERITIES.get(entry.severity, "info")
    return {"pending": "pend", "recovering": "back"}.get(entry.state, "ok")


def state_of(entry: RuleEntry, scene: Scene) -> Cell:
    """`✖ crit 2`, `✓ quiet`."""
    name = state_name(entry)
    if name == "ok":
        return state_cell("ok", scene.say("alertrule.quiet"))
    many = f" {entry.open:,}" if entry.open > 1 else ""
    return state_cell(name, scene.say(f"state.{name}") + many)


def precision_text(precision: float | None, low: float | None, high: float | None) -> str:
    """`80% (38–96)`; `–` where nothing was reviewed."""
    if precision is None:
        return fmt.NONE
    shown = fmt.percent(precision, 0)
    if low is None or high is None:
        return shown
    return f"{shown} ({low * 100:.0f}{ENDASH}{high * 100:.0f})"


def table(scene: Scene) -> TableView:
    """One row a rule, the worst first."""
    say, found = scene.say, answer_of(scene)
    columns = (
        Column("rule", say("head.rule"), "left", grow=34),
        Column("state", say("head.state"), "left"),
        Column("fired", say("alertrule.fired"), drop=3),
        Column("precision", say("alertrule.precision"), drop=2),
        Column("reviewed", say("alertrule.reviewed"), drop=7),
        Column("load", say("alertrule.load"), drop=4),
        Column("owner", say("head.owner"), "left", drop=1, grow=14),
        Column("members", say("alertrule.members"), drop=6),
        Column("when", say("alertrule.when"), "left", drop=5, width=20, grow=90, hidden=scene.size.narrow),
    )
    rows = [Row(each.name, _cells(each, scene)) for each in (found.rules if found else ())]
    failure = scene.failure(AlertRulesAsk())
    return TableView(
        columns,
        MemoryRows(rows),
        title=say("panel.alert_rules"),
        unit=f"{len(rows):,}" if rows else "",
        empty=failure or say("empty.computing" if found is None else "empty.alerts_no_rules"),
        underline=True,
    )


def _cells(each: RuleEntry, scene: Scene) -> tuple[Cell, ...]:
    low = each.precision is not None and each.high is not None and each.high < 0.5
    return (
        Cell(name_of(each, scene)),
        state_of(each, scene),
        Cell(day_text(each.last_fired) or fmt.NONE, each.last_fired or ""),
        Cell(
            precision_text(each.precision, each.low, each.high),
            each.precision,
            "bad" if low else "ink",
            "number",
        ),
        Cell(scene.say("alertrule.of", n=each.reviewed, all=each.episodes), each.reviewed, kind="number"),
        Cell(f"{each.messages_week:.1f}", each.messages_week, kind="number"),
        Cell(harmless(each.owner or fmt.NONE)),
        Cell(f"{each.quiet.members:,}", each.quiet.members, kind="number"),
        Cell(harmless(" · ".join(dict.fromkeys(text for _, text in each.levels)) or each.when)),
    )


def detail(entry: RuleEntry | None, scene: Scene, width: int) -> TextView:
    """Definition, why it is quiet, its record, what the last edit changed."""
    if entry is None:
        return TextView((line((scene.say("empty.computing"), "ink-dim")),))
    where = scene.say("alertrule.builtin") if entry.builtin else _line_text(entry, scene)
    return TextView(
        tuple(_lines(entry, scene, max(20, width))), name_of(entry, scene), where, scene.say("alertrule.keys")
    )


def _line_text(entry: RuleEntry, scene: Scene) -> str:
    named = harmless(entry.name)
    return f"{named} · looptop.toml:{entry.line}" if entry.line is not None else named


def _lines(entry: RuleEntry, scene: Scene, width: int) -> Iterator[Line]:
    say, cell = scene.say, state_of(entry, scene)
    fired = day_text(entry.last_fired)
    parts = [say("alertrule.fired_on", day=fired) if fired else say("alertrule.never_fired")]
    parts += [say("incident.owner", who=harmless(entry.owner))] if entry.owner else []
    parts.append(say(f"grain.{entry.grain}"))
    if entry.by:
        dims = " × ".join(dimension(name, scene.lang) for name in entry.by)
        parts.append(say("context.by", dimension=dims))
    yield line((f" {cell.text}", cell.tone), (f"   {' · '.join(parts)}", "ink"))
    for severity, condition in entry.levels or (("", entry.when),):
        lead = say(f"header.{severity}") if severity in SEVERITIES else harmless(severity)
        yield from _wrapped(f"{lead}  {harmless(condition)}".strip(), "ink-dim", width)
    yield ()
    for text, tone in proof(entry, scene):
        yield from _wrapped(text, tone, width)
    yield ()
    yield from _wrapped(_record(entry, scene), "ink", width)
    if entry.edited_at is not None:
        when = f"{scene.local(entry.edited_at):%m-%d %H:%M}"
        what = words_of(entry.edited, scene.lang, "") if entry.edited else ""
        yield from _wrapped(say("alertrule.edited", when=when, what=what), "revised", width)


def _wrapped(text: str, tone: str, width: int) -> Iterator[Line]:
    yield from (line((f" {part}", tone)) for part in wrap(text, width - 2))


def _record(entry: RuleEntry, scene: Scene) -> str:
    parts = [
        scene.say("incident.week_episodes", n=entry.episodes),
        scene.say("alertrule.were_reviewed", n=entry.reviewed),
        scene.say("alertrule.a_week", n=f"{entry.messages_week:.1f}"),
    ]
    if entry.precision is not None:
        text = precision_text(entry.precision, entry.low, entry.high)
        parts.insert(2, scene.say("alertrule.with_precision", text=text))
    return scene.say("alertrule.record", parts=scene.say("page.comma").join(parts))


def proof(entry: RuleEntry, scene: Scene) -> Iterator[tuple[str, str]]:
    """Why nothing (more) of a rule fires, in sentences with their tone."""
    say, quiet = scene.say, entry.quiet
    if quiet.period is None:
        yield say("alertrule.not_judged"), "stale"
    else:
        day = day_text(quiet.period)
        text = say("alertrule.judged", period=day, n=quiet.members, clear=quiet.clear, breach=quiet.breach)
        yield text, "ink"
    if quiet.unknown:
        yield say("alertrule.unknown", n=sum(quiet.unknown.values()), why=unknown_text(quiet, scene)), "stale"
    near = nearest_text(entry, scene)
    if near:
        yield say("alertrule.nearest", what=near), "ink"
    if quiet.silenced or quiet.inhibited:
        yield say("alertrule.muted", silenced=quiet.silenced, inhibited=quiet.inhibited), "ink-dim"
    if quiet.sources:
        answer = answer_of(scene)
        version = answer.version if answer else ""
        named = ", ".join(harmless(name) for name in quiet.sources)
        yield say("alertrule.reads", sources=named, version=harmless(version[:12])), "ink-dim"


def unknown_text(quiet: Quiet, scene: Scene) -> str:
    """`too little history 2, no data 1`."""
    return ", ".join(f"{reason(name, scene)} {count:,}" for name, count in quiet.unknown.items())


def reason(name: str, scene: Scene) -> str:
    """Why a member could not be judged, in words."""
    try:
        return scene.say(f"unknown.{name}")
    except UnknownWordError:
        return harmless(name.replace("_", " "))


def nearest_text(entry: RuleEntry, scene: Scene) -> str:
    """`Baidu 2.38% (limit 2.32%)`."""
    if entry.quiet.nearest is None:
        return ""
    labels, value, limit = entry.quiet.nearest
    named = " · ".join(member(one, scene.lang) for one in labels.values())
    text = f"{named} {value_text(value, entry.unit, scene)}".strip()
    if limit is None:
        return text
    return f"{text} ({scene.say('incident.threshold', value=value_text(limit, entry.unit, scene))})"

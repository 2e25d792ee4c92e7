"""Quiet proof: which rules were judged on which version of the data, and why nothing fires."""

from __future__ import annotations

from engine.questions import RuleEntry
from tui import format as fmt
from tui.asking import AlertRulesAsk
from tui.harmless import harmless
from tui.rows import MemoryRows
from tui.view import Cell, Column, Row, TableView
from tui.views.alert_rules import answer_of, name_of, nearest_text, state_name, state_of, unknown_text
from tui.views.alerts import day_text
from tui.views.marks import state_cell
from tui.views.scene import Scene


def table(scene: Scene) -> TableView:
    """One row a rule: the period judged, its members by verdict, the one nearest to its limit."""
    say, found = scene.say, answer_of(scene)
    columns = (
        Column("rule", say("head.rule"), "left", grow=34),
        Column("verdict", say("alertrule.verdict"), "left"),
        Column("period", say("alertrule.period"), drop=2),
        Column("members", say("alertrule.members"), drop=4),
        Column("breach", say("alertrule.breach"), drop=5),
        Column("clear", say("alertrule.clear"), drop=5),
        Column("unknown", say("alertrule.unknown_head"), "left", drop=1, grow=40),
        Column("nearest", say("alertrule.nearest_head"), "left", drop=3, width=22, grow=60),
        Column("sources", say("screen.sources"), "left", drop=6, grow=40),
    )
    rows = [Row(each.name, _cells(each, scene)) for each in (found.rules if found else ())]
    failure = scene.failure(AlertRulesAsk())
    return TableView(
        columns,
        MemoryRows(rows),
        foot=(subject(scene),) if found else (),
        title=say("alertrule.proof"),
        unit=f"{len(rows):,}" if rows else "",
        empty=failure or say("empty.computing" if found is None else "empty.alerts_no_rules"),
        underline=True,
        shape="quiet",
    )


def verdict(each: RuleEntry, scene: Scene) -> Cell:
    """Open as it is, else quiet: all is clear, nothing could be judged, or nobody is there."""
    quiet = each.quiet
    if state_name(each) != "ok":
        return state_of(each, scene)
    if quiet.period is None or (quiet.members and sum(quiet.unknown.values()) >= quiet.members):
        return state_cell("doubt", scene.say("alertrule.quiet_unknown"))
    if not quiet.members:
        return state_cell("ok", scene.say("alertrule.quiet_nobody"))
    return state_cell("ok", scene.say("alertrule.quiet_clear"))


def _cells(each: RuleEntry, scene: Scene) -> tuple[Cell, ...]:
    quiet = each.quiet
    numbers = (("members", quiet.members), ("breach", quiet.breach), ("clear", quiet.clear))
    counts = [
        Cell(f"{n:,}", n, "warn" if n and name == "breach" else "ink", kind="number") for name, n in numbers
    ]
    unknown = sum(quiet.unknown.values())
    why = unknown_text(quiet, scene) if unknown else fmt.NONE
    return (
        Cell(name_of(each, scene)),
        verdict(each, scene),
        Cell(day_text(quiet.period) or fmt.NONE, quiet.period or ""),
        *counts,
        Cell(why, unknown, "stale" if unknown else "ink-dim"),
        Cell(nearest_text(each, scene) or fmt.NONE),
        Cell(", ".join(harmless(name) for name in quiet.sources) or fmt.NONE),
    )


def subject(scene: Scene) -> str:
    """`31 rules judged on data of 14:32:03 (version d00a041e6cd4), 5 open, 26 quiet`."""
    found = answer_of(scene)
    if found is None:
        return ""
    opened = sum(state_name(each) != "ok" for each in found.rules)
    return scene.say(
        "alertrule.proof_version", n=len(found.rules), time=f"{scene.local(found.as_of):%m-%d %H:%M:%S}",
        version=harmless(found.version[:12]), open=opened, quiet=len(found.rules) - opened,
    )  # fmt: skip

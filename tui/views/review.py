"""Review: closed episodes that wait for a label, the record of each rule, the load, and proposals."""

from __future__ import annotations

from engine.questions import Proposal, ReviewAnswer, ReviewItem, RuleReview
from tui import format as fmt
from tui.asking import ReviewAsk
from tui.harmless import cells, harmless, pad, wrap
from tui.lines import line
from tui.rows import MemoryRows
from tui.view import Cell, Column, Line, Row, TableView
from tui.view.text import TextView
from tui.views.alert_rules import precision_text
from tui.views.alerts import day_text, event_word, rule_name
from tui.views.marks import state_cell
from tui.views.scene import Scene, member, words_of
from tui.words import UnknownWordError

ASK = ReviewAsk(propose=True)
BAR = 10
SEVERITIES = {"critical": "crit", "warning": "warn"}


def answer_of(scene: Scene) -> ReviewAnswer | None:
    """The review."""
    return scene.got(ASK, ReviewAnswer)


def _empty(scene: Scene, word: str) -> str:
    failure = scene.failure(ASK)
    return failure or scene.say("empty.computing" if answer_of(scene) is None else word)


def title_of(item: ReviewItem, scene: Scene) -> str:
    """`Conversion drop · Douyin`."""
    return " · ".join([rule_name(item.rule, scene), *(member(v, scene.lang) for v in item.labels.values())])


def queue(scene: Scene) -> TableView:
    """One row an episode without a label, the newest first."""
    say, found = scene.say, answer_of(scene)
    columns = (
        Column("began", say("review.began"), "left"),
        Column("what", say("head.what"), "left", grow=40),
        Column("severity", say("head.state"), "left", drop=2),
        Column("ended", say("review.ended"), "left", drop=3),
        Column("owner", say("head.owner"), "left", drop=1, grow=14),
        Column("said", say("review.said"), "left", drop=4, width=20, grow=100),
    )
    rows = [Row(item.id, _queued(item, scene)) for item in (found.queue if found else ())]
    return TableView(
        columns,
        MemoryRows(rows),
        title=say("review.queue"),
        unit=f"{len(rows):,}" if found else "",
        empty=_empty(scene, "review.nothing_waits"),
    )


def _queued(item: ReviewItem, scene: Scene) -> tuple[Cell, ...]:
    state = SEVERITIES.get(item.severity, "info")
    ended = [day_text(item.resolved), event_word(item.reason, scene) if item.reason else ""]
    return (
        Cell(day_text(item.active_at), item.active_at),
        Cell(title_of(item, scene)),
        state_cell(state, scene.say(f"state.{state}")),
        Cell(" ".join(part for part in ended if part) or fmt.NONE),
        Cell(harmless(item.owner or fmt.NONE)),
        Cell(words_of(item.sentence, scene.lang, "") if item.sentence else fmt.NONE),
    )


def record(scene: Scene) -> TableView:
    """One row a rule: how much of it was reviewed, how often it was right, how fast it told and came back."""
    say, found = scene.say, answer_of(scene)
    columns = (
        Column("rule", say("head.rule"), "left", grow=34),
        Column("precision", say("alertrule.precision")),
        Column("coverage", say("review.coverage"), drop=2),
        Column("episodes", say("review.episodes"), drop=1),
        Column("recall", say("review.recall"), drop=5),
        Column("detection", say("review.detection"), drop=3),
        Column("reset", say("review.reset"), drop=4),
        Column("messages", say("review.messages"), drop=6),
    )
    rows = [Row(each.rule, _recorded(each, scene)) for each in (found.rules if found else ())]
    return TableView(
        columns, MemoryRows(rows), title=say("review.record"), unit=f"{len(rows):,}" if rows else "",
        empty=_empty(scene, "review.no_record"),
    )  # fmt: skip


def _recorded(each: RuleReview, scene: Scene) -> tuple[Cell, ...]:
    low = each.precision is not None and each.high is not None and each.high < 0.5
    return (
        Cell(rule_name(each.rule, scene)),
        Cell(
            precision_text(each.precision, each.low, each.high),
            each.precision,
            "bad" if low else "ink",
            "number",
        ),
        Cell(
            f"{each.reviewed:,}/{each.episodes:,} {fmt.percent(each.coverage, 0)}",
            each.coverage,
            kind="number",
        ),
        Cell(f"{each.episodes:,}", each.episodes, kind="number"),
        Cell(fmt.percent(each.recall, 0), each.recall, kind="number"),
        _hours(each.detection_hours, scene),
        _hours(each.reset_hours, scene),
        Cell(f"{each.messages:,}", each.messages, kind="number"),
    )


def _hours(hours: float | None, scene: Scene) -> Cell:
    return Cell(fmt.NONE if hours is None else fmt.duration(hours * 3600, scene.lang), hours, kind="number")


def proposals(scene: Scene) -> TableView:
    """One row a proposal; its evidence is a back-test."""
    say, found = scene.say, answer_of(scene)
    columns = (
        Column("kind", say("review.proposal"), "left"),
        Column("rule", say("head.rule"), "left", drop=1, grow=30),
        Column("said", say("review.why"), "left", width=24, grow=130),
        Column("change", say("review.change"), "left", drop=2, grow=70),
    )
    rows = [Row(f"{at}", _proposed(each, scene)) for at, each in enumerate(found.proposals if found else ())]
    return TableView(
        columns, MemoryRows(rows), title=say("review.proposals"), unit=f"{len(rows):,}" if rows else "",
        empty=_empty(scene, "review.no_proposal"),
    )  # fmt: skip


def _proposed(each: Proposal, scene: Scene) -> tuple[Cell, ...]:
    named = rule_name(each.rule, scene) + (f" + {rule_name(each.other, scene)}" if each.other else "")
    try:
        kind = scene.say(f"review.kind_{each.kind}")
    except UnknownWordError:
        kind = harmless(each.kind)
    return (
        Cell(kind, tone="info"),
        Cell(named),
        Cell(words_of(each.sentence, scene.lang, "") if each.sentence else fmt.NONE),
        Cell(harmless(each.change) or fmt.NONE),
    )


def load(scene: Scene, width: int) -> TextView:
    """Messages to each owner in the last week, and the week in a few lines."""
    say, found = scene.say, answer_of(scene)
    out: list[Line] = []
    if found is None:
        return TextView((line((" " + _empty(scene, "empty.computing"), "ink-dim")),), say("review.load"))
    most = max((each.messages for each in found.load), default=0)
    named = [harmless(each.owner) for each in found.load]
    room = min(max((cells(name) for name in named), default=0), 16)
    for name, each in zip(named, found.load, strict=True):
        bar = "█" * max(1 if each.messages else 0, round(BAR * each.messages / most)) if most else ""
        outside = say("review.outside", n=each.outside) if each.outside else ""
        out.append(
            line(
                (f" {pad(name, room)} ", "ink"), (f"{each.messages:>4,} ", "ink-strong"),
                (pad(bar, BAR), "bar"), (f" {outside}" if outside else "", "warn"),
            )
        )  # fmt: skip
    if not found.load:
        out.append(line((" " + say("review.no_message"), "ink-dim")))
    digest = words_of(found.digest, scene.lang, "") if found.digest else ""
    text = found.digest.get(scene.lang, "") if digest else ""
    for paragraph in text.split("\n") if text else ():
        out += [()] if not out or paragraph == text.split("\n")[0] else []
        out += [line((" " + part, "ink-dim")) for part in wrap(harmless(paragraph), max(20, width - 2))]
    return TextView(tuple(out), say("review.load"), say("review.last_week"))

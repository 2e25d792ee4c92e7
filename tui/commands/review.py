"""`looptop review`: how right the rules were, what waits for a label, what would make them better."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING

from engine.errors import UsageError
from engine.questions import ReviewAnswer, RuleReview
from tui.commands import ledger
from tui.commands.output import number, table, write, write_json
from tui.commands.words import heads, word
from tui.harmless import harmless
from tui.opening import language, opened

if TYPE_CHECKING:
    from engine.session import Session

SHOWN = 20
"""Episodes that are printed; JSON has all of them."""
KEYS = (
    "rule", "episodes", "reviewed", "coverage", "precision", "interval", "recall", "detection_hours",
    "reset_hours", "messages",
)  # fmt: skip


def run(arguments: Namespace) -> int:
    """Label an episode or mark what was missed; print the review."""
    with opened(arguments) as session:
        _say(session, arguments)
        answer = session.review()
        lang = language(arguments, session.workspace.console.language)
    if arguments.json:
        from engine.review import review_json

        write_json(review_json(answer, lang))
    else:
        write("\n\n".join(to_text(answer, lang)))
    return 0


def _say(session: Session, arguments: Namespace) -> None:
    who, note = ledger.author(session, arguments), ledger.words(arguments)
    if arguments.missed:
        if arguments.id is None or arguments.label:
            raise UsageError("which period was missed? write --missed RULE 2026-11-01, without --label")
        session.missed(arguments.missed, arguments.match or {}, arguments.id, by=who, note=note)
    elif arguments.label:
        if arguments.id is None:
            raise UsageError("which alert? name its ID before --label")
        session.label(arguments.id, "" if arguments.label == "none" else arguments.label, by=who, note=note)
    elif arguments.id is not None:
        raise UsageError("what was it? add --label true, true_no_action, false, expected, …")


def to_text(answer: ReviewAnswer, lang: str) -> Iterator[str]:
    """The week, the record of each rule, the load, what waits, what is proposed."""
    yield "\n".join(map(harmless, answer.digest.get(lang, "").split("\n")))
    if answer.rules:
        rows = [_rule(each) for each in answer.rules]
        yield table(heads(lang, *KEYS), rows, range(1, len(KEYS)))
    if answer.load:
        loads = [[each.owner, f"{each.messages:,}", f"{each.outside:,}"] for each in answer.load]
        yield table(heads(lang, "recipients", "messages", "outside"), loads, (1, 2))
    if answer.queue:
        waiting = [
            [each.id, each.rule, ", ".join(map(str, each.labels.values())) or "–", each.active_at]
            for each in answer.queue[:SHOWN]
        ]
        more = len(answer.queue) - len(waiting)
        shown = table(heads(lang, "id", "rule", "labels", "since"), waiting)
        yield f"{word('unlabelled', lang)}\n{shown}" + (f"\n… +{more:,}" if more else "")
    for each in answer.proposals:
        yield harmless(each.sentence.get(lang, "")) + (f"\n  {harmless(each.change)}" if each.change else "")


def _rule(each: RuleReview) -> list[str]:
    bounds = "–"
    if each.low is not None and each.high is not None:
        bounds = f"{number(each.low, 'percent')} … {number(each.high, 'percent')}"
    return [
        *(each.rule, f"{each.episodes:,}", f"{each.reviewed:,}"),
        *(number(each.coverage, "percent"), number(each.precision, "percent"), bounds),
        *(number(each.recall, "percent"), number(each.detection_hours), number(each.reset_hours)),
        f"{each.messages:,}",
    ]

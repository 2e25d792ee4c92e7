"""`looptop backtest`: what a rule would have done over the data that is there."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator

from engine.questions import BacktestAnswer, BacktestQuery
from tui.commands.alerts import members
from tui.commands.output import number, table, write, write_json
from tui.commands.words import heads, word
from tui.opening import language, opened

SHOWN = 40
"""Episodes that are printed; JSON has all of them."""
EPISODE_KEYS = ("labels", "since", "fired", "until", "severity", "reviewed")


def run(arguments: Namespace) -> int:
    """Print what the rule would have done; nothing is recorded and nobody is told."""
    query = BacktestQuery(
        rule=arguments.rule,
        when=arguments.when or "",
        threshold=arguments.threshold,
        first=getattr(arguments, "from"),
        last=arguments.to,
    )
    with opened(arguments) as session:
        answer = session.backtest(query)
        console = session.workspace.console
        lang = language(arguments, console.language)
    if arguments.json:
        from engine.review import backtest_json

        write_json(backtest_json(answer, console.timezone))
    else:
        write("\n".join(to_text(answer, lang)))
    return 0


def to_text(answer: BacktestAnswer, lang: str) -> Iterator[str]:
    """The condition and the range, the sums, the load by person, and the episodes."""
    yield f"{answer.rule}  {answer.when}"
    if answer.first:
        yield f"{answer.first} … {answer.last}  {word('periods', lang)} {answer.periods:,}"
    sums = [
        [
            *(f"{answer.members:,}", f"{len(answer.episodes):,}", f"{answer.messages:,}"),
            *(f"{answer.reviewed:,}", precision(answer), f"{answer.missed:,}"),
            number(answer.threshold, answer.unit),
        ]
    ]
    keys = ("members", "episodes", "messages", "reviewed", "precision", "missed", "threshold")
    yield table(heads(lang, *keys), sums, range(7))
    if answer.load:
        rows = [[who, f"{count:,}"] for who, count in sorted(answer.load.items(), key=lambda one: -one[1])]
        yield "\n" + table(heads(lang, "recipients", "messages"), rows, (1,))
    if answer.episodes:
        rows = [
            [
                *(members(one.labels), one.active_at, one.fired, one.resolved or "–"),
                *(one.severity, one.label or "–"),
            ]
            for one in answer.episodes[-SHOWN:]
        ]
        more = len(answer.episodes) - len(rows)
        yield "\n" + table(heads(lang, *EPISODE_KEYS), rows) + (f"\n… +{more:,}" if more else "")


def precision(answer: BacktestAnswer) -> str:
    """`88.9% (56.5% … 98.0%)`."""
    if answer.precision is None:
        return "–"
    low, high = (number(bound, "percent") for bound in (answer.low, answer.high))
    return f"{number(answer.precision, 'percent')} ({low} … {high})"

"""`looptop funnel --beside`: two periods, segments or rule sets of a funnel, and who moves between levels."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Literal

from engine.errors import UsageError
from engine.questions import BesideAnswer, BesideQuery, BesideStep, FunnelQuery, Range
from tui.commands.output import number, table
from tui.commands.words import heads, word

if TYPE_CHECKING:
    from engine.session import Session

_AGO: dict[str, Literal["previous", "week", "month", "year"]] = {
    "previous": "previous", "week": "week", "month": "month", "year": "year",
}  # fmt: skip


def question(session: Session, arguments: Namespace, asked: FunnelQuery) -> BesideQuery:
    """The funnel as asked (b) beside itself in another period, with another filter or other rules (a).

    With --beside the other period is the base, so that a difference is what changed since; --where-b and
    --rules-b say what is different on the second side.
    Raises: UsageError for a period that is none.
    """
    from tui.commands.funnel import rules

    other = replace(asked, where=arguments.where_b or asked.where)
    if arguments.rules_b:
        other = replace(other, toml=rules(arguments.rules_b))
    if arguments.beside:
        return BesideQuery(replace(asked, range=_period(session, arguments.beside, asked.range)), other)
    return BesideQuery(asked, other)


def _period(session: Session, text: str, span: Range) -> Range:
    """`previous`, `week`, `month`, `year` before a range of days, or `DATE..DATE`."""
    first, dots, last = text.partition("..")
    try:
        if dots:
            return Range(date.fromisoformat(first), date.fromisoformat(last))
    except ValueError:
        raise UsageError(f'--beside: "{text}" is no period; write 2026-10-01..2026-10-31') from None
    if text not in _AGO:
        raise UsageError(f'--beside takes previous, week, month, year or DATE..DATE, not "{text}"')
    if span.first is None or span.last is None:
        raise UsageError(f"--beside {text} needs --from and --to")
    from engine.metrics import base_range

    now = session.pipeline.moment.as_of
    found = base_range(session.workspace, (span.first, span.last), _AGO[text], now)
    if found is None:
        raise UsageError(f"--beside {text}: there is no such period before {span.first}")
    return Range(found[0], found[1])


def shown(answer: BesideAnswer, timezone: str, lang: str) -> tuple[dict[str, object], Iterator[str]]:
    """JSON and text."""
    from engine.funnels import beside_to_json

    return beside_to_json(answer, timezone), _text(answer, lang)


def _text(answer: BesideAnswer, lang: str) -> Iterator[str]:
    names = heads(lang, "step", "label", "n_a", "n_b", "rate_a", "rate_b", "difference", "interval")
    yield table(names, [_step(step, answer.moved, lang) for step in answer.steps], (0, *range(2, 8)))
    if answer.moves:
        rows = [[str(a), str(b), number(count)] for a, b, count in answer.moves]
        yield table(heads(lang, "level_a", "level_b", "n"), rows, (0, 1, 2))
    if answer.persons:
        listed = [[one.person, ", ".join(one.identifiers), str(one.a), str(one.b)] for one in answer.persons]
        yield table(heads(lang, "person", "identifiers", "level_a", "level_b"), listed, (2, 3))


def _step(step: BesideStep, moved: int | None, lang: str) -> list[str]:
    interval = "–"
    if step.low is not None and step.high is not None:
        interval = f"{_points(step.low)} … {_points(step.high)}"
    mark = f" ← {word('moved', lang)}" if step.step == moved else ""
    return [
        *(str(step.step), step.label + mark, number(step.a), number(step.b)),
        *(number(rate, "percent") for rate in (step.a_rate, step.b_rate)),
        *("–" if step.difference is None else _points(step.difference), interval),
    ]


def _points(share: float) -> str:
    return f"{share * 100:+.1f}"

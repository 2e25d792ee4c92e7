"""`looptop funnel --drivers`: what goes with converting."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator

from engine.questions import Driver, DriversAnswer, DriversQuery, FunnelQuery
from tui.commands.output import number, table
from tui.commands.words import heads, word


def question(arguments: Namespace, asked: FunnelQuery) -> DriversQuery:
    """The query that the options spell out."""
    if not arguments.drivers:
        return DriversQuery(asked)
    return DriversQuery(asked, *arguments.drivers)


def shown(answer: DriversAnswer, lang: str) -> tuple[dict[str, object], Iterator[str]]:
    """JSON and text."""
    from engine.funnels import drivers_to_json

    return drivers_to_json(answer), _text(answer, lang)


def _text(answer: DriversAnswer, lang: str) -> Iterator[str]:
    facts = (("entered", answer.entered), ("converted", answer.converted), ("tested", answer.tested))
    first = f"{answer.from_step} → {answer.to_step}  "
    yield first + "  ".join(f"{word(name, lang)} {count:,}" for name, count in facts)
    names = heads(
        lang, "driver", "value", "n_with", "rate_with", "n_without", "rate_without", "odds", "interval"
    )
    yield table([*names, "q"], [_row(one) for one in answer.drivers], range(2, 9))


def _row(one: Driver) -> list[str]:
    return [
        one.name,
        one.value or "–",
        *_group(one.with_won, one.with_n),
        *_group(one.without_won, one.without_n),
        f"{one.odds:.2f}",
        f"{one.low:.2f} … {one.high:.2f}",
        f"{one.q:.2g}",
    ]


def _group(won: int, of: int) -> tuple[str, str]:
    return number(of), number(won / of if of else None, "percent")

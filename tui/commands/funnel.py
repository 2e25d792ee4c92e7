"""`looptop funnel`: persons, rates and times per step; who reached it, who dropped and why."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from typing import Literal

from engine.errors import UsageError
from engine.questions import FunnelAnswer, FunnelQuery, FunnelStep, Range
from tui.commands.output import iso, number, table, write, write_json
from tui.commands.words import heads, word
from tui.format import duration
from tui.harmless import harmless
from tui.opening import language, opened

STEP_KEYS = (
    "step",
    "label",
    "n",
    "of_first",
    "of_previous",
    "dropped",
    "median",
    "p90",
    "target",
    "benchmark",
)


def run(arguments: Namespace) -> int:
    """Print the funnels that are named."""
    if not arguments.name:
        raise UsageError("name one funnel or more, as they stand in looptop.toml")
    if (arguments.dropped or arguments.excluded) and not arguments.persons:
        raise UsageError("--dropped and --excluded go with --persons STEP")
    with opened(arguments) as session:
        console = session.workspace.console
        answers = [session.funnel(question(arguments, name), arguments.reveal) for name in arguments.name]
    if arguments.json:
        from engine.funnels import to_json

        objects = [to_json(answer, console.timezone) for answer in answers]
        write_json(objects[0] if len(objects) == 1 else objects)
        return 0
    lang = language(arguments, console.language)
    write("\n\n".join("\n\n".join(to_text(answer, console.timezone, lang)) for answer in answers))
    return 0


def question(arguments: Namespace, name: str) -> FunnelQuery:
    """The query that the options spell out for one funnel."""
    which: Literal["reached", "dropped", "excluded"] = "reached"
    if arguments.excluded:
        which = "excluded"
    elif arguments.dropped:
        which = "dropped"
    if arguments.persons and arguments.persons != "all" and not arguments.persons.isdigit():
        raise UsageError(f'--persons: "{arguments.persons}" is neither all nor a step number')
    return FunnelQuery(
        funnel=name,
        by=arguments.by,
        breakdown=arguments.breakdown,
        range=Range(getattr(arguments, "from"), arguments.to),
        where=arguments.where,
        grain=arguments.grain,
        steps=arguments.steps,
        hist=arguments.hist,
        persons=arguments.persons,
        which=which,
    )


def _step(step: FunnelStep, lang: str) -> list[str]:
    return [
        *(str(step.step), step.label, number(step.persons)),
        *(number(share, "percent") for share in (step.of_first, step.of_previous)),
        number(step.dropped),
        *(duration(seconds, lang) for seconds in (step.median_seconds, step.p90_seconds)),
        *(number(share, "percent") for share in (step.target, step.benchmark)),
    ]


def to_text(answer: FunnelAnswer, timezone: str, lang: str) -> Iterator[str]:
    """Its tables in turn: steps, groups, trend, histogram, persons."""
    right = (0, *range(2, len(STEP_KEYS)))
    steps = table(heads(lang, *STEP_KEYS), [_step(step, lang) for step in answer.steps], right)
    facts = [f"{word('excluded', lang)} {answer.excluded:,}", f"{word('open', lang)} {answer.open:,}"]
    if answer.bottleneck is not None:
        facts.append(f"{word('bottleneck', lang)} {answer.bottleneck}")
    yield f"{answer.funnel}  " + "  ".join(facts) + "\n" + steps + _studies(answer, lang)
    for group in answer.groups:
        title = word("no_value", lang) if group.value is None else group.value
        yield _titled(title, heads(lang, *STEP_KEYS), [_step(step, lang) for step in group.steps], right)
    if answer.trend:
        rows = [
            [
                point.period,
                number(point.entered),
                number(point.converted),
                number(point.rate, "percent"),
                number(point.open),
            ]
            for point in answer.trend
        ]
        yield table(heads(lang, "period", "entered", "converted", "rate", "open"), rows, range(1, 5))
    if answer.histogram:
        yield table(
            heads(lang, "from", "n"),
            [[duration(start, lang), number(count)] for start, count in answer.histogram],
            (0, 1),
        )
    if answer.persons:
        yield _persons(answer, timezone, lang)


def _studies(answer: FunnelAnswer, lang: str) -> str:
    """Where the benchmarks are from, a line each."""
    rated = [step for step in answer.steps if step.benchmark is not None and step.benchmark_source]
    lines = [
        f"{word('benchmark', lang)} {step.step} {number(step.benchmark, 'percent')}: {step.benchmark_source}"
        for step in rated
    ]
    return "".join(f"\n{harmless(line)}" for line in lines)


def _titled(title: str, names: list[str], rows: list[list[str]], right: tuple[int, ...]) -> str:
    return f"{harmless(title)}\n{table(names, rows, right)}"


def _persons(answer: FunnelAnswer, timezone: str, lang: str) -> str:
    rows = [
        [
            person.person,
            ", ".join(person.identifiers),
            str(person.level),
            person.why_not or "–",
            " → ".join(f"{moment.event} {iso(moment.ts, timezone)}" for moment in person.path),
        ]
        for person in answer.persons
    ]
    return table(heads(lang, "person", "identifiers", "level", "why_not", "path"), rows, (2,))

"""`looptop funnel`: persons, rates and times per step; who reached it, who dropped and why."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal

from engine.errors import UsageError
from engine.questions import FunnelAnswer, FunnelQuery, FunnelStep, Range
from tui.commands import beside, drivers
from tui.commands.output import iso, number, table, write, write_json
from tui.commands.words import heads, word
from tui.format import NONE, duration
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
    "p75",
    "p90",
    "target",
    "benchmark",
)


def run(arguments: Namespace) -> int:
    """Print the funnels that are named, one beside another, or what goes with converting."""
    if not arguments.name:
        raise UsageError("name one funnel or more, as they stand in looptop.toml")
    if (arguments.dropped or arguments.excluded) and not arguments.persons:
        raise UsageError("--dropped and --excluded go with --persons STEP")
    compared = arguments.beside or arguments.where_b or arguments.rules_b
    if compared and arguments.drivers is not None:
        raise UsageError("--drivers is about one funnel: leave out --beside, --where-b and --rules-b")
    with opened(arguments) as session:
        console = session.workspace.console
        lang = language(arguments, console.language)
        if compared:
            sides = [
                beside.question(session, arguments, question(arguments, name)) for name in arguments.name
            ]
            both = [session.beside(side, arguments.reveal) for side in sides]
            return _print(arguments, [beside.shown(one, console.timezone, lang) for one in both])
        if arguments.drivers is not None:
            asked = [drivers.question(arguments, question(arguments, name)) for name in arguments.name]
            return _print(
                arguments, [drivers.shown(session.drivers(one, arguments.reveal), lang) for one in asked]
            )
        answers = [session.funnel(question(arguments, name), arguments.reveal) for name in arguments.name]
    from engine.funnels import to_json

    return _print(
        arguments,
        [(to_json(one, console.timezone), to_text(one, console.timezone, lang)) for one in answers],
    )


def _print(arguments: Namespace, shown: Sequence[tuple[dict[str, object], Iterable[str]]]) -> int:
    """JSON (an array for several names) or text."""
    if arguments.json:
        write_json(shown[0][0] if len(shown) == 1 else [json for json, _ in shown])
    else:
        write("\n\n".join("\n\n".join(text) for _, text in shown))
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
        toml=rules(arguments.rules),
        enter=arguments.enter or "first",
        cohorts=arguments.cohorts,
        after=arguments.after,
    )


def rules(given: str | None) -> str:
    """The text of `--rules`: TOML as it is, or what a file says.

    Raises: UsageError for a file that cannot be read.
    """
    if not given or "[" in given or "\n" in given:
        return given or ""
    try:
        return Path(given).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f'--rules takes TOML or a file with it; "{given}" cannot be read: {error}') from None


def _step(step: FunnelStep, lang: str) -> list[str]:
    return [
        *(str(step.step), step.label, number(step.persons)),
        *(number(share, "percent") for share in (step.of_first, step.of_previous)),
        number(step.dropped),
        *(duration(each, lang) for each in (step.median_seconds, step.p75_seconds, step.p90_seconds)),
        *(number(share, "percent") for share in (step.target, step.benchmark)),
    ]


def to_text(answer: FunnelAnswer, timezone: str, lang: str) -> Iterator[str]:
    """Its tables: what does not add up, steps, groups, trend, cohorts, times, what came next, persons."""
    right = (0, *range(2, len(STEP_KEYS)))
    if answer.checks:
        yield "\n".join(harmless(f"! {word('check', lang)}: {one}") for one in answer.checks)
    steps = table(heads(lang, *STEP_KEYS), [_step(step, lang) for step in answer.steps], right)
    facts = [f"{word('excluded', lang)} {answer.excluded:,}", f"{word('open', lang)} {answer.open:,}"]
    facts += [
        f"{word(name, lang)} {number(rate, 'percent')}"
        for name, rate in (("mature_rate", answer.mature_rate), ("observed_rate", answer.observed_rate))
    ]
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
                number(point.mature_rate, "percent"),
                number(point.open),
            ]
            for point in answer.trend
        ]
        names = heads(lang, "period", "entered", "converted", "rate", "mature_rate", "open")
        yield table(names, rows, range(1, 6))
    if answer.cohorts:
        yield _cohorts(answer, lang)
    if answer.histogram:
        yield table(
            heads(lang, "from", "n"),
            [[duration(start, lang), number(count)] for start, count in answer.histogram],
            (0, 1),
        )
    if answer.after:
        rows = [[each.event or NONE, number(each.persons)] for each in answer.after]
        yield table(heads(lang, "event", "n"), rows, (1,))
    if answer.persons:
        yield _persons(answer, timezone, lang)


def _cohorts(answer: FunnelAnswer, lang: str) -> str:
    """Shares converted by the end of each period since the one of entry."""
    width = len(answer.cohorts[0].converted)
    rows = [
        [
            row.period,
            number(row.entered),
            *(
                number(None if count is None or not row.entered else count / row.entered, "percent")
                for count in row.converted
            ),
        ]
        for row in answer.cohorts
    ]
    names = [*heads(lang, "period", "entered"), *(f"+{k}" for k in range(width))]
    return table(names, rows, range(1, width + 2))


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

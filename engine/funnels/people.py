"""`--persons`: who reached a step, dropped or was removed, with the rows of the representative attempt."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from engine.errors import UsageError
from engine.funnels.arrange import Rows
from engine.funnels.plan import Plan
from engine.funnels.reasons import Attempt, Fact, reason_of, sentence
from engine.funnels.summary import converted, reached
from engine.questions import FunnelMoment, FunnelPerson, FunnelQuery
from engine.store.tables import Tables

if TYPE_CHECKING:
    import polars as pl

Persons = Callable[[Sequence[int]], Mapping[int, tuple[str, tuple[str, ...]]]]
"""Person keys → display id and identifiers."""


def as_hex(keys: Sequence[int]) -> Mapping[int, tuple[str, tuple[str, ...]]]:
    """Display ids where nobody gives better ones."""
    return {key: (f"p_{key:016x}", ()) for key in keys}


def listed(chosen: pl.DataFrame, plan: Plan, query: FunnelQuery) -> pl.DataFrame:
    """The rows of `chosen` that a question names, latest start first.

    Raises: UsageError for a step that the funnel does not have.
    """
    import polars as pl

    step = step_number(query.persons or "all", plan)
    if query.which == "excluded":
        wanted = pl.col("excluded") if step is None else pl.col("excluded") & reached(plan, step)
    elif query.which == "dropped":
        before = None if step is None else plan.previous(step)
        there = pl.lit(step is None) if before is None else reached(plan, before)
        wanted = ~pl.col("excluded") & there & ~(converted(plan) if step is None else reached(plan, step))
    else:
        wanted = ~pl.col("excluded") & (pl.lit(True) if step is None else reached(plan, step))
    found = (chosen if query.only else chosen.filter(wanted)).sort(["began", "who"], descending=[True, False])
    return found if query.limit is None else found.head(query.limit)


def step_number(text: str, plan: Plan) -> int | None:
    """`all` → None, a step's number as text → its place from 0.

    Raises: UsageError for anything else.
    """
    if text == "all":
        return None
    if not text.isdecimal() or not 1 <= int(text) <= plan.steps:
        raise UsageError(f'--persons takes "all" or a step from 1 to {plan.steps}, not "{text}"')
    return int(text) - 1


@dataclass(frozen=True, slots=True)
class Telling:
    """What reasons are told with: the rules, the labels of the steps, the watermark and the language."""

    plan: Plan
    labels: Sequence[str]
    now_us: int
    language: str


def people(
    tables: Tables, rows: Rows, chosen: pl.DataFrame, telling: Telling, persons: Persons
) -> tuple[FunnelPerson, ...]:
    """The listed representative attempts as persons with path and `why_not`."""
    plan = telling.plan
    whos = chosen["who"].to_list()
    keyed = bool(whos) and isinstance(whos[0], int)
    names = persons([int(who) for who in whos]) if keyed else {}
    files = _files(tables)
    facts = dict(_facts(rows, chosen["unit"]))
    found = []
    for row in chosen.iter_rows(named=True):
        attempt = _attempt(row, plan)
        reason = reason_of(attempt, facts[row["unit"]], plan, telling.now_us)
        who = row["who"]
        name, identifiers = (names.get(who) or as_hex([who])[who]) if keyed else (str(who), ())
        found.append(
            FunnelPerson(
                person=name,
                identifiers=identifiers,
                level=plan.level(row["count"]),
                why_not=sentence(reason, telling.labels, telling.language) if reason is not None else None,
                path=tuple(_path(attempt, facts[row["unit"]], files)),
                key=who if keyed else 0,
                barrier=_moment(0, reason.fact, files) if reason is not None and reason.fact else None,
            )
        )
    return tuple(found)


def _attempt(row: Mapping[str, object], plan: Plan) -> Attempt:
    def numbers(letter: str) -> tuple[int | None, ...]:
        values = (row[f"{letter}{k + 1}"] for k in range(plan.steps))
        return tuple(value if isinstance(value, int) else None for value in values)

    count, until, began, entrance = (row[name] for name in ("count", "until", "began", "entrance"))
    assert isinstance(count, int) and isinstance(until, int)
    assert isinstance(began, int) and isinstance(entrance, int)
    return Attempt(numbers("p"), numbers("t"), count, until, bool(row["excluded"]), began, entrance)


def _facts(rows: Rows, units: pl.Series) -> Iterator[tuple[int, list[Fact]]]:
    """Events of each unit in time order; units are contiguous in `rows`."""
    import polars as pl

    wanted = units.unique()
    held = rows.frame.with_columns(unit=rows.unit.head(rows.end)).with_row_index("at")
    held = held.filter(pl.col("unit").is_in(wanted.implode())).select(
        "unit", "at", "ts", "mask", "event", "part", "line"
    )
    found: dict[int, list[Fact]] = {}
    for unit, *values in held.iter_rows():
        found.setdefault(unit, []).append(Fact(*values))
    yield from found.items()


def _files(tables: Tables) -> dict[int, tuple[str, str]]:
    held = tables.rows("SELECT part, source, file FROM parts")
    return {int(str(part)): (str(source), str(file)) for part, source, file in held}


def _path(
    attempt: Attempt, facts: Sequence[Fact], files: Mapping[int, tuple[str, str]]
) -> Iterator[FunnelMoment]:
    wanted = {at: step for step, at in enumerate(attempt.places) if at is not None}
    filled = {wanted[fact.at]: fact for fact in facts if fact.at in wanted}
    for step, fact in sorted(filled.items()):
        yield _moment(step + 1, fact, files)


def _moment(step: int, fact: Fact, files: Mapping[int, tuple[str, str]]) -> FunnelMoment:
    """A row as the step that it fills; 0: none."""
    source, file = files.get(fact.part, ("", ""))
    seconds, rest = divmod(fact.ts, 1_000_000)
    ts = datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None, microsecond=rest)
    return FunnelMoment(step, fact.event, ts, source, file, fact.line)

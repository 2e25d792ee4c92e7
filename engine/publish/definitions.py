"""What the store and the derived tables have to know of a workspace: judged sources, rates, props, tables."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from engine.derive import DerivedTable, shipped
from engine.errors import ConfigurationError, Fault
from engine.identity.resolve import Rules
from engine.ingest.lookup import added
from engine.ingest.state import FileState, part_path
from engine.metrics.plan import resolve
from engine.metrics.sources import events_of
from engine.schema import COLUMNS, KIND_OF_EVENT, TIMES, Kind, Table
from engine.store import Instance, LookedUp, LookupContent, Rate, StoreSettings
from engine.store.lookups import joined, offers
from engine.store.relation import wider

if TYPE_CHECKING:
    from engine.expressions import Expression
    from engine.store.store import Copies
    from engine.workspace.model import Metric, Source, Workspace

_CREDITED = ("transaction", "lead")
"""Kinds of events whose credit is always kept."""
_EVER = (date(1970, 1, 1), date(9999, 12, 31))


def instances(states: Iterable[FileState], cache: Path, workspace: Workspace) -> list[Instance]:
    """The parts in the files as the store wants them; files of sources that are gone are left out."""
    sources = {source.name for source in workspace.sources}
    return [
        Instance(
            source=state.source,
            table=state.table,  # type: ignore[arg-type]
            file=state.path,
            mtime_ns=state.mtime_ns + part.turn,
            id=part.id,
            path=part_path(cache, part),
            facts=part.facts,
            days=part.days,
            last_ts=part.last_ts,
            props=part.props,
            content=f"{state.sha256}-{state.mapping}" if not state.path.startswith("sql:") else "",
        )
        for state in states
        if state.source in sources
        for part in state.parts
        if part.facts
    ]


def store_settings(
    workspace: Workspace, states: Iterable[FileState], until: datetime | None
) -> StoreSettings:
    """Settings of the store.

    Raises: ConfigurationError for a rates file that cannot be read.
    """
    sources = workspace.sources
    return StoreSettings(
        timezone=workspace.console.timezone,
        currency=workspace.console.currency,
        rates=tuple(_rates(workspace)),
        props=memory_props(workspace, file_props(states)),
        judged=_judged(sources),
        disputing=frozenset(
            one.name
            for one in sources
            if one.table == "spend" and one.overlap == "conflict" and not one.dedupe
        ),
        until=until,
        identifiers=workspace.identity.priority,
        rules=Rules(workspace.identity.priority, workspace.identity.limit, workspace.identity.fanout),
        lookups=lookups_of(workspace),
    )


def _judged(sources: Iterable[Source]) -> dict[str, Copies]:
    """Which copy of a record counts, by source: by its key; without one, spend goes by its re-exports."""
    found: dict[str, Copies] = {}
    for one in sources:
        if one.dedupe:
            found[one.name] = one.keep
        elif one.table == "spend" and one.overlap != "sum":
            found[one.name] = "newest"
    return found


def lookups_of(workspace: Workspace) -> tuple[LookedUp, ...]:
    """The lookups as the store knows them, numbered in their order."""
    return tuple(
        LookedUp(number, each.on, tuple(each.add)) for number, each in enumerate(workspace.lookups, start=1)
    )


def lookup_contents(
    workspace: Workspace, states: Sequence[FileState], cache: Path
) -> tuple[LookupContent, ...]:
    """What the lookups' files hold: empty for one that cannot be read or has no key.

    In:  the states of the files, in the order of the lookups.
    """
    found = []
    for number, (lookup, state) in enumerate(zip(workspace.lookups, states, strict=True), start=1):
        columns = {
            name: None if there is None else f"p.{there}" for name, there in added(lookup, state).items()
        }
        paths = tuple(part_path(cache, part) for part in state.parts if part.facts)
        parts = tuple(part.id for part in state.parts)
        found.append(LookupContent(number, repr((parts, sorted(columns.items()))), paths, columns))
    return tuple(found)


def tables(workspace: Workspace, settings: StoreSettings) -> tuple[DerivedTable, ...]:
    """Every derived table of the workspace: the shipped ones and those of its funnels."""
    from engine import funnels

    behaviour = _credits_everything(workspace)
    held = {**funnels.KINDS, **settings.props.get("events", {})}
    found = offers(settings.lookups, funnels.KINDS, settings.props.get("events", {}))
    kinds: dict[str, Kind] = {**held, **dict.fromkeys(found, "text")}
    for name in found.keys() & held.keys():
        del kinds[name]  # some facts say it themselves: only the relation that is read on demand knows

    def relation(wanted: Collection[str]) -> str:
        asked = {name for name in wanted if name in found}
        return joined("events", found, asked, held) if asked else "events"

    return (*shipped(behaviour), *funnels.tables(workspace, kinds, relation))


def _credits_everything(workspace: Workspace) -> bool:
    return any(_credited(metric) for metric in workspace.metrics.values())


def _credited(metric: Metric) -> bool:
    return metric.credit == "last_touch" and not metric.builtin and metric.table in ("events", None)


def uncredited(workspace: Workspace, more: Workspace) -> tuple[str, ...]:
    """Metrics of `more`, beyond those of the workspace, that ask for a credit which the tables do not hold:
    of events other than orders, leads and registrations it is kept only where looptop.toml asks for it."""
    if _credits_everything(workspace):
        return ()
    asked = (metric for name, metric in more.metrics.items() if f"metric.{name}" in more.adhoc)
    return tuple(metric.name for metric in asked if _credited(metric) and not _held(more, metric))


def _held(workspace: Workspace, metric: Metric) -> bool:
    """Whether all that a metric counts is credited anyway."""
    if metric.kind not in ("simple", "ratio", "derived"):
        return False
    wheres = [one.where for one in resolve(workspace, metric.name).measures if one.table == "events"]
    found = [events_of(where) for where in wheres]
    return all(
        names is not None and all(KIND_OF_EVENT.get(one) in _CREDITED or one == "register" for one in names)
        for names in found
    )


def file_props(states: Iterable[FileState]) -> dict[Table, dict[str, Kind]]:
    """Columns of the files without a canonical name, by table, with the kind that holds all their values."""
    found: dict[Table, dict[str, Kind]] = {}
    for state in states:
        mine = found.setdefault(state.table, {})  # type: ignore[arg-type]
        for part in state.parts:
            for name, kind in part.props:
                mine[name] = wider(mine.get(name, kind), kind)
    return found


def memory_props(
    workspace: Workspace, known: Mapping[Table, Mapping[str, Kind]]
) -> dict[Table, dict[str, Kind]]:
    """The props that definitions name: they are kept in memory beside the canonical columns.

    A name that no file has is kept as well, as text without values: its file may come later.
    """
    canonical = {"person", "day", "lts", "amount", *workspace.identity.priority}
    found: dict[Table, dict[str, Kind]] = {}
    tables: tuple[Table, ...] = ("events", "spend", "profiles")
    for table in tables:
        named = set(_named(workspace, table))
        own = {column.name for column in COLUMNS[table]} | canonical
        kinds = known.get(table, {})
        looked = {name for lookup in workspace.lookups for name in lookup.add} - kinds.keys()
        keys = {lookup.on for lookup in workspace.lookups} & kinds.keys()
        made = set(TIMES) - kinds.keys()
        found[table] = {
            name: kinds.get(name, "text") for name in sorted((named | keys) - own - looked - made)
        }
    return found


def _named(workspace: Workspace, table: Table) -> Iterator[str]:
    """Every column name in a definition that reads a table."""
    for metric in workspace.metrics.values():
        if metric.table == table and metric.kind in ("simple", "cumulative"):
            yield from _columns(metric.where)
            if metric.column:
                yield metric.column
        if metric.kind == "conversion" and table == "events":
            yield from metric.hold
            for side in metric.sides or ():
                yield from _columns(None if isinstance(side, str) else side.where)
    if table != "events":
        return
    for funnel in workspace.funnels.values():
        yield from _columns(funnel.where)
        yield from funnel.hold
        if funnel.count not in ("persons", "attempts"):
            yield funnel.count
        for step in funnel.steps:
            yield from _columns(step.where)
        for exclusion in funnel.exclude:
            yield from _columns(exclusion.where)


def _columns(where: Expression | None) -> frozenset[str]:
    return where.columns if where is not None else frozenset()


def _rates(workspace: Workspace) -> Iterator[Rate]:
    for currency, rate in workspace.rates.constant.items():
        yield Rate(currency, *_EVER, rate)
    if workspace.rates.file:
        yield from _rates_of_file(workspace, workspace.rates.file)


def _rates_of_file(workspace: Workspace, name: str) -> Iterator[Rate]:
    """A file of day, currency, rate: each rate holds until the next one of its currency."""
    by_currency: dict[str, list[tuple[date, Decimal]]] = {}
    faults = []
    try:
        with (workspace.root / name).open(encoding="utf-8-sig", newline="") as file:
            for line, row in enumerate(csv.DictReader(file), start=2):
                try:
                    moment = (date.fromisoformat(row["day"].strip()), Decimal(row["rate"].strip()))
                    by_currency.setdefault(row["currency"].strip().upper(), []).append(moment)
                except (KeyError, ValueError, InvalidOperation, AttributeError):
                    faults.append(Fault(name, line, "currency.file", "needs the columns day, currency, rate"))
    except OSError as error:
        faults.append(Fault(name, 0, "currency.file", f"cannot be read: {error.strerror}"))
    if faults:
        raise ConfigurationError(faults)
    for currency, moments in by_currency.items():
        moments.sort()
        for (first, rate), (after, _) in pairwise([*moments, (date(9999, 12, 31), Decimal(0))]):
            yield Rate(currency, first, date.fromordinal(after.toordinal() - 1), rate)

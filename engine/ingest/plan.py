"""How a file's columns become canonical columns: the source's mapping resolved against its header."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from engine.errors import SourceError, nearest
from engine.expressions import Expression, parse
from engine.ingest.digest import file_day
from engine.ingest.layout import Preset, fits, presets
from engine.ingest.sniff import fold
from engine.schema import COLUMNS, DERIVED_COLUMNS, Kind, Table
from engine.workspace.model import EventRule, Source, Workspace


@dataclass(frozen=True, slots=True)
class Rule:
    """Where a canonical column comes from: file columns (several are joined), or an expression."""

    names: tuple[str, ...] = ()
    expr: Expression | None = None

    def reads(self) -> tuple[str, ...]:
        """The file columns that it needs."""
        return self.names or tuple(sorted(self.expr.columns if self.expr else ()))


@dataclass(frozen=True, slots=True)
class MomentPlan:
    event: str
    rules: Mapping[str, Rule]


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that turns a frame of file columns into facts."""

    source: Source
    table: Table
    preset: Preset | None
    rules: Mapping[str, Rule]
    constants: Mapping[str, str]
    event: EventRule | None
    moments: tuple[MomentPlan, ...]
    props: tuple[str, ...]
    null_values: tuple[str, ...]
    scale: Mapping[str, str]
    zone: str
    local_zone: str
    file_day: datetime | None
    workspace: Workspace
    notes: tuple[tuple[str, str], ...] = ()

    @property
    def identifiers(self) -> tuple[str, ...]:
        """Identifier types, strongest first; none for tables without persons."""
        return self.workspace.identity.priority if self.table in ("events", "profiles") else ()

    def kinds(self) -> dict[str, Kind]:
        """Kind of each canonical column of the table that a file can give, identifiers included."""
        listed = {column.name: column.kind for column in COLUMNS[self.table]}
        return {
            **{name: kind for name, kind in listed.items() if name not in DERIVED_COLUMNS},
            **dict.fromkeys(self.identifiers, "list"),
        }

    def time_columns(self) -> tuple[str, ...]:
        """File columns that are read as times."""
        kinds = self.kinds()
        rules = [rule for name, rule in self.all_rules() if kinds.get(name) in ("time", "date")]
        return tuple(dict.fromkeys(name for rule in rules for name in rule.names))

    def number_columns(self) -> tuple[str, ...]:
        """File columns that are read as numbers, alone or in an expression."""
        numeric = ("count", "money", "number")
        kinds = self.kinds()
        read = [
            name
            for target, rule in self.all_rules()
            if kinds.get(target) in numeric or rule.expr
            for name in rule.reads()
        ]
        return tuple(dict.fromkeys(read))

    def all_rules(self) -> Iterator[tuple[str, Rule]]:
        """(canonical column, rule) of the row and of its moments."""
        yield from self.rules.items()
        for moment in self.moments:
            yield from moment.rules.items()

    def mapped(self) -> tuple[tuple[str, str], ...]:
        """(file column, canonical column or "props"), for people."""
        pairs = [(name, target) for target, rule in self.all_rules() for name in rule.reads()]
        return tuple(dict.fromkeys([*pairs, *((name, "props") for name in self.props)]))


def resolve(workspace: Workspace, source: Source, header: Sequence[str], path: str) -> Plan:
    """The plan of a file with these columns.

    Raises: SourceError where the source does not say what the table needs, with the columns that are there.
    """
    preset = _preset(source, header)
    names = _Header(header)
    rules = {
        name: found for name, rule in source.columns.items() if (found := names.rule(rule.names, rule.expr))
    }
    missing = tuple(note for key, wanted in _named(workspace, source) for note in names.missing(key, wanted))
    moments = tuple(
        MomentPlan(
            moment.event,
            {n: found for n, r in moment.columns.items() if (found := names.rule(r.names, r.expr))},
        )
        for moment in source.moments
    )
    given = {*source.columns, *source.constants, *(() if not source.date_from else ("ts",))}
    if preset:
        rules |= {
            n: rule for n, tried in preset.columns.items() if n not in given and (rule := names.first(tried))
        }
    constants = {**(preset.constants if preset else {}), **source.constants}
    event = source.event or (
        EventRule(constant=preset.event)
        if preset and preset.event != "event" and preset.event and "event" not in rules
        else None
    )
    plan = Plan(
        source, source.table, preset, rules, constants, event, moments, (),
        tuple(dict.fromkeys((*source.null_values, *(preset.null_values if preset else ())))),
        {**({} if preset is None else _scales(preset, rules)), **source.scale},
        source.timezone or workspace.console.timezone, workspace.console.timezone,
        file_day(source, path), workspace, missing,
    )  # fmt: skip
    plan = replace(plan, rules=rules | _same_names(plan, header))
    used = {name for _, rule in plan.all_rules() for name in rule.names}
    plan = replace(plan, props=tuple(name for name in header if name not in used))
    _complete(plan, header)
    return plan


def _named(workspace: Workspace, source: Source) -> Iterator[tuple[str, Iterable[str]]]:
    """(key, columns of the file that it names) for everything in a source that names columns."""
    rules = [*source.columns.items(), *(pair for one in source.moments for pair in one.columns.items())]
    for name, rule in rules:
        yield name, rule.names or sorted(rule.expr.columns if rule.expr else ())
    if source.where is not None:
        yield "where", sorted(source.where.columns)
    if source.event is not None:
        cases = {name for when, _ in source.event.cases for name in when.columns}
        yield "event", [source.event.column] if source.event.column else sorted(cases)
    known = {column.name for column in COLUMNS[source.table]} | set(workspace.identity.priority)
    yield "dedupe", [name for name in source.dedupe if name not in known]


def _preset(source: Source, header: Sequence[str]) -> Preset | None:
    if source.preset:
        return presets()[source.preset]
    if source.columns or source.moments or source.event:
        return None
    if (source.table == "spend" and {"ts", "cost"} <= set(header)) or (
        source.table == "events" and {"ts", "event"} <= set(header)
    ):
        return None
    return best(header, source.table)


def best(header: Sequence[str], table: Table | None = None, path: str = "") -> Preset | None:
    """The shipped layout that fits a header best: the most names known, then the most special one."""
    low = path.casefold()
    ranked = [
        (known + preset.weight + 4 * any(word in low for word in preset.paths), preset.weight, preset.name)
        for preset in presets().values()
        if (table is None or preset.table == table) and (known := fits(preset, header))
    ]
    return presets()[max(ranked)[2]] if ranked else None


class _Header:
    """The columns of a file, found by name: as written, else without case and blanks at the ends."""

    def __init__(self, header: Sequence[str]) -> None:
        self.header = header
        self.folded = {fold(name): name for name in reversed(header)}

    def find(self, name: str) -> str | None:
        return name if name in self.header else self.folded.get(fold(name))

    def rule(self, names: Iterable[str], expr: Expression | None) -> Rule | None:
        if expr is not None:
            return Rule((), expr)
        found = tuple(there for name in names if (there := self.find(name)) is not None)
        return Rule(found) if found else None

    def first(self, tried: Iterable[str]) -> Rule | None:
        for name in tried:
            parts = re.split(r"[+*]", name) if not self.find(name) else [name]
            found = [self.find(part) for part in parts]
            there = tuple(part for part in found if part is not None)
            if len(there) == len(parts):
                product = " * ".join('"' + part.replace('"', '""') + '"' for part in there)
                return Rule((), parse(product)) if "*" in name and len(parts) > 1 else Rule(there)
        return None

    def missing(self, target: str, names: Iterable[str]) -> Iterator[tuple[str, str]]:
        for name in names:
            if self.find(name) is None:
                close = nearest(name, self.header)
                hint = f'; nearest: "{close}"' if close else ""
                yield "missing", f'no column "{name}" for {target}{hint}'


def _same_names(plan: Plan, header: Sequence[str]) -> dict[str, Rule]:
    """File columns that have the name of a canonical column which nothing else gives."""
    used = {name for _, rule in plan.all_rules() for name in rule.names}
    taken = {*plan.rules, *plan.constants}
    if plan.event is not None or plan.moments:
        taken.add("event")
    if plan.moments or plan.file_day is not None:
        taken.add("ts")
    free = [name for name in plan.kinds() if name not in taken and name in header and name not in used]
    return {name: Rule((name,)) for name in free}


def _scales(preset: Preset, rules: Mapping[str, Rule]) -> dict[str, str]:
    """A layout's scale is named by the file's column: it holds only where that column was taken."""
    folded = {fold(name): scale for name, scale in preset.scale.items()}
    return {n: folded[fold(r.names[0])] for n, r in rules.items() if r.names and fold(r.names[0]) in folded}


def _complete(plan: Plan, header: Sequence[str]) -> None:
    have = {*plan.rules, *plan.constants}
    columns = ", ".join(header[:30])
    needs_ts = plan.table in ("events", "spend") and not plan.moments and plan.file_day is None
    if needs_ts and "ts" not in have:
        raise SourceError(f"no column gives ts; the file has: {columns}. Map one: columns = {{ ts = … }}")
    if plan.table == "events" and not plan.moments and plan.event is None and "event" not in have:
        raise SourceError(
            f'nothing says the event; the file has: {columns}. Say event = "order" in the source'
        )
    if plan.table == "targets" and (lost := {"period", "metric", "value"} - have):
        raise SourceError(f"no column gives {', '.join(sorted(lost))}; the file has: {columns}")

"""How a file's columns become canonical columns: the source's mapping resolved against its header."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from engine.errors import SourceError
from engine.ingest.choice import Choice, Header, choose, currency_in, known, near_misses
from engine.ingest.digest import file_day
from engine.ingest.layout import date_patterns, preset
from engine.ingest.rule import Columns, Rule
from engine.ingest.sniff import fold
from engine.schema import COLUMNS, DERIVED_COLUMNS, Kind, Table
from engine.workspace.model import EventRule, Preset, Source, Workspace

_DATE_IT = 'Map one: columns = { ts = … }, or say the day: constants = { ts = "2026-11-01" }'


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
    header: tuple[str, ...] = ()
    """All columns of the file, in order."""
    notes: tuple[tuple[str, str], ...] = ()
    recognised: str = ""
    """The layout and why, for people."""

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
    choice = _choice(source, header, path)
    layout = choice.preset or Preset("")
    names = Columns(header)
    rules = {
        name: found for name, rule in source.columns.items() if (found := names.rule(rule.names, rule.expr))
    }
    missing = tuple(note for key, wanted in _named(workspace, source) for note in names.missing(key, wanted))
    given = {*source.columns, *source.constants, *(() if not source.date_from else ("ts",))}
    rules |= {
        n: rule for n, tried in layout.columns.items() if n not in given and (rule := names.first(tried))
    }
    money = _currency(rules) if choice.preset and not _says_currency(source, layout, names) else None
    constants = {**layout.constants, **({"currency": money[0]} if money else {}), **source.constants}
    moments = _moments(source, layout, names)
    plan = Plan(
        names.narrowed(source, layout), source.table, choice.preset, rules, constants,
        source.event or (None if moments else names.event(layout, rules)), moments, (),
        tuple(dict.fromkeys((*source.null_values, *layout.null_values))),
        {**_scales(layout, rules), **source.scale},
        source.timezone or layout.timezone or workspace.console.timezone, workspace.console.timezone,
        None if "ts" in rules else file_day(source, path, layout.date_from), workspace, tuple(header),
        (*missing, *_notes(source, choice, money, rules)), _told(choice, header),
    )  # fmt: skip
    plan = replace(plan, rules=rules | _same_names(plan, header))
    keys = frozenset(map(fold, source.dedupe))
    # A column that is joined with others into one stays on its own where the key of duplicates names it.
    used = {
        name
        for _, rule in plan.all_rules()
        for name in rule.names
        if len(rule.names) == 1 or fold(name) not in keys
    }
    plan = replace(plan, props=tuple(name for name in header if name not in used))
    _complete(plan, header)
    return plan


def _moments(source: Source, layout: Preset, names: Columns) -> tuple[MomentPlan, ...]:
    """The moments of a row: the source's own, else those of its layout whose time column is there."""
    if source.moments:
        own = (
            (m.event, {n: names.rule(r.names, r.expr) for n, r in m.columns.items()}) for m in source.moments
        )
        return tuple(MomentPlan(event, {n: r for n, r in rules.items() if r}) for event, rules in own)
    if source.event:
        return ()
    tried = ((e, {n: names.first(each) for n, each in table.items()}) for e, table in layout.moments.items())
    found = ((event, {n: rule for n, rule in rules.items() if rule}) for event, rules in tried)
    return tuple(MomentPlan(event, rules) for event, rules in found if "ts" in rules)


def _says_currency(source: Source, layout: Preset, names: Columns) -> bool:
    """Whether a column or a constant says the currency."""
    given = {*source.columns, *source.constants, *layout.constants}
    return "currency" in given or any(map(names.find, (*layout.columns.get("currency", ()), "currency")))


def _currency(rules: Mapping[str, Rule]) -> tuple[str, str] | None:
    """(code, column) where the name of a column of money says the currency."""
    columns = [rules[n].names[0] for n in ("cost", "value") if n in rules and rules[n].names]
    return next(((code, name) for name in columns if (code := currency_in(name))), None)


def _notes(
    source: Source, choice: Choice, money: tuple[str, str] | None, rules: Mapping[str, Rule]
) -> Iterator[tuple[str, str]]:
    """(topic, sentence). The key of duplicates is the source's, as they are judged over all of its files: a
    layout that each file has by its header gives none."""
    if money:
        yield "currency", f'{money[0]}, in the name of "{money[1]}"'
    own = choice.preset is None and "currency" not in {*rules, *source.constants}
    if own and (said := _currency(rules)):
        code = f'constants = {{ currency = "{said[0]}" }}'
        yield "currency", f'not {said[0]}, though the name of "{said[1]}" holds it; {code} says it'
    if choice.preset and choice.preset.dedupe and not source.dedupe and source.preset is None:
        key = ", ".join(choice.preset.dedupe)
        yield "dedupe", f'none; preset = "{choice.preset.name}" takes that of the layout: {key}'
    for words in choice.near:
        yield "almost", words
    if source.table == "spend" and source.dedupe:
        yield "copies", f"by the key {', '.join(source.dedupe)}; `overlap` holds for spend without a key"


def _told(choice: Choice, header: Sequence[str]) -> str:
    """What a file was recognised as: `baidu_search (shipped), 11 of 11 columns: 百度搜索 · Baidu search`."""
    layout = choice.preset
    if layout is None:
        return ""
    origin = "looptop.toml" if layout.own else "shipped"
    count = f"{known(layout, Header(header))} of {len(header)} columns"
    label = " · ".join(dict.fromkeys(layout.label.values())) or layout.name
    return f"{layout.name} ({origin}), {count}: {label}" + (f"; {choice.why}" if choice.why else "")


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
    for test in source.quality:
        read = test.check.columns if test.check else {test.column or ""}
        yield f"quality rule {test.name}", sorted(name for name in read if name not in known and name != "ts")
    yield "dedupe", [name for name in source.dedupe if name not in known]


def _choice(source: Source, header: Sequence[str], path: str) -> Choice:
    if source.preset:
        layout = preset(source.preset, source.layouts)
        if source.guessed or layout.generic:
            found = choose(header, source.table, path, source.layouts)
            if found.preset is not None and found.preset.name == layout.name:
                return found
        return Choice(layout, near=near_misses((layout,), Header(header), strict=False))
    if source.columns or source.moments or source.event:
        return Choice()
    if (source.table == "spend" and {"ts", "cost"} <= set(header)) or (
        source.table == "events" and {"ts", "event"} <= set(header)
    ):
        return Choice()
    return choose(header, source.table, path, source.layouts)


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


def _scales(layout: Preset, rules: Mapping[str, Rule]) -> dict[str, str]:
    """A layout's scale is named by the file's column: it holds only where that column was taken."""
    folded = {fold(name): scale for name, scale in layout.scale.items()}
    return {n: folded[fold(r.names[0])] for n, r in rules.items() if r.names and fold(r.names[0]) in folded}


def _complete(plan: Plan, header: Sequence[str]) -> None:
    have = {*plan.rules, *plan.constants}
    columns = ", ".join(header[:30])
    needs_ts = plan.table in ("events", "spend") and not plan.moments and plan.file_day is None
    if needs_ts and "ts" not in have:
        patterns = date_patterns(plan.source)
        named = f" and its name no day ({patterns[0]})" if patterns else ""
        raise SourceError(f"no column gives ts{named}; the file has: {columns}. {_DATE_IT}")
    if plan.table == "events" and not plan.moments and plan.event is None and "event" not in have:
        raise SourceError(
            f'nothing says the event; the file has: {columns}. Say event = "order" in the source'
        )
    if plan.table == "targets" and (lost := {"period", "metric", "value"} - have):
        raise SourceError(f"no column gives {', '.join(sorted(lost))}; the file has: {columns}")

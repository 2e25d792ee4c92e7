"""What a workspace says about files and persons, validated and frozen: sources, lookups, channels, identity.

Every expression is kept parsed; durations are whole microseconds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from engine.expressions import Expression
from engine.schema import Table


@dataclass(frozen=True, slots=True)
class EventRule:
    """Where a row's event comes from: exactly one of constant, column or cases."""

    constant: str | None = None
    column: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    others: Literal["pass", "filter", "reject"] = "pass"
    cases: tuple[tuple[Expression, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ColumnRule:
    """Where a canonical column comes from: file columns (several: joined with a blank) or an expression."""

    names: tuple[str, ...] = ()
    expr: Expression | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """One of several events in a row: its time column and the columns that hold for it alone."""

    event: str
    columns: Mapping[str, ColumnRule]
    """Has `ts`."""


@dataclass(frozen=True, slots=True)
class QualityRule:
    """One thing that must hold for a source: exactly one of check, not_null, unique, allowed, max_empty.

    `limit`: the share of rows that may break it. `says`: the test in the words of the configuration.
    """

    name: str
    source: str
    column: str | None = None
    check: Expression | None = None
    not_null: bool = False
    unique: bool = False
    allowed: tuple[str, ...] = ()
    max_empty: float | None = None
    limit: float = 0.0
    severity: Literal["info", "warning", "error"] = "warning"
    action: Literal["report", "reject"] = "report"

    @property
    def says(self) -> str:
        if self.check is not None:
            return self.check.text
        if self.not_null:
            return f"{self.column} not_null"
        if self.unique:
            return f"{self.column} unique"
        if self.max_empty is not None:
            return f"{self.column} max_empty {self.max_empty:.6g}"
        return f"{self.column} allowed {', '.join(self.allowed)}"

    @property
    def at_ingest(self) -> bool:
        """Whether parts keep something for it; `max_empty` is read off their profiles."""
        return self.max_empty is None

    @property
    def by_row(self) -> bool:
        """Whether a row breaks it by itself."""
        return self.at_ingest and not self.unique

    @property
    def key(self) -> str:
        """Names what is tested: another name, severity or limit leaves it as it is."""
        return hashlib.sha256(f"{self.column}\x1f{self.says}".encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Preset:
    """A column layout: how the files of one report become facts.

    Wherever a column of the file is named, several names stand for one that may be written in several ways,
    the best first; `day+hour` joins two columns, `price*pieces` multiplies them, `= expression` computes.
    """

    name: str
    table: Table | None = None
    label: Mapping[str, str] = field(default_factory=dict)
    like: str | None = None
    """The layout whose keys hold where this one says nothing."""
    header: tuple[str, ...] = ()
    """The columns as the platform writes them."""
    needs: tuple[str, ...] = ()
    """A file is this layout when it has a column of each; names of one column are separated by `|`."""
    without: tuple[str, ...] = ()
    """A file that has one of these is not this layout."""
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    null_values: tuple[str, ...] = ()
    scale: Mapping[str, str] = field(default_factory=dict)
    """By column of the file: its unit holds only where that column was taken."""
    event: str | Mapping[str, Any] | None = None
    moments: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    where: str | None = None
    dedupe: tuple[str, ...] = ()
    keep: Literal["first", "last"] | None = None
    date_from: str | None = None
    timezone: str | None = None
    paths: tuple[str, ...] = ()
    """Words in a path that speak for this layout where several fit the header."""
    generic: bool = False
    """Taken only where no other layout fits."""
    weight: int = 0
    """Of two generic ones: added to the count of columns that each knows."""
    own: bool = False
    """True where looptop.toml says it."""

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Preset:
        """The layout of a `[[layout]]` table. Raises: TypeError for keys that are none."""
        values = dict(raw)
        if "columns" in values:
            values["columns"] = {name: _names(each) for name, each in values["columns"].items()}
        if "moments" in values:
            values["moments"] = {event: _moment(each) for event, each in values["moments"].items()}
        for name in ("header", "needs", "without", "null_values", "dedupe", "paths"):
            if name in values:
                values[name] = tuple(values[name])
        if values.get("date_from"):
            values["date_from"] = values["date_from"].removeprefix("file:")
        return cls(**values)


def _moment(value: Any) -> Mapping[str, tuple[str, ...]]:
    table = value if isinstance(value, Mapping) and "expr" not in value else {"ts": value}
    return {name: _names(each) for name, each in table.items()}


def _names(value: Any) -> tuple[str, ...]:
    if isinstance(value, Mapping):
        return (f"= {value['expr']}",)
    return (value,) if isinstance(value, str) else tuple(value)


@dataclass(frozen=True, slots=True)
class Source:
    name: str
    files: tuple[str, ...]
    table: Table
    preset: str | None = None
    columns: Mapping[str, ColumnRule] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    null_values: tuple[str, ...] = ()
    personal: frozenset[str] = frozenset()
    """Columns of persons' attributes, the file's own or canonical."""
    scale: Mapping[str, Literal["micros", "cents", "percent"]] = field(default_factory=dict)
    stale_after_us: int | None = None
    late_us: int | None = None
    """How long after a day its facts may still come or be restated."""
    overlap: Literal["newest", "sum", "conflict"] = "newest"
    event: EventRule | None = None
    dedupe: tuple[str, ...] = ()
    keep: Literal["first", "last"] = "first"
    moments: tuple[Moment, ...] = ()
    where: Expression | None = None
    encoding: str | None = None
    delimiter: str | None = None
    decimal: str | None = None
    sheet: str | None = None
    header_row: int | None = None
    no_header: bool = False
    date_format: str | None = None
    date_from: str | None = None
    """A strptime pattern that the file's name holds, or several separated by `|`; without `file:`."""
    year: int | None = None
    timezone: str | None = None
    sql: str | None = None
    """A statement whose rows are read in place of files."""
    connect_env: str | None = None
    """The environment variable that holds the address of its database."""
    cursor: str | None = None
    poll_us: int = 60_000_000
    timeout_us: int = 60_000_000
    quality: tuple[QualityRule, ...] = ()
    guessed: bool = False
    """True where no looptop.toml names this source: it was recognised by its header."""
    layouts: tuple[Preset, ...] = ()
    """The workspace's own layouts that its files may be read with."""


def currency_of(guessed: Iterable[Source]) -> str | None:
    """The currency that every source of money says, where they all say the same one."""
    said = {each.constants.get("currency") for each in guessed if each.table in ("events", "spend")}
    return said.pop() if len(said) == 1 else None


@dataclass(frozen=True, slots=True)
class Identity:
    priority: tuple[str, ...]
    limit: Mapping[str, int]
    fanout: Mapping[str, Mapping[str, int]]
    blocked_any: frozenset[str]
    blocked_types: Mapping[str, frozenset[str]]
    blocked_regex: Mapping[str, tuple[str, ...]]
    """Type (or `any`) → patterns."""
    always_link: tuple[tuple[str, str], ...] = ()
    never_link: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Lookup:
    """Columns by a key. `add` is the name of each column → the column of the file that gives it."""

    file: str
    on: str
    add: Mapping[str, str]
    column: str | None = None
    """The file's column with the key; None: the one of the same name as `on`."""
    valid_from: str | None = None
    valid_to: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    date_format: str | None = None
    null_values: tuple[str, ...] = ()
    line: int = 0
    """Where it begins in the configuration."""


@dataclass(frozen=True, slots=True)
class ChannelRule:
    when: Expression
    channel: str


@dataclass(frozen=True, slots=True)
class Traffic:
    """Which events no visitor made, and which hosts are one's own."""

    bots: bool = True
    user_agents: tuple[str, ...] = ()
    bot_column: str | None = None
    internal: tuple[Expression, ...] = ()
    sites: tuple[str, ...] = ()

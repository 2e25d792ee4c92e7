"""How good the files are: what is empty, rejected, new, gone, late, against a rule, or in dispute.

One `QualityAnswer` holds it all; nothing in it is read again from the files. Shares are fractions of the
rows named beside them, None where there is no row. Names of columns, values and files are hostile text.

- **A row is profiled** when it is accepted or rejected: total rows, repeated headers and what `where` or
  the event rule filtered are not in a profile. **Empty** is a blank cell or one of `null_values`.
- **New** values of a column were first seen on the source's newest day; **vanished** ones came in five rows
  or more and are silent for more than three of their usual intervals, or, of those that do not come every
  day, for longer than chance allows. Only texts of few distinct values have either, and only after a week
  of facts.
- **Drift** compares the header of each file with that of the file before it, by newest fact, then name. A
  key of JSON records counts where so many records would not be without it by chance.
- **Freshness** sets the age of the newest fact against the source's own rhythm (`Freshness`).
- **Late** rows were older, when their file was written, than rows of this source usually are.
- **Rules** are the `[[quality]]` tables; **disputes** are copies of a report that disagree where a source
  says `overlap = "conflict"`: the newest file counts, marked as disputed, until somebody takes one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

Severity = Literal["info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class SeenValue:
    """One value of a column: rows with it, first and last day with it, where it stands first."""

    value: str
    rows: int
    first: date | None
    last: date | None
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class ColumnQuality:
    """One column over all files of a source.

    `role`: `file` for a column as the files call it, `canonical` for what the mapping made of them (its
    rows are the accepted ones). `target`: the canonical column that it feeds, `props`, or None.
    `rows` of the files that have the column; `files`: how many have it. `kind`: what all its values are.
    `distinct` and `values`: None and empty where there are more than a profile keeps, or they are personal.
    `empty_at`: the first places where it is empty.
    """

    column: str
    role: Literal["file", "canonical"]
    target: str | None
    kind: str
    files: int
    rows: int
    empty: int
    empty_share: float | None
    rejected: int
    rejected_share: float | None
    distinct: int | None = None
    values: tuple[SeenValue, ...] = ()
    new: tuple[SeenValue, ...] = ()
    vanished: tuple[SeenValue, ...] = ()
    empty_at: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Drift:
    """What changed in the header between two files of a source that follow each other.

    `kind`: `added`, `gone`, `renamed` (gone and added alike in name and place: `was` is the former name) or
    `type` (`was` and `now` are kinds: text, number, boolean, time, empty).
    """

    source: str
    file: str
    before: str
    kind: Literal["added", "gone", "renamed", "type"]
    column: str
    was: str | None = None
    now: str | None = None


@dataclass(frozen=True, slots=True)
class Freshness:
    """How old the newest fact is, against what is usual.

    `usual_seconds`: the longest wait of an ordinary day between two hours with facts, days off left out;
    None with too little history. `lag_seconds`: the usual time from the newest fact of a file until the
    file was written, None where files were copied later. `limit_seconds`: older is stale. `basis`: where the
    limit comes from: `stale_after`, `rhythm`, or `none`. `open_seconds`: the age without days off.
    `overdue`: open age ÷ usual. `off`: weekdays without facts, 0 Monday. `live`: the newest file was written
    while its facts were fresh; a rhythm makes only a live source stale.
    """

    last_ts: datetime | None
    age_seconds: float | None
    open_seconds: float | None
    usual_seconds: float | None
    lag_seconds: float | None
    limit_seconds: float | None
    basis: Literal["stale_after", "rhythm", "none"]
    overdue: float | None = None
    off: tuple[int, ...] = ()
    live: bool = False
    stale: bool = False


@dataclass(frozen=True, slots=True)
class LateRows:
    """Accepted rows that were more than `after_days` old when their file was written.

    `measured`: rows of files whose time of writing says something; `files`: those with late rows, and how
    many. `after_days` None: too little is known of this source.
    """

    after_days: int | None
    measured: int
    rows: int
    share: float | None
    files: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class SourceQuality:
    """One source; `unreadable`: (file, why). `disputed`: rows that count although
    other files say otherwise and nobody has decided. Shares are of `rows`, the records of its files.
    `failed`: rules that failed, by severity.
    """

    name: str
    table: str
    files: int
    rows: int
    accepted: int
    rejected: int
    duplicates: int
    filtered: int
    rejected_share: float | None
    duplicate_share: float | None
    empty_share: float | None
    """Empty cells of all its columns ÷ cells."""
    freshness: Freshness
    late: LateRows
    drift: tuple[Drift, ...] = ()
    columns: tuple[ColumnQuality, ...] = ()
    unreadable: tuple[tuple[str, str], ...] = ()
    disputed: int = 0
    failed: Mapping[Severity, int] | None = None


@dataclass(frozen=True, slots=True)
class Violation:
    """A row that breaks a rule; `column` and `value` None where the whole row is meant."""

    rule: str
    source: str
    file: str
    line: int
    column: str | None
    value: str | None
    text: str = ""
    """The line itself, cut."""


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What became of one `[[quality]]` rule.

    `says`: the rule in words of the configuration (`clicks <= impressions`, `column not_null`).
    `checked` rows, `violations` of them; `share` = violations ÷ checked, `limit` of it (0 but for
    `max_empty` and `max_share`). `failed`: share above the limit. `first`:
    the first offenders by file and line.
    """

    name: str
    source: str
    column: str | None
    says: str
    severity: Severity
    action: Literal["report", "reject"]
    checked: int
    violations: int
    share: float | None
    limit: float
    failed: bool
    first: tuple[Violation, ...] = ()


@dataclass(frozen=True, slots=True)
class Copy:
    """One file's copy of a disputed day: its rows, their sums, first line; `counts`: it is in the numbers."""

    file: str
    written: datetime
    rows: int
    sums: Mapping[str, Decimal]
    line: int
    counts: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """Who took which file's copy, and when (naive UTC)."""

    take: str
    by: str
    at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class Dispute:
    """Files of a source that report one day differently.

    `id` names this disagreement: other numbers, or another file in it, are another dispute. `records`: how
    many combinations of dimensions disagree. `copies`: newest file first. `decision` None: nobody decided,
    the newest counts.
    """

    id: str
    source: str
    day: date
    records: int
    copies: tuple[Copy, ...]
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class QualityLine:
    """A line behind a number of a column. `what`: empty, rejected, new, or the name of the broken rule."""

    source: str
    file: str
    line: int
    column: str | None
    what: str
    value: str | None
    text: str = ""


@dataclass(frozen=True, slots=True)
class QualityAnswer:
    """All of it. `lines`: only where a source and a column were asked for. `failed`: rules of severity
    `error` that failed, by name."""

    as_of: datetime
    sources: tuple[SourceQuality, ...]
    rules: tuple[RuleResult, ...]
    disputes: tuple[Dispute, ...]
    lines: tuple[QualityLine, ...] = ()
    failed: tuple[str, ...] = ()

"""What was read: files, sources, rows and rejects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from engine.questions.quality import Freshness


@dataclass(frozen=True, slots=True)
class FileStatus:
    """One file: rows = accepted + rejected + duplicates + filtered, always."""

    file: str
    source: str
    table: str
    layout: str | None
    encoding: str | None
    rows: int
    accepted: int
    rejected: int
    duplicates: int
    filtered: int
    filtered_reasons: Mapping[str, int] = field(default_factory=dict)
    evidence: tuple[tuple[str, str], ...] = ()
    """What was decided about the file and why: (topic, sentence)."""
    mapping: tuple[tuple[str, str], ...] = ()
    """(file column, canonical column or `props`)."""
    error: str | None = None
    last_ts: datetime | None = None
    stale: str | None = None
    """Why its database could not be asked; the rows of the last poll stand."""


@dataclass(frozen=True, slots=True)
class SourceStatus:
    name: str
    table: str
    files: int
    rows: int
    accepted: int
    rejected: int
    duplicates: int
    filtered: int
    last_ts: datetime | None
    stale: bool
    stale_after_seconds: float | None = None
    age_seconds: float | None = None
    stale_reason: str | None = None
    """Why its database could not be asked; its last rows stand."""
    freshness: Freshness | None = None
    """Age against what is usual."""
    disputed: int = 0
    """Rows that count although other files of the source say otherwise and nobody has decided."""
    unreadable: int = 0
    """Files that cannot be read at all."""
    violations: Mapping[str, int] = field(default_factory=dict)
    """Rows that break a quality rule, by rule."""


@dataclass(frozen=True, slots=True)
class Status:
    as_of: datetime
    tables: Mapping[str, int]
    persons: int
    conflicts: int
    unconverted: int
    sources: tuple[SourceStatus, ...]
    files: tuple[FileStatus, ...]
    unmapped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reject:
    """One line that is in no number; `column` and `value` are None where the whole line is meant."""

    source: str
    file: str
    line: int
    column: str | None
    value: str | None
    reason: str
    text: str = ""
    """The line itself, cut."""


@dataclass(frozen=True, slots=True)
class RowsAnswer:
    """Rows of a canonical table: values in the order of `columns`; `total` before the limit."""

    table: str
    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    total: int

"""What ingest knows about files: found, taken in, and the parts that hold their rows."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any, get_args

from engine.ingest.write import write_aside
from engine.schema import Kind

FORMAT = "6"
"""Version of the part format: a new one has every file read again."""


HOURS_KEPT = 56 * 24
"""Of the hours with facts a part knows the last so many: enough to learn a rhythm of weeks."""


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file below the workspace; `source` None: no source's globs match it.

    A database source is found as well, under `database_path`; `due`: it is time to ask it.
    """

    path: str
    size: int
    mtime_ns: int
    inode: int
    source: str | None
    due: bool = False


@dataclass(frozen=True, slots=True)
class PartRef:
    """One immutable part: what a byte range of a file holds.

    `rows` = `accepted` + `rejected` + the counts in `filtered` (records; duplicates are judged later).
    `facts` are rows of the Parquet part. `ripens`: the moment from which a row that was rejected as
    lying in the future would be accepted. `hours`: runs (first, last) of hours since 1970 that have facts,
    of the part's last `HOURS_KEPT`.
    """

    id: str
    start: int
    end: int
    first_line: int
    next_line: int
    rows: int
    accepted: int
    facts: int
    rejected: int
    filtered: tuple[tuple[str, int], ...]
    first_ts: datetime | None
    last_ts: datetime | None
    days: tuple[date, ...]
    props: tuple[tuple[str, Kind], ...]
    ripens: datetime | None = None
    turn: int = 0
    """Number of the poll that gave the rows; 0 for files. A later poll is a newer export."""
    hours: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class FileState:
    """One file as it was taken in. `error` is set where it could not be read at all: then it has no parts.

    `stale`: why a database could not be asked; the rows of the last poll stand.
    `erasures`: names the set of erased persons that its parts are known to be clean of.
    `oldest`: the day before which facts were left out when it was read.
    """

    path: str
    source: str
    table: str
    size: int
    mtime_ns: int
    inode: int
    sha256: str = ""
    mapping: str = ""
    parts: tuple[PartRef, ...] = ()
    layout: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    decisions: str = "{}"
    evidence: tuple[tuple[str, str], ...] = ()
    columns: tuple[tuple[str, str], ...] = ()
    error: str | None = None
    stale: str | None = None
    erasures: str = ""
    oldest: str = ""

    @property
    def rows(self) -> int:
        """Records of the file, a file that cannot be read counting as one rejected record."""
        return sum(part.rows for part in self.parts) + (self.error is not None)

    @property
    def accepted(self) -> int:
        return sum(part.accepted for part in self.parts)

    @property
    def rejected(self) -> int:
        return sum(part.rejected for part in self.parts) + (self.error is not None)

    @property
    def filtered(self) -> int:
        return sum(count for part in self.parts for _, count in part.filtered)

    def to_json(self) -> str:
        """The state as JSON text."""
        return json.dumps(_plain(self), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> FileState:
        """The state that `to_json` wrote. Raises: ValueError, KeyError or TypeError for any other text."""
        return _file_state(json.loads(text))


def _plain(value: Any) -> Any:
    if isinstance(value, FileState | PartRef):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


def _pairs(value: Iterable[Iterable[Any]]) -> tuple[tuple[Any, Any], ...]:
    return tuple((first, second) for first, second in value)


def _moment(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)


def _part(raw: Mapping[str, Any]) -> PartRef:
    moments = {name: _moment(raw[name]) for name in ("first_ts", "last_ts", "ripens")}
    props = _pairs(raw["props"])
    if any(kind not in get_args(Kind) for _, kind in props):
        raise ValueError("unknown kind of a prop")
    return PartRef(
        **{**raw, **moments, "filtered": _pairs(raw["filtered"]), "props": props,
           "hours": _pairs(raw["hours"]),
           "days": tuple(date.fromisoformat(day) for day in raw["days"])}
    )  # fmt: skip


def _file_state(raw: Mapping[str, Any]) -> FileState:
    parts = tuple(_part(part) for part in raw["parts"])
    return FileState(
        **{**raw, "parts": parts, "evidence": _pairs(raw["evidence"]), "columns": _pairs(raw["columns"])}
    )


def part_path(cache: Path, part: PartRef) -> Path:
    """The Parquet file of a part's rows."""
    return cache / "parts" / f"{part.id}.parquet"


def rejects_path(cache: Path, part: PartRef) -> Path:
    """The Parquet file of a part's rejects; there is none where nothing was rejected."""
    return cache / "parts" / f"{part.id}.rejects.parquet"


def profile_path(cache: Path, part: str) -> Path:
    """The JSON file of what a part, by its name, says of its columns."""
    return cache / "parts" / f"{part}.profile.json"


def violations_path(cache: Path, part: PartRef) -> Path:
    """The Parquet file of the rows that break a quality rule; there is none where no row does."""
    return cache / "parts" / f"{part.id}.violations.parquet"


def keys_path(cache: Path, part: PartRef, rule: str) -> Path:
    """The Parquet file of the values that a rule of uniqueness compares."""
    return cache / "parts" / f"{part.id}.{rule}.keys.parquet"


def complete(cache: Path, state: FileState) -> bool:
    """Whether everything that the state names is in the cache."""
    return all(
        part_path(cache, part).exists()
        and profile_path(cache, part.id).exists()
        and (not part.rejected or rejects_path(cache, part).exists())
        for part in state.parts
    )


def ripe(state: FileState, now: datetime) -> bool:
    """Whether a row that was rejected as future would now be accepted."""
    return any(part.ripens is not None and part.ripens <= now for part in state.parts)


def manifest_save(cache: Path, states: Mapping[str, FileState]) -> None:
    """Writes what is known of each file, by path, aside and renamed."""
    files = [_plain(states[path]) for path in sorted(states)]
    text = json.dumps({"format": FORMAT, "files": files}, ensure_ascii=False, separators=(",", ":"))
    write_aside(cache / "manifest.json", text.encode())


def manifest_load(cache: Path) -> dict[str, FileState]:
    """What is known of each file, by path; empty where there is no manifest or it cannot be read."""
    try:
        raw = json.loads((cache / "manifest.json").read_bytes())
        if raw["format"] != FORMAT:
            return {}
        states = [_file_state(item) for item in raw["files"]]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return {state.path: state for state in states}


def sweep(cache: Path, states: Collection[FileState]) -> None:
    """Deletes parts and fingerprints that no state uses. Only the refresher may call it."""
    used = {part.id for state in states for part in state.parts}
    prints = {f"{state.sha256}-{state.mapping}" for state in states}
    for pattern in ("*.parquet", "*.profile.json"):
        for path in (cache / "parts").glob(pattern):
            if path.name.split(".")[0] not in used:
                path.unlink(missing_ok=True)
    for path in (cache / "files").glob("*.json"):
        if path.stem not in prints:
            path.unlink(missing_ok=True)


def remember(cache: Path, state: FileState) -> None:
    """Keeps the state under its content, so that the same bytes under another name need no reading."""
    write_aside(cache / "files" / f"{state.sha256}-{state.mapping}.json", state.to_json().encode())


def recall(cache: Path, sha256: str, mapping: str) -> FileState | None:
    """The state of a file with the same bytes and the same mapping, if all of it is still there."""
    path = cache / "files" / f"{sha256}-{mapping}.json"
    try:
        state = FileState.from_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return state if complete(cache, state) else None


def stat_of(info: os.stat_result) -> tuple[int, int, int]:
    """Size, mtime in ns and inode: what changes when a file does."""
    return info.st_size, info.st_mtime_ns, info.st_ino

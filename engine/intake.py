"""The configuration and the files as they are now: read what changed, keep what did not."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from engine.errors import ConfigurationError, Fault, UsageError
from engine.ingest import FileState, FoundFile, manifest_load, manifest_save, scan, take_in, take_in_lookup
from engine.ingest.erased import ANYTHING, NOBODY, Allowed, Erased
from engine.ingest.lookup import faults as lookup_faults
from engine.ingest.scan import stamps
from engine.metrics import BUILTIN
from engine.publish.definitions import file_props
from engine.publish.retention import kept_from
from engine.schema import TABLES, Kind, Table
from engine.state import State
from engine.store.lookups import Doubled
from engine.workspace import CONFIGURATION, Workspace, default_workspace, load

_TYPO = 0.8
_SIDE_BY_SIDE = 4
_HEADS = 200
"""Files whose headers are looked at before the configuration is in force."""
_DATA_SUFFIXES = frozenset(
    (
        ".csv",
        ".tsv",
        ".txt",
        ".json",
        ".jsonl",
        ".ndjson",
        ".parquet",
        ".xlsx",
        ".xls",
        ".xlsm",
        ".ods",
        ".html",
        ".htm",
        ".gz",
        ".zst",
    )
)
"""A file of another kind that no source claims is not missed: nobody expects it to be read."""


@dataclass
class Intake:
    """Workspace and file states of one directory.

    `faults`: why the configuration in the file is not in force.
    """

    root: Path
    state: State
    config: Path | None = None
    workspace: Workspace | None = None
    files: dict[str, FileState] = field(default_factory=dict)
    lookups: tuple[FileState, ...] = ()
    """What the lookups' files hold, in the order of the lookups."""
    unmapped: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    allowed: Allowed = ANYTHING
    """What parts may hold; set before each reading."""
    retain: bool = True
    """False: facts of any age are read, for a dry run."""
    _known: dict[str, FileState] | None = None
    _asked: dict[str, datetime] = field(default_factory=dict)
    """When each database source was asked last."""
    _stamp: tuple[int, int, int] | None = None
    _beside: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    _checked: tuple[object, object, tuple[Fault, ...]] | None = None
    """Stamp of the configuration and columns of the files that were checked last, and what was wrong."""

    def configure(self) -> bool:
        """Read looptop.toml if it changed; whether another configuration is in force now.

        Raises: ConfigurationError where there is no good configuration to keep; UsageError where the
                directory is not there.
        """
        if not self.root.is_dir():
            raise UsageError(f"no directory {self.root}; nothing was read")
        stamp = _stamp(self.config or self.root / CONFIGURATION)
        if self.workspace is not None and stamp == self._stamp and not self.workspace_is_guess:
            return False
        try:
            found = self._load()
        except ConfigurationError as error:
            self._stamp = stamp
            self.faults = error.faults
            if self.workspace is None:
                raise ConfigurationError({*error.faults, *self._misspelt()}) from error
            return False
        changed = self.workspace is None or found != self.workspace
        self.workspace, self._stamp, self.faults = found, stamp, ()
        if changed:
            self._asked.clear()
        return changed

    @property
    def workspace_is_guess(self) -> bool:
        """Whether the sources were recognised by their headers: new files may change them."""
        return (self.workspace is not None and any(source.guessed for source in self.workspace.sources)) or (
            self.workspace is not None and not self.workspace.sources
        )

    def read(self, wall: datetime, erased: Erased = NOBODY) -> tuple[str, ...]:
        """Take in every file that is new or changed; the paths that changed, came or went.

        In:  the wall clock in naive UTC (facts more than a day after it are rejects); who was erased.
        """
        self.allowed = replace(self.allowed, erased=erased)
        if self._known is None:
            self._known = manifest_load(self.state.cache)
        self._age(wall, self.files or self._known)
        touched = self._read(wall)
        if self._age(wall, self.files) and not all(map(self.allowed.holds, self.files.values())):
            touched = tuple(sorted({*touched, *self._read(wall)}))
        return touched

    def _age(self, wall: datetime, states: Mapping[str, FileState]) -> bool:
        """Move the oldest days that are kept with the console's clock; whether they moved."""
        assert self.workspace is not None
        before = self.allowed.oldest
        oldest = kept_from(self.workspace.console, wall, states.values()) if self.retain else {}
        self.allowed = replace(self.allowed, oldest=oldest)
        return oldest != before

    def _read(self, wall: datetime) -> tuple[str, ...]:
        assert self.workspace is not None
        due = self.due(wall)
        self._asked |= dict.fromkeys(due, wall)
        found = [replace(one, due=one.source in due) for one in scan(self.workspace)]
        owned = [one for one in found if one.source is not None]
        files = dict(zip((one.path for one in owned), self._take_in_all(owned, wall), strict=True))
        touched = tuple(
            sorted(
                path for path in files.keys() | self.files.keys() if files.get(path) != self.files.get(path)
            )
        )
        self.unmapped = tuple(
            one.path
            for one in found
            if one.source is None and _DATA_SUFFIXES & set(Path(one.path.lower()).suffixes)
        )
        self.files = files
        touched += self._take_in_lookups(wall)
        before, self._beside = self._beside, stamps(self.workspace)
        touched += tuple(sorted({name for name, _ in before.items() ^ self._beside.items()}))
        everything = files | {state.path: state for state in self.lookups}
        if everything != self._known:
            self._known = everything
            manifest_save(self.state.cache, everything)
        return touched

    def due(self, wall: datetime) -> frozenset[str]:
        """Names of the database sources that it is time to ask: each at the start, then by its own `poll`."""
        return frozenset(
            source.name
            for source in (self.workspace.sources if self.workspace else ())
            if source.sql is not None
            and (
                (last := self._asked.get(source.name)) is None
                or not last <= wall < last + timedelta(microseconds=source.poll_us)
            )
        )

    def _take_in_lookups(self, wall: datetime) -> tuple[str, ...]:
        """Bring the lookups up to date; the paths of those whose files changed."""
        assert self.workspace is not None
        before, known = self.lookups, self._known or {}
        self.lookups = tuple(
            take_in_lookup(
                self.workspace, each, known.get(each.file), self.state.cache, wall, allowed=self.allowed
            )
            for each in self.workspace.lookups
        )
        return tuple(dict.fromkeys(state.path for state in self.lookups if state not in before))

    def _take_in_all(self, found: Sequence[FoundFile], wall: datetime) -> Iterable[FileState]:
        """Files are read side by side: most of the work waits for the disk or runs outside Python."""
        workspace, cache, known = self.workspace, self.state.cache, self._known or {}
        assert workspace is not None

        def before(one: FoundFile) -> FileState | None:
            return self.files.get(one.path) or known.get(one.path)

        def take(one: FoundFile) -> FileState:
            return take_in(workspace, one, before(one), cache, wall, allowed=self.allowed)

        others = [one for one in found if (last := before(one)) is None or not _unchanged(one, last)]
        if len(others) < _SIDE_BY_SIDE:
            return [take(one) for one in found]
        with ThreadPoolExecutor(max_workers=min(os.cpu_count() or 2, 4)) as pool:
            return list(pool.map(take, found))

    def check_columns(self) -> tuple[Fault, ...]:
        """Columns that definitions name and no file has, now that the files are known."""
        if self.workspace is None or self.workspace.file is None or not self.files:
            return ()
        props = file_props(self.files.values())
        tables: tuple[Table, ...] = ("events", "spend", "profiles")
        there = {table: props.get(table, {}) for table in tables}
        headers = {name for state in self.files.values() for name, _ in state.columns}
        if self._checked is None or self._checked[:2] != (self._stamp, (there, headers)):
            faults: tuple[Fault, ...] = ()
            try:
                load(self.root, self.config, builtin=BUILTIN, props=there, headers=headers, presets=_presets)
            except ConfigurationError as error:
                faults = error.faults
            self._checked = (self._stamp, (there, headers), faults)
        return self._checked[2]

    def check_lookups(self, doubled: Mapping[int, Sequence[Doubled]]) -> tuple[Fault, ...]:
        """What is wrong with the lookups' files.

        In:  keys that a file has twice with other values, by the number of the lookup from 1.
        """
        workspace = self.workspace
        if workspace is None or workspace.file is None:
            return ()
        found: list[Fault] = []
        for number, (lookup, state) in enumerate(zip(workspace.lookups, self.lookups, strict=True)):
            found += lookup_faults(lookup, state, (workspace.file.name, lookup.line), number)
            for each in doubled.get(number + 1, ()):
                words = f'"{each.key}" stands in line {each.kept} with other values, which hold'
                found.append(Fault(lookup.file, each.line, f"lookup[{number}].on", words))
        return tuple(found)

    def _misspelt(self) -> tuple[Fault, ...]:
        """Columns that definitions misspell, by the headers: with a faulty configuration no file was read."""
        from engine.ingest.recognition import header_of
        from engine.ingest.scan import files_below

        heads = [header_of(self.root / path) for path in files_below(self.root)[:_HEADS]]
        names: dict[str, Kind] = {name: "text" for head in heads for name in head}
        try:
            load(
                self.root, self.config, builtin=BUILTIN, props=dict.fromkeys(TABLES, names), presets=_presets
            )
        except ConfigurationError as error:
            return typos(error.faults)
        return ()

    def _load(self) -> Workspace:
        path = self.config or self.root / CONFIGURATION
        if self.config is None and not path.exists():
            from engine.ingest import recognise

            return default_workspace(self.root, recognise(self.root), builtin=BUILTIN)
        found = load(self.root, self.config, builtin=BUILTIN, presets=_presets)
        if found.sources:
            from engine.ingest import keyed

            return replace(found, sources=tuple(keyed(source) for source in found.sources))
        from engine.ingest import recognise

        guessed = recognise(self.root, found.layouts)
        return load(self.root, self.config, guessed, builtin=BUILTIN, presets=_presets)


def _presets() -> tuple[str, ...]:
    """Names of the shipped layouts, read when a source or a layout names one."""
    from engine.ingest import preset_names

    return preset_names()


def typos(faults: tuple[Fault, ...]) -> tuple[Fault, ...]:
    """Of the columns that no file has, those that are one slip away from a column that is there.

    A column that is merely absent may come with tomorrow's file; a misspelt one never will.
    """
    return tuple(fault for fault in faults if fault.nearest and _close(fault.message, fault.nearest))


def _unchanged(found: FoundFile, known: FileState) -> bool:
    same = (found.size, found.mtime_ns, found.inode) == (known.size, known.mtime_ns, known.inode)
    return same and not found.due


def _close(message: str, near: str) -> bool:
    named = re.search(r'"([^"]+)"', message)
    return named is not None and difflib.SequenceMatcher(None, named[1], near).ratio() >= _TYPO


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        info = path.stat()
    except OSError:
        return None
    return info.st_mtime_ns, info.st_size, info.st_ino

"""Files, sources and tables: what was read, what was not, and how old it is."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from engine.identity import mask_text
from engine.ingest.lookup import added
from engine.ingest.state import FileState
from engine.quality import Sums, calendar, disputed_rows, files_of, freshness, results
from engine.questions import FileStatus, Freshness, SourceStatus, Status
from engine.store.select import Select
from engine.workspace.model import Source

if TYPE_CHECKING:
    from engine.store import Store
    from engine.workspace.model import Workspace


def status(
    store: Store,
    workspace: Workspace,
    states: Mapping[str, FileState],
    unmapped: Sequence[str],
    as_of: datetime,
    *,
    sums: Sums,
) -> Status:
    """Counts of every file and source; rows = accepted + rejected + duplicates + filtered for each.

    In:  the states of the files present, by path; files that no source owns; the clock, naive UTC; the
         sums of the files. Raises: ConfigurationError for a calendar file that cannot be read.
    """
    losers = _losers(store)
    newest = _newest(store)
    disputed, days = disputed_rows(store), calendar(workspace)
    files = tuple(
        _file(
            state,
            losers.get(path, 0),
            disputed.get((path, False), 0),
            exports=store.settings.judged.get(state.source) == "newest",
        )
        for path, state in sorted(states.items())
    )
    counted = Counter({path: count for (path, kept), count in disputed.items() if kept})
    sources = tuple(
        _source(
            source,
            files,
            freshness(source, files_of(states, source.name), newest.get(source.name), as_of, days),
            counted,
            _violations(source, states, sums),
        )
        for source in workspace.sources
    )
    tables = {table: _count(store, table) for table in ("events", "spend", "profiles")}
    people = _count(store, "people") if "people" in store.derived else 0
    unconverted = store.rows("SELECT coalesce(sum(facts), 0) FROM unconverted")[0][0]
    conflicts = _count(store, "conflicts")
    return Status(
        as_of, tables, people, conflicts, int(str(unconverted)), sources, files, tuple(sorted(unmapped))
    )


def _count(store: Store, relation: str) -> int:
    return int(str(store.rows(Select(relation, (("count(*)", "n"),)).sql())[0][0]))


def _losers(store: Store) -> dict[str, int]:
    """Records per file that do not count because another copy does."""
    found: Counter[str] = Counter()
    for table in ("events", "spend", "profiles"):
        judged = any(
            one.source in store.settings.judged for one in store.instances.values() if one.table == table
        )
        if not judged:
            continue
        select = Select(
            f"raw_{table} r",
            (("p.file", "file"), ("count(DISTINCT r.line)", "records")),
            joins=("JOIN parts p ON p.part = r.part",),
            where=("NOT r.kept",),
            group=("p.file", "r.part"),
        )
        for file, count in store.rows(select.sql()):
            found[str(file)] += int(str(count))
    return dict(found)


def _newest(store: Store) -> dict[str, datetime]:
    """Moment of the newest fact by source; on replay only facts that exist by then."""
    found: dict[str, datetime] = {}
    if store.settings.until is None:
        for one in store.instances.values():
            if one.last_ts is not None:
                found[one.source] = max(one.last_ts, found.get(one.source, one.last_ts))
        return found
    for table in ("events", "spend"):
        select = Select(f"raw_{table}", (("source", "source"), ("max(ts)", "ts")), group=("source",))
        for source, moment in store.rows(select.sql()):
            if isinstance(moment, datetime):
                found[str(source)] = moment
    return found


def _violations(source: Source, states: Mapping[str, FileState], sums: Sums) -> dict[str, int]:
    """Rows that break each rule of the source; without rules no profile is read."""
    if not source.quality:
        return {}
    found = results((source,), {source.name: files_of(states, source.name)}, sums, 0)
    return {one.name: one.violations for one in found}


def _file(state: FileState, losers: int, disputed: int, *, exports: bool) -> FileStatus:
    """`losers`: its records that do not count because another copy does: as duplicates of a key, or, of a
    source that is judged by its re-`exports`, as filtered."""
    reasons: Counter[str] = Counter()
    for part in state.parts:
        for reason, count in part.filtered:
            reasons[reason] += count
    superseded = losers if exports else 0
    if superseded > disputed:
        reasons["superseded"] = superseded - disputed
    if disputed:
        reasons["conflicting"] = disputed
    moments = [part.last_ts for part in state.parts if part.last_ts is not None]
    return FileStatus(
        file=state.path,
        source=state.source,
        table=state.table,
        layout=state.layout,
        encoding=state.encoding,
        rows=state.rows,
        accepted=state.accepted - losers,
        rejected=state.rejected,
        duplicates=losers - superseded,
        filtered=state.filtered + superseded,
        filtered_reasons=dict(reasons),
        evidence=tuple((topic, mask_text(sentence)) for topic, sentence in state.evidence),
        mapping=state.columns,
        error=state.error,
        stale=state.stale,
        last_ts=max(moments, default=None),
    )


def lookups(workspace: Workspace, states: Sequence[FileState]) -> tuple[FileStatus, ...]:
    """The files of [[lookup]], each with what its columns are to the facts; others than that are left out."""
    found = []
    for lookup, state in zip(workspace.lookups, states, strict=True):
        keys = {"key": lookup.on, "valid_from": "valid_from", "valid_to": "valid_to"}
        mapping = [(column, keys[canonical]) for column, canonical in state.columns if canonical in keys]
        mapping += [(column, name) for name, column in added(lookup, state).items() if column is not None]
        found.append(replace(_file(state, 0, 0, exports=False), mapping=tuple(mapping)))
    return tuple(found)


def _source(
    source: Source,
    files: Sequence[FileStatus],
    fresh: Freshness,
    disputed: Mapping[str, int],
    violations: Mapping[str, int],
) -> SourceStatus:
    mine = [file for file in files if file.source == source.name]
    sums: dict[str, int] = defaultdict(int)
    for file in mine:
        for name in ("rows", "accepted", "rejected", "duplicates", "filtered"):
            sums[name] += getattr(file, name)
    limit = source.stale_after_us / 1e6 if source.stale_after_us is not None else None
    reason = next((file.stale for file in mine if file.stale), None)
    return SourceStatus(
        name=source.name,
        table=source.table,
        files=len(mine),
        rows=sums["rows"],
        accepted=sums["accepted"],
        rejected=sums["rejected"],
        duplicates=sums["duplicates"],
        filtered=sums["filtered"],
        last_ts=fresh.last_ts,
        stale=reason is not None or fresh.stale,
        stale_after_seconds=limit,
        age_seconds=fresh.age_seconds,
        stale_reason=reason,
        freshness=fresh,
        disputed=sum(disputed.get(file.file, 0) for file in mine),
        unreadable=sum(file.error is not None for file in mine),
        violations=violations,
    )

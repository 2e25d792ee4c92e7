"""The answer to `looptop quality`: every source with its columns, drift, freshness, rules and disputes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from engine.errors import UnknownName
from engine.ingest import FileState, rejects
from engine.quality.columns import columns, empty_share
from engine.quality.drift import drift
from engine.quality.late import late_rows
from engine.quality.rules import offenders, results
from engine.quality.sums import Sums
from engine.questions import (
    ColumnQuality,
    Dispute,
    QualityAnswer,
    QualityLine,
    RuleResult,
    SourceQuality,
    SourceStatus,
    Status,
)
from engine.workspace.model import Workspace

LINES = 200
"""So many lines of a column are told."""


def quality(
    workspace: Workspace,
    status: Status,
    states: Mapping[str, FileState],
    sums: Sums,
    disputes: Sequence[Dispute],
    *,
    source: str | None = None,
) -> QualityAnswer:
    """The quality of all sources, or of one.

    In:  the status of the version; its files by path. Raises: UnknownName.
    """
    names = [each.name for each in workspace.sources]
    if source is not None and source not in names:
        raise UnknownName("source", source, names)
    wanted = [each for each in workspace.sources if source in (None, each.name)]
    files = {each.name: files_of(states, each.name) for each in wanted}
    found = results(wanted, files, sums)
    zone = workspace.console.timezone
    told = [_source(one, files[one.name], sums, found, zone) for one in status.sources if one.name in files]
    failed = tuple(result.name for result in found if result.failed and result.severity == "error")
    mine = tuple(one for one in disputes if one.source in files)
    return QualityAnswer(status.as_of, tuple(told), found, mine, failed=failed)


def files_of(states: Mapping[str, FileState], source: str) -> list[FileState]:
    """The files of a source, by path."""
    return [state for _, state in sorted(states.items()) if state.source == source]


def _source(
    status: SourceStatus, files: Sequence[FileState], sums: Sums, found: Sequence[RuleResult], zone: str
) -> SourceQuality:
    told = columns([(state, sums.of(state)) for state in files])
    failed = Counter(result.severity for result in found if result.source == status.name and result.failed)
    assert status.freshness is not None
    return SourceQuality(
        name=status.name,
        table=status.table,
        files=status.files,
        rows=status.rows,
        accepted=status.accepted,
        rejected=status.rejected,
        duplicates=status.duplicates,
        filtered=status.filtered,
        rejected_share=status.rejected / status.rows if status.rows else None,
        duplicate_share=status.duplicates / status.rows if status.rows else None,
        empty_share=empty_share(told),
        freshness=status.freshness,
        late=late_rows(files, sums, zone),
        drift=drift(files, sums),
        columns=told,
        unreadable=tuple((state.path, state.error) for state in files if state.error is not None),
        disputed=status.disputed,
        failed={severity: failed[severity] for severity in ("error", "warning", "info")},
    )


def lines_of(
    workspace: Workspace, states: Mapping[str, FileState], sums: Sums, answer: QualityAnswer, column: str
) -> QualityAnswer:
    """The answer about one source with the lines behind a column: rejects, breaches, empty cells, values.

    In:  the answer about one source; a column of it. Raises: UnknownName.
    """
    told = answer.sources[0]
    mine = [one for one in told.columns if one.column == column]
    if not mine:
        raise UnknownName("column", column, [one.column for one in told.columns])
    source = next(one for one in workspace.sources if one.name == told.name)
    files = files_of(states, told.name)
    lines = [*_rejected(files, sums, column)]
    for rule in source.quality:
        read = rule.check.columns if rule.check is not None else {rule.column}
        if column in read:
            lines += [
                QualityLine(one.source, one.file, one.line, one.column, one.rule, one.value, one.text)
                for one in offenders(source, rule, files, sums)
            ]
    lines += _seen(told.name, mine)
    rules = tuple(one for one in answer.rules if one.column in (column, None))
    return replace(
        answer, sources=(replace(told, columns=tuple(mine)),), rules=rules, lines=tuple(lines[:LINES])
    )


def _rejected(files: Sequence[FileState], sums: Sums, column: str) -> Iterator[QualityLine]:
    for state in files:
        for one in rejects(sums.cache, state):
            if one.column == column:
                yield QualityLine(
                    one.source, one.file, one.line, one.column, f"rejected: {one.reason}", one.value, one.text
                )


def _seen(source: str, columns: Sequence[ColumnQuality]) -> Iterator[QualityLine]:
    for column in columns:
        for file, line in column.empty_at:
            yield QualityLine(source, file, line, column.column, "empty", None)
        for what, values in (("new", column.new), ("vanished", column.vanished)):
            for one in values:
                yield QualityLine(source, one.file, one.line, column.column, what, one.value)

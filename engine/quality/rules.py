"""What became of every `[[quality]]` rule over all files of its source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from engine.ingest import FileState
from engine.quality.sums import Sums
from engine.questions import RuleResult, Violation
from engine.workspace.model import QualityRule, Source

SHOWN = 20
"""So many offenders are told with a result."""


def results(
    sources: Sequence[Source], files: Mapping[str, Sequence[FileState]], sums: Sums, shown: int = SHOWN
) -> tuple[RuleResult, ...]:
    """A result per rule, in the order of sources and rules.

    In:  the files of each source, by path; how many offenders are told.
    """
    return tuple(
        _result(source, rule, files.get(source.name, ()), sums, shown)
        for source in sources
        for rule in source.quality
    )


def _result(
    source: Source, rule: QualityRule, files: Sequence[FileState], sums: Sums, shown: int
) -> RuleResult:
    checked, count, first = _counted(source, rule, files, sums, shown)
    share = count / checked if checked else None
    limit = rule.limit if rule.max_empty is None else rule.max_empty
    return RuleResult(
        name=rule.name,
        source=source.name,
        column=rule.column,
        says=rule.says,
        severity=rule.severity,
        action=rule.action,
        checked=checked,
        violations=count,
        share=share,
        limit=limit,
        failed=share is not None and share > limit,
        first=first,
    )


def _counted(
    source: Source, rule: QualityRule, files: Sequence[FileState], sums: Sums, shown: int
) -> tuple[int, int, tuple[Violation, ...]]:
    """Rows checked, rows that break it, and the first of them."""
    if rule.max_empty is not None:
        return _empty(source, rule, files, sums, shown)
    counts = [sums.of(state).broken.get(rule.key, (0, 0)) for state in files]
    checked, count = sum(one for one, _ in counts), sum(broken for _, broken in counts)
    if rule.unique:
        count, repeats = _repeated(source, rule, files, sums)
        return checked, count, repeats[:shown]
    return checked, count, tuple(islice(offenders(source, rule, files, sums), shown if count else 0))


def offenders(
    source: Source, rule: QualityRule, files: Sequence[FileState], sums: Sums
) -> Iterator[Violation]:
    """The kept offenders of a rule, by file and line."""
    from engine.ingest.rules import violations

    for state in files:
        if sums.of(state).broken.get(rule.key, (0, 0))[1]:
            found = [
                one
                for part in state.parts
                for one in violations(sums.cache, source, state.path, part)
                if one.rule == rule.name
            ]
            yield from sorted(found, key=lambda one: one.line)


def _repeated(
    source: Source, rule: QualityRule, files: Sequence[FileState], sums: Sums
) -> tuple[int, tuple[Violation, ...]]:
    """Judged over all files of the source; the verdict is kept while its parts stay the same."""
    parts = tuple((state.path, part) for state in files for part in state.parts)
    key = (rule.key, rule.name, tuple((path, part.id) for path, part in parts))
    known = sums.repeats.get(source.name + rule.key)
    if known is None or known[0] != key:
        from engine.ingest.rules import repeated

        count, first = repeated(sums.cache, source, rule, parts)
        known = sums.repeats[source.name + rule.key] = (key, count, tuple(first))
    return known[1], known[2]


def _empty(
    source: Source, rule: QualityRule, files: Sequence[FileState], sums: Sums, shown: int
) -> tuple[int, int, tuple[Violation, ...]]:
    """Read off the profiles: the file's own column, else the canonical one."""
    rows, count, first = 0, 0, list[Violation]()
    for state in files:
        profile, name = sums.of(state), rule.column or ""
        if name in profile.columns:
            mine = profile.columns[name]
            rows, count = rows + mine.rows, count + mine.empty
            first += [Violation(rule.name, source.name, state.path, at, name, None) for at in mine.empty_at]
        else:
            filled = profile.canonical.get(name, 0)
            rows, count = rows + profile.accepted, count + profile.accepted - filled
    return rows, count, tuple(first[:shown])

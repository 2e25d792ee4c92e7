"""`looptop quality`: what is empty, rejected, new, late, against a rule or in dispute; and deciding that."""

from __future__ import annotations

import getpass
from argparse import Namespace
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from engine.errors import UsageError
from engine.questions import QualityAnswer, SourceQuality
from tui.commands.output import iso, number, table, write, write_json
from tui.commands.words import heads, word
from tui.harmless import harmless
from tui.opening import language, opened

SHOWN = 20
"""So many lines of a table of text."""


def run(arguments: Namespace) -> int:
    """Decide disputes where asked, then print; with `--fail`, 1 where a rule of severity error failed."""
    if bool(arguments.decide) != bool(arguments.take):
        raise UsageError("a dispute is decided by --decide ID with --take FILE")
    with opened(arguments) as session:
        console = session.workspace.console
        if arguments.decide:
            for one in arguments.decide:
                by = arguments.by or console.user or getpass.getuser()
                session.take(one, arguments.take, by=by, note=arguments.note or "")
            session.refresh()
        found = session.quality(arguments.source, arguments.column, reveal=arguments.reveal)
    if arguments.json:
        write_json(plain(found), console.timezone)
    else:
        write("\n\n".join(to_text(found, console.timezone, language(arguments, console.language))))
    return int(bool(arguments.fail and found.failed))


def plain(value: Any) -> Any:
    """An answer as JSON has it: every field under its name."""
    if is_dataclass(value):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    return value


def to_text(found: QualityAnswer, timezone: str, lang: str) -> Iterator[str]:
    """A table of sources, then rules, disputes and drift; columns and lines where one source was asked."""
    yield f"{word('as_of', lang)} {iso(found.as_of, timezone)}"
    yield _sources(found, timezone, lang)
    if found.rules:
        yield _rules(found, lang)
    broken = [
        [one.name, harmless(f"{each.file}:{each.line}"), each.column or "–", each.value or "–"]
        for one in found.rules
        for each in one.first[:SHOWN]
    ]
    if broken:
        yield table(heads(lang, "rule", "file", "column", "value"), broken[:SHOWN])
    if found.disputes:
        yield _disputes(found, timezone, lang)
    drift = [
        [one.source, one.file, one.kind, one.column, one.was or "–", one.now or "–"]
        for source in found.sources
        for one in source.drift[-SHOWN:]
    ]
    if drift:
        yield table(heads(lang, "source", "file", "change", "column", "was", "now"), drift)
    if len(found.sources) == 1:
        yield from _one(found, found.sources[0], lang)


def _share(value: float | None) -> str:
    return number(value, "percent")


def _hours(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds / 3600:,.0f} h"


def _sources(found: QualityAnswer, timezone: str, lang: str) -> str:
    keys = ("name", "rows", "empty", "rejected", "duplicates", "late", "last_ts", "age", "usual", "state")
    rows = [
        [
            *(one.name, number(one.rows), _share(one.empty_share), _share(one.rejected_share)),
            *(
                _share(one.duplicate_share),
                _share(one.late.share),
                iso(one.freshness.last_ts, timezone) or "–",
            ),
            *(_hours(one.freshness.age_seconds), _hours(one.freshness.usual_seconds), _state(one, lang)),
        ]
        for one in found.sources
    ]
    return table(heads(lang, *keys), rows, right=(1, 2, 3, 4, 5, 7, 8))


def _state(one: SourceQuality, lang: str) -> str:
    said = [word("stale", lang)] if one.freshness.stale else []
    said += [f"{word('unreadable', lang)} {len(one.unreadable)}"] if one.unreadable else []
    said += [f"{word('disputed', lang)} {one.disputed:,}"] if one.disputed else []
    said += [f"{word(name, lang)} {count}" for name, count in (one.failed or {}).items() if count]
    return ", ".join(said)


def _rules(found: QualityAnswer, lang: str) -> str:
    rows = [
        [
            *(one.name, one.source, one.says, word(one.severity, lang), number(one.checked)),
            *(number(one.violations), _share(one.share), word("failed", lang) if one.failed else ""),
        ]
        for one in found.rules
    ]
    keys = ("rule", "source", "test", "severity", "checked", "violations", "share", "state")
    return table(heads(lang, *keys), rows, right=(4, 5, 6))


def _disputes(found: QualityAnswer, timezone: str, lang: str) -> str:
    rows = []
    for one in found.disputes:
        who = (
            f"{one.decision.by} {iso(one.decision.at, timezone)}" if one.decision else word("undecided", lang)
        )
        for copy in one.copies:
            sums = "  ".join(f"{name} {number(value)}" for name, value in copy.sums.items())
            counts = word("counts", lang) if copy.counts else ""
            rows.append([one.id, one.source, str(one.day), f"{copy.file}:{copy.line}", sums, counts, who])
    return table(heads(lang, "id", "source", "day", "file", "value", "state", "decision"), rows)


def _one(found: QualityAnswer, source: SourceQuality, lang: str) -> Iterator[str]:
    rows = [
        [
            *(one.column, one.target or "–", one.kind or "–", number(one.rows), _share(one.empty_share)),
            *(_share(one.rejected_share), "–" if one.distinct is None else number(one.distinct)),
            *(", ".join(each.value for each in values) or "–" for values in (one.new, one.vanished)),
        ]
        for one in source.columns
    ]
    keys = ("column", "mapping", "kind", "rows", "empty", "rejected", "distinct", "new", "vanished")
    yield table(heads(lang, *keys), rows, right=(3, 4, 5, 6))
    lines = [
        [one.file, str(one.line), one.column or "–", one.what, one.value or "–"]
        for one in found.lines[:SHOWN]
    ]
    if lines:
        yield table(heads(lang, "file", "line", "column", "reason", "value"), lines, right=(1,))

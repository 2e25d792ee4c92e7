"""`looptop status`: files, sources and tables; what was read and what was not."""

from __future__ import annotations

from argparse import Namespace

from engine.questions import SourceStatus, Status
from tui.commands.output import iso, number, table, write, write_json, yes
from tui.commands.words import heads, word
from tui.harmless import harmless
from tui.opening import language, opened

FILE_KEYS = ("file", "source", "layout", "encoding", "rows", "accepted", "rejected", "duplicates", "filtered")
SOURCE_KEYS = (
    "name", "table", "files", "rows", "accepted", "rejected", "duplicates", "filtered", "last_ts", "stale",
)  # fmt: skip
FRESH_KEYS = ("age_seconds", "usual_seconds", "limit_seconds", "overdue", "basis")


def run(arguments: Namespace) -> int:
    """Print the status."""
    with opened(arguments) as session:
        status, console = session.status(), session.workspace.console
    if arguments.json:
        write_json(to_json(status), console.timezone)
    else:
        write(to_text(status, console.timezone, language(arguments, console.language)))
    return 0


def to_json(status: Status) -> dict[str, object]:
    """The object of `looptop status --json`."""
    return {
        "as_of": status.as_of,
        "tables": {name: status.tables.get(name, 0) for name in ("events", "spend", "profiles")},
        "persons": status.persons,
        "conflicts": status.conflicts,
        "unconverted": status.unconverted,
        "sources": [_source(source) for source in status.sources],
        "files": [{key: getattr(file, key) for key in FILE_KEYS} for file in status.files],
        "unmapped": status.unmapped,
    }


def _source(source: SourceStatus) -> dict[str, object]:
    """What is counted of a source, its freshness, and what is wrong with its files."""
    fresh = source.freshness
    return {
        **{key: getattr(source, key) for key in (*SOURCE_KEYS, "stale_reason")},
        "freshness": {key: getattr(fresh, key) for key in FRESH_KEYS} if fresh else None,
        "quality": {
            "unreadable": source.unreadable,
            "disputed": source.disputed,
            "violations": dict(source.violations),
        },
    }


def to_text(status: Status, timezone: str, lang: str) -> str:
    """Two tables, sources and files, and what stands outside them."""
    counts = ("rows", "accepted", "rejected", "duplicates", "filtered")
    facts = "  ".join(f"{name} {status.tables.get(name, 0):,}" for name in ("events", "spend", "profiles"))
    others = "  ".join(
        f"{word(key, lang)} {getattr(status, key):,}" for key in ("persons", "conflicts", "unconverted")
    )
    parts = [
        f"{word('as_of', lang)} {iso(status.as_of, timezone)}  {facts}  {others}",
        table(
            heads(lang, *SOURCE_KEYS),
            [
                [
                    *(source.name, source.table, number(source.files)),
                    *(number(getattr(source, key)) for key in counts),
                    *(iso(source.last_ts, timezone) or "–", yes(source.stale, word("stale", lang))),
                ]
                for source in status.sources
            ],
            right=range(2, 8),
        ),
        table(
            heads(lang, *FILE_KEYS),
            [
                [
                    *(file.file, file.source, file.layout or "–", file.encoding or "–"),
                    *(number(getattr(file, key)) for key in counts),
                ]
                for file in status.files
            ],
            right=range(4, 9),
        ),
    ]
    parts += [harmless(f"{one.name}: {one.stale_reason}") for one in status.sources if one.stale_reason]
    if status.unmapped:
        parts.append(table(heads(lang, "unmapped"), [[name] for name in status.unmapped]))
    return "\n\n".join(parts)

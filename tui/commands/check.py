"""`looptop check`: is the configuration sound, and what was made of each file and why."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence

from engine.questions import FileStatus, Status
from tui.commands.output import write, write_json
from tui.commands.words import word
from tui.harmless import harmless
from tui.opening import language, opened
from tui.words import UnknownWordError, say

Almost = Mapping[str, tuple[str, ...]]
"""Unmapped files → the layouts that they almost have, and which columns differ."""

_NEAR = 200
"""Unmapped files that are looked at again."""


def run(arguments: Namespace) -> int:
    """Print the faults and the mapping of each file; with `--strict`, 1 where anything is wrong.

    A configuration with faults never gets here: all of them are one error. Columns that no file has, and
    lookups that cannot be used, do.
    """
    from engine.ingest import near_of
    from engine.ingest.scan import owners_of

    with opened(arguments) as session:
        workspace, status, faults = session.workspace, session.status(), [*session.faults]
        lookups = session.lookups()
    faults += [
        f'{file.file}: the globs of {" and ".join(owners)} both match; "{owners[0]}" has it'
        for file in status.files
        if len(owners := owners_of(file.file, workspace.sources)) > 1
    ]
    looked_at = status.unmapped[:_NEAR]
    almost = {name: tuple(near_of(workspace.root, name, workspace.layouts)) for name in looked_at}
    lang = language(arguments, workspace.console.language)
    if arguments.json:
        write_json(to_json(status, faults, almost, lookups))
    else:
        write("\n".join(to_text(status, faults, almost, lang, lookups)))
    return int(bool(arguments.strict and (faults or wrong(status))))


def wrong(status: Status) -> bool:
    """Whether a file is unmapped, unreadable, has rejects or lacks a column that its source names.

    So is a database that does not answer.
    """
    lacks = any(topic == "missing" for file in status.files for topic, _ in file.evidence)
    faulty = any(file.error or file.stale or file.rejected for file in status.files)
    return lacks or bool(status.unmapped) or faulty


def to_json(
    status: Status, faults: list[str], almost: Almost, lookups: Sequence[FileStatus] = ()
) -> dict[str, object]:
    """The object of `looptop check --json`."""
    near = [{"file": name, "sentence": words} for name, told in almost.items() for words in told]
    return {
        "faults": faults,
        "files": [_object(file) for file in status.files],
        "lookups": [_object(file) for file in lookups],
        "unmapped": status.unmapped,
        "almost": near,
    }


def _object(file: FileStatus) -> dict[str, object]:
    """What was made of one file."""
    return {
        "file": file.file,
        "source": file.source,
        "table": file.table,
        "layout": file.layout,
        "encoding": file.encoding,
        "columns": [{"column": name, "as": canonical} for name, canonical in file.mapping],
        "evidence": [{"topic": topic, "sentence": sentence} for topic, sentence in file.evidence],
        "rejected": file.rejected,
        "duplicates": file.duplicates,
        "filtered": dict(file.filtered_reasons),
        "error": file.error or file.stale,
    }


def to_text(
    status: Status, faults: list[str], almost: Almost, lang: str, lookups: Sequence[FileStatus] = ()
) -> Iterator[str]:
    """The faults, then a paragraph per file."""
    yield from (harmless(fault) for fault in faults)
    for file in (*status.files, *lookups):
        yield from _file(file, lang)
    for name in status.unmapped:
        yield harmless(f"{name}: {word('unmapped', lang)}")
        yield from (harmless(f"  {word('almost', lang)}: {words}") for words in almost.get(name, ()))
    if not status.files and not status.unmapped:
        yield word("nothing", lang)


def _reason(name: str, lang: str) -> str:
    """Why rows are filtered, in words."""
    try:
        return say(f"lineage.reason_{name}", lang)
    except UnknownWordError:
        return name


def _file(file: FileStatus, lang: str) -> Iterator[str]:
    yield harmless(f"{file.file}: {file.source} ({file.table})" + (f", {file.layout}" if file.layout else ""))
    for said in filter(None, (file.error, file.stale)):
        yield harmless(f"  {said}")
    for key, count in (("rejected", file.rejected), ("duplicates", file.duplicates)):
        if count:
            yield f"  {word(key, lang)}: {count:,}"
    if file.filtered_reasons:
        reasons = (f"{_reason(name, lang)} {count:,}" for name, count in file.filtered_reasons.items())
        yield harmless(f"  {word('filtered', lang)}: {', '.join(reasons)}")
    mapped = ", ".join(f"{name} → {canonical}" for name, canonical in file.mapping if canonical != "props")
    props = ", ".join(name for name, canonical in file.mapping if canonical == "props")
    for key, names in (("mapping", mapped), ("props", props)):
        if names:
            yield harmless(f"  {word(key, lang)}: {names}")
    for topic, sentence in file.evidence:
        yield harmless(f"  {topic}: {sentence}")

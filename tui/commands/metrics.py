"""`looptop metrics`: metrics by dimension and period, and the dictionary."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from engine.errors import UsageError
from engine.questions import MetricAnswer, MetricQuery, Range
from tui.commands.output import change, iso, number, table, write, write_json, yes
from tui.commands.words import heads, word
from tui.opening import language, opened

if TYPE_CHECKING:
    from engine.metrics import Entry
    from engine.workspace.model import Workspace


def run(arguments: Namespace) -> int:
    """Print the metrics that are named, or with `--list` the dictionary."""
    if not arguments.name and not arguments.list:
        raise UsageError("name one metric or more; looptop metrics DIR --list shows them")
    with opened(arguments) as session:
        workspace = session.workspace
        lang = language(arguments, workspace.console.language)
        if arguments.list:
            dictionary(session.dictionary(), lang, arguments.json)
            return 0
        answer = session.metrics(question(arguments))
    if arguments.json:
        from engine.metrics import to_json

        write_json(to_json(answer, question(arguments)))
    else:
        write(to_text(answer, workspace, arguments.by or (), lang))
    return 0


def question(arguments: Namespace) -> MetricQuery:
    """The query that the options spell out."""
    return MetricQuery(
        metrics=tuple(arguments.name),
        by=arguments.by or (),
        grain=arguments.grain or "total",
        range=Range(getattr(arguments, "from"), arguments.to),
        where=arguments.where,
        compare=arguments.compare or (),
        top=arguments.top,
    )


def to_text(answer: MetricAnswer, workspace: Workspace, by: tuple[str, ...], lang: str) -> str:
    """One table: metric, period, members, value, per comparison base and change, and where it stands."""
    compared = list(dict.fromkeys(name for row in answer.rows for name in row.change))
    columns = ["metric", "period", *by, "value"]
    for name in compared:
        columns += [f"{word('previous', lang)} ({name})", f"{word('change', lang)} ({name})"]
    stands = any(row.status != "unknown" for row in answer.rows)
    columns += ["target", *(["pace", "state"] if stands else []), "partial"]
    rows = []
    for row in answer.rows:
        unit = workspace.metrics[row.metric].unit
        marks = [yes(row.partial, word("partial", lang)), yes(row.provisional, word("provisional", lang))]
        line = [row.metric, row.period or "–", *(member or word("no_value", lang) for _, member in row.by)]
        line.append(number(row.value, unit))
        for name in compared:
            line += [number(row.previous.get(name), unit), change(row.change.get(name))]
        line.append(number(row.target, unit))
        if stands:
            line += [number(row.pace, "percent"), "" if row.status == "unknown" else word(row.status, lang)]
        rows.append([*line, " ".join(filter(None, marks))])
    credited = sorted(
        {row.metric for row in answer.rows if workspace.metrics[row.metric].credit == "last_touch"}
    )
    notes = [f"{word('as_of', lang)} {iso(answer.as_of, answer.timezone)}"]
    if by and credited:
        notes.append(f"{word('credit', lang)} last_touch: {', '.join(credited)}")
    right = range(2 + len(by), len(columns) - 1 - stands)
    return "  ".join(notes) + "\n" + table(heads(lang, *columns), rows, right)


def dictionary(entries: Sequence[Entry], lang: str, as_json: bool) -> None:
    """Print every metric with its label, unit, level, owner, version, formula, wording, and what changed."""
    if as_json:
        write_json({"metrics": [entry.to_json() for entry in entries]})
        return
    rows = [
        [
            entry.name,
            _in(entry.label, lang) or entry.name,
            entry.unit,
            word(entry.level, lang),
            "✓" if entry.additive == "additive" else word(entry.additive, lang),
            entry.owner or "–",
            entry.definition,
            entry.since or "–",
            entry.formula,
            _in(entry.wording, lang) + _usual(entry, lang),
        ]
        for entry in entries
    ]
    columns = (
        "metric",
        "label",
        "unit",
        "level",
        "additive",
        "owner",
        "version",
        "since",
        "formula",
        "wording",
    )
    write(table(heads(lang, *columns), rows))
    log = [
        [entry.name, each.date, each.definition or "–", each.text]
        for entry in entries
        for each in entry.changes
    ]
    if log:
        write("\n" + table(heads(lang, "metric", "since", "version", "change"), log))


def _usual(entry: Entry, lang: str) -> str:
    """What is usual elsewhere, marked as a benchmark, with its source."""
    if entry.benchmark is None:
        return ""
    value = number(entry.benchmark.value, entry.unit)
    return f" [{word('benchmark', lang)} {value}: {entry.benchmark.source}]"


def _in(words: Mapping[str, str], lang: str) -> str:
    """The words of a language, else whatever there is."""
    return words.get(lang) or next(iter(words.values()), "")

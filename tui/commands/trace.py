"""`looptop trace`: where a number comes from, as an indented tree or as JSON."""

from __future__ import annotations

from argparse import Namespace

from engine.questions import Range, TraceQuery
from tui.commands.output import iso, write, write_json
from tui.commands.words import word
from tui.lines import text_of
from tui.opening import language, opened
from tui.views.lineage import entries

LINES, LINES_OF_TEXT = 1000, 20
"""Lines of each operand, by default."""


def run(arguments: Namespace) -> int:
    """Print the trace of one number."""
    with opened(arguments) as session:
        console = session.workspace.console
        trace = session.trace(question(arguments))
    if arguments.json:
        from engine.lineage import to_json

        write_json(to_json(trace), console.timezone)
        return 0
    lang = language(arguments, console.language)
    tree = "\n".join(text_of(entry.text) for entry in entries(trace, lang))
    write(f"{word('as_of', lang)} {iso(trace.as_of, console.timezone)}\n{tree}")
    return 0


def question(arguments: Namespace) -> TraceQuery:
    """The query that the options spell out."""
    return TraceQuery(
        metric=arguments.metric,
        period=arguments.period,
        grain=arguments.grain,
        range=Range(getattr(arguments, "from"), arguments.to),
        where=arguments.where,
        step=arguments.step,
        limit=arguments.limit or (LINES if arguments.json else LINES_OF_TEXT),
    )

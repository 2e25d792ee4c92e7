"""[[lookup]], [[channel]], [traffic] → model: what columns mean."""

from __future__ import annotations

from engine.schema import COLUMNS
from engine.workspace.context import FACT_TABLES, Context
from engine.workspace.lines import Path
from engine.workspace.model import ChannelRule, Lookup, Traffic
from engine.workspace.places import inside
from engine.workspace.toml import WorkspaceForm

_RESERVED = frozenset({"person", "day", "lts", "amount", "part", "row", "ids", "subject", "record", "props"})


def lookups(context: Context, form: WorkspaceForm) -> tuple[Lookup, ...]:
    """More dimensions by a key."""
    out: list[Lookup] = []
    for index, each in form.lookup.items():
        at: Path = ("lookup", index)
        inside(context, (*at, "file"), each.file)
        context.column((*at, "on"), each.on)
        add = dict(each.add) if isinstance(each.add, dict) else {name: name for name in each.add}
        if not add:
            context.report.add((*at, "add"), "at least one column is needed")
        for name in add:
            _addable(context, (*at, "add"), name, each.on)
            if any(name in other.add for other in out):
                context.report.add((*at, "add"), f'another lookup adds "{name}" already')
        out.append(
            Lookup(
                file=each.file,
                on=each.on,
                add=add,
                column=each.column,
                valid_from=each.valid_from,
                valid_to=each.valid_to,
                encoding=each.encoding,
                delimiter=each.delimiter,
                sheet=each.sheet,
                date_format=each.date_format,
                null_values=tuple(each.null_values),
                line=context.report.line(at),
            )
        )
    return tuple(out)


def _addable(context: Context, path: Path, name: str, on: str) -> None:
    """A fault for a name that facts have anyway: it would never be looked up."""
    own = [{column.name for column in COLUMNS[table]} for table in FACT_TABLES]
    keyed = [names for names in own if on in names] or own
    if name in _RESERVED or name in context.priority or all(name in names for names in keyed):
        words = f'"{name}" is a column of the facts; add it under another name: add = {{ name = "{name}" }}'
        context.report.add(path, words)


def channels(context: Context, form: WorkspaceForm) -> tuple[ChannelRule, ...]:
    """Channels of events that have none. A name that no column has is null: files differ in what they say."""
    out = []
    names, _ = context.columns("events")
    for index, each in form.channel.items():
        path: Path = ("channel", index, "when")
        when = context.report.expression(path, each.when, names, "boolean", open_names=True)
        if when is not None:
            out.append(ChannelRule(when, each.channel))
    return tuple(out)


def traffic(context: Context, form: WorkspaceForm) -> Traffic:
    """Events that no visitor made."""
    each = form.traffic
    own = [
        context.report.expression(("traffic", "internal", index), text, {}, "boolean", open_names=True)
        for index, text in enumerate(each.internal)
    ]
    return Traffic(
        bots=each.bots,
        user_agents=tuple(each.user_agents),
        bot_column=each.bot_column,
        internal=tuple(rule for rule in own if rule is not None),
        sites=tuple(site.lower().removeprefix("www.") for site in each.sites),
    )

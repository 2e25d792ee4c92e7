"""[[source]] → model. The file's own columns are not known here: ingest checks names in its expressions."""

from __future__ import annotations

import codecs
from collections.abc import Mapping, Sequence

from engine.expressions import Expression
from engine.schema import COLUMNS, Kind
from engine.workspace.context import Context
from engine.workspace.databases import database
from engine.workspace.layouts import usable
from engine.workspace.lines import Path
from engine.workspace.model import ColumnRule, EventRule, Moment, Preset, Source
from engine.workspace.places import currency, inside, timezone
from engine.workspace.source_forms import EventCasesForm, EventColumnForm, ExprForm, SourceForm
from engine.workspace.toml import WorkspaceForm
from engine.workspace.values import text_of

_OPEN: Mapping[str, Kind | None] = {}


def sources(context: Context, form: WorkspaceForm, own: Sequence[Preset] = ()) -> tuple[Source, ...]:
    """All sources of the file; `own`: its layouts."""
    out, seen = [], set()
    for index, each in form.source.items():
        if each.name in seen:
            context.report.add(("source", index, "name"), f'a source "{each.name}" is there already')
        seen.add(each.name)
        out.append(_source(context, ("source", index), each, own))
    return tuple(out)


def _source(context: Context, at: Path, form: SourceForm, own: Sequence[Preset]) -> Source:
    report = context.report
    for index, glob in enumerate(form.files or ()):
        inside(context, (*at, "files", index), glob)
    poll_us, timeout_us = database(context, at, form)
    if form.preset is not None and context.presets is not None:
        names = [*(each.name for each in own), *context.presets()]
        report.name((*at, "preset"), "preset", form.preset, names)
    _names(context, at, form)
    _format(context, at, form)
    columns = {name: _rule(context, (*at, "columns", name), each) for name, each in form.columns.items()}
    stale = None
    if form.stale_after not in (None, "none"):
        stale = context.duration((*at, "stale_after"), form.stale_after)
    if form.table != "events" and (form.event is not None or form.moments):
        key = "event" if form.event is not None else "moments"
        report.add((*at, key), f'only a source with table = "events" has {key}')
    if form.event is not None and form.moments:
        report.add((*at, "moments"), "a source has either event or moments")
    return Source(
        name=form.name,
        files=tuple(form.files or ()),
        table=form.table,
        preset=form.preset,
        columns=columns,
        constants={name: text_of(value) for name, value in form.constants.items()},
        values={name: dict(each) for name, each in form.values.items()},
        null_values=tuple(form.null_values),
        scale=dict(form.scale),
        stale_after_us=stale,
        late_us=None if form.late is None else context.duration((*at, "late"), form.late),
        overlap=form.overlap,
        event=_event(context, (*at, "event"), form.event),
        personal=frozenset(form.personal),
        dedupe=tuple(form.dedupe),
        keep=form.keep,
        moments=_moments(context, at, form),
        where=_own(context, (*at, "where"), form.where, "boolean"),
        encoding=form.encoding,
        delimiter=form.delimiter,
        decimal=form.decimal,
        sheet=form.sheet,
        header_row=form.header_row,
        no_header=form.no_header,
        date_format=form.date_format,
        date_from=form.date_from.removeprefix("file:") if form.date_from else None,
        year=form.year,
        timezone=form.timezone,
        sql=form.sql,
        connect_env=form.connect_env,
        cursor=form.cursor,
        poll_us=poll_us,
        timeout_us=timeout_us,
        layouts=usable(form, own),
    )


def _names(context: Context, at: Path, form: SourceForm) -> None:
    """Canonical columns that the source names."""
    known = context.mappable(form.table)
    for key in ("columns", "constants", "values"):
        for name in getattr(form, key):
            is_own = form.table == "targets" or (form.table == "events" and name == "event")
            if not is_own:
                context.report.name((*at, key, name), "column", name, known)
    numeric = {column.name for column in COLUMNS[form.table] if column.kind in ("money", "count", "number")}
    for name in form.scale:
        context.report.name((*at, "scale", name), "column of numbers", name, numeric)
    code = form.constants.get("currency")
    if isinstance(code, str):
        currency(context, (*at, "constants", "currency"), code)


def _format(context: Context, at: Path, form: SourceForm) -> None:
    report = context.report
    if form.timezone is not None:
        timezone(context, (*at, "timezone"), form.timezone)
    if form.delimiter is not None and len(form.delimiter) != 1:
        report.add((*at, "delimiter"), "must be one character")
    if form.date_from is not None and (not form.date_from.startswith("file:") or "%" not in form.date_from):
        report.add((*at, "date_from"), 'must look like "file:%Y-%m-%d"')
    if form.encoding is not None:
        try:
            codecs.lookup(form.encoding)
        except (LookupError, ValueError):
            report.add((*at, "encoding"), f'unknown encoding "{form.encoding}"')


def _own(context: Context, path: Path, text: str | None, want: Kind | None) -> Expression | None:
    if text is None:
        return None
    return context.report.expression(path, text, _OPEN, want, open_names=True)


def _rule(context: Context, path: Path, form: str | list[str] | ExprForm) -> ColumnRule:
    if isinstance(form, str):
        return ColumnRule((form,))
    if isinstance(form, list):
        if not form:
            context.report.add(path, "at least one column is needed")
        return ColumnRule(tuple(form))
    return ColumnRule(
        expr=context.report.expression((*path, "expr"), form.expr, _OPEN, None, open_names=True)
    )


def _event(
    context: Context, path: Path, form: str | EventColumnForm | EventCasesForm | None
) -> EventRule | None:
    if form is None:
        return None
    if isinstance(form, str):
        return EventRule(constant=form)
    if isinstance(form, EventColumnForm):
        return EventRule(column=form.column, values=dict(form.values), others=form.others)
    cases = []
    for index, case in enumerate(form.cases):
        at: Path = (*path, "cases", index)
        if len(case) != 2:
            context.report.add(at, 'a case is ["condition", "event"]')
            continue
        when = _own(context, at, case[0], "boolean")
        if when is not None:
            cases.append((when, case[1]))
    if not form.cases:
        context.report.add(path, "at least one case is needed")
    return EventRule(cases=tuple(cases))


def _moments(context: Context, at: Path, form: SourceForm) -> tuple[Moment, ...]:
    out = []
    known = context.mappable("events")
    for event, each in form.moments.items():
        path: Path = (*at, "moments", event)
        if not isinstance(each, dict):
            out.append(Moment(event, {"ts": _rule(context, path, each)}))
            continue
        if "ts" not in each:
            context.report.add(path, "a moment needs ts: the column that says when")
        for name in each:
            context.report.name((*path, name), "column", name, known)
        out.append(Moment(event, {name: _rule(context, (*path, name), rule) for name, rule in each.items()}))
    return tuple(out)

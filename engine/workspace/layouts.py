"""[[layout]] → model: the workspace's own column layouts. What they stand on is resolved by ingest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine.schema import TABLES
from engine.workspace.context import Context
from engine.workspace.forms import Form
from engine.workspace.lines import Path
from engine.workspace.model import Preset
from engine.workspace.places import timezone
from engine.workspace.source_forms import EventCasesForm, EventColumnForm, ExprForm, LayoutForm, SourceForm
from engine.workspace.toml import WorkspaceForm
from engine.workspace.values import text_of


def layouts(context: Context, form: WorkspaceForm) -> tuple[Preset, ...]:
    """All layouts of the file."""
    own = [each.name for each in form.layout.values()]
    seen: set[str] = set()
    for index, each in form.layout.items():
        if each.name in seen:
            context.report.add(("layout", index, "name"), f'a layout "{each.name}" is there already')
        seen.add(each.name)
        _check(context, ("layout", index), each, own)
    made = tuple(_preset(each) for each in form.layout.values())
    for index, preset in zip(form.layout, made, strict=True):
        if preset in below(preset, made)[1:]:
            context.report.add(("layout", index, "like"), f'"{preset.name}" stands on itself')
    return made


def below(preset: Preset, own: Sequence[Preset]) -> tuple[Preset, ...]:
    """A layout and the own ones that it stands on. One like its own name stands on the shipped one."""
    found = [preset]
    while (name := found[-1].like) is not None and name != found[-1].name:
        after = next((each for each in own if each.name == name), None)
        if after is None:
            break
        found.append(after)
        if after in found[:-1]:
            break
    return tuple(found)


def usable(form: SourceForm, own: Sequence[Preset]) -> tuple[Preset, ...]:
    """The own layouts that the files of a source may be read with."""
    if form.preset is not None:
        named = next((each for each in own if each.name == form.preset), None)
        return below(named, own) if named is not None else ()
    return () if form.columns or form.moments or form.event else tuple(own)


def _preset(form: LayoutForm) -> Preset:
    raw = _plain(form)
    if "constants" in raw:
        raw["constants"] = {name: text_of(value) for name, value in raw["constants"].items()}
    if "needs" not in raw and "header" in raw:
        raw["needs"] = raw["header"]
    return Preset.of({**raw, "own": True})


def _plain(value: Any) -> Any:
    """The values that the file gives, without the forms around them."""
    if isinstance(value, Form):
        return {name: _plain(getattr(value, name)) for name in value.model_fields_set}
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def _check(context: Context, at: Path, form: LayoutForm, own: Sequence[str]) -> None:
    report = context.report
    if form.like is not None and form.like not in own and context.presets is not None:
        report.name((*at, "like"), "layout", form.like, [*context.presets(), *own])
    if form.table is None and form.like is None:
        report.add((*at, "table"), 'the key "table" is required in a layout that is like no other')
    if not (form.needs or form.header or form.like):
        report.add((*at, "needs"), "a layout says what it needs: needs or header")
    if form.event is not None and form.moments:
        report.add((*at, "moments"), "a layout has either event or moments")
    if form.timezone is not None:
        timezone(context, (*at, "timezone"), form.timezone)
    if form.date_from is not None and "%" not in form.date_from:
        report.add((*at, "date_from"), 'must look like "file:%Y-%m-%d"')
    _names(context, at, form)
    for path, text, want in _expressions(form):
        report.expression((*at, *path), text, {}, want, open_names=True)


def _names(context: Context, at: Path, form: LayoutForm) -> None:
    """Canonical columns that the layout names."""
    tables = (form.table,) if form.table else TABLES
    known = {name for table in tables for name in context.mappable(table)}
    named = [("columns", name) for name in form.columns] + [("constants", name) for name in form.constants]
    for key, name in named:
        if name != "event" or "events" not in tables:
            context.report.name((*at, key, name), "column", name, known)
    for event, each in form.moments.items():
        if not isinstance(each, dict):
            continue
        if "ts" not in each:
            context.report.add((*at, "moments", event), "a moment needs ts: the column that says when")
        for name in each:
            context.report.name((*at, "moments", event, name), "column", name, known)


def _expressions(form: LayoutForm) -> Iterator[tuple[Path, str, Any]]:
    """(path, text, wanted kind) of every expression of a layout."""
    tables: list[tuple[Path, Mapping[str, object]]] = [(("columns",), form.columns)]
    tables += [(("moments", event), each) for event, each in form.moments.items() if isinstance(each, dict)]
    for path, table in tables:
        for name, each in table.items():
            if isinstance(each, ExprForm):
                yield (*path, name, "expr"), each.expr, None
            tried = [each] if isinstance(each, str) else each if isinstance(each, list) else ()
            yield from (((*path, name), way[1:].strip(), None) for way in tried if way[:1] == "=")
    if form.where is not None:
        yield ("where",), form.where, "boolean"
    if isinstance(form.event, EventCasesForm):
        for index, case in enumerate(form.event.cases):
            yield ("event", "cases", index), case[0] if case else "", "boolean"
    if isinstance(form.event, EventColumnForm) and not form.event.column.strip():
        yield ("event", "column"), "", None

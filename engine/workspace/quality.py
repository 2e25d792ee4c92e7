"""[[quality]] → model: what must hold for the rows of a source. Columns of the files are not known here."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from engine.schema import Kind
from engine.workspace.context import Context
from engine.workspace.lines import Path
from engine.workspace.model import QualityRule, Source
from engine.workspace.source_forms import QualityForm
from engine.workspace.toml import WorkspaceForm

_TESTS = ("check", "not_null", "unique", "allowed", "max_empty")
_SHARE = re.compile(r"(\d{1,3}(?:\.\d+)?)%")


def quality(context: Context, form: WorkspaceForm) -> tuple[QualityRule, ...]:
    """All rules of the file, each with a name of its own."""
    out: list[QualityRule] = []
    for index, each in form.quality.items():
        at: Path = ("quality", index)
        rule = _rule(context, at, each, index)
        if any(rule.name == other.name for other in out):
            context.report.add(
                (*at, "name"), f'a quality rule "{rule.name}" is there already: give it a name'
            )
        out.append(rule)
    return tuple(out)


def with_rules(sources: Iterable[Source], rules: Iterable[QualityRule]) -> tuple[Source, ...]:
    """The sources with the rules about them."""
    listed = tuple(rules)
    return tuple(
        replace(source, quality=tuple(rule for rule in listed if rule.source == source.name))
        for source in sources
    )


def rule_name(source: object, name: object, column: object, index: int) -> str:
    """What a rule is called: its name, else the source with the column, or with the number of the rule."""
    return str(name or f"{source}.{column or f'check{index + 1}'}")


def rule_names(context: Context) -> list[str]:
    """Names of the rules of the file as it was written."""
    raw = context.raw.get("quality")
    return [
        rule_name(each.get("source"), each.get("name"), each.get("column"), index)
        for index, each in enumerate(raw if isinstance(raw, list) else ())
        if isinstance(each, dict)
    ]


def _rule(context: Context, at: Path, form: QualityForm, index: int) -> QualityRule:
    report = context.report
    report.name((*at, "source"), "source", form.source, sorted(context.sources))
    given = [key for key in _TESTS if getattr(form, key) not in (None, False, [])]
    if len(given) != 1:
        report.add(at, f"a quality rule has just one of {', '.join(_TESTS)}, not {len(given)}")
    if form.column is None and given != ["check"]:
        report.add((*at, "column"), f"{given[0] if given else 'a rule'} needs the column that it tests")
    if form.column is not None and "check" in given:
        report.add((*at, "column"), "check names its columns itself: leave column out")
    if form.action == "reject" and given and given[0] in ("unique", "max_empty"):
        report.add((*at, "action"), f"{given[0]} is judged over all files, it can reject no row")
    known = context.every_column()
    names: Mapping[str, Kind | None] = dict.fromkeys(known)
    check, unread = None, context.headers is None
    if form.column is not None and not unread:
        report.name((*at, "column"), "column", form.column, known)
    if form.check is not None:
        check = report.expression((*at, "check"), form.check, names, "boolean", open_names=unread)
    return QualityRule(
        name=rule_name(form.source, form.name, form.column, index),
        source=form.source,
        column=form.column,
        check=check,
        not_null=form.not_null,
        unique=form.unique,
        allowed=tuple(form.allowed),
        max_empty=_share(context, (*at, "max_empty"), form.max_empty),
        limit=_share(context, (*at, "max_share"), form.max_share) or 0.0,
        severity=form.severity,
        action=form.action,
    )


def _share(context: Context, path: Path, given: str | int | float | None) -> float | None:
    """A share from 0 to 1, as a number or as `2%`."""
    if given is None:
        return None
    found = _SHARE.fullmatch(given) if isinstance(given, str) else None
    value = float(found[1]) / 100 if found else math.nan if isinstance(given, str) else float(given)
    if not 0 <= value <= 1:
        context.report.add(path, f'"{given}" is no share: write "2%" or 0.02')
        return None
    return value

"""Personal values in answers about quality, masked as they are everywhere."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.identity import mask, mask_name, mask_personal, mask_text
from engine.ingest.personal import personal
from engine.questions import ColumnQuality, QualityAnswer, QualityLine, SourceQuality, Violation
from engine.workspace.model import Workspace


def masked(found: QualityAnswer, whole: QualityAnswer, workspace: Workspace) -> QualityAnswer:
    """The answer without whole lines, and with the values of identifiers and names masked.

    In:  an answer, and the one that still has all columns of its sources.
    """
    kinds = {
        (source.name, column.column): column.target or column.column
        for source in whole.sources
        for column in source.columns
    }

    origins = {one.name: one for one in workspace.sources}

    def hidden(source: str, column: str | None, value: str | None) -> str | None:
        kind = kinds.get((source, column or ""), column or "")
        if value is None:
            return None
        if kind in workspace.identity.priority:
            return mask(kind, value)
        if kind == "name":
            return mask_name(value)
        mine_from = origins.get(source)
        mine = mine_from and (personal(mine_from, column or "") or personal(mine_from, kind))
        return mask_personal(value) if mine else mask_text(value)

    def violation(one: Violation) -> Violation:
        return replace(one, value=hidden(one.source, one.column, one.value), text="")

    def line(one: QualityLine) -> QualityLine:
        return replace(one, value=hidden(one.source, one.column, one.value), text="")

    def column(source: str, one: ColumnQuality) -> ColumnQuality:
        seen: dict[str, Any] = {
            each: tuple(
                replace(value, value=hidden(source, one.column, value.value) or "") for value in values
            )
            for each, values in (("values", one.values), ("new", one.new), ("vanished", one.vanished))
        }
        return replace(one, **seen)

    def of(one: SourceQuality) -> SourceQuality:
        return replace(one, columns=tuple(column(one.name, each) for each in one.columns))

    rules = tuple(replace(rule, first=tuple(map(violation, rule.first))) for rule in found.rules)
    sources = tuple(map(of, found.sources))
    return replace(found, sources=sources, rules=rules, lines=tuple(map(line, found.lines)))

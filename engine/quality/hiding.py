"""Personal values in answers about quality, masked as they are everywhere."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from engine.identity import mask, mask_name
from engine.questions import QualityAnswer, QualityLine, Violation


def masked(found: QualityAnswer, whole: QualityAnswer, identifiers: Collection[str]) -> QualityAnswer:
    """The answer without whole lines, and with the values of identifiers and names masked.

    In:  an answer, and the one that still has all columns of its sources.
    """
    kinds = {
        (source.name, column.column): column.target or column.column
        for source in whole.sources
        for column in source.columns
    }

    def hidden(source: str, column: str | None, value: str | None) -> str | None:
        kind = kinds.get((source, column or ""), column or "")
        if value is None or kind not in {*identifiers, "name"}:
            return value
        return mask_name(value) if kind == "name" else mask(kind, value)

    def violation(one: Violation) -> Violation:
        return replace(one, value=hidden(one.source, one.column, one.value), text="")

    def line(one: QualityLine) -> QualityLine:
        return replace(one, value=hidden(one.source, one.column, one.value), text="")

    rules = tuple(replace(rule, first=tuple(map(violation, rule.first))) for rule in found.rules)
    return replace(found, rules=rules, lines=tuple(map(line, found.lines)))

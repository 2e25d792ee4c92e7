"""Where a canonical column comes from, found in the columns of a file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from engine.errors import nearest
from engine.expressions import Expression, parse
from engine.ingest.choice import Header
from engine.workspace.model import EventRule, Preset, Source


@dataclass(frozen=True, slots=True)
class Rule:
    """Where a canonical column comes from: file columns (several are joined), or an expression."""

    names: tuple[str, ...] = ()
    expr: Expression | None = None

    def reads(self) -> tuple[str, ...]:
        """The file columns that it needs."""
        return self.names or tuple(sorted(self.expr.columns if self.expr else ()))


class Columns(Header):
    """The columns of a file, and the rules that find theirs in it."""

    def rule(self, names: Iterable[str], expr: Expression | None) -> Rule | None:
        """What a source says about a canonical column; None where no column of the file is named."""
        if expr is not None:
            return Rule((), expr)
        found = tuple(there for name in names if (there := self.find(name)) is not None)
        return Rule(found) if found else None

    def first(self, tried: Iterable[str]) -> Rule | None:
        """The first of the ways of a layout whose columns are all there."""
        for name in tried:
            if name[:1] == "=":
                if (expression := self.bound(name[1:])) is not None:
                    return Rule((), expression)
                continue
            parts = re.split(r"[+*]", name) if not self.find(name) else [name]
            found = [self.find(part) for part in parts]
            there = tuple(part for part in found if part is not None)
            if len(there) == len(parts):
                product = " * ".join('"' + part.replace('"', '""') + '"' for part in there)
                return Rule((), parse(product)) if "*" in name and len(parts) > 1 else Rule(there)
        return None

    def bound(self, text: str) -> Expression | None:
        """An expression of a layout over the columns as the file writes them; None where one is not there."""
        expression = parse(text.strip())
        found = {name: there for name in expression.columns if (there := self.find(name)) is not None}
        return expression.renamed(found) if len(found) == len(expression.columns) else None

    def narrowed(self, source: Source, layout: Preset) -> Source:
        """The source with the `where` of its layout, unless it has its own."""
        where = self.bound(layout.where) if layout.where and source.where is None else None
        return replace(source, where=where) if where is not None else source

    def event(self, layout: Preset, rules: Mapping[str, Rule]) -> EventRule | None:
        """What a layout says about the event; None where a column has it."""
        said = layout.event
        if said is None or isinstance(said, str):
            return EventRule(constant=said) if said and said != "event" and "event" not in rules else None
        if "cases" in said:
            cases = [
                (bound, event) for when, event in said["cases"] if (bound := self.bound(when)) is not None
            ]
            return EventRule(cases=tuple(cases))
        column = next((there for name in said["column"].split("|") if (there := self.find(name))), None)
        return (
            EventRule(column=column, **{k: v for k, v in said.items() if k != "column"}) if column else None
        )

    def missing(self, target: str, names: Iterable[str]) -> Iterator[tuple[str, str]]:
        """(topic, sentence) for each column that is named and not there."""
        for name in names:
            if self.find(name) is None:
                close = nearest(name, self.names)
                hint = f'; nearest: "{close}"' if close else ""
                yield "missing", f'no column "{name}" for {target}{hint}'

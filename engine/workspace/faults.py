"""Collecting faults with their lines while a file is resolved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.errors import ExpressionError, Fault, nearest
from engine.expressions import CallRule, Expression, check, parse
from engine.schema import Kind
from engine.workspace.lines import Path, line_of, locate


@dataclass(slots=True)
class Report:
    """All faults of one file: `add` them by path, the lines are found."""

    file: str
    text: str
    faults: list[Fault] = field(default_factory=list)
    _lines: dict[Path, int] | None = None

    def add(self, path: Path, message: str, near: str | None = None, line: int | None = None) -> None:
        """One fault at a path of keys and indexes."""
        at = self.line(path) if line is None else line
        fault = Fault(self.file, at, dotted(path), message, near)
        if fault not in self.faults:
            self.faults.append(fault)

    def line(self, path: Path) -> int:
        """The line of a path, or of its nearest parent."""
        if self._lines is None:
            self._lines = locate(self.text)
        return line_of(self._lines, path)

    def name(self, path: Path, what: str, name: str, known: Iterable[str]) -> bool:
        """Whether a name is known; a fault with the nearest one where it is not."""
        known = list(known)
        if name in known:
            return True
        self.add(path, f'unknown {what} "{name}"', nearest(name, known))
        return False

    def expression(
        self,
        path: Path,
        text: str,
        names: Mapping[str, Kind | None],
        want: Kind | None,
        *,
        open_names: bool = False,
        functions: Mapping[str, CallRule] | None = None,
    ) -> Expression | None:
        """The parsed expression, or None after faults."""
        try:
            expression = parse(text)
        except ExpressionError as error:
            self.add(path, f"{error} (position {error.position + 1})", error.nearest)
            return None
        found = check(expression, names, want=want, functions=functions, open_names=open_names)
        for message, near in found:
            self.add(path, message, near)
        return None if found else expression


def dotted(path: Path) -> str:
    """`metric.roi.expr`, `source[0].columns`; parts with odd characters are quoted."""
    out = ""
    for part in path:
        if isinstance(part, int):
            out += f"[{part}]"
        else:
            word = part if part.replace("_", "").replace("-", "").isalnum() else f'"{part}"'
            out += f".{word}" if out else word
    return out or "looptop.toml"


def walk(value: Any, path: Path) -> Path:
    """The part of a path that exists in a value: what pydantic puts between (forms, unions) is left out."""
    kept: Path = ()
    for index, part in enumerate(path):
        inner = _inside(value, part)
        if inner is not None:
            value, kept = inner, (*kept, part)
        elif index == len(path) - 1 and isinstance(part, str) and isinstance(value, dict) and ":" not in part:
            kept = (*kept, part)
    return kept


def _inside(value: Any, part: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(part)
    return value[part] if isinstance(value, list) and isinstance(part, int) and part < len(value) else None

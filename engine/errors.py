"""Every exception that the engine raises on purpose, drawn as a tree.

    LooptopError
    ├── UsageError          a name, option or directory that is not there (exit code 2)
    │   └── UnknownName     carries the nearest valid name
    ├── ConfigurationError  all faults of looptop.toml at once
    ├── ExpressionError     text that is not an expression of the language
    ├── SourceError         a file that cannot be read at all
    └── StoreError          a query or a state file that failed, with table and cause

A bad row is not an exception: it is a reject.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


class LooptopError(Exception):
    """Base of all errors that a user may see; `str(error)` is one clear message."""


class UsageError(LooptopError):
    """The command asks for something that is not there."""


class UnknownName(UsageError):
    """A name that nothing has; says the nearest valid one.

    In:  what the name should be ("metric"), the name, and all valid names.
    """

    def __init__(self, what: str, name: str, known: Iterable[str]) -> None:
        self.what, self.name, self.nearest = what, name, nearest(name, known)
        hint = f"; nearest: {self.nearest}" if self.nearest else ""
        super().__init__(f'no {what} "{name}"{hint}')


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing wrong in a configuration: where it stands and what to do.

    `line` is 1-based in `file`, 0 where no line can be named; `key` is dotted (`metric.roi.expr`).
    """

    file: str
    line: int
    key: str
    message: str
    nearest: str | None = None

    def __str__(self) -> str:
        """`file:line key: message; nearest: name`."""
        where = f"{self.file}:{self.line}" if self.line else self.file
        hint = f"; nearest: {self.nearest}" if self.nearest else ""
        return f"{where} {self.key}: {self.message}{hint}"


class ConfigurationError(LooptopError):
    """A configuration with faults: all of them, sorted by line."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults))
        count = len(self.faults)
        head = f"{count} {'fault' if count == 1 else 'faults'} in the configuration"
        super().__init__("\n".join([head, *(f"  {fault}" for fault in self.faults)]))


class ExpressionError(LooptopError):
    """Text that the expression language does not accept; `position` is 0-based in it."""

    def __init__(self, message: str, position: int = 0, nearest: str | None = None) -> None:
        self.message, self.position, self.nearest = message, position, nearest
        super().__init__(message)


class SourceError(LooptopError):
    """A file that cannot be read at all: it becomes one reject and blocks nothing else."""


class StoreError(LooptopError):
    """A query or a file of the state that failed; names the table and keeps the cause."""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The valid name closest to `name`, or None where nothing is close.

    >>> nearest("net_revenu", ["net_revenue", "cost"])
    'net_revenue'
    """
    candidates = list(known)
    found = difflib.get_close_matches(name, candidates, n=1, cutoff=0.55)
    if found:
        return found[0]
    folded = {candidate.casefold(): candidate for candidate in candidates}
    return folded.get(name.casefold())

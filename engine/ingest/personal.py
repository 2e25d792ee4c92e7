"""Which columns of a source hold attributes of a person beside identifiers and name."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from engine.workspace.model import Source

if TYPE_CHECKING:
    from engine.ingest.plan import Plan


def personal(source: Source, column: str) -> bool:
    """Whether a column (the file's own, or a canonical one) is personal: the source or its name says so."""
    if column in source.personal:
        return True
    return source.table in ("events", "profiles") and column not in _CANONICAL and _named(column)


def personal_columns(plan: Plan) -> frozenset[str]:
    """The file columns that hold identifiers, a name or another attribute of a person."""
    kept = {*plan.identifiers, "name"}
    read = {
        name
        for target, rule in plan.all_rules()
        if target in kept or target in plan.source.personal
        for name in rule.reads()
    }
    return frozenset(read | {name for name, _ in plan.mapped() if personal(plan.source, name)})


_CANONICAL = frozenset({"name", "birth"})
"""A name is masked by its own rule; the others only where the source marks them."""


@cache
def _named(column: str) -> bool:
    names, pieces, exceptions = _shipped()
    folded = re.sub(r"[\s.\-/]+", "_", column.strip().casefold())
    if folded in names:
        return True
    return any(piece in folded for piece in pieces) and not any(one in folded for one in exceptions)


@cache
def _shipped() -> tuple[frozenset[str], tuple[str, ...], tuple[str, ...]]:
    raw = tomllib.loads(resources.files("engine.ingest").joinpath("personal.toml").read_text("utf-8"))
    return frozenset(raw["names"]), tuple(raw["pieces"]), tuple(raw["except"])

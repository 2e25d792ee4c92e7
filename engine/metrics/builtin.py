"""The metrics that every workspace has, read from `builtin.toml` when somebody first asks."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from engine.workspace.model import Metric

ZERO_GAP = ("count", "count_distinct", "sum")
"""Aggregations whose period without rows is 0 by default."""


@cache
def load() -> Mapping[str, Metric]:
    """All built-in metrics by name, in the order of the file."""
    text = files("engine.metrics").joinpath("builtin.toml").read_text(encoding="utf-8")
    return {name: _metric(name, entry) for name, entry in tomllib.loads(text).items()}


def _metric(name: str, entry: Mapping[str, Any]) -> Metric:
    from engine.expressions import parse
    from engine.workspace.model import Metric, Step

    agg = entry.get("agg", "count")
    counts = entry.get("kind", "simple") == "simple" and agg in ZERO_GAP
    gap: Literal["zero", "null"] = "zero" if counts else "null"
    given = {**entry, "drives": tuple(entry.get("drives", ()))}
    if "sides" in given:
        given["sides"] = tuple(Step((event,)) for event in given["sides"])
    for key in ("where", "expr"):
        if key in given:
            given[key] = parse(given[key])
    return Metric(name=name, builtin=True, **{"gap": gap, **given})


class _Builtin(Mapping[str, "Metric"]):
    """The dictionary, parsed at the first look."""

    def __getitem__(self, name: str) -> Metric:
        return load()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(load())

    def __len__(self) -> int:
        return len(load())


BUILTIN: Mapping[str, Metric] = _Builtin()
"""Built-in metrics by name."""

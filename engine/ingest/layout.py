"""Column layouts that ship with looptop: data files in `layouts/`, one per kind of export."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from engine.ingest.sniff import fold
from engine.schema import Table


@dataclass(frozen=True, slots=True)
class Preset:
    """A layout: canonical column → the names that exports give it, the best first; `a+b` joins two columns.

    `needs`: every one of these groups must have a column for a file to be recognised as this layout
    (names separated by `|`); `weight` settles which of two fitting layouts is taken: the more special one.
    """

    name: str
    table: Table
    label: str = ""
    needs: tuple[str, ...] = ()
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    null_values: tuple[str, ...] = ()
    scale: Mapping[str, str] = field(default_factory=dict)
    event: str | None = None
    event_values: Mapping[str, str] = field(default_factory=dict)
    moments: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    date_from: str | None = None
    weight: int = 0
    paths: tuple[str, ...] = ()
    """Words in a path that speak for this layout where two fit the header."""

    def names(self) -> frozenset[str]:
        """Folded names of all columns that the layout knows."""
        listed = [*self.columns.values(), *self.moments.values()]
        return frozenset(fold(part) for group in listed for name in group for part in name.split("+"))


@cache
def presets() -> Mapping[str, Preset]:
    """All shipped layouts by name."""
    folder = resources.files("engine.ingest") / "layouts"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda f: f.name)
    found = [_preset(raw) for file in files for raw in tomllib.loads(file.read_text("utf-8"))["layout"]]
    return {preset.name: preset for preset in found}


def preset_names() -> tuple[str, ...]:
    """What `preset = "…"` may say."""
    return tuple(presets())


def _preset(raw: Mapping[str, object]) -> Preset:
    values = dict(raw)
    for key in ("columns", "moments"):
        groups = values.get(key) or {}
        assert isinstance(groups, dict)
        values[key] = {name: _names(names) for name, names in groups.items()}
    for key in ("needs", "null_values", "paths"):
        values[key] = _names(values.get(key) or ())
    return Preset(**values)  # type: ignore[arg-type]


def _names(value: object) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)  # type: ignore[arg-type]


@cache
def known_names() -> frozenset[str]:
    """Folded names of all columns that any layout knows."""
    return frozenset().union(*(preset.names() for preset in presets().values()))


def fits(preset: Preset, header: Iterable[str]) -> int:
    """How many of the header's names the layout knows; 0 where one that it needs is missing."""
    folded = {fold(name) for name in header}
    for need in preset.needs:
        if not any(all(fold(part) in folded for part in name.split("+")) for name in need.split("|")):
            return 0
    return len(folded & preset.names())

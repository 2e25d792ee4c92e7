"""A workspace over a copy of one real data set, and the numbers that another program found in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.contract.place import Place
from tests.material import DATA

needed = pytest.mark.skipif(not DATA.is_dir(), reason="the real exports are not here")


class Truth(Place):
    """The files of a data set with a configuration, asked only through the commands."""

    def __init__(self, at: Path, folder: str, toml: str, files: str = "*", **console: str) -> None:
        super().__init__(at)
        self.toml(toml, **console)
        self.folder = folder
        for path in (DATA / folder).rglob(files):
            if path.is_file() and path.name not in ("truth.json", "SOURCE.txt"):
                (self.root / path.name).write_bytes(path.read_bytes())

    def __getitem__(self, name: str) -> Any:
        """A number of truth.json."""
        return json.loads((DATA / self.folder / "truth.json").read_text("utf-8"))["numbers"][name]["value"]

    def table(self, dimension: str | None, *words: str) -> dict[Any, dict[str, float]]:
        """`looptop metrics` as member → metric → value; without a dimension by period."""
        asked = ["--by", dimension] if dimension else []
        found: dict[Any, dict[str, float]] = {}
        for row in self.ask("metrics", *words, *asked)["rows"]:
            found.setdefault(row[dimension or "period"], {})[row["metric"]] = row["value"]
        return found

    def total(self, *words: str) -> dict[str, float]:
        """`looptop metrics` over everything: metric → value."""
        return self.table(None, *words)[None]


def metrics(table: str, **columns: str) -> str:
    """[metric.NAME] sections: the sum of a column of the file; "?" before a condition counts rows."""
    made = ""
    for name, what in columns.items():
        how = f"where = {json.dumps(what[1:])}" if what.startswith("?") else f"column = {json.dumps(what)}"
        made += f'\n[metric.{name}]\ntable = "{table}"\n{how}\n'
    return made


def ratios(**parts: tuple[str, str]) -> str:
    """[metric.NAME] sections of ratios."""
    return "".join(
        f'\n[metric.{name}]\nkind = "ratio"\nnum = "{num}"\nden = "{den}"\n'
        for name, (num, den) in parts.items()
    )


def near(wanted: Any) -> Any:
    """Equal up to the ten digits that truth.json writes."""
    return pytest.approx(wanted, rel=1e-8, nan_ok=True)

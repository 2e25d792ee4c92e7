"""Workspaces, files and readings for the tests of ingest."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from engine.expressions import parse
from engine.ingest import FileState, part_path, rejects, scan, take_in
from engine.ingest.profile import Profile, merged, read_profile
from engine.questions import Reject
from engine.schema import Table
from engine.workspace.model import ColumnRule, Console, EventRule, Identity, Rates, Source, Workspace

NOW = datetime(2026, 11, 22)

IDENTITY = Identity(
    priority=("member_id", "phone", "unionid", "email", "device_id", "cookie", "lead_id"),
    limit={}, fanout={},
    blocked_any=frozenset(
        ["-1", "null", "none", "nan", "undefined", "anonymous", "unknown", "test", "n/a", "未知", "无"]
    ),
    blocked_types={
        "phone": frozenset(["+8613800138000", "+8613800000000", "+8613888888888"]),
        "device_id": frozenset(["9774d56d682e549c"]),
        "email": frozenset(["test@test.com", "noreply@example.com"]),
    },
    blocked_regex={"any": ("^[0-]*$",)},
)  # fmt: skip


def workspace(root: Path, *sources: Source, timezone: str = "UTC") -> Workspace:
    """A workspace without metrics, funnels and rules."""
    console = Console(timezone=timezone)
    return Workspace(root, None, "", console, Rates(), sources, IDENTITY, {}, {}, {}, {}, {})


def columns(**given: str | tuple[str, ...]) -> dict[str, ColumnRule]:
    """`ts="day"`, `ts=("day", "time")` or `value="= Quantity * UnitPrice"`."""
    rules = {}
    for name, value in given.items():
        if isinstance(value, str) and value.startswith("= "):
            rules[name] = ColumnRule((), parse(value[2:]))
        else:
            rules[name] = ColumnRule((value,) if isinstance(value, str) else value)
    return rules


def source(table: Table = "events", files: str = "*", **more: Any) -> Source:
    """A source of all files; `event` may be a text."""
    if isinstance(more.get("event"), str):
        more["event"] = EventRule(constant=more["event"])
    return Source("s", (files,), table, **more)


class Reading:
    """What one file gave."""

    def __init__(self, state: FileState, cache: Path) -> None:
        self.state, self.cache = state, cache
        frames = [pl.read_parquet(part_path(cache, part)) for part in state.parts]
        self.facts = pl.concat(frames, how="diagonal") if frames else pl.DataFrame()
        self.rejects: list[Reject] = list(rejects(cache, state))
        self.profile: Profile = merged(read_profile(cache, part) for part in state.parts)

    def __getitem__(self, column: str) -> list[Any]:
        return self.facts[column].to_list() if column in self.facts.columns else []

    @property
    def reasons(self) -> list[tuple[int, str | None, str]]:
        return [(reject.line, reject.column, reject.reason) for reject in self.rejects]

    @property
    def filtered(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for part in self.state.parts:
            for reason, count in part.filtered:
                found[reason] = found.get(reason, 0) + count
        return found

    def without_rows(self) -> list[dict[str, Any]]:
        """Facts by line, without their number in a part."""
        names = sorted(name for name in self.facts.columns if name != "row")
        return self.facts.select(names).rows(named=True) if names else []


def read(
    tmp: Path,
    content: bytes | str,
    how: Source,
    name: str = "a.csv",
    *,
    timezone: str = "UTC",
    now: datetime = NOW,
) -> Reading:
    """Takes in one file with that content."""
    root = tmp / "data"
    root.mkdir(parents=True, exist_ok=True)
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return again(tmp, how, None, name, timezone=timezone, now=now)


def again(
    tmp: Path,
    how: Source,
    known: FileState | None,
    name: str = "a.csv",
    *,
    timezone: str = "UTC",
    now: datetime = NOW,
) -> Reading:
    """Takes the file in as it is now."""
    space = workspace(tmp / "data", how, timezone=timezone)
    found = next(file for file in scan(space) if file.path == name)
    return Reading(take_in(space, found, known, tmp / "cache", now), tmp / "cache")


def lines(*rows: str) -> str:
    """Lines, each ended."""
    return "".join(f"{row}\n" for row in rows)


def equation(state: FileState) -> bool:
    """rows = accepted + rejected + filtered."""
    return state.rows == state.accepted + state.rejected + state.filtered


__all__ = (
    "NOW",
    "Reading",
    "again",
    "columns",
    "equation",
    "lines",
    "read",
    "source",
    "workspace",
)

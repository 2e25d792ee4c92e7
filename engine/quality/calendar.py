"""When facts are expected: the workspace's zone, and the days of its calendar file."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from engine.errors import ConfigurationError, Fault

if TYPE_CHECKING:
    from engine.workspace.model import Workspace


@dataclass(frozen=True, slots=True)
class Calendar:
    """`holidays`: no facts are expected; `workdays`: they are, whatever the weekday. Days of `zone`."""

    zone: str = "UTC"
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()


def calendar(workspace: Workspace) -> Calendar:
    """The calendar of a workspace; without special days where it names no file.

    A day is a holiday by its kind, or by the effect `skip`. Raises: ConfigurationError.
    """
    name = workspace.console.calendar
    if not name:
        return Calendar(workspace.console.timezone)
    holidays, workdays, faults = set(), set(), []
    try:
        with (workspace.root / name).open(encoding="utf-8-sig", newline="") as file:
            for line, row in enumerate(csv.DictReader(file), start=2):
                try:
                    day = date.fromisoformat((row["date"] or "").strip().replace("/", "-"))
                except (KeyError, ValueError):
                    faults.append(Fault(name, line, "console.calendar", "needs the column date: 2026-10-01"))
                    continue
                kind, effect = (row.get("kind") or "").strip(), (row.get("effect") or "").strip()
                if kind == "workday":
                    workdays.add(day)
                elif kind == "holiday" or effect == "skip":
                    holidays.add(day)
    except (OSError, UnicodeDecodeError) as error:
        faults.append(Fault(name, 0, "console.calendar", f"cannot be read: {error}"))
    if faults:
        raise ConfigurationError(faults)
    return Calendar(workspace.console.timezone, frozenset(holidays), frozenset(workdays))

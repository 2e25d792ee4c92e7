"""The days of a workspace's calendar file: when facts are expected, and how rules judge."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from engine.errors import ConfigurationError, Fault, nearest
from engine.workspace.model import CalendarDay

if TYPE_CHECKING:
    from engine.workspace.model import Workspace

EFFECTS = ("skip", "same_name", "widen", "ignore")


@dataclass(frozen=True, slots=True)
class Calendar:
    """`holidays`: no facts are expected; `workdays`: they are, whatever the weekday. Days of `zone`.

    `days`: the file, line by line.
    """

    zone: str = "UTC"
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()
    days: tuple[CalendarDay, ...] = ()


def calendar(workspace: Workspace) -> Calendar:
    """The calendar of a workspace; without special days where it names no file.

    A day is a holiday by its kind, or by the effect `skip`. Raises: ConfigurationError.
    """
    name = workspace.console.calendar
    if not name:
        return Calendar(workspace.console.timezone)
    days: list[CalendarDay] = []
    faults: list[Fault] = []
    try:
        with (workspace.root / name).open(encoding="utf-8-sig", newline="") as file:
            for line, row in enumerate(csv.DictReader(file), start=2):
                found = _day(row)
                if isinstance(found, Fault):
                    faults.append(replace(found, file=name, line=line))
                else:
                    days.append(found)
    except (OSError, UnicodeDecodeError) as error:
        faults.append(Fault(name, 0, "console.calendar", f"cannot be read: {error}"))
    if faults:
        raise ConfigurationError(faults)
    workdays = frozenset(each.day for each in days if each.kind == "workday")
    holidays = frozenset(
        each.day
        for each in days
        if each.kind == "holiday" or (each.effect == "skip" and each.kind != "workday")
    )
    return Calendar(workspace.console.timezone, holidays, workdays, tuple(days))


def _day(row: Mapping[str, str | None]) -> CalendarDay | Fault:
    """A line of the file; what is wrong with it."""
    told = {key: (row.get(key) or "").strip() for key in ("date", "name", "kind", "effect", "factor")}
    try:
        day = date.fromisoformat(told["date"].replace("/", "-"))
    except ValueError:
        return _fault("needs the column date: 2026-10-01")
    effect = next((one for one in EFFECTS if one == told["effect"]), None)
    if told["effect"] and effect is None:
        return _fault(f'unknown effect "{told["effect"]}"', nearest(told["effect"], EFFECTS))
    try:
        factor = float(told["factor"]) if told["factor"] else None
    except ValueError:
        factor = math.nan
    if factor is not None and not 0 < factor < math.inf:
        return _fault(f'"{told["factor"]}" is no factor: a number above 0, 2 for twice as wide')
    return CalendarDay(day, told["name"], told["kind"], effect, factor)


def _fault(message: str, near: str | None = None) -> Fault:
    return Fault("", 0, "console.calendar", message, near)

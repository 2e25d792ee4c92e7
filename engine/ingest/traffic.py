"""Events that no visitor made: programs by their user agent, and the company's own people by rules."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources

import polars as pl

from engine.ingest.convert import Frame
from engine.ingest.eventrule import keep
from engine.ingest.named import text_of

_TRUE = ("true", "t", "yes", "y", "1", "是", "on")


def real(rows: Frame, filtered: dict[str, int]) -> pl.DataFrame:
    """The rows that visitors made; the others are counted under `bot` and `internal`."""
    traffic = rows.plan.workspace.traffic
    if rows.plan.table != "events" or rows.frame.is_empty():
        return rows.frame
    programs = _programs(rows)
    if programs is not None:
        rows.frame = keep(rows, ~programs, "bot", filtered)
    for rule in traffic.internal:
        ours = rows.evaluate(rule, "boolean").fill_null(False)
        rows.frame = keep(rows, ~ours, "internal", filtered)
    return rows.frame


def _programs(rows: Frame) -> pl.Series | None:
    """True where a row was made by a program; None where nothing says so."""
    traffic = rows.plan.workspace.traffic
    found = pl.repeat(False, len(rows.frame), dtype=pl.Boolean, eager=True)
    marked = text_of(rows, (traffic.bot_column,)) if traffic.bot_column else None
    if marked is not None:
        found = found | marked.str.to_lowercase().is_in(_TRUE).fill_null(False)
    columns, pattern, exceptions = shipped()
    agents = text_of(rows, columns) if traffic.bots else None
    if agents is not None:
        agents = agents.str.to_lowercase()
        known = agents.unique().drop_nulls()
        more = [known.str.contains(piece.lower(), literal=True) for piece in traffic.user_agents]
        people = known.str.contains(exceptions)
        programs = known.str.contains(pattern) & ~people
        for one in more:
            programs = programs | one
        found = found | agents.is_in(known.filter(programs).to_list()).fill_null(False)
    return found if found.any() else None


@cache
def shipped() -> tuple[tuple[str, ...], str, str]:
    """Columns of user agents; the pattern of those of programs, in lower case; what is none of them."""
    raw = tomllib.loads(resources.files("engine.ingest").joinpath("bots.toml").read_text(encoding="utf-8"))
    pieces = "|".join(re.escape(piece) for piece in raw["pieces"])
    endings = "|".join(re.escape(piece) for piece in raw["endings"])
    exceptions = "|".join(re.escape(piece) for piece in raw["except"])
    return tuple(raw["columns"]), f"{pieces}|(?:{endings})$", exceptions

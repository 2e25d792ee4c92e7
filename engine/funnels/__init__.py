"""Funnels: who went through the steps, how fast, and where the others stopped.

    events ─► read ─► arrange ─► search (sorted positions) ─► attempts ─► represent / totals ─► summary
                                    └► exact (ties, per-hop limits)  └► stored: tables attempts_<n>

Unit of truth is the attempt: every event of step 1 opens one. `answer` takes attempts from their tables
where a question needs no filter, dimension or persons, and computes them from events otherwise.
"""

from engine.funnels.answering import answer
from engine.funnels.definition import definition_hash, toml_of, written
from engine.funnels.document import to_json
from engine.funnels.people import Persons
from engine.funnels.stored import KINDS, table_name, tables

__all__ = [
    "KINDS",
    "Persons",
    "answer",
    "definition_hash",
    "table_name",
    "tables",
    "to_json",
    "toml_of",
    "written",
]

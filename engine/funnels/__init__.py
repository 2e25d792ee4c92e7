"""Funnels: who went through the steps, how fast, and where the others stopped.

    events ─► read ─► arrange ─► search (sorted positions) ─► attempts ─► represent / totals ─► summary
                                    └► exact (ties, per-hop limits)  ├► stored: tables attempts_<n>
                                                                   ├► beside: two funnels, who moves
                                                                   └► drivers: what goes with converting

Unit of truth is the attempt: every event of step 1 opens one. `answer` takes attempts from their tables
where a question needs no filter, dimension or persons, and computes them from events otherwise. `measure`
gives the numbers of a funnel per span of time to the metrics that stand over it.
"""

from engine.funnels.answering import answer
from engine.funnels.beside import beside
from engine.funnels.definition import definition_hash, toml_of, written
from engine.funnels.document import beside_to_json, drivers_to_json, to_json
from engine.funnels.drivers import drivers
from engine.funnels.measuring import Measuring, Wanted, measure
from engine.funnels.people import Persons
from engine.funnels.spans import Span
from engine.funnels.stored import KINDS, table_name, tables

__all__ = [
    "KINDS", "Measuring", "Persons", "Span", "Wanted", "answer", "beside", "beside_to_json",
    "definition_hash", "drivers", "drivers_to_json", "measure", "table_name", "tables", "to_json",
    "toml_of", "written",
]  # fmt: skip

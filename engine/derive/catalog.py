"""The derived tables that ship with looptop, read from `tables/*.sql`, and the order in which tables run."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from functools import cache
from graphlib import CycleError, TopologicalSorter
from importlib import resources
from string import Template

from engine.derive.table import DerivedTable
from engine.errors import StoreError
from engine.schema import Kind

CANONICAL = ("events", "spend", "profiles", "targets")

_HEADER = re.compile(r"\A\s*/\*(.*?)\*/(.*)\Z", re.DOTALL)

_KINDS: dict[str, Kind] = {
    "VARCHAR": "text", "BIGINT": "count", "UBIGINT": "count", "INTEGER": "count", "UINTEGER": "count",
    "DOUBLE": "number", "BOOLEAN": "boolean", "TIMESTAMP": "time", "DATE": "date",
}  # fmt: skip


def parse(name: str, text: str) -> DerivedTable:
    """A `.sql` file with its TOML header as a derived table.

    In:  the file's stem and text: a comment with key, reads, lookback_days, lookahead_days, doc and
         [columns] (name = "TYPE" or "TYPE, meaning"), then one SELECT.
    Raises: StoreError for a header that says too little.
    """
    match = _HEADER.match(text)
    if match is None:
        raise StoreError(f"derived table {name}: no header")
    header = tomllib.loads(match.group(1))
    try:
        return DerivedTable(
            name=name,
            key=header["key"],
            reads=tuple(header["reads"]),
            columns=tuple(
                (column, kind.split(", ")[0].strip()) for column, kind in header["columns"].items()
            ),
            sql=match.group(2).strip(),
            lookback_days=int(header.get("lookback_days", 0)),
            lookahead_days=int(header.get("lookahead_days", 0)),
            doc=header.get("doc", ""),
        )
    except KeyError as missing:
        raise StoreError(f"derived table {name}: its header lacks {missing}") from None


@cache
def shipped(credit_everything: bool = False) -> tuple[DerivedTable, ...]:
    """The tables of `engine/derive/tables`.

    In:  whether events of every kind may need a credited channel (some metric credits behaviour), or
         only transactions, leads and registrations.
    """
    found = []
    for path in sorted(
        resources.files("engine.derive").joinpath("tables").iterdir(), key=lambda one: one.name
    ):
        if path.name.endswith(".sql"):
            text = path.read_text(encoding="utf-8")
            if "$everything" in text:
                text = Template(text).substitute(everything="TRUE" if credit_everything else "FALSE")
            found.append(parse(path.name.removesuffix(".sql"), text))
    return in_order(found)


def in_order(tables: Iterable[DerivedTable]) -> tuple[DerivedTable, ...]:
    """Tables so that each comes after those that it reads.

    Raises: StoreError naming the tables of a cycle or one that reads an unknown table.
    """
    by_name = {table.name: table for table in tables}
    for table in by_name.values():
        for read in table.reads:
            if read not in by_name and read not in CANONICAL:
                raise StoreError(f"derived table {table.name} reads {read}, which nothing makes")
    graph = {
        name: [read for read in table.reads if read in by_name] for name, table in sorted(by_name.items())
    }
    try:
        return tuple(by_name[name] for name in TopologicalSorter(graph).static_order())
    except CycleError as error:
        raise StoreError(f"derived tables read each other in a circle: {' → '.join(error.args[1])}") from None


def kinds(columns: Sequence[tuple[str, str]]) -> dict[str, Kind]:
    """Kinds of a table's columns, for the expression checker."""
    return {
        name: _KINDS.get(kind, "money" if kind.startswith("DECIMAL") else "text") for name, kind in columns
    }

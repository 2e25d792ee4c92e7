"""Whether a query of somebody's own may run: one SELECT over tables that are offered, and nothing beside.

The text is read by DuckDB's own parser and planned in a database that reaches nothing (`Checker`); only
what passes both runs where the data are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from engine.errors import StoreError, UnknownName, UsageError, nearest
from engine.store.duck import Checker

T = TypeVar("T")

SOURCES = frozenset({"range", "generate_series", "unnest", "json_each", "json_tree"})
"""Functions that may stand in FROM."""
_RANDOM = frozenset({"random", "uuid", "uuidv4", "uuidv7", "gen_random_uuid", "error"})
_TELLING = frozenset(
    {
        "current_setting", "getvariable", "in_search_path", "json_serialize_plan", "pg_sleep", "pg_get_viewdef",
        "stats", "get_block_size",
    }
)  # fmt: skip
"""Functions that say how the database is set up, or wait."""
_LINE = re.compile(r"^LINE (\d+): (.*)$", re.MULTILINE)
_KIND = re.compile(r"^[A-Z][A-Za-z]*(?: [A-Za-z]+)? Error: ")
_NAMED = re.compile(r'(?:Referenced column|column named) "([^"]+)"')
_MEANT = re.compile(r'Did you mean "([^"]+)"')


@dataclass(frozen=True, slots=True)
class Reading:
    """What a query names. `words`: every name in it, in lower case; `whole`: it may read every column."""

    tables: frozenset[str]
    words: frozenset[str]
    whole: bool
    single: frozenset[str] = frozenset()
    """Names, in lower case, that end a reference: of what is behind them every part may be read."""

    def reads(self, column: str) -> bool:
        """Whether a column may be read."""
        return self.whole or column.casefold() in self.words

    def alone(self, column: str) -> bool:
        """Whether a column may be read with all its parts."""
        return self.whole or column.casefold() in self.single


def read(checker: Checker, sql: str, offered: Mapping[str, Collection[str]]) -> Reading:
    """Check a query against the tables that are offered, by name with their columns.

    Raises: UsageError naming what is not possible, or what is wrong with the nearest valid name.
    """
    statements = _asked(lambda: checker.statements(sql), ())
    if len(statements) != 1:
        raise UsageError(f"one query at a time, not {len(statements)}; nothing was run")
    if not statements[0]:
        raise UsageError("only SELECT: the tables are read, never changed; nothing was run")
    tree = json.loads(_asked(lambda: checker.tree(sql), ()))
    if tree.get("error"):
        raise UsageError(f"only SELECT can be run here: {tree.get('error_message', 'no query')}")
    found = _reading(list(_nodes(tree)), offered, checker.volatile() - _RANDOM | _TELLING)
    columns = [column for table in found.tables for column in offered[table]]
    _asked(lambda: checker.plan(sql), columns)
    return found


def _asked(call: Callable[[], T], columns: Collection[str]) -> T:
    try:
        return call()
    except StoreError as error:
        raise UsageError(cause(str(error), columns)) from error


def cause(message: str, columns: Collection[str]) -> str:
    """DuckDB's message as one sentence: what is wrong, where, and the nearest valid name."""
    head = _KIND.sub("", message.split("\n")[0]).rstrip("!. ")
    named, meant = _NAMED.search(head), _MEANT.search(message)
    near = nearest(named[1], columns) if named else meant[1] if meant else None
    line = _LINE.search(message)
    where = f" (line {line[1]})" if line else ""
    return f"{head}{where}" + (f"; nearest: {near}" if near else "")


def _nodes(value: object) -> Iterator[dict[str, object]]:
    """Every object of the tree."""
    if isinstance(value, dict):
        yield value
        for each in value.values():
            yield from _nodes(each)
    elif isinstance(value, list):
        for each in value:
            yield from _nodes(each)


def _reading(
    nodes: list[dict[str, object]], offered: Mapping[str, Collection[str]], refused: Collection[str]
) -> Reading:
    own = {name for node in nodes for name in _own_names(node)}
    tables, words, whole = set[str](), set[str](), False
    known = {name.casefold(): name for name in offered}
    for node in nodes:
        words |= {each.casefold() for each in _texts(node)}
        kind = node.get("type")
        if kind == "BASE_TABLE":
            name = _table(node, known, own, offered)
            tables |= {name} if name else set()
        elif kind == "TABLE_FUNCTION":
            _source(node)
        elif kind == "SHOW_REF" and not node.get("query"):
            raise UsageError("the tables are listed by `looptop sql DIR --tables`")
        if node.get("class") == "FUNCTION" and str(node.get("function_name", "")).casefold() in refused:
            raise UsageError(f"the function {node['function_name']} is not possible here; nothing was run")
        whole = whole or _is_whole(node, own | set(known))
    single = {str(names[-1]).casefold() for node in nodes if (names := node.get("column_names"))}  # type: ignore[index]
    return Reading(frozenset(tables), frozenset(words), whole, frozenset(single))


def _own_names(node: Mapping[str, object]) -> Iterator[str]:
    """Names of common table expressions, and aliases."""
    held = node.get("cte_map")
    listed = held.get("map") if isinstance(held, dict) else None
    for each in listed if isinstance(listed, list) else ():
        yield str(each["key"]).casefold()
    if node.get("alias") and "column_names" not in node:
        yield str(node["alias"]).casefold()


def _table(
    node: Mapping[str, object],
    known: Mapping[str, str],
    own: Collection[str],
    offered: Mapping[str, Collection[str]],
) -> str | None:
    """The offered table that is read; None for a name of the query's own."""
    name = str(node.get("table_name", ""))
    if not (node.get("schema_name") or node.get("catalog_name")):
        if name.casefold() in known:
            return known[name.casefold()]
        if name.casefold() in own:
            return None
    path = node.get("qualified_name")
    full = path.get("path") if isinstance(path, dict) else None
    raise UnknownName("table", ".".join(map(str, full)) if isinstance(full, list) else name, offered)


def _source(node: Mapping[str, object]) -> None:
    function = node.get("function")
    name = str(function.get("function_name", "")) if isinstance(function, dict) else ""
    if name.casefold() not in SOURCES:
        raise UsageError(f"{name}(…) is not possible here: a query reads the tables alone; nothing was run")


def _texts(node: Mapping[str, object]) -> Iterator[str]:
    for value in node.values():
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            yield from (each for each in value if isinstance(each, str))


def _is_whole(node: Mapping[str, object], tables: Collection[str]) -> bool:
    """Whether a node stands for columns that it does not name."""
    names = node.get("column_names")
    row = isinstance(names, list) and len(names) == 1 and str(names[0]).casefold() in tables
    return node.get("class") == "STAR" or node.get("ref_type") == "NATURAL" or row

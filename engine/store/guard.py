"""Whether a query of somebody's own may run: one SELECT over tables that are offered, and nothing beside.

The text is read by DuckDB's own parser and planned in a database that reaches nothing (`Checker`). What
passes both is written anew from the parser's tree, over views under names of their own (`VIEW`): only that
runs where the data are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from engine.errors import StoreError, UnknownName, UsageError, nearest
from engine.store.duck import Checker

T = TypeVar("T")

VIEW = "asked_"
"""Before the name of a table: the view that a query reads in its place."""
SOURCES = frozenset({"range", "generate_series", "unnest", "json_each", "json_tree"})
"""Functions that may stand in FROM."""
_RANDOM = frozenset({"random", "uuid", "uuidv4", "uuidv7", "gen_random_uuid", "error"})
_TELLING = frozenset(
    {
        "current_setting", "getvariable", "in_search_path", "json_serialize_plan", "pg_sleep",
        "pg_get_viewdef", "stats", "get_block_size",
    }
)  # fmt: skip
"""Functions that say how the database is set up, or wait."""
_GROWING = frozenset(
    {
        "repeat", "lpad", "rpad", "format", "printf", "to_base", "bar", "list_resize", "array_resize",
        "range", "generate_series",
    }
)  # fmt: skip
"""Functions that make much out of little at one go, which no limit can stop; ranges may stand in FROM."""
_LINE = re.compile(r"^LINE (\d+): (.*)$", re.MULTILINE)
_KIND = re.compile(r"^[A-Z][A-Za-z]*(?: [A-Za-z]+)? Error: ")
_NAMED = re.compile(r'(?:Referenced column|column named) "([^"]+)"')
_MEANT = re.compile(r'Did you mean "([^"]+)"')


@dataclass(frozen=True, slots=True)
class Reading:
    """What a query names. `words`: every name in it, in lower case; `whole`: it may read every column.

    `sql` is the query over the views; `columns` are its names.
    """

    tables: frozenset[str]
    words: frozenset[str]
    whole: bool
    single: frozenset[str] = frozenset()
    """Names, in lower case, that end a reference: of what is behind them every part may be read."""
    sql: str = ""
    columns: tuple[str, ...] = ()

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
    found = _reading(list(_nodes(tree)), offered, checker.volatile() - _RANDOM | _TELLING | _GROWING)
    columns = [column for table in found.tables for column in offered[table]]
    names = _asked(lambda: checker.plan(sql), columns)
    for node in _nodes(tree):
        _over_view(node, found.tables)
    text = _asked(lambda: checker.text(json.dumps(tree)), columns)
    return replace(found, sql=text, columns=tuple(names))


def _over_view(node: dict[str, object], tables: Collection[str]) -> None:
    """Let a node that reads a table read its view."""
    name = str(node.get("table_name", ""))
    table = next((one for one in tables if one.casefold() == name.casefold()), None)
    if node.get("type") == "BASE_TABLE" and table is not None:
        node |= {"alias": node.get("alias") or name, "table_name": VIEW + table}
        node["qualified_name"] = {"path": [VIEW + table]}


def _asked(call: Callable[[], T], columns: Collection[str]) -> T:
    try:
        return call()
    except StoreError as error:
        raise UsageError(cause(str(error), columns)) from error


def cause(message: str, columns: Collection[str]) -> str:
    """DuckDB's message as one sentence: what is wrong, where, and the nearest valid name."""
    head = _KIND.sub("", message.split("\n", maxsplit=1)[0]).rstrip("!. ")
    named, meant = _NAMED.search(head), _MEANT.search(message)
    head = f'no column "{named[1]}"' if named else head
    near = nearest(named[1], columns) if named else meant[1] if meant else None
    line = _LINE.search(message)
    where = f" (line {line[1]})" if line else ""
    return f"{head}{where}" + (f"; nearest: {near}" if near else "")


def _nodes(value: object) -> Iterator[dict[str, object]]:
    """Every object of the tree."""
    if isinstance(value, dict):
        yield value
        for each in list(value.values()):
            yield from _nodes(each)
    elif isinstance(value, list):
        for each in value:
            yield from _nodes(each)


def _reading(
    nodes: list[dict[str, object]], offered: Mapping[str, Collection[str]], refused: Collection[str]
) -> Reading:
    own = {name for node in nodes for name in _own_names(node)}
    taken = {name for node in nodes for name in _expressions(node)} & {name.casefold() for name in offered}
    if taken:
        raise UsageError(f"WITH {min(taken)}: a table has that name; take another one")
    tables, words, whole = set[str](), set[str](), False
    known = {name.casefold(): name for name in offered}
    sources = {id(node.get("function")) for node in nodes if node.get("type") == "TABLE_FUNCTION"}
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
        function = str(node.get("function_name", "")) if node.get("class") == "FUNCTION" else ""
        if function.casefold() in refused and id(node) not in sources:
            raise UsageError(f"the function {function} is not possible here; nothing was run")
        whole = whole or _is_whole(node, own | set(known))
    single = {str(names[-1]).casefold() for node in nodes if (names := node.get("column_names"))}  # type: ignore[index]
    return Reading(frozenset(tables), frozenset(words), whole, frozenset(single))


def _expressions(node: Mapping[str, object]) -> Iterator[str]:
    """Names of common table expressions."""
    held = node.get("cte_map")
    listed = held.get("map") if isinstance(held, dict) else None
    for each in listed if isinstance(listed, list) else ():
        yield str(each["key"]).casefold()


def _own_names(node: Mapping[str, object]) -> Iterator[str]:
    """Those, and aliases."""
    yield from _expressions(node)
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

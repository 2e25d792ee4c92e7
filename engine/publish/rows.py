"""Rows of the canonical tables as people see them: canonical columns, props, person, file and line."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from engine.errors import UnknownName, UsageError
from engine.expressions import SqlColumn, check, parse, to_sql
from engine.identity import mask, mask_name, mask_personal, mask_text
from engine.ingest.personal import personal
from engine.publish.names import Names
from engine.questions import Attribute, RowsAnswer
from engine.schema import COLUMNS, Kind
from engine.store.duck import quote
from engine.store.relation import looked_up, props
from engine.store.select import Select

if TYPE_CHECKING:
    from engine.store import Store
    from engine.workspace.model import Source, Workspace

_FREE = frozenset({"text", "page"})
"""Canonical columns that may hold anything."""

RowTable = Literal["events", "spend", "profiles"]


def rows(
    store: Store,
    workspace: Workspace,
    names: Names,
    table: str,
    *,
    where: str | None = None,
    limit: int | None = None,
    reveal: bool = False,
    of: int | None = None,
) -> RowsAnswer:
    """Rows of a canonical table that count, in the order of files and lines.

    In:  `where` in the expression language over canonical columns and props; `of`: the number of a person.
    Out: `columns` in canonical order, then identifiers, `props` (a dict: those of its file, and what is
         looked up), `person`.
    Raises: UnknownName, UsageError, ExpressionError.
    """
    if table not in ("events", "spend", "profiles"):
        raise UnknownName("table", table, ["events", "spend", "profiles"])
    readable = _readable(table, where)
    known = store.columns(readable)
    extra = props(store, table)  # type: ignore[arg-type]
    kinds: dict[str, Kind] = {column.name: column.kind for column in COLUMNS[table]}  # type: ignore[index]
    identifiers = list(workspace.identity.priority) if table != "spend" else []
    canonical = [name for name in kinds if name not in ("source", "file", "line")]
    looked = sorted(looked_up(store, table))
    wanted = [*canonical, *identifiers, *(f"p.{name}" for name in extra), *looked, "source", "file", "line"]
    asked = parse(where).columns & looked_up(store, readable).keys() if where else ()
    relation = store.relation(readable, [*asked, *(name for name in wanted if name != "subject")])
    own = {*canonical, *identifiers, *looked, "source", "file", "line", "amount", "lts", "day"}
    places = {name: quote(name if name in own or name not in extra else f"p.{name}") for name in known}
    # Money is read in the console's currency, as metrics read it: a drill-down sums to its tile.
    places |= {"value": quote("amount")} if table == "events" else {}
    condition: tuple[str, ...] = (_condition(where, known, places),) if where else ()
    condition += ("person = ?",) if of is not None else ()
    total = store.rows(Select(relation, (("count(*)", "n"),), where=condition).sql(), _bound(of))[0][0]
    numbers = (("person", "person"),) if table != "spend" else ()
    select = Select(
        relation,
        tuple((places.get(name, quote(name)), name) for name in wanted) + numbers,
        where=condition,
        order=("file", "line", quote("row")),
        limit=limit,
    )
    found = store.rows(select.sql(), _bound(of))
    people = names.ids([int(row[-1]) for row in found if numbers and row[-1] is not None])  # type: ignore[call-overload]
    held = _held(store, table)
    shaped = _Shape(
        canonical,
        identifiers,
        [*extra, *looked],
        held,
        set(looked),
        people,
        reveal,
        bool(numbers),
        {one.name: one for one in workspace.sources},
    )
    columns = (*canonical, *identifiers, "source", "file", "line", "props", "person")
    return RowsAnswer(table, columns, tuple(shaped.row(row) for row in found), int(str(total)))


def _bound(of: int | None) -> list[int]:
    return [] if of is None else [of]


def attributes(
    store: Store, workspace: Workspace, names: Names, person: int, reveal: bool = False
) -> tuple[Attribute, ...]:
    """What profiles say of a person, by its number: of each column the last value by file and line."""
    answer = rows(store, workspace, names, "profiles", of=person, reveal=reveal)
    hidden = {*workspace.identity.priority, "subject", "source", "file", "line", "props", "person"}
    found: dict[str, Attribute] = {}
    for row in answer.rows:
        said = dict(zip(answer.columns, row, strict=True))
        file, line, props = str(said["file"]), int(str(said["line"])), said["props"]
        assert isinstance(props, dict)
        own = {name: value for name, value in said.items() if name not in hidden}
        for name, value in {**own, **props}.items():
            if value not in (None, "", [], ()):
                found[name] = Attribute(name, value, file, line)
    order = [column.name for column in COLUMNS["profiles"]]
    return tuple(
        sorted(found.values(), key=lambda one: order.index(one.name) if one.name in order else len(order))
    )


def _readable(table: str, where: str | None) -> str:
    """`credited` where a condition names the touch that got the credit (`c_channel`, …), else the table."""
    asked = parse(where).columns if where and table == "events" else frozenset()
    return "credited" if any(name.startswith("c_") for name in asked) else table


def _held(store: Store, table: str) -> dict[str, frozenset[str]]:
    """The props that each file of a table has."""
    found: dict[str, frozenset[str]] = {}
    for one in store.instances.values():
        if one.table == table:
            found[one.file] = found.get(one.file, frozenset()) | {name for name, _ in one.props}
    return found


def _condition(where: str, known: Mapping[str, Kind], places: Mapping[str, str]) -> str:
    """A condition of the command line as SQL; `places` says where each known column stands.

    Raises: ExpressionError; UsageError naming what is wrong and the nearest valid name.
    """
    expression = parse(where)
    faults = check(expression, known, want="boolean")
    if faults:
        raise UsageError(
            "; ".join(message + (f"; nearest: {near}" if near else "") for message, near in faults)
        )
    return to_sql(expression, {name: SqlColumn(places[name], kind) for name, kind in known.items()})


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a row of the query becomes a row of the answer."""

    canonical: Sequence[str]
    identifiers: Sequence[str]
    extra: Sequence[str]
    held: Mapping[str, frozenset[str]]
    looked: Collection[str]
    people: Mapping[int, str]
    reveal: bool
    has_person: bool
    sources: Mapping[str, Source]

    def row(self, found: Sequence[object]) -> tuple[object, ...]:
        """Canonical values, identifiers (masked), lineage, props, person."""
        values = list(found)
        person = values.pop() if self.has_person else None
        source, file, line = values[-3:]
        origin = self.sources.get(str(source))
        head = [
            self._canonical(name, value, origin) for name, value in zip(self.canonical, values, strict=False)
        ]
        if "event_id" in self.canonical and head[self.canonical.index("event_id")] is None:
            head[self.canonical.index("event_id")] = f"{source}:{file}:{line}"
        at = len(self.canonical)
        names = [
            self._identifier(kind, value) for kind, value in zip(self.identifiers, values[at:], strict=False)
        ]
        at += len(self.identifiers)
        others = {
            name: self._hidden(name, _plain(value), origin)
            for name, value in zip(self.extra, values[at : at + len(self.extra)], strict=True)
            if name in self.looked or name in self.held[str(file)]
        }
        shown = self.people.get(int(str(person))) if person is not None else None
        return (*head, *names, source, file, line, others, shown)

    def _canonical(self, name: str, value: object, origin: Source | None) -> object:
        if name == "subject" and value is not None:
            return f"{int(str(value)):016x}"
        if name == "name" and isinstance(value, str) and not self.reveal:
            return mask_name(value)
        if name in _FREE or (origin is not None and name in origin.personal):
            return self._hidden(name, _plain(value), origin)
        return _plain(value)

    def _hidden(self, name: str, value: object, origin: Source | None) -> object:
        """A text outside the identifiers: a personal column masked, else what looks like an identifier."""
        if self.reveal or value is None:
            return value
        if origin is not None and personal(origin, name):
            return mask_personal(str(value))
        return mask_text(value) if isinstance(value, str) else value

    def _identifier(self, kind: str, value: object) -> object:
        if not isinstance(value, list | tuple) or not value:
            return None
        shown = [one if self.reveal else mask(kind, str(one)) for one in value]
        return shown[0] if len(shown) == 1 else shown


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return value.normalize() if value else Decimal(0)
    return value

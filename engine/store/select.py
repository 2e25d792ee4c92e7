"""The one builder of queries: parts that are safe by construction, joined in one place.

A fragment is SQL from `engine.expressions.to_sql`, from `quote`, fixed text of the program, or `?` with
its value in `params` (in the order in which the fragments stand: columns, where, group).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.store.duck import quote

Fragment = tuple[str, str]
"""(SQL, alias)."""


@dataclass(frozen=True, slots=True)
class Select:
    """A SELECT over one relation.

    `relation` is a table name or a parenthesised query; `joins` are whole JOIN clauses of fixed text.
    """

    relation: str
    columns: tuple[Fragment, ...] = ()
    joins: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    group: tuple[str, ...] = ()
    having: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    limit: int | None = None
    distinct: bool = False
    params: tuple[object, ...] = ()

    def sql(self) -> str:
        """The text, values as `?`."""
        columns = ", ".join(f"{sql} AS {quote(alias)}" for sql, alias in self.columns) or "*"
        text = f"SELECT {'DISTINCT ' if self.distinct else ''}{columns} FROM {self.relation}"
        for join in self.joins:
            text += f" {join}"
        if self.where:
            text += " WHERE " + " AND ".join(f"({fragment})" for fragment in self.where)
        if self.group:
            text += " GROUP BY " + ", ".join(self.group)
        if self.having:
            text += " HAVING " + " AND ".join(f"({fragment})" for fragment in self.having)
        if self.order:
            text += " ORDER BY " + ", ".join(self.order)
        if self.limit is not None:
            text += f" LIMIT {int(self.limit)}"
        return text

    def also(self, *where: str, params: tuple[object, ...] = ()) -> Select:
        """The same with more conditions."""
        return replace(self, where=self.where + where, params=self.params + params)


def union_all(queries: tuple[Select, ...]) -> tuple[str, tuple[object, ...]]:
    """Several queries of equal columns as one: its text and all values in order."""
    text = " UNION ALL ".join(query.sql() for query in queries)
    return text, tuple(value for query in queries for value in query.params)

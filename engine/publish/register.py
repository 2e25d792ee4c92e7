"""What the ledger remembers: who was canonical, which links people drew, how metrics were defined."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from engine import alerts, metrics
from engine.store import Beside

if TYPE_CHECKING:
    from engine.alerts import Ledger
    from engine.identity.resolve import Links
    from engine.store import LookupContent, Store
    from engine.workspace.model import Workspace

Verdict = Literal["always", "never", "forget"]
"""What somebody says of two identifiers; `forget` takes an earlier verdict back."""

_SIGN = 1 << 63


def canonicals(store: Store) -> set[int]:
    """Numbers of the canonical identifiers that the last change made.

    Reads the temp table resolved(id, component, person) of the writer. Raises: StoreError.
    """
    return {int(str(number)) for (number,) in store.write("SELECT DISTINCT person FROM resolved")}


def remember_canonicals(ledger: Ledger, numbers: Collection[int]) -> None:
    """Keep the numbers of identifiers that became canonical. Raises: StoreError."""
    if numbers:
        with ledger.transaction():
            ledger.many(
                "INSERT OR IGNORE INTO person_canonicals VALUES (?)",
                sorted((_signed(number),) for number in numbers),
            )


def formerly(ledger: Ledger, of: Iterable[int] | None = None) -> frozenset[int]:
    """Numbers of identifiers that were canonical at any time: of all, or of those asked for."""
    if of is None:
        rows = ledger.rows("SELECT id FROM person_canonicals")
    else:
        listed = ", ".join(str(_signed(one)) for one in of) or "NULL"
        rows = ledger.rows(f"SELECT id FROM person_canonicals WHERE id IN ({listed})")  # noqa: S608 - numbers
    return frozenset(int(str(number)) & (2 * _SIGN - 1) for (number,) in rows)


def links(ledger: Ledger, configured: Links) -> Links:
    """The manual links in force: what people said in the console stands above the configuration.

    In:  always and never links of the configuration.
    """
    said = {
        frozenset((str(a), str(b))): (str(kind), (str(a), str(b)))
        for kind, a, b in ledger.rows("SELECT kind, a, b FROM person_links ORDER BY n")
    }
    decided = {pair for pair, (kind, _) in said.items() if kind != "forget"}
    kept = [tuple(link for link in each if frozenset(link) not in decided) for each in configured]
    added = [tuple(link for kind, link in said.values() if kind == name) for name in ("always", "never")]
    return kept[0] + added[0], kept[1] + added[1]


def beside(ledger: Ledger, workspace: Workspace, looked: Sequence[LookupContent]) -> Beside:
    """What people decided and what the lookups say, as it is now."""
    configured = (workspace.identity.always_link, workspace.identity.never_link)
    return Beside(links(ledger, configured), alerts.taken(ledger), tuple(looked))


def decide_link(
    ledger: Ledger, verdict: Verdict, a: str, b: str, *, author: str, reason: str, at: datetime
) -> None:
    """Write down what somebody says of two identifiers (`type:value`). Raises: StoreError."""
    with ledger.transaction():
        ledger.rows(
            "INSERT INTO person_links (kind, a, b, author, reason, at) VALUES (?, ?, ?, ?, ?, ?)",
            (verdict, a, b, author, reason, at.isoformat(timespec="microseconds")),
        )


def remember_definitions(ledger: Ledger, workspace: Workspace, at: datetime) -> None:
    """Keep the definitions that have another hash than when they were last seen. Raises: StoreError."""
    last = {
        str(name): str(hashed)
        for name, hashed in ledger.rows("SELECT metric, definition FROM metric_definitions ORDER BY n")
    }
    moment = at.isoformat(timespec="microseconds")
    found = [(each.name, each.definition, each.formula, moment) for each in metrics.dictionary(workspace)]
    fresh = [row for row in found if last.get(row[0]) != row[1]]
    if fresh:
        with ledger.transaction():
            ledger.many(
                "INSERT INTO metric_definitions (metric, definition, formula, at) VALUES (?, ?, ?, ?)", fresh
            )


def definitions(ledger: Ledger, timezone: str) -> metrics.Seen:
    """By metric: day (in a time zone), hash and formula of every definition seen, oldest first."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    for name, hashed, formula, at in ledger.rows(
        "SELECT metric, definition, formula, at FROM metric_definitions ORDER BY n"
    ):
        day = datetime.fromisoformat(str(at)).replace(tzinfo=UTC).astimezone(ZoneInfo(timezone)).date()
        found.setdefault(str(name), []).append((day.isoformat(), str(hashed), str(formula)))
    return found


def _signed(number: int) -> int:
    """A number of 64 bits as SQLite keeps it."""
    return number - 2 * _SIGN if number >= _SIGN else number

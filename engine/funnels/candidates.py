"""Which columns can say something about converting: those that sort persons, not those that name one."""

from __future__ import annotations

from engine.ingest.personal import personal
from engine.schema import UNGROUPED
from engine.store.tables import Tables
from engine.workspace.model import Workspace

MOST_COLUMNS = 60
_NO_PROPERTY = frozenset({"event", "kind", "order_id", "currency", "record", "source"})


def columns_of(tables: Tables, workspace: Workspace, table: str = "events") -> list[str]:
    """Columns of texts and yes or no that neither name a row or a person nor say who somebody is."""
    hidden = UNGROUPED | _NO_PROPERTY | set(workspace.identity.priority)
    kinds = tables.columns(table)
    lists = {"text", "boolean", "list"} if table == "profiles" else {"text", "boolean"}
    found = [
        name
        for name, kind in kinds.items()
        if kind in lists
        and name not in hidden
        and not any(personal(source, name) for source in workspace.sources)
    ]
    return sorted(found)[:MOST_COLUMNS]

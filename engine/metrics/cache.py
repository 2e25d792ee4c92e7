"""Results kept by what they were made from: definition, question, and the version of the days read."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from threading import Lock
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from engine.metrics.plan import Measure
from engine.metrics.read import Ask, Cells, read
from engine.metrics.targets import Targets

if TYPE_CHECKING:
    from engine.store.tables import Tables
    from engine.workspace.model import Workspace

SIZE = 512
"""Results kept per store."""


class Results:
    """The newest results, least recently used out first; safe in any thread."""

    def __init__(self, size: int = SIZE) -> None:
        self._size, self._lock = size, Lock()
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()

    def get(self, key: Hashable) -> Any:
        """What was kept, or None."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: Hashable, value: Any) -> None:
        """Keep a value that nobody changes any more."""
        with self._lock:
            self._kept[key] = value
            self._kept.move_to_end(key)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)

    def of(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """What was kept, else what `make` gives, kept from now on."""
        found = self.get(key)
        if found is None:
            found = make()
            self.put(key, found)
        return found


_stores: WeakKeyDictionary[Any, Results] = WeakKeyDictionary()
_lock = Lock()


def results(tables: Tables) -> Results:
    """The results kept for one store, gone with it."""
    with _lock:
        try:
            return _stores.setdefault(tables, Results())
        except TypeError:
            return Results()


def cells(
    tables: Tables, workspace: Workspace, measures: Iterable[Measure], ask: Ask
) -> dict[Measure, Cells]:
    """`read`, asking only for what is not kept; measures that are missing are read together."""
    kept = results(tables)
    found: dict[Measure, Cells] = {}
    missing: dict[Measure, Hashable] = {}
    question = (workspace.digest, ask)
    for measure in sorted(measures, key=repr):
        key = ("cells", measure, question, _version(tables, measure, ask))
        value = kept.get(key)
        if value is None:
            missing[measure] = key
        else:
            found[measure] = value
    for measure, value in (read(tables, workspace, missing, ask) if missing else {}).items():
        kept.put(missing[measure], value)
        found[measure] = value
    return found


def targets(tables: Tables, workspace: Workspace) -> Targets:
    """All targets, read again when a target file or the configuration changes."""
    key = ("targets", workspace.digest, tables.version(("targets",)))
    found: Targets = results(tables).of(key, lambda: Targets.load(tables, workspace))
    return found


_READ: Mapping[str, tuple[str, ...]] = {
    "events": ("events", "event_days", "person_days", "credits"),
    "spend": ("spend", "spend_days"),
    "sessions": ("sessions", "session_days"),
    "customers": ("customers", "new_customers"),
    "cohort": ("cohort_days",),
    "repeat_orders": ("events", "person_days", "credits"),
}
"""Relations that can stand behind a measure; others read the whole history of persons."""


def _version(tables: Tables, measure: Measure, ask: Ask) -> str:
    """Version of what a measure reads: of the days of its slots where they alone decide."""
    read = _READ.get(measure.table)
    if read is None or not ask.slots or measure.flow is not None:
        return tables.version(("events", "profiles", "person_days"))
    if measure.credit == "own":
        read = tuple(name for name in read if name != "credits")
    return tables.version(read, min(slot.first for slot in ask.slots), max(slot.last for slot in ask.slots))

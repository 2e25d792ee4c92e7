"""Run a query of somebody's own beside everything else: on a cursor of its own, within limits.

It reads the published version in a transaction that is always rolled back, so that its views are gone with
it. A watch interrupts it when its time is over or the tables' memory has grown by too much.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.errors import StoreError, UsageError
from engine.store.guard import cause

if TYPE_CHECKING:
    from engine.store.store import Store

MEMORY = 1 << 30
"""Bytes that a query may take."""
_LOOK_SECONDS = 0.05

Statement = tuple[str, Sequence[object]]


@dataclass(frozen=True, slots=True)
class Limits:
    """How many rows are read, and how long and with how many bytes a query may run."""

    rows: int
    seconds: float
    memory: int = MEMORY


def run_apart(
    store: Store, before: Sequence[Statement], sql: str, limits: Limits
) -> tuple[list[str], list[tuple[object, ...]], float]:
    """Types of the columns, rows and seconds of a checked query.

    In:  statements of the program's own that make what it reads; a text that `engine.store.guard` wrote.
    Raises: UsageError for a limit that is exceeded or a value that cannot be computed.
    """
    started = time.perf_counter()
    with store.apart() as cursor, _Watch(store, limits) as watch:
        try:
            for statement, params in before:
                store.duck.rows_of(cursor, statement, params)
            types, rows = store.duck.head_of(cursor, sql, limits.rows)
        except StoreError as error:
            raise UsageError(watch.verdict or cause(str(error), ())) from error
        return types, rows, time.perf_counter() - started


@dataclass
class _Watch:
    """Interrupts the cursor beside when a limit is exceeded; `verdict` says which."""

    store: Store
    limits: Limits
    verdict: str = ""
    _over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> _Watch:
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        assert self._thread is not None
        self._thread.join()

    def _look(self) -> None:
        end, held = time.monotonic() + self.limits.seconds, self.store.duck.memory()
        while not self._over.wait(_LOOK_SECONDS):
            if time.monotonic() > end:
                self.verdict = (
                    f"not done after {self.limits.seconds:g} s: stopped; ask for less or allow more"
                )
            elif self.store.duck.memory() - held > self.limits.memory:
                self.verdict = (
                    f"needs more than {self.limits.memory >> 20} MiB of memory and was stopped; ask for less"
                )
            if self.verdict:
                self.store.stop_apart()

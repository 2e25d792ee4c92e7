"""Derived tables on disk, so that a start with the cache in place derives nothing.

They are good for exactly one set of parts and definitions, which `digest` names; anything else is built
from nothing. `<cache>/derived/<digest>/<table>.parquet`, written aside and renamed as a whole.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
from collections.abc import Iterable
from dataclasses import fields
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from engine.derive.table import DerivedTable
from engine.errors import StoreError
from engine.store.duck import text_literal
from engine.store.keep import folder_of, parts_told, stable, write_table

if TYPE_CHECKING:
    from engine.derive.runner import Runner
    from engine.store import Store

_log = logging.getLogger(__name__)


def digest(store: Store, tables: Iterable[DerivedTable]) -> str:
    """What the tables follow from: settings, parts, what stands beside them, definitions, DuckDB."""
    settings = store.settings
    state = hashlib.sha256(repr([stable(getattr(settings, each.name)) for each in fields(settings)]).encode())
    state.update(version("duckdb").encode())
    beside = (sorted(store.decided.items()), store.links, sorted(store.looked.items()))
    state.update(repr(beside).encode())
    state.update(parts_told(store.instances.values()).encode())
    for table in tables:
        state.update(table.fingerprint.encode())
    return state.hexdigest()[:32]


def save(runner: Runner, directory: Path, work: Path) -> None:
    """Write every derived table of the published version, in the work directory until all are whole.

    Raises: OSError, StoreError.
    """
    store, names = runner.store, [table.name for table in runner.tables]
    with folder_of(directory, digest(store, runner.tables), names, work) as files:
        for table in runner.tables if files else ():
            columns = [name for name, _ in table.columns]
            others = [name for name in columns if name != "part"]
            write_table(store, table.name, others, files[table.name], numbered="part" in columns)


def restore(runner: Runner, directory: Path) -> bool:
    """Fill the derived tables from disk if they are there for just this state; whether they were.

    The store has just loaded its parts for the first time. Files that cannot be read are deleted; what
    was filled from them by then is in the way of nothing that builds the tables.
    """
    store = runner.store
    folder = directory / digest(store, runner.tables)
    files = _files(runner, folder)
    if not files or not all(file.exists() for file in files.values()):
        return False
    try:
        for table in runner.tables:
            runner.fill(table, f"read_parquet({text_literal(str(files[table.name]))})")
    except StoreError as error:
        _log.warning("derived tables in the cache cannot be read and are derived anew: %s", error)
        shutil.rmtree(folder, ignore_errors=True)
        return False
    return True


def _files(runner: Runner, folder: Path) -> dict[str, Path]:
    """The file of each table, by its name."""
    return {table.name: folder / f"{table.name}.parquet" for table in runner.tables}

"""Derived tables on disk, so that a start with the cache in place derives nothing.

They are good for exactly one set of parts and definitions, which `digest` names; anything else is built
from nothing. `<cache>/derived/<digest>/<table>.parquet`, written aside and renamed as a whole.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import fields
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from engine.derive.table import DerivedTable
from engine.errors import StoreError
from engine.store.duck import quote, text_literal

if TYPE_CHECKING:
    from engine.derive.runner import Runner
    from engine.store import Instance, Store

_log = logging.getLogger(__name__)


def digest(store: Store, tables: Iterable[DerivedTable]) -> str:
    """What the tables follow from: settings, parts, what stands beside them, definitions, DuckDB."""
    settings, instances = store.settings, store.instances.values()
    state = hashlib.sha256(
        repr([_stable(getattr(settings, each.name)) for each in fields(settings)]).encode()
    )
    state.update(version("duckdb").encode())
    beside = (sorted(store.decided.items()), store.links, sorted(store.looked.items()))
    state.update(repr(beside).encode())
    for one in _numbered(instances):
        state.update(repr((one.source, one.table, one.file, one.mtime_ns, one.id)).encode())
    for table in tables:
        state.update(table.fingerprint.encode())
    return state.hexdigest()[:32]


def save(runner: Runner, directory: Path, work: Path) -> None:
    """Write every derived table of the published version, in the work directory until all are whole.

    Parts are numbered as a first load would number them: the numbers of a long-lived store mean nothing
    to the next process.
    Raises: OSError, StoreError.
    """
    store = runner.store
    name = digest(store, runner.tables)
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = directory / name
    if all(file.exists() for file in _files(runner, target).values()):
        return
    shutil.rmtree(target, ignore_errors=True)
    aside = work / name
    aside.mkdir(mode=0o700)
    try:
        _renumber(store)
        files = _files(runner, aside)
        for table in runner.tables:
            file = files[table.name]
            _run(
                store,
                f"COPY ({_listed(table)}) TO {text_literal(str(file))} (FORMAT parquet, COMPRESSION lz4_raw)",
            )
            _sync(file)
        aside.rename(target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    for other in directory.iterdir():
        if other != target:
            shutil.rmtree(other, ignore_errors=True)


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


def _stable(value: object) -> object:
    """Sets and mappings in order: their repr changes from process to process."""
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return sorted((name, _stable(each)) for name, each in value.items())
    return value


def _numbered(instances: Iterable[Instance]) -> list[Instance]:
    """In the order in which a first load numbers them."""
    return sorted(instances, key=lambda one: (one.file, one.part))


def _renumber(store: Store) -> None:
    pairs = [[one.part, at] for at, one in enumerate(_numbered(store.instances.values()), start=1)]
    _run(store, "CREATE OR REPLACE TEMP TABLE renumbered(part INTEGER, number INTEGER)")
    if pairs:
        store.writer.executemany("INSERT INTO renumbered VALUES (?, ?)", pairs)


def _listed(table: DerivedTable) -> str:
    columns = [name for name, _ in table.columns]
    if "part" not in columns:
        return f"SELECT {', '.join(map(quote, columns))} FROM shop.main.{quote(table.name)}"
    chosen = ", ".join("n.number AS part" if name == "part" else f"t.{quote(name)}" for name in columns)
    return f"SELECT {chosen} FROM shop.main.{quote(table.name)} t JOIN renumbered n ON n.part = t.part"


def _run(store: Store, sql: str) -> None:
    store.duck.rows_of(store.writer, sql)


def _sync(file: Path) -> None:
    file.chmod(0o600)
    with file.open("rb") as handle:
        os.fsync(handle.fileno())

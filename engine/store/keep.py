"""Persons on disk, so that a start with the cache in place resolves nobody; and what kept tables share.

What is kept is good for exactly one set of parts and settings, which a digest names:
`<directory>/<digest>/<table>.parquet`, written in the work directory and renamed as a whole.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import StoreError
from engine.identity.resolve import Links
from engine.store.duck import quote, text_literal
from engine.store.instance import Instance
from engine.store.observe import TABLES

if TYPE_CHECKING:
    from engine.store.store import Store

_log = logging.getLogger(__name__)

_NAMES = tuple(table.partition("(")[0] for table in TABLES)


def save_persons(store: Store, directory: Path, work: Path) -> None:
    """Write subjects, identifiers and conflicts of the published version.

    In:  where they are kept; a directory on the same file system to write them in.
    Raises: OSError, StoreError.
    """
    with folder_of(directory, _digest(store, store.instances.values(), store.links), _NAMES, work) as files:
        for name, file in files.items():
            columns = [column for column in store.input_columns(name) if column != "part"]
            write_table(store, name, columns, file, numbered=name == "subjects")


def restore_persons(store: Store, added: Sequence[Instance], links: Links, directory: Path) -> bool:
    """Fill the tables from disk if they are there for just these instances; whether they were.

    In:  the numbered instances of a first load, before their facts are in.
    """
    folder = directory / _digest(store, added, links)
    files = {name: folder / f"{name}.parquet" for name in _NAMES}
    if not all(file.exists() for file in files.values()):
        return False
    try:
        for name, file in files.items():
            columns = ", ".join(map(quote, store.input_columns(name)))
            read = f"read_parquet({text_literal(str(file))})"
            store.write(f"INSERT INTO shop.main.{name} ({columns}) SELECT {columns} FROM {read}")
    except StoreError as error:
        _log.warning("persons in the cache cannot be read and are resolved anew: %s", error)
        shutil.rmtree(folder, ignore_errors=True)
        for name in _NAMES:
            store.write(f"DELETE FROM shop.main.{name}")
        return False
    store.links = links
    return True


def _digest(store: Store, instances: Iterable[Instance], links: Links) -> str:
    """What persons follow from: the rules, whose copies count, the parts in their files, and the links."""
    held = store.settings
    told = (held.rules, held.identifiers, held.until, stable(held.judged), links)
    state = hashlib.sha256(repr((told, version("duckdb"), version("polars"))).encode())
    state.update(parts_told(instances).encode())
    return state.hexdigest()[:32]


# --- shared with derived tables ---------------------------------------------------------------------


@contextmanager
def folder_of(directory: Path, name: str, tables: Sequence[str], work: Path) -> Iterator[dict[str, Path]]:
    """The files to write, by table: none where all are there. The folder gets its name when all are whole;
    folders of other states go. Raises: OSError."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = directory / name
    if all((target / f"{table}.parquet").exists() for table in tables):
        yield {}
        return
    shutil.rmtree(target, ignore_errors=True)
    aside = work / name
    aside.mkdir(mode=0o700)
    try:
        files = {table: aside / f"{table}.parquet" for table in tables}
        yield files
        for file in files.values():
            file.chmod(0o600)
            with file.open("rb") as handle:
                os.fsync(handle.fileno())
        aside.rename(target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    for other in directory.iterdir():
        if other != target:
            shutil.rmtree(other, ignore_errors=True)


def write_table(store: Store, name: str, columns: Sequence[str], file: Path, *, numbered: bool) -> None:
    """Copy a table to a file. `numbered`: with its column `part`, as a first load would number parts: the
    numbers of a long-lived store mean nothing to the next process. Raises: StoreError."""
    listed = ", ".join(f"t.{quote(column)}" for column in columns)
    select = f"SELECT {listed} FROM shop.main.{quote(name)} t"
    if numbered:
        _renumber(store)
        select = (
            f"SELECT n.number AS part, {listed} FROM shop.main.{quote(name)} t "
            "JOIN renumbered n ON n.part = t.part"
        )
    store.write(f"COPY ({select}) TO {text_literal(str(file))} (FORMAT parquet, COMPRESSION lz4_raw)")


def parts_told(instances: Iterable[Instance]) -> str:
    """The parts in their files, as text that changes when they do."""
    return repr([(one.source, one.table, one.file, one.mtime_ns, one.id) for one in _numbered(instances)])


def stable(value: object) -> object:
    """Sets and mappings in order: their repr changes from process to process."""
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return sorted((name, stable(each)) for name, each in value.items())
    return value


def _numbered(instances: Iterable[Instance]) -> list[Instance]:
    """In the order in which a first load numbers them."""
    return sorted(instances, key=lambda one: (one.file, one.part))


def _renumber(store: Store) -> None:
    pairs = [[one.part, at] for at, one in enumerate(_numbered(store.instances.values()), start=1)]
    store.write("CREATE OR REPLACE TEMP TABLE renumbered(part INTEGER, number INTEGER)")
    if pairs:
        store.writer.executemany("INSERT INTO renumbered VALUES (?, ?)", pairs)

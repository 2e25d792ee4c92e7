"""Saved views: where one is and how one looks at it, by name; one file each, so that consoles share them.

A view is TOML: what is copied is what is kept, and what is pasted is read in the same way. Who reads one
never sees identifiers in full by it: why they were shown is not part of a view.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import tomllib
from contextlib import suppress
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.questions import View
from tui.place import SCREENS, Place
from tui.view import Sort, TableState

if TYPE_CHECKING:
    from pydantic import TypeAdapter

FOLDER = "views"
MOST_BYTES = 100_000
MOST_NAME = 60


@dataclass(frozen=True, slots=True)
class Looked:
    """A table of the place: sort, filter, columns with their widths."""

    id: str
    sort: Sort | None = None
    query: str = ""
    order: tuple[str, ...] = ()
    widths: tuple[tuple[str, int], ...] = ()

    @property
    def state(self) -> TableState:
        """As the table takes it."""
        return TableState(self.sort, self.query, self.order, widths=self.widths)


@dataclass(frozen=True, slots=True)
class Saved:
    """A view by name: screen, places on it, range, comparison, dimension and filter, tables.

    `toml`: metrics and funnels that were built in the console.
    """

    name: str
    screen: int
    places: tuple[Place, ...]
    view: View = field(default_factory=View)
    tables: tuple[Looked, ...] = ()
    toml: str = ""


class NoViewError(Exception):
    """A text that is no saved view; says why in one sentence."""


def text_of(saved: Saved) -> str:
    """The view as TOML."""
    plain = _plain(replace(saved, places=tuple(replace(place, reveal="") for place in saved.places)))
    lists = {name: value for name, value in plain.items() if not isinstance(value, dict)}
    lines = [f"{name} = {_toml(value)}" for name, value in lists.items()]
    lines += ["", "[view]", *(f"{name} = {_toml(value)}" for name, value in plain.get("view", {}).items())]
    return "\n".join(lines) + "\n"


def parsed(text: str, kinds: frozenset[str]) -> Saved:
    """The view that a text means.

    In:  kinds of pages that there are. Raises: NoViewError.
    """
    from pydantic import ValidationError

    try:
        found = _reader().validate_python(tomllib.loads(text[:MOST_BYTES]))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise NoViewError(str(error).splitlines()[0]) from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise NoViewError(f"{where}: {first['msg']}") from None
    if not found.name.strip() or found.screen not in SCREENS or not found.places:
        raise NoViewError("name, screen, places")
    if any(place.kind not in kinds for place in found.places):
        raise NoViewError("places.kind")
    return replace(found, name=found.name.strip()[:MOST_NAME], places=tuple(map(_harmless, found.places)))


@cache
def _reader() -> TypeAdapter[Saved]:
    from pydantic import TypeAdapter

    return TypeAdapter(Saved)


def _harmless(place: Place) -> Place:
    path = tuple((name, member or None) for name, member in place.path)
    return replace(place, path=path, reveal="", key=0)


def _plain(value: Any) -> Any:
    """Values without what is as it begins; None inside a list is an empty text."""
    if is_dataclass(value) and not isinstance(value, type):
        found = {}
        for each in fields(value):
            inner = getattr(value, each.name)
            if inner is not None and inner not in (each.default, ()):
                found[each.name] = _plain(inner)
        return found
    if isinstance(value, tuple | list):
        return ["" if one is None else _plain(one) for one in value]
    return value


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {_toml(one)}" for name, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007F")


# --- files -----------------------------------------------------------------------------------------


def load(folder: Path | None, kinds: frozenset[str]) -> tuple[Saved, ...]:
    """All views of a folder by name; a file that is none is passed over."""
    found = []
    for path in sorted(folder.glob("*.toml")) if folder is not None and folder.is_dir() else ():
        with suppress(OSError, NoViewError, UnicodeDecodeError):
            if path.stat().st_size <= MOST_BYTES:
                found.append(parsed(path.read_text("utf-8"), kinds))
    return tuple(sorted(found, key=lambda one: one.name.casefold()))


def keep(folder: Path, saved: Saved) -> None:
    """Write a view aside and rename it over the one of that name. Raises: OSError."""
    folder.mkdir(mode=0o700, exist_ok=True)
    handle, aside = tempfile.mkstemp(prefix=".view-", dir=folder)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text_of(saved))
        Path(aside).replace(_path(folder, saved.name))
    except OSError:
        Path(aside).unlink(missing_ok=True)
        raise


def forget(folder: Path, name: str) -> None:
    """Delete a view. Raises: OSError."""
    _path(folder, name).unlink(missing_ok=True)


def _path(folder: Path, name: str) -> Path:
    """A name is somebody's text: the file is called by its hash."""
    return folder / f"{hashlib.sha256(name.encode()).hexdigest()[:16]}.toml"

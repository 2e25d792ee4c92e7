"""What a console starts with again: screen, range, comparison, dimension, tables, theme, language.

<state>/console.json belongs to the console; the configuration is never written. A file that cannot be read,
or parts of it that mean nothing any more, are passed over.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args, get_type_hints

from engine.questions import View
from tui.place import SCREENS
from tui.theme import theme_names
from tui.view import Sort, TableState

NAME = "console.json"
VERSION = 1
MOST_BYTES = 100_000
MOST_TABLES = 50
ROLLING = ("today", "days", "month", "all")
LANGUAGES = ("en", "zh")


@dataclass(frozen=True, slots=True)
class Kept:
    """What is remembered; `theme` and `lang` are empty unless a person has chosen them.

    `tables`: sort and columns by kind of page and id of table.
    """

    screen: int = 1
    view: View = field(default_factory=View)
    theme: str = ""
    lang: str = ""
    tables: Mapping[tuple[str, str], TableState] = field(default_factory=dict)
    queries: tuple[str, ...] = ()
    """What was asked in SQL, the newest last."""


def read(path: Path | None) -> Kept:
    """What was written there, the defaults for all that is not there or not understood."""
    found: object = None
    with suppress(OSError, ValueError, RecursionError):
        if path is not None and path.stat().st_size <= MOST_BYTES:
            found = json.loads(path.read_text("utf-8"))
    if not isinstance(found, dict) or found.get("version") != VERSION:
        return Kept()
    screen = found.get("screen")
    return Kept(
        screen=screen if isinstance(screen, int) and screen in SCREENS else 1,
        view=_view(found.get("view")),
        theme=_one_of(found.get("theme"), theme_names()),
        lang=_one_of(found.get("lang"), LANGUAGES),
        tables=_tables(found.get("tables")),
        queries=_texts(found.get("queries")),
    )


def write(path: Path, kept: Kept) -> bool:
    """Write aside and rename, for the owner alone; false where that cannot be done."""
    if not path.parent.is_dir():
        return False
    try:
        handle, aside = tempfile.mkstemp(prefix=f".{NAME}-", dir=path.parent)
    except OSError:
        return False
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(_json(kept), file, ensure_ascii=False, indent=1)
        Path(aside).replace(path)
    except OSError:
        with suppress(OSError):
            Path(aside).unlink()
        return False
    return True


def _json(kept: Kept) -> dict[str, Any]:
    view = kept.view
    tables = [
        {"page": page, "table": table, "order": list(state.order), "widths": dict(state.widths),
         "sort": [state.sort.column, state.sort.descending] if state.sort else None}
        for (page, table), state in list(kept.tables.items())[-MOST_TABLES:]
        if state.sort or state.order or state.widths
    ]  # fmt: skip
    return {
        "version": VERSION, "screen": kept.screen, "theme": kept.theme, "lang": kept.lang,
        "view": {"kind": view.kind, "days": view.days, "compare": view.compare, "by": view.by},
        "tables": tables, "queries": list(kept.queries),
    }  # fmt: skip


def _texts(found: object) -> tuple[str, ...]:
    return tuple(one for one in found if isinstance(one, str)) if isinstance(found, list) else ()


def _one_of(value: object, known: tuple[str, ...], otherwise: str = "") -> str:
    return value if isinstance(value, str) and value in known else otherwise


def _view(found: object) -> View:
    """A range that rolls; fixed days are not taken up again."""
    plain = View()
    if not isinstance(found, dict):
        return plain
    days, by = found.get("days"), found.get("by")
    compares = get_args(get_type_hints(View)["compare"])
    return View(
        kind=_one_of(found.get("kind"), ROLLING, plain.kind),  # type: ignore[arg-type]
        days=days if isinstance(days, int) and 1 <= days <= 3660 else plain.days,
        compare=_one_of(found.get("compare"), compares, plain.compare),  # type: ignore[arg-type]
        by=by if isinstance(by, str) and 0 < len(by) <= 100 else plain.by,
    )


def _tables(found: object) -> dict[tuple[str, str], TableState]:
    out: dict[tuple[str, str], TableState] = {}
    for one in found if isinstance(found, list) else ():
        if not isinstance(one, dict):
            continue
        page, table, sort, order = (one.get(name) for name in ("page", "table", "sort", "order"))
        if isinstance(page, str) and isinstance(table, str):
            kept = tuple(name for name in order if isinstance(name, str)) if isinstance(order, list) else ()
            out[page, table] = TableState(_sort(sort), order=kept, widths=_widths(one.get("widths")))
    return out


def _widths(found: object) -> tuple[tuple[str, int], ...]:
    pairs = found.items() if isinstance(found, dict) else ()
    return tuple(
        sorted((str(name), cells) for name, cells in pairs if type(cells) is int and 0 < cells < 500)
    )


def _sort(found: object) -> Sort | None:
    match found:
        case [str(column), bool(descending)]:
            return Sort(column, descending)
    return None

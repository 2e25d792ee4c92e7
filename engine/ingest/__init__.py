"""Files → canonical facts in immutable parts, and rejects: the door of this room.

scan(workspace) → FoundFile… → take_in(…) → FileState with its parts → rejects(…)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from engine.ingest.intake import take_in
from engine.ingest.lookup import take_in_lookup
from engine.ingest.rejects import rejects
from engine.ingest.scan import owner_of, owners_of, scan
from engine.ingest.state import (
    FileState,
    FoundFile,
    PartRef,
    manifest_load,
    manifest_save,
    part_path,
    rejects_path,
    sweep,
)

if TYPE_CHECKING:
    from engine.ingest.layout import keyed, preset_names
    from engine.ingest.recognition import explain, near_of, recognise

__all__ = [
    "FileState", "FoundFile", "PartRef", "explain", "keyed", "manifest_load", "manifest_save", "near_of",
    "owner_of", "owners_of", "part_path", "preset_names", "recognise", "rejects", "rejects_path", "scan",
    "sweep", "take_in", "take_in_lookup",
]  # fmt: skip

_LATE = {
    "keyed": "layout", "preset_names": "layout",
    "explain": "recognition", "near_of": "recognition", "recognise": "recognition",
}  # fmt: skip
"""Names whose modules read files, by module: a start in which nothing changed needs none of them."""


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATE[name]}"), name)

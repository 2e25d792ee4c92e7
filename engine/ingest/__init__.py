"""Files → canonical facts in immutable parts, and rejects: the door of this room.

scan(workspace) → FoundFile… → take_in(…) → FileState with its parts → rejects(…)
"""

from __future__ import annotations

from engine.ingest.intake import take_in
from engine.ingest.layout import preset_names
from engine.ingest.recognise import explain, recognise
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

__all__ = [
    "FileState", "FoundFile", "PartRef", "explain", "manifest_load", "manifest_save", "owner_of", "owners_of",
    "part_path", "preset_names", "recognise", "rejects", "rejects_path", "scan", "sweep", "take_in",
]  # fmt: skip

"""One file being read, with all that reading it needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from engine.ingest.erased import ANYTHING, Allowed
from engine.ingest.state import FileState
from engine.workspace.model import Source, Workspace


@dataclass(frozen=True, slots=True)
class Job:
    """An open file of a source; `state` has its stat, its hash and the digest of its mapping."""

    workspace: Workspace
    source: Source
    file: BinaryIO
    path: Path
    state: FileState
    cache: Path
    now: datetime
    plain: BinaryIO | None = None
    """The text of a compressed file."""
    allowed: Allowed = ANYTHING

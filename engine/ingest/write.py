"""Files of the state are written aside, synced and renamed: nobody ever sees half of one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    import polars as pl


def write_aside(path: Path, content: bytes) -> None:
    """Writes the bytes so that `path` is the old file or the whole new one; mode 0600."""
    _aside(path, lambda file: file.write(content))


def write_frame(path: Path, frame: pl.DataFrame) -> None:
    """Writes a frame as Parquet in the same way."""
    _aside(path, lambda file: frame.write_parquet(file, compression="lz4", statistics=True))


def _aside(path: Path, fill: Callable[[BinaryIO], object]) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            fill(file)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise

"""Files of the state are written aside, synced and renamed: nobody ever sees half of one.

The file aside is held by its process until it is renamed, so that one whose process was killed is known.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from engine.held import ASIDE, hold

if TYPE_CHECKING:
    import polars as pl


def write_aside(path: Path, content: bytes) -> None:
    """Writes the bytes so that `path` is the old file or the whole new one; mode 0600."""
    _aside(path, lambda file: file.write(content))


def write_once(path: Path, content: bytes) -> bool:
    """Writes the bytes in the same way where no such file is yet, safe from a power cut; whether it did."""
    try:
        _aside(path, lambda file: file.write(content), os.link)
    except FileExistsError:
        return False
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return True


def write_frame(path: Path, frame: pl.DataFrame) -> None:
    """Writes a frame as Parquet in the same way."""
    _aside(path, lambda file: frame.write_parquet(file, compression="lz4", statistics=True))


def _aside(
    path: Path, fill: Callable[[BinaryIO], object], name: Callable[[Path, Path], object] = Path.replace
) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file, aside = _held(path.parent)
    with file:
        try:
            fill(file)
            file.flush()
            os.fsync(file.fileno())
            name(aside, path)
        finally:
            aside.unlink(missing_ok=True)


def _held(folder: Path) -> tuple[BinaryIO, Path]:
    """A new file in the folder, held by this process."""
    while True:
        handle, name = tempfile.mkstemp(prefix=".", suffix=ASIDE, dir=folder)
        if hold(handle):
            return os.fdopen(handle, "wb"), Path(name)
        os.close(handle)

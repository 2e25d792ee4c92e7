"""Text that is compressed, or written in UTF-16, as plain bytes in a file aside: memory stays small, and so
does the harm of a file that expands without end.

Nothing is kept: the file aside has no name and is gone when it is closed.
"""

from __future__ import annotations

import codecs
import contextlib
import gzip
import io
import sys
import tempfile
import zlib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

from engine.errors import SourceError

MAGIC = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
SUFFIXES = {".gz": "gzip", ".gzip": "gzip", ".zst": "zstd", ".zstd": "zstd"}

LARGEST = 16 << 30
"""Bytes that a file may expand to …"""
RATIO = 200
"""… and how many times its own size, once it is larger than `FREE`: exports reach 5 to 40."""
FREE = 256 << 20

_STEP = 1 << 20
_WINDOW_LOG = 27
"""A zstd file may ask for a window of at most 128 MB."""


def packing_of(head: bytes) -> str | None:
    """How a file with these first bytes is compressed; None where it is not."""
    return next((kind for magic, kind in MAGIC.items() if head.startswith(magic)), None)


def bare(path: str) -> str:
    """The path without the ending that says it is compressed: `a.csv` of `a.csv.gz`."""
    pure = PurePosixPath(path)
    return str(pure.with_suffix("")) if pure.suffix.lower() in SUFFIXES else path


@contextlib.contextmanager
def unpacked(file: BinaryIO, kind: str, size: int, folder: Path | None = None) -> Iterator[BinaryIO]:
    """The text of a compressed file, in a file aside in `folder`, from its start.

    In:  `size`: bytes of the compressed file.
    Raises: SourceError where it is not complete, or expands beyond the limits.
    """
    with tempfile.TemporaryFile(dir=_made(folder)) as plain:
        written = 0
        for raw in _expanded(file, kind):
            written += len(raw)
            if written > LARGEST or (written > FREE and written > RATIO * size):
                raise SourceError(_too_large(size, written))
            plain.write(raw)
        plain.seek(0)
        yield cast(BinaryIO, plain)


def head_of(file: BinaryIO, kind: str, size: int) -> bytes:
    """The first bytes of what a compressed file holds. Raises: SourceError where there is nothing to read."""
    found = b""
    with contextlib.suppress(SourceError):
        for raw in _expanded(file, kind):
            found += raw
            if len(found) >= size:
                break
    return found[:size]


@contextlib.contextmanager
def recoded(file: BinaryIO, name: str, folder: Path | None = None) -> Iterator[tuple[BinaryIO, str, int]]:
    """The file, its encoding and where its text starts; UTF-16, and lines that end with a carriage return
    alone, are rewritten with newlines in a file aside.

    A code unit that is none becomes bytes that are no UTF-8: the line that holds it is a reject.
    """
    wide = name.startswith("utf-16")
    file.seek(0)
    head = file.read(_STEP)
    returns = _ends_with_returns(head.decode(name, "replace") if wide else head.decode("latin-1"))
    if not wide and not returns:
        yield file, *_plain_name(name)
        return
    with tempfile.TemporaryFile(dir=_made(folder)) as plain:
        decoder = codecs.getincrementaldecoder(name)("surrogatepass") if wide else None
        file.seek(0)
        while raw := file.read(_STEP):
            made = decoder.decode(raw).encode("utf-8", "surrogatepass") if decoder else raw
            plain.write(made.replace(b"\r", b"\n") if returns else made)
        text = cast(BinaryIO, plain)
        yield text, *_plain_name("utf-8" if wide else name)


def _plain_name(name: str) -> tuple[str, int]:
    """The encoding behind a byte order mark, and the bytes of the mark."""
    return ("utf-8", 3) if name == "utf-8-sig" else (name, 0)


def _ends_with_returns(head: str) -> bool:
    return "\r" in head and "\n" not in head


def _made(folder: Path | None) -> Path | None:
    if folder is not None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _expanded(file: BinaryIO, kind: str) -> Iterator[bytes]:
    """What a compressed file holds, in steps, all members of it. Raises: SourceError."""
    file.seek(0)
    try:
        with _reader(file, kind) as opened:
            while raw := opened.read(_STEP):
                yield raw
    except _faults(kind) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise SourceError(
            f"not a complete {kind} file ({error}); save it again, it is read at once"
        ) from error


def _reader(file: BinaryIO, kind: str) -> io.BufferedIOBase:
    if kind == "gzip":
        return gzip.GzipFile(fileobj=file, mode="rb")
    zstd = _zstd()
    options = {zstd.DecompressionParameter.window_log_max: _WINDOW_LOG}
    return cast(io.BufferedIOBase, zstd.ZstdFile(file, options=options))


def _faults(kind: str) -> tuple[type[Exception], ...]:
    if kind != "zstd":
        return EOFError, OSError, zlib.error
    return EOFError, OSError, _zstd().ZstdError


def _zstd() -> Any:
    """Python's own module from 3.14 on, and the same before."""
    return import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")


def _too_large(size: int, written: int) -> str:
    return (
        f"{size:,} bytes expand to more than {written >> 20:,} MB; the limit is {RATIO} times its size or "
        f"{LARGEST >> 30} GB. Nothing of it was read; if it is sound, unpack it beside the workspace and "
        "put the text there"
    )

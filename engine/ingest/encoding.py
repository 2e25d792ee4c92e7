"""In which encoding a file is written: decided from all of its bytes, never from a guess at its head.

The evidence is a sum over lines, so that it can be carried on when a file grows.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import astuple, dataclass
from typing import BinaryIO

_RUN = re.compile(rb"[\x80-\xff]+")
_BLOCK = 8 << 20
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Bytes:
    """Sums over the lines of a range: bytes ≥ 0x80, those in runs of two and more; and of the lines that are
    not UTF-8 such bytes again, and the places that do not fit under two readings."""

    high: int = 0
    paired: int = 0
    odd: int = 0
    utf8_bad: int = 0
    gb_bad: int = 0

    def __add__(self, other: Bytes) -> Bytes:
        return Bytes(*(left + right for left, right in zip(astuple(self), astuple(other), strict=True)))


def weigh(lines: bytes) -> Bytes:
    """The evidence in whole lines."""
    if lines.isascii():
        return Bytes()
    runs = _RUN.findall(lines)
    high = sum(map(len, runs))
    paired = sum(len(run) for run in runs if len(run) > 1)
    if _is_utf8(lines):
        return Bytes(high, paired)
    # A decoder that is cut short inside of a character eats what follows: ends of lines, so that a line
    # counts the same wherever it stands.
    odd = b"\n".join(line for line in lines.split(b"\n") if not _is_utf8(line)) + b"\n" * 4
    faults = (odd.decode(name, "replace").count("\ufffd") for name in ("utf-8", "gb18030"))
    return Bytes(high, paired, sum(map(len, _RUN.findall(odd))), *faults)


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def weigh_range(file: BinaryIO, start: int, end: int) -> Bytes:
    """The evidence in a byte range that starts at a line."""
    file.seek(start)
    total, rest, left = Bytes(), b"", end - start
    while left > 0 and (block := file.read(min(_BLOCK, left))):
        left -= len(block)
        cut = block.rfind(b"\n") + 1 or len(block)
        total += weigh(rest + block[:cut])
        rest = block[cut:]
    return total + weigh(rest)


def decide(head: bytes, seen: Bytes) -> tuple[str, str]:
    """The encoding as Python calls it, and why, in one sentence."""
    for mark, name in BOMS:
        if head.startswith(mark):
            return name, f"{name.removesuffix('-sig').upper()} (byte order mark)"
    if wide := _wide(head):
        return wide, f"{wide.upper()} (every other byte is zero)"
    if not seen.high:
        return "utf-8", "UTF-8 (only ASCII)"
    if not seen.utf8_bad:
        return "utf-8", f"UTF-8 (all of {seen.high} bytes above 0x7F fit)"
    if seen.utf8_bad * 20 <= seen.high:
        return "utf-8", f"UTF-8 ({seen.utf8_bad} places that do not fit: their lines are rejected)"
    if seen.gb_bad * 20 <= seen.odd and seen.paired * 10 >= seen.high * 6:
        return "gb18030", f"GB18030 ({seen.paired} of {seen.high} bytes above 0x7F stand in pairs)"
    return "cp1252", f"windows-1252 ({seen.high - seen.paired} of {seen.high} bytes above 0x7F stand alone)"


def _wide(head: bytes) -> str | None:
    """UTF-16 without a mark: text whose every other byte is zero."""
    sample = head[:512]
    if len(sample) < 4 or b"\0" not in sample:
        return None
    even, odd = sample[::2].count(0) / len(sample[::2]), sample[1::2].count(0) / len(sample[1::2])
    if odd > 0.4 and even < 0.1:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 and odd < 0.1 else None

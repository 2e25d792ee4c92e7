"""Files as they should be, one per reader, for mutations to start from."""

from __future__ import annotations

import gzip
import io
import json
import random
import zipfile
from collections.abc import Callable

import polars as pl

TITLES = ("ts", "phone", "email", "value", "n")
ROWS = (
    ("2026-11-01", "13811112222", "a@x.com", "1.50", "1"),
    ("2026-11-02 10:11:12", "+86 138-1111-3333", "b@x.com", "￥1,234.5", "2"),
    ("02/11/2026", "-", "", "(3.00)", "x"),
    ("2026年11月3日", "13800138000", "王@x.com", "12%", "合计"),
    ("1793255521", "13811114444", 'q"uote', "1e3", "-4"),
)


def delimited(mark: str = ",", encoding: str = "utf-8", end: str = "\r\n") -> bytes:
    """The rows as delimited text."""
    lines = [mark.join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row) for row in (TITLES, *ROWS)]
    return (end.join(lines) + end).encode(encoding, "replace")


def objects() -> list[dict[str, str | None]]:
    return [dict(zip(TITLES, row, strict=True)) for row in ROWS]


def lines() -> bytes:
    """The rows as JSON lines."""
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in objects()).encode()


def parquet() -> bytes:
    """The rows as Parquet."""
    file = io.BytesIO()
    pl.DataFrame(objects()).write_parquet(file)
    return file.getvalue()


def excel() -> bytes:
    """The rows as a workbook."""
    file = io.BytesIO()
    pl.DataFrame(objects()).write_excel(file)
    return file.getvalue()


def html() -> bytes:
    """The rows as a page."""
    rows = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in (TITLES, *ROWS))
    return f"<html><meta charset=utf-8><table>{rows}</table></html>".encode()


def _laughs() -> str:
    entities = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 12))
    return f"<!DOCTYPE x [{entities}]>"


def laughing_workbook() -> bytes:
    """A workbook whose sheet doubles itself by entities and asks for a file of the machine."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(excel())) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            text = old.read(info)
            if info.filename.endswith((".xml",)) and "sheet1" in info.filename + "sharedStrings":
                head, _, rest = text.partition(b"?>")
                text = head + b"?>" + _laughs().encode() + rest.replace(b"<t>", b"<t>&a11;", 1)
            new.writestr(info, text)
    return file.getvalue()


def laughing_page() -> bytes:
    """A page that doubles itself by entities."""
    return (_laughs() + html().decode().replace("a@x.com", "&a11;")).encode()


def bomb() -> bytes:
    """Three hundred megabytes of one line in three hundred kilobytes."""
    return gzip.compress(b"ts,phone,email,value,n\n" + b"0" * (300 << 20), 9)


SEEDS: dict[str, Callable[[], bytes]] = {
    "a.csv": delimited,
    "b.tsv": lambda: delimited("\t", "gb18030", "\n"),
    "c.csv": lambda: delimited(";", "utf-16"),
    "d.ndjson": lines,
    "e.json": lambda: json.dumps({"data": objects()}, indent=1).encode(),
    "f.parquet": parquet,
    "g.xlsx": excel,
    "h.xls": html,
    "i.csv.gz": lambda: gzip.compress(delimited(), mtime=0),
}
"""A file of each reader, by its name."""

WORDS = (
    b"\0", b'"', b'""', b"\r", b"\n", b"\xef\xbb\xbf", b"\xff\xfe", b"{", b"[" * 2000, b"}" * 9, b",",
    b",,,,,,,", b"\\u0000", b"\\ud800", b"1e999", b"-0", b"NaN", b"null", b"\xe5\x90", b"\x81\x30",
    b"\x1b[31m", b"=1+1", b"99999999999999999999999999", b"0000-00-00", b"9999-12-31T23:59:59",
    b"<table>", b"</td>", b"<!--", b"\x1a", b"x" * 70_000, b"," * 3000, b'{"a":' * 1500,
    b"\xe2\x80\xa8", b"\x85", b"\x0b", b"\x0c", b"\x1c", b"\x1f",
)  # fmt: skip
"""What mutations put in."""


def mutated(content: bytes, chance: random.Random) -> bytes:
    """The content with one to six accidents: bits, cuts, copies, swapped quotes, strange words."""
    raw = bytearray(content)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(raw) + 1)
        what = chance.randrange(7)
        if what == 0 and raw:
            raw[at % len(raw)] ^= 1 << chance.randrange(8)
        elif what == 1:
            del raw[at:]
        elif what == 2:
            del raw[at : at + chance.randint(1, 40)]
        elif what == 3:
            raw[at:at] = raw[at : at + chance.randint(1, 200)] * chance.randint(1, 4)
        elif what == 4:
            raw = raw.replace(b'"', chance.choice((b"'", b'""', b"", b'" ')), chance.randint(1, 9))
        else:
            raw[at:at] = chance.choice(WORDS)
    return bytes(raw)

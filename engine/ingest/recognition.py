"""A directory without looptop.toml: each file is recognised by its header, like files become one source."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

import polars as pl

from engine.errors import SourceError
from engine.ingest import jsonarray, ndjson, workbook
from engine.ingest.choice import Choice, Header, choose, currency_in
from engine.ingest.digest import day_in
from engine.ingest.encoding import decide, weigh_range
from engine.ingest.htmltables import is_html
from engine.ingest.layout import keyed, known_names
from engine.ingest.packed import bare, head_of, packing_of, recoded
from engine.ingest.pieces import format_of
from engine.ingest.scan import files_below, matches
from engine.ingest.sheet import Grid, records_of
from engine.ingest.sniff import HEAD
from engine.workspace.model import Preset, Source

_PLAIN = Source("", (), "events")


def recognise(root: Path, own: Sequence[Preset] = ()) -> tuple[Source, ...]:
    """Sources guessed from the headers below a directory, by name; files of no known layout are left out.

    In:  `own`: layouts of the workspace itself.
    Out: each has `guessed` and the one layout that fits; files that differ only in the digits of their
         names belong together.
    """
    paths = files_below(root)
    known = {path: found for path in paths if (found := _layout_of(root, path, own)) is not None}
    groups: dict[tuple[str, str, str], list[str]] = {}
    for path, (preset, currency) in known.items():
        groups.setdefault((pattern_of(path), preset.name, currency), []).append(path)
    names: set[str] = set()
    sources = []
    for (pattern, _, currency), members in sorted(groups.items()):
        preset = known[members[0]][0]
        others = [path for path in paths if path not in members]
        globs = tuple(members) if any(matches(path, pattern) for path in others) else (pattern,)
        source = Source(
            _name(pattern, names), globs, preset.table or "events", preset=preset.name, guessed=True,
            constants={"currency": currency} if currency else {}, layouts=tuple(own) if preset.own else (),
        )  # fmt: skip
        sources.append(keyed(source))
    return tuple(sorted(sources, key=lambda source: source.name))


def pattern_of(path: str) -> str:
    """The glob of a file and of those whose names differ only in digits: `ads/baidu_*.csv`."""
    pure = PurePosixPath(path)
    stem = re.sub(r"\d+(?:[-_.]?\d+)*", "*", re.sub(r"([\[\]?*])", "?", pure.name))
    return str(pure.with_name(stem))


def _name(pattern: str, taken: set[str]) -> str:
    """A name for a source: the words of its files' name, else of their folder."""
    pure = PurePosixPath(pattern)
    words = [re.sub(r"[\W_]+", "_", text).strip("_") for text in (pure.name.split(".")[0], pure.parent.name)]
    base = next((word for word in words if word), "files")
    name, count = base, 2
    while name in taken:
        name, count = f"{base}_{count}", count + 1
    taken.add(name)
    return name


def _layout_of(root: Path, path: str, own: Sequence[Preset]) -> tuple[Preset, str] | None:
    """The layout of a file and the currency in the names of its columns of money, "" where there is none."""
    header = header_of(root / path)
    preset = choose(header, None, path, own).preset if header else None
    if preset is None or undated(preset, header, path):
        return None
    found = Header(header)
    tried = [name for target in ("cost", "value") for name in preset.columns.get(target, ())]
    money = next((there for name in tried if (there := found.find(name))), "")
    given = any(found.find(name) for name in (*preset.columns.get("currency", ()), "currency"))
    return preset, (currency_in(money) or "") if not given and "currency" not in preset.constants else ""


def undated(preset: Preset, names: Iterable[str], path: str) -> bool:
    """Whether neither the columns nor the name of a file say when its facts happened."""
    if preset.table not in ("events", "spend") or preset.moments or "ts" in preset.constants:
        return False
    if any(name[:1] == "=" for name in preset.columns.get("ts", ())):
        return False
    header = Header(tuple(names))
    dated = any(header.has(name) for name in (*preset.columns.get("ts", ()), "ts"))
    return not dated and not (preset.date_from and day_in(path, preset.date_from))


def near_of(root: Path, path: str, own: Sequence[Preset] = ()) -> Iterator[str]:
    """Why a file has no layout, where it almost has one: the layouts and the columns that differ."""
    header = header_of(root / path)
    choice = choose(header, None, path, own) if header else Choice()
    if choice.preset is not None and undated(choice.preset, header, path):
        yield (
            f"{choice.preset.name}: no column and no file name says the day; "
            'name it like report_2026-11-01.csv, or give it a source with constants = { ts = "2026-11-01" }'
        )
    yield from choice.near


def header_of(path: Path) -> tuple[str, ...]:
    """The columns of a file, from its head; none where it cannot be read or has none."""
    try:
        if not path.is_file():
            return ()
        with path.open("rb") as file:
            head = file.read(HEAD)
            if head.startswith(b"PAR1"):
                return tuple(pl.read_parquet_schema(path))
            if kind := packing_of(head):
                head = head_of(file, kind, HEAD)
            if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
                grid, _ = workbook.excel(head + file.read(), None, known_names())
                return _columns(grid)
        return _of_text(head, bare(path.name))
    except (OSError, SourceError, pl.exceptions.PolarsError, ValueError):
        return ()


def _columns(grid: Grid) -> tuple[str, ...]:
    return tuple(records_of(grid, None, known_names())[0].frame.columns[1:])


def _of_text(head: bytes, name: str) -> tuple[str, ...]:
    if not head.strip(b"\0"):
        return ()
    if is_html(head):
        encoding, _ = decide(head, weigh_range(io.BytesIO(head), 0, len(head)))
        return _columns(workbook.page(head.decode(encoding, "replace"), None, known_names())[0])
    lines = head[: head.rfind(b"\n") + 1] or head
    sample = io.BytesIO(lines)
    encoding, _ = decide(head, weigh_range(sample, 0, len(lines)))
    with recoded(sample, encoding) as (file, codec, start):
        size = file.seek(0, io.SEEK_END)
        form = format_of(file, _PLAIN, name, codec, start=start, size=size)
        if form.layout is not None:
            return form.layout.names
        if form.kind == "array":
            return jsonarray.head_columns(file, start, size, codec)
        file.seek(start)
        text = file.read() if form.kind == "lines" else b""
    return tuple(ndjson.parse_lines(text, 1, True)[0].frame.columns[1:])


def explain(columns: Iterable[tuple[str, str]]) -> str:
    """A mapping in one line: `日期→ts, 消费→cost; in props: 推广单元`."""
    pairs = list(columns)
    mapped = ", ".join(f"{name}→{target}" for name, target in pairs if target != "props")
    props = ", ".join(name for name, target in pairs if target == "props")
    return "; in props: ".join(part for part in (mapped, props) if part)

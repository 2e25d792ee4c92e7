"""Column layouts: how the files of one report of one platform become facts. Data files in `layouts/`.

How to add a layout: one TOML file per platform, one `[[layout]]` per report, `[[layout]]` in a looptop.toml
for a workspace's own. All keys but `name`, `table` and `needs` may be left out; `like = "other"` takes over
what another layout says.

    [[layout]]
    name = "oceanengine_material"       # what preset = "…" says
    table = "spend"                     # events | spend | profiles | targets
    label = { en = "…", zh = "…" }
    header = ["素材ID", "消耗", …]        # as the platform writes it: the columns that are expected
    needs = ["素材ID|视频ID", "消耗|花费"]  # a file is recognised when it has a column of each
    without = ["渠道|channel"]           # … and none of these
    paths = ["douyin"]                  # words in a path: they choose between layouts that fit alike
    null_values = ["-"]
    scale = { cost_micros = "micros" }  # by the file's column: micros | cents | percent
    constants = { channel = "douyin" }
    where = '"Total" is not null'       # in expressions columns stand in quotes, written in any case
    event = "order"                     # or { column = …, values = …, others = … } or { cases = [[…, …]] }
    dedupe = ["order_id"]               # only where the platform gives each record a key
    date_from = "%Y-%m-%d|%Y%m%d"       # for reports whose day stands in the file's name alone
    [layout.columns]
    ts = ["时间-天", "日期+小时"]          # the best first; + joins, * multiplies, { expr = "…" }
    cost = ["消耗", "花费"]

Rules: map what the platform counts and what can be added up; shares, averages, frequencies and ranks stay in
props (they are read with every other column); reach goes to `reach`, which no metric adds up. Write every
name old and new exports give a column, the best first. Choose `needs` so that no other layout's header fits
(tests read every `header` with every layout). Choice between layouts that fit: see `choice.py`.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib import resources

from engine.workspace.model import Preset, Source

_TABLE = re.compile(r"^\[\[layout\]\]\s*$", re.MULTILINE)
_NAME = re.compile(r'^name = "([^"]+)"', re.MULTILINE)
_LIKE = re.compile(r'^like = "([^"]+)"', re.MULTILINE)
_MERGED = ("columns", "constants", "scale")
_TAKEN_OVER = (
    "table", "label", "header", "needs", "without", "null_values", "where", "dedupe", "keep", "date_from",
    "timezone", "paths",
)  # fmt: skip


@cache
def texts() -> Mapping[str, str]:
    """The text of each shipped layout by name: a start that needs no layout parses none."""
    folder = resources.files("engine.ingest") / "layouts"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda f: f.name)
    pieces = [piece for file in files for piece in _TABLE.split(file.read_text("utf-8"))[1:]]
    return {found[1]: piece for piece in pieces if (found := _NAME.search(piece))}


def preset_names() -> tuple[str, ...]:
    """Names of all shipped layouts."""
    return tuple(texts())


@cache
def _shipped(name: str) -> Preset:
    raw = tomllib.loads("[[layout]]\n" + texts()[name])["layout"][0]
    preset = Preset.of(raw)
    return preset if preset.like is None else _over(preset, _shipped(preset.like))


def presets(own: Sequence[Preset] = ()) -> Mapping[str, Preset]:
    """All layouts by name; one of the workspace's `own` replaces a shipped one of its name."""
    return _all() if not own else {**_all(), **{each.name: preset(each.name, own) for each in own}}


@cache
def _all() -> Mapping[str, Preset]:
    return {name: _shipped(name) for name in texts()}


def preset(name: str, own: Sequence[Preset] = ()) -> Preset:
    """The layout of that name with all that it takes over. Raises: KeyError where there is none."""
    mine = next((each for each in own if each.name == name), None)
    if mine is None:
        return _shipped(name)
    if mine.like is None:
        return mine
    others = own if mine.like != name else ()
    return _over(mine, preset(mine.like, others))


def _over(mine: Preset, base: Preset) -> Preset:
    taken: dict[str, object] = {key: getattr(mine, key) or getattr(base, key) for key in _TAKEN_OVER}
    taken |= {key: {**getattr(base, key), **getattr(mine, key)} for key in _MERGED}
    if mine.event is None and not mine.moments:
        taken |= {"event": base.event, "moments": base.moments}
    return replace(mine, like=None, **taken)  # type: ignore[arg-type]


def keyed(source: Source) -> Source:
    """The source with the key of its layout, where it names a layout and no key: `dedupe`, `keep`."""
    if source.preset is None or source.dedupe:
        return source
    found = preset(source.preset, source.layouts)
    if not found.dedupe or found.table != source.table:
        return source
    return replace(source, dedupe=found.dedupe, keep=found.keep or source.keep)


def chosen_from(source: Source) -> str:
    """The hash of the shipped layouts that the files of a source may be read with, of their text."""
    if source.preset is None:
        told = "" if source.columns or source.moments else repr(sorted(texts().items()))
    else:
        names = [source.preset, *(each.like for each in source.layouts if each.like)]
        told = repr([texts()[each] for name in names for each in _below(name)])
    return hashlib.sha256(told.encode()).hexdigest()


def _below(name: str) -> Iterable[str]:
    """The shipped layout of that name and those that it is like."""
    while name in texts():
        yield name
        found = _LIKE.search(texts()[name])
        name = found[1] if found else ""


def date_patterns(source: Source) -> tuple[str, ...]:
    """The patterns of a day in a file's name that the source's own words or its layout give."""
    if source.date_from:
        return (source.date_from,)
    found = preset(source.preset, source.layouts).date_from if source.preset else None
    return (found,) if found else ()


def column_names(preset: Preset) -> frozenset[str]:
    """Folded names of all columns that a layout knows."""
    from engine.ingest.sniff import fold

    tables = [preset.columns, *preset.moments.values()]
    listed = [name for table in tables for names in table.values() for name in names if name[:1] != "="]
    listed += [name for need in preset.needs for name in need.split("|")]
    if isinstance(preset.event, Mapping) and "column" in preset.event:
        listed += preset.event["column"].split("|")
    parts = [part for name in listed for part in (name, *name.split("+"), *name.split("*"))]
    return frozenset(fold(name) for name in (*parts, *preset.header))


@cache
def known_names() -> frozenset[str]:
    """Folded names of all columns that any shipped layout knows."""
    return frozenset().union(*map(column_names, presets().values()))

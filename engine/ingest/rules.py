"""The `[[quality]]` rules of a source on the rows of a frame: which rows break which, and where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from engine.expressions import PolarsColumn, to_polars
from engine.ingest.convert import Bad, Frame, as_text
from engine.ingest.delimited import LINE
from engine.ingest.hashing import record_of
from engine.ingest.judge import line_text
from engine.ingest.rejects import cut
from engine.ingest.state import PartRef, keys_path, violations_path
from engine.ingest.write import write_frame
from engine.questions import Violation
from engine.schema import COLUMNS, Kind
from engine.workspace.model import QualityRule, Source

KEPT = 1_000
"""So many offenders of a rule are kept per part; the count is true."""

_SCHEMA: dict[str, type[pl.DataType]] = {
    "rule": pl.String, "line": pl.Int64, "column": pl.String, "value": pl.String, "text": pl.String,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Breach:
    """One rule on a frame: `mask` is true for the rows that break it, `values` are shown for them."""

    rule: QualityRule
    column: str | None
    mask: pl.Series
    values: pl.Series


@dataclass(frozen=True, slots=True)
class Broken:
    """What becomes of a part's rows under its rules.

    `counts`: (rows checked, rows that break it) by key of the rule; `offenders`: the first of them;
    `keys`: for rules of uniqueness, the hash of each row's value with its line, by key of the rule.
    """

    counts: dict[str, tuple[int, int]]
    offenders: tuple[tuple[str, int, str | None, str | None, str], ...] = ()
    keys: tuple[tuple[str, pl.DataFrame], ...] = ()


def breaches(rows: Frame, base: pl.DataFrame) -> list[Breach]:
    """Every rule on every row that is profiled; those of uniqueness are judged over all parts, not here.

    In:  file columns, and canonical columns by row. A canonical column that the mapping fills stands
         before a file column of the same name.
    """
    both = _Both(rows, base)
    return [both.breach(rule) for rule in rows.plan.source.quality if rule.by_row]


def rejecting(found: Iterable[Breach]) -> Iterator[Bad]:
    """The breaches of rules whose action is to reject."""
    for each in found:
        if each.rule.action == "reject" and each.mask.any():
            words = f"breaks the rule {each.rule.name}: {each.rule.says}"
            yield Bad(each.column, each.mask, each.values, lambda _text, words=words: words)  # type: ignore[misc]


def broken(rows: Frame, base: pl.DataFrame, found: Sequence[Breach], good: pl.Series) -> Broken:
    """What is kept: of rows that go in where the action is to report, of all where it rejects."""
    counts: dict[str, tuple[int, int]] = {}
    offenders: list[tuple[str, int, str | None, str | None, str]] = []
    lines = rows.frame[LINE]
    for each in found:
        held = each.mask if each.rule.action == "reject" else each.mask & good
        key = each.rule.key
        checked = len(good) if each.rule.action == "reject" else int(good.sum())
        counts[key] = (checked, int(held.sum()))
        for at in held.arg_true().head(KEPT):
            offenders.append(
                (key, lines[at], each.column, cut(each.values[at]), cut(line_text(rows, at)) or "")
            )
    keys = []
    both = _Both(rows, base)
    for rule in rows.plan.source.quality:
        if rule.unique:
            keys.append((rule.key, both.hashes(rule, good)))
            counts[rule.key] = (len(keys[-1][1]), 0)
    return Broken(counts, tuple(offenders), tuple(keys))


class _Both:
    """File columns and canonical columns of the same rows."""

    def __init__(self, rows: Frame, base: pl.DataFrame) -> None:
        self.rows = rows
        filled = {*rows.plan.rules, *rows.plan.constants, "event"} & set(base.columns)
        self.canonical = {name: f"\x01{name}" for name in filled}
        named = base.select(pl.col(name).alias(there) for name, there in self.canonical.items())
        self.frame = rows.frame.with_columns(named.get_columns())
        self.kinds = {column.name: column.kind for column in COLUMNS[rows.plan.table]}

    def breach(self, rule: QualityRule) -> Breach:
        none = pl.repeat(None, len(self.frame), dtype=pl.String, eager=True)
        if rule.check is not None:
            names = {name: self.named(name) for name in rule.check.columns}
            made = to_polars(rule.check, names, want="boolean", number=self.rows.number)
            holds = self.frame.select(pl.first().alias("\x00"), made.alias("v"))["v"]
            return Breach(rule, None, ~holds.fill_null(True), none)
        values = self.values(rule.column or "")
        if rule.not_null:
            return Breach(rule, rule.column, values.is_null(), none)
        mask = ~values.is_in(list(rule.allowed)) & values.is_not_null()
        return Breach(rule, rule.column, mask, values)

    def named(self, name: str) -> PolarsColumn:
        if name not in self.canonical:
            return self.rows.named(name)
        kind: Kind = self.kinds.get(name, "list")
        plain: Kind = "number" if kind in ("money", "count", "number") else kind
        column = pl.col(self.canonical[name])
        if plain == "list":
            return PolarsColumn(column.list.join(","), "text")
        return PolarsColumn(column.cast(pl.Float64) if plain == "number" else column, plain)

    def values(self, name: str) -> pl.Series:
        """A column as texts; null where the file has none."""
        there = self.canonical.get(name, name)
        if there not in self.frame.columns:
            return pl.repeat(None, len(self.frame), dtype=pl.String, eager=True)
        return as_text(self.frame[there])

    def hashes(self, rule: QualityRule, good: pl.Series) -> pl.DataFrame:
        """Line and hash of the value of each row that goes in and has one."""
        frame = pl.DataFrame([self.rows.frame[LINE].alias("line"), self.values(rule.column or "").alias("v")])
        frame = frame.filter(good & frame["v"].is_not_null())
        return frame.select("line", record_of([pl.col("v")]).alias("hash"), pl.col("v").alias("value"))


def write_broken(cache: Path, part: PartRef, broken: Broken) -> None:
    """Writes offenders and keys of a part; nothing where there are none."""
    if broken.offenders:
        write_frame(
            violations_path(cache, part), pl.DataFrame(broken.offenders, schema=_SCHEMA, orient="row")
        )
    for key, frame in broken.keys:
        write_frame(keys_path(cache, part, key), frame)


def violations(cache: Path, source: Source, file: str, part: PartRef) -> Iterator[Violation]:
    """The kept offenders of a part, by rule of its source, then line."""
    path = violations_path(cache, part)
    if not path.exists():
        return
    names = {rule.key: rule.name for rule in source.quality}
    for key, line, column, value, text in pl.read_parquet(path).iter_rows():
        if key in names:
            yield Violation(names[key], source.name, file, line, column, value, text or "")


def repeated(
    cache: Path, source: Source, rule: QualityRule, parts: Sequence[tuple[str, PartRef]]
) -> tuple[int, list[Violation]]:
    """Rows whose value another row of the source has before them, by file and line: how many, and the first.

    In:  (file, part) of all parts of the source.
    """
    frames = [
        pl.read_parquet(path).with_columns(pl.lit(file).alias("file"))
        for file, part in parts
        if (path := keys_path(cache, part, rule.key)).exists()
    ]
    if not frames:
        return 0, []
    rows = pl.concat(frames).sort("file", "line")
    again = rows.filter(~pl.col("hash").is_first_distinct())
    first = [
        Violation(rule.name, source.name, file, line, rule.column, value)
        for file, line, value in again.head(KEPT).select("file", "line", "value").iter_rows()
    ]
    return len(again), first

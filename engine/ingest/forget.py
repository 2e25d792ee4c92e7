"""Rows of erased persons on their way to facts: whose they are is gone before anything is made of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from engine.ingest.convert import Frame, as_text, typed
from engine.ingest.delimited import LINE
from engine.ingest.erased import Erased
from engine.ingest.eventrule import keep
from engine.ingest.identifiers import TEXTS, normalise
from engine.ingest.personal import personal_columns
from engine.ingest.state import FileState, part_path, rejects_path
from engine.workspace.model import Identity

STAND_IN = "\x00stand_in"
"""Column of the number that joins the facts of an erased person; null for everybody else."""

_LIKELY = r"@|\d[\s().-]?\d[\s().-]?\d[\s().-]?\d[\s().-]?\d[\s().-]?\d[\s().-]?\d"
_SHORTEST = 6
"""A shorter value inside another text is a coincidence."""


def forget(rows: Frame, erased: Erased, filtered: dict[str, int], hits: set[str]) -> pl.Series | None:
    """Take erased persons out of a frame of file columns; their profiles leave as filtered.

    In:  `filtered` counts them; `hits` gets what names each thing that was taken out.
    Out: STAND_IN of each row that stays; None where nobody in the frame was erased.
    """
    if not erased or rows.frame.is_empty():
        return None
    found = _found(rows, erased)
    own = set(_own(rows))
    if found is not None:
        hit = found.is_not_null()
        hits |= {str(number) for number in found.drop_nulls().unique()}
        if rows.plan.table == "profiles":
            rows.frame = keep(rows, ~hit, "erased", filtered)
            found = None
        else:
            _blank(rows, erased, hit, own)
    hits |= _clean_texts(rows, erased, own)
    return found


def anonymous(facts: pl.DataFrame, stand_in: pl.Series, identifiers: tuple[str, ...]) -> pl.DataFrame:
    """Finished facts, those of erased persons without identifiers and under their stand-in."""
    gone = pl.col(STAND_IN).is_not_null()
    emptied = [pl.when(~gone).then(pl.col(name)).alias(name) for name in identifiers]
    return (
        facts.with_columns(stand_in.alias(STAND_IN))
        .with_columns(
            pl.when(gone).then(pl.lit([], dtype=TEXTS)).otherwise("ids").alias("ids"),
            pl.when(gone).then(STAND_IN).otherwise("subject").alias("subject"),
            *emptied,
        )
        .drop(STAND_IN)
    )


def clean(cache: Path, state: FileState, erased: Erased, identity: Identity) -> bool:
    """Whether the parts of a file and what stands beside them name nobody who was erased."""
    for part in state.parts:
        frame = pl.read_parquet(part_path(cache, part))
        if "ids" in frame.columns and any(map(erased.erasure, _distinct(frame["ids"]))):
            return False
        for name, dtype in frame.schema.items():
            texts = frame[name].drop_nulls() if dtype == pl.String else pl.Series([], dtype=pl.String)
            if any(erased.without(text, identity) != text for text in _likely(texts)):
                return False
        if part.rejected:
            rejects = pl.read_parquet(rejects_path(cache, part))
            for row in rejects.select("text", "value", "reason").iter_rows():
                if erased.mentioned("\n".join(filter(None, row)), identity):
                    return False
    return True


def _distinct(ids: pl.Series) -> list[str]:
    return ids.explode(empty_as_null=True, keep_nulls=True).drop_nulls().unique().to_list()


def _likely(texts: pl.Series) -> list[str]:
    return texts.filter(texts.str.contains(_LIKELY)).unique().to_list()


def _rules(rows: Frame) -> Iterator[tuple[str, pl.Series]]:
    """(type, raw values as lists) of every rule that gives identifiers, the strongest first."""
    for kind in rows.plan.identifiers:
        for target, rule in rows.plan.all_rules():
            if target == kind:
                yield kind, typed(rows, kind, rule, TEXTS)[0]


def _own(rows: Frame) -> Iterator[str]:
    """File columns that hold identifiers or other attributes of a person."""
    yield from (name for name in personal_columns(rows.plan) if name in rows.frame.columns)


def _found(rows: Frame, erased: Erased) -> pl.Series | None:
    """The stand-in of each row that names an erased person, by its strongest erased identifier."""
    identity = rows.plan.workspace.identity
    found: list[pl.Series] = []
    for kind, lists in _rules(rows):
        numbers = {
            raw: erased.stand_in(erasure)
            for raw in _distinct(lists)
            if (value := normalise(kind, raw, identity)) and (erasure := erased.erasure(f"{kind}:{value}"))
        }
        if numbers:
            inside = pl.element().replace_strict(numbers, default=None, return_dtype=pl.UInt64)
            found.append(lists.list.eval(inside).list.min().alias(str(len(found))))
    return pl.DataFrame(found).select(pl.coalesce(pl.all()).alias(STAND_IN))[STAND_IN] if found else None


def _blank(rows: Frame, erased: Erased, hit: pl.Series, own: set[str]) -> None:
    """Tokens for the identifiers of the rows that are hit, wherever in the row they stand."""
    identity, frame = rows.plan.workspace.identity, rows.frame
    at = hit.arg_true().to_list()
    needles: dict[int, set[str]] = {row: set() for row in at}
    for kind, lists in _rules(rows):
        for row in at:
            for raw in lists[row] if lists[row] is not None else ():
                value = normalise(kind, raw, identity) or raw
                needles[row] |= {raw, value, value.removeprefix("+86")}
    fixed = {LINE, *rows.plan.number_columns(), *rows.plan.time_columns()} - own
    for name in frame.columns:
        column = frame[name]
        if name in own:
            rows.frame = rows.frame.with_columns(_tokens(column, hit, erased))
        elif name not in fixed:
            changed = {row: _without(column[row], needles[row], erased) for row in at}
            wrong = {row: text for row, text in changed.items() if text is not None}
            if wrong:
                rows.frame = rows.frame.with_columns(_replaced(column, wrong))


def _tokens(column: pl.Series, hit: pl.Series, erased: Erased) -> pl.Series:
    lists = isinstance(column.dtype, pl.List)
    texts = column.cast(TEXTS).list.join("\x1f") if lists else as_text(column)
    made = {value: erased.token(value) for value in texts.filter(hit).drop_nulls().unique()}
    frame = pl.DataFrame([texts.alias("v"), hit.alias("hit")])
    token = pl.col("v").replace_strict(made, default=None, return_dtype=pl.String)
    if lists:
        frame = frame.with_columns(column.cast(TEXTS).alias("all"))
        whole = pl.when("hit").then(pl.concat_list(token)).otherwise("all")
    else:
        whole = pl.when("hit").then(token).otherwise("v")
    return frame.select(whole.alias(column.name))[column.name]


def _without(cell: object, needles: set[str], erased: Erased) -> str | None:
    """The cell with the needles replaced; None where it holds none."""
    text = made = "" if cell is None else str(cell)
    for needle in sorted(needles, key=len, reverse=True):
        if len(needle) >= _SHORTEST and needle in made:
            made = made.replace(needle, erased.token(needle))
    return made if made != text else None


def _replaced(column: pl.Series, texts: dict[int, str]) -> pl.Series:
    """A text column with the new texts; a column of another kind with nothing in their place."""
    places = pl.Series(list(texts), dtype=pl.UInt32)
    if column.dtype == pl.String:
        return column.scatter(places, pl.Series(list(texts.values()), dtype=pl.String))
    gone = pl.Series(range(len(column)), dtype=pl.UInt32).is_in(places.implode())
    return column.to_frame().select(pl.when(~gone).then(pl.col(column.name)).alias(column.name))[column.name]


def _clean_texts(rows: Frame, erased: Erased, own: set[str]) -> set[str]:
    """Telephone numbers and e-mail addresses of erased persons in the texts of any row; the new texts."""
    hits: set[str] = set()
    identity = rows.plan.workspace.identity
    fixed = {LINE, *rows.plan.number_columns(), *rows.plan.time_columns(), *own}
    for name, dtype in rows.frame.schema.items():
        if name not in fixed and dtype == pl.String:
            made = {
                text: new
                for text in _likely(rows.frame[name].drop_nulls())
                if (new := erased.without(text, identity)) != text
            }
            if made:
                rows.frame = rows.frame.with_columns(pl.col(name).replace(made))
                hits |= set(made.values())
    return hits

"""Where an event came from that does not say so itself: the workspace's rules, then the shipped ones.

utm_*, click ids, address and referrer of a row ─► different combinations ─► first rule that holds ─► channel
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import polars as pl

from engine.expressions import Expression, PolarsColumn, parse, to_polars
from engine.expressions.web import decoded, parameter
from engine.ingest import facts
from engine.ingest.convert import Frame
from engine.ingest.named import canonical_column, file_column, text_of
from engine.workspace.model import ChannelRule

FILLED = {"channel": None, "campaign": "utm_campaign", "creative": "utm_content"}
"""Columns that an event without its own gets, and where it gets them from; a channel by rules."""

_ADDRESS = ("url", "referrer", "outside")
_QUERY = r"\?[^?]*="
_INSIDE = parse("site(referrer) = site(url)")
_PLACES = (parse("site(referrer)"), parse("host(referrer)"))


@dataclass(frozen=True, slots=True)
class Grouping:
    """The shipped rules, the columns that files have for the names in them, and the names of click ids.

    `terms`: names for what several rules ask, with their meaning.
    """

    rules: tuple[ChannelRule, ...]
    names: Mapping[str, tuple[str, ...]]
    clicks: tuple[str, ...]
    terms: Mapping[str, Expression]

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names that an address may give where the file has no column for them."""
        return (*(name for name in self.names if name not in _ADDRESS), *self.clicks)


@cache
def shipped() -> Grouping:
    """The grouping of `channels.toml`."""
    text = resources.files("engine.ingest").joinpath("channels.toml").read_text(encoding="utf-8")
    raw = tomllib.loads(text)
    rules = tuple(ChannelRule(parse(each["when"]), each["channel"]) for each in raw["rule"])
    names = {name: tuple(columns) for name, columns in raw["names"].items()}
    terms = {name: parse(text) for name, text in raw["terms"].items()}
    return Grouping(rules, names, tuple(raw["clicks"]["names"]), terms)


def filled(rows: Frame, frame: pl.DataFrame, many: list[pl.DataFrame]) -> list[pl.DataFrame]:
    """Canonical frames of events in which channel, campaign and creative are filled where they were null.

    In:  `frame`, the rows' canonical columns; `many`, one frame of the same rows for each of their moments.
    """
    given = _Given(rows, frame)
    if not given.asks:
        return many
    made = {name: given.value(source) for name, source in FILLED.items() if source is not None}
    made["channel"] = _channel(given, rows.plan.workspace.channels)
    found = {
        name: values
        for name, values in made.items()
        if values is not None and values.null_count() < len(values)
    }
    if not found:
        return many
    return [
        each.with_columns(
            each[name].zip_with(each[name].is_not_null(), values).alias(name)
            for name, values in found.items()
        )
        for each in many
    ]


class _Given:
    """The values of the names in rules, for the rows of one frame."""

    def __init__(self, rows: Frame, frame: pl.DataFrame) -> None:
        self.rows, self.frame, self.grouping = rows, frame, shipped()
        self._kept: dict[str, pl.Series | None] = {}
        self.coded = self._coded()

    @property
    def asks(self) -> bool:
        """Whether anything could be filled: most files say nothing of where events came from."""
        if self.rows.frame.is_empty():
            return False
        if self.rows.plan.workspace.channels or self.coded is not None:
            return True
        known = [each for name, columns in self.grouping.names.items() if name != "url" for each in columns]
        return file_column(self.rows.frame, [*known, *self.grouping.clicks]) is not None

    def _coded(self) -> pl.Series | None:
        """The address of each row, where any of them has parameters."""
        address = self.value("url")
        return address if address is not None and address.str.contains(_QUERY).any() else None

    def value(self, name: str) -> pl.Series | None:
        """A name as texts; None where neither a column nor the address has it."""
        if name not in self._kept:
            self._kept[name] = self._value(name)
        return self._kept[name]

    def _value(self, name: str) -> pl.Series | None:
        if name == "outside":
            return self._outside()
        if name == "url":
            return self._address()
        found = text_of(self.rows, self.grouping.names.get(name, (name,)))
        if name in self.grouping.parameters and self.coded is not None:
            said = _parameter(self.coded, name)
            found = said if found is None else found.fill_null(said)
        return found

    def _address(self) -> pl.Series | None:
        """The first address of the row that has parameters, else the first; the page is the last."""
        listed = [text_of(self.rows, (name,)) for name in self.grouping.names["url"]]
        page = self.frame["page"] if self.frame["page"].null_count() < len(self.frame) else None
        there = [values.alias(str(at)) for at, values in enumerate((*listed, page)) if values is not None]
        if not there:
            return None
        asked = [pl.when(pl.col(each.name).str.contains(_QUERY)).then(each.name) for each in there]
        return pl.DataFrame(there).select(pl.coalesce([*asked, *(each.name for each in there)]).alias("url"))[
            "url"
        ]

    def _outside(self) -> pl.Series | None:
        referrer = self.value("referrer")
        if referrer is None:
            return None
        url = self.value("url")
        pair = pl.DataFrame({"referrer": referrer}).with_columns(
            url=pl.lit(None, pl.String) if url is None else url
        )
        columns = {name: PolarsColumn(pl.col(name), "text") for name in pair.columns}
        sites = list(self.rows.plan.workspace.traffic.sites)
        inside = to_polars(_INSIDE, columns, want="boolean").fill_null(False)
        for place in _PLACES:
            inside = inside | to_polars(place, columns).is_in(sites).fill_null(False)
        told = pair.unique().with_columns(pl.when(~inside).then("referrer").alias("outside"))
        joined = pair.join(told, on=pair.columns, how="left", nulls_equal=True, maintain_order="left")
        return joined["outside"]

    def column(self, name: str) -> tuple[pl.Series, PolarsColumn]:
        """A name of a rule: canonical, of the file, or one of the touch; null where there is none."""
        label = f"n.{name}"
        plan = self.rows.plan
        if name in self.frame.columns and (name == "event" or name in plan.rules or name in plan.constants):
            values = self.frame[name].alias(label)
            return values, canonical_column(values)
        if name in self.grouping.terms:
            values = self._term(self.grouping.terms[name]).alias(label)
            return values, canonical_column(values)
        if name in (*self.grouping.parameters, *_ADDRESS):
            found = self.value(name)
            text = found if found is not None else facts.nulls(len(self.frame), pl.String())
            return text.alias(label), PolarsColumn(pl.col(label), "text")
        there = file_column(self.rows.frame, (name,))
        if there is None:
            return facts.nulls(len(self.frame), pl.String()).alias(label), PolarsColumn(pl.col(label), "text")
        known = self.rows.named(there)
        values = self.rows.frame.select(known.expr.alias(label))[label]
        return values, PolarsColumn(pl.col(label), known.kind)

    def _term(self, term: Expression) -> pl.Series:
        """The values of a term, of each different combination of what it reads found once."""
        made = {name: self.column(name) for name in sorted(term.columns)}
        wide = pl.DataFrame([values for values, _ in made.values()])
        told = to_polars(term, {name: column for name, (_, column) in made.items()}).alias("told")
        found = wide.unique().with_columns(told)
        return wide.join(found, on=wide.columns, how="left", nulls_equal=True, maintain_order="left")["told"]


def _parameter(address: pl.Series, name: str) -> pl.Series:
    raw = address.str.extract(parameter(name), 1)
    coded = raw.filter(raw.str.contains("[%+]").fill_null(False)).unique()
    known = {text: decoded(text) for text in coded}
    plain = raw.replace(list(known), list(known.values())) if known else raw
    return plain.set(plain == "", None)


def _channel(given: _Given, own: Sequence[ChannelRule]) -> pl.Series | None:
    """The channel that the first rule gives; each different combination of what rules read is judged once."""
    empty = given.frame["channel"].is_null()
    if not empty.any() and not given.rows.plan.moments:
        return None
    rules = [*own, *given.grouping.rules]
    named = sorted(frozenset[str]().union(*(rule.when.columns for rule in rules)))
    made = {name: given.column(name) for name in named}
    wide = pl.DataFrame([values for values, _ in made.values()])
    constant = [name for name in wide.columns if wide[name].null_count() == len(wide)]
    keys = [
        name for name in wide.columns if name not in constant and not isinstance(wide.schema[name], pl.List)
    ]
    columns = {name: column for name, (_, column) in made.items()}
    chosen = pl.lit(None, dtype=pl.String)
    for rule in reversed(rules):
        holds = to_polars(rule.when, {name: columns[name] for name in rule.when.columns}, want="boolean")
        chosen = pl.when(holds.fill_null(False)).then(pl.lit(rule.channel)).otherwise(chosen)
    if len(keys) + len(constant) < wide.width:
        return wide.select(chosen.alias("channel"))["channel"]
    if not keys:
        return wide.select(chosen.alias("channel"))["channel"]
    judged = wide.unique(keys).with_columns(chosen.alias("channel"))
    return wide.join(
        judged.select(*keys, "channel"), on=keys, how="left", nulls_equal=True, maintain_order="left"
    )["channel"]

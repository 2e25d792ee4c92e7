"""Identifiers seen together → persons: a pure function of the set of observations.

    subjects ─ stars ─ edges in order of strength ─ constrained joins ─► clusters ─ canonical ─► persons

A subject is a set of identifiers that at least one fact carries, with the first moment at which one does.
Source of the rules: the product's identity semantics (priority-ordered constrained joins): each subject joins
its strongest usable identifier to each other; manual links come first; then edges by the priority of the
weaker end, of the stronger end, the first moment, and the identifiers; a join that would break `never_link`
or a limit is refused and kept as a conflict.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

NEVER = "never_link"
"""Reason of a conflict that a manual rule makes; the others are `limit:TYPE`."""

Link = tuple[str, str]
"""Two `type:value` as they stand after normalisation."""

Links = tuple[tuple[Link, ...], tuple[Link, ...]]
"""Manual links in force: always, never."""

Numbered = tuple[Sequence[tuple[int, int]], Sequence[tuple[int, int]]]
"""The same as numbers of identifiers, the stronger end first."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Who may be one person.

    `priority`: identifier types, strongest first. `limit`: values of a type that one person may have.
    `fanout`: a value of the outer type that meets more distinct values of the inner type is shared.
    """

    priority: tuple[str, ...]
    limit: Mapping[str, int]
    fanout: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Resolution:
    """Who is who.

    `identifiers`: id, component (the number of one of its identifiers), person (the number of the canonical
                   identifier).
    `conflicts`: a, b (numbers, `a` the stronger end), reason, component.
    `joins`: a, b, at (place of the subject, -1 for a manual link) in the order in which they were made;
             only of components whose joins had to be weighed one by one.
    """

    identifiers: pl.DataFrame
    conflicts: pl.DataFrame
    joins: pl.DataFrame


def resolve(stars: pl.DataFrame, rules: Rules, links: Numbered, *, one_by_one: bool = False) -> Resolution:
    """Persons of some whole raw components.

    In:  stars: at (place of the subject in the order of first observations: ts, obs_id), place (of the
         identifier in it: the strongest first, within a type the smaller value), id (u64), rank (place of
         its type in the priority); shared identifiers are left out. links: the manual ones (always, never)
         as numbers, the stronger end first. `one_by_one`: weigh every join, so that `joins` is complete.
    Out: see `Resolution`; the order of rows means nothing.
    """
    import polars as pl

    stars = stars.sort("at", "place").with_columns(
        (pl.col("id").rank("dense") - 1).cast(pl.UInt32).alias("code")
    )
    owned = stars[_firsts(stars["code"])]
    begins = (pl.col("at") != pl.col("at").shift()).fill_null(True)
    edges = stars.with_columns(pl.when(begins).then("code").forward_fill().alias("hub"))
    edges = edges.filter(pl.col("code") != pl.col("hub"))
    always, never = (_coded(each, owned) for each in links)
    root = _components(len(owned), edges, always)
    weighed = _weighed(owned, root, rules, never, one_by_one)
    work = _Weighing(rules, owned if weighed else owned.clear(), never)
    if weighed:
        work.run(
            _in_order(edges, owned, root, weighed), [pair for pair in always if root[pair[0]] in weighed]
        )
    return _result(owned, root, work, weighed)


def _firsts(labels: pl.Series) -> pl.Series:
    """Where each of the labels 0 … n − 1 stands first, in the order of the labels."""
    import polars as pl

    place = pl.int_range(labels.len(), dtype=pl.UInt32, eager=True)
    found = pl.repeat(0, labels.n_unique(), dtype=pl.UInt32, eager=True)
    return found.scatter(labels.reverse(), place.reverse())


def _coded(links: Sequence[tuple[int, int]], owned: pl.DataFrame) -> list[tuple[int, int]]:
    """Manual links between identifiers that somebody has, as codes; the others say nothing yet."""
    import polars as pl

    named = owned.filter(pl.col("id").is_in([end for link in links for end in link]))
    code_of = dict(zip(named["id"], named["code"], strict=True))
    return [(code_of[a], code_of[b]) for a, b in links if a in code_of and b in code_of]


def _components(size: int, edges: pl.DataFrame, always: Sequence[tuple[int, int]]) -> pl.Series:
    """The smallest code of the raw component of each code: labels are hooked to smaller ones and shortened
    until every edge has one label (the hooking of Shiloach and Vishkin)."""
    import polars as pl

    manual = pl.DataFrame(always, schema={"hub": pl.UInt32, "code": pl.UInt32}, orient="row")
    open_edges = pl.concat([edges.select("hub", "code"), manual])
    label = pl.int_range(size, dtype=pl.UInt32, eager=True)
    while len(open_edges):
        ends = pl.DataFrame({end: label.gather(open_edges[end]) for end in ("hub", "code")})
        open_edges = ends.filter(pl.col("hub") != pl.col("code"))
        low, high = pl.min_horizontal("hub", "code"), pl.max_horizontal("hub", "code")
        hooks = open_edges.select(low.alias("low"), high.alias("high"))
        label = label.scatter(hooks["high"], hooks["low"])
        while not (shorter := label.gather(label)).equals(label):
            label = shorter
    return label


def _weighed(
    owned: pl.DataFrame, root: pl.Series, rules: Rules, never: Sequence[tuple[int, int]], every: bool
) -> set[int]:
    """Components in which a join could be refused: over a limit, or with both ends of a `never_link`."""
    import polars as pl

    if every:
        return set(root)
    limits = [rules.limit.get(kind) for kind in rules.priority]
    most = pl.col("rank").replace_strict(
        list(range(len(limits))), limits, default=None, return_dtype=pl.Int64
    )
    limited = owned.select("rank", root.alias("root"), most.alias("most")).drop_nulls("most")
    over = (
        limited.group_by("root", "rank")
        .agg(pl.len(), pl.col("most").first())
        .filter(pl.col("len") > pl.col("most"))
    )
    return set(over["root"]) | {root[a] for a, b in never if root[a] == root[b]}


def _in_order(
    edges: pl.DataFrame, owned: pl.DataFrame, root: pl.Series, weighed: set[int]
) -> Iterator[tuple[int, int, int]]:
    """(hub, other, at) of the edges of some components, in the order in which joins are tried."""

    mine = edges.filter(root.gather(edges["hub"]).is_in(list(weighed)))
    mine = mine.unique(["hub", "code"], keep="first", maintain_order=True)
    ordered = mine.with_columns(owned["rank"].gather(mine["hub"]).alias("strong"))
    ordered = ordered.sort("rank", "strong", "at", "place")
    return ordered.select("hub", "code", "at").iter_rows()


class _Weighing:
    """The constrained joins, one by one, inside the components that need it."""

    def __init__(self, rules: Rules, owned: pl.DataFrame, never: Sequence[tuple[int, int]]) -> None:
        self.priority = rules.priority
        self.ranks: list[int] = owned["rank"].to_list()
        place = {kind: rank for rank, kind in enumerate(rules.priority)}
        self.limits = {place[kind]: most for kind, most in rules.limit.items() if kind in place}
        self.enemies: dict[int, set[int]] = {}
        for a, b in never:
            self.enemies.setdefault(a, set()).add(b)
            self.enemies.setdefault(b, set()).add(a)
        self.members: dict[int, list[int]] = {}
        self.root: dict[int, int] = {}
        self.joins: list[tuple[int, int, int]] = []
        self.refused: dict[tuple[int, int, str], None] = {}

    def run(self, edges: Iterable[tuple[int, int, int]], always: Iterable[tuple[int, int]]) -> None:
        """Manual links first, then the edges in their order."""
        for stronger, weaker in always:
            self._try(stronger, weaker, -1, limited=False)
        for hub, other, at in edges:
            self._try(hub, other, at, limited=True)

    def cluster(self, one: int) -> int:
        """The smallest code of the cluster that an identifier is in."""
        return self.root.get(one, one)

    def _try(self, a: int, b: int, at: int, *, limited: bool) -> None:
        left, right = self.cluster(a), self.cluster(b)
        if left == right:
            return
        mine, theirs = self.members.get(left, [left]), self.members.get(right, [right])
        reason = self._never(mine, theirs) or (self._limit(mine, theirs) if limited else None)
        if reason is not None:
            self.refused[(a, b, reason)] = None
            return
        self.joins.append((a, b, at))
        target = min(left, right)
        self.members.pop(left, None), self.members.pop(right, None)
        self.members[target] = mine + theirs
        for one in theirs if target == left else mine:
            self.root[one] = target
        self.root.setdefault(target, target)

    def _never(self, mine: Sequence[int], theirs: Sequence[int]) -> str | None:
        if not self.enemies:
            return None
        others = set(theirs)
        return NEVER if any(self.enemies[one] & others for one in mine if one in self.enemies) else None

    def _limit(self, mine: Sequence[int], theirs: Sequence[int]) -> str | None:
        """The strongest type whose limit the joined cluster would break: more than allowed, and more than
        either side had."""
        counts: tuple[dict[int, int], dict[int, int]] = ({}, {})
        for side, members in zip(counts, (mine, theirs), strict=True):
            for one in members:
                rank = self.ranks[one]
                side[rank] = side.get(rank, 0) + 1
        left, right = counts
        for rank in sorted(left.keys() & right.keys()):
            most = self.limits.get(rank)
            if most is not None and left[rank] + right[rank] > most:
                return f"limit:{self.priority[rank]}"
        return None


def _result(owned: pl.DataFrame, root: pl.Series, work: _Weighing, weighed: set[int]) -> Resolution:
    import polars as pl

    number = owned["id"]
    cluster = _clusters(root, work, weighed)
    earliest = owned.select(pl.arg_sort_by("at", "rank", "place")).to_series()
    person = pl.repeat(0, len(owned), dtype=pl.UInt64, eager=True)
    # The last write counts: the earliest of each cluster is written last.
    person = person.scatter(cluster.gather(earliest).reverse(), number.gather(earliest).reverse())
    identifiers = pl.DataFrame(
        {"id": number, "component": number.gather(root), "person": person.gather(cluster)}
    )
    refused = list(work.refused)
    conflicts = pl.DataFrame(
        {
            "a": number.gather([a for a, _, _ in refused]),
            "b": number.gather([b for _, b, _ in refused]),
            "reason": pl.Series([reason for _, _, reason in refused], dtype=pl.String),
            "component": number.gather([root[a] for a, _, _ in refused]),
        }
    )
    joins = pl.DataFrame(
        {
            "a": number.gather([a for a, _, _ in work.joins]),
            "b": number.gather([b for _, b, _ in work.joins]),
            "at": pl.Series([at for _, _, at in work.joins], dtype=pl.Int64),
        }
    )
    return Resolution(identifiers, conflicts, joins)


def _clusters(root: pl.Series, work: _Weighing, weighed: set[int]) -> pl.Series:
    """The cluster of each code: its raw component, or what the weighing made of it."""
    import polars as pl

    if not weighed:
        return root
    codes = root.is_in(list(weighed)).arg_true()
    made = pl.Series([work.cluster(code) for code in codes], dtype=pl.UInt32)
    return root.clone().scatter(codes, made)

"""Identifiers seen together → persons: a pure function of the set of observations.

    subjects ─ stars ─ edges in order of strength ─ constrained joins ─► clusters ─ canonical ─► persons

A subject is a set of identifiers that at least one fact carries, with the first moment at which one does.
Source of the rules: the product's identity semantics (priority-ordered constrained joins): each subject joins
its strongest usable identifier to each other; manual links come first; then edges by the priority of the
weaker end, of the stronger end, the first moment, and the identifiers; a join that would break `never_link`
or a limit is refused and kept as a conflict.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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


@dataclass(frozen=True, slots=True)
class Rules:
    """Who may be one person.

    `priority`: identifier types, strongest first. `limit`: values of a type that one person may have.
    `fanout`: a value of the outer type that meets more distinct values of the inner type is shared.
    """

    priority: tuple[str, ...]
    limit: Mapping[str, int]
    fanout: Mapping[str, Mapping[str, int]]
    always: tuple[Link, ...] = ()
    never: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Resolution:
    """Who is who.

    `identifiers`: id, component, person (the number of the canonical identifier), at (place of the first
                   observation among the subjects); shared ones are not in it.
    `conflicts`: a, b (numbers, `a` the stronger end), reason, component.
    `joins`: a, b, at (place of the subject, -1 for a manual link) in the order in which they were made;
             only of components whose joins had to be weighed one by one.
    """

    identifiers: pl.DataFrame
    conflicts: pl.DataFrame
    joins: pl.DataFrame


def resolve(
    subjects: pl.DataFrame, names: pl.DataFrame, rules: Rules, *, one_by_one: bool = False
) -> Resolution:
    """Persons of some whole raw components.

    In:  subjects: ids (list of u64, the strongest first, within a type the smaller value), in the order of
         their first observation (ts, obs_id). names: id, name (`type:value`), rank (place of the type in the
         priority), shared (bool) of every identifier in them, in any order.
         `one_by_one`: weigh every join, so that `joins` is complete.
    Out: see `Resolution`.
    """
    known = names.sort("id").with_row_index("code")
    stars = _stars(subjects, known)
    first = stars.unique("code", keep="first", maintain_order=True).select("code", "at", "place")
    owned = known.join(first, on="code").sort("code")
    edges = _edges(stars)
    code_of = _codes(known, rules)
    always, never = _links(rules.always, code_of, owned), _links(rules.never, code_of, owned)
    graph = _Graph(len(known), edges, always)
    weighed = _weighed(owned, graph, rules, never, one_by_one)
    work = _Weighing(rules, known if weighed else known.clear(), never)
    if weighed:
        work.run(graph, weighed)
    return _result(owned, known, graph, work, weighed)


def _stars(subjects: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """at (rank of the subject), place (in its list), code, rank, hub: usable identifiers of each subject and
    its strongest one."""
    import polars as pl

    places = pl.int_ranges(0, pl.col("ids").list.len(), dtype=pl.UInt32)
    ranked = subjects.with_row_index("at").select("at", pl.col("ids").alias("id"), places.alias("place"))
    usable = known.filter(~pl.col("shared")).select("id", "code", "rank")
    stars = ranked.explode("id", "place").join(usable, on="id").sort("at", "place")
    begins = (pl.col("at") != pl.col("at").shift()).fill_null(True)
    return stars.with_columns(pl.when(begins).then("code").forward_fill().alias("hub"))


def _edges(stars: pl.DataFrame) -> pl.DataFrame:
    """hub, code, at: each edge once with its first observation, in the order in which joins are tried."""
    import polars as pl

    strength = stars.select("code", "rank").unique().rename({"code": "hub", "rank": "strong"})
    pairs = stars.filter(pl.col("code") != pl.col("hub"))
    once = pairs.sort("at", "place").unique(["hub", "code"], keep="first", maintain_order=True)
    return once.join(strength, on="hub").sort("rank", "strong", "at", "place")


def _codes(known: pl.DataFrame, rules: Rules) -> dict[str, int]:
    """name → code of the identifiers that manual links name."""
    import polars as pl

    named = {end for link in (*rules.always, *rules.never) for end in link}
    found = known.filter(pl.col("name").is_in(list(named))) if named else known.clear()
    return dict(zip(found["name"], found["code"], strict=True))


def _links(links: Iterable[Link], code_of: Mapping[str, int], owned: pl.DataFrame) -> list[tuple[int, int]]:
    """Manual links between identifiers that somebody has; the others say nothing yet."""
    there = set(owned["code"]) if code_of else set()
    pairs = ((code_of.get(one), code_of.get(other)) for one, other in links)
    return [(a, b) for a, b in pairs if a is not None and b is not None and a in there and b in there]


class _Graph:
    """Raw components: what would be one person if nothing were refused."""

    def __init__(self, size: int, edges: pl.DataFrame, always: Sequence[tuple[int, int]]) -> None:
        self.hubs: list[int] = edges["hub"].to_list()
        self.others: list[int] = edges["code"].to_list()
        self.at: list[int] = edges["at"].to_list()
        self.always = always
        self.root = list(range(size))
        for a, b in always:
            self._join(a, b)
        for a, b in zip(self.hubs, self.others, strict=True):
            self._join(a, b)
        self.root = [self._find(one) for one in range(size)]

    def _find(self, one: int) -> int:
        root = self.root
        while root[one] != one:
            root[one] = root[root[one]]
            one = root[one]
        return one

    def _join(self, a: int, b: int) -> None:
        a, b = self._find(a), self._find(b)
        if a != b:
            self.root[max(a, b)] = min(a, b)


def _weighed(
    owned: pl.DataFrame, graph: _Graph, rules: Rules, never: Sequence[tuple[int, int]], every: bool
) -> set[int]:
    """Components in which a join could be refused: over a limit, or with both ends of a `never_link`."""
    import polars as pl

    root = pl.Series("root", graph.root, dtype=pl.UInt32)
    roots = owned.select("rank", root.gather(owned["code"]))
    if every:
        return set(roots["root"])
    limits = [rules.limit.get(kind) for kind in rules.priority]
    most = pl.col("rank").replace_strict(
        list(range(len(limits))), limits, default=None, return_dtype=pl.Int64
    )
    over = roots.group_by("root", "rank").len().filter(pl.col("len") > most)
    return set(over["root"]) | {graph.root[a] for a, b in never if graph.root[a] == graph.root[b]}


class _Weighing:
    """The constrained joins, one by one, inside the components that need it."""

    def __init__(self, rules: Rules, known: pl.DataFrame, never: Sequence[tuple[int, int]]) -> None:
        self.priority = rules.priority
        self.ranks: list[int] = known["rank"].to_list()
        self.names = known["name"]
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

    def run(self, graph: _Graph, weighed: set[int]) -> None:
        """Manual links first, then the edges in their order."""
        for a, b in graph.always:
            if graph.root[a] in weighed:
                stronger, weaker = sorted((a, b), key=lambda one: (self.ranks[one], self.names[one]))
                self._try(stronger, weaker, -1, limited=False)
        for hub, other, at in zip(graph.hubs, graph.others, graph.at, strict=True):
            if graph.root[hub] in weighed:
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


def _result(
    owned: pl.DataFrame, known: pl.DataFrame, graph: _Graph, work: _Weighing, weighed: set[int]
) -> Resolution:
    import polars as pl

    number = known["id"]
    root = pl.Series("root", graph.root, dtype=pl.UInt32)
    cluster = root if not weighed else _clusters(root, work, weighed)
    placed = owned.with_columns(
        number.gather(root.gather(owned["code"])).alias("component"),
        cluster.gather(owned["code"]).alias("cluster"),
    )
    canonical = (
        placed.sort("at", "rank", "place")
        .unique("cluster", keep="first", maintain_order=True)
        .select("cluster", pl.col("id").alias("person"))
    )
    identifiers = placed.join(canonical, on="cluster").select("id", "component", "person", "at").sort("id")
    refused = list(work.refused)
    conflicts = pl.DataFrame(
        {
            "a": number.gather([a for a, _, _ in refused]),
            "b": number.gather([b for _, b, _ in refused]),
            "reason": pl.Series([reason for _, _, reason in refused], dtype=pl.String),
            "component": number.gather([graph.root[a] for a, _, _ in refused]),
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

    made = [work.cluster(code) if one in weighed else one for code, one in enumerate(root)]
    return pl.Series("cluster", made, dtype=pl.UInt32)

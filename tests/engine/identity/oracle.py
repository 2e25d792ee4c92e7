"""Who is who, slowly: the definition of identity read aloud in plain Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.identity.resolve import Link, Links, Rules

Identifier = str
"""`type:value`."""


@dataclass(frozen=True)
class Seen:
    """One observation: when, under which id, and the usable identifiers in it."""

    ts: int
    obs: str
    ids: tuple[Identifier, ...]


@dataclass
class Told:
    """`persons`: canonical → identifiers. `owner`: canonical of the person of each observation."""

    persons: dict[Identifier, frozenset[Identifier]] = field(default_factory=dict)
    shared: set[Identifier] = field(default_factory=set)
    conflicts: set[tuple[Identifier, Identifier, str]] = field(default_factory=set)
    owner: dict[str, Identifier | None] = field(default_factory=dict)


def kind(identifier: Identifier) -> str:
    return identifier.partition(":")[0]


def persons_of(observations: Sequence[Seen], rules: Rules, links: Links = ((), ())) -> Told:
    """All eight steps of the definition, one after the other."""
    rank = {name: at for at, name in enumerate(rules.priority)}

    def strength(one: Identifier) -> tuple[int, str]:
        return rank[kind(one)], one

    told = Told()
    ordered = sorted(observations, key=lambda seen: (seen.ts, seen.obs))
    told.shared = _shared(ordered, rules)
    edges: dict[tuple[Identifier, Identifier], tuple[int, str]] = {}
    first: dict[Identifier, tuple[int, str]] = {}
    for seen in ordered:
        usable = sorted(set(seen.ids) - told.shared, key=strength)
        for one in usable:
            first.setdefault(one, (seen.ts, seen.obs))
        for other in usable[1:]:
            edges.setdefault((usable[0], other), (seen.ts, seen.obs))
    cluster: dict[Identifier, set[Identifier]] = {one: {one} for one in first}
    manual = [(a, b) for a, b in links[0] if a in first and b in first]
    tried = [(min(pair, key=strength), max(pair, key=strength), False) for pair in manual]

    def order(edge: tuple[Identifier, Identifier]) -> object:
        hub, other = edge
        return rank[kind(other)], rank[kind(hub)], edges[edge], strength(hub), strength(other)

    tried += [(hub, other, True) for hub, other in sorted(edges, key=order)]  # type: ignore[arg-type]
    for a, b, limited in tried:
        _join(cluster, a, b, rules, told, never=links[1], limited=limited)
    for members in {id(each): each for each in cluster.values()}.values():
        canonical = min(members, key=lambda one: (first[one], strength(one)))
        told.persons[canonical] = frozenset(members)
    canonical_of = {one: name for name, members in told.persons.items() for one in members}
    for seen in ordered:
        usable = sorted(set(seen.ids) - told.shared, key=strength)
        told.owner[seen.obs] = canonical_of[usable[0]] if usable else None
    return told


def _shared(observations: Sequence[Seen], rules: Rules) -> set[Identifier]:
    beside: dict[Identifier, set[Identifier]] = {}
    for seen in observations:
        for one in seen.ids:
            beside.setdefault(one, set()).update(set(seen.ids) - {one})
    return {
        one
        for one, others in beside.items()
        for strong, most in rules.fanout.get(kind(one), {}).items()
        if sum(kind(other) == strong for other in others) > most
    }


def _join(
    cluster: Mapping[Identifier, set[Identifier]],
    a: Identifier,
    b: Identifier,
    rules: Rules,
    told: Told,
    *,
    never: Sequence[Link],
    limited: bool,
) -> None:
    left, right = cluster[a], cluster[b]
    if left is right:
        return
    both = left | right
    reason = None
    if any((one in left and other in right) or (one in right and other in left) for one, other in never):
        reason = "never_link"
    for name in rules.priority if limited and reason is None else ():
        counts = [sum(kind(one) == name for one in side) for side in (left, right, both)]
        if name in rules.limit and counts[2] > rules.limit[name] and counts[2] > max(counts[:2]):
            reason = f"limit:{name}"
            break
    if reason is not None:
        told.conflicts.add((a, b, reason))
        return
    left |= right
    assert isinstance(cluster, dict)
    for one in right:
        cluster[one] = left

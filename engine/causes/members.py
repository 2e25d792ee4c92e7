"""A change split among the members of dimensions; of a rate, into what rates and what weights did.

Source: reference alerts.md section 5, step 4: rate ½(w + w′)(r′ − r), mix (w′ − w)(½(r + r′) − ½(R + R′)).
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import polars as pl

from engine.causes.leaves import Leaves
from engine.questions import MemberChange

_PERIODS = ("base", "now")


def members(leaves: Leaves, dims: tuple[str, ...]) -> tuple[MemberChange, ...]:
    """Members by the size of their effect; the effects sum to the change, those of a rate to rate + mix.

    A member without denominator in one period has the other period's rate: it came or went whole, all mix.
    """
    if leaves.base is None or leaves.now is None:
        return ()
    change, sums = leaves.now - leaves.base, _sums(leaves, dims)
    split = _rates(sums, leaves) if leaves.rate else _moved(sums)
    found = []
    for member, effect, rate, mix in split:
        named = tuple(zip(dims, member, strict=True))
        found.append(MemberChange(named, effect, effect / change + 0.0 if change else None, rate, mix))
    return tuple(sorted(found, key=lambda one: (-abs(one.effect), _order(one.member))))


def _order(member: tuple[tuple[str, str | None], ...]) -> list[tuple[bool, str]]:
    return [(value is None, value or "") for _, value in member]


_Sums = list[tuple[tuple[str | None, ...], dict[str, float]]]


def _sums(leaves: Leaves, dims: tuple[str, ...]) -> _Sums:
    """Exactly rounded sums by member: no order of rows shows in them."""
    columns = [f"{side}_{period}" for side in ("num", "den")[: 1 + leaves.rate] for period in _PERIODS]
    if not dims:
        return [((), {name: leaves.total(name) for name in columns})]
    lists = leaves.frame.group_by(dims).agg(pl.col(columns))
    width = len(dims)
    return [
        (row[:width], {name: math.fsum(cells) for name, cells in zip(columns, row[width:], strict=True)})
        for row in lists.iter_rows()
    ]


def _moved(sums: _Sums) -> Iterator[tuple[tuple[str | None, ...], float, None, None]]:
    for member, each in sums:
        yield member, each["num_now"] - each["num_base"], None, None


def _rates(sums: _Sums, leaves: Leaves) -> Iterator[tuple[tuple[str | None, ...], float, float, float]]:
    before, after = leaves.total("den_base"), leaves.total("den_now")
    middle = ((leaves.base or 0.0) + (leaves.now or 0.0)) / 2
    for member, each in sums:
        weight, weight_now = each["den_base"] / before, each["den_now"] / after
        own, own_now = _rate(each, "base"), _rate(each, "now")
        own, own_now = _else(own, own_now, middle), _else(own_now, own, middle)
        mix = (weight_now - weight) * ((own + own_now) / 2 - middle)
        rate = (weight + weight_now) / 2 * (own_now - own)
        loose = _loose(each, "now") / after - _loose(each, "base") / before
        yield member, rate + loose + mix, rate + loose, mix


def _rate(each: dict[str, float], period: str) -> float | None:
    under = each[f"den_{period}"]
    return each[f"num_{period}"] / under if under else None


def _else(own: float | None, other: float | None, middle: float) -> float:
    return own if own is not None else other if other is not None else middle


def _loose(each: dict[str, float], period: str) -> float:
    """What a numerator without denominator adds to the whole: it has no rate, and still counts."""
    return 0.0 if each[f"den_{period}"] else each[f"num_{period}"]

"""How much of a product's change each factor made: by logarithms (LMDI) or as its fair share (Shapley).

Both are exact: the effects sum to the change. Source: reference alerts.md section 5, step 4.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

Method = Literal["lmdi", "shapley"]
Values = Mapping[str, float]

MOST_SHARED = 5
"""Factors that Shapley takes: its work doubles with each."""


@dataclass(frozen=True, slots=True)
class Product:
    """coefficient · Π factor^power; without factors a constant."""

    coefficient: float
    powers: tuple[tuple[str, int], ...]

    def of(self, values: Values) -> float | None:
        """Its value; None where it divides by 0."""
        found = self.coefficient
        for name, power in self.powers:
            if power < 0 and values[name] == 0:
                return None
            found *= values[name] ** power
        return found


def log_mean(a: float, b: float) -> float:
    """The logarithmic mean of two numbers above 0: (a − b) / (ln a − ln b), a where they are equal."""
    step = math.log(a / b)
    return a if step == 0 else (a - b) / step


def lmdi(product: Product, base: Values, now: Values) -> dict[str, float] | None:
    """Δ_k = L(X′, X) · ln(x′_k / x_k); None where a factor is not positive in both periods."""
    if any(min(base[name], now[name]) <= 0 for name, _ in product.powers):
        return None
    before, after = product.of(base), product.of(now)
    if not before or not after:
        return dict.fromkeys((name for name, _ in product.powers), 0.0)
    mean = math.copysign(log_mean(abs(after), abs(before)), product.coefficient)
    return {name: mean * power * math.log(now[name] / base[name]) for name, power in product.powers}


def shapley(product: Product, base: Values, now: Values) -> dict[str, float] | None:
    """The mean step of each factor over all orders; None for too many, or where one divides by 0."""
    names = [name for name, _ in product.powers]
    size = len(names)
    if size > MOST_SHARED:
        return None
    worth: dict[frozenset[str], float] = {}
    for count in range(size + 1):
        for chosen in combinations(names, count):
            value = product.of({name: (now if name in chosen else base)[name] for name in names})
            if value is None:
                return None
            worth[frozenset(chosen)] = value
    found = {}
    for name in names:
        steps = [
            math.factorial(len(held)) * math.factorial(size - len(held) - 1) * (worth[held | {name}] - value)
            for held, value in worth.items()
            if name not in held
        ]
        found[name] = math.fsum(steps) / math.factorial(size)
    return found


def shares(
    products: tuple[Product, ...], base: Values, now: Values, method: Method | None
) -> tuple[str, dict[str, float]] | None:
    """A sum of products, split into its factors: (method, effect by factor).

    In:  values by factor in both periods; `method` None: LMDI, Shapley where a factor is not above 0.
    Out: method `lmdi`, `shapley` or `sum` (no product of several factors); None where nothing splits it.
    """
    used, effects = "sum", dict[str, float]()
    for product in products:
        if [power for _, power in product.powers] == [1]:
            ((name, _),) = product.powers
            found: dict[str, float] | None = {name: product.coefficient * (now[name] - base[name])}
        else:
            found = None if method == "shapley" else lmdi(product, base, now)
            if product.powers:
                used = "lmdi" if found is not None and used != "shapley" else "shapley"
            found = shapley(product, base, now) if found is None else found
        if found is None:
            return None
        for name, effect in found.items():
            effects[name] = effects.get(name, 0.0) + effect
    return used, effects

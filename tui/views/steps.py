"""How large a number is among others: the step of its colour."""

from __future__ import annotations

from collections.abc import Sequence


def step_of(value: float, known: Sequence[float]) -> float:
    """0–1 between the smallest and the largest of `known`; counts, which begin at 0, from 0 on.

    In:  known: the values that are compared, not empty.
    """
    low, high = min(known), max(known)
    low = min(low, 0.0) if low >= 0 and low < high / 2 else low
    return (value - low) / (high - low) if high > low else 0.5


def move_of(change: float, known: Sequence[float]) -> float:
    """0–1: how large a move is beside the largest of `known`, up or down."""
    most = max((abs(each) for each in known), default=0.0)
    return abs(change) / most if most else 0.0

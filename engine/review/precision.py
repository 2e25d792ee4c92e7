"""How often an alert was right: the share of true labels, with its interval."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

RIGHT = ("true", "true_no_action")
WRONG = ("false", "expected")
Z = 1.959963984540054
"""Two-sided 95 % quantile of the normal distribution."""

Precision = tuple[int, float | None, float | None, float | None]


def precision(labels: Iterable[str]) -> Precision:
    """(reviewed, precision, low, high) of the labels of a rule's episodes.

    Out: how many labels there are; true ÷ (true + false + expected), null where that is 0 / 0, with its
    two-sided 95 % Wilson interval. Data defects and duplicates count as reviewed only.
    Source: E. B. Wilson, Probable inference, JASA 22 (1927).

    >>> reviewed, share, low, high = precision(["true"] * 7 + ["false"] * 2 + ["expected", "duplicate"])
    >>> reviewed, share, round(low, 4), round(high, 4)
    (11, 0.7, 0.3968, 0.8922)
    """
    given: Sequence[str] = tuple(labels)
    right = sum(label in RIGHT for label in given)
    judged = right + sum(label in WRONG for label in given)
    if not judged:
        return len(given), None, None, None
    share, square = right / judged, Z * Z
    centre = share + square / (2 * judged)
    half = Z * math.sqrt(share * (1 - share) / judged + square / (4 * judged * judged))
    whole = 1 + square / judged
    return len(given), share, max(0.0, (centre - half) / whole), min(1.0, (centre + half) / whole)

"""The values of a metric that a mean or a deviation may be made of, ready to be taken many times."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.alerts.reading.series import Cells, Number

Counts = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Evaluable:
    """Values by period, and the known ones close together.

    `line`: None where nothing is known or the calendar marks the day; `at`, `values`: periods and values of
    the others, the newest first; `before`: how many of those lie before each period, and before the end.
    """

    line: Sequence[Number]
    at: Sequence[int]
    values: Sequence[float]
    before: Sequence[int]

    def last(self, i: int, count: int, incident: Mapping[int, bool]) -> list[float]:
        """The nearest `count` before period `i`, firing periods left out; the nearest first."""
        begin, left_out = len(self.at) - self.before[min(i, len(self.line))], incident.get
        found: list[float] = []
        while begin < len(self.at) and len(found) < count:
            end = begin + (count - len(found)) * 3 // 2 + 1
            pairs = zip(self.at[begin:end], self.values[begin:end], strict=True)
            found += [value for position, value in pairs if not left_out(position)]
            begin = end
        return found[:count]

    def among(self, positions: Iterable[int], count: int, incident: Mapping[int, bool]) -> list[float]:
        """The first `count` of some periods, firing ones left out."""
        found: list[float] = []
        line, size = self.line, len(self.line)
        for position in positions:
            value = line[position] if position < size else None
            if value is not None and not incident.get(position):
                found.append(value)
                if len(found) == count:
                    break
        return found


def evaluable(values: Sequence[Number], is_special: Callable[[int], bool]) -> Evaluable:
    """In: values that may be judged, by period; whether the calendar marks a period."""
    line = [None if value is None or is_special(i) else value for i, value in enumerate(values)]
    at, known, before = list[int](), list[float](), [0]
    for i, value in enumerate(line):
        if value is not None:
            at.append(i)
            known.append(value)
        before.append(len(at))
    return Evaluable(line, at[::-1], known[::-1], before)


def proportions(cells: Cells) -> list[Counts | None]:
    """Numerator and denominator by period, where they are a proportion."""
    return [
        None if num is None or den is None or den <= 0 or not 0 <= num <= den else (num, den)
        for num, den in zip(cells.num, cells.den, strict=True)
    ]

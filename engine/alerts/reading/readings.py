"""What the conditions of a rule read of one member: values that may be judged, and their bases."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from typing import TYPE_CHECKING

from engine.alerts.reading.anomalies import History, history, is_proportion
from engine.alerts.reading.baselines import Counts, Evaluable, evaluable, proportions
from engine.alerts.reading.periods import Axis
from engine.alerts.reading.reach import Reach
from engine.alerts.reading.series import Cells, Number, leaves, rows_metric
from engine.workspace.model import CalendarDay, Metric, Rule, Workspace

if TYPE_CHECKING:
    from engine.anomaly import Usual

BLOCK = 28
"""Periods for which the |z| that a rule allows stands."""
MAD = 1.4826
"""Standard deviations per median absolute deviation of a normal distribution."""
FLOOR = 0.02
"""A deviation is at least 2 % of the median."""


@dataclass(frozen=True, slots=True)
class AlertFacts:
    """What rules ask about sources, given by whoever knows the files.

    `age`: hours since the newest fact at or before a moment; `measure`: what a call about
    sources says now, by its name and the names in it;
    `newest`: its newest fact; `calendar`: its days.
    """

    age: Callable[[str, datetime], float | None] = lambda _source, _at: None
    measure: Callable[[str, tuple[str, ...]], float | None] = lambda _name, _words: None
    newest: Callable[[str], datetime | None] = lambda _source: None
    calendar: tuple[CalendarDay, ...] = ()


def reading_key(name: str, words: tuple[str, ...]) -> str:
    """How the ledger names a measure; a share of rejects by its source alone, as it always did."""
    return words[0] if name == "rejected_share" else f"{name}({', '.join(words)})"


@dataclass(slots=True)
class MemberReadings:
    """Implements `condition.Readings` for one member of one rule."""

    rule: Rule
    workspace: Workspace
    axis: Axis
    cells: Mapping[str, Cells]
    facts: AlertFacts = field(default_factory=AlertFacts)
    incident: Mapping[int, bool] = field(default_factory=dict)
    elapsed: Mapping[tuple[str, str], float | None] | None = None
    """Bases up to the same local time, for a running period that is judged by `same_elapsed`."""
    early: bool = False
    """Whether the period that is read still runs and only what is sure counts."""
    readings: Mapping[tuple[str, str], float] = field(default_factory=dict)
    """Earlier measures by (how `reading_key` names them, period)."""
    evidence: bool = True
    fresh: Mapping[str, int] = field(default_factory=dict)
    """Metric → number of periods by whose end its sources had delivered or were not yet stale."""
    limits: Mapping[str, Sequence[float]] = field(default_factory=dict)
    """Metric → |z| by block of periods, where the rule says how many false alerts it may cost."""
    reach: Reach = field(init=False)
    _clean: dict[str, list[Number]] = field(default_factory=dict)
    _histories: dict[str, History] = field(default_factory=dict)
    _evaluable: dict[str, Evaluable] = field(default_factory=dict)
    _proportions: dict[str, Sequence[Counts | None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.reach = Reach(self.axis, self.rule, self.facts.calendar)

    def skips(self, i: int) -> bool:
        """Whether the calendar takes the period out of judging."""
        found = self.reach.special(i)
        return found is not None and found.effect == "skip"

    def value(self, metric: str, i: int) -> Number:
        """The value that may be judged; None where nothing is known."""
        found = self._clean.get(metric)
        if found is None:
            found = self._clean[metric] = self._judgeable(metric)
        return found[i] if i < len(found) else None

    def _judgeable(self, name: str) -> list[Number]:
        metric, cells = self.workspace.metrics[name], self.cells.get(name)
        length = max((len(each.value) for each in self.cells.values()), default=0)
        out: list[Number] = list(cells.value) if cells else [None] * length
        least = max(self.rule.min_den, metric.min_den)
        if cells is not None and metric.kind in ("ratio", "conversion", "funnel"):
            out = [
                None if den is not None and (den == 0 or den < least) else value
                for value, den in zip(out, cells.den, strict=True)
            ]
        for leaf in leaves(self.workspace, name):
            if leaf.gap == "zero" and metric.kind in ("simple", "derived"):
                self._fill(name, leaf, out, metric.kind == "simple")
        return out

    def _fill(self, name: str, leaf: Metric, out: list[Number], simple: bool) -> None:
        """A period without facts is 0 only while the source delivers and the member was seen lately."""
        counter = self.cells.get(rows_metric(self.workspace, leaf) or name)
        seen, last = counter.value if counter else [], None
        fresh = self.fresh.get(name, len(out))
        for i, value in enumerate(out):
            if i < len(seen) and seen[i]:
                last = i
            if last is None or i - last > self.rule.member_ttl_periods:
                out[i] = None
            elif last != i:
                zero = 0.0 if simple else value
                out[i] = (value or zero) if i < fresh else None

    def inputs(
        self, metrics: Sequence[str], asks: Sequence[tuple[str, tuple[str, ...]]]
    ) -> list[list[Number]]:
        """All that verdicts follow from, up to the last complete period: equal lists, equal verdicts.

        In:  metrics and calls about sources that the rule reads.
        """
        out: list[list[Number]] = []
        for metric in metrics:
            self.value(metric, 0)
            cells, end = self.cells.get(metric), self.axis.complete
            out.append(self._clean[metric][:end])
            out += [each[:end] for each in cells.lists[1:]] if cells else [[]] * 4
        for name, words in asks:
            out.append([self.asked(name, words, i) for i in range(self.axis.complete)])
        return out

    def counts(self, metric: str, i: int) -> tuple[float, float] | None:
        """Numerator and denominator where a rate is a proportion and evidence is asked for."""
        if self.rule.evidence != "bound" or not self.evidence:
            return None
        return self._proportion(metric, i)

    def _proportion(self, name: str, i: int) -> tuple[float, float] | None:
        found = self._proportions.get(name)
        if found is None:
            cells = self.cells.get(name) if self.workspace.metrics[name].unit == "percent" else None
            found = self._proportions[name] = () if cells is None else proportions(cells)
        return found[i] if i < len(found) else None

    def base(self, metric: str, base: str, i: int) -> Number:
        """Value of the period that is compared with; None where there is none or it is too small."""
        if self.elapsed is not None:
            found = self.elapsed.get((metric, base))
        else:
            there = self.reach.base(base, i)
            found = None if there is None else self.value(metric, there)
        return None if found is None or found == 0 or abs(found) < self.rule.min_base else found

    def base_counts(self, metric: str, base: str, i: int) -> tuple[float, float] | None:
        """Numerator and denominator of the base, under the same conditions as `counts`."""
        there = self.reach.base(base, i)
        return None if there is None or self.elapsed is not None else self.counts(metric, there)

    def _past(self, metric: str) -> Evaluable:
        """What baselines of the metric are made of."""
        found = self._evaluable.get(metric)
        if found is None:
            self.value(metric, 0)
            values = self._clean[metric][: len(self.axis.starts)]
            found = evaluable(values, lambda i: self.reach.special(i) is not None)
            self._evaluable[metric] = found
        return found

    def mean(self, metric: str, count: int, i: int) -> Number:
        """Mean of the `count` evaluable periods before; on a day compared by name, that day's value."""
        special = self.reach.special(i)
        if special is not None and special.effect == "same_name":
            return self.base(metric, "previous", i)
        found = self._past(metric).last(i, count, self.incident)
        if self.elapsed is not None or len(found) < min(self.rule.min_history, count) or not found:
            return None
        result = sum(found) / len(found)
        return None if abs(result) < self.rule.min_base else result

    def spread(self, metric: str, weeks: int, i: int) -> tuple[float, float] | None:
        """Median and 1.4826·MAD (at least 2 % of the median) of the same weekday in the weeks before.

        On a day compared by name: that day's value, and the spread in proportion.
        """
        found = self._past(metric).among(self.reach.alike(i, weeks), weeks, self.incident)
        if self.elapsed is not None or len(found) < min(self.rule.min_history, weeks) or not found:
            return None
        middle = median(found)
        spread = max(MAD * median(abs(each - middle) for each in found), FLOOR * abs(middle))
        special = self.reach.special(i)
        if special is None or special.effect != "same_name":
            return middle, spread
        like = self.base(metric, "previous", i)
        return None if like is None else (like, spread * (abs(like / middle) if middle else 1.0))

    def widening(self, i: int) -> float:
        """What changes, deviations and anomalies of the period are divided by."""
        return self.reach.widening(i)

    def usual(self, metric: str, i: int) -> Usual | None:
        """What the baseline expects of the period, firing ones left out; None: not enough is known."""
        return None if self.elapsed is not None else self.history(metric).usual(i, self.incident)

    def score(self, metric: str, i: int) -> Number:
        """Signed z of the period against that."""
        return None if self.elapsed is not None else self.history(metric).score(i, self.incident)

    def extra(self, metric: str, i: int) -> float:
        """The variance that the value itself brings, on the scale of its baseline."""
        return self.history(metric).past.extra[i]

    def allowed(self, metric: str, i: int) -> Number:
        """The |z| that the period may reach for the false alerts that the rule may cost."""
        blocks = self.limits.get(metric)
        return blocks[min(i // BLOCK, len(blocks) - 1)] if blocks else None

    def history(self, name: str) -> History:
        """The metric against its own past."""
        found = self._histories.get(name)
        if found is None:
            metric = self.workspace.metrics[name]
            found = history(metric, self.reach, *self.series(name), self.rule.min_history)
            self._histories[name] = found
        return found

    def series(self, name: str) -> tuple[list[Number], list[tuple[float, float] | None] | None]:
        """Values of all periods, and numerators and denominators where the metric is a proportion."""
        count = len(self.axis.labels)
        values = [self.value(name, i) for i in range(count)]
        if not is_proportion(self.workspace, self.workspace.metrics[name]):
            return values, None
        shares = (self._proportion(name, i) for i in range(count))
        return values, [None if v is None else share for v, share in zip(values, shares, strict=True)]

    def target(self, metric: str, i: int) -> Number:
        """The target of the period."""
        cells = self.cells.get(metric)
        return cells.target[i] if cells is not None and i < len(cells.target) else None

    def pace(self, metric: str, i: int, count: int = 1) -> Number:
        """Share of its target that is used ÷ share that is due, where the value may be judged.

        Of several periods: what was used in them ÷ what was due; unknown where one of them is. A long and a
        short one together tell a budget that burns too fast from one that did, and is back on its way.
        Source: multi-window burn rates, The Site Reliability Workbook, chapter 5.
        """
        cells = self.cells.get(metric)
        if cells is None or i >= len(cells.pace) or self.value(metric, i) is None:
            return None
        if count == 1:
            return cells.pace[i]
        used = due = 0.0
        for position in range(i - count + 1, i + 1):
            value, owed = self.value(metric, position), self._due(cells, position)
            if position < 0 or value is None or owed is None:
                return None
            used, due = used + value, due + owed
        return used / due if due else None

    def _due(self, cells: Cells, i: int) -> Number:
        """What of the target was due in the period: all of it once it is over; of a longer one its share."""
        if i < self.axis.complete and cells.target[i] is not None:
            return cells.target[i]
        value, pace = cells.value[i], cells.pace[i]
        return value / pace if value and pace else None

    def age(self, source: str, i: int) -> Number:
        """Hours since the source's newest fact, at the end of the period."""
        return self.facts.age(source, self.axis.ends[i])

    def measure(self, name: str, words: tuple[str, ...], i: int) -> Number:
        """What a call about sources said when the period was the newest complete one."""
        known = self.readings.get((reading_key(name, words), self.axis.labels[i]))
        if known is None and i == self.axis.complete - 1:
            return self.facts.measure(name, words)
        return known

    def asked(self, name: str, words: tuple[str, ...], i: int) -> Number:
        """An age or a measure."""
        return self.age(words[0], i) if name == "age" else self.measure(name, words, i)

    def seen_from(self) -> int | None:
        """First period in which anything of the member is known."""
        firsts = (self._first(name, cells.value) for name, cells in self.cells.items())
        return min((first for first in firsts if first is not None), default=None)

    def _first(self, name: str, values: list[Number]) -> int | None:
        metric = self.workspace.metrics.get(name)
        nothing = (None, 0) if metric is None or metric.gap == "zero" else (None,)
        return next((i for i, value in enumerate(values) if value not in nothing), None)

"""The law of published numbers: what is told as changed is the difference of two rebuilds from nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from engine import metrics
from engine.questions import ChangesQuery
from engine.session import Session
from tests.effort import effort
from tests.laws.shop import WALL, Shop, decide
from tests.laws.test_incremental_is_full import CHANGES, change

pytestmark = pytest.mark.slow
FEW = CHANGES.map(lambda steps: steps[:2])
Numbers = Mapping[tuple[str, date], float | None]


@dataclass
class Watched(Shop):
    """A shop whose clock goes on ten minutes with each step; enough rows that a few more are few."""

    now: datetime = WALL

    def opened(self, state: str) -> Session:
        return Session.open(self.root, state=self.root.parent / state, clock=lambda: self.now, key="key")

    def step(self, step: tuple[object, ...]) -> None:
        self.now += timedelta(minutes=10)
        change(self, step)
        assert self.session.refresh("change").error is None

    def rebuilt(self, days: tuple[date, date] | None) -> Numbers:
        """Every dated metric by day, from a session that starts from nothing."""
        fresh = self.opened(f"fresh{self.now:%H%M}")
        for verdict in self.verdicts:
            decide(fresh, *verdict)
        fresh.refresh()
        try:
            span = days or fresh.store.days(("events", "spend"))
            if span is None:
                return {}
            names = metrics.dated(fresh.workspace)
            found = metrics.daily(fresh.store, fresh.workspace, names, span, fresh.pipeline.moment.as_of)
            return {
                (name, day): value
                for name in names
                for day, value in zip(found.days, found.of(name), strict=True)
            }
        finally:
            fresh.close()


@settings(max_examples=effort(2), deadline=None, suppress_health_check=list(HealthCheck))
@given(FEW, FEW)
def test_what_is_told_as_changed_is_the_difference_of_two_rebuilds(
    before: list[tuple[object, ...]], after: list[tuple[object, ...]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shop = Watched(Path(folder) / "shop")
        shop.write("base", "web", [(23 * n, n % 5, n % 3, n % 13) for n in range(40)])
        shop.write("base", "orders", [(31 * n, n % 5, n % 3, n % 13) for n in range(20)])
        shop.session.refresh()
        shop.session.settle()
        for step in before:
            shop.step(step)
        then, since = shop.rebuilt(None), shop.now
        for step in after:
            shop.step(step)
        days = {day for _, day in then}
        now = shop.rebuilt((min(days), max(days))) if days else {}
        try:
            for name in {name for name, _ in then}:
                told = shop.session.changes(ChangesQuery(name, since)).changes
                found = {one.day: (one.before, one.after) for one in told if one.day in days}
                differ = {
                    day: (then[name, day], now[name, day])
                    for day in days
                    if then[name, day] != now[name, day]
                }
                assert found == differ, name
                assert all(one.at > since and one.cause in ("data", "beside") for one in told)
        finally:
            shop.session.close()

"""Building a metric or a funnel in the console: shown at once, said as TOML, in force while it runs."""

from __future__ import annotations

import pytest

from engine.questions import FunnelQuery, MetricQuery
from engine.workspace import amended, default_workspace
from tests.tui.fake_session import FakeSession
from tests.tui.screens.console import console, press, settled, shown
from tui.views.building import FIELDS, KINDS, Given, completed, toml_of


class Builds(FakeSession):
    """A session that takes definitions."""

    defined = ""

    def define(self, toml: str) -> None:
        self.defined = toml

    def tables(self) -> tuple[object, ...]:
        return ()


FILLED = {
    "simple": {
        "table": "events",
        "agg": "sum",
        "column": "value",
        "where": "event = 'order'",
        "unit": "money",
    },
    "ratio": {"num": "orders", "den": "visits"},
    "derived": {"expr": "revenue - cost", "unit": "money"},
    "cumulative": {"metric": "revenue", "grain_to_date": "month"},
    "conversion": {"base": "visit", "conversion": "order", "window": "7d", "per": "events"},
    "funnel": {"funnel": "buy", "measure": "rate", "from_step": "1", "to_step": "2"},
    "steps": {"steps": "visit, add_to_cart ,order", "window": "7d", "mode": "strict"},
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_filled_in_is_a_definition_of_looptop_toml(kind: str, tmp_path: object) -> None:
    from engine.metrics import BUILTIN

    base = default_workspace(tmp_path, builtin=BUILTIN)  # type: ignore[arg-type]
    base = amended(base, '[funnel.buy]\nsteps = ["visit", "order"]\n')
    assert FILLED[kind].keys() <= {field.id for field in FIELDS[kind]}
    found = amended(base, toml_of(kind, {"name": 'my "own"', **FILLED[kind]}))
    names = found.funnels if kind == "steps" else found.metrics
    assert 'my "own"' in names


def test_a_completion_takes_the_place_of_the_last_word() -> None:
    assert completed(Given("expr", "metric"), "revenue - co", "cost") == "revenue - cost"
    assert completed(Given("agg", choices=("sum",)), "s", "sum") == "sum"


async def test_what_is_typed_is_asked_and_shown_and_enter_takes_it_in() -> None:
    fake = Builds()
    async with console((80, 24), session=fake) as (app, pilot):
        await press(app, pilot, "3", "o", "right", "down", "end", *"x", "down", *"orders", "down", *"visits")
        await pilot.pause(0.5)
        await settled(app, pilot)
        text = '[metric.minex]\nkind = "ratio"\nnum = "orders"\nden = "visits"\n'
        assert fake.asked[-1] == MetricQuery(("minex",), range=app.scene().range, toml=text)
        assert "minex  " in shown(app)
        assert 'kind = "ratio"' in shown(app)
        await press(app, pilot, "enter")
        await pilot.pause(0.1)
        await settled(app, pilot)
        assert fake.defined.strip() == text.strip()
        assert app.stacks.here.metric == "minex"


async def test_a_funnel_is_built_from_the_funnel_screen() -> None:
    fake = Builds()
    async with console(session=fake) as (app, pilot):
        await press(app, pilot, ":", *"build", "enter", "right", "right", "right", "right", "right", "right")
        await press(app, pilot, "down", "down", *"visit,order")
        await pilot.pause(0.5)
        await settled(app, pilot)
        asked = [each for each in fake.asked if isinstance(each, FunnelQuery) and each.toml]
        assert asked[-1].toml == '[funnel.mine]\nsteps = ["visit", "order"]\nwindow = "14d"\n'

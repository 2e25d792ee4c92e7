"""`x`: why the number under the cursor changed, and the way down to what moved it."""

from __future__ import annotations

import pytest

from engine.questions import WhyQuery
from tests.tui import snapshot
from tests.tui.fake_session import FakeSession
from tests.tui.screens.console import console, press, shown


def asked(fake: FakeSession) -> list[WhyQuery]:
    """The changes that were asked about."""
    return [each for each in fake.asked if isinstance(each, WhyQuery)]


@pytest.mark.parametrize(
    ("keys", "metric", "where"),
    [
        (("x",), "revenue", "channel = 'Douyin'"),
        ((">", "x"), "cost", "channel = 'Douyin'"),
        (("3", "x"), "revenue", None),
        (("5", "j", "x"), "valid_leads", "page = '/lp/quote'"),
    ],
    ids=["channel", "column", "metrics", "alert"],
)
async def test_the_change_under_the_cursor_is_asked_about(
    keys: tuple[str, ...], metric: str, where: str | None
) -> None:
    fake = FakeSession()
    async with console(session=fake) as (app, pilot):
        await press(app, pilot, *keys)
        assert "Almost certainly Douyin" in shown(app)
        assert "mostly by" in shown(app)
    (query,) = asked(fake)
    assert (query.metric, query.compare) == (metric, "previous")
    assert metric == "revenue" or query.where == where


async def test_the_cause_that_is_kept_with_an_alert_is_shown_without_asking() -> None:
    fake = FakeSession()
    async with console(session=fake) as (app, pilot):
        await press(app, pilot, "5", "x")
        assert "creative sofa_03 carries 86.0% of the fall" in shown(app)
    assert not asked(fake)


async def test_a_step_of_a_funnel_is_a_rate_of_its_own() -> None:
    fake = FakeSession()
    async with console(session=fake) as (app, pilot):
        await press(app, pilot, "2", "x")
    (query,) = asked(fake)
    assert 'funnel = "purchase"' in query.toml
    assert "to_step = 3" in query.toml


async def test_enter_on_a_cause_goes_down_to_it_in_metrics_and_escape_comes_back() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, "x", "enter")
        here = app.stacks.here
        assert (here.kind, here.metric) == ("metrics", "revenue")
        assert here.path[0] == ("channel", "Douyin")
        assert here.path[1][0] == "creative"
        await press(app, pilot, "escape")
        assert app.stacks.here.path == ()


async def test_names_of_members_are_shown_as_text() -> None:
    async with console((120, 50)) as (app, pilot):
        await press(app, pilot, "x")
        assert "[red]sofa_03[/red]" in shown(app)
        assert "\x1b" not in shown(app)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_the_explanation_is_the_picture_that_was_kept(
    size: tuple[int, int], lang: str, request: pytest.FixtureRequest
) -> None:
    async with console(size, lang) as (app, pilot):
        await press(app, pilot, "x")
        overwrite = bool(request.config.getoption("--overwrite-golden"))
        picture = snapshot.picture_of_app(app)
        snapshot.compare(picture, f"screens/explain_{size[0]}x{size[1]}_{lang}", overwrite=overwrite)

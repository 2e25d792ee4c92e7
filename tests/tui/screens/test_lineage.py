"""`i`: where the number under the cursor comes from, and the way from there to the line."""

from __future__ import annotations

import pytest

from engine.questions import TraceQuery
from tests.tui import snapshot
from tests.tui.fake_session import FakeSession
from tests.tui.screens.console import console, press, shown


def traced(fake: FakeSession) -> list[TraceQuery]:
    """The numbers that were asked about."""
    return [each for each in fake.asked if isinstance(each, TraceQuery)]


@pytest.mark.parametrize(
    ("keys", "metric", "where"),
    [
        (("i",), "revenue", "channel = 'Douyin'"),
        ((">", "i"), "cost", "channel = 'Douyin'"),
        (("3", "i"), "revenue", None),
        (("2", "i"), "funnel:purchase", None),
        (("5", "i"), "conversion_rate", "channel = 'Douyin'"),
    ],
    ids=["channel", "column", "dictionary", "step", "alert"],
)
async def test_the_number_under_the_cursor_is_asked_about(
    keys: tuple[str, ...], metric: str, where: str | None
) -> None:
    fake = FakeSession()
    async with console(session=fake) as (app, pilot):
        await press(app, pilot, *keys)
        assert "sum(value) of events where event = 'order'" in shown(app)
    (query,) = traced(fake)
    assert (query.metric, query.step) == (metric, 3 if metric.startswith("funnel:") else None)
    assert metric == "revenue" or query.where == where


async def test_a_line_of_the_tree_leads_to_the_line_of_the_file_and_escape_comes_back() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, "i", "G", "enter")
        assert app.stacks.here.kind == "line"
        assert (app.stacks.here.file, app.stacks.here.line) == ("orders_1022.csv", 119)
        await press(app, pilot, "escape")
        assert app.stacks.here.kind == "overview"


async def test_a_hop_leads_to_its_rows() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, "i", "enter")
        assert (app.stacks.here.kind, app.stacks.here.metric) == ("rows", "revenue")
        assert app.stacks.here.path == (("channel", "Douyin"),)


async def test_a_source_has_its_counts_and_leads_to_its_files() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, "7", "i")
        assert "30,914 → 30,701 records" in shown(app)
        await press(app, pilot, "enter")
        assert (app.stacks.here.kind, app.stacks.here.source) == ("source", "baidu")


async def test_what_files_say_is_shown_as_text() -> None:
    async with console((120, 50)) as (app, pilot):
        await press(app, pilot, "i")
        assert "[red]Douyin[/red]" in shown(app)
        assert "\x1b" not in shown(app)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_the_tree_is_the_picture_that_was_kept(
    size: tuple[int, int], lang: str, request: pytest.FixtureRequest
) -> None:
    async with console(size, lang) as (app, pilot):
        await press(app, pilot, "i")
        overwrite = bool(request.config.getoption("--overwrite-golden"))
        picture = snapshot.picture_of_app(app)
        snapshot.compare(picture, f"screens/lineage_{size[0]}x{size[1]}_{lang}", overwrite=overwrite)

"""The sources' screens: what needs a look, drill-down to the line, and taking a copy of a dispute."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine.questions import Snapshot, View
from tests.tui.fake_session import FakeSession
from tests.tui.screens.console import console, crumb_line, press, shown
from tui.place import Place


class Troubled(FakeSession):
    """A source that says everything at once, and a database that does not answer."""

    def snapshot(self, view: View) -> Snapshot:
        found = super().snapshot(view)
        first, second, *others = found.status.sources
        worse = replace(first, unreadable=1, disputed=12, violations={"clicks_fit": 2})
        silent = replace(second, stale=True, stale_reason="connection refused")
        return replace(found, status=replace(found.status, sources=(worse, silent, *others)))


async def test_the_state_of_a_source_says_the_worst_first_and_leaves_nothing_out() -> None:
    async with console((200, 50), session=Troubled()) as (app, pilot):
        await press(app, pilot, "7")
        text = shown(app)
        assert "✖ 1 unreadable file  ▲ 12 rows disputed  ▲ 2 violations  △ new column" in text
        assert "◌ no answer from the database" in text


async def test_what_needs_a_look_stands_below_with_the_worst_first() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, "7")
        lines = [line for line in shown(app).splitlines() if "rule" in line or "dispute" in line]
        assert "clicks <= impressions: 1 of 30,701 rows break it" in lines[0]
        assert "2 copies of 2026-10-28 disagree: cost" in lines[1]
        assert "new column 否定词" in shown(app)


@pytest.mark.parametrize(
    ("row", "place"),
    [
        ("rule", Place("rule", source="baidu", rule="clicks_fit")),
        ("dispute", Place("dispute", source="baidu", dispute="d1")),
        ("conflict", Place("person", person="p_1")),
        ("drift", Place("file", source="baidu", file="baidu_2026-10-28.csv")),
        ("rejects", Place("source", source="baidu")),
    ],
)
async def test_enter_leads_to_where_it_is_seen_whole(row: str, place: Place) -> None:
    async with console() as (app, pilot):
        await press(app, pilot, "7", "tab")
        table = app.page.table
        assert table is not None
        at = next(n for n, each in enumerate(table.rows.slice(0, 99)) if each.id.startswith(row))
        table.move_to(at)
        await press(app, pilot, "enter")
        assert app.stacks.here == place


async def test_a_source_leads_to_its_file_its_reject_and_the_line() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, "7", "enter", "enter")
        text = shown(app)
        assert "baidu_search (shipped), 14 of 14 columns" in text
        assert "日期 → ts, 推广计划 → campaign" in text
        assert "推广单元, 关键词, 平均排名" in text
        assert "not a number: letter O in 1,2O4.50" in text
        await press(app, pilot, "enter")
        assert app.stacks.here == Place("line", file="baidu_2026-10-28.csv", line=41)


async def test_the_line_under_the_cursor_stands_below_with_its_controls_visible() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, "7", "enter", "enter", "j")
        panel = shown(app).partition("The line as it stands")[2]
        assert "baidu_2026-10-28.csv:188" in panel
        assert "2026␛[31m" in panel
        assert "\x1b" not in shown(app)


async def test_a_column_leads_to_the_lines_behind_its_numbers() -> None:
    fake = FakeSession()
    async with console(session=fake) as (app, pilot):
        await press(app, pilot, "7", "enter", "tab", "j")
        assert "双11预热" in shown(app)
        await press(app, pilot, "enter")
        assert ("quality", "baidu", "推广计划") in fake.asked
        text = shown(app)
        assert "夏季清仓  812 rows · first 2026-07-02 in baidu_07.csv:12 · last 2026-09-30" in text
        assert "推广计划" in crumb_line(app)
        await press(app, pilot, "enter")
        assert app.stacks.here == Place("line", file="baidu_2026-10-28.csv", line=41)


async def test_a_rule_shows_the_rows_that_break_it() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, "7")
        app.enter(Place("rule", source="baidu", rule="clicks_fit"))
        await press(app, pilot)
        assert "clicks <= impressions" in shown(app)
        await press(app, pilot, "enter")
        assert app.stacks.here == Place("line", file="baidu_2026-10-28.csv", line=88)


async def test_a_copy_is_taken_after_the_form_said_what_happens() -> None:
    fake = FakeSession()
    async with console(session=fake) as (app, pilot):
        await press(app, pilot, "7")
        app.enter(Place("dispute", source="baidu", dispute="d1"))
        await press(app, pilot, "j", "a")
        assert "baidu_2026-10-28_rev.csv counts for 2026-10-28 of baidu" in shown(app)
        await press(app, pilot, "escape")
        assert fake.taken == []
        await press(app, pilot, "a", *"late fix", "enter")
        assert fake.taken == [("d1", "baidu_2026-10-28_rev.csv", "li", "late fix")]
        assert "the copy is taken" in shown(app)


async def test_the_take_key_does_nothing_where_there_is_no_dispute() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, "7", "a")
        assert "does nothing here" in shown(app)


async def test_y_copies_the_line_of_a_reject_without_its_escapes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("TMUX", raising=False)
    async with console() as (app, pilot):
        await press(app, pilot, "7", "enter", "enter", "j", "y")
        assert "copied baidu_2026-10-28.csv:188" in shown(app)
    assert (tmp_path / "looptop" / "clipboard.tsv").read_text("utf-8") == "2026␛[31m"


async def test_lineage_of_a_file_and_of_a_source_opens() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, "7", "i")
        assert "30,914" in shown(app)
        await press(app, pilot, "escape", "enter", "enter", "i")
        assert "baidu_2026-10-28.csv" in shown(app)

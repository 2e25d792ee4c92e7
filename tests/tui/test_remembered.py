"""What the next console starts with: written for the owner alone, read whatever is in the file."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.questions import Range, View
from tests.tui.fake_session import NOW, FakeSession
from tests.tui.screens.console import press, settled
from tui.app import Looptop
from tui.remembered import NAME, Kept, read, write
from tui.settings import Settings
from tui.view import Sort, TableState

KEPT = Kept(
    screen=3,
    view=View(kind="days", days=28, compare="year", by="region"),
    theme="light",
    lang="zh",
    tables={("sources", "sources"): TableState(Sort("rows", True), order=("source", "rows"))},
)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    assert write(tmp_path / NAME, KEPT)
    assert read(tmp_path / NAME) == KEPT


def test_only_the_owner_may_read_it_and_nothing_is_left_aside(tmp_path: Path) -> None:
    write(tmp_path / NAME, KEPT)
    assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_where_there_is_no_state_nothing_is_made(tmp_path: Path) -> None:
    assert not write(tmp_path / "none" / NAME, KEPT)
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 2, "screen": 3}', "\x00", "[" * 90_000])
def test_a_file_that_means_nothing_is_passed_over(tmp_path: Path, text: str) -> None:
    (tmp_path / NAME).write_text(text, "utf-8")
    assert read(tmp_path / NAME) == Kept()


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.fixed_dictionaries({}, optional={n: values for n in ("screen", "view", "theme", "lang", "tables")}))
def test_any_part_that_means_nothing_leaves_the_default(
    tmp_path_factory: pytest.TempPathFactory, found: dict[str, object]
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_text(json.dumps({"version": 1} | found), "utf-8")
    kept = read(path)
    assert kept.screen in (1, 2, 3, 5, 7)
    assert kept.view.kind != "fixed"


def settings(path: Path) -> Settings:
    return Settings(Path("/nowhere"), lambda: NOW, "en", watching=False, remember=path)


async def test_the_next_console_starts_where_the_last_one_was_left(tmp_path: Path) -> None:
    for again in (False, True):
        app = Looptop(lambda _: FakeSession(), settings(tmp_path / NAME))  # type: ignore[arg-type, return-value]
        async with app.run_test(size=(120, 36)) as pilot:
            await settled(app, pilot)
            if not again:
                await press(app, pilot, "L", "T", "t", "down", "enter", "7", ">", "s", "q", "q")
                continue
            table = app.page.table
            assert table is not None
            assert (app.stacks.here.kind, app.lang, app.view.days) == ("sources", "zh", 28)
            assert table.model.sort is not None
        app.wait(5)


async def test_a_language_alone_is_kept_at_once(tmp_path: Path) -> None:
    app = Looptop(lambda _: FakeSession(), settings(tmp_path / NAME))  # type: ignore[arg-type, return-value]
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        app.tick()
        await press(app, pilot, "L")
        app.tick()
        assert read(tmp_path / NAME).lang == "zh"
    app.wait(5)


async def test_a_range_of_fixed_days_is_not_taken_up_again(tmp_path: Path) -> None:
    write(tmp_path / NAME, replace(KEPT, view=View("fixed", range=Range(date(2026, 1, 1), date(2026, 1, 2)))))
    assert read(tmp_path / NAME).view.kind == "days"

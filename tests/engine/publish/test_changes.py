"""Numbers that changed after they were published: told with the day, the difference and the files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from engine.errors import StoreError, UnknownName, UsageError
from engine.publish import changed_files
from engine.publish.thinning import kept, thin
from engine.questions import ChangesAnswer, ChangesQuery, Range, View
from engine.session import Session
from tui.cli import main
from tui.commands.changes import to_text

TOML = """
[console]
timezone = "Asia/Shanghai"
[[source]]
name = "orders"
files = ["*.csv"]
table = "events"
event = "order"
columns = { ts = "ts", member_id = "who", value = "amount", order_id = "id" }
[metric.big]
table = "events"
where = "event = 'order' and value >= 100"
"""
HEAD = "ts,id,who,amount\n"
FIRST = "2026-11-01T10:00,1,a,100\n2026-11-02T10:00,2,b,50\n2026-11-03T10:00,3,a,70\n"
LATE = "2026-11-01T12:00,9,c,30\n"
NINE = datetime(2026, 11, 20, 1)
"""Nine in the morning in Shanghai."""


@dataclass
class Desk:
    """A directory of orders, a clock that is set by hand, and a session."""

    root: Path
    now: datetime = NINE
    kept: bool = True
    session: Session = field(init=False)

    def __post_init__(self) -> None:
        self.root.mkdir()
        self.put("looptop.toml", TOML)
        self.put("a.csv", HEAD + FIRST)
        self.open()

    def open(self, as_of: str | None = None) -> None:
        self.session = Session.open(
            self.root, state=self.root.parent / "state", clock=lambda: self.now, key="k", as_of=as_of
        )
        self.session.refresh()
        if self.kept:
            self.session.publish()

    def put(self, name: str, text: str) -> None:
        (self.root / name).write_text(text, "utf-8")

    def later(self, minutes: int = 60) -> datetime:
        """Time passes, the files are read again; the moment before."""
        before = self.now
        self.now += timedelta(minutes=minutes)
        assert self.session.refresh("change").error is None
        return before

    def told(self, metric: str = "revenue", since: datetime | None = None) -> ChangesAnswer:
        return self.session.changes(ChangesQuery(metric, since))

    def counted(self, table: str) -> int:
        return int(str(self.session.pipeline.ledger.rows(f"SELECT count(*) FROM {table}")[0][0]))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path / "desk")
    yield made
    made.session.close()


def test_a_late_file_is_told_with_the_day_that_it_moved(desk: Desk) -> None:
    desk.put("late.csv", HEAD + LATE)
    since = desk.later()
    (one,) = desk.told(since=since).changes
    assert (one.day, one.before, one.after) == (date(2026, 11, 1), 100, 130)
    assert (one.files, one.how, one.cause, one.running) == (("late.csv",), ("added",), "data", False)
    assert one.at == desk.now
    assert desk.told(since=desk.now).changes == ()
    assert [each.day for each in desk.told("orders").changes] == [date(2026, 11, 1)]
    assert desk.told("cost").changes == ()


def test_what_was_read_first_is_kept_before_it_changes(tmp_path: Path) -> None:
    """Also where no quiet moment came before the change."""
    desk = Desk(tmp_path / "desk", kept=False)
    desk.put("late.csv", HEAD + LATE)
    desk.later()
    assert [(one.before, one.after) for one in desk.told().changes] == [(100, 130)]
    desk.session.close()


def test_only_files_with_facts_of_the_day_are_named(desk: Desk) -> None:
    desk.put("late.csv", HEAD + LATE)
    desk.put("other.csv", HEAD + "2026-11-02T11:00,8,d,5\n")
    desk.later()
    assert [one.files for one in desk.told().changes] == [("late.csv",), ("other.csv",)]


def test_a_day_moved_by_facts_of_another_day_names_those_files(desk: Desk) -> None:
    """An earlier first order takes the new customer away from the day that had it."""
    desk.put("late.csv", HEAD + "2026-11-01T09:00,9,b,30\n")
    desk.later()
    told = {one.day.day: (one.before, one.after, one.files) for one in desk.told("new_customers").changes}
    assert told == {1: (1, 2, ("late.csv",)), 2: (1, 0, ("late.csv",))}


def test_what_went_and_what_changed_are_told_apart(desk: Desk) -> None:
    desk.put("b.csv", HEAD + LATE)
    since = desk.later()
    (desk.root / "b.csv").unlink()
    desk.put("a.csv", HEAD + FIRST + "2026-11-02T15:00,4,b,5\n")
    desk.later()
    told = {one.day.day: (one.before, one.after, one.files, one.how) for one in desk.told().changes}
    assert told == {2: (50, 55, ("a.csv",), ("changed",))}, "added and taken away again is no change"
    (first, _) = desk.told(since=since + timedelta(minutes=60)).changes
    assert (first.before, first.after, first.files, first.how) == (130, 100, ("b.csv",), ("removed",))


def test_another_definition_is_not_late_data(desk: Desk) -> None:
    desk.put("looptop.toml", TOML.replace(">= 100", ">= 60"))
    desk.later()
    (one,) = desk.told("big").changes
    assert (one.day.day, one.before, one.after, one.cause, one.files) == (3, 0, 1, "definition", ())
    assert desk.told("revenue").changes == ()
    desk.put("late.csv", HEAD + "2026-11-03T12:00,9,c,80\n")
    desk.later()
    (both,) = desk.told("big").changes
    assert (both.after, both.cause, both.files) == (2, "both", ("late.csv",))
    assert desk.told("revenue").changes[0].cause == "data"


def test_a_day_that_was_running_is_said_to_have_been(desk: Desk) -> None:
    desk.put("today.csv", HEAD + "2026-11-20T08:30,5,a,10\n")
    desk.later(5)
    desk.put("today.csv", HEAD + "2026-11-20T08:30,5,a,10\n2026-11-20T09:01,6,a,10\n")
    since = desk.later(5)
    assert [(one.day.day, one.before, one.running) for one in desk.told(since=since).changes] == [
        (20, 10, True)
    ]
    desk.later(24 * 60)
    over = desk.now
    desk.put("late.csv", HEAD + "2026-11-20T07:00,7,a,1\n")
    desk.later(5)
    assert [(one.before, one.after, one.running) for one in desk.told(since=over).changes] == [
        (20, 21, False)
    ]


def test_a_refresh_without_a_change_publishes_nothing_and_a_change_only_what_moved(desk: Desk) -> None:
    before = desk.counted("published_values")
    desk.later(1)
    assert desk.counted("published_versions") == 1
    desk.put("late.csv", HEAD + LATE)
    desk.later(1)
    assert desk.counted("published_versions") == 2
    rows = desk.session.pipeline.ledger.rows("SELECT DISTINCT day FROM published_values WHERE version = 2")
    assert rows == [("2026-11-01",)]
    assert desk.counted("published_values") - before < 25


def test_the_next_process_goes_on_where_this_one_ended(desk: Desk) -> None:
    desk.session.close()
    desk.open()
    assert desk.counted("published_versions") == 1
    desk.session.close()
    desk.put("late.csv", HEAD + LATE)
    desk.open()
    assert [one.files for one in desk.told().changes] == [("late.csv",)]


def test_looking_back_writes_nothing_and_knows_nothing_later(desk: Desk) -> None:
    desk.put("late.csv", HEAD + LATE)
    desk.later()
    desk.session.close()
    desk.open(as_of="2026-11-20T09:30")
    assert desk.told().changes == ()
    assert desk.counted("published_versions") == 2


def test_a_version_that_could_not_be_written_whole_is_written_with_the_next_refresh(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise StoreError("the disk is full")

    desk.put("late.csv", HEAD + LATE)
    with monkeypatch.context() as broken:
        broken.setattr(changed_files, "keep", fail)
        assert desk.session.refresh("change").error is None
        assert desk.session.unwritten == "the disk is full"
    assert desk.counted("published_versions") == 1
    desk.later(1)
    assert [(one.before, one.after, one.files) for one in desk.told().changes] == [(100, 130, ("late.csv",))]


def test_names_that_have_no_published_days_are_refused(desk: Desk) -> None:
    with pytest.raises(UnknownName, match="nearest: revenue"):
        desk.told("revenu")
    with pytest.raises(UsageError, match="not kept"):
        desk.told("retention_d7")


def test_a_tile_counts_the_days_that_were_revised(desk: Desk) -> None:
    desk.put("late.csv", HEAD + LATE)
    desk.later()
    fixed = View("fixed", range=Range(date(2026, 11, 1), date(2026, 11, 3)))
    tiles = {tile.metric: tile.revised for tile in desk.session.snapshot(fixed).tiles}
    assert (tiles["revenue"], tiles["cost"]) == (1, 0)
    desk.later(3 * 24 * 60)
    assert not any(tile.revised for tile in desk.session.snapshot(fixed).tiles)


def test_older_versions_thin_out_and_the_first_and_the_newest_stay() -> None:
    wall = datetime(2026, 11, 20, 12)
    ages = [30 * 24 * 60, 30 * 24 * 60 - 30, 20 * 24 * 60, 130, 125, 61, 59, 5, 0]
    versions = [(n, wall - timedelta(minutes=age)) for n, age in enumerate(ages, 1)]
    assert kept(versions, wall, "UTC") == {1, 2, 3, 5, 6, 7, 8, 9}


def test_what_a_thinned_version_changed_is_told_with_the_next_one(desk: Desk) -> None:
    since = desk.now
    for n in range(3):
        desk.put(f"late{n}.csv", HEAD + f"2026-11-01T12:0{n},9{n},c,30\n")
        desk.later(10)
    whole = desk.told(since=since).changes
    ledger = desk.session.pipeline.ledger
    with ledger.transaction():
        thin(ledger, desk.now + timedelta(days=1), "Asia/Shanghai", date(2025, 1, 1))
    assert desk.counted("published_versions") == 2
    assert desk.told(since=since).changes == whole
    assert whole[0].files == ("late0.csv", "late1.csv", "late2.csv")


def test_the_sentence_names_the_difference_and_the_reason_in_both_languages(desk: Desk) -> None:
    for n in range(3):
        desk.put(f"late{n}.csv", HEAD + f"2026-11-01T12:0{n},9{n},c,30\n")
    since = desk.later()
    english = "\n".join(to_text(desk.told("orders", since), "Asia/Shanghai", "en"))
    assert "orders: 1 day is another number than at 2026-11-20T09:00:00+08:00" in english
    assert "2026-11-01: 1 → 4, changed by +3 because of 3 late files\n  late0.csv, late1.csv" in english
    assert "3 个迟到文件" in "\n".join(to_text(desk.told("orders", since), "Asia/Shanghai", "zh"))


def test_the_command_says_it_as_json(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.put("late.csv", HEAD + LATE)
    desk.later()
    desk.session.close()
    words = ["changes", str(desk.root), "revenue", "--state", str(desk.root.parent / "state"), "--json"]
    assert main([*words, "--since", "2026-11-20T09:00"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["since"] == "2026-11-20T09:00:00+08:00"
    (one,) = found["changes"]
    assert (one["day"], one["before"], one["after"], one["files"]) == ("2026-11-01", 100, 130, ["late.csv"])
    assert one["at"] == "2026-11-20T10:00:00+08:00"

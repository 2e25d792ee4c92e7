"""One session through good and bad days: what fails is said once, and nothing else is lost."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from engine.errors import ConfigurationError, UnknownName, UsageError
from engine.questions import FunnelQuery, MetricQuery, View
from engine.session import Session

WALL = datetime(2026, 11, 1)
TOML = """
[console]
timezone = "UTC"
clock = "data"
[[source]]
name = "orders"
files = ["*.csv"]
table = "events"
event = "order"
columns = { ts = "ts", member_id = "who", value = "amount" }
"""
ROWS = "ts,who,amount\n2026-10-01T10:00:00,m1,10\n2026-10-02T10:00:00,m2,20\n"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A directory with two orders and its configuration."""
    root = tmp_path / "shop"
    root.mkdir()
    (root / "looptop.toml").write_text(TOML, encoding="utf-8")
    (root / "orders.csv").write_text(ROWS, encoding="utf-8")
    return root


def opened(root: Path, as_of: str | None = None) -> Session:
    """A refreshed session with its state beside the directory."""
    session = Session.open(root, state=root.parent / "state", clock=lambda: WALL, key="key", as_of=as_of)
    session.refresh()
    return session


def revenue(session: Session) -> float | None:
    return session.metrics(MetricQuery(("revenue",))).rows[0].value


def test_a_missing_directory_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no directory .*nowhere; nothing was read"):
        opened(tmp_path / "nowhere")


def test_an_empty_directory_is_fine(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    session = opened(tmp_path / "empty")
    assert session.status().files == ()
    assert session.snapshot(View()).tiles
    session.close()


def test_a_directory_that_disappears_leaves_the_last_version_and_comes_back(shop: Path) -> None:
    session = opened(shop)
    shop.rename(shop.with_name("away"))
    assert "no directory" in str(session.refresh("change").error)
    assert revenue(session) == 30
    shop.with_name("away").rename(shop)
    assert session.refresh("change").error is None
    session.close()


def test_a_faulty_configuration_keeps_the_last_good_one_in_force(shop: Path) -> None:
    session = opened(shop)
    (shop / "looptop.toml").write_text(
        TOML + '\n[metric.x]\nkind = "derived"\nexpr = "revenu + 1"\n', "utf-8"
    )
    activity = session.refresh("config")
    assert activity.error is None
    assert "revenue" in session.faults[0]
    assert revenue(session) == 30
    (shop / "looptop.toml").write_text(TOML, encoding="utf-8")
    session.refresh("config")
    assert session.faults == ()
    session.close()


def test_five_faults_are_all_told_before_anything_is_read(shop: Path) -> None:
    bad = """
[console]
timezon = "UTC"
week_start = "someday"
[metric.a]
agg = "most"
[alert.r]
when = "revenu > 1"
owner = "li"
"""
    (shop / "looptop.toml").write_text(bad, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        opened(shop)
    assert len(caught.value.faults) >= 5
    assert all(fault.line for fault in caught.value.faults)


def test_a_misspelt_column_is_told_with_the_nearest_one(shop: Path) -> None:
    (shop / "looptop.toml").write_text(
        TOML + '\n[metric.x]\ntable = "events"\nwhere = "chanel = \'a\'"\n', encoding="utf-8"
    )
    with pytest.raises(ConfigurationError, match="channel"):
        opened(shop)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_blocks_nothing_else(shop: Path) -> None:
    (shop / "locked.csv").write_text(ROWS, encoding="utf-8")
    (shop / "locked.csv").chmod(0)
    session = opened(shop)
    assert revenue(session) == 30
    session.close()


def test_a_file_of_zeros_is_one_reject_and_blocks_nothing_else(shop: Path) -> None:
    (shop / "zeros.csv").write_bytes(bytes(4096))
    session = opened(shop)
    assert [one.file for one in session.rejects()] == ["zeros.csv"]
    assert revenue(session) == 30
    session.close()


def test_a_line_of_many_megabytes_is_one_reject_and_the_rest_goes_in(shop: Path) -> None:
    with (shop / "orders.csv").open("a", encoding="utf-8") as file:
        file.write("2026-10-03T10:00:00," + "x" * 20_000_000 + ",5\n2026-10-04T10:00:00,m3,7\n")
    session = opened(shop)
    assert revenue(session) == 37
    assert len(session.rejects()) == 1
    session.close()


def test_a_replay_sees_no_later_facts_and_writes_nothing(shop: Path) -> None:
    session = opened(shop, as_of="2026-10-01T12:00:00")
    assert revenue(session) == 10
    assert session.pipeline.ledger.history() == ()
    session.close()


def test_a_second_start_derives_nothing_and_says_the_same(shop: Path) -> None:
    first = opened(shop)
    before = first.store.rows("SELECT * FROM event_days ORDER BY ALL")
    first.close()
    second = opened(shop)
    assert second.pipeline.restored
    assert second.store.rows("SELECT * FROM event_days ORDER BY ALL") == before
    second.close()


def test_a_deleted_cache_is_made_again(shop: Path) -> None:
    opened(shop).close()
    shutil.rmtree(shop.parent / "state" / "cache")
    session = opened(shop)
    assert revenue(session) == 30
    session.close()


def test_a_state_that_cannot_be_written_is_told_and_the_numbers_go_on(shop: Path) -> None:
    blocked = shop.parent / "blocked"
    blocked.write_text("a file where the state should be", encoding="utf-8")
    session = Session.open(shop, state=blocked, clock=lambda: WALL, key="key")
    session.refresh()
    assert revenue(session) == 30
    assert session.snapshot(View()).notices[0].startswith("state_not_writable")
    with pytest.raises(UsageError, match="nothing was kept"):
        session.ack("e_1", by="li")
    session.close()


def test_only_one_process_is_the_refresher(shop: Path) -> None:
    one, two = opened(shop), opened(shop)
    assert (one.role, two.role) == ("refresher", "viewer")
    one.close()
    assert two.role == "refresher"
    two.close()


def test_parts_that_no_file_needs_any_more_are_swept(shop: Path) -> None:
    session = opened(shop)
    (shop / "orders.csv").write_text(ROWS.replace(",10", ",11"), encoding="utf-8")
    session.refresh("change")
    session.settle()
    parts = list((shop.parent / "state" / "cache" / "parts").glob("*.parquet"))
    assert len(parts) == 1
    assert revenue(session) == 31
    session.close()


def test_a_warning_goes_to_the_log_of_the_state_and_never_to_the_screen(
    shop: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    session = opened(shop)
    shutil.rmtree(shop.parent / "state" / "cache" / "derived", ignore_errors=True)
    (shop.parent / "state" / "cache" / "derived").write_text("in the way", encoding="utf-8")
    session.close()
    assert "derived tables were not kept" in (shop.parent / "state" / "looptop.log").read_text("utf-8")
    assert capfd.readouterr().err == ""


def test_definitions_of_one_question_answer_it_alone(shop: Path) -> None:
    (shop / "looptop.toml").write_text(
        TOML + '[funnel.twice]\nsteps = ["order", "order"]\n', encoding="utf-8"
    )
    with (shop / "orders.csv").open("a", encoding="utf-8") as file:
        file.write("2026-10-03T10:00:00,m2,5\n")
    session = opened(shop)
    large = '[metric.large]\ntable = "events"\nwhere = "value > 9"\n'
    for _ in range(2):
        (row,) = session.metrics(MetricQuery(("large",), toml=large)).rows
        assert row.value == 2
    with pytest.raises(UnknownName):
        session.metrics(MetricQuery(("large",)))

    def persons(toml: str) -> list[int]:
        return [step.persons for step in session.funnel(FunnelQuery("twice", toml=toml)).steps]

    quick = '[funnel.twice]\nsteps = ["order", "order"]\nwindow = "1h"\n'
    assert [persons(text) for text in ("", quick, "")] == [[2, 1], [2, 0], [2, 1]]
    again = session.funnel(FunnelQuery("twice", toml=quick)).definition
    assert again != session.funnel(FunnelQuery("twice")).definition
    session.close()


def test_a_credit_that_no_table_holds_is_refused_for_one_question(shop: Path) -> None:
    session = opened(shop)
    text = '[metric.mine]\ntable = "events"\ncredit = "last_touch"\nwhere = "event = \'{}\'"\n'
    query = MetricQuery(("mine",), by=("channel",), toml=text.format("order"))
    assert session.metrics(query).rows[0].value == 2
    with pytest.raises(UsageError, match="has to stand in looptop"):
        session.metrics(replace(query, toml=text.format("visit")))
    session.define(text.format("order"))
    assert session.metrics(MetricQuery(("mine",))).rows[0].value == 2
    assert "mine" in {entry.name for entry in session.dictionary()}
    with pytest.raises(ConfigurationError):
        session.define("[metric.mine]\ntable = 'nothing'\n")
    assert session.metrics(MetricQuery(("mine",))).rows[0].value == 2
    session.close()

"""Copies of a report that disagree: both are shown, the newest counts, until somebody takes one."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from engine.errors import UnknownName
from engine.questions import MetricQuery
from tests.engine.quality.shop import ADS, Exports, ads

OLD, NEW = datetime(2026, 11, 3), datetime(2026, 11, 4)


def disputed(tmp_path: Path) -> Exports:
    """Two days that two files report; of the second day one channel is different."""
    shop = Exports(tmp_path / "shop", ADS + 'overlap = "conflict"\n')
    shop.write("ads/a.csv", ads("2026-11-01,x,1,10,5", "2026-11-02,x,2,20,6", "2026-11-02,y,1,10,1"), OLD)
    shop.write("ads/b.csv", ads("2026-11-01,x,1,10,5", "2026-11-02,x,3,20,7", "2026-11-02,y,1,10,1"), NEW)
    shop.session.refresh()
    return shop


def cost(shop: Exports) -> object:
    return shop.session.metrics(MetricQuery(("cost",))).rows[0].value


def test_identical_copies_are_no_dispute_and_one_counts(tmp_path: Path) -> None:
    shop = disputed(tmp_path)
    (found,) = shop.session.quality().disputes
    assert (found.source, str(found.day), found.records) == ("ads", "2026-11-02", 1)
    first, second = found.copies
    assert (first.file, first.counts, first.sums["cost"], first.line) == ("ads/b.csv", True, Decimal(7), 3)
    assert (second.file, second.counts, second.sums["cost"]) == ("ads/a.csv", False, Decimal(6))
    assert cost(shop) == 13


def test_the_row_equation_holds_and_says_what_conflicts(tmp_path: Path) -> None:
    status = disputed(tmp_path).session.status()
    for file in status.files:
        assert file.rows == file.accepted + file.rejected + file.duplicates + file.filtered
    assert status.files[0].filtered_reasons == {"superseded": 2, "conflicting": 1}
    assert status.sources[0].disputed == 1


def test_a_decision_counts_with_the_next_refresh_and_after_a_restart_from_nothing(tmp_path: Path) -> None:
    shop = disputed(tmp_path)
    (found,) = shop.session.quality().disputes
    shop.session.take(found.id, "ads/a.csv", by="li", note="the platform corrected it")
    shop.session.refresh()
    assert cost(shop) == 12
    (decided,) = shop.session.quality().disputes
    assert decided.decision is not None
    assert (decided.decision.take, decided.decision.by) == ("ads/a.csv", "li")
    assert shop.session.status().sources[0].disputed == 0
    assert shop.session.status().files[1].filtered_reasons == {"superseded": 1}
    shop.session.close()
    shop.session = shop.opened("state")
    shop.session.refresh()
    assert cost(shop) == 12


def test_a_later_decision_replaces_an_earlier_one(tmp_path: Path) -> None:
    shop = disputed(tmp_path)
    (found,) = shop.session.quality().disputes
    for file, total in (("ads/a.csv", 12), ("ads/b.csv", 13)):
        shop.session.take(found.id, file, by="li")
        shop.session.refresh()
        assert cost(shop) == total


def test_other_numbers_are_another_dispute(tmp_path: Path) -> None:
    shop = disputed(tmp_path)
    (found,) = shop.session.quality().disputes
    shop.session.take(found.id, "ads/a.csv", by="li")
    shop.write("ads/b.csv", ads("2026-11-02,x,3,20,9", "2026-11-02,y,1,10,1"), datetime(2026, 11, 5))
    shop.session.refresh()
    (now,) = shop.session.quality().disputes
    assert now.id != found.id and now.decision is None
    assert cost(shop) == 5 + 9 + 1


def test_deleting_a_file_withdraws_the_dispute(tmp_path: Path) -> None:
    shop = disputed(tmp_path)
    (shop.root / "ads" / "b.csv").unlink()
    shop.session.refresh()
    assert shop.session.quality().disputes == () and cost(shop) == 12


def test_a_dispute_and_a_file_are_named_or_refused(tmp_path: Path) -> None:
    shop = disputed(tmp_path)
    (found,) = shop.session.quality().disputes
    with pytest.raises(UnknownName, match="dispute"):
        shop.session.take("nothing", "ads/a.csv", by="li")
    with pytest.raises(UnknownName, match="copy"):
        shop.session.take(found.id, "ads/c.csv", by="li")


@pytest.mark.parametrize("overlap", ["newest", "sum"])
def test_other_overlaps_have_no_disputes(tmp_path: Path, overlap: str) -> None:
    shop = Exports(tmp_path / "shop", ADS + f'overlap = "{overlap}"\n')
    shop.write("ads/a.csv", ads("2026-11-01,x,1,10,5"), OLD)
    shop.write("ads/b.csv", ads("2026-11-01,x,1,10,7"), NEW)
    shop.session.refresh()
    assert shop.session.quality().disputes == ()
    assert cost(shop) == (7 if overlap == "newest" else 12)

"""Which copy of a row counts: by a key, as duplicates; without one by re-exports, as filtered."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.effort import effort
from tests.engine.quality.shop import ADS, Exports, ads

OLD, NEW = datetime(2026, 11, 3), datetime(2026, 11, 4)
CLUB = """
[[source]]
name = "club"
files = ["club/*.csv"]
table = "profiles"
columns = { member_id = "member", tier = "tier", signup_ts = "since" }
dedupe = ["member_id"]
"""
LEADS = """
[[source]]
name = "leads"
files = ["*.csv"]
table = "events"
moments = { lead = "first", deal = "won" }
columns = { lead_id = "id" }
dedupe = ["lead_id"]
"""


def counts(shop: Exports) -> dict[str, tuple[int, int, int]]:
    """By file: accepted, duplicates, filtered; each adds up to the rows."""
    files = shop.session.status().files
    for one in files:
        assert one.rows == one.accepted + one.rejected + one.duplicates + one.filtered
    return {one.file: (one.accepted, one.duplicates, one.filtered) for one in files}


def kept(shop: Exports, table: str) -> list[tuple[str, int]]:
    """File and line of the facts that count."""
    listed = f"SELECT p.file, t.line FROM {table} t JOIN parts p ON p.part = t.part ORDER BY ALL"
    return [(str(file), int(str(line))) for file, line in shop.session.store.rows(listed)]


def spend(tmp_path: Path, more: str) -> Exports:
    """A day of one channel thrice in the older file, once in the newer one."""
    shop = Exports(tmp_path / "shop", ADS + more)
    shop.write("ads/a.csv", ads("2026-11-01,x,1,10,5", "2026-11-01,x,1,10,5", "2026-11-01,x,2,20,6"), OLD)
    shop.write("ads/b.csv", ads("2026-11-01,x,3,30,7"), NEW)
    shop.session.refresh()
    return shop


@pytest.mark.parametrize(
    ("more", "a", "b"),
    [
        ("", (0, 0, 3), (1, 0, 0)),
        ('overlap = "sum"', (3, 0, 0), (1, 0, 0)),
        ('dedupe = ["day", "channel"]', (1, 2, 0), (0, 1, 0)),
        ('dedupe = ["day", "channel"]\nkeep = "last"', (0, 3, 0), (1, 0, 0)),
        ('dedupe = ["ts", "channel", "cost"]', (2, 1, 0), (1, 0, 0)),
        ('dedupe = ["day", "channel"]\noverlap = "conflict"', (1, 2, 0), (0, 1, 0)),
    ],
)
def test_a_key_makes_duplicates_of_spend_and_without_one_the_newest_export_counts(
    tmp_path: Path, more: str, a: tuple[int, int, int], b: tuple[int, int, int]
) -> None:
    shop = spend(tmp_path, more + "\n")
    assert counts(shop) == {"ads/a.csv": a, "ads/b.csv": b}
    assert shop.session.quality().disputes == ()


def test_check_says_that_a_key_is_in_force_in_place_of_overlap(tmp_path: Path) -> None:
    told = dict(spend(tmp_path, 'dedupe = ["day", "channel"]\n').session.status().files[0].evidence)
    assert told["copies"] == "by the key day, channel; `overlap` holds for spend without a key"


def test_delete_the_file_with_the_first_copy_and_the_second_counts(tmp_path: Path) -> None:
    shop = spend(tmp_path, 'dedupe = ["day", "channel"]\n')
    (shop.root / "ads" / "a.csv").unlink()
    shop.session.refresh()
    assert counts(shop) == {"ads/b.csv": (1, 0, 0)} and kept(shop, "spend") == [("ads/b.csv", 2)]


def test_a_key_given_or_taken_while_it_runs_holds_at_once(tmp_path: Path) -> None:
    shop = spend(tmp_path, "")
    for more, a in (('dedupe = ["day", "channel"]', (1, 2, 0)), ("", (0, 0, 3))):
        shop.configure(ADS + more + "\n")
        shop.session.refresh()
        assert counts(shop)["ads/a.csv"] == a


def test_a_profile_again_is_a_duplicate_by_its_key(tmp_path: Path) -> None:
    shop = Exports(tmp_path / "shop", CLUB)
    shop.write("club/a.csv", "member,tier,since\nm1,gold,2026-11-02\nm1,gold,2026-11-02\nm2,,2026-11-03\n")
    shop.write("club/b.csv", "member,tier,since\nm1,silver,2026-11-01\n")
    shop.session.refresh()
    assert counts(shop) == {"club/a.csv": (1, 2, 0), "club/b.csv": (1, 0, 0)}
    (shop.root / "club" / "b.csv").unlink()
    shop.session.refresh()
    assert counts(shop) == {"club/a.csv": (2, 1, 0)} and kept(shop, "profiles") == [
        ("club/a.csv", 2),
        ("club/a.csv", 4),
    ]


def test_the_moments_of_a_duplicate_fall_with_it(tmp_path: Path) -> None:
    shop = Exports(tmp_path / "shop", LEADS + 'keep = "last"\n')
    shop.write("a.csv", "id,first,won\n1,2026-11-01,2026-11-05\n2,2026-11-01,2026-11-06\n1,2026-11-02,\n")
    shop.session.refresh()
    assert counts(shop) == {"a.csv": (2, 1, 0)}
    assert kept(shop, "events") == [("a.csv", 3), ("a.csv", 3), ("a.csv", 4)]


# --- law: any files in any order, the same verdict as plain Python -------------------------------------

ROW = st.tuples(st.integers(1, 3), st.sampled_from("xy"), st.integers(0, 2))
"""(day, channel, cost)."""
FILES = st.dictionaries(st.sampled_from("abc"), st.lists(ROW, min_size=1, max_size=4), min_size=1)
MODE = st.sampled_from(["newest", "sum", "conflict", "first", "last"])

Place = tuple[str, int]


def by_hand(files: dict[str, list[tuple[int, str, int]]], order: str, mode: str) -> set[Place]:
    """File and line of the rows that count. The last written file is the newest."""
    groups: dict[tuple[int, str], list[Place]] = defaultdict(list)
    for name in sorted(files):
        for line, (day, channel, _) in enumerate(files[name], start=2):
            groups[day, channel].append((name, line))
    found: set[Place] = set()
    for places in groups.values():
        if mode == "sum":
            found |= set(places)
        elif mode in ("first", "last"):
            found.add(places[0 if mode == "first" else -1])
        else:
            newest = max((name for name, _ in places), key=order.index)
            found |= {place for place in places if place[0] == newest}
    return found


def orders(files: dict[str, list[tuple[int, str, int]]]) -> Iterator[str]:
    """Orders in which the files may be written."""
    for order in permutations(sorted(files)):
        yield "".join(order)


@settings(max_examples=effort(6), deadline=None, suppress_health_check=list(HealthCheck))
@given(FILES, MODE, st.randoms(use_true_random=False))
def test_any_files_in_any_order_count_as_by_hand(
    files: dict[str, list[tuple[int, str, int]]], mode: str, draw: object
) -> None:
    order = draw.choice(list(orders(files)))  # type: ignore[attr-defined]
    keyed = f'dedupe = ["day", "channel"]\nkeep = "{mode}"\n' if mode in ("first", "last") else ""
    more = keyed or f'overlap = "{mode}"\n'
    with tempfile.TemporaryDirectory() as folder:
        shop = Exports(Path(folder) / "shop", ADS + more)
        for number, name in enumerate(order):
            rows = [f"2026-11-0{day},{channel},1,1,{cost}" for day, channel, cost in files[name]]
            shop.write(f"ads/{name}.csv", ads(*rows), OLD + timedelta(hours=number))
            shop.session.refresh()
        wanted = by_hand(files, order, mode)
        assert {(file[4], line) for file, line in kept(shop, "spend")} == wanted
        lost = {
            name: sum((name, line) not in wanted for line in range(2, 2 + len(rows)))
            for name, rows in files.items()
        }
        for file, (_, duplicates, filtered) in counts(shop).items():
            assert (duplicates, filtered) == ((lost[file[4]], 0) if keyed else (0, lost[file[4]]))
        for one in shop.session.status().files:
            assert sum(one.filtered_reasons.values()) == one.filtered
        cost = shop.session.store.rows("SELECT sum(cost) FROM spend")[0][0]
        assert cost == sum(Decimal(files[name][line - 2][2]) for name, line in wanted)
        shop.session.close()

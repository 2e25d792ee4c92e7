"""campaign_ab: one report of two campaigns in two dialects that disagree in two cells.

Every number of its truth.json stands here. `overlap = "conflict"`, which shows the two cells side by side
until someone decides, is tested where conflicts are.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.truth.truths import Truth, metrics, near, needed, ratios

pytestmark = needed
SHARED = {"ts": "Date", "campaign": "Campaign Name", "cost": "Spend [USD]", "reach": "Reach"}
RESULTS = {"searches": "Searches", "content": "View Content", "cart": "Add to Cart", "purchase": "Purchase"}
FILES = {"comma": "*_comma.csv", "semicolon": "*_crlf.csv"}
MARK = {"comma": "# of ", "semicolon": ""}
"""What stands before the names of results in a dialect."""
RATES = ratios(
    cart_per_click=("cart", "clicks"), purchase_per_click=("purchase", "clicks"), each=("cost", "purchase")
)
STEPS = ("impressions", "clicks", "searches", "content", "cart", "purchase")
TOTALS = {"cost": "spend", "reached": "reach", **dict(zip(STEPS, STEPS, strict=True))}


def configuration(dialect: str, files: str) -> str:
    """One source for both campaigns in a dialect, and the metrics of its columns."""
    mark = MARK[dialect]
    columns = SHARED | {"impressions": f"{mark}Impressions", "clicks": f"{mark}Website Clicks"}
    listed = "".join(f"columns.{target} = {json.dumps(column)}\n" for target, column in columns.items())
    sums = {name: mark + column for name, column in RESULTS.items()} | {"reached": "reach"}
    conditions = {"days": "?impressions is not null", "all_days": "?true"}
    head = f'[[source]]\nname = "ads"\nfiles = ["{files}"]\ntable = "spend"\n'
    return head + listed + metrics("spend", **sums, **conditions) + RATES


@pytest.fixture(scope="module")
def mirrors(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Truth]:
    return {
        dialect: Truth(
            tmp_path_factory.mktemp(dialect),
            "campaign_ab",
            configuration(dialect, files),
            files,
            currency="USD",
        )
        for dialect, files in FILES.items()
    }


@pytest.mark.parametrize("dialect", ["comma", "semicolon"])
def test_totals_and_rates_of_both_campaigns(mirrors: dict[str, Truth], dialect: str) -> None:
    place = mirrors[dialect]
    names = [*TOTALS, "days", "all_days", "each"]
    everything = place.table("campaign", *names)
    kpis = ("ctr", "cpc", "cpm", "cart_per_click", "purchase_per_click", "each", *STEPS)
    complete = place.table("campaign", *kpis, "--where", "impressions is not null")
    for group in ("control", "test"):
        all_days, row = everything[f"{group.title()} Campaign"], complete[f"{group.title()} Campaign"]
        totals = {TOTALS[name]: all_days[name] for name in TOTALS}
        assert totals == near(place[f"{group}.{dialect}.totals"])
        assert (all_days["days"], all_days["all_days"]) == (place[f"{group}.{dialect}.complete_days"], 30)
        wanted = place[f"{group}.{dialect}.kpi_complete_days"]
        funnel = {name: row.pop(name) for name in STEPS}
        each = row.pop("each")
        assert {**row, "cpa": each, "funnel": funnel} == {name: near(value) for name, value in wanted.items()}
        if group == "control":
            assert all_days["each"] == near(place[f"control.{dialect}.cpa_all_rows"])


def test_the_cells_in_which_the_mirrors_differ(mirrors: dict[str, Truth]) -> None:
    cells: dict[tuple[str, str], dict[str, dict[str, object]]] = {}
    for dialect, place in mirrors.items():
        for row in place.rows("spend"):
            results = {name: row["props"][MARK[dialect] + column] for name, column in RESULTS.items()}
            plain = {name: row[name] for name in ("cost", "impressions", "reach", "clicks")}
            cells.setdefault((row["campaign"], row["ts"]), {})[dialect] = plain | results
    found: dict[str, list[dict[str, object]]] = {"control": [], "test": []}
    for (campaign, ts), mirror in sorted(cells.items()):
        day = f"{int(ts[8:10])}.{ts[5:7]}.{ts[:4]}"
        found[campaign.split()[0].lower()] += [
            {"date": day, "column": name, **{side: mirror[side][name] for side in FILES}}
            for name in mirror["comma"]
            if mirror["comma"][name] != mirror["semicolon"][name]
        ]
    truth = mirrors["comma"]
    assert found == {group: truth[f"{group}.cells_differing_between_dialects"] for group in found}


def test_of_two_copies_of_a_report_the_newer_counts_and_the_older_is_seen(tmp_path: Path) -> None:
    toml = configuration("comma", "control_*.csv")
    place = Truth(tmp_path, "campaign_ab", toml, "control_group_comma.csv", currency="USD")
    edited = (place.root / "control_group_comma.csv").read_text().replace(",4891,", ",1891,")
    (place.root / "control_2.csv").write_text(edited)
    os.utime(place.root / "control_2.csv", (2_000_000_000, 2_000_000_000))
    assert {name: (one[1], one[4]) for name, one in place.counts().items()} == {
        "control_group_comma.csv": (0, 30), "control_2.csv": (30, 0),
    }  # fmt: skip
    assert place.total("searches") == {"searches": place["control.comma.totals"]["searches"] - 3000}

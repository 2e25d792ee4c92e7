"""Real exports, where they are: counts and sums worked out by another program."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.expressions import parse
from engine.workspace.model import EventRule
from tests.effort import EFFORT
from tests.engine.ingest.workspaces import Reading, columns, equation, read, source
from tests.material import DATA

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the real exports are not here")


def truth(dataset: str) -> dict[str, Any]:
    numbers: dict[str, Any] = json.loads((DATA / dataset / "truth.json").read_text("utf-8"))["numbers"]
    return {
        name: entry["value"] if isinstance(entry, dict) and "value" in entry else entry
        for name, entry in numbers.items()
    }


def taken(tmp: Path, path: str, how: Any) -> Reading:
    found = read(tmp, (DATA / path).read_bytes(), how, Path(path).name, timezone="Asia/Shanghai")
    assert equation(found.state)
    return found


@pytest.mark.parametrize("name", ["example-alipay-records.csv", "example-wechat-records.csv"])
def test_a_chinese_bill_has_its_rows_and_amounts(tmp_path: Path, name: str) -> None:
    known = truth("cn_bill_exports")[name]
    amount = next(column for column in known["header"] if column.startswith("金额"))
    how = source(event="pay", columns=columns(ts="交易时间", value=amount, order_id="交易订单号"))
    found = taken(tmp_path, f"cn_bill_exports/{name}", how)
    assert (found.state.accepted, found.state.rejected) == (known["data_rows"], 0)
    sums: dict[str, Decimal] = {}
    for direction, value in zip(found["p.收/支"], found["value"], strict=True):
        sums[direction] = sums.get(direction, Decimal(0)) + value
    assert {side: float(total) for side, total in sums.items()} == pytest.approx(known["amount_by_direction"])


def test_a_chinese_bill_in_excel_has_its_rows_from_the_row_after_its_header(tmp_path: Path) -> None:
    how = source(event="pay", columns=columns(ts="交易时间", value="金额(元)"))
    found = taken(tmp_path, "cn_bill_exports/example-wechat-records.xlsx", how)
    known = truth("cn_bill_exports")["example-wechat-records.xlsx"]
    assert (found.state.accepted, min(found["line"])) == (known["data_rows"], known["header_row_1based"] + 1)


def test_search_console_queries_add_up(tmp_path: Path) -> None:
    how = source(
        "spend",
        columns=columns(keyword="Top queries", clicks="Clicks", impressions="Impressions"),
        constants={"ts": "2026-01-01"},
    )
    found = taken(tmp_path, "gsc_queries/Queries.csv", how)
    known = truth("gsc_queries")
    assert found.state.accepted == known["rows"]
    assert (sum(found["clicks"]), sum(found["impressions"])) == (known["clicks"], known["impressions"])


@pytest.mark.parametrize("dialect", ["comma", "semicolon"])
@pytest.mark.parametrize("group", ["control", "test"])
def test_two_dialects_of_a_report_add_up(tmp_path: Path, group: str, dialect: str) -> None:
    name = f"{group}_group_{dialect}{'_crlf' if dialect == 'semicolon' else ''}.csv"
    how = source(
        "spend",
        columns=columns(
            ts="Date",
            campaign="Campaign Name",
            cost="Spend [USD]",
            impressions=("# of Impressions", "Impressions"),
            reach="Reach",
        ),
    )
    found = taken(tmp_path, f"campaign_ab/{name}", how)
    known = truth("campaign_ab")[f"{group}.{dialect}.totals"]
    assert (found.state.accepted, found.state.rejected) == (30, 0)
    assert sum(found["cost"]) == known["spend"] and len(set(found["day"])) == 30
    assert sum(filter(None, found["impressions"])) == known["impressions"]


def test_dates_without_a_year_in_two_columns_are_read(tmp_path: Path) -> None:
    how = source(
        "spend",
        year=2020,
        columns=columns(
            ts=("month", "day"),
            campaign="campaign_number",
            impressions="displays",
            cost="cost",
            clicks="clicks",
            conversions="post_click_conversions",
        ),
    )
    found = taken(tmp_path, "online_ads_performance/online_advertising_performance_data.csv", how)
    known = truth("online_ads_performance")["overall"]
    assert (found.state.accepted, found.state.rejected) == (known["rows"], 0)
    assert float(sum(found["cost"])) == pytest.approx(known["cost"])
    assert (sum(found["impressions"]), sum(found["clicks"])) == (known["displays"], known["clicks"])


def test_leads_with_a_column_too_many_in_each_line_are_all_read(tmp_path: Path) -> None:
    how = source(
        event="lead",
        columns=columns(lead_id="Prospect ID", channel="Lead Source"),
        null_values=("Select",),
        constants={"ts": "2020-01-01"},
    )
    found = taken(tmp_path, "x_education_leads/Leads.csv", how)
    known = truth("x_education_leads")
    assert found.state.accepted == known["rows"] and sum(found["p.Converted"]) == known["converted"]
    assert "column_38" not in dict(found.state.parts[0].props)


def test_retail_days_hold_what_a_plain_reader_finds(tmp_path: Path) -> None:
    path = DATA / "retail_by_day" / "2010-12-01.csv"
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))
    how = source(
        columns=columns(
            ts="InvoiceDate", value="= Quantity * UnitPrice", order_id="InvoiceNo", member_id="CustomerID"
        ),
        event=EventRule(cases=((parse("InvoiceNo like 'C%'"), "refund"), (parse("true"), "order"))),
    )
    found = taken(tmp_path, "retail_by_day/2010-12-01.csv", how)
    total = sum(abs(int(row["Quantity"]) * Decimal(row["UnitPrice"])) for row in rows)
    assert (len(rows), sum(found["value"])) == (found.state.accepted, total)


@pytest.mark.parametrize(
    "name", ["marketing_campaign_semicolon_bom_iso.csv", "marketing_campaign_tab_dmy.csv"]
)
def test_two_dialects_of_profiles_hold_the_same_days(tmp_path: Path, name: str) -> None:
    how = source("profiles", columns=columns(member_id="ID", signup_ts="Dt_Customer"))
    found = taken(tmp_path, f"customer_personality/{name}", how)
    assert (found.state.accepted, found.state.rejected) == (truth("customer_personality")["rows"], 0)
    assert (min(found["day"]).isoformat(), max(found["day"]).isoformat()) == ("2012-07-30", "2014-06-29")


def test_seeds_of_the_connectors_keep_all_their_rows(tmp_path: Path) -> None:
    """A sixth of them, all with LOOPTOP_EFFORT=3."""
    headers = truth("fivetran_ad_seeds")["headers"]
    how = source("spend", "**", constants={"ts": "2022-01-01"}, columns=columns(campaign="campaign_id"))
    for path in sorted((DATA / "fivetran_ad_seeds").rglob("*.csv"))[:: max(1, round(3 / EFFORT))]:
        found = taken(tmp_path, str(path.relative_to(DATA)), how)
        assert found.state.rows == headers[path.name]["rows"], (path.name, found.state.error)

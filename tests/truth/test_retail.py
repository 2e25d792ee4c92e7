"""retail_by_day: twenty days of a gift retailer, a line of an invoice per row, a file per day.

It comes without numbers of another program: they are counted here by a plain reader with exact decimals.
Left out: repurchase and order counts per invoice as built-in metrics give them, since `orders` counts order
events and here an event is a line; an analyst counts invoices with a metric of one's own, as below.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

import pytest

from tests.material import DATA
from tests.truth.truths import Truth, near, needed

pytestmark = needed
LINES = """
[[source]]
name = "lines"
files = ["*.csv"]
table = "events"
event = { cases = [["InvoiceNo like 'C%'", "refund"], ["true", "order"]] }

[source.columns]
ts = "InvoiceDate"
order_id = "InvoiceNo"
member_id = "CustomerID"
product = "StockCode"
quantity = "Quantity"
region = "Country"
value = { expr = "Quantity * UnitPrice" }

[metric.lines]
table = "events"

[metric.invoices]
table = "events"
where = "event = 'order'"
agg = "count_distinct"
column = "order_id"

[metric.pieces]
table = "events"
column = "quantity"

[metric.basket]
kind = "ratio"
num = "revenue"
den = "invoices"

[metric.refund_share]
kind = "ratio"
num = "refunds"
den = "revenue"

[metric.largest]
table = "events"
where = "event = 'order'"
agg = "max"
column = "value"

[metric.anonymous]
table = "events"
where = "event = 'order' and person is null"
"""
NAMES = (
    "lines", "orders", "invoices", "buyers", "revenue", "refunds", "net_revenue", "basket", "refund_share",
    "pieces", "largest", "anonymous",
)  # fmt: skip
Line = dict[str, str]


def lines() -> list[Line]:
    found: list[Line] = []
    for path in sorted((DATA / "retail_by_day").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            found += csv.DictReader(stream)
    return found


def amount(line: Line) -> Decimal:
    return Decimal(line["Quantity"]) * Decimal(line["UnitPrice"])


def counted(rows: Iterable[Line]) -> dict[str, Any]:
    """Every number of NAMES over some lines; a rate without a denominator is null."""
    rows = list(rows)
    sold = [row for row in rows if not row["InvoiceNo"].startswith("C")]
    revenue = sum(map(amount, sold), Decimal(0))
    refunds = -sum((amount(row) for row in rows if row["InvoiceNo"].startswith("C")), Decimal(0))
    invoices = len({row["InvoiceNo"] for row in sold})
    return {
        "lines": len(rows),
        "orders": len(sold),
        "invoices": invoices,
        "buyers": len({row["CustomerID"] for row in sold if row["CustomerID"]}),
        "revenue": float(revenue),
        "refunds": float(refunds),
        "net_revenue": float(revenue - refunds),
        "basket": float(revenue / invoices) if invoices else None,
        "refund_share": float(refunds / revenue) if revenue else None,
        "pieces": sum(int(row["Quantity"]) for row in rows),
        "largest": float(max(map(amount, sold))) if sold else None,
        "anonymous": sum(not row["CustomerID"] for row in sold),
    }


def grouped(rows: Iterable[Line], key: Callable[[Line], str]) -> dict[str, dict[str, Any]]:
    found: dict[str, list[Line]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return {name: counted(part) for name, part in found.items()}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Truth:
    return Truth(tmp_path_factory.mktemp("retail"), "retail_by_day", LINES)


def test_every_line_is_counted_and_the_totals_are_exact(shop: Truth) -> None:
    rows = lines()
    counts = shop.counts()
    assert sum(one[1] for one in counts.values()) == len(rows) == sum(one[0] for one in counts.values())
    assert shop.total(*NAMES) == near(counted(rows))
    customers = {row["CustomerID"] for row in rows if row["CustomerID"]}
    assert shop.ask("status")["persons"] == len(customers)


def test_every_day_and_every_country(shop: Truth) -> None:
    days = shop.table(None, *NAMES, "--grain", "day")
    by_day = grouped(lines(), lambda row: row["InvoiceDate"][:10])
    assert {day: found for day, found in days.items() if found["lines"]} == {
        day: near(row) for day, row in by_day.items()
    }
    closed = {day for day in days if day not in by_day}
    assert closed == {"2010-12-04", "2010-12-11", "2010-12-18"}, "saturdays are 0 lines, not absent"
    countries = grouped(lines(), lambda row: row["Country"])
    for name, found in shop.table("region", *NAMES).items():
        wanted = countries.pop(name)
        assert found == {m: None if wanted[m] is None else near(wanted[m]) for m in found}, name
        assert not any(wanted[metric] for metric in wanted.keys() - found.keys()), "no rows, no member"
    assert not countries


def test_the_products_that_sold_most(shop: Truth) -> None:
    wanted = {name: row["revenue"] for name, row in grouped(lines(), lambda r: r["StockCode"]).items()}
    most = sorted(wanted, key=lambda name: (-wanted[name], name))[:5]
    found = shop.table("product", "revenue", "--top", "5")
    assert found == {name: {"revenue": near(wanted[name])} for name in most}


def test_new_customers_are_those_who_never_bought_before(shop: Truth) -> None:
    first: dict[str, str] = {}
    for row in lines():
        if row["CustomerID"] and not row["InvoiceNo"].startswith("C"):
            day = row["InvoiceDate"][:10]
            first[row["CustomerID"]] = min(day, first.get(row["CustomerID"], day))
    wanted: dict[str, int] = defaultdict(int)
    for day in first.values():
        wanted[day] += 1
    found = shop.table(None, "new_customers", "--grain", "day")
    assert {day: row["new_customers"] for day, row in found.items() if row["new_customers"]} == wanted


def test_lines_that_are_there_twice_are_kept_unless_a_key_says_otherwise(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    rows = lines()
    doubled = len(rows) - len({tuple(row.values()) for row in rows})
    once = LINES.replace('table = "events"', f'table = "events"\ndedupe = {list(rows[0])}', 1)
    place = Truth(tmp_path_factory.mktemp("once"), "retail_by_day", once)
    assert sum(one[3] for one in place.counts().values()) == doubled

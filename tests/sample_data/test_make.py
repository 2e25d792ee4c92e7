"""The sample data is what `make.py` writes, and `truth.toml` is what a plain count of the files says."""

from __future__ import annotations

import csv
import io
import json
import tomllib
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from sample_data import make, path

ROOT = path()
TRUTH: dict[str, Any] = tomllib.loads((ROOT / "truth.toml").read_text(encoding="utf-8"))


def table(name: str) -> list[dict[str, str]]:
    """The records of a CSV file below its preamble, total rows included, a torn last line left out."""
    encoding = "gb18030" if "baidu" in name else "utf-8-sig"
    text = (ROOT / name).read_bytes().decode(encoding)
    rows = [r for r in csv.reader(io.StringIO(text[: text.rfind("\n") + 1])) if r]
    start = next(n for n, r in enumerate(rows) if len(r) > 2)
    return [dict(zip(rows[start], r, strict=False)) for r in rows[start + 1 :]]


def tables(pattern: str) -> Iterator[dict[str, str]]:
    for file in sorted(ROOT.glob(pattern)):
        yield from table(file.relative_to(ROOT).as_posix())


def sheet(name: str) -> list[dict[str, Any]]:
    rows = list(openpyxl.load_workbook(ROOT / name).worksheets[0].values)
    return [dict(zip(map(str, rows[0]), r, strict=True)) for r in rows[1:]]


def web() -> list[dict[str, Any]]:
    files = sorted((ROOT / "web").glob("*.ndjson"))
    return [json.loads(line) for f in files for line in f.read_text(encoding="utf-8").splitlines()]


def count(name: str) -> int:
    match Path(name).suffix:
        case ".csv":
            return len(table(name))
        case ".ndjson":
            return len((ROOT / name).read_bytes().splitlines())
        case ".xlsx":
            return len(sheet(name))
        case _:
            return pl.read_parquet(ROOT / name).height


def number(text: str) -> Decimal:
    return Decimal(text.replace(",", "").replace("¥", ""))


def test_two_runs_write_the_same_bytes(tmp_path: Path) -> None:
    first = make.write(tmp_path / "a", days=10)
    make.plan.cache_clear()
    second = make.write(tmp_path / "b", days=10)
    assert first == second
    assert all((tmp_path / "a" / n).read_bytes() == (tmp_path / "b" / n).read_bytes() for n in first)


def test_another_seed_is_another_shop(tmp_path: Path) -> None:
    make.write(tmp_path / "a", days=3)
    make.write(tmp_path / "b", seed=1, days=3)
    name = "web/events_2026-10-28.ndjson"
    assert (tmp_path / "a" / name).read_bytes() != (tmp_path / "b" / name).read_bytes()


def readable(file: Path) -> Any:
    """The contents without what a packer's version may change."""
    if file.suffix == ".parquet":
        return pl.read_parquet(file).to_dicts()
    if file.suffix == ".xlsx":
        with zipfile.ZipFile(file) as book:
            return {n: book.read(n) for n in book.namelist()}
    return file.read_bytes()


def test_the_files_beside_make_are_what_it_writes(tmp_path: Path) -> None:
    written = make.write(tmp_path)
    there = {
        p.relative_to(ROOT).as_posix()
        for p in ROOT.rglob("*")
        if p.is_file() and "__pycache__" not in p.parts
    }
    assert {n for n in there if not n.endswith(".py")} == set(written)
    assert [n for n in written if readable(tmp_path / n) != readable(ROOT / n)] == []


def test_the_sample_data_is_at_most_twelve_megabytes() -> None:
    assert sum(p.stat().st_size for p in ROOT.rglob("*") if "__pycache__" not in p.parts) <= 12_000_000


@pytest.mark.parametrize("name", TRUTH["files"])
def test_the_rows_of_each_file_are_counted_right(name: str) -> None:
    assert TRUTH["files"][name]["rows"] == count(name)


@pytest.mark.parametrize("name", TRUTH["sources"])
def test_the_row_equation_holds_for_each_source(name: str) -> None:
    source = TRUTH["sources"][name]
    mine = [f["rows"] for f in TRUTH["files"].values() if f["source"] == name]
    assert (
        source["rows"] == source["accepted"] + source["rejected"] + source["duplicates"] + source["filtered"]
    )
    assert (source["files"], source["rows"]) == (len(mine), sum(mine))


def test_web_duplicates_are_the_events_whose_id_came_before() -> None:
    ids = [e["id"] for e in web()]
    assert TRUTH["duplicates"]["sources"]["web"] == len(ids) - len(set(ids)) > 0


def test_order_duplicates_are_the_kept_orders_whose_number_came_before() -> None:
    kept = [r["订单号"] for r in tables("orders/web_*.csv") if r["订单状态"] != "已取消"]
    assert TRUTH["duplicates"]["sources"]["web_orders"] == len(kept) - len(set(kept)) > 0


def orders() -> Iterator[tuple[str, str, Decimal]]:
    """(id, month, CNY) of every order line that counts."""
    for r in tables("orders/web_*.csv"):
        if r["订单状态"] != "已取消":
            month = r["下单时间"].replace("年", "-").replace("月", "-")[:7]
            yield r["订单号"], month, number(r["实付金额"])
    for p in pl.concat([pl.read_parquet(f) for f in sorted(ROOT.glob("orders/*.parquet"))]).to_dicts():
        if p["state"] == "paid":
            yield p["bill_no"], f"{p['sold_at']:%Y-%m}", p["qty"] * p["unit_price"] - p["discount"]
    for r in tables("orders/hk_*.csv"):
        if r["Invoice"]:
            rate = {"HKD": Decimal("0.91"), "USD": Decimal("7.12")}[r["Currency"]]
            yield r["Invoice"], f"{r['Date'][6:]}-{r['Date'][3:5]}", number(r["Amount"]) * rate
    bad = {3, 4, 6, 7, 9, 10, 17}
    assert bad == {r["line"] for r in TRUTH["broken"]["reject"]}
    for line, r in zip(
        (2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 16, 17, 18), table("broken/orders_broken.csv"), strict=True
    ):
        if line not in bad:
            yield r["订单号"], r["下单时间"][:7], Decimal(0) if r["金额"] == "--" else number(r["金额"])


def test_orders_and_revenue_by_month_are_counted_right() -> None:
    once = {key: (month, worth) for key, month, worth in orders()}
    for month, truth in TRUTH["months"].items():
        mine = [worth for m, worth in once.values() if m == month]
        assert (truth["orders"], Decimal(truth["revenue"])) == (len(mine), sum(mine))


def test_refunds_by_month_are_counted_right() -> None:
    found = [(r["退款时间"][:7], number(r["退款金额"])) for r in table("orders/refunds.csv")]
    for p in pl.concat([pl.read_parquet(f) for f in sorted(ROOT.glob("orders/*.parquet"))]).to_dicts():
        if p["state"] == "return":
            found.append((f"{p['sold_at']:%Y-%m}", p["qty"] * p["unit_price"] - p["discount"]))
    for month, truth in TRUTH["months"].items():
        mine = [worth for m, worth in found if m == month]
        assert (truth["refunds"], Decimal(truth["refunded"])) == (len(mine), sum(mine))


def spend() -> Iterator[tuple[str, str, Decimal, Decimal, Decimal]]:
    """(month, channel, impressions, clicks, CNY), the second export of a day left out."""
    usd = Decimal("7.12")
    for r in tables("ads/baidu/baidu_????-??.csv"):
        if r["日期"] != "总计":
            yield r["日期"][:7], "baidu", number(r["展现"]), number(r["点击"]), number(r["消费"])
    for r in tables("ads/douyin/history*.csv"):
        yield r["时间"][:7], "douyin", number(r["展示数"]), number(r["点击数"]), number(r["总花费(元)"])
    for r in tables("ads/douyin/douyin_*.csv"):
        yield "2026-10", "douyin", number(r["展示数"]), number(r["点击数"]), number(r["消耗"])
    for r in tables("ads/kuaishou.csv"):
        yield (
            r["数据日期"][:7],
            "kuaishou",
            number(r["封面曝光数"]),
            number(r["封面点击数"]),
            number(r["花费（元）"]),
        )
    for r in tables("ads/tencent.csv"):
        month = r["日期"][:7].replace("/", "-")
        yield month, "wechat", number(r["曝光"]), number(r["点击量"]), number(r["消费"]) / 100
    for file in sorted(ROOT.glob("ads/red/*.xlsx")):
        for s in sheet(file.relative_to(ROOT).as_posix()):
            cost = Decimal(str(s["消费"]))
            yield f"{s['开始日期']:%Y-%m}", "red", Decimal(s["展现量"]), Decimal(s["点击量"]), cost
    for r in tables("ads/google/*.csv"):
        if r["Day"] != "Total":
            cost = number(r["Cost (micros)"]) / 1_000_000 * usd
            yield r["Day"][:7], "google", number(r["Impr."]), number(r["Clicks"]), cost
    for r in tables("ads/meta/*.csv"):
        cost = number(r["Amount spent (USD)"]) * usd
        yield r["Day"][:7], "meta", number(r["Impressions"]), number(r["Link clicks"]), cost


def test_spend_by_month_and_channel_is_counted_right() -> None:
    found: dict[tuple[str, str], list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 3)
    for month, channel, *values in spend():
        found[month, channel] = [a + b for a, b in zip(found[month, channel], values, strict=True)]
    truth = {(r["month"], r["channel"]): r for r in TRUTH["spend"]}
    assert truth.keys() == found.keys()
    for key, row in truth.items():
        assert [row["impressions"], row["clicks"], Decimal(row["cost"])] == found[key]


def test_the_second_export_of_baidu_repeats_rows_of_the_first() -> None:
    again = [r for r in table("ads/baidu/baidu_2026-10_rev.csv") if r["日期"] != "总计"]
    first = [r for r in table("ads/baidu/baidu_2026-10.csv") if r["日期"] != "总计"]
    assert again and all(r in first for r in again)
    assert TRUTH["sources"]["baidu"]["filtered"] == len(again) + TRUTH["sources"]["baidu"]["files"]


def test_the_creative_collapses_on_its_day_and_drags_its_channel() -> None:
    days = {d["day"]: d for d in TRUTH["collapse"]["daily"]}
    for day in ("2026-10-27", "2026-10-28"):
        [row] = [r for r in table(f"ads/douyin/douyin_{day}.csv") if r["素材名称"] == "sofa_03"]
        assert [days[day]["impressions"], days[day]["clicks"]] == [int(row["展示数"]), int(row["点击数"])]
        week_before = days[f"2026-10-{int(day[-2:]) - 7}"]
        assert days[day]["ctr"] < 0.4 * week_before["ctr"]
        rate, before = (d["channel_orders"] / d["channel_visits"] for d in (days[day], week_before))
        assert rate < 0.6 * before


def test_leads_of_the_form_and_of_the_channels_are_counted_right() -> None:
    found = sheet("crm/leads.xlsx")
    for row in TRUTH["form_bug"]["page_leads"]:
        since = row["when"] == "since"
        mine = [
            x
            for x in found
            if x["落地页"] == row["page"] and (f"{x['创建时间']:%Y-%m-%d}" >= "2026-10-14") == since
        ]
        assert [row["leads"], row["valid"]] == [len(mine), sum(x["是否有效"] == "有效" for x in mine)]
    deals = Counter(x["渠道"] for x in found if x["成交时间"])
    assert sum(r["deals"] for r in TRUTH["few_deals"]["channel_leads"]) == deals.total()
    assert deals["Meta"] < 0.1 * deals["百度"] and TRUTH["few_deals"]["channel"] == "meta"


def test_the_stopped_source_ends_where_the_truth_says() -> None:
    last = table("ads/kuaishou.csv")[-1]
    assert (
        TRUTH["stop"]["last_ts"]
        == f"{last['数据日期']}T{last['小时']}:00+08:00"
        == "2026-10-28T12:00:00+08:00"
    )
    assert TRUTH["stop"]["hours_before_end"] == 26.53


def test_one_channel_comes_back_and_one_does_not() -> None:
    share = {r["channel"]: r["share"] for r in TRUTH["repurchase"]["channel_buyers"]}
    assert share["wechat"] == max(share.values()) > 0.4
    assert share["kuaishou"] == min(share.values()) < 0.05


def test_the_events_are_counted_right() -> None:
    once = {e["id"]: e["event"] for e in web()}
    for name, n in Counter(once.values()).items():
        assert TRUTH["events"][name] == n


def test_the_members_examples_are_seen_together_in_the_files() -> None:
    profiles = {r["会员号"]: r for r in table("members/profiles.csv")}
    events = web()
    for example in TRUTH["persons"]["example"]:
        kinds = [i.split(":", 1) for i in example["identifiers"]]
        known = {k: v for k, v in kinds if k != "cookie"}
        row = profiles[known["member_id"]]
        assert (f"+86{row['手机']}", row["unionid"], row["邮箱"]) == (
            known["phone"],
            known["unionid"],
            known["email"],
        )
        seen = {e["cookie"] for e in events if e.get("member_id") == known["member_id"] and "cookie" in e}
        assert sorted(seen) == [v for k, v in kinds if k == "cookie"]
    shared = {e["member_id"] for e in events if e.get("device_id") == "tablet-sh-01"}
    assert sorted(shared) == TRUTH["shared_device"]["members"]


def test_the_broken_lines_are_where_the_truth_says() -> None:
    lines = (ROOT / "broken/orders_broken.csv").read_text(encoding="utf-8").split("\n")
    starts = {r["line"]: lines[r["line"] - 1][:6] for r in TRUTH["broken"]["reject"]}
    assert starts == {
        3: "X-0002",
        4: "X-0003",
        6: "X-0005",
        7: "X-0006",
        9: "X-0008",
        10: "X-0009",
        17: "X-0013",
    }
    assert lines[-1] == TRUTH["broken"]["torn_last_line"]


def test_every_file_belongs_to_exactly_one_source_of_the_configuration() -> None:
    sources = tomllib.loads((ROOT / "looptop.toml").read_text(encoding="utf-8"))["source"]
    for name, file in TRUTH["files"].items():
        owners = [s["name"] for s in sources if any(Path(name).match(g) for g in s["files"])]
        assert owners == [file["source"]], name

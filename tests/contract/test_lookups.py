"""[[lookup]]: columns by a key, wherever a column can stand."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tests.contract.place import Place

SOURCES = """
[[source]]
name = "ads"
files = ["ads.csv"]
table = "spend"
[[source]]
name = "web"
files = ["web.csv"]
table = "events"
"""
LOOKUP = """
[[lookup]]
file = "campaigns.csv"
on = "campaign"
add = ["product_line", "owner"]
"""
ADS = """
day,channel,campaign,cost,clicks
2026-11-01,baidu,A,10,1
2026-11-02,baidu,B,20,2
2026-11-03,baidu,C,30,3
"""
WEB = """
ts,event,cookie,campaign,channel,value,product
2026-11-01T10:00:00,visit,c1,A,baidu,,
2026-11-01T11:00:00,order,c1,,,100,p1
2026-11-02T10:00:00,visit,c2,B,baidu,,
2026-11-02T11:00:00,order,c2,B,,50,p2
2026-11-03T09:00:00,visit,c3,,,,
"""
CAMPAIGNS = "campaign,product_line,owner\nA,chairs,li\nB,tables,wang\n"


@pytest.fixture
def shop(place: Place) -> Place:
    place.put("ads.csv", ADS)
    place.put("web.csv", WEB)
    place.put("campaigns.csv", CAMPAIGNS)
    place.toml(SOURCES + LOOKUP)
    return place


def by(place: Place, metric: str, dimension: str, *words: str) -> dict[str | None, float | None]:
    return place.values(metric, "--by", dimension, *words, key=dimension)


def test_a_looked_up_column_groups_spend_and_what_has_no_match_is_null(shop: Place) -> None:
    assert by(shop, "cost", "product_line") == {"chairs": 10, "tables": 20, None: 30}
    assert by(shop, "cost", "owner") == {"li": 10, "wang": 20, None: 30}


def test_it_filters_and_stands_beside_another_dimension(shop: Place) -> None:
    assert shop.values("cost", "clicks", "--where", "owner = 'li'", key="metric") == {"cost": 10, "clicks": 1}
    pairs = shop.values("cost", "--by", "owner,campaign", key="owner,campaign")
    assert pairs == {("li", "A"): 10, ("wang", "B"): 20, (None, "C"): 30}


def test_a_metric_by_a_looked_up_column_is_the_metric_by_its_key_renamed(shop: Place) -> None:
    line = {"A": "chairs", "B": "tables"}
    names = ("cost", "revenue", "orders", "visits", "roas", "new_customers", "uv")
    by_key = shop.values(*names, "--by", "campaign", key="metric,campaign")
    by_line = shop.values(*names, "--by", "product_line", key="metric,product_line")
    assert {metric for metric, _ in by_key} == set(names)
    assert by_line == {(metric, line.get(key or "")): value for (metric, key), value in by_key.items()}


def test_an_order_without_a_campaign_follows_the_touch_that_gets_the_credit(shop: Place) -> None:
    assert by(shop, "revenue", "product_line") == {"chairs": 100, "tables": 50}
    assert by(shop, "revenue", "product_line", "--grain", "month") == {"chairs": 100, "tables": 50}


def test_a_part_of_a_day_is_grouped_like_a_whole_one(shop: Place) -> None:
    early = by(shop, "revenue", "owner", "--as-of", "2026-11-02T10:30:00Z")
    assert early == {"li": 100}
    hours = shop.values("cost", "orders", "--by", "owner", "--grain", "hour", key="metric,owner")
    assert ("orders", "wang") in hours


def test_rows_show_it_among_the_props(shop: Place) -> None:
    shown = [row["props"] for row in shop.rows("spend")]
    assert [(one["product_line"], one["owner"]) for one in shown] == [
        ("chairs", "li"), ("tables", "wang"), (None, None),
    ]  # fmt: skip
    assert [row["line"] for row in shop.rows("events", "--where", "owner = 'wang'")] == [4, 5]
    assert [row["line"] for row in shop.rows("events", "--where", "c_owner = 'li'")] == [2, 3]


def test_funnels_hold_filter_and_break_down_by_it(shop: Place) -> None:
    shop.put(
        "web.csv",
        """
        ts,event,cookie,campaign
        2026-11-01T10:00:00,view,c1,A
        2026-11-01T11:00:00,order,c1,A
        2026-11-01T10:00:00,view,c2,A
        2026-11-01T11:00:00,order,c2,B
        2026-11-01T10:00:00,view,c3,B
        2026-11-01T11:00:00,order,c3,B
        2026-11-01T10:00:00,view,c4,C
        """,
    )
    shop.toml(
        SOURCES + LOOKUP + '[funnel.plain]\nsteps = ["view", "order"]\n'
        '[funnel.held]\nsteps = ["view", "order"]\nhold = ["owner"]\n'
        '[funnel.some]\nsteps = ["view", { event = "order", where = "owner = \'wang\'" }]\n'
        '[funnel.part]\nsteps = ["view", "order"]\nwhere = "product_line = \'tables\'"\n'
    )
    found = shop.ask("funnel", "plain", "held", "some", "part")
    persons = [[step["persons"] for step in one["steps"]] for one in found]
    assert persons == [[4, 3], [3, 2], [4, 2], [1, 1]]
    groups = shop.ask("funnel", "plain", "--by", "owner")["groups"]
    assert {one["value"]: [s["persons"] for s in one["steps"]] for one in groups} == {
        "li": [2, 2], "wang": [1, 1], None: [1, 0],
    }  # fmt: skip
    assert [s["persons"] for s in shop.ask("funnel", "plain", "--where", "owner = 'li'")["steps"]] == [2, 1]


def test_alerts_are_judged_by_it(shop: Place) -> None:
    shop.toml(SOURCES + LOOKUP + '[alert.dear]\nwhen = "cost > 15"\nby = ["owner"]\n')
    shop.put("ads.csv", ADS + "2026-11-09,baidu,A,1,1\n")
    labels = {tuple(one["labels"].items()) for one in shop.ask("alerts", "--all")["alerts"]}
    assert (("owner", "wang"),) in labels


def test_values_hold_from_and_to_their_days(shop: Place) -> None:
    shop.put(
        "campaigns.csv",
        """
        campaign,owner,valid_from,valid_to
        A,first,,2026-11-01
        B,old,2026-10-01,
        B,new,2026年11月2日,2026-11-02
        C,late,2026-11-04,
        """,
    )
    shop.toml(SOURCES + LOOKUP.replace('"product_line", ', ""))
    assert by(shop, "cost", "owner") == {"first": 10, "new": 20, None: 30}
    shop.put("ads.csv", ADS + "2026-11-03,baidu,B,7,1\n2026-11-02,baidu,A,5,1\n2026-11-05,baidu,C,3,1\n")
    assert by(shop, "cost", "owner") == {"first": 10, "new": 20, "old": 7, "late": 3, None: 35}


def test_days_may_stand_in_columns_of_any_name(shop: Place) -> None:
    shop.put("campaigns.csv", "计划,负责人,生效日\nA,li,2026-11-01\nA,wu,2026-11-20\nB,wang,2026-11-03\n")
    shop.toml(
        SOURCES + '[[lookup]]\nfile = "campaigns.csv"\non = "campaign"\ncolumn = "计划"\n'
        'valid_from = "生效日"\nadd = { owner = "负责人" }\n'
    )
    assert by(shop, "cost", "owner") == {"li": 10, None: 50}


def test_the_key_may_be_a_column_that_only_the_files_have(shop: Place) -> None:
    shop.put("ads.csv", "day,channel,cost,plan_id\n2026-11-01,baidu,10,17\n2026-11-01,baidu,5,18\n")
    shop.put("campaigns.csv", "plan_id,product_line,owner\n17,chairs,li\n")
    shop.toml(SOURCES + LOOKUP.replace('"campaign"', '"plan_id"'))
    assert by(shop, "cost", "owner") == {"li": 10, None: 5}


def test_the_key_may_be_an_identifier(shop: Place) -> None:
    shop.put("campaigns.csv", "cookie,owner,product_line\nc1,li,chairs\nc2,wu,\n")
    shop.toml(SOURCES + LOOKUP.replace('"campaign"', '"cookie"'))
    assert by(shop, "revenue", "owner") == {"li": 100, "wu": 50}


def test_a_lookup_may_build_on_an_earlier_one(shop: Place) -> None:
    shop.put("teams.csv", "owner,team\nli,north\nwang,south\n")
    shop.toml(SOURCES + LOOKUP + '[[lookup]]\nfile = "teams.csv"\non = "owner"\nadd = ["team"]\n')
    assert by(shop, "cost", "team") == {"north": 10, "south": 20, None: 30}
    assert by(shop, "revenue", "team") == {"north": 100, "south": 50}
    assert by(shop, "visits", "team") == {"north": 1, "south": 1, None: 1}


def test_what_a_fact_says_itself_comes_first(shop: Place) -> None:
    shop.put(
        "ads.csv", "day,channel,campaign,cost,owner\n2026-11-01,baidu,A,10,zhao\n2026-11-02,baidu,B,20,\n"
    )
    assert by(shop, "cost", "owner") == {"zhao": 10, "wang": 20}
    assert by(shop, "cost", "product_line") == {"chairs": 10, "tables": 20}


def test_a_key_twice_with_other_values_is_told_and_the_first_line_holds(shop: Place) -> None:
    shop.put("campaigns.csv", CAMPAIGNS + "A,chairs,li\nB,beds,wu\n")
    told = shop.ask("check")["faults"]
    assert len(told) == 1 and told[0].startswith('campaigns.csv:5 lookup[0].on: "B" stands in line 3')
    assert by(shop, "cost", "owner") == {"li": 10, "wang": 20, None: 30}


def test_a_missing_file_and_a_missing_column_are_told_and_block_nothing(shop: Place) -> None:
    shop.put("campaigns.csv", "campaign,product_lin,owner\nA,chairs,li\n")
    told = shop.ask("check")["faults"]
    assert len(told) == 1 and "looptop.toml" in told[0] and "lookup[0].add" in told[0]
    assert told[0].endswith('campaigns.csv: no column "product_line"; nearest: product_lin')
    assert by(shop, "cost", "owner") == {"li": 10, None: 50}
    assert by(shop, "cost", "product_line") == {None: 60}
    (shop.root / "campaigns.csv").unlink()
    told = shop.ask("check")["faults"]
    assert len(told) == 1 and "lookup[0].file: campaigns.csv: cannot be read" in told[0]
    assert by(shop, "cost", "owner") == {None: 60}
    assert shop.say("check", "--strict")[0] == 1


def test_a_column_of_the_facts_cannot_be_looked_up(shop: Place) -> None:
    shop.toml(SOURCES + LOOKUP.replace('"owner"', '"channel"'))
    assert 'lookup[0].add: "channel" is a column of the facts' in shop.refusal("check")


def test_a_lookup_file_is_no_data_and_its_state_does_not_show_among_the_files(shop: Place) -> None:
    status = shop.ask("status")
    assert [one["file"] for one in status["files"]] == ["ads.csv", "web.csv"]
    assert status["unmapped"] == []


@pytest.mark.parametrize("form", ["tsv", "gbk", "utf16", "xlsx", "parquet", "ndjson"])
def test_the_file_may_have_any_form(shop: Place, form: str) -> None:
    name, text = f"look.{form}", "campaign,owner\nA,李\nB,王\n"
    frame = pl.DataFrame({"campaign": ["A", "B"], "owner": ["李", "王"]})
    path = shop.root / name
    if form == "xlsx":
        frame.write_excel(path)
    elif form == "parquet":
        frame.write_parquet(path)
    elif form == "ndjson":
        frame.write_ndjson(path)
    elif form == "tsv":
        path.write_text(text.replace(",", "\t"), encoding="utf-8")
    else:
        path.write_bytes(text.encode({"gbk": "gbk", "utf16": "utf-16"}[form]))
    shop.toml(SOURCES + f'[[lookup]]\nfile = "{name}"\non = "campaign"\nadd = ["owner"]\n')
    assert by(shop, "cost", "owner") == {"李": 10, "王": 20, None: 30}


def test_a_lookup_stays_inside_the_workspace(shop: Place, tmp_path: Path) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_text(CAMPAIGNS, encoding="utf-8")
    (shop.root / "campaigns.csv").unlink()
    (shop.root / "campaigns.csv").symlink_to(outside)
    assert "outside the workspace" in shop.ask("check")["faults"][0]
    assert by(shop, "cost", "owner") == {None: 60}


def test_no_table_without_the_key_has_the_column(shop: Place) -> None:
    shop.put("campaigns.csv", "product,category\np1,sofa\n")
    shop.toml(SOURCES + '[[lookup]]\nfile = "campaigns.csv"\non = "product"\nadd = ["category"]\n')
    assert by(shop, "revenue", "category") == {"sofa": 100, None: 50}
    assert 'no dimension of spend (read by cost) "category"' in shop.refusal(
        "metrics", "cost", "--by", "category"
    )


def test_check_explains_what_the_columns_of_a_lookup_are(shop: Place) -> None:
    shop.put("campaigns.csv", "计划,负责人,note,from\nA,li,x,2026-11-01\n", encoding="gb18030")
    shop.toml(
        SOURCES + '[[lookup]]\nfile = "campaigns.csv"\non = "campaign"\ncolumn = "计划"\n'
        'valid_from = "from"\nadd = { owner = "负责人" }\n'
    )
    (told,) = shop.ask("check")["lookups"]
    assert told["columns"] == [
        {"column": "计划", "as": "campaign"}, {"column": "from", "as": "valid_from"},
        {"column": "负责人", "as": "owner"},
    ]  # fmt: skip
    assert (told["file"], told["rejected"], told["error"]) == ("campaigns.csv", 0, None)
    assert told["encoding"].lower().startswith("gb")
    code, out, err = shop.say("check")
    assert (code, err) == (0, "")
    assert "campaigns.csv" in out and "计划 → campaign, from → valid_from, 负责人 → owner" in out

"""Funnels, replay, the data clock, faults and names."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.place import Place

SOURCE = """
[[source]]
name = "e"
files = ["e*.csv"]
table = "events"
columns = { ts = "ts", event = "event", value = "v", member_id = "m", channel = "ch" }
"""
FUNNEL = """
[funnel.buy]
steps = [
    "visit",
    { event = ["add_to_cart", "favourite"], label = "cart" },
    { event = "order", where = "value > 0", target = 0.3, benchmark = 0.2 },
]
window = "2d"
"""
EVENTS = """
ts,event,v,m,ch,城市
2026-01-01 10:00:00,visit,,a,x,沪
2026-01-01 11:00:00,favourite,,a,,沪
2026-01-01 12:00:00,order,5,a,,沪
2026-01-01 10:00:00,visit,,b,x,京
2026-01-02 10:00:00,add_to_cart,,b,,京
2026-01-04 10:00:01,order,5,b,,京
2026-01-02 09:00:00,visit,,c,y,
2026-01-02 09:30:00,order,5,c,,
2026-01-03 09:00:00,visit,,d,,
2026-01-03 09:00:00,add_to_cart,,d,,
2026-01-05 09:00:00,order,1,d,,
2026-01-05 23:00:00,order,1,e,x,
"""


@pytest.fixture
def shop(place: Place) -> Place:
    place.put("e.csv", EVENTS)
    place.toml(SOURCE + FUNNEL)
    return place


def test_steps_times_and_bottleneck(shop: Place) -> None:
    answer = shop.ask("funnel", "buy")
    assert set(answer) >= {
        "funnel",
        "mode",
        "window_seconds",
        "steps",
        "excluded",
        "open",
        "mature_rate",
        "bottleneck",
        "groups",
        "trend",
        "histogram",
        "persons",
        "definition",
        "watermark",
    }
    assert (answer["funnel"], answer["mode"], answer["window_seconds"]) == ("buy", "ordered", 172800)
    steps = answer["steps"]
    assert [(s["step"], s["persons"], s["dropped"]) for s in steps] == [(1, 4, 0), (2, 3, 1), (3, 2, 1)]
    assert [s["of_first"] for s in steps] == [1, 0.75, 0.5]
    assert [s["of_previous"] for s in steps] == [None, 0.75, pytest.approx(2 / 3)]
    assert [s["median_seconds"] for s in steps] == [None, 3600, (3600 + 172800) / 2]
    assert [s["avg_seconds"] for s in steps] == [None, (3600 + 86400 + 0) / 3, (3600 + 172800) / 2]
    assert (steps[2]["target"], steps[2]["benchmark"], steps[1]["label"]) == (0.3, 0.2, "cart")


def test_groups_partition_the_persons_and_list_those_without_a_value(shop: Place) -> None:
    groups = shop.ask("funnel", "buy", "--by", "channel")["groups"]
    assert {g["value"]: [s["persons"] for s in g["steps"]] for g in groups} == {
        "x": [2, 2, 1],
        "y": [1, 0, 0],
        None: [1, 1, 1],
    }
    by_prop = shop.ask("funnel", "buy", "--by", "城市")["groups"]
    assert {g["value"]: g["steps"][0]["persons"] for g in by_prop} == {"沪": 1, "京": 1, None: 2}


def test_range_where_and_trend(shop: Place) -> None:
    late = shop.ask("funnel", "buy", "--from", "2026-01-02", "--to", "2026-01-03")
    assert [s["persons"] for s in late["steps"]] == [2, 1, 1]
    some = shop.ask("funnel", "buy", "--where", "\"城市\" = '沪'")
    assert [s["persons"] for s in some["steps"]] == [1, 1, 1]
    trend = shop.ask("funnel", "buy", "--grain", "day")["trend"]
    assert [(t["period"], t["entered"], t["converted"], t["rate"]) for t in trend][:3] == [
        ("2026-01-01", 2, 1, 0.5),
        ("2026-01-02", 1, 0, 0),
        ("2026-01-03", 1, 1, 1),
    ]
    assert all(t["entered"] == 0 and t["rate"] is None for t in trend[3:])
    first = shop.ask("funnel", "buy", "--grain", "day", "--steps", "1,2")["trend"]
    assert [t["converted"] for t in first][:3] == [2, 0, 1]


def test_persons_with_their_path_and_why_not(shop: Place) -> None:
    everyone = shop.ask("funnel", "buy", "--persons", "all")["persons"]
    assert sorted(p["level"] for p in everyone) == [1, 2, 3, 3]
    (lost,) = shop.ask("funnel", "buy", "--persons", "3", "--dropped")["persons"]
    assert lost["level"] == 2
    assert lost["why_not"]
    assert [(p["step"], p["event"], p["source"], p["file"], p["line"]) for p in lost["path"]] == [
        (1, "visit", "e", "e.csv", 5),
        (2, "add_to_cart", "e", "e.csv", 6),
    ]
    assert len(shop.ask("funnel", "buy", "--persons", "2")["persons"]) == 3
    assert len(shop.ask("funnel", "buy", "buy")) == 2


def test_one_person_and_the_journey(shop: Place) -> None:
    (one,) = shop.ask("persons", "member_id:b")["persons"]
    assert one["person"].startswith("p_")
    assert len(one["person"]) == 18
    assert [(f["event"], f["line"]) for f in one["journey"]] == [
        ("visit", 5),
        ("add_to_cart", 6),
        ("order", 7),
    ]
    assert shop.ask("persons", one["person"])["persons"] == [one]
    assert len(shop.ask("persons")["persons"]) == 5
    assert shop.ask("persons", "member_id:b", "--reveal")["persons"][0]["identifiers"] == ["member_id:b"]


def test_a_replay_knows_nothing_later_and_writes_nothing(shop: Place) -> None:
    now = shop.ask("status")
    assert now["as_of"].startswith("2026-01-05T23:00:00")
    before = {p: p.read_bytes() for p in sorted(shop.state.rglob("*")) if p.is_file() and p.suffix != ".lock"}
    then = shop.ask("status", "--as-of", "2026-01-03T00:00:00")
    assert (then["tables"]["events"], then["persons"]) == (7, 3)
    assert then["as_of"].startswith("2026-01-03T00:00:00")
    assert shop.values("orders", "--as-of", "2026-01-02") == {None: 1}
    assert [s["persons"] for s in shop.ask("funnel", "buy", "--as-of", "2026-01-04")["steps"]] == [4, 3, 1]
    assert {r["line"] for r in shop.rows("events", "--as-of", "2026-01-02")} == {2, 3, 4, 5}
    after = {p: p.read_bytes() for p in sorted(shop.state.rglob("*")) if p.is_file() and p.suffix != ".lock"}
    assert before == after


def test_an_empty_directory_is_fine(place: Place) -> None:
    status = place.ask("status")
    assert status["tables"] == {"events": 0, "spend": 0, "profiles": 0}
    assert (status["sources"], status["files"], status["unmapped"]) == ([], [], [])
    assert place.rows() == []
    assert place.ask("rejects") == {"rejects": []}
    assert (
        place.ask("alerts") == {"as_of": status["as_of"], "alerts": []} or place.ask("alerts")["alerts"] == []
    )
    place.ask("metrics", "revenue", "ctr", "--by", "channel", "--grain", "day")
    place.ask("persons")
    assert place.say("check")[0] == 0
    assert place.say("init")[0] == 0


def test_a_missing_directory_is_one_line(place: Place) -> None:
    place.root.rmdir()
    for command in ("status", "rows", "check", "init", "alerts"):
        said = place.refusal(command, *(["events"] if command == "rows" else []))
        assert said.count("\n") == 1, command


FAULTS = """
[[source]]
name = "e"
files = ["e*.csv"]
tabel = "events"
columns = { ts = "ts", chanel = "ch" }
[metric.a]
table = "events"
agg = "summ"
[metric.b]
kind = "ratio"
num = "click"
den = "impressions"
[metric.c]
kind = "derived"
expr = "revenue / / 2"
[funnel.f]
steps = ["visit"]
mode = "orderd"
[alert.x]
when = "revenu < 5"
"""


def test_all_faults_at_once_with_line_key_and_nearest_name(place: Place) -> None:
    place.put("looptop.toml", FAULTS)
    said = place.refusal("status")
    for line, words in {
        4: ("tabel", "table"),
        5: ("chanel", "channel"),
        8: ("agg", "sum"),
        11: ("click", "clicks"),
        15: ("expr",),
        18: ("mode", "ordered"),
        20: ("revenu", "revenue"),
    }.items():
        (one,) = [
            each
            for each in said.splitlines()
            if f"looptop.toml:{line}:" in each or f"looptop.toml:{line} " in each
        ]
        assert all(word in one for word in words), one


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A shop for questions that are refused and change nothing."""
    place = Place(tmp_path_factory.mktemp("asked"))
    place.put("e.csv", EVENTS)
    place.toml(SOURCE + FUNNEL)
    return place


@pytest.mark.parametrize(
    ("words", "near"),
    [
        (("metrics", "revenu"), "revenue"),
        (("metrics", "revenue", "--by", "chanel"), "channel"),
        (("metrics", "revenue", "--by", "城"), "城市"),
        (("metrics", "revenue", "--where", "chanel = 'x'"), "channel"),
        (("funnel", "by"), "buy"),
        (("funnel", "buy", "--by", "chanell"), "channel"),
        (("funnel", "buy", "--where", "valu > 1"), "value"),
        (("rows", "event"), "events"),
        (("rows", "events", "--where", "evnt = 'x'"), "event"),
        (("metrics", "revenue", "--grain", "dya"), "day"),
        (("metrics", "revenue", "--compare", "weak"), "week"),
        (("metrics", "revenue", "--gran", "day"), "--grain"),
        (("stats",), "status"),
    ],
    ids=" ".join,
)
def test_an_unknown_name_says_the_nearest(asked: Place, words: tuple[str, ...], near: str) -> None:
    said = asked.refusal(words[0], *words[1:]) if words[0] != "stats" else ""
    if words[0] == "stats":
        from tui.cli import main

        assert main(["stats", str(asked.root)]) == 2
        return
    assert near in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    "words",
    [
        ("metrics", "revenue", "--from", "yesterday"),
        ("funnel", "buy", "--persons", "9"),
        ("metrics", "revenue", "--where", "value >"),
        ("metrics",),
        ("rows", "events", "--limit", "-1"),
        ("status", "--as-of", "soon"),
        ("persons", "member_id:zz"),
        ("metrics", "revenue", "--by", "channel,region,device,page"),
    ],
    ids=" ".join,
)
def test_bad_use_is_one_line(asked: Place, words: tuple[str, ...]) -> None:
    assert asked.refusal(*words).count("\n") == 1


@pytest.mark.parametrize("language", ["zh", "en"])
def test_headers_are_recognised_and_what_init_writes_gives_the_same(place: Place, language: str) -> None:
    if language == "zh":
        place.put(
            "ads/百度.csv",
            "日期,渠道,推广计划,展现量,点击量,消费\n2026-01-01,baidu,品牌,1000,10,50.5\n2026-01-02,baidu,品牌,2000,30,60\n",
        )
        place.put(
            "订单.csv",
            "下单时间,订单号,手机号,实付金额\n2026-01-01 10:00:00,A1,13811112222,99\n"
            "2026-01-02 11:00:00,A2,13811112223,1\n",
        )
    else:
        place.put(
            "ads/google.csv",
            "Day,Campaign,Impressions,Clicks,Cost\n2026-01-01,brand,1000,10,50.5\n2026-01-02,brand,2000,30,60\n",
        )
        place.put(
            "orders.csv",
            "order_date,order_id,email,total\n2026-01-01 10:00:00,A1,a@x.com,99\n"
            "2026-01-02 11:00:00,A2,b@x.com,1\n",
        )
    names = ("cost", "clicks", "impressions", "orders", "revenue", "buyers")
    want = {"cost": 110.5, "clicks": 40, "impressions": 3000, "orders": 2, "revenue": 100, "buyers": 2}
    assert place.values(*names, key="metric") == want
    assert place.ask("status")["unmapped"] == []
    code, out, err = place.say("init")
    assert (code, err) == (0, "")
    if not (place.root / "looptop.toml").exists():
        (place.root / "looptop.toml").write_text(out, encoding="utf-8")
    assert place.values(*names, key="metric") == want
    assert place.say("check", "--strict")[0] == 0


def test_standard_output_has_json_alone(shop: Place, tmp_path: Path) -> None:
    words = [
        sys.executable,
        "-m",
        "tui.cli",
        "status",
        str(shop.root),
        "--json",
        "--state",
        str(tmp_path / "s"),
    ]
    done = subprocess.run(words, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    assert (json.loads(done.stdout)["tables"]["events"], done.stderr) == (12, "")


def test_an_identifier_is_compared_like_a_text_whatever_its_type(place: Place) -> None:
    place.put(
        "e.csv",
        "ts,event,v,openid,m\n2026-01-01,visit,,o1,\n2026-01-01,order,3,o1,u1\n2026-01-02,order,4,,u2\n",
    )
    place.toml("""
        [identity]
        priority = ["openid", "member_id"]
        [[source]]
        name = "e"
        files = ["e.csv"]
        table = "events"
        columns = { member_id = "m", value = "v" }
        [funnel.f]
        steps = ["visit", { event = "order", where = "openid = 'o1'" }]
        """)
    assert [r["line"] for r in place.rows("events", "--where", "openid = 'o1'")] == [2, 3]
    assert [r["line"] for r in place.rows("events", "--where", "member_id in ('u1', 'u2')")] == [3, 4]
    assert place.values("orders", "--where", "member_id <> 'u1'") == {None: 1}
    assert [s["persons"] for s in place.ask("funnel", "f")["steps"]] == [1, 1]


def test_props_of_any_name_are_typed_and_ask(place: Place) -> None:
    place.put(
        "e1.csv", "ts,event,m,n,flag,地 区\n2026-01-01,order,a,5,true,华 东\n2026-01-01,order,a,7,false,\n"
    )
    second = place.put("e2.csv", "ts,event,m,n\n2026-01-02,order,b,abc\n2026-01-02,visit,b,007\n")
    place.toml(SOURCE + '[metric.n]\ntable = "events"\n[metric.f]\ntable = "events"\nwhere = "flag = true"')
    assert [r["props"]["n"] for r in place.rows()] == ["5", "7", "abc", "007"]
    assert place.values("f", "--where", "\"地 区\" like '华%'") == {None: 1}
    assert len(place.rows("events", "--where", "n = 'abc' or \"地 区\" = '华 东'")) == 2
    second.unlink()
    assert [r["props"]["n"] for r in place.rows("events", "--where", "n > 5")] == [7]


def test_a_check_names_the_columns_that_a_file_lacks(place: Place) -> None:
    place.put("e.csv", "ts,event,v,m,kind_of\n2026-01-05,order,1,a,x\n")
    place.toml("""
        [[source]]
        name = "e"
        files = ["e.csv"]
        table = "events"
        columns = { value = { expr = "vv * 2" } }
        where = "kindof = 'x' or m = 'a'"
        dedupe = ["idd", "order_id"]
        """)
    code, out, _ = place.say("check", "--strict")
    assert code == 1
    for wanted, near in {"vv": "v", "kindof": "kind_of", "idd": ""}.items():
        assert any(f'no column "{wanted}"' in line and near in line for line in out.splitlines())


def test_a_misspelt_column_of_the_files_is_told_with_the_other_faults(place: Place) -> None:
    place.put("e.csv", EVENTS)
    wrong = '[metric.n]\ntable = "events"\nagg = "sum"\ncolumn = "valeu"\n[metric.m]\ntable = "events"\n'
    place.toml(SOURCE + wrong + "where = \"chanel = 'x'\"\nunitt = 'count'\n")
    said = place.refusal("status").splitlines()
    assert [line.rsplit("nearest: ")[-1] for line in said[1:]] == ["value", "channel", "unit"]


def test_no_way_out_carries_an_escape_of_the_data(place: Place) -> None:
    place.put("e.csv", "ts,event,v,m,ch\n2026-01-05,order,1,a,\x1b[31mred\x9b\n2026-01-05,order,1,a,=cmd()\n")
    place.toml(SOURCE)
    for words in (("events",), ("events", "--csv"), ("events", "--json")):
        said = place.say("rows", *words)[1]
        assert not {"\x1b", "\x9b"} & set(said)
    assert "'=cmd()" in place.say("rows", "events", "--csv")[1]

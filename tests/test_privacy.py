"""Personal data: masked unless revealed, every reveal in a log that only grows."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.place import Place
from tui.cli import main

TOML = """
[[source]]
name = "orders"
files = ["*.csv"]
table = "events"
event = "order"
columns = { ts = "ts", phone = "phone", value = "amount", channel = "channel" }
"""
ROWS = """
ts,phone,amount,channel
2026-10-01T10:00:00,13811112222,10,baidu
2026-10-02T10:00:00,13811113333,20,douyin
"""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    found = Place(tmp_path)
    found.toml(TOML)
    found.put("a.csv", ROWS)
    return found


def printed(place: Place, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main([words[0], str(place.root), *words[1:], "--state", str(place.state)]) == 0
    return capsys.readouterr().out


def test_a_reveal_is_logged_with_its_reason_and_without_the_identifier(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    assert json.loads(printed(place, capsys, "audit", "--json")) == {"audit": []}
    assert "13811112222" in printed(place, capsys, "persons", "--reveal", "--reason", "asked by 13811112222")
    assert "13811112222" in printed(place, capsys, "persons", "phone:+8613811112222", "--reveal")
    found = json.loads(printed(place, capsys, "audit", "--json"))["audit"]
    assert [(one["kind"], one["asked"], one["reason"]) for one in found] == [
        ("reveal", "persons", "asked by 138****2222"),
        ("reveal", "persons id=phone:138****2222", ""),
    ]


def test_a_reveal_that_cannot_be_logged_is_said_on_standard_error(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    place.state.parent.mkdir(parents=True, exist_ok=True)
    place.state.write_text("in the way")
    assert main(["persons", str(place.root), "--reveal", "--state", str(place.state)]) == 0
    out, err = capsys.readouterr()
    assert "13811112222" in out and "was not logged" in err


def test_the_log_only_grows(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    printed(place, capsys, "persons", "--reveal")
    script = (
        "import sqlite3, sys\ndb = sqlite3.connect(sys.argv[1])\n"
        "for sql in ('DELETE FROM audit', \"UPDATE audit SET author = 'x'\"):\n"
        "    try: db.execute(sql)\n"
        "    except sqlite3.IntegrityError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(place.state / "ledger.db")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "the audit only grows\n" * 2


ERASING = """
[[source]]
name = "web"
files = ["web*.csv"]
table = "events"
columns = { ts = "ts", event = "event", phone = "phone", email = "mail", device_id = "device" }
dedupe = ["ts", "phone"]
[[source]]
name = "orders"
files = ["orders*.csv"]
table = "events"
event = "order"
columns = { ts = "ts", phone = "phone", unionid = "unionid", value = "amount", order_id = "id" }
[[source]]
name = "members"
files = ["members*.csv"]
table = "profiles"
columns = { phone = "phone", name = "name", city = "city" }
[identity]
always_link = [["email:li.si@x.com", "unionid:oABCDEF123"]]
"""
WEB = """
ts,event,phone,mail,device,page,channel,note
2026-10-01T09:00:00,visit,,li.si@x.com,DEV-ONE-0001,/home,baidu,
2026-10-01T09:10:00,view,13811112222,Li.Si@x.com,dev-one-0001,/p?m=li.si@x.com,baidu,call 138-1111-2222
2026-10-01T09:10:00,view,13811112222,Li.Si@x.com,dev-one-0001,/p?m=li.si@x.com,baidu,copy
2026-10-01T09:20:00,view,13999998888,,dev-two-0002,/home,douyin,friend of 13811112222
2026-10-02T09:00:00,visit,,,dev-three-0003,/home,direct,
"""
ORDERS = """
id,ts,phone,unionid,amount
A1,2026-10-03T10:00:00,+86 138 1111 2222,oABCDEF123,100
A2,2026-10-03T11:00:00,13999998888,,50
A3,2026-10-04T11:00:00,13811112222,,lots
A4,2026-10-05T11:00:00,,oABCDEF123,7
"""
MEMBERS = """
phone,name,city
13811112222,李四,杭州
13999998888,王五,上海
"""
RAW = (
    "13811112222",
    "138-1111-2222",
    "138 1111 2222",
    "li.si@x.com",
    "oABCDEF123",
    "dev-one-0001",
    "李四",
    "杭州",
)


@pytest.fixture
def shop(tmp_path: Path) -> Place:
    found = Place(tmp_path)
    found.toml(ERASING)
    for name, text in (("web.csv", WEB), ("orders.csv", ORDERS), ("members.csv", MEMBERS)):
        found.put(name, text)
    return found


ADDITIVE = ("revenue", "orders", "visits", "pv")


def totals(place: Place) -> list[object]:
    """Every additive metric by every dimension."""
    asked = [[*ADDITIVE, "--by", "channel", "--grain", "day"], [*ADDITIVE, "--by", "device"]]
    return [place.ask("metrics", *words)["rows"] for words in asked]


def held(state: Path) -> dict[str, list[str]]:
    """The files of the state that hold one of the raw values, Parquet and SQLite read back."""
    import polars as pl

    found: dict[str, list[str]] = {}
    for path in state.rglob("*"):
        if not path.is_file():
            continue
        raw = path.read_bytes()
        if path.suffix == ".parquet":
            raw += repr([pl.read_parquet(path).to_dicts()]).encode()
        here = [one for one in RAW if one.lower().encode() in raw.lower()]
        if here:
            found[path.name] = here
    return found


@pytest.mark.slow
def test_the_person_goes_and_the_totals_stay(shop: Place) -> None:
    before, others = totals(shop), shop.ask("persons", "--reveal")["persons"]
    counted = shop.counts()
    assert held(shop.state) != {}
    receipt = shop.ask("erase", "phone:138-1111-2222", "--by", "dpo", "--reason", "asked by li.si@x.com")
    assert totals(shop) == before
    assert len(receipt["identifiers"]) == 4 and receipt["reason"] == "asked by l***@x.com"
    assert receipt["rows"] == {"events": 5, "profiles": 1, "rejects": 1}
    lines = {one["file"]: one["lines"] for one in receipt["files"]}
    assert lines["web.csv"] == [2, 3, 4] and lines["orders.csv"] == [2, 4, 5] and lines["members.csv"] == [2]
    assert held(shop.state) == {}
    left = shop.ask("persons", "--reveal")["persons"]
    assert left == [one for one in others if "phone:+8613811112222" not in one["identifiers"]]
    assert "phone:+8613811112222" in shop.refusal("persons", "phone:+8613811112222")
    gone = [
        row for row in shop.rows("events", "--reveal") if row["line"] in (2, 3) and row["file"] == "web.csv"
    ]
    assert {row[key] for row in gone for key in ("person", "phone", "email", "device_id")} == {None}
    after = shop.counts()
    assert {name: after[name] for name in ("web.csv", "orders.csv")} == {
        name: counted[name] for name in ("web.csv", "orders.csv")
    }
    assert after["members.csv"] == (2, 1, 0, 0, 1)


@pytest.mark.slow
def test_whoever_was_erased_stays_erased(shop: Place) -> None:
    before = totals(shop)
    first = shop.ask("erase", "unionid:oABCDEF123")
    assert shop.ask("erase", "phone:13811112222") == first
    (shop.root / "web.csv").rename(shop.root / "web2.csv")
    with (shop.root / "orders.csv").open("a") as file:
        file.write("A5,2026-10-06T11:00:00,13811112222,,0\n")
    again = totals(shop)
    assert held(shop.state) == {}
    assert [row["person"] for row in shop.rows("events") if row["order_id"] == "A5"] == [None]
    import shutil

    shutil.rmtree(shop.state / "cache")
    assert totals(shop) == again != before
    assert held(shop.state) == {}


def test_nobody_is_erased_by_an_identifier_that_nobody_has(shop: Place) -> None:
    said = shop.refusal("erase", "phone:13700000000")
    assert "nobody has this identifier" in said and "138" not in said


PERSONAL = """
[[source]]
name = "web"
files = ["web*.csv"]
table = "events"
columns = { ts = "ts", event = "event", phone = "phone", email = "mail", device_id = "device" }
[[source]]
name = "orders"
files = ["orders*.csv"]
table = "events"
event = "order"
columns = { ts = "ts", phone = "phone", unionid = "unionid", value = "amount", order_id = "id" }
[[source]]
name = "members"
files = ["members*.csv"]
table = "profiles"
columns = { phone = "phone", name = "name", city = "city" }
personal = ["city"]
[[quality]]
source = "orders"
column = "phone"
allowed = ["none"]
[funnel.buy]
steps = ["view", "order"]
"""
EVERY = (
    "status", "metrics revenue --by channel", "funnel buy --persons all", "trace revenue", "rows events",
    "rows profiles", "rejects", "quality", "quality --source orders --column phone", "quality --source web",
    "persons", "persons phone:+8613811112222", "conflicts", "check", "alerts", "outbox", "audit", "retention",
)  # fmt: skip


@pytest.mark.slow
def test_no_command_prints_a_raw_identifier_unless_it_is_revealed(tmp_path: Path) -> None:
    shop = Place(tmp_path)
    shop.toml(PERSONAL)
    for name, text in (("web.csv", WEB), ("orders.csv", ORDERS), ("members.csv", MEMBERS)):
        shop.put(name, text)
    for words in map(str.split, EVERY):
        for form in ((), ("--json",), ("--csv",)) if words[0] == "rows" else ((), ("--json",)):
            code, out, err = shop.say(*words, *form)
            assert code == 0, err
            assert [one for one in RAW if one in out + err] == [], (words, form)
    shown = "".join(shop.say(*words, "--reveal")[1] for words in (("rows", "events"), ("rows", "profiles")))
    assert [one for one in RAW if one not in shown] == []


def test_the_log_names_nobody_who_was_asked_for(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    place.toml(TOML.replace("phone = ", "member_id = "))
    place.put("a.csv", ROWS.replace("13811112222", "m_100044"))
    assert "m_100044" in printed(place, capsys, "persons", "member_id:m_100044", "--reveal")
    printed(place, capsys, "rows", "events", "--where", "channel = 'm_100044'", "--reveal")
    assert len(json.loads(printed(place, capsys, "audit", "--json"))["audit"]) == 2
    assert not any(b"m_100044" in path.read_bytes() for path in place.state.glob("ledger.db*"))

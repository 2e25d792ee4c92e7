"""A tiny shop in a directory, changed file by file: the ground that the laws stand on."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from engine.publish.register import Verdict, decide_link
from engine.session import Session

CONFIGURATION = """
[console]
timezone = "Asia/Shanghai"
clock = "data"
currency = "CNY"
[currency]
USD = 7.12

[[source]]
name = "web"
files = ["web/*.ndjson"]
table = "events"
event = { column = "event" }
columns = { ts = "ts", cookie = "cookie", member_id = "member", email = "mail", channel = "channel" }

[[source]]
name = "orders"
files = ["orders/*.csv"]
table = "events"
event = "order"
columns = { ts = "ts", member_id = "member", value = "amount", order_id = "id", currency = "cur" }
dedupe = ["order_id"]

[[source]]
name = "club"
files = ["club/*.csv"]
table = "profiles"
columns = { member_id = "member", email = "mail", signup_ts = "since" }

[identity]
limit = { member_id = 1, email = 1 }
fanout = { email = { member_id = 2 }, cookie = { member_id = 2 } }
always_link = [["member_id:m3", "cookie:c4"]]
never_link = [["member_id:m1", "email:e2@x.cn"]]

[[source]]
name = "ads"
files = ["ads/*.csv"]
table = "spend"
columns = { ts = "day", channel = "channel", cost = "cost", clicks = "clicks" }

[[lookup]]
file = "channels.csv"
on = "channel"
add = ["team", "tier"]

[funnel.buy]
steps = ["visit", { event = "view", optional = true }, "order"]
window = "3d"

[funnel.team]
steps = [{ event = "visit", where = "team <> 'b'" }, "view"]
hold = ["tier"]
window = "3d"

[funnel.quick]
steps = [{ event = "visit", first_time = "event" }, { event = ["view", "order"], within = "1d" }]
window = "same_week"
mode = "strict"
hold = ["channel"]
exclude = [{ event = "search", between = [1, 2] }]
on_exclusion = "restart"
count = "attempts"
ties = "strict"

[alert.little]
when = "revenue < 50 and change(visits, previous) < 50%"
by = ["channel"]
for_periods = 2
"""

WALL = datetime(2026, 11, 1)
FIRST = datetime(2026, 9, 1)
CHANNELS = (None, "baidu", "douyin", "direct")

Row = tuple[int, int, int, int]
"""(hour after FIRST, person, kind of row, key): four small numbers that hypothesis shrinks well."""


def web_line(row: Row) -> str:
    """A visit, view or search with a cookie and, for some, the member who is logged in or an e-mail that
    several persons use."""
    hour, person, kind, key = row
    fact = {
        "ts": (FIRST + timedelta(hours=hour, minutes=key)).isoformat(),
        "event": ("visit", "view", "search")[kind % 3],
        "cookie": f"c{person}" if key != 11 else None,
        "member": f"m{person}" if key % 2 else None,
        "mail": f"e{(person + kind) % 3}@x.cn" if key % 5 == 0 else None,
        "channel": CHANNELS[key % 4],
    }
    return json.dumps(fact) + "\n"


def order_line(row: Row) -> str:
    """An order of a member; the same key in two rows is the same order twice."""
    hour, person, kind, key = row
    moment = (FIRST + timedelta(hours=hour)).isoformat()
    return f"{moment},m{person},{10 + key}.5,o{key},{('CNY', 'USD', 'XXX')[kind % 3]}\n"


def ad_line(row: Row) -> str:
    """Spend of a day and channel."""
    hour, person, kind, key = row
    day = (FIRST + timedelta(hours=hour)).date()
    return f"{day},{CHANNELS[1 + person % 3]},{kind + 1}.25,{key}\n"


def club_line(row: Row) -> str:
    """A member's profile; some have an e-mail that others have as well, some no moment."""
    hour, person, _, key = row
    since = (FIRST + timedelta(hours=hour)).isoformat() if key % 3 else ""
    return f"m{person},e{(person + key) % 3}@x.cn,{since}\n"


def channel_line(row: Row) -> str:
    """What a channel belongs to from a day on; the same channel often, and now and then the same day."""
    hour, person, kind, key = row
    day = (FIRST + timedelta(hours=hour)).date() if key % 3 else ""
    return f"{CHANNELS[1 + person % 3]},{'abc'[kind % 3]},{'xy'[key % 2]},{day}\n"


KINDS = {
    "club": ("csv", "member,mail,since\n", club_line),
    "web": ("ndjson", "", web_line),
    "orders": ("csv", "ts,member,amount,id,cur\n", order_line),
    "ads": ("csv", "day,channel,cost,clicks\n", ad_line),
}


@dataclass
class Shop:
    """The files of a shop and the session that watches them."""

    root: Path
    clock: int = 0
    files: dict[str, str] = field(default_factory=dict)
    verdicts: list[tuple[Verdict, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.root.mkdir(parents=True)
        (self.root / "looptop.toml").write_text(CONFIGURATION, encoding="utf-8")
        self.session = self.opened("state")

    def opened(self, state: str) -> Session:
        """A session on the files with a state directory of its own."""
        return Session.open(self.root, state=self.root.parent / state, clock=lambda: WALL, key="key")

    def write(self, name: str, kind: str, rows: list[Row], append: bool = False) -> None:
        """Write or extend a file; each write is newer than the ones before."""
        suffix, head, line = KINDS[kind]
        path = self.root / kind / f"{name}.{suffix}"
        path.parent.mkdir(exist_ok=True)
        body = "".join(map(line, rows))
        if append and path.exists():
            with path.open("a", encoding="utf-8") as file:
                file.write(body)
        else:
            path.write_text(head + body, encoding="utf-8")
        self.stamp(path)

    def look_up(self, rows: list[Row]) -> None:
        """Write what the channels belong to."""
        path = self.root / "channels.csv"
        path.write_text("channel,team,tier,valid_from\n" + "".join(map(channel_line, rows)), encoding="utf-8")
        self.stamp(path)

    def rename(self, name: str, kind: str, other: str) -> None:
        """Give a file another name, over one that may be there."""
        path = self.root / kind / f"{name}.{KINDS[kind][0]}"
        if path.exists():
            path.rename(path.with_stem(other))

    def delete(self, name: str, kind: str) -> None:
        """Remove a file if it is there."""
        (self.root / kind / f"{name}.{KINDS[kind][0]}").unlink(missing_ok=True)

    def stamp(self, path: Path) -> None:
        """A modification time that only goes forward, a second a write."""
        self.clock += 1
        os.utime(path, (1_790_000_000 + self.clock, 1_790_000_000 + self.clock))

    def restart(self) -> None:
        """The process ends and another one goes on."""
        self.session.close()
        self.session = self.opened("state")

    def decide(self, verdict: Verdict, one: str, other: str) -> None:
        """Somebody links two identifiers, keeps them apart, or takes that back."""
        self.verdicts.append((verdict, one, other))
        decide(self.session, verdict, one, other)


def decide(session: Session, verdict: Verdict, one: str, other: str) -> None:
    """Write a verdict into a session's ledger."""
    decide_link(session.pipeline.ledger, verdict, one, other, author="li", reason="known", at=WALL)


def contents(session: Session) -> dict[str, list[tuple[object, ...]]]:
    """Every canonical and derived table as sorted rows; facts named by file and line instead of numbers."""
    store = session.store
    found = {}
    for table in ("events", "spend", "profiles", "subjects", "identifiers", "conflicts", *store.derived):
        columns = [name for name in store.input_columns(table) if name not in ("part", "row")]
        listed = ", ".join(f't."{name}"' for name in columns)
        file, join = "", ""
        if "part" in store.input_columns(table):
            file, join = ", p.file", " JOIN parts p ON p.part = t.part"
        rows = store.rows(f'SELECT {listed}{file} FROM "{table}" t{join}')
        found[table] = sorted(rows, key=repr)
    return found

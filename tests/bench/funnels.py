"""`python -m tests.bench.funnels [--events N] [--turns N]`: a funnel of five steps from nothing.

One Parquet file in order of time, a tenth as many persons as events, a window of seven days. Every contestant
reads the file and counts the persons of each step in a process of its own, in turn; imports are not counted.
looptop gives the whole answer (times, maturity, checks) and not the counts alone. Prints the medians beside
ClickHouse's `windowFunnel` through chdb, where that is installed, and a hand-written DuckDB query.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from engine.schema import Kind, Table
from engine.workspace.model import Exclusion, Funnel, Step, Workspace
from tests.engine.funnels.world import workspace_of

if TYPE_CHECKING:
    import polars as pl

ROOT = Path(__file__).resolve().parents[2]
STEPS = ("visit", "view", "add_to_cart", "checkout", "order")
WINDOW_US = 7 * 86_400_000_000
BETWEEN = (2, 4)
"""The steps between which a refund excludes."""

_ROWS = """
COPY (
    WITH sessions AS (
        SELECT hash(i, 'person') % {persons} AS person, hash(i, 'length') % 100 AS l,
               (hash(i, 'start') % (90 * 86400))::BIGINT AS start
        FROM range({events} * 2 // 5) t(i)
    ), pages AS (
        SELECT person, hash(person, start, k, 'event') % 100 AS e, k,
               (start + k * (20 + hash(start, k) % 400)) * 1000000 + hash(start, k, 'us') % 1000000 AS us
        FROM sessions, range(8) r(k)
        WHERE k < CASE WHEN l < 35 THEN 1 WHEN l < 60 THEN 2 WHEN l < 85 THEN 3 WHEN l < 95 THEN 5 ELSE 8 END
    )
    SELECT hash(person) AS person, TIMESTAMP '2026-07-01' + to_microseconds(us::BIGINT) AS ts,
           CASE WHEN e < 25 THEN 'search' WHEN k = 0 THEN 'visit' WHEN k = 1 THEN 'view'
                WHEN k = 2 THEN CASE WHEN e < 60 THEN 'view' ELSE 'add_to_cart' END
                WHEN k <= 4 THEN CASE WHEN e < 40 THEN 'refund' WHEN e < 70 THEN 'add_to_cart'
                                      ELSE 'checkout' END
                WHEN e < 50 THEN 'checkout' ELSE 'order' END AS event
    FROM pages ORDER BY ts LIMIT {events}
) TO '{path}' (FORMAT parquet)
"""

_WINDOW_FUNNEL = """
SELECT level, count() FROM (
    SELECT person, windowFunnel({window}{mode})(toUInt64(toUnixTimestamp64Micro(ts)), {steps}) AS level
    FROM file('{path}', Parquet) WHERE event IN ({names}) GROUP BY person
) GROUP BY level SETTINGS max_threads = 2
"""

_ASOF = """
WITH e AS MATERIALIZED (
    SELECT person, ts, event FROM '{path}' WHERE event IN ({names})
), c1 AS (SELECT person, ts AS start, ts AS at FROM e WHERE event = '{first}'),
{chain}
SELECT level, count(*)
FROM (SELECT person, max(level) AS level FROM ({levels}) GROUP BY person) GROUP BY level
"""


class Held:
    """The protocol `Tables` over one Parquet file of person, ts, event."""

    def __init__(self, path: Path) -> None:
        from engine.store.duck import Duck

        self.duck = Duck(2)
        self.duck.fit(1 << 30)
        self.duck.run(
            "CREATE VIEW events AS SELECT person, ts, CAST(ts AS DATE) AS day, event "
            f"FROM read_parquet('{path}')"
        )

    def rows(self, sql: str, params: Sequence[object] = ()) -> list[tuple[object, ...]]:
        """See `Tables`."""
        return self.duck.rows(sql, params)

    def frame(self, sql: str, params: Sequence[object] = ()) -> pl.DataFrame:
        """See `Tables`."""
        return self.duck.frame(sql, params)

    def relation(self, table: str, columns: Collection[str]) -> str:
        """See `Tables`."""
        return table

    def columns(self, table: str) -> Mapping[str, Kind]:
        """See `Tables`; nothing is derived here, so that the answer comes from the events."""
        from engine.errors import UnknownName

        if table != "events":
            raise UnknownName("table", table, ["events"])
        return {"ts": "time", "day": "date", "event": "text"}

    def version(self, tables: Collection[str], first: date | None = None, last: date | None = None) -> str:
        """See `Tables`."""
        return ""

    def newest(self, source: str | None = None, table: Table | None = None) -> datetime | None:
        """See `Tables`."""
        return None

    def days(self, tables: Collection[str]) -> tuple[date, date] | None:
        """See `Tables`."""
        return None


def workspace(exclude: bool) -> Workspace:
    """The funnel, with or without an exclusion."""
    exclusions = (Exclusion(("refund",), None, BETWEEN),) if exclude else ()
    steps = tuple(Step((name,)) for name in STEPS)
    return workspace_of(Funnel("buy", steps, window_us=WINDOW_US, exclude=exclusions))


def looptop(path: Path, exclude: bool = False) -> list[int]:
    """Persons per step, of the whole answer from the file."""
    from engine.funnels import answer
    from engine.questions import FunnelQuery

    found = answer(Held(path), workspace(exclude), FunnelQuery("buy"), datetime(2026, 11, 1))
    assert not found.checks
    return [step.persons for step in found.steps]


def chdb(path: Path, mode: str = "") -> list[int]:
    """Persons per step by ClickHouse's windowFunnel."""
    from chdb import query

    sql = _WINDOW_FUNNEL.format(
        window=WINDOW_US, mode=f", '{mode}'" if mode else "", path=path, names=_names(STEPS),
        steps=", ".join(f"event = '{name}'" for name in STEPS),
    )  # fmt: skip
    rows = [line.split(",") for line in str(query(sql, "CSV")).split()]
    return _reached({int(level): int(count) for level, count in rows})


def duckdb(path: Path) -> list[int]:
    """Persons per step by ASOF joins from every first step."""
    import duckdb as duck

    chain = [
        f"""c{k} AS (SELECT c.person, c.start, n.ts AS at FROM c{k - 1} c
            ASOF JOIN (FROM e WHERE event = '{name}') n ON n.person = c.person AND n.ts >= c.at
            WHERE n.ts <= c.start + INTERVAL 7 DAYS)"""
        for k, name in enumerate(STEPS[1:], 2)
    ]
    sql = _ASOF.format(
        path=path, names=_names(STEPS), first=STEPS[0], chain=", ".join(chain),
        levels=" UNION ALL ".join(f"SELECT person, {k} AS level FROM c{k}" for k in range(1, 6)),
    )  # fmt: skip
    connection = duck.connect()
    connection.execute("SET threads = 2")
    return _reached(dict(connection.execute(sql).fetchall()))


CONTESTANTS: dict[str, tuple[str, Callable[[Path], list[int]]]] = {
    "chdb": ("chdb windowFunnel", chdb),
    "once": ("chdb windowFunnel, strict_once", lambda path: chdb(path, "strict_once")),
    "duckdb": ("DuckDB, ASOF joins by hand", duckdb),
    "looptop": ("looptop", looptop),
    "excluding": ("looptop with an exclusion", lambda path: looptop(path, exclude=True)),
}


def _names(names: Sequence[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def _reached(levels: Mapping[int, int]) -> list[int]:
    return [sum(count for level, count in levels.items() if level >= k) for k in range(1, len(STEPS) + 1)]


def build(path: Path, events: int) -> None:
    """Write the file."""
    import duckdb as duck

    duck.sql(_ROWS.format(path=path, events=events, persons=events // 10))


def once(name: str, path: Path) -> dict[str, object]:
    """One contestant in this process: seconds, processor seconds, gigabytes, counts."""
    if name in ("chdb", "once"):
        find_spec("chdb") and __import__("chdb")
    else:
        __import__("polars")
        __import__("duckdb")
        __import__("engine.funnels")
    begun, spent = time.perf_counter(), time.process_time()
    counts = CONTESTANTS[name][1](path)
    seconds, processor = time.perf_counter() - begun, time.process_time() - spent
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / 1024
    return {"seconds": seconds, "processor": processor, "gigabytes": peak, "counts": counts}


def ask(name: str, path: Path) -> dict[str, object]:
    """The same in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.funnels", "--once", name, "--file", str(path)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stderr}")
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> int:
    """Measure in turns and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.funnels", description=__doc__)
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--once", choices=CONTESTANTS, help="one contestant in this process, as JSON")
    parser.add_argument("--file", type=Path, help="with --once: the file; else where it is kept")
    arguments = parser.parse_args()
    if arguments.once:
        print(json.dumps(once(arguments.once, arguments.file)))
        return 0
    names = [name for name in CONTESTANTS if name not in ("chdb", "once") or find_spec("chdb")]
    with tempfile.TemporaryDirectory(prefix="looptop-bench-") as folder:
        path = arguments.file or Path(folder, "events.parquet")
        if not path.exists():
            build(path, arguments.events)
        turns = [{name: ask(name, path) for name in names} for _ in range(arguments.turns)]
    show(names, turns, arguments.events)
    return 0


def show(names: Sequence[str], turns: Sequence[Mapping[str, Mapping[str, object]]], events: int) -> None:
    """Print the medians; say where two contestants do not count the same."""

    def middle(name: str, what: str) -> float:
        return median(float(str(turn[name][what])) for turn in turns)

    base = names[0]
    print(f"| {events:,} events, five steps | seconds | × | processor seconds | × | memory, GB |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for name in names:
        cells = [CONTESTANTS[name][0]]
        for what in ("seconds", "processor"):
            cells += [f"{middle(name, what):.2f}", f"{middle(name, what) / middle(base, what):.2f}"]
        print(f"| {' | '.join(cells)} | {middle(name, 'gigabytes'):.2f} |")
    counted = {str(turns[0][name]["counts"]) for name in names if name != "excluding"}
    print(f"counts: {', '.join(sorted(counted))}; with the exclusion: {turns[0]['excluding']['counts']}")
    if "chdb" not in names:
        print("chdb is not installed: nothing to compare with")


if __name__ == "__main__":
    sys.exit(main())

"""`python -m tests.bench.identity [--observations N]`: how long it takes to know who is who.

Prints seconds from nothing and for 10,000 new observations, loading the facts included, beside a plain
union-find without limits in the same run.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from engine.session import Session

MORE = 10_000
_ROWS = """
COPY (SELECT TIMESTAMP '2026-01-01' + to_seconds(hash(i, 's') % 8000000) AS ts,
             'o' || i AS obs_id,
             CASE WHEN hash(i, 'm') % 10 < 4 THEN 'm' || p END AS member_id,
             CASE WHEN hash(i, 'p') % 10 < 3 THEN '+86138' || lpad(p::VARCHAR, 8, '0') END AS phone,
             CASE WHEN hash(i, 'e') % 10 < 2 THEN 'u' || p || '@example.com' END AS email,
             'd' || p || '-' || (hash(i, 'd') % 2) AS device_id,
             'c' || p || '-' || (hash(i, 'c') % 4) AS cookie
      FROM (SELECT i, hash(i, 'person') % {persons} AS p FROM range({first}, {last}) t(i)))
TO '{path}' (FORMAT parquet)
"""
_TOML = """
[console]
clock = "data"
[[source]]
name = "seen"
files = ["*.parquet"]
table = "events"
event = "visit"
columns = { ts = "ts", event_id = "obs_id" }
"""
_KINDS = ("member_id", "phone", "email", "device_id", "cookie")


def write(path: Path, first: int, last: int, persons: int) -> None:
    """Observations of some persons: a device and a cookie in each, a member, phone or e-mail in some."""
    duckdb.sql(_ROWS.format(path=path, first=first, last=last, persons=persons))


def union_find(path: Path) -> float:
    """Seconds of a hand-written union-find over the same file: no limits, no order, nothing kept."""
    begun = time.perf_counter()
    root: dict[str, str] = {}

    def find(one: str) -> str:
        while root.setdefault(one, one) != one:
            root[one] = root[root[one]]
            one = root[one]
        return one

    columns = ", ".join(_KINDS)
    for row in duckdb.execute(f"SELECT {columns} FROM '{path}'").fetchall():
        hub, *others = (f"{kind}:{value}" for kind, value in zip(_KINDS, row, strict=True) if value)
        for other in others:
            root[find(other)] = find(hub)
    return time.perf_counter() - begun


def main() -> int:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.identity", description=__doc__)
    parser.add_argument("--observations", type=int, default=2_000_000)
    count = parser.parse_args().observations
    with tempfile.TemporaryDirectory(prefix="looptop-bench-") as folder:
        root = Path(folder, "data")
        root.mkdir()
        (root / "looptop.toml").write_text(_TOML, encoding="utf-8")
        write(root / "all.parquet", 0, count, count // 3)
        plain = union_find(root / "all.parquet")
        session = Session.open(
            root, state=Path(folder, "state"), clock=lambda: datetime.now(UTC).replace(tzinfo=None), key="key"
        )
        nothing = session.refresh().seconds["identity"]
        write(root / "more.parquet", count, count + MORE, count // 3)
        more = session.refresh("change").seconds["identity"]
        persons = session.status().persons
        session.close()
    print(f"| {count:,} observations, {persons:,} persons | seconds | × |")
    print("| --- | ---: | ---: |")
    print(f"| a plain union-find | {plain:.2f} | 1 |")
    print(f"| looptop from nothing | {nothing:.2f} | {nothing / plain:.2f} |")
    print(f"| looptop, {MORE:,} new ones | {more:.2f} | {more / plain:.3f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())

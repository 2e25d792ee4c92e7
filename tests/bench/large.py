"""`python -m tests.bench.large [--megabytes N] [--status] [--keep DIR]`: one large CSV, what memory it takes.

Prints MB at most and seconds of looptop's ingest (with `--status` also of the whole `looptop status`), beside
hand-written programs that read the same file in the same run: DuckDB and Polars, CSV to Parquet.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parents[2]
_ROWS = """
COPY (SELECT strftime(TIMESTAMP '2026-01-01' + to_seconds(i // 2), '%Y-%m-%d %H:%M:%S') AS ts,
             ['visit', 'view', 'view', 'search', 'add_to_cart', 'order'][1 + i % 6] AS event,
             md5((hash(i) % 1000000)::VARCHAR) AS cookie,
             'https://shop.example/item/' || (hash(i, 1) % 20000)::BIGINT AS page,
             ['baidu', 'douyin', 'google', 'direct'][1 + (hash(i, 2) % 4)::BIGINT] AS channel,
             'campaign ' || (hash(i, 3) % 40)::BIGINT AS campaign,
             ['ios', 'android', 'web'][1 + (hash(i, 4) % 3)::BIGINT] AS device,
             CASE WHEN i % 6 = 5 THEN printf('%.2f', (hash(i, 5) % 100000)::BIGINT / 100) END AS value,
             'https://www.example.org/search?q=' || (hash(i, 6) % 100000)::BIGINT AS referrer
      FROM range($rows) t(i)) TO '{path}' (HEADER)
"""
_BYTES = 155
"""Of a row, about."""

_DUCKDB = """
import duckdb, sys
duckdb.sql(f"COPY (FROM read_csv('{sys.argv[1]}')) TO '{sys.argv[2]}/duckdb.parquet'")
"""
_POLARS = """
import polars as pl, sys
pl.scan_csv(sys.argv[1], try_parse_dates=True).sink_parquet(f"{sys.argv[2]}/polars.parquet")
"""
_INGEST = """
import sys
from datetime import datetime
from pathlib import Path
from engine.ingest import scan, take_in
from engine.metrics import BUILTIN
from engine.workspace import load
root = Path(sys.argv[1]).parent
workspace = load(root, None, builtin=BUILTIN)
for found in scan(workspace):
    state = take_in(workspace, found, None, Path(sys.argv[2], "cache"), datetime(2026, 11, 22))
    assert state.rows == state.accepted and not state.error, state.error
"""
_TOML = '[[source]]\nname = "web"\nfiles = ["*.csv"]\ntable = "events"\n'


def build(root: Path, megabytes: int) -> Path:
    """A workspace with one CSV of web events of about that size."""
    root.mkdir(parents=True)
    (root / "looptop.toml").write_text(_TOML, "utf-8")
    path = root / "web.csv"
    sql = _ROWS.replace("{path}", str(path))
    duckdb.execute(sql, {"rows": megabytes * 1_000_000 // _BYTES})
    return path


def measure(words: list[str]) -> tuple[float, float]:
    """Seconds and MB at most of a process."""
    code = (
        "import json, resource, subprocess, sys\n"
        "done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)\n"
        "print(json.dumps([done.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024]))"
    )
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code, *words], cwd=ROOT, capture_output=True, text=True, check=True
    )
    failed, megabytes = json.loads(done.stdout)
    if failed:
        raise SystemExit(f"{words[1:3]} failed:\n{done.stderr}")
    return time.perf_counter() - began, megabytes


def main() -> int:
    """Build the file, measure each program, print a line for each."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.large", description=__doc__)
    parser.add_argument("--megabytes", type=int, default=2000)
    parser.add_argument("--status", action="store_true", help="the whole of `looptop status` too")
    parser.add_argument("--keep", type=Path, help="where the file is built; default a directory removed")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="looptop-large-", dir=arguments.keep) as folder:
        file = build(Path(folder, "data"), arguments.megabytes)
        print(f"one CSV of {file.stat().st_size / 1e6:,.0f} MB")
        programs = {
            "looptop ingest": [sys.executable, "-c", _INGEST, str(file), folder],
            "DuckDB script": [sys.executable, "-c", _DUCKDB, str(file), folder],
            "Polars script": [sys.executable, "-c", _POLARS, str(file), folder],
        }
        if arguments.status:
            state = str(Path(folder, "state"))
            asked = ["-m", "tui.cli", "status", str(file.parent), "--json", "--state", state]
            programs["looptop status"] = [sys.executable, *asked]
        for name, words in programs.items():
            seconds, megabytes = measure(words)
            print(f"{name}: {megabytes:,.0f} MB, {seconds:.1f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

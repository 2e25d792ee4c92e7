"""Runs `script.sql` over a shop in this process; prints seconds, peak memory and the panel's numbers."""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

import duckdb


def main(root: str) -> None:
    """In: the shop's directory. Out: one line of JSON on stdout."""
    text = (Path(__file__).parent / "script.sql").read_text("utf-8")
    began = time.perf_counter()
    connection = duckdb.connect()
    connection.execute("SET preserve_insertion_order = false")
    connection.execute("SET VARIABLE root = ?", [root])
    connection.execute(text)
    seconds = time.perf_counter() - began
    tiles = connection.execute(
        "SELECT orders, revenue, cost, visits, new_customers, uv FROM tiles"
    ).fetchone()
    numbers = dict(
        zip(
            ("orders", "revenue", "cost", "visits", "new_customers", "uv"),
            map(float, tiles or ()),
            strict=True,
        )
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / 1024
    print(json.dumps({"seconds": seconds, "gigabytes": peak, "numbers": numbers}))


if __name__ == "__main__":
    main(sys.argv[1])

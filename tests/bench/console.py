"""What the console does over a shop, in this process: to the first snapshot, then after each new file.

Prints one line of JSON. Files that come later are moved in from a directory beside the shop.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

from engine.questions import Snapshot, View
from engine.session import Session
from tui.opening import wall_clock

TILES = ("orders", "revenue", "cost", "visits", "new_customers", "uv")


def main(root: Path, state: Path, later: Path) -> None:
    """In: the shop, the state directory, and a directory of files that are to come (may be empty)."""
    began = time.perf_counter()
    session = Session.open(root, state=state, clock=wall_clock)
    session.refresh()
    snapshot = session.snapshot(View())
    first = time.perf_counter() - began
    session.settle()
    after = {}
    for path in sorted(later.glob("*.parquet")):
        path.rename(root / "events" / path.name)
        began = time.perf_counter()
        session.refresh()
        snapshot = session.snapshot(View())
        after[path.stem] = time.perf_counter() - began
        session.settle()
    numbers = tiles(session, snapshot)
    session.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / 1024
    print(json.dumps({"seconds": first, "gigabytes": peak, "after": after, "numbers": numbers}))


def tiles(session: Session, snapshot: Snapshot) -> dict[str, float | None]:
    """The numbers that the script prints too, over the snapshot's range."""
    from engine.questions import MetricQuery

    answer = session.metrics(MetricQuery(metrics=TILES, range=snapshot.range))
    return {row.metric: row.value for row in answer.rows}


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))

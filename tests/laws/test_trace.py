"""The law of a trace over real files: files and lines add up, and the watermark follows the data alone."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from engine.questions import FunnelQuery, Trace, TraceQuery
from engine.session import Session
from tests.effort import effort
from tests.laws.shop import Shop
from tests.laws.test_incremental_is_full import KIND, NAME, ROWS

WRITES = st.lists(st.tuples(KIND, NAME, ROWS), min_size=1, max_size=5)
METRICS = ("revenue", "orders", "cost", "visits", "uv", "buyers", "new_customers")


def follow(found: Trace, session: Session) -> None:
    """Sources, files and lines of one additive metric agree with each other and with `status`."""
    assert sum(line.value for line in found.lines if line.value is not None) == (found.value or 0)
    held = {source.name: source for source in session.status().sources}
    counted = {
        (hop.name, file.file): file.counted for hop in found.hops for file in hop.files if file.counted
    }
    lines: dict[tuple[str, str], int] = {}
    for line in found.lines:
        lines[line.source, line.file] = lines.get((line.source, line.file), 0) + 1
    assert counted == lines
    for hop in found.hops:
        if hop.kind == "source":
            assert hop.before == held[hop.name].rows == (hop.rows or 0) + sum(one.rows for one in hop.removed)


@pytest.mark.slow
@settings(
    max_examples=effort(2), deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate]
)
@given(WRITES)
def test_files_and_lines_add_up_whatever_was_written(
    writes: list[tuple[str, str, list[tuple[int, int, int, int]]]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shop = Shop(Path(folder) / "shop")
        for kind, name, rows in writes:
            shop.write(name, kind, rows, append=True)
            shop.session.refresh()
        for metric in METRICS:
            follow(shop.session.trace(TraceQuery(metric, limit=None)), shop.session)
        steps = shop.session.funnel(FunnelQuery("buy")).steps
        for step in steps:
            found = shop.session.trace(TraceQuery("funnel:buy", step=step.step, limit=None))
            assert sum(line.value for line in found.lines if line.value is not None) == step.persons
        afresh = shop.opened("another state")
        afresh.refresh()
        assert afresh.watermark == shop.session.watermark
        afresh.close()
        shop.session.close()


def test_the_watermark_changes_with_the_data_and_the_hash_with_the_definition(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop")
    shop.write("a", "orders", [(3, 1, 0, 3)])
    shop.session.refresh()
    before = shop.session.trace(TraceQuery("revenue"))
    shop.write("a", "orders", [(4, 1, 0, 4)], append=True)
    shop.session.refresh()
    after = shop.session.trace(TraceQuery("revenue"))
    assert before.watermark != after.watermark
    assert before.definition_hash == after.definition_hash
    path = shop.root / "looptop.toml"
    text = '\n[metric.net_revenue]\nkind = "derived"\nexpr = "refunds - revenue"\n'
    roi = shop.session.trace(TraceQuery("roi")).definition_hash
    path.write_text(path.read_text("utf-8") + text, "utf-8")
    shop.stamp(path)
    shop.session.refresh("config")
    assert shop.session.trace(TraceQuery("roi")).definition_hash != roi
    assert shop.session.trace(TraceQuery("revenue")).definition_hash == before.definition_hash
    assert shop.session.trace(TraceQuery("revenue")).watermark == after.watermark
    shop.session.close()

"""The worked examples of root causes, where they are present: each as a workspace of files."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import pytest

from engine.questions import WhyAnswer, WhyQuery
from engine.session import Session
from tests import material

VECTORS = material.VECTORS / "rootcause.json"
CASES: list[dict[str, Any]] = json.loads(VECTORS.read_text("utf-8"))["cases"] if VECTORS.exists() else []

pytestmark = pytest.mark.skipif(not CASES, reason="the worked examples are not here")

Row = Mapping[str, object]
BASE, NOW = "2026-03-02", "2026-03-03"
SUM = '[metric.{0}]\ntable = "spend"\nagg = "sum"\ncolumn = "{1}"\nunit = "count"\n'
RATIO = '[metric.{0}]\nkind = "ratio"\nnum = "{1}"\nden = "{2}"\nmin_den = 0\n'
HEAD = """
[console]
timezone = "UTC"
clock = "data"
language = "en"
[[source]]
name = "ticks"
files = ["ticks/*.csv"]
table = "events"
event = "tick"
columns = {{ ts = "ts" }}
[[source]]
name = "media"
files = ["media.csv"]
table = "spend"
columns = {{ ts = "day", {0} }}
"""


@contextmanager
def session(folder: Path, rows: list[Row], metrics: str) -> Iterator[Session]:
    """A workspace with these rows of spend, and a clock at the end of the second day."""
    columns = list(rows[0])
    named = ", ".join(f'{name} = "{name}"' for name in columns if name != "day")
    (folder / "ticks").mkdir(parents=True)
    (folder / "ticks" / "1.csv").write_text("ts\n2026-03-04T00:00:00\n")
    with (folder / "media.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    (folder / "looptop.toml").write_text(HEAD.format(named) + metrics)
    found = Session.open(folder, state=folder.parent / f"state-{folder.name}", clock=_clock, key="key")
    try:
        found.refresh()
        yield found
    finally:
        found.close()


def _clock() -> datetime:
    return datetime(2026, 11, 1)


def ask(folder: Path, rows: list[Row], metrics: str, **more: Any) -> WhyAnswer:
    """The answer of `why x --period 2026-03-03 --compare previous`."""
    with session(folder, rows, metrics) as held:
        return held.why(WhyQuery("x", NOW, compare="previous", **more))


def near(value: float | None) -> Any:
    return pytest.approx(value, rel=1e-4, abs=1e-6)


def member(answer: WhyAnswer, each: Iterable[tuple[str, str | None]]) -> str | None:
    ((_, value),) = each
    return value


def _leaves(case: Mapping[str, Any]) -> list[Row]:
    days = ((BASE, "expected"), (NOW, "actual"))
    return [
        {"day": day, **{dim: leaf[dim] for dim in case["dims"]}, "conversions": leaf[key]}
        for day, key in days
        for leaf in case["leaves"]
    ]


def check_leaves(case: Mapping[str, Any], folder: Path) -> None:
    """R1, R6 and their like: a sum over dimensions."""
    answer = ask(folder, _leaves(case), SUM.format("x", "conversions"), by=tuple(case["dims"]))
    want = case["expect"]
    if "total_change" in want:
        assert answer.total_change == near(want["total_change"])
    if "share" in want:
        shares = {member(answer, each.member): each.share for each in answer.members}
        assert shares == {name: near(value) for name, value in want["share"].items()}
        assert sum(cast(float, share) for share in shares.values()) == near(want["shares_sum"])
    if "ranked_first" in want:
        assert dict(answer.causes[0].element) == want["ranked_first"][0]
    if isinstance(want["causes"], int):
        assert len(answer.causes) == want["causes"]
        return
    assert [dict(cause.element) for cause in answer.causes] == [each["element"] for each in want["causes"]]
    for cause, each in zip(answer.causes, want["causes"], strict=True):
        for key, name in (("delta", "effect"), ("share", "share"), ("ratio", "ratio"), ("llr", "llr")):
            if key in each:
                assert getattr(cause, name) == near(each[key])


def check_rows(case: Mapping[str, Any], folder: Path) -> None:
    """R2, R3: a ratio over channels."""
    rows: list[Row] = [
        {
            "day": day,
            "channel": each["member"],
            "clicks": each[f"den_{period}"],
            "conversions": each[f"num_{period}"],
        }
        for day, period in ((BASE, "base"), (NOW, "now"))
        for each in case["rows"]
    ]
    metrics = SUM.format("n", "conversions") + SUM.format("d", "clicks") + RATIO.format("x", "n", "d")
    answer, want = ask(folder, rows, metrics, by=("channel",)), case["expect"]
    assert (answer.base, answer.now) == (near(want["rate_base"]), near(want["rate_now"]))
    assert answer.total_change == near(want["change"])
    found = {member(answer, each.member): each for each in answer.members}
    for each in want["effects"]:
        one = found[each["member"]]
        assert (one.rate_effect, one.mix_effect) == (near(each["rate_effect"]), near(each["mix_effect"]))
    for key, name in (("rate_effect_total", "rate_effect"), ("mix_effect_total", "mix_effect")):
        if key in want:
            assert sum(getattr(one, name) for one in answer.members) == near(want[key])
    assert sum(one.effect for one in answer.members) == near(want["change"])
    if "ranked_first" in want:
        assert dict(answer.causes[0].element) == want["ranked_first"][0]
    if "verdict" in want:
        assert answer.verdict == want["verdict"].split(":")[0]
        assert want["verdict"].split()[-1] in answer.sentence
    for word in want.get("sentence_must_name", ()):
        assert word in answer.sentence


TREE = (
    SUM.format("x", "conversions") + 'drives = ["impressions", "ctr", "cvr"]\n'
    + SUM.format("impressions", "impressions") + SUM.format("clicks", "clicks")
    + RATIO.format("ctr", "clicks", "impressions") + RATIO.format("cvr", "x", "clicks")
)  # fmt: skip


def _media(day: str, dims: Row, impressions: float, ctr: float, cvr: float) -> Row:
    clicks = round(impressions * ctr, 6)
    conversions = round(clicks * cvr, 6)
    return {"day": day, **dims, "impressions": impressions, "clicks": clicks, "conversions": conversions}


def check_chain(case: Mapping[str, Any], folder: Path) -> None:
    """R4: a product of three."""
    rows = [_media(day, {}, **case[period]) for day, period in ((BASE, "base"), (NOW, "now"))]
    want = case["expect"]
    with session(folder, rows, TREE) as held:
        for method in ("lmdi", "shapley"):
            answer = held.why(WhyQuery("x", NOW, method=method))
            assert answer.tree_method == method
            assert answer.total_change == near(want["change"])
            assert answer.tree == {name: pytest.approx(each, rel=1e-6) for name, each in want[method].items()}
            assert max(answer.tree, key=lambda name: abs(answer.tree[name])) == want["ranked_first"]


def check_cells(case: Mapping[str, Any], folder: Path) -> None:
    """R5: the same product by channel and creative."""
    parts = ("impressions", "ctr", "cvr")
    rows = [
        _media(
            day, {dim: leaf[dim] for dim in ("channel", "creative")},
            **{part: leaf[f"{part}_{period}"] for part in parts},
        )
        for day, period in ((BASE, "base"), (NOW, "now"))
        for leaf in case["leaves"]
    ]  # fmt: skip
    answer, want = ask(folder, rows, TREE, by=("channel", "creative"), method="lmdi"), case["expect"]
    assert (answer.base, answer.now) == (near(want["conversions_base"]), near(want["conversions_now"]))
    assert answer.total_change == near(want["change"])
    top, cause = want["top_cell"], answer.causes[0]
    assert dict(cause.element) == {"channel": top["channel"], "creative": top["creative"]}
    assert (cause.factor, cause.factor_effect) == (top["factor"], near(top["effect"]))
    assert cast(float, cause.factor_effect) / cast(float, answer.total_change) == near(want["top_cell_share"])
    assert sum(each.effect for each in answer.members) == near(want["change"])
    for word in want["sentence_must_name"]:
        assert word in answer.sentence


def check(case: Mapping[str, Any], folder: Path) -> None:
    """Raises AssertionError where an answer is not the example's."""
    if "rows" in case:
        check_rows(case, folder)
    elif "base" in case:
        check_chain(case, folder)
    elif "expected" in case["leaves"][0]:
        check_leaves(case, folder)
    else:
        check_cells(case, folder)


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_a_worked_example_holds(case: Mapping[str, Any], tmp_path: Path) -> None:
    check(case, tmp_path / case["id"])

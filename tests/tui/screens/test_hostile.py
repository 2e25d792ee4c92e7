"""Names that try to move, colour or hide something are harmless and aligned wherever they are shown."""

from __future__ import annotations

import csv
import unicodedata
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import pytest
from rich.cells import cell_len

from engine.questions import (
    BacktestAnswer,
    BacktestQuery,
    BandAnswer,
    BandQuery,
    Conflict,
    FunnelAnswer,
    FunnelQuery,
    IncidentAnswer,
    IncidentQuery,
    MetricAnswer,
    MetricQuery,
    PersonAnswer,
    QualityAnswer,
    Reject,
    ReviewAnswer,
    RowsAnswer,
    RulesAnswer,
    Snapshot,
    Transition,
    View,
)
from tests.tui.fake_session import FakeSession
from tests.tui.screens.console import console, press, shown
from tui.app import Looptop

pytestmark = pytest.mark.slow

T = TypeVar("T")
NASTY = "\x1b]0;x\x07\x1b[2J[/red][bold]\t\r\n\x00\u202e\u200b\u0301\u0301\u0301宽👨\u200d👩\ufe0f\x9b31m"
POISONED = frozenset(
    [
        "member",
        "label",
        "name",
        "file",
        "source",
        "owner",
        "rule",
        "title",
        "value",
        "reason",
        "text",
        "column",
        "labels",
        "sop",
        "sentence",
        "acked_by",
        "note",
        "by",
        "channel",
        "campaign",
        "page",
        "why_not",
        "event",
        "who",
        "detail",
        "layout",
        "encoding",
        "currency",
        "identifiers",
        "rows",
        "groups",
        "movers",
        "says",
        "was",
        "now",
        "target",
        "identifier",
        "beside",
        "aliases",
        "shared",
        "canonical",
        "a",
        "b",
        "unreadable",
        "evidence",
        "mapping",
        "when",
        "levels",
        "word",
        "to",
        "load",
        "change",
        "other",
        "digest",
        "edited",
        "element",
        "sentences",
        "unknown",
        "nearest",
        "version",
        "sources",
    ]
)
SPARED = frozenset(["metric", "state", "kind", "severity", "unit", "good", "id", "episode", "person"])


def poisoned(thing: T, field: str = "") -> T:
    """The same with nasty text behind every name."""
    found: Any = thing
    if isinstance(found, str):
        return found + NASTY if field in POISONED else found  # type: ignore[return-value]
    if isinstance(found, tuple):
        return tuple(poisoned(one, field) for one in found)  # type: ignore[return-value]
    if isinstance(found, dict):
        return {key: poisoned(value, field) for key, value in found.items()}  # type: ignore[return-value]
    if is_dataclass(found) and not isinstance(found, type) and not isinstance(found, View):
        names = [each.name for each in fields(found) if each.name not in SPARED]
        changed: Any = replace(found, **{name: poisoned(getattr(found, name), name) for name in names})
        return changed  # type: ignore[no-any-return]
    return thing


class Hostile(FakeSession):
    """Answers of the plates, every name of which is nasty."""

    def snapshot(self, view: View) -> Snapshot:
        return poisoned(super().snapshot(view))

    def metrics(self, query: MetricQuery) -> MetricAnswer:
        answer = super().metrics(query)
        rows = tuple(
            replace(row, by=tuple((n, v + NASTY if v else v) for n, v in row.by)) for row in answer.rows
        )
        return replace(answer, rows=rows)

    def funnel(self, query: FunnelQuery) -> FunnelAnswer:
        answer = super().funnel(query)
        return replace(poisoned(answer), funnel=answer.funnel)

    def rows(self, *args: Any, **options: Any) -> RowsAnswer:
        answer = super().rows(*args, **options)
        return replace(answer, rows=poisoned(answer.rows, "rows"))

    def person(self, name: str, reveal: bool = False) -> PersonAnswer:
        return poisoned(super().person(name, reveal))

    def rejects(self, source: str | None = None, file: str | None = None) -> tuple[Reject, ...]:
        return poisoned(super().rejects(None, None), "reason")

    def quality(self, source: str | None = None, column: str | None = None) -> QualityAnswer:
        return poisoned(super().quality(source, column))

    def conflicts(self) -> tuple[Conflict, ...]:
        return tuple(replace(each, a=each.a + NASTY, b=each.b + NASTY) for each in super().conflicts())

    def history(self) -> tuple[Transition, ...]:
        return tuple(replace(each, rule=each.rule + NASTY) for each in super().history())

    def incident(self, query: IncidentQuery) -> IncidentAnswer:
        return poisoned(super().incident(query))

    def rules(self) -> RulesAnswer:
        return poisoned(super().rules())

    def review(self, propose: bool = True) -> ReviewAnswer:
        return poisoned(super().review(propose))

    def backtest(self, query: BacktestQuery) -> BacktestAnswer:
        return poisoned(super().backtest(query))

    def band(self, query: BandQuery) -> BandAnswer:
        return poisoned(super().band(query))


WAYS = (
    ("1",), ("enter",), ("enter",), ("enter",), ("enter",), ("enter",), ("i",), ("escape",), ("d",),
    ("escape",), ("2",), ("enter",), ("enter",), ("enter",), ("tab",), ("G",),
    ("=",), ("escape",), ("5",), ("o",), ("escape",), ("x",), ("escape",), ("Z",), ("escape",), ("R",),
    ("escape",), ("B",), ("l",), ("escape",), ("U",), ("G",), ("Q",), ("escape",), ("V",), ("tab",),
    ("tab",), ("tab",), ("enter",), ("escape",), ("escape",), ("enter",),
    ("7",), ("tab",), ("enter",), ("escape",), ("tab",), ("enter",),
    ("tab",), ("enter",), ("escape",), ("tab",), ("enter",), ("?",),
    ("escape",), ("z",), ("z",), ("c",), ("escape",), ("f",), ("escape",), (":", *"metrics "), ("escape",),
    ("w",),
)  # fmt: skip


def faults(app: Looptop) -> list[str]:
    """Lines that are too wide, and signs a terminal would obey."""
    width = app.size.width
    found = [text for text in shown(app).split("\n") if cell_len(text) > width]
    obeyed = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
    bad = {sign for sign in shown(app) if sign != "\n" and unicodedata.category(sign) in obeyed}
    return found + sorted(map(repr, bad))


@pytest.mark.parametrize("size", [(120, 36)], ids=lambda s: f"{s[0]}x{s[1]}")
async def test_nasty_names_are_harmless_on_every_screen(size: tuple[int, int]) -> None:
    async with console(size, session=Hostile()) as (app, pilot):
        assert "Douyin␛" in shown(app)
        assert faults(app) == []
        for keys in WAYS:
            await press(app, pilot, *keys)
            assert faults(app) == [], keys


async def test_a_frame_around_nasty_names_stands_straight() -> None:
    async with console((120, 36), session=Hostile()) as (app, pilot):
        for keys in (("1",), ("2",), ("7",)):
            await press(app, pilot, *keys)
            rows = [row for row in shown(app).split("\n") if row.startswith(("│", "╭", "╰"))]
            assert {cell_len(row.rstrip()) for row in rows} == {120}


async def test_copies_and_exports_of_nasty_names_hold_no_escapes_and_no_formulas(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("TMUX", raising=False)
    async with console(session=Hostile()) as (app, pilot):
        await press(app, pilot, "Y", "e")
    texts = [path.read_text("utf-8") for path in tmp_path.rglob("*") if path.is_file()]
    assert len(texts) == 2
    assert not [c for text in texts for c in text if unicodedata.category(c) == "Cc" and c not in "\n\t\r"]
    for path in tmp_path.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            assert not [cell for row in csv.reader(file) for cell in row if cell.startswith(("=", "+", "@"))]

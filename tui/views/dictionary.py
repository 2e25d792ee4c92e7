"""The dictionary as a tree: levels, their metrics, and below each what it is made of."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.questions import MetricAnswer, MetricRow
from tui import format as fmt
from tui.asking import DictionaryAsk
from tui.rows import MemoryRows
from tui.view import Cell, Column, Row, TableView
from tui.views.metrics import asked, dictionary, moved
from tui.views.scene import Scene, words_of

if TYPE_CHECKING:
    from engine.metrics import Entry
    from engine.questions import Tile

LEVELS = ("strategy", "tactic", "execution", "yours")
LEVEL = "level "
BELOW = "\x1f"
"""Parts the names of a row's id: the metric, before it those that it is below of."""
OPEN, SHUT, LEAF = "▾ ", "▸ ", "  "


def name_of(row_id: str) -> str:
    """The metric of a row; empty for a level."""
    return "" if row_id.startswith(LEVEL) else row_id.rpartition(BELOW)[2]


def level_of(entry: Entry) -> str:
    """The level that a metric stands under."""
    return entry.level if entry.builtin or entry.level in LEVELS else "yours"


@dataclass(frozen=True, slots=True)
class _Tree:
    """What the rows are made from; `turned`: ids of the nodes that are not as they begin."""

    scene: Scene
    entries: Mapping[str, Entry]
    values: Mapping[str, MetricRow]
    tiles: Mapping[str, Tile]
    turned: Collection[str]

    def is_open(self, row_id: str) -> bool:
        """Levels begin open, metrics shut."""
        return row_id.startswith(LEVEL) != (row_id in self.turned)

    def below(self, entry: Entry, path: tuple[str, ...]) -> list[Entry]:
        """The metrics it is made of or that drive it, without those it stands below of."""
        return [self.entries[name] for name in entry.drives if name in self.entries and name not in path]


def listing(scene: Scene, turned: Collection[str] = ()) -> TableView:
    """Metrics by level with value and change."""
    found = asked(scene)
    answer = scene.got(found.all, MetricAnswer) if found and found.all else None
    tiles = {tile.metric: tile for tile in (scene.snapshot.tiles if scene.snapshot else ())}
    entries = dictionary(scene)
    tree = _Tree(
        scene,
        {entry.name: entry for entry in entries},
        {row.metric: row for row in (answer.rows if answer else ())},
        tiles,
        turned,
    )
    rows: list[Row] = []
    for level in LEVELS:
        mine = [entry for entry in entries if level_of(entry) == level]
        if mine:
            rows += _level(tree, level, mine)
    columns = (
        Column("metric", scene.say("head.metric"), "left"),
        Column("value", scene.say("head.value")),
        Column("change", scene.say("head.change")),
    )
    return TableView(
        columns,
        MemoryRows(rows),
        title=scene.say("panel.metrics"),
        unit=str(len(entries) or ""),
        empty=scene.failure(DictionaryAsk()) or scene.say("empty.computing"),
        underline=True,
    )


def _level(tree: _Tree, level: str, mine: list[Entry]) -> list[Row]:
    row_id, order = LEVEL + level, list(tree.tiles)
    shown = tree.is_open(row_id)
    title = f"{OPEN if shown else SHUT}{tree.scene.say(f'level.{level}')}"
    title += "" if shown else f" ({len(mine)})"
    rows = [Row(row_id, (Cell(title, tone="ink-strong"),), heading=True)]
    if shown:
        for entry in sorted(mine, key=lambda e: order.index(e.name) if e.name in order else len(order)):
            rows += _metric(tree, entry, (entry.name,))
    return rows


def _metric(tree: _Tree, entry: Entry, path: tuple[str, ...]) -> list[Row]:
    """A metric, and below it what it is made of where it is open."""
    row_id = BELOW.join(path)
    below = tree.below(entry, path)
    sign = LEAF if not below else OPEN if tree.is_open(row_id) else SHUT
    row, tile = tree.values.get(entry.name), tree.tiles.get(entry.name)
    doubt = "?" if row is not None and row.stale else ""
    value = fmt.value_of(row.value, entry.unit, tree.scene.lang) + doubt if row else "…"
    beyond = tile is not None and tile.worse_beyond_noise
    rows = [
        Row(
            row_id,
            (
                Cell("  " * (len(path) - 1) + sign + words_of(entry.label, tree.scene.lang, entry.name)),
                Cell(value, row.value if row else None, kind="number"),
                moved(row, entry, tree.scene, beyond),
            ),
        )
    ]
    if sign == OPEN:
        for each in below:
            rows += _metric(tree, each, (*path, each.name))
    return rows


def state_of(row: Row) -> tuple[bool, bool]:
    """Whether a node is open, and whether it can be."""
    text = row.cells[0].text.lstrip() if row.cells else ""
    return text.startswith(OPEN.strip()), text.startswith((OPEN.strip(), SHUT.strip()))


def parent_of(scene: Scene, row_id: str) -> str:
    """The id of the node that a metric stands below."""
    above = row_id.rpartition(BELOW)[0]
    entry = next((each for each in dictionary(scene) if each.name == row_id), None)
    return above or (LEVEL + level_of(entry) if entry else "")

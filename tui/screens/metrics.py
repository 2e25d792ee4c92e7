"""Metrics: the dictionary, one metric by its dimensions and over time, down to the line of a file."""

from __future__ import annotations

from collections.abc import Iterable

from textual.containers import Container
from textual.widget import Widget

from tui.asking import Ask, DictionaryAsk
from tui.overlays import opening
from tui.place import GRAINS, Place
from tui.screens.page import Page
from tui.view import Row
from tui.views import definition, dictionary, going, leaderboard, metric, metrics, pivot, regions, tracing
from tui.views.metrics import Key, dimensions_of, key_from
from tui.views.scene import Scene
from tui.views.tracing import Number
from tui.widgets.table import TableWidget
from tui.widgets.text import TextWidget
from tui.widgets.trend import TrendWidget

COLUMN, COLUMN_WIDE = 38, 48
"""Cells of the column of the dictionary, as the style sheet has it."""


class MetricsPage(Page):
    """Dictionary at the left; trend or map, and table, at the right."""

    SCOPE = "metrics"
    START = "members"
    GROUPS = (
        ("members", "panel.metrics"),
        ("dictionary", "head.metric"),
        ("metric-trend", "head.trend_short"),
        ("definition", "page.definition"),
    )
    ABLE = frozenset([
        "explain.open", "lineage.open", "grain.finer", "grain.coarser", "object.pick", "dimension.second",
        "heat.hours", "heat.regions", "nav.in", "options.open",
    ])  # fmt: skip

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.toggled: frozenset[str] = frozenset()
        """Nodes of the tree that are not open or shut as they begin."""

    def compose(self) -> Iterable[Widget]:
        """List and detail."""
        with Container(classes="beside"):
            with Container(classes="column", id="dictionary-column"):
                yield TableWidget(id="dictionary")
                yield TextWidget(id="definition")
            with Container(classes="column", id="metric-column"):
                yield TrendWidget(id="metric-trend")
                yield TextWidget(id="metric-map")
                yield TableWidget(id="members")

    def able(self) -> frozenset[str]:
        """What cells show can be chosen where they are coloured."""
        place = self.scene.place if self.scene else None
        coloured = place is not None and (place.second or place.heat)
        return super().able() | (frozenset(["pivot.measure"]) if coloured else frozenset())

    def asks(self, scene: Scene) -> tuple[Ask, ...]:
        """Dictionary, table, trend, and what the entry in sight needs."""
        found = metrics.asked(scene)
        if found is None:
            return ()
        return (DictionaryAsk(), *found.every, *definition.asks(scene, self._read(scene)))

    def show(self, scene: Scene) -> None:
        """All panels."""
        self.set_class(scene.size.narrow and metrics.lists(scene) and not scene.size.tiny, "-list")
        listed = self.query_one("#dictionary", TableWidget)
        listed.update(dictionary.listing(scene, self.toggled))
        self._define(scene)
        self.query_one("#metric-trend", TrendWidget).update(metric.trend(scene))
        mapped = regions.view(scene, self.console.glyphs)
        self.set_class(mapped is not None, "-mapped")
        if mapped is not None:
            self.query_one("#metric-map", TextWidget).update(mapped)
        members = self.query_one("#members", TableWidget)
        if len(dimensions_of(scene.place)) > 1:
            members.update(pivot.table(scene, self._room(scene)))
        else:
            members.update(leaderboard.table(scene))
        self._cell()
        self._follow(scene, listed)

    def _room(self, scene: Scene) -> int:
        """Cells inside the table's frame."""
        if self.single or scene.size.narrow:
            return scene.size.width - 2
        return scene.size.width - (COLUMN_WIDE if scene.size.wide else COLUMN) - 2

    def _follow(self, scene: Scene, listed: TableWidget) -> None:
        """The cursor of the dictionary stands on the metric that is shown, unless a person is in it."""
        current, wanted = listed.current, metrics.metric_of(scene)
        if (current is None or dictionary.name_of(current.id) != wanted) and not listed.has_focus:
            at = listed.rows.place(wanted)
            if at is not None:
                listed.model.move_to(at)
                listed.repaint()

    def _read(self, scene: Scene) -> str:
        """The metric whose entry is read: under the cursor of the dictionary while a person is in it."""
        listed = self.query_one("#dictionary", TableWidget)
        inside = listed.has_focus or self.query_one("#definition").has_focus
        row = listed.current if inside else None
        return (dictionary.name_of(row.id) if row else "") or metrics.metric_of(scene)

    def _define(self, scene: Scene) -> None:
        size = scene.size
        width = size.width if size.narrow or self.single else COLUMN_WIDE if size.wide else COLUMN
        name = self._read(scene)
        self.query_one("#definition", TextWidget).update(definition.definition(scene, name, width))

    def _cell(self) -> None:
        """The cell under the cursor of a pivot stands in words at the right of its title."""
        members = self.query_one("#members", TableWidget)
        if self.scene is None or members.view is None:
            return
        cell = members.view.by_cell
        text = pivot.said(self.scene, members.current, members.model.chosen) if cell else ""
        members.caption(right=text or members.view.unit)

    def on_table_widget_moved(self, event: TableWidget.Moved) -> None:
        """Another metric is read, another cell is said."""
        if event.table.id == "dictionary":
            self._reads()
        elif event.table.id == "members":
            self._cell()

    def on_descendant_focus(self) -> None:
        """In the dictionary the entry is that of the metric under its cursor."""
        self._reads()

    def _reads(self) -> None:
        scene, snapshot = self.scene, self.console.snapshot
        if scene is not None and snapshot is not None:
            self.console.ask(definition.asks(scene, self._read(scene)), snapshot.version)
            self._define(scene)

    # Keys

    def act(self, action: str) -> bool:
        """Grain, second dimension, heat maps; in the dictionary left and right shut and open."""
        if action in ("grain.finer", "grain.coarser"):
            at = GRAINS.index(self.console.stacks.here.grain) + (-1 if action == "grain.finer" else 1)
            self._change(grain=GRAINS[min(max(0, at), len(GRAINS) - 1)])
        elif action == "dimension.second":
            opening.second_pick(self.console)
        elif action == "options.open":
            opening.build(self.console)
        elif action == "heat.hours":
            on = not pivot.is_hours(self.console.scene())
            first, second = pivot.HOURS if on else ("", "")
            self._change(by=first, second=second, heat=on, measure="value")
        elif action == "heat.regions":
            on = not regions.is_regions(self.console.stacks.here)
            self._change(by=regions.BY if on else "", second="", heat=on, measure="value")
        elif action == "pivot.measure" and action in self.able():
            self._change(measure="value" if self.console.stacks.here.measure == "change" else "change")
        elif not self._fold(action):
            return super().act(action)
        return True

    def _change(self, **values: object) -> None:
        """The same place, seen otherwise; its table begins anew where its columns are others."""
        opening.into(self.console)
        before = self.console.stacks.here
        self.console.stacks.change(**values)
        here = self.console.stacks.here
        if (before.by, before.second) != (here.by, here.second):
            opening.anew(self.console)
        else:
            self.console.draw()

    def _fold(self, action: str) -> bool:
        """Open or shut the node under the cursor of the dictionary; left of a shut one goes to its parent."""
        listed = self.query_one("#dictionary", TableWidget)
        row = listed.current
        if not listed.has_focus or row is None or self.scene is None:
            return False
        if action == "nav.in" and not row.heading:
            return False
        wanted = {"cursor.right": True, "cursor.left": False}.get(action)
        if wanted is None and action != "nav.in":
            return False
        is_open, can = dictionary.state_of(row)
        if can and wanted in (None, not is_open):
            self.toggled = self.toggled ^ {row.id}
            listed.update(dictionary.listing(self.scene, self.toggled))
            listed.model.rearranged()
            listed.repaint()
        elif wanted is False:
            at = listed.rows.place(dictionary.parent_of(self.scene, row.id))
            if at is not None:
                listed.move_to(at)
        return True

    # What is meant

    def meant(self) -> str:
        """The metric whose entry is read."""
        return self._read(self.scene) if self.scene is not None else ""

    def definition(self) -> str:
        """Formula and hash; of the dictionary those of every metric in it."""
        if self.scene is None:
            return ""
        listed = self.table is not None and self.table.id == "dictionary"
        names = [entry.name for entry in metrics.dictionary(self.scene)] if listed else []
        return tracing.definitions(self.scene, *(names or [metrics.metric_of(self.scene)]))

    def number(self) -> Number | None:
        """The value under the cursor: a metric of the dictionary, a member, a period, a cell."""
        scene, table = self.scene, self.table
        if scene is None:
            return None
        row = table.current if table is not None else None
        if table is None or row is None or row.heading:
            return tracing.of_metric(scene, metrics.metric_of(scene), scene.place.path)
        if table.id == "dictionary":
            return tracing.of_metric(scene, dictionary.name_of(row.id))
        return tracing.of_members(scene, self._keys(table, row))

    def _keys(self, table: TableWidget, row: Row) -> tuple[tuple[str, Key], ...]:
        """The members that a row, in a pivot a cell, stands for."""
        dims = dimensions_of(self.console.stacks.here)
        keys: tuple[tuple[str, Key], ...] = ((dims[0], key_from(row.id)),)
        column = table.model.chosen
        if len(dims) > 1 and column not in ("", "member", pivot.TOTAL):
            keys = (*keys, (dims[1], key_from(column)))
        return keys

    def on_table_widget_entered(self, event: TableWidget.Entered) -> None:
        """A metric is chosen; a member or a cell is gone into; at last come its rows."""
        scene, stacks = self.scene, self.console.stacks
        if scene is None:
            return
        if event.row.id == metrics.OTHER:
            self.console.frame.say(scene.say("metrics.others_hint"))
            self.console.draw()
            return
        if event.table.id != "dictionary":
            self.console.enter(going.down(scene, self._keys(event.table, event.row)))
            return
        place = Place("metrics", metric=dictionary.name_of(event.row.id))
        if len(stacks.stack) == 1 and not stacks.here.metric:
            self.console.enter(place)
        else:
            self.console.jump(3, place)

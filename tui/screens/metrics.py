"""Metrics: the dictionary, down to the line of a file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from textual.containers import Container
from textual.widget import Widget

from tui.asking import Ask, DictionaryAsk
from tui.place import GRAINS, Place
from tui.screens.page import Page
from tui.views import metric, metrics, tracing
from tui.views.crumbs import next_dimension
from tui.views.scene import Scene
from tui.views.tracing import Number
from tui.widgets.table import TableWidget
from tui.widgets.text import TextWidget
from tui.widgets.trend import TrendWidget


class MetricsPage(Page):
    """Dictionary at the left; trend and table at the right."""

    SCOPE = "metrics"
    START = "members"
    GROUPS = (
        ("members", "panel.metrics"),
        ("dictionary", "head.metric"),
        ("metric-trend", "head.trend_short"),
    )
    ABLE = frozenset(["lineage.open", "grain.finer", "grain.coarser", "object.pick"])

    def compose(self) -> Iterable[Widget]:
        """List and detail."""
        with Container(classes="beside"):
            with Container(classes="column", id="dictionary-column"):
                yield TableWidget(id="dictionary")
                yield TextWidget(id="definition", focusable=False)
            with Container(classes="column", id="metric-column"):
                yield TrendWidget(id="metric-trend")
                yield TableWidget(id="members")

    def asks(self, scene: Scene) -> tuple[Ask, ...]:
        """Dictionary, list, table, trend."""
        found = metrics.asked(scene)
        if found is None:
            return ()
        wanted = (found.by, found.total, found.trend, found.spark, found.all)
        return (DictionaryAsk(), *(each for each in wanted if each is not None))

    def show(self, scene: Scene) -> None:
        """All panels."""
        self.set_class(scene.size.narrow and metrics.lists(scene) and not scene.size.tiny, "-list")
        listed = self.query_one("#dictionary", TableWidget)
        listed.update(metrics.listing(scene))
        definition = self.query_one("#definition", TextWidget)
        definition.update(
            metric.definition(scene, scene.size.width if scene.size.narrow else 48 if scene.size.wide else 38)
        )
        self.query_one("#metric-trend", TrendWidget).update(metric.trend(scene))
        self.query_one("#members", TableWidget).update(metrics.table(scene))
        current = listed.current
        wanted = metrics.metric_of(scene)
        if (current is None or current.id != wanted) and not listed.has_focus:
            at = listed.rows.place(wanted)
            if at is not None:
                listed.model.move_to(at)
                listed.repaint()

    def act(self, action: str) -> bool:
        """`+ -`: the grain of trend and days."""
        if action in ("grain.finer", "grain.coarser"):
            here = self.console.stacks.here
            at = GRAINS.index(here.grain) + (-1 if action == "grain.finer" else 1)
            self.console.stacks.change(grain=GRAINS[min(max(0, at), len(GRAINS) - 1)])
            self.console.draw()
            return True
        return super().act(action)

    def definition(self) -> str:
        """Formula and hash; of the dictionary those of every metric in it."""
        if self.scene is None:
            return ""
        listed = self.table is not None and self.table.id == "dictionary"
        names = [entry.name for entry in metrics.dictionary(self.scene)] if listed else []
        return tracing.definitions(self.scene, *(names or [metrics.metric_of(self.scene)]))

    def number(self) -> Number | None:
        """The value of the row under the cursor: a metric of the dictionary, a member or a period."""
        scene, table = self.scene, self.table
        if scene is None:
            return None
        row = table.current if table is not None else None
        if table is None or row is None or row.heading:
            return tracing.of_metric(scene, metrics.metric_of(scene), scene.place.path)
        if table.id == "dictionary":
            return tracing.of_metric(scene, row.id)
        return tracing.of_member(scene, row.id)

    def on_table_widget_entered(self, event: TableWidget.Entered) -> None:
        """A metric is chosen; a member is gone into; a day leads to its rows."""
        scene = self.scene
        if scene is None:
            return
        here = self.console.stacks.here
        if event.table.id == "dictionary":
            if len(self.console.stacks.stack) == 1 and not here.metric:
                self.console.enter(Place("metrics", metric=event.row.id))
            else:
                self.console.jump(3, Place("metrics", metric=event.row.id))
            return
        name = metrics.metric_of(scene)
        by = next_dimension(here)
        value = event.row.id[1:] if event.row.id.startswith("=") else None
        path = (*here.path, (by, value))
        if by == "day":
            self.console.enter(self._rows(Place("rows", metric=name, path=path), here, value))
        else:
            self.console.enter(Place("metrics", metric=name, path=path, grain=here.grain, range=here.range))

    def _rows(self, place: Place, here: Place, period: str | None) -> Place:
        """Rows of a day; of a longer period, those of the range."""
        if here.grain == "day":
            return replace(place, range=here.range)
        return replace(place, path=here.path, range=here.range)

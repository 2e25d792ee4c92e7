"""Overview: what is wrong and who has it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from textual.containers import Container
from textual.widget import Widget

from tui.asking import Ask
from tui.draw.feed import alert_line
from tui.place import Place
from tui.screens.page import Page
from tui.view import AlertEntry
from tui.view.text import TextView
from tui.views import alerts, movers, overview, sources, tracing
from tui.views.empty import notice
from tui.views.scene import Scene
from tui.views.tracing import Number
from tui.widgets.feed import FeedWidget
from tui.widgets.funnel import FunnelWidget
from tui.widgets.panel import Panel
from tui.widgets.table import TableWidget
from tui.widgets.text import TextWidget
from tui.widgets.tile import TileWidget
from tui.widgets.trend import TrendWidget

TILES = 10


class OverviewPage(Page):
    """Tiles, funnel, alerts, channels; with more room the chart and the sources."""

    SCOPE = "overview"
    START = "channels"
    GROUPS = (
        ("channels", "panel.channels"), ("tiles", "screen.overview"), ("funnel", "screen.funnel"),
        ("alerts", "panel.alerts"),
    )  # fmt: skip
    ABLE = frozenset(["nav.in", "explain.open", "lineage.open"])

    def compose(self) -> Iterable[Widget]:
        """All panels; which of them are seen the size decides."""
        yield TextWidget(id="notice", focusable=False)
        yield Container(*(TileWidget(id=f"tile-{at}") for at in range(TILES)), id="tiles")
        yield FunnelWidget(one_line=True, id="funnel-line")
        with Container(id="panels"):
            yield TrendWidget(id="chart")
            yield FunnelWidget(id="funnel")
            yield FeedWidget(id="alerts")
            yield TableWidget(id="channels")
            yield FeedWidget(id="alerts-beside")
            yield TextWidget(id="movers")
            yield TableWidget(id="sources")
        yield TextWidget(id="alert-line", focusable=False)

    def asks(self, scene: Scene) -> tuple[Ask, ...]:
        """Where the targets of the tiles stand."""
        found = overview.paces(scene)
        return (found,) if found is not None else ()

    def show(self, scene: Scene) -> None:
        """All panels from one snapshot."""
        said = notice(scene)
        self.set_class(said is not None and scene.snapshot is None, "-empty")
        self.query_one("#notice").set_class(said is None, "-none")
        if said is not None:
            panel = self.query_one("#notice", TextWidget)
            panel.heavy = scene.snapshot is not None and bool(scene.snapshot.faults)
            panel.update(said)
            panel.styles.height = len(said.lines) + 2 if scene.snapshot is not None else "1fr"
        self.set_class(said is not None and overview_empty(scene), "-empty")
        if scene.snapshot is None:
            return
        tiles = overview.tiles(scene)
        for at, widget in enumerate(self.query(TileWidget)):
            widget.set_class(at >= len(tiles), "-none")
            if at < len(tiles):
                widget.update(tiles[at])
        funnel = overview.funnel(scene)
        self.query_one("#funnel", FunnelWidget).update(funnel)
        self.query_one("#funnel-line", FunnelWidget).update(funnel)
        feed = alerts.short_feed(scene)
        self.query_one("#alerts", FeedWidget).update(feed)
        self.query_one("#alerts-beside", FeedWidget).update(feed)
        for name in ("#alerts", "#alerts-beside"):
            self.query_one(name, FeedWidget).caption(keys=scene.say("panel.all", n=alerts.open_count(scene)))
        self.query_one("#channels", TableWidget).update(overview.channels(scene))
        self.query_one("#chart", TrendWidget).update(overview.chart(scene))
        self.query_one("#movers", TextWidget).update(movers.panel(scene))
        self.query_one("#sources", TableWidget).update(sources.table(scene))
        self._alert_line(scene, feed.entries)

    def _alert_line(self, scene: Scene, entries: tuple[AlertEntry, ...]) -> None:
        widget = self.query_one("#alert-line", TextWidget)
        widget.framed = False
        worst = next((entry for entry in entries if entry.kind == "entry"), None)
        if worst is None:
            widget.update(TextView((((" " + alerts.quiet(scene), "ink-dim"),),)))
            return
        line = alert_line(worst, max(1, scene.size.width - 2), self.console.glyphs)
        widget.update(TextView((((" ", "ink"), *line),)))

    def act(self, action: str) -> bool:
        """Arrows go from tile to tile."""
        focused = self.screen.focused
        if isinstance(focused, TileWidget) and action in STEPS:
            shown = [tile for tile in self.query(TileWidget) if not tile.has_class("-none")]
            across = self.query_one("#tiles").styles.grid_size_columns or 4
            step = STEPS[action] if abs(STEPS[action]) == 1 else across * STEPS[action] // 10
            at = shown.index(focused) + step
            if 0 <= at < len(shown):
                shown[at].focus()
            return True
        return super().act(action)

    def definition(self) -> str:
        """The metrics of the table and their hashes."""
        return tracing.definitions(self.scene, *tracing.COLUMNS) if self.scene else ""

    def number(self) -> Number | None:
        """A tile, a cell of the channels, a step of the funnel, the value of an alert."""
        scene, focused = self.scene, self.screen.focused
        if scene is None or scene.snapshot is None:
            return None
        if isinstance(focused, TileWidget) and focused.view is not None:
            return tracing.of_metric(scene, focused.view.id)
        if isinstance(focused, FunnelWidget) and focused.number is not None:
            return tracing.of_step(scene, focused.number)
        if isinstance(focused, FeedWidget) and focused.current is not None:
            alert = alerts.find(scene, focused.current.id) if focused.current.kind == "entry" else None
            return tracing.of_alert(scene, alert) if alert is not None else None
        if isinstance(focused, TableWidget) and focused.id == "channels" and focused.current is not None:
            return tracing.of_channel(scene, focused.current.id, focused.column)
        return (
            None if focused is not None and focused.id == "sources" else tracing.of_metric(scene, "revenue")
        )

    def on_panel_pressed(self, event: Panel.Pressed) -> None:
        """A tile leads to its metric."""
        if isinstance(event.panel, TileWidget) and event.panel.view is not None:
            self.console.jump(3, Place("metrics", metric=event.panel.view.id))
        elif event.panel.id == "chart":
            self.console.jump(3, Place("metrics", metric="revenue"))

    def on_funnel_widget_chosen(self, event: FunnelWidget.Chosen) -> None:
        """The funnel leads to its screen."""
        self.console.jump(2)

    def on_table_widget_entered(self, event: TableWidget.Entered) -> None:
        """A row leads to Metrics down that member, a source to Sources."""
        if event.table.id == "sources":
            self.console.jump(7)
            return
        scene = self.scene
        if scene is None or scene.snapshot is None:
            return
        value = event.row.id[1:] if event.row.id.startswith("=") else None
        by = scene.snapshot.view.by
        self.console.jump(
            3, Place("metrics", metric="revenue"), Place("metrics", metric="revenue", path=((by, value),))
        )

    def on_feed_widget_entered(self, event: FeedWidget.Entered) -> None:
        """An alert leads to its incident, the line below them to the quiet proof."""
        if event.entry.id == alerts.PROOF:
            self.console.jump(5, Place("alerts"), Place("rules", quiet=True))
            return
        root = Place("alerts")
        self.console.jump(5, replace(root, alert=event.entry.id))


STEPS = {"cursor.left": -1, "cursor.right": 1, "cursor.up": -10, "cursor.down": 10}


def overview_empty(scene: Scene) -> bool:
    """Whether there is nothing to show at all."""
    return scene.snapshot is None or not scene.snapshot.status.files

"""Alerts: what fires, since when, whose it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from textual.containers import Container
from textual.widget import Widget

from engine.questions import Range, Transition
from tui.asking import Ask, HistoryAsk
from tui.place import Place
from tui.screens.page import Page
from tui.views import alerts, incident, tracing
from tui.views.scene import Scene
from tui.views.tracing import Number
from tui.widgets.feed import FeedWidget
from tui.widgets.panel import Panel
from tui.widgets.text import TextWidget
from tui.widgets.trend import TrendWidget

DETAIL = "detail"


class AlertsPage(Page):
    """Feed at the left; incident, trend, steps and timeline at the right."""

    SCOPE = "alerts"
    START = "feed"
    GROUPS = (("feed", "panel.alerts"), ("incident", "panel.detail"), ("incident-below", "incident.timeline"))
    ABLE = frozenset(["alert.ack", "explain.open", "lineage.open"])

    def compose(self) -> Iterable[Widget]:
        """List and detail."""
        with Container(classes="beside"):
            yield FeedWidget(id="feed")
            with Container(classes="column", id="incident-column"):
                yield TextWidget(id="incident")
                yield TrendWidget(id="incident-trend")
                yield TextWidget(id="incident-below")

    def asks(self, scene: Scene) -> tuple[Ask, ...]:
        """The history and the trend of the incident."""
        alert = alerts.find(scene, scene.place.alert)
        trend = incident.trend_query(alert, scene) if alert else None
        return (HistoryAsk(), *((trend,) if trend else ()))

    def show(self, scene: Scene) -> None:
        """Feed and incident."""
        found = scene.got(HistoryAsk(), tuple) or ()
        history = tuple(each for each in found if isinstance(each, Transition))
        feed = self.query_one("#feed", FeedWidget)
        feed.update(alerts.feed(scene, history))
        feed.caption(keys=scene.say("page.ack_keys"))
        if scene.place.alert:
            current = feed.current
            if current is None or current.id != scene.place.alert:
                feed.select(scene.place.alert)
        self.set_class(scene.place.which == DETAIL, "-detail")
        alert = alerts.find(scene, scene.place.alert)
        panel = self.query_one("#incident", TextWidget)
        above, below = incident.detail(alert, scene, history, detail_width(scene))
        panel.styles.height = len(above.lines) + 2 if not self.single else "1fr"
        panel.update(above)
        trend = self.query_one("#incident-trend", TrendWidget)
        trend.set_class(alert is None, "-none")
        if alert is not None:
            trend.update(incident.trend(alert, scene))
        self.query_one("#incident-below", TextWidget).update(below)

    def number(self) -> Number | None:
        """The value of the alert under the cursor."""
        alert = alerts.find(self.scene, self.scene.place.alert) if self.scene is not None else None
        return tracing.of_alert(self.scene, alert) if self.scene is not None and alert is not None else None

    def on_feed_widget_moved(self, event: FeedWidget.Moved) -> None:
        """The detail follows the cursor."""
        if event.entry is not None and event.entry.id != self.console.stacks.here.alert:
            self.console.stacks.change(alert=event.entry.id)
            self.console.draw()

    def on_feed_widget_entered(self, event: FeedWidget.Entered) -> None:
        """An incident leads to its metric at that time; where the list is alone, to its detail first."""
        scene = self.scene
        if scene is not None and scene.size.narrow and not scene.size.tiny:
            self.console.enter(replace(scene.place, alert=event.entry.id, which=DETAIL))
            return
        self._metric(event.entry.id)

    def on_panel_pressed(self, event: Panel.Pressed) -> None:
        """The detail leads to the metric at that time."""
        if self.scene is not None:
            alert = alerts.find(self.scene, self.scene.place.alert)
            self._metric(alerts.alert_id(alert) if alert is not None else "")

    def _metric(self, name: str) -> None:
        scene = self.scene
        alert = alerts.find(scene, name) if scene else None
        if scene is None or alert is None or alert.metric is None:
            return
        path = tuple((name, value) for name, value in alert.labels.items())
        start = (alert.since or alert.active_at or "")[:10]
        days = None
        if len(start) == 10 and scene.snapshot is not None:
            first = date.fromisoformat(start)
            last = scene.local(scene.snapshot.as_of).date()
            days = Range(first - timedelta(days=6), max(first, last))
        self.console.jump(
            3,
            Place("metrics", metric=alert.metric),
            Place("metrics", metric=alert.metric, path=path, range=days),
        )


def detail_width(scene: Scene) -> int:
    """Cells inside the panel of the incident: what the list leaves, without the frame."""
    beside = 0 if scene.size.narrow else 70 if scene.size.wide else 50
    return max(20, scene.size.width - beside - 2)

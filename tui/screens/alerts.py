"""Alerts: what fires, since when, why, whose it is and what was done about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import timedelta

from textual.containers import Container
from textual.widget import Widget

from engine.questions import Alert, IncidentQuery, Range, WhyAnswer
from tui.asking import AlertRulesAsk, Ask, HistoryAsk, ReviewAsk
from tui.overlays import deciding
from tui.overlays.base import Picker
from tui.overlays.reason import who
from tui.place import Place
from tui.screens.page import Page
from tui.views import alerts, cause, feed, incident, sieve, tracing
from tui.views.scene import Scene
from tui.views.tracing import Number
from tui.widgets.feed import FeedWidget
from tui.widgets.incident import IncidentWidget

DETAIL = "detail"
ALERTS, METRICS, SOURCES = 5, 3, 7
"""Numbers of screens."""
WIDE_FEED, FEED, WIDE_CAUSE = 64, 50, 62
"""Cells of the feed and of the cause beside the incident, as in the style sheet."""


class AlertsPage(Page):
    """Feed, incident, and the cause where there is room for three."""

    SCOPE = "alerts"
    START = "feed"
    GROUPS = (("feed", "panel.alerts"), ("incident", "panel.incident"))
    ABLE = frozenset(
        [
            "alert.ack", "alert.silence", "alert.close", "alert.label", "alert.undo", "rule.backtest",
            "rules.open", "review.open", "quiet.open", "object.pick", "options.open", "filter.open",
            "row.mark", "explain.open", "lineage.open", "copy.cell",
        ]
    )  # fmt: skip

    def compose(self) -> Iterable[Widget]:
        """List, detail and cause."""
        with Container(classes="beside"):
            yield FeedWidget(id="feed")
            yield IncidentWidget(id="incident")
            yield IncidentWidget(id="incident-cause")

    def asks(self, scene: Scene) -> tuple[Ask, ...]:
        """History, rules and review for the feed; timeline and trend of the incident."""
        place = scene.place.alert
        episode = alerts.episode(scene, place)
        alert = alerts.find(scene, place)
        band = incident.band_query(alert) if alert is not None else None
        out: tuple[Ask, ...] = (HistoryAsk(), AlertRulesAsk(), ReviewAsk())
        out += (IncidentQuery(episode),) if episode else ()
        return out + ((band,) if band is not None else ())

    def show(self, scene: Scene) -> None:
        """Feed, incident and cause."""
        found = self.query_one("#feed", FeedWidget)
        found.update(feed.feed(scene, who(self.console)))
        found.caption(keys=scene.say("page.ack_keys"))
        if scene.place.alert:
            current = found.current
            if current is None or current.id != scene.place.alert:
                found.select(scene.place.alert)
        self.set_class(scene.place.which == DETAIL, "-detail")
        apart = scene.size.wide and not self.single
        self.query_one("#incident", IncidentWidget).update(
            incident.detail(scene, detail_width(scene), apart=apart)
        )
        chosen = alerts.find(scene, scene.place.alert)
        known = incident.stored(scene, chosen) if chosen is not None else None
        self.query_one("#incident-cause", IncidentWidget).update(cause.panel(known, scene, WIDE_CAUSE - 2))

    @property
    def alert(self) -> Alert | None:
        """The alert that is looked at, with all that its incident knows."""
        scene = self.scene
        chosen = alerts.find(scene, scene.place.alert) if scene is not None else None
        return incident.stored(scene, chosen) if scene is not None and chosen is not None else None

    def number(self) -> Number | None:
        """The value of the alert under the cursor."""
        return tracing.of_alert(self.scene, self.alert) if self.scene is not None and self.alert else None

    def why(self) -> WhyAnswer | None:
        """The cause that was found when it fired."""
        return self.alert.why if self.alert is not None else None

    def copied(self) -> tuple[str, str] | None:
        """`y` copies the alert as a sentence."""
        if self.scene is None or self.alert is None:
            return None
        said = alerts.said(self.alert, self.scene)
        return said, alerts.title(self.alert, self.scene)

    @property
    def narrowed(self) -> FeedWidget:
        """What `/` narrows."""
        return self.query_one("#feed", FeedWidget)

    def act(self, action: str) -> bool:
        """What can be done about the alert under the cursor."""
        app = self.console
        if action in ACTS:
            ACTS[action](self)
        elif action == "row.mark":
            self._tick()
        elif action == "rules.open":
            app.enter(Place("rules", rule=self.alert.rule if self.alert else ""))
        elif action == "quiet.open":
            app.enter(Place("rules", quiet=True))
        elif action == "review.open":
            app.enter(Place("review"))
        else:
            return super().act(action)
        return True

    def _tick(self) -> None:
        """Tick the step under the cursor; elsewhere go to the first one that is open."""
        panel, alert = self.query_one("#incident", IncidentWidget), self.alert
        if alert is None or not alert.sop:
            return
        done = {tick.step for tick in alert.ticks}
        kind, _, number = panel.current.partition(":")
        if panel.has_focus and kind == incident.TICK and alert.id is not None:
            deciding.tick(self.console, alert.id, int(number), done=int(number) not in done)
            return
        first = next((at for at in range(len(alert.sop)) if at not in done), 0)
        if self.scene is not None and self.scene.size.narrow and self.scene.place.which != DETAIL:
            self.console.enter(replace(self.scene.place, which=DETAIL))
        panel.select(f"{incident.TICK}:{first}")
        panel.focus()

    def pick_rule(self) -> None:
        """One rule alone in the feed."""
        scene = self.scene
        if scene is None:
            return
        now = scene.place.sieve
        names = [("", scene.say("sieve.every"), "")]
        names += [(name, alerts.rule_name(name, scene), "") for name in sieve.rules_of(scene, now)]

        def chosen(name: str | None) -> None:
            if name is not None:
                self.console.stacks.change(sieve=replace(now, rule=name), alert="")
                self.console.draw()

        self.console.push_screen(Picker(scene.say("sieve.rule"), names, now.rule), chosen)

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
        self._leave()

    def on_incident_widget_chosen(self, event: IncidentWidget.Chosen) -> None:
        """A cause leads down to its element, a companion to itself, all else to the metric at that time."""
        kind, _, rest = event.spot.partition(":")
        place = cause.below(self.alert, event.spot) if kind == cause.CAUSE and self.alert else None
        if kind == incident.ALERT:
            self.console.stacks.change(alert=rest)
            self.console.draw()
        elif place is not None:
            days = self._days(self.alert)
            self.console.jump(METRICS, Place("metrics", metric=place.metric), replace(place, range=days))
        else:
            self._leave()

    def _leave(self) -> None:
        """To the metric at that time; a rule about a source leads to that."""
        alert = self.alert
        if alert is None:
            return
        if alert.metric is None:
            known = (
                {s.name for s in self.scene.snapshot.status.sources}
                if self.scene and self.scene.snapshot
                else set()
            )
            source = alerts.source_of(alert)
            below = (Place("source", source=source),) if source in known else ()
            self.console.jump(SOURCES, Place("sources"), *below)
            return
        path = tuple(alert.labels.items())
        self.console.jump(
            METRICS,
            Place("metrics", metric=alert.metric),
            Place("metrics", metric=alert.metric, path=path, range=self._days(alert)),
        )

    def _days(self, alert: Alert | None) -> Range | None:
        """From a week before it began to now."""
        scene = self.scene
        first = incident.since(alert) if alert is not None else None
        if first is None or scene is None or scene.snapshot is None:
            return None
        last = scene.local(scene.snapshot.as_of).date()
        return Range(first - timedelta(days=6), max(first, last))


def _backtest(page: AlertsPage) -> None:
    from tui.overlays.backtest import open_backtest

    if page.alert is not None:
        open_backtest(page.console, page.alert.rule, tuple(page.alert.labels.items()))


def _options(page: AlertsPage) -> None:
    from tui.overlays.sieve import open_sieve

    open_sieve(page.console)


ACTS: Mapping[str, Callable[[AlertsPage], object]] = {
    "alert.ack": lambda page: deciding.ack(page.console),
    "alert.silence": lambda page: deciding.silence(page.console),
    "alert.close": lambda page: deciding.close(page.console),
    "alert.label": lambda page: deciding.label(page.console, deciding.episode_here(page.console)),
    "object.pick": AlertsPage.pick_rule,
    "options.open": _options,
    "rule.backtest": _backtest,
    "alert.undo": lambda page: deciding.undo_level(page.console),
}


def detail_width(scene: Scene) -> int:
    """Cells inside the panel of the incident: what the others leave, without the frame."""
    beside = 0 if scene.size.narrow else WIDE_FEED + WIDE_CAUSE if scene.size.wide else FEED
    return max(20, scene.size.width - beside - 2)

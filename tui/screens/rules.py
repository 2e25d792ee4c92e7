"""Rules of alerts: how they stand, and why each is quiet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from textual.containers import Container
from textual.widget import Widget

from tui.asking import AlertRulesAsk, Ask
from tui.overlays import deciding
from tui.place import Place, Sieve
from tui.screens.page import Page
from tui.views import alert_rules, quiet
from tui.views.scene import Scene
from tui.widgets.panel import Panel
from tui.widgets.table import TableWidget
from tui.widgets.text import TextWidget

DETAIL = "detail"
ROWS = 14
"""Rows of the definition below the list."""
WIDE = 76
"""Cells of the definition beside the list, as in the style sheet."""


class RulesPage(Page):
    """List or quiet proof, and the rule under the cursor."""

    SCOPE = "rules"
    START = "rule-list"
    GROUPS = (("rule-list", "panel.alert_rules"), ("rule-detail", "head.rule"))
    ABLE = frozenset(["rule.backtest", "rule.missed", "quiet.open", "review.open"])

    def compose(self) -> Iterable[Widget]:
        """The list and the rule."""
        with Container(id="rules-panels"):
            yield TableWidget(id="rule-list")
            yield TextWidget(id="rule-detail")

    def asks(self, scene: Scene) -> tuple[Ask, ...]:
        """All rules."""
        return (AlertRulesAsk(),)

    def show(self, scene: Scene) -> None:
        """Both panels."""
        table, panel = self.query_one("#rule-list", TableWidget), self.query_one("#rule-detail", TextWidget)
        self.set_class(scene.place.which == DETAIL, "-detail")
        view = quiet.table(scene) if scene.place.quiet else alert_rules.table(scene)
        table.update(view)
        current = table.current
        if scene.place.rule and (current is None or current.id != scene.place.rule):
            place = table.rows.place(scene.place.rule)
            if place is not None:
                table.move_to(place)
        narrow = scene.size.narrow
        width = WIDE - 2 if scene.size.wide and not self.single else scene.size.width - 2
        said = alert_rules.detail(alert_rules.find(scene, scene.place.rule), scene, width)
        if not self.single:
            beside = scene.size.wide or narrow
            panel.styles.height = "1fr" if beside else min(len(said.lines) + 2, ROWS)
        panel.update(said)

    def on_table_widget_moved(self, event: TableWidget.Moved) -> None:
        """The rule follows the cursor."""
        if event.row is not None and event.row.id != self.console.stacks.here.rule:
            self.console.stacks.change(rule=event.row.id)
            self.console.draw()

    def on_table_widget_entered(self, event: TableWidget.Entered) -> None:
        """A rule leads to its definition where that is not in sight, else to its alerts."""
        scene = self.scene
        if scene is not None and scene.size.narrow and not scene.size.tiny:
            self.console.enter(replace(scene.place, rule=event.row.id, which=DETAIL))
        else:
            self._alerts(event.row.id)

    def on_panel_pressed(self, event: Panel.Pressed) -> None:
        """The definition leads to the alerts of the rule."""
        entry = alert_rules.find(self.scene, self.scene.place.rule) if self.scene is not None else None
        if entry is not None:
            self._alerts(entry.name)

    def _alerts(self, rule: str) -> None:
        self.console.enter(Place("alerts", sieve=Sieve("all", rule=rule)))

    def act(self, action: str) -> bool:
        """The back-test of the rule, the quiet proof and back, the review."""
        scene = self.scene
        entry = alert_rules.find(scene, scene.place.rule) if scene is not None else None
        if action == "rule.backtest" and entry is not None:
            from tui.overlays.backtest import open_backtest

            open_backtest(self.console, entry.name)
        elif action == "rule.missed" and entry is not None and scene is not None:
            deciding.missed(self.console, entry.name, entry.by, alert_rules.name_of(entry, scene))
        elif action == "quiet.open" and scene is not None:
            self.keep(self.console.stacks)
            self.console.stacks.change(quiet=not scene.place.quiet, which="")
            self.restore(self.console.stacks)
            self.console.draw()
        elif action == "review.open":
            self.console.enter(Place("review"))
        else:
            return super().act(action)
        return True

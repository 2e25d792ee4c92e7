"""Pages of one table on a funnel: conversion by period of entry, and what goes with converting."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from textual.widget import Widget

from tui.asking import Ask
from tui.screens.funnel import FunnelPlace
from tui.views import drivers, entry, funnel
from tui.views.scene import Scene
from tui.widgets.table import TableWidget


class CohortsPage(FunnelPlace):
    """Periods of entry down, periods since across."""

    SCOPE = "cohorts"
    START = "cohorts"
    GRAIN = "week"
    GROUPS = (("cohorts", "label.funnel.cohorts"),)
    ABLE = frozenset(["grain.finer", "grain.coarser", "options.open"])

    def compose(self) -> Iterable[Widget]:
        """One table."""
        yield TableWidget(id="cohorts")

    def asks(self, scene: Scene) -> tuple[Ask, ...]:
        """The cohorts."""
        asked = entry.cohorts_query(scene)
        return (*super().asks(scene), asked) if asked else super().asks(scene)

    def show(self, scene: Scene) -> None:
        """The table."""
        self.query_one("#cohorts", TableWidget).update(entry.cohorts(scene))


class DriversPage(FunnelPlace):
    """Properties and earlier events by the odds of converting."""

    SCOPE = "drivers"
    START = "drivers"
    GROUPS = (("drivers", "label.funnel.drivers"),)
    ABLE = frozenset(["options.open"])

    def compose(self) -> Iterable[Widget]:
        """One table."""
        yield TableWidget(id="drivers")

    def asks(self, scene: Scene) -> tuple[Ask, ...]:
        """The drivers."""
        asked = drivers.query(scene)
        return (*super().asks(scene), asked) if asked else super().asks(scene)

    def show(self, scene: Scene) -> None:
        """The table."""
        self.query_one("#drivers", TableWidget).update(drivers.table(scene))

    def on_table_widget_entered(self, event: TableWidget.Entered) -> None:
        """A property of events leads to the funnel over those events alone."""
        if self.scene is None:
            return
        only = drivers.segment(event.row.id)
        rules = self.scene.place.rules
        if only is not None:
            self.into("funnel", rules=replace(rules, where=funnel.filters(rules.where, only) or ""))
        else:
            self.console.frame.say(self.scene.say("drivers.event_only"))
            self.console.draw()

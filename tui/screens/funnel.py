"""Funnel: where people stop, and who they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from textual.containers import Container
from textual.widget import Widget

from tui.asking import Ask
from tui.place import Place
from tui.screens.page import Page
from tui.views import funnel, tracing
from tui.views.scene import Scene
from tui.views.tracing import Number
from tui.widgets.funnel import FunnelWidget
from tui.widgets.table import TableWidget
from tui.widgets.text import TextWidget
from tui.widgets.trend import TrendWidget


class FunnelPage(Page):
    """Steps, breakdown, times, rate by day."""

    SCOPE = "funnel"
    START = "steps"
    GROUPS = (("steps", "screen.funnel"), ("breakdown", "label.funnel.breakdown"), ("rate", "head.rate"))
    ABLE = frozenset(["object.pick", "lineage.open"])

    def compose(self) -> Iterable[Widget]:
        """Steps above, breakdown and times side by side, the rate below."""
        yield FunnelWidget(full=True, id="steps")
        with Container(classes="beside"):
            yield TableWidget(id="breakdown")
            yield TextWidget(id="histogram")
        yield TrendWidget(id="rate")

    def asks(self, scene: Scene) -> tuple[Ask, ...]:
        """Steps, breakdown, rate, times."""
        return tuple(funnel.queries(scene).values())

    def show(self, scene: Scene) -> None:
        """All panels."""
        steps = funnel.steps(scene)
        widget = self.query_one("#steps", FunnelWidget)
        if not self.single:
            widget.styles.height = max(
                5, min(len(steps.steps) + len(steps.notes) + 3, scene.size.height // 2)
            )
        widget.update(steps)
        self.query_one("#breakdown", TableWidget).update(funnel.breakdown(scene))
        times = self.query_one("#histogram", TextWidget)
        times.update(funnel.histogram(scene, scene.size.width * 43 // 120))
        self.query_one("#rate", TrendWidget).update(funnel.rate(scene))

    def definition(self) -> str:
        """The funnel's name and hash."""
        return tracing.definitions(self.scene, f"funnel:{funnel.name_of(self.scene)}") if self.scene else ""

    def number(self) -> Number | None:
        """The persons of the step under the cursor."""
        step = self.query_one("#steps", FunnelWidget).number
        return tracing.of_step(self.scene, step) if self.scene is not None and step is not None else None

    def on_funnel_widget_chosen(self, event: FunnelWidget.Chosen) -> None:
        """A step leads to its persons."""
        if self.scene is not None:
            which = "dropped" if event.number > 1 else "reached"
            name = funnel.name_of(self.scene)
            self.console.enter(Place("persons", funnel=name, step=event.number, which=which))


class PersonsPage(Page):
    """Who reached a step, dropped before it, or was excluded."""

    SCOPE = "persons"
    START = "persons"
    GROUPS = (("persons", "panel.persons"),)

    def compose(self) -> Iterable[Widget]:
        """One table."""
        yield TableWidget(id="persons")

    def asks(self, scene: Scene) -> tuple[Ask, ...]:
        """The persons."""
        asked = funnel.persons_query(scene)
        return (asked,) if asked else ()

    def show(self, scene: Scene) -> None:
        """The table."""
        table = self.query_one("#persons", TableWidget)
        table.update(funnel.persons(scene))
        table.caption(keys=scene.say("page.which_keys"))

    def definition(self) -> str:
        """The funnel's name and hash."""
        return tracing.definitions(self.scene, f"funnel:{self.scene.place.funnel}") if self.scene else ""

    def act(self, action: str) -> bool:
        """`h l`: dropped, reached, excluded."""
        if action in ("cursor.left", "cursor.right"):
            here = self.console.stacks.here
            at = funnel.WHICH.index(here.which) if here.which in funnel.WHICH else 0
            which = funnel.WHICH[(at + (1 if action == "cursor.right" else -1)) % len(funnel.WHICH)]
            self.console.stacks.change(which=which)
            self.console.draw()
            return True
        return super().act(action)

    def on_table_widget_entered(self, event: TableWidget.Entered) -> None:
        """A person, with the funnel that led there."""
        here = self.console.stacks.here
        self.console.enter(replace(here, kind="person", person=event.row.id))

"""A step of a funnel: its numbers and times, who reached it or dropped before it, and what they did next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from textual.containers import Container
from textual.widget import Widget

from tui.asking import Ask
from tui.screens.funnel import FunnelPlace
from tui.views import dropouts, funnel, step, tracing
from tui.views.scene import Scene
from tui.views.tracing import Number
from tui.widgets.table import TableWidget
from tui.widgets.text import TextWidget

ROOM, LOW = 13, 9
"""Lines of the panels above the table, as the style sheet has them."""


class PersonsPage(FunnelPlace):
    """The step above, its persons below."""

    SCOPE = "persons"
    START = "persons"
    GROUPS = (
        ("persons", "panel.persons"),
        ("step-card", "head.step"),
        ("step-times", "page.times"),
        ("step-next", "panel.did_next"),
    )
    SHARED = ("step-card", "step-times", "step-next")
    ABLE = frozenset(["explain.open", "lineage.open", "options.open"])

    def compose(self) -> Iterable[Widget]:
        """Card, times and what came next side by side; the table below."""
        with Container(classes="beside", id="step-panels"):
            yield TextWidget(id="step-card")
            yield TextWidget(id="step-times")
            yield TableWidget(id="step-next")
        yield TableWidget(id="persons")

    def asks(self, scene: Scene) -> tuple[Ask, ...]:
        """The persons, the step, its times, what came next."""
        asked = (
            dropouts.persons_query(scene), funnel.main(scene), funnel.queries(scene).get("hist"),
            step.after_query(scene),
        )  # fmt: skip
        return (*super().asks(scene), *(each for each in asked if each is not None))

    def show(self, scene: Scene) -> None:
        """All panels."""
        self.query_one("#step-card", TextWidget).update(step.card(scene))
        times = self.query_one("#step-times", TextWidget)
        alone = self.single or scene.size.narrow
        width = scene.size.width if alone else scene.size.width * 3 // 8
        rows = scene.size.height - 7 if self.single else (LOW if scene.size.low else ROOM) - 2
        times.update(step.histogram(scene, width - 2, max(3, rows)))
        self.query_one("#step-next", TableWidget).update(step.next_events(scene))
        table = self.query_one("#persons", TableWidget)
        table.update(dropouts.persons(scene))
        table.caption(keys=scene.say("page.which_keys"))

    def number(self) -> Number | None:
        """The persons of the step."""
        return tracing.of_step(self.scene, self.scene.place.step) if self.scene is not None else None

    def act(self, action: str) -> bool:
        """`h l`: dropped, reached, excluded."""
        table = self.query_one("#persons", TableWidget)
        if action in ("cursor.left", "cursor.right") and table.has_focus:
            here = self.console.stacks.here
            at = dropouts.WHICH.index(here.which) if here.which in dropouts.WHICH else 0
            which = dropouts.WHICH[(at + (1 if action == "cursor.right" else -1)) % len(dropouts.WHICH)]
            self.console.stacks.change(which=which)
            table.model.place, table.model.cursor_id = 0, ""
            self.console.draw()
            return True
        return super().act(action)

    def on_table_widget_entered(self, event: TableWidget.Entered) -> None:
        """A person, with the funnel that led there."""
        if event.table.id == "persons":
            person, key = dropouts.of_row(event.row.id)
            here = self.console.stacks.here
            self.console.enter(replace(here, kind="person", person=person, key=key))

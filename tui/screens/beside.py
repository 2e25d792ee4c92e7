"""Side by side: two funnels, the steps that differ, and the persons that move."""

from __future__ import annotations

from collections.abc import Iterable

from textual.containers import Container
from textual.widget import Widget

from tui.asking import Ask
from tui.screens.funnel import FunnelPlace
from tui.views import beside, tracing
from tui.views.dropouts import of_row
from tui.views.scene import Scene
from tui.views.tracing import Number
from tui.widgets.table import TableWidget
from tui.widgets.text import TextWidget


class BesidePage(FunnelPlace):
    """What is compared above, steps below it, then who moves."""

    SCOPE = "beside"
    START = "beside-steps"
    GROUPS = (
        ("beside-steps", "beside.steps"),
        ("beside-moves", "beside.moves"),
        ("beside-persons", "beside.who"),
    )
    SHARED = ("beside-moves", "beside-persons")
    ABLE = frozenset(["funnel.beside", "options.open", "explain.open", "lineage.open"])

    def compose(self) -> Iterable[Widget]:
        """Sentence, steps, moves beside persons."""
        yield TextWidget(id="beside-about", focusable=False)
        yield TableWidget(id="beside-steps")
        with Container(classes="beside", id="beside-below"):
            yield TableWidget(id="beside-moves")
            yield TableWidget(id="beside-persons")

    def asks(self, scene: Scene) -> tuple[Ask, ...]:
        """Both funnels."""
        asked = beside.query(scene)
        return (*super().asks(scene), asked) if asked else super().asks(scene)

    def show(self, scene: Scene) -> None:
        """All panels."""
        about, view = self.query_one("#beside-about", TextWidget), beside.about(scene)
        table, steps = self.query_one("#beside-steps", TableWidget), beside.steps(scene)
        if not self.single:
            about.styles.height = len(view.lines) + 2
            table.styles.height = max(5, len(steps.rows) + 4)
        about.update(view)
        table.update(steps)
        moves = self.query_one("#beside-moves", TableWidget)
        moves.update(beside.moves(scene))
        moves.caption(keys=scene.say("beside.keys_moves"))
        self.query_one("#beside-persons", TableWidget).update(beside.persons(scene))

    def number(self) -> Number | None:
        """The persons of the step under the cursor, as B counts them."""
        row = self.query_one("#beside-steps", TableWidget).current
        return tracing.of_step(self.scene, int(row.id[1:])) if self.scene is not None and row else None

    def on_table_widget_entered(self, event: TableWidget.Entered) -> None:
        """A pair of levels narrows the list, the same one again widens it; a person leads to the journey."""
        here = self.console.stacks.here
        if event.table.id == "beside-moves":
            self.console.stacks.change(which="" if here.which == event.row.id else event.row.id)
            self.console.draw()
        elif event.table.id == "beside-persons" and self.scene is not None:
            person, key = of_row(event.row.id)
            rules, days = beside.side(self.scene, event.row.id)
            self.into("person", person=person, key=key, which="reached", rules=rules, range=days)
        elif event.table.id == "beside-steps":
            number = int(event.row.id[1:])
            self.into("persons", step=number, which="dropped" if number > 1 else "reached")

"""Why a number changed: the sentence, its causes, the metric tree, the members, each a way to go."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding

from engine.questions import WhyAnswer
from tui.overlays.tree import TreeOverlay
from tui.place import Place
from tui.views import explain
from tui.views.crumbs import metric_name
from tui.views.explain import Why
from tui.views.lineage import Entry
from tui.words import say

if TYPE_CHECKING:
    from tui.app import Looptop

METRICS = 3
"""The screen of Metrics."""


def open_explain(app: Looptop) -> None:
    """Explain the number under the cursor; Enter on a member goes down to it in Metrics."""
    number = app.page.number()
    why = explain.of_number(app.scene(), number) if number is not None else None
    kept = app.page.why()
    if why is None or app.snapshot is None:
        app.frame.hint = say("explain.nothing", app.lang)
        return

    def chosen(place: Place | None) -> None:
        if place is not None and app.stacks.number == METRICS:
            app.enter(place)
        elif place is not None:
            app.jump(METRICS, Place("metrics", metric=place.metric), place)

    if kept is None:
        app.ask((why.query,), app.snapshot.version)
    app.push_screen(ExplainOverlay(why, kept), chosen)


class ExplainOverlay(TreeOverlay):
    """The answer of `why`; Enter on a cause or a member goes down to it.

    In:  the question; the answer where it is kept with an alert.
    """

    BINDINGS: ClassVar = [Binding("x", "close", show=False)]

    def __init__(self, why: Why, kept: WhyAnswer | None = None) -> None:
        super().__init__()
        self.why, self.kept = why, kept

    def title_text(self) -> str:
        """The title, with the metric."""
        name = metric_name(self.console.scene(), self.why.query.metric)
        return f"{self.say('label.explain.open')} · {name}"

    def found(self) -> tuple[Entry, ...]:
        """The answer in lines."""
        scene = self.console.scene()
        answer = self.kept or scene.got(self.why.query, WhyAnswer)
        if answer is None:
            return self.waiting(scene.failure(self.why.query))
        width = min(self.WIDTH, max(20, self.app.size.width)) - 6
        return explain.entries(answer, self.lang, width, self.why.place, partial(metric_name, scene))

    def start(self) -> int:
        """The first line that leads somewhere: the strongest cause."""
        return next((at for at, entry in enumerate(self.entries) if entry.place is not None), 0)

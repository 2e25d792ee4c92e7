"""Funnel: where people stop, which groups, how long it takes, and how the rate moves by entry."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from textual.containers import Container
from textual.widget import Widget

from tui.asking import Ask, RulesAsk
from tui.place import Place
from tui.screens.page import Page
from tui.views import entry, funnel, groups, step, tracing
from tui.views.scene import Scene
from tui.views.tracing import Number
from tui.widgets.funnel import FunnelWidget
from tui.widgets.panel import Panel
from tui.widgets.table import TableWidget
from tui.widgets.text import TextWidget
from tui.widgets.trend import TrendWidget

GRAINS = ("day", "week", "month")
HIGH = 45
RATE, HIGH_RATE = 10, 17
"""Lines of the panel of the rate, as the style sheet has them."""


def roomy(scene: Scene) -> bool:
    """Whether there is room for what came next and for the cohorts."""
    return scene.size.wide and scene.size.height >= HIGH


class FunnelPlace(Page):
    """What all pages on one funnel have: its rules, its definition, the length of a period of entry."""

    SCOPE = "funnel"
    GRAIN = "day"

    def asks(self, scene: Scene) -> tuple[Ask, ...]:
        """The rules of the configuration."""
        name = funnel.name_of(scene)
        return (RulesAsk(name),) if name else ()

    def definition(self) -> str:
        """The funnel's name and hash; its own text where options differ from the configuration."""
        if self.scene is None:
            return ""
        rules = self.scene.place.rules
        named = tracing.definitions(self.scene, f"funnel:{funnel.name_of(self.scene)}")
        parts = [named, rules.toml.replace("\n", " "), rules.where, rules.breakdown]
        parts.append("enter any" if rules.enter == "any" else "")
        return "; ".join(part for part in parts if part)

    def act(self, action: str) -> bool:
        """`+ -`: the grain; the overlays of a funnel."""
        if action in ("grain.finer", "grain.coarser"):
            here = self.console.stacks.here
            at = GRAINS.index(here.grain if here.grain in GRAINS else self.GRAIN)
            at += -1 if action == "grain.finer" else 1
            self.console.stacks.change(grain=GRAINS[min(max(0, at), len(GRAINS) - 1)])
            self.console.draw()
            return True
        if action in ("options.open", "funnel.breakdown", "funnel.beside"):
            from tui.overlays import funnels

            funnels.OPENED[action](self.console)
            return True
        return super().act(action)

    def into(self, kind: str, **values: object) -> None:
        """A place further in, on the same funnel with the same rules."""
        if self.scene is not None:
            here = self.console.stacks.here
            wanted = Place(kind, funnel=funnel.name_of(self.scene), rules=here.rules, range=here.range)
            self.console.enter(replace(wanted, **values))  # type: ignore[arg-type]


class FunnelPage(FunnelPlace):
    """Steps, breakdown, times, rate by entry."""

    START = "steps"
    GROUPS = (
        ("steps", "screen.funnel"),
        ("breakdown", "label.funnel.breakdown"),
        ("histogram", "page.times"),
        ("rate", "rules.trend"),
    )
    SHARED = ("breakdown", "histogram", "rate")
    ABLE = frozenset(
        ["object.pick", "explain.open", "lineage.open", "grain.finer", "grain.coarser", "options.open",
         "funnel.breakdown", "funnel.beside", "funnel.cohorts", "funnel.drivers"]
    )  # fmt: skip

    def compose(self) -> Iterable[Widget]:
        """Steps above, breakdown and times side by side, the rate below; two more where there is room."""
        yield FunnelWidget(full=True, id="steps")
        with Container(classes="beside", id="funnel-middle"):
            yield TableWidget(id="breakdown")
            yield TextWidget(id="histogram")
            yield TableWidget(id="next")
        with Container(classes="beside", id="funnel-below"):
            rate = TrendWidget(id="rate")
            rate.can_focus = True
            yield rate
            yield TableWidget(id="weeks")

    def asks(self, scene: Scene) -> tuple[Ask, ...]:
        """Rules, steps, times, breakdown, rate; where there is room what came next, and the cohorts."""
        more = (step.after_query(self._at(scene)), entry.cohorts_query(scene)) if roomy(scene) else ()
        found = (*super().asks(scene), *funnel.queries(scene).values())
        return (*found, *(each for each in more if each is not None))

    def show(self, scene: Scene) -> None:
        """All panels."""
        steps = funnel.steps(scene)
        widget = self.query_one("#steps", FunnelWidget)
        lines = len(steps.steps) + len(steps.notes) + len(steps.warnings) + 3
        above = max(5, min(lines, scene.size.height // 2))
        if not self.single:
            widget.styles.height = above
        shared, rates = self.turning and not self.single, self.turned == "rate"
        self.query_one("#funnel-middle").set_class(shared and rates, "-off")
        self.query_one("#funnel-below").set_class(shared and not rates, "-off")
        widget.update(steps)
        widget.put(funnel.focused(scene))
        table = self.query_one("#breakdown", TableWidget)
        table.update(groups.breakdown(scene))
        table.caption(keys=scene.say("funnel.keys_breakdown"))
        times = self.query_one("#histogram", TextWidget)
        wide = self.single or scene.size.narrow
        width = scene.size.width if wide else scene.size.width * (36 if roomy(scene) else 43) // 120
        times.update(step.histogram(scene, width - 2, self._rows(scene, above)))
        rate = self.query_one("#rate", TrendWidget)
        rate.update(entry.rate(scene))
        rate.caption(keys=scene.say("funnel.keys_rate"))
        if roomy(scene):
            self.query_one("#next", TableWidget).update(step.next_events(self._at(scene)))
            self.query_one("#weeks", TableWidget).update(entry.cohorts(scene))

    def _at(self, scene: Scene) -> Scene:
        """The scene with the step under the cursor as that of the place."""
        return replace(scene, place=replace(scene.place, step=funnel.focused(scene)))

    def _rows(self, scene: Scene, above: int) -> int:
        """Lines inside the panel of times."""
        around = 4 + 2
        rate = 0 if scene.size.narrow or scene.size.low else HIGH_RATE if roomy(scene) else RATE
        if self.single:
            return max(3, scene.size.height - around - 1)
        return max(3, scene.size.height - around - rate - above)

    def number(self) -> Number | None:
        """The persons of the step under the cursor."""
        number = self.query_one("#steps", FunnelWidget).number
        return tracing.of_step(self.scene, number) if self.scene is not None and number is not None else None

    def act(self, action: str) -> bool:
        """Beside what every page on a funnel does: its cohorts and its drivers."""
        kinds = {"funnel.cohorts": "cohorts", "funnel.drivers": "drivers"}
        if action in kinds:
            self.into(kinds[action], grain="week")
            return True
        return super().act(action)

    def on_funnel_widget_moved(self, event: FunnelWidget.Moved) -> None:
        """Another step is looked at: its times are shown."""
        self.console.stacks.change(step=event.number)
        self.console.draw()

    def on_panel_pressed(self, event: Panel.Pressed) -> None:
        """Times and rate lead to the persons of the step that is looked at."""
        if self.scene is not None and (number := funnel.focused(self.scene)):
            self.into("persons", step=number, which="dropped" if number > 1 else "reached")

    def on_funnel_widget_chosen(self, event: FunnelWidget.Chosen) -> None:
        """A step leads to its persons."""
        which = "dropped" if event.number > 1 else "reached"
        self.into("persons", step=event.number, which=which)

    def on_table_widget_entered(self, event: TableWidget.Entered) -> None:
        """A group leads to the funnel of that group alone."""
        asked = funnel.queries(self.scene).get("by") if self.scene is not None else None
        if asked is None or self.scene is None or event.row.id == "total":
            return
        group = (asked.by or "", event.row.id[1:] if event.row.id != "-" else None)
        self.into("funnel", rules=replace(self.scene.place.rules, member=group))

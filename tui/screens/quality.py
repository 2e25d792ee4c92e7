"""What is behind a number of quality: the lines of a column or a rule, the copies of a dispute."""

from __future__ import annotations

from collections.abc import Iterable

from textual.widget import Widget

from tui.asking import Ask, QualityAsk
from tui.harmless import harmless
from tui.jobs import Enter
from tui.overlays.reason import ReasonOverlay, fault, who
from tui.screens.page import Page
from tui.screens.person import line_place
from tui.view.text import TextView
from tui.views import quality, quality_lines
from tui.views.scene import Scene
from tui.widgets.table import TableWidget
from tui.widgets.text import TextWidget


class ColumnPage(Page):
    """One column: its numbers and values, and the lines behind them."""

    SCOPE = "sources"
    START = "column-lines"
    GROUPS = (("column-lines", "panel.lines"), ("column-about", "head.column"))
    ABLE = frozenset(["lineage.open"])

    def compose(self) -> Iterable[Widget]:
        """Numbers and lines."""
        yield TextWidget(id="column-about")
        yield TableWidget(id="column-lines")

    def asks(self, scene: Scene) -> tuple[Ask, ...]:
        """The column with its lines."""
        return (quality_lines.ask(scene),)

    def show(self, scene: Scene) -> None:
        """Both panels."""
        _above(self, "#column-about", quality_lines.about_column(scene), scene)
        self.query_one("#column-lines", TableWidget).update(quality_lines.of_column(scene))

    def on_table_widget_entered(self, event: TableWidget.Entered) -> None:
        """A line of the list leads to what became of it."""
        if (place := line_place(event.row.id)) is not None:
            self.console.enter(place)


class RulePage(Page):
    """One rule and the first rows that break it."""

    SCOPE = "sources"
    START = "rule-lines"
    GROUPS = (("rule-lines", "panel.lines"), ("rule-about", "head.rule"))
    ABLE = frozenset(["lineage.open"])

    def compose(self) -> Iterable[Widget]:
        """What it says, and the lines."""
        yield TextWidget(id="rule-about")
        yield TableWidget(id="rule-lines")

    def asks(self, scene: Scene) -> tuple[Ask, ...]:
        """How good the sources are."""
        return (QualityAsk(),)

    def show(self, scene: Scene) -> None:
        """Both panels."""
        _above(self, "#rule-about", quality_lines.about_rule(scene), scene)
        self.query_one("#rule-lines", TableWidget).update(quality_lines.of_rule(scene))

    def on_table_widget_entered(self, event: TableWidget.Entered) -> None:
        """A row that breaks the rule leads to what became of it."""
        if (place := line_place(event.row.id)) is not None:
            self.console.enter(place)


def _above(page: Page, name: str, view: TextView, scene: Scene) -> None:
    """A text as high as its lines, up to a third of the screen."""
    panel = page.query_one(name, TextWidget)
    if not page.single:
        panel.styles.height = min(len(view.lines) + 2, max(3, scene.size.height // 3))
    panel.update(view)


class DisputePage(Page):
    """Copies of one day that disagree; one of them can be taken."""

    SCOPE = "sources"
    START = "copies"
    GROUPS = (("copies", "panel.copies"),)
    ABLE = frozenset(["lineage.open", "dispute.take"])

    def compose(self) -> Iterable[Widget]:
        """One table."""
        yield TableWidget(id="copies")

    def asks(self, scene: Scene) -> tuple[Ask, ...]:
        """How good the sources are."""
        return (QualityAsk(),)

    def show(self, scene: Scene) -> None:
        """The copies."""
        table = self.query_one("#copies", TableWidget)
        table.update(quality.copies(scene))
        table.caption(keys=scene.say("quality.take_keys"))

    def act(self, action: str) -> bool:
        """`a` takes the copy under the cursor."""
        if action != "dispute.take":
            return super().act(action)
        row = self.query_one("#copies", TableWidget).current
        dispute = quality.dispute_of(self.scene) if self.scene is not None else None
        if row is None or dispute is None or self.scene is None:
            return False
        say, app, take = self.scene.say, self.console, row.id
        values = {"day": dispute.day, "source": harmless(dispute.source), "file": harmless(take)}
        about = (
            say("quality.take_about", **values),
            say("person.about_ledger", who=harmless(who(app))),
        )
        title = f"{say('quality.take_title')} · {harmless(take)}"
        overlay = ReasonOverlay(title, about, ((say("quality.take_note"), False),), fault(app))
        app.push_screen(overlay, lambda typed: self._take(dispute.id, take, typed))
        return True

    def _take(self, dispute: str, take: str, typed: tuple[str, ...] | None) -> None:
        if typed is not None:
            by, note = who(self.console), typed[0]
            self.console.feed.do(
                Enter(lambda session: session.take(dispute, take, by=by, note=note), "quality.taken")
            )

    def on_table_widget_entered(self, event: TableWidget.Entered) -> None:
        """A copy leads to the first of its lines."""
        dispute = quality.dispute_of(self.scene) if self.scene is not None else None
        copy = next((one for one in dispute.copies if one.file == event.row.id), None) if dispute else None
        if copy is not None and (place := line_place(f"{copy.file}\x1f{copy.line}\x1f")) is not None:
            self.console.enter(place)

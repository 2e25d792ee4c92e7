"""Review: what closed episodes were, and what that says of the rules."""

from __future__ import annotations

from collections.abc import Iterable

from textual.containers import Container
from textual.widget import Widget

from engine.questions import Proposal
from tui.asking import AlertRulesAsk, Ask
from tui.overlays import deciding
from tui.place import Place
from tui.screens.page import Page
from tui.view import Row
from tui.views import review
from tui.views.alerts import PAST
from tui.views.scene import Scene
from tui.widgets.table import TableWidget
from tui.widgets.text import TextWidget

DETAIL = "detail"
LOAD = 38
"""Cells of the load beside the queue, as in the style sheet."""
TABLES = ("review-queue", "review-record", "review-proposals")


class ReviewPage(Page):
    """The queue, the load, the record of each rule, and proposals."""

    SCOPE = "review"
    START = "review-queue"
    GROUPS = (
        ("review-queue", "review.queue"), ("review-load", "review.load"), ("review-record", "review.record"),
        ("review-proposals", "review.proposals"),
    )  # fmt: skip
    SHARED = ("review-record", "review-load", "review-proposals")
    ABLE = frozenset(["alert.label", "rule.backtest", "rules.open"])

    def compose(self) -> Iterable[Widget]:
        """Queue and load, record, proposals."""
        with Container(id="review-above"):
            yield TableWidget(id="review-queue")
            yield TextWidget(id="review-load")
        yield TableWidget(id="review-record")
        yield TableWidget(id="review-proposals")

    def asks(self, scene: Scene) -> tuple[Ask, ...]:
        """The review; the rules for their names."""
        return (review.ASK, AlertRulesAsk())

    def show(self, scene: Scene) -> None:
        """All panels; proposals take what they need."""
        queue, record, proposals = (self.query_one(f"#{name}", TableWidget) for name in TABLES)
        queue.update(review.queue(scene))
        queue.caption(keys=scene.say("review.queue_keys"))
        record.update(review.record(scene))
        proposals.update(review.proposals(scene))
        proposals.caption(keys=scene.say("review.proposal_keys"))
        load = self.query_one("#review-load", TextWidget)
        load.update(review.load(scene, LOAD - 2 if not scene.size.narrow else scene.size.width - 2))
        if not self.single and not scene.size.narrow:
            proposals.styles.height = min(max(1, len(proposals.rows)) + 3, max(4, scene.size.height // 4))
        elif not self.single:
            proposals.styles.height = "1fr"

    @property
    def proposal(self) -> Proposal | None:
        """The proposal under the cursor."""
        row = self.query_one("#review-proposals", TableWidget).current
        found = review.answer_of(self.scene) if self.scene is not None else None
        at = int(row.id) if row is not None and row.id.isdigit() else -1
        return found.proposals[at] if found is not None and 0 <= at < len(found.proposals) else None

    def on_table_widget_entered(self, event: TableWidget.Entered) -> None:
        """An episode leads to its incident, a rule to its definition, a proposal to its back-test."""
        if event.table.id == "review-queue":
            self.console.enter(Place("alerts", alert=f"{PAST}{event.row.id}", which=DETAIL))
        elif event.table.id == "review-record":
            self.console.enter(Place("rules", rule=event.row.id))
        elif event.table.id == "review-proposals":
            self._backtest()

    def act(self, action: str) -> bool:
        """A label, the back-test of the rule under the cursor, the rules."""
        if action == "alert.label":
            self._label(self.query_one("#review-queue", TableWidget).current)
        elif action == "rule.backtest":
            self._backtest()
        elif action == "rules.open":
            self.console.enter(Place("rules", rule=self._rule()))
        else:
            return super().act(action)
        return True

    def _label(self, row: Row | None) -> None:
        found = review.answer_of(self.scene) if self.scene is not None else None
        item = (
            next((one for one in found.queue if row is not None and one.id == row.id), None)
            if found
            else None
        )
        if item is not None and self.scene is not None:
            deciding.label(self.console, (item.id, review.title_of(item, self.scene)))

    def _rule(self) -> str:
        """The rule under the cursor of the table that has the focus."""
        focused, found = self.table, review.answer_of(self.scene) if self.scene is not None else None
        row = focused.current if focused is not None else None
        if found is None or row is None or focused is None:
            return ""
        if focused.id == "review-record":
            return row.id
        if focused.id == "review-proposals":
            return self.proposal.rule if self.proposal is not None else ""
        return next((item.rule for item in found.queue if item.id == row.id), "")

    def _backtest(self) -> None:
        from tui.overlays.backtest import open_backtest

        focused = self.screen.focused
        proposal = self.proposal if focused is not None and focused.id == "review-proposals" else None
        rule = proposal.rule if proposal is not None else self._rule()
        if rule:
            open_backtest(self.console, rule, proposal=proposal)

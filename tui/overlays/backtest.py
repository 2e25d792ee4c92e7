"""The back-test: a slider on the threshold, and what would have followed from it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.widget import Widget

from engine.questions import BacktestAnswer, BacktestQuery, BandAnswer, Proposal
from tui import copying
from tui.draw.trend import trend_lines
from tui.harmless import harmless, pad, wrap
from tui.lines import line
from tui.overlays.base import Lines, Overlay
from tui.view import Line
from tui.views import backtest
from tui.views.alerts import rule_name
from tui.views.scene import Scene, words_of

if TYPE_CHECKING:
    from tui.app import Looptop

FAR = 5
"""Steps of `H` and `L`."""


class BacktestOverlay(Overlay[None]):
    """`h l` move the threshold by a step, `H L` by five; `y` copies the line of looptop.toml.

    In:  the rule; the member whose trend is drawn, None: the one with most episodes; a proposal whose
         evidence is shown first.
    """

    BINDINGS: ClassVar = [
        Binding("h,left", "step(-1)", show=False),
        Binding("l,right", "step(1)", show=False),
        Binding("H", f"step(-{FAR})", show=False),
        Binding("L", f"step({FAR})", show=False),
        Binding("0", "own", show=False),
        Binding("y", "copy", show=False),
        Binding("q,backspace,B", "close", show=False),
    ]
    WIDTH = 124

    def __init__(
        self, rule: str, labels: backtest.Labels | None = None, proposal: Proposal | None = None
    ) -> None:
        super().__init__()
        self.rule, self.labels, self.proposal = rule, labels, proposal
        evidence = proposal.evidence if proposal is not None else None
        self.evidence = evidence
        self.wanted: float | None = evidence.threshold if evidence is not None else None
        self.last: BacktestAnswer | None = evidence

    # Questions

    @property
    def own_query(self) -> BacktestQuery:
        """The rule as it is."""
        return BacktestQuery(self.rule)

    @property
    def here_query(self) -> BacktestQuery:
        """The rule with the threshold of the slider."""
        return BacktestQuery(self.rule, threshold=self.wanted)

    def ask(self) -> None:
        """What is wanted, one question at a time: the slider is faster than the answers."""
        app, scene = self.console, self.console.scene()
        if scene.snapshot is None or any(isinstance(each, BacktestQuery) for each in app.pending):
            return
        found = self.own(scene)
        asks = [self.own_query] if found is None else []
        asks += [self.here_query] if found is not None and self.here(scene) is None else []
        app.ask(tuple(asks[:1]), scene.snapshot.version)
        shown = self.here(scene) or self.last
        if shown is not None:
            app.ask((backtest.band_of(shown, self.labels),), scene.snapshot.version)

    def own(self, scene: Scene) -> BacktestAnswer | None:
        """The answer for the rule as it is."""
        return scene.got(self.own_query, BacktestAnswer)

    def here(self, scene: Scene) -> BacktestAnswer | None:
        """The answer for the threshold of the slider, None while it is under way."""
        if self.evidence is not None and self.wanted == self.evidence.threshold:
            return self.evidence
        return self.own(scene) if self.wanted is None else scene.got(self.here_query, BacktestAnswer)

    # Drawing

    def title_text(self) -> str:
        """The rule."""
        return f"{self.say('backtest.title')} · {rule_name(self.rule, self.console.scene())}"

    def keys_text(self) -> str:
        """The keys; fewer where there is no room."""
        return self.say("backtest.keys_short" if self.app.size.width < 84 else "backtest.keys")

    def parts(self) -> Iterable[Widget]:
        """All of it as lines."""
        yield Lines(id="backtest")

    def on_mount(self) -> None:
        """Draw what is there and ask."""
        self.take_answer()

    def on_resize(self) -> None:
        """Draw it for another size."""
        self.lay()

    def take_answer(self) -> None:
        """Draw the newest answer; ask what is wanted by now."""
        self.last = self.here(self.console.scene()) or self.last
        self.ask()
        self.lay()

    def lay(self) -> None:
        """All lines; the trend has the rows that are left."""
        width = min(self.WIDTH, max(20, self.app.size.width)) - 4
        height = max(6, int(self.app.size.height * 0.9) - 2)
        self.query_one("#backtest", Lines).put(self._lines(width, height)[:height])

    def _lines(self, width: int, height: int) -> list[Line]:
        scene = self.console.scene()
        own, here = self.own(scene), self.here(scene)
        shown = here or self.last or own
        if shown is None:
            text = scene.failure(self.own_query, self.here_query) or self.say("empty.computing")
            return [line((part, "ink-dim")) for part in wrap(text, width)]
        at = self.wanted if self.wanted is not None else shown.threshold
        out: list[Line] = []
        if self.proposal is not None:
            out += [
                line((part, "info"))
                for part in wrap(words_of(self.proposal.sentence, self.lang, ""), width)[:3]
            ]
        failed = scene.failure(self.here_query)
        out += [line((part, "warn")) for part in wrap(failed, width)[:2]] if failed else []
        out.append(line((backtest.reach(shown, scene), "ink-dim"), ("" if here else "  …", "ink-dim")))
        out += [(), backtest.slider(own or shown, at, width, scene), ()]
        out += backtest.compared(own, here, at, scene)
        out += backtest.loads(shown, width, scene)
        below = [(), line((harmless(shown.line), "ink-strong"))]
        marked = backtest.strip(shown, width - backtest.LABEL)
        if marked:
            out += [line((pad(self.say("backtest.days"), backtest.LABEL), "ink"), *marked)]
        rows = height - len(out) - len(below) - 1
        out += [(), *self._trend(shown, width, min(rows, 12), scene)] if rows >= 7 else []
        return out + below

    def _trend(self, shown: BacktestAnswer, width: int, rows: int, scene: Scene) -> list[Line]:
        query = backtest.band_of(shown, self.labels)
        own = self.own(scene)
        band, threshold = scene.got(query, BandAnswer), own.threshold if own is not None else None
        view = backtest.trend(shown, band, threshold, scene, query.labels)
        return list(trend_lines(view, width, rows, self.console.glyphs))

    # Keys

    def action_step(self, step: int) -> None:
        """Another threshold."""
        own = self.own(self.console.scene()) or self.last
        if own is None or not own.steps:
            return
        now = self.wanted if self.wanted is not None else own.threshold
        at = backtest.nearest_step(own.steps, now) or 0
        self.wanted = own.steps[min(max(0, at + step), len(own.steps) - 1)]
        self.take_answer()

    def action_own(self) -> None:
        """Back to the threshold of the configuration."""
        self.wanted = None
        self.take_answer()

    def action_copy(self) -> None:
        """The line for looptop.toml: that of the proposal where its evidence is shown."""
        here = self.here(self.console.scene())
        if here is None:
            return
        proposed = self.proposal.change if self.proposal is not None and here is self.evidence else ""
        copying.copy_text(self.console, proposed or here.line, self.rule)


def open_backtest(
    app: Looptop, rule: str, labels: backtest.Labels | None = None, *, proposal: Proposal | None = None
) -> None:
    """The back-test of a rule."""
    app.push_screen(BacktestOverlay(rule, labels, proposal))

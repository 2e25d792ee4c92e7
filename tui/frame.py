"""The lines around the page: what they say now, and what one of them says once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.feed import Said
from tui.harmless import harmless
from tui.view import ContextView, FooterView, StatusView
from tui.views import chrome, notices
from tui.views.crumbs import crumbs
from tui.views.scene import Scene
from tui.widgets.context_line import ContextLine
from tui.widgets.footer_line import FooterLine
from tui.widgets.header_line import HeaderLine
from tui.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from tui.app import Looptop
    from tui.screens.page import Page


MESSAGE_TICKS = 8


class Frame:
    """Header, context, status and footer of the console."""

    def __init__(self, app: Looptop) -> None:
        self._app = app
        self.message = ""
        self.hint = ""
        self._by_feed = False
        self._left = 0
        self.rung = float("-inf")
        """When the bell rang last, monotonic."""

    def say(self, text: str, *, by_feed: bool = False) -> None:
        """A sentence in the status line for some seconds; one of the feed until it is over."""
        self.message, self._by_feed = harmless(text.replace("\n", " · ")), by_feed
        self._left = MESSAGE_TICKS

    def heard(self) -> None:
        """The feed has published again: what it complained of is over."""
        if self._by_feed:
            self.message = ""

    def age(self) -> None:
        """A second has gone."""
        self._left -= 1
        if self._left <= 0 and not self._by_feed:
            self.message = ""

    def sentence(self, said: Said) -> str:
        """What the feed said, in words."""
        if not said.word:
            return said.text
        scene = self._app.scene()
        if said.word == "directory_gone":
            moment = scene.snapshot.as_of if scene.snapshot else None
            time = f"{scene.local(moment):%H:%M}" if moment else "–"
            return scene.say("message.directory_gone", dir=str(said.values["dir"]), time=time)
        return scene.say(said.word, **said.values)

    def sizes(self, scene: Scene) -> None:
        """The classes by which the style sheet lays out."""
        size = scene.size
        self._app.main.update_classes({
            "-tiny": size.tiny, "-narrow": size.narrow, "-normal": not size.narrow and not size.wide,
            "-wide": size.wide, "-flat": size.flat, "-low": size.low,
            "-mid": not size.low and not size.high, "-high": size.high,
        })  # fmt: skip

    def draw(self, scene: Scene, page: Page) -> None:
        """All four lines."""
        app, main = self._app, self._app.main
        stack = app.stacks.stack
        shown = crumbs(scene, stack)
        main.query_one("#header", HeaderLine).update(chrome.header(scene, app.stacks.number))
        busy = "…" if app.busy else ""
        if scene.size.flat:
            line = chrome.flat_line(scene, shown or (scene.say(f"screen.{stack[0].kind}"),), app.glyphs)
        else:
            line = chrome.context(scene, shown, busy=busy)
        main.query_one("#context", ContextLine).update(line)
        title = page.solo_title()
        main.set_class(bool(title), "-titled")
        main.query_one("#solo", ContextLine).update(ContextView((title,)))
        self.status(scene)
        self._footer(scene, page)

    def status(self, scene: Scene) -> None:
        """The status line alone: ages grow."""
        self._app.main.query_one("#status", StatusLine).update(self.status_view(scene))

    def status_view(self, scene: Scene) -> StatusView:
        """Live or paused, files, rows, and what has to be said."""
        app = self._app
        mode = "paused" if app.paused else "live"
        message, tone = (app.gone, "warn") if app.gone else (self.message, "warn" if self._by_feed else "ink")
        if not message and scene.snapshot is not None:
            message, tone = notices.standing(scene)
        return chrome.status(
            scene, mode=mode, waiting=app.waiting, latency=app.latency, message=message, tone=tone
        )

    def _footer(self, scene: Scene, page: Page) -> None:
        from tui.deeds import AVAILABLE

        app = self._app
        keys = dict(app.names.keys)
        view = chrome.footer(
            scene, page.SCOPE, AVAILABLE | page.able(), keys, message=self.hint, tone="ink-dim"
        )
        if scene.size.flat:
            view = chrome.flat_footer(scene, view, self.status_view(scene), app.glyphs)
        app.main.query_one("#footer", FooterLine).update(view)

    def footer_view(self) -> FooterView | None:
        """What the footer shows."""
        return self._app.main.query_one("#footer", FooterLine).view

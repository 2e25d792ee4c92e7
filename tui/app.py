"""The console: composes the lines and pages, takes snapshots, switches, themes. What keys do is `tui.deeds`.

Feed ─► Published / Answered ─► on_… ─► draw: one scene, one frame
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from typing import ClassVar

from textual import events
from textual.app import App
from textual.containers import Container
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input

from engine.questions import Snapshot, View
from tui import deeds, filtering, hearing, remembering, run_loop
from tui.actions import ACTIONS
from tui.asking import Ask, Names
from tui.bindings import textual_bindings
from tui.feed import Answered, Feed, Published, Said
from tui.frame import Frame
from tui.jobs import Look
from tui.link import Link, Main, queued
from tui.opening import Open
from tui.overlays.wall import WallScreen
from tui.place import Place, Stacks
from tui.remembered import Kept, read
from tui.screens import PAGES
from tui.screens.page import Page
from tui.settings import Settings, watcher
from tui.theme import dress
from tui.views.scene import Scene, Size
from tui.widgets.chrome import ChromeLine
from tui.widgets.context_line import ContextLine
from tui.widgets.footer_line import FooterLine
from tui.widgets.header_line import HeaderLine
from tui.widgets.status_line import StatusLine

TICK_SECONDS = 1.0


class Looptop(App[None], inherit_bindings=False):
    """The console on one directory."""

    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar = textual_bindings() + [
        binding
        for scope in sorted({scope for action in ACTIONS for scope in action.scopes})
        for binding in textual_bindings(scope)
    ]

    def __init__(self, open_session: Open, settings: Settings) -> None:
        super().__init__()
        dress(self, settings.theme)
        self.no_color = self.no_color or settings.no_color
        self.settings, self.root, self.clock = settings, settings.root, settings.clock
        self.lang, self.lang_asked, self.glyphs = settings.lang, settings.lang_asked, settings.glyphs
        self.stacks = Stacks()
        self.view = View()
        self.snapshot: Snapshot | None = None
        self.held: Snapshot | None = None
        self.waiting, self.paused = 0, False
        self.critical: frozenset[str] | None = None
        self.note = self.gone = self.filtered = ""
        self.latency: float | None = None
        self.generation = 0
        self.busy = self.fallen = False
        self.mouse = True
        self.answers: dict[Ask, object] = {}
        self.versions: dict[Ask, str] = {}
        self.pending: dict[Ask, str] = {}
        self.names = Names()
        self.link = Link(lambda: queued(self), slow=settings.slow)
        self.kept = self.written = Kept()
        remembering.begin(self, read(settings.remember))
        self.frame = Frame(self)
        self.feed = Feed(open_session, self._post, self.view)
        self.watcher = watcher(settings, self._batch, self.feed.due)

    # Composing

    def get_default_screen(self) -> Screen[None]:
        """The screen that holds the pages."""
        return Main(id="main")

    def compose(self) -> Iterable[Widget]:
        """Header, context, the stage, status and footer."""
        yield HeaderLine(id="header")
        yield ContextLine(id="context")
        yield ContextLine(id="solo")
        yield Container(id="stage")
        yield Input(id="typed")
        yield StatusLine(id="status")
        yield FooterLine(id="footer")

    def on_mount(self) -> None:
        """The first frame, then the threads: nothing of the engine is imported before."""
        self.show_place()
        run_loop.guard(self)
        self.set_interval(TICK_SECONDS, self.tick)
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        self.feed.start()
        if self.watcher is not None:
            self.watcher.start()
        if self.settings.wall is not None:
            self.push_screen(WallScreen(self.settings.wall, self.settings.rotate))

    def on_unmount(self) -> None:
        """The threads end with the console."""
        self.feed.stop()
        if self.watcher is not None:
            self.watcher.stop()

    def wait(self, seconds: float) -> bool:
        """Wait for the threads; false if one is still at work."""
        return run_loop.ended([each for each in (self.feed, self.watcher) if each], seconds)

    def send(self, sequence: str) -> None:
        """Send a sequence to the terminal that is no part of a frame."""
        driver = self._driver
        if driver is not None:
            driver.write(sequence)
            driver.flush()

    # What comes from the threads

    def _post(self, message: object) -> None:
        with suppress(RuntimeError):
            self.post_message(message)  # type: ignore[arg-type]

    def _batch(self, batch: object) -> None:
        run_loop.take_batch(self, batch)  # type: ignore[arg-type]

    def on_published(self, message: Published) -> None:
        """A newer version, or another view of it."""
        hearing.published(self, message)

    def on_answered(self, message: Answered) -> None:
        """An answer; the page that asked is drawn again."""
        hearing.answered(self, message)

    def on_said(self, message: Said) -> None:
        """A sentence of the feed."""
        hearing.said(self, message)

    # Drawing

    @property
    def page(self) -> Page:
        """The page on the stage; it comes there when its kind of place is looked at first."""
        kind, stage = self.stacks.here.kind, self.main.query_one("#stage")
        found = (page for page in stage.children if isinstance(page, Page) and page.kind == kind)
        return next(found, None) or PAGES[kind](kind).brought(stage)

    @property
    def main(self) -> Screen[None]:
        """The screen below the overlays."""
        return self.screen_stack[0]

    def scene(self) -> Scene:
        """What is drawn now."""
        return Scene(
            self.stacks.here, self.snapshot, self.answers, self.lang,
            Size(*self.size, slow=self.link.slow), bool(self.pending) or self.busy, self.clock(), self.note,
            self.root.name,
        )  # fmt: skip

    @property
    def standing(self) -> bool:
        """Whether the screen is there to be drawn on: neither before the first frame nor while leaving."""
        return not self.fallen and bool(self.screen_stack) and bool(self.main.query("#status"))

    def draw(self) -> None:
        """One scene, one frame; the page's open questions go to the feed."""
        if not self.standing:
            return
        page, scene = self.page, self.scene()
        if scene.snapshot is not None:
            self.ask(page.asks(scene), scene.snapshot.version)
            scene = replace(scene, computing=bool(self.pending) or self.busy)
        with self.batch_update():
            self.frame.sizes(scene)
            page.take(scene)
            page.restored(self.stacks)
            self.frame.draw(scene, page)
            if self.main.focused is None:
                self.call_after_refresh(self.settle)
            if isinstance(self.screen, WallScreen):
                self.screen.take(scene)

    def ask(self, asks: tuple[Ask, ...], version: str) -> None:
        """Questions without an answer for this version go to the feed."""
        for ask in asks:
            if self.versions.get(ask) != version and self.pending.get(ask) != version:
                self.pending[ask] = version
                self.feed.do(ask)

    def tick(self) -> None:
        """Ages grow; nothing else is drawn."""
        if not self.standing or not self.link.due():
            return
        self.frame.age()
        if self.link.slow:
            self.draw()
        self.frame.status(self.scene())
        remembering.save(self)
        if isinstance(self.screen, WallScreen):
            self.screen.tick(self.scene())

    # Going

    def show_place(self) -> None:
        """Put the page of the current place on the stage, as it was left."""
        here = self.page
        for page in self.main.query(Page):
            page.set_class(page is here, "-shown")
        here.restore(self.stacks)
        self.draw()
        start = self.page.query(f"#{self.stacks.focused() or self.page.START}")
        if start and start.first().can_focus:
            start.first().focus()
        self.call_after_refresh(self.settle)

    def settle(self) -> None:
        """Once panels have sizes: the focus is on one in sight, and the lines around know what works."""
        if self.standing:
            chain = self.main.focus_chain
            if chain and self.main.focused not in chain and not filtering.typing(self):
                next((panel for panel in chain if panel.id == self.page.START), chain[0]).focus()
            self.frame.draw(self.scene(), self.page)

    def move(self, change: Callable[[Stacks], object]) -> None:
        """Keep this place as it is, change the stacks, show what is there."""
        self.page.keep(self.stacks)
        self.stacks.keep_focus(self.main.focused.id if self.main.focused else None)
        change(self.stacks)
        self.frame.message = ""
        self.show_place()

    def enter(self, place: Place) -> None:
        """One place further in."""
        self.move(lambda stacks: stacks.enter(place))

    def jump(self, number: int, *places: Place) -> None:
        """To a screen; with places, to these on it, the first one its root."""
        self.move(lambda stacks: stacks.jump(number, places))

    def look(self, view: View) -> None:
        """Look at another range, comparison, dimension or filter."""
        if view == self.view:
            return
        self.view, self.busy = view, True
        self.generation += 1
        self.feed.do(Look(view, self.generation))
        self.draw()

    # Keys, clicks, size

    def action_do(self, action: str) -> None:
        """Do an action of the registry: the page first, then the console."""
        deeds.do(self, action)

    def on_key(self, event: events.Key) -> None:
        """A key that means nothing: the footer names `?`."""
        if self.screen is self.main and not filtering.writing(self):
            deeds.unknown(self, event)

    def on_chrome_line_pressed(self, message: ChromeLine.Pressed) -> None:
        """A click on a screen, a crumb or a hint."""
        deeds.pressed(self, message.line.id or "", message.value)

    def on_input_changed(self, message: Input.Changed) -> None:
        """The filter narrows while it is typed."""
        if message.input.id == "typed" and self.page.narrowed is not None:
            filtering.typed(self, message.value)

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """The filter stays."""
        if message.input.id == "typed":
            filtering.end_typing(self, keep=True)

    def on_resize(self) -> None:
        """Another size, another layout."""
        self.call_after_refresh(self.draw)
        self.call_after_refresh(self.settle)

    def _handle_exception(self, error: Exception) -> None:
        """A fault of ours: no values of variables on the screen, a log with the lines, exit code 1."""
        if self.is_headless:
            super()._handle_exception(error)
            return
        run_loop.crashed(self, error)

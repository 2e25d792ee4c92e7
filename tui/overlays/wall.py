"""The wall: no chrome, big digits, screens in turn; only `q` works, and asks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

from textual import events
from textual.containers import Container
from textual.widget import Widget

from tui.lines import line, pad_line, spread
from tui.link import Patient
from tui.overlays.base import Lines
from tui.view.wall import WallPage
from tui.views import wall
from tui.views.scene import Scene
from tui.widgets.tile import TileWidget
from tui.widgets.wall import WallBands

if TYPE_CHECKING:
    from tui.app import Looptop

MOST = 6


class WallScreen(Patient[None], inherit_bindings=False):
    """Tiles in turn; a new critical alert holds the turn until it is acknowledged."""

    def __init__(self, screens: tuple[str, ...], rotate: float) -> None:
        super().__init__(id="wall")
        self.turns = wall.turns(screens)
        self.rotate = max(1.0, rotate)
        self.at = 0
        self.left = self.rotate
        self.asked = False
        self.shift = 0
        self.known: frozenset[str] | None = None
        self.new: frozenset[str] = frozenset()
        """Critical alerts that came while the wall was on and that nobody has taken."""
        self.held = ""
        self.pages: tuple[WallPage, ...] = ()
        self.page = WallPage("overview")

    @property
    def console(self) -> Looptop:
        """The App."""
        return cast("Looptop", self.app)

    def compose(self) -> Iterable[Widget]:
        """Head, stale banner, tiles, the worst alert, foot."""
        yield Lines(id="wall-head")
        yield Lines(id="wall-banner")
        yield Container(*(TileWidget(wall=True, id=f"wall-{at}") for at in range(MOST)), id="wall-tiles")
        yield WallBands(id="wall-bands")
        yield Lines(id="wall-alert")
        yield Lines(id="wall-foot")

    def on_mount(self) -> None:
        """The first frame."""
        self.take(self.console.scene())

    def on_resize(self) -> None:
        """More or fewer tiles."""
        self.call_after_refresh(lambda: self.take(self.console.scene()))

    def take(self, scene: Scene) -> None:
        """A newer snapshot, or another turn."""
        if not self.query(WallBands):  # not composed yet: mounting draws
            return
        self._hold(scene)
        self.pages = wall.pages(scene, self.turns)
        self.at %= max(1, len(self.pages))
        held = wall.alert_page(scene, self.held, len(self.new) - 1) if self.held else None
        self.page = held or (self.pages[self.at] if self.pages else WallPage("overview"))
        self._show(scene)
        self.tick(scene, step=0.0)

    def _hold(self, scene: Scene) -> None:
        """A new critical alert takes the turn until somebody has it, then the next one."""
        if scene.snapshot is None:
            self.known = None
            return
        unacked = wall.unacked(scene.snapshot)
        if self.known is not None:
            self.new = (self.new | (unacked.keys() - self.known)) & unacked.keys()
        self.known = (self.known or frozenset()) | unacked.keys()
        self.held = unacked[min(self.new)] if self.new else ""
        if self.held:
            self.console.ask(wall.asks(scene, self.held), scene.snapshot.version)

    def _show(self, scene: Scene) -> None:
        """The page of this turn: a grid of tiles, or one frame of bands."""
        page = self.page
        bands = self.query_one("#wall-bands", WallBands)
        bands.set_class(not page.bands, "-none")
        grid = self.query_one("#wall-tiles")
        grid.set_class(bool(page.bands), "-none")
        if page.bands:
            bands.update(page)
            return
        across, down = wall.layout(scene.size, len(page.tiles))
        grid.styles.grid_size_columns, grid.styles.grid_size_rows = across, down
        grid.styles.padding = (0, 0, 0, self.shift)
        for at, widget in enumerate(self.query(TileWidget)):
            widget.set_class(at >= len(page.tiles), "-none")
            if at < len(page.tiles):
                widget.update(page.tiles[at])

    def tick(self, scene: Scene, step: float = 1.0) -> None:
        """The clock, the time left, and the next turn when it is over."""
        if not self.query(WallBands):
            return
        if not self.held:
            self.left -= step
        if self.left <= 0:
            self.left, self.at, self.shift = self.rotate, self.at + 1, 1 - self.shift
            self.take(scene)
            return
        width = scene.size.width
        self._line("#wall-head", spread(*wall.head(scene), width))
        banner = wall.banner(scene)
        self._line("#wall-banner", pad_line(line((banner, "banner")), width) if banner else ())
        worst = wall.worst(scene, self.held)
        self._line("#wall-alert", pad_line(line((worst, "banner")), width, tokens="banner") if worst else ())
        right = wall.foot_right(
            scene, self.page.screen, self.at, len(self.pages), left=self.left, asked=self.asked,
            held=bool(self.held),
        )  # fmt: skip
        status = self.console.frame.status_view(scene)
        left = line(
            (
                f" {self.console.glyphs.state(status.state)[0]} {status.word}   {'   '.join(status.parts)}",
                "ink-dim",
            )
        )
        self._line("#wall-foot", spread(left, line((right + " ", "ink-dim")), width))

    def _line(self, name: str, content: tuple[tuple[str, str], ...]) -> None:
        self.query_one(name, Lines).put((content,))

    def on_key(self, event: events.Key) -> None:
        """`q` asks, then leaves; any other key stays."""
        event.stop()
        unlock = event.key in ("q", "ctrl+c")
        if unlock and self.asked:
            self.dismiss(None)
        elif unlock != self.asked:
            self.asked = unlock
            self.tick(self.console.scene(), step=0.0)

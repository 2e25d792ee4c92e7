"""What every page has: panels in reading order, one at a time where room is short, kept tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Self, cast

from textual.compose import compose
from textual.containers import Container
from textual.widget import Widget

from engine.questions import WhyAnswer
from tui.asking import Ask
from tui.place import Stacks
from tui.view import Cell, Row, TableState, TableView
from tui.views.lineage import Entry, of_sources
from tui.views.scene import Scene
from tui.views.tracing import Number
from tui.widgets.feed import FeedWidget
from tui.widgets.funnel import FunnelWidget
from tui.widgets.incident import IncidentWidget
from tui.widgets.lines import LineWidget
from tui.widgets.panel import Panel
from tui.widgets.table import TableWidget
from tui.widgets.text import TextWidget

if TYPE_CHECKING:
    from tui.app import Looptop

ACTING = (TableWidget, FeedWidget, FunnelWidget, TextWidget, IncidentWidget)
TABLE_ACTIONS = frozenset(
    ["filter.open", "row.mark", "column.left", "column.right", "sort.toggle", "columns.choose", "copy.cell",
     "copy.rows", "export.csv"]
)  # fmt: skip


class Page(Container):
    """One kind of place.

    Subclasses give `asks`, `show` and `crumbs`, and answer the messages of their widgets. `GROUPS`: ids of
    the panels that are shown one at a time in a small terminal or under `z`, each with the id of its title.
    """

    SCOPE: ClassVar[str] = ""
    START: ClassVar[str] = ""
    """The id of the panel that has the focus first."""
    GROUPS: ClassVar[tuple[tuple[str, str], ...]] = ()
    SHARED: ClassVar[tuple[str, ...]] = ()
    """Panels that take turns in one place under 100 columns, where the others stay in sight."""
    ABLE: ClassVar[frozenset[str]] = frozenset()
    """Actions of this page beside those of tables and of the console."""

    def __init__(self, kind: str) -> None:
        super().__init__(id=f"page-{kind}", classes="page")
        self.kind = kind
        self.solo = ""
        self.turned = next(iter(self.SHARED), "")
        self.missing: set[str | None] = set()
        self.scene: Scene | None = None

    @property
    def console(self) -> Looptop:
        """The App."""
        return cast("Looptop", self.app)

    def brought(self, stage: Widget) -> Self:
        """On the stage with all its panels, drawn on in the same breath: no frame goes out without them."""
        self._add_children(*compose(self))
        stage.mount(self)
        return self

    async def _compose(self) -> None:
        if not self.children:
            await super()._compose()

    # For subclasses

    def asks(self, scene: Scene) -> tuple[Ask, ...]:
        """The questions whose answers this place needs."""
        return ()

    def show(self, scene: Scene) -> None:
        """Hand views to the widgets."""
        raise NotImplementedError

    # What the console calls

    def take(self, scene: Scene) -> None:
        """Draw a scene; a place that was not shown before starts fresh or as it was left."""
        self.scene = scene
        tiny = scene.size.tiny
        for panel in self.query(Panel):
            if panel.framed == tiny and not getattr(panel, "one_line", False):
                panel.framed = not tiny
                panel.repaint()
        self._solo()
        for name in self.SHARED:
            self.query_one(f"#{name}").set_class(
                self.turning and not self.single and name != self.turned, "-off"
            )
        self.show(scene)

    def keep(self, stacks: Stacks) -> None:
        """Remember the tables before another place is shown."""
        for table in self.query(TableWidget):
            if table.id:
                stacks.keep(table.kept_as, table.state)

    def restore(self, stacks: Stacks) -> None:
        """Take the tables of this place up again, each as soon as it has rows."""
        self.missing = {table.id for table in self.query(TableWidget) if table.id}
        for table in self.query(TableWidget):
            table.restore(TableState())

    def restored(self, stacks: Stacks) -> None:
        """Restore the tables that have rows by now."""
        for table in self.query(TableWidget):
            if table.id in self.missing and table.view is not None and len(table.view.rows):
                self.missing.discard(table.id)
                table.restore(stacks.kept(table.kept_as))

    def start(self) -> Widget | None:
        """The panel that gets the focus first."""
        found = self.query(f"#{self.START}") if self.START else None
        return found.first() if found else None

    @property
    def table(self) -> TableWidget | None:
        """The table that `/ y e c` mean: the focused one, else the first one in sight."""
        focused = self.screen.focused
        if isinstance(focused, TableWidget) and self in focused.ancestors:
            return focused
        shown = [table for table in self.query(TableWidget) if table.display and table.size.height]
        start = [table for table in shown if table.id == self.START]
        return next(iter(start + shown), None)

    @property
    def narrowed(self) -> TableWidget | FeedWidget | None:
        """What `/` narrows."""
        return self.table

    def able(self) -> frozenset[str]:
        """What can be done here, for footer and help."""
        return self.ABLE | (TABLE_ACTIONS if self.table is not None else frozenset())

    def act(self, action: str) -> bool:
        """Do an action with the focused panel; false if it means nothing there."""
        focused = self.screen.focused
        if isinstance(focused, ACTING) and focused.act(action):
            return True
        if action == "nav.in" and isinstance(focused, Panel):
            focused.post_message(Panel.Pressed(focused))
            return True
        if action in ("focus.next", "focus.previous") and self.single:
            self.turn(1 if action == "focus.next" else -1)
            return True
        return False

    def definition(self) -> str:
        """What an export says of the definition behind it."""
        return self.kind

    def copied(self) -> tuple[str, str] | None:
        """What `y` copies here and how it is called, None for the cell under the cursor."""
        return None

    def meant(self) -> str:
        """The metric under the cursor, empty where none is meant."""
        return ""

    def number(self) -> Number | None:
        """The number under the cursor, None where there is none."""
        return None

    def why(self) -> WhyAnswer | None:
        """The cause that is kept with what is under the cursor, None where it has to be asked for."""
        return None

    def lineage(self) -> tuple[Entry, ...]:
        """The counts behind what is shown where no number is meant: the sources and their files."""
        scene = self.scene
        if scene is None:
            return ()
        named = (scene.place.source,) if scene.place.source else ()
        return of_sources(scene.snapshot.status if scene.snapshot else None, named, scene.lang)

    def plain_text(self) -> str:
        """The focused panel as text."""
        focused = self.screen.focused
        return focused.plain_text() if isinstance(focused, LineWidget) else ""

    # One panel at a time

    @property
    def single(self) -> bool:
        """Whether one panel has the whole page."""
        return bool(self.solo) or (self.scene is not None and self.scene.size.tiny)

    @property
    def turning(self) -> bool:
        """Whether Tab brings panels into sight, one after the other."""
        return self.single or (bool(self.SHARED) and self.scene is not None and self.scene.size.narrow)

    def zoom(self) -> None:
        """The focused panel full screen, or all of them again."""
        if self.solo:
            self.solo = ""
        else:
            focused = self.screen.focused
            ids = {focused.id, *(each.id for each in focused.ancestors)} if focused is not None else set()
            self.solo = next(
                (name for name, _ in self.groups if name in ids), self.groups[0][0] if self.groups else ""
            )
        self._solo()

    @property
    def groups(self) -> tuple[tuple[str, str], ...]:
        """The panels that take turns now."""
        return self.GROUPS

    def turn(self, step: int) -> None:
        """The next panel of those that take turns."""
        names = [name for name, _ in self.groups]
        if names and not self.single:
            self._share(names, step)
        elif names:
            at = names.index(self.solo) if self.solo in names else 0
            self.solo = names[(at + step) % len(names)]
            self._solo()
            if self.scene is not None:
                self.show(self.scene)

    def _share(self, names: list[str], step: int) -> None:
        """The focus on the next panel, which comes into sight."""
        focused = self.screen.focused
        at = names.index(focused.id) if focused is not None and focused.id in names else 0
        name = names[(at + step) % len(names)]
        if name in self.SHARED:
            self.turned = name
        if self.scene is not None:
            self.take(self.scene)
        self.query_one(f"#{name}").focus()

    def _solo(self) -> None:
        names = [name for name, _ in self.groups]
        tiny = self.scene is not None and self.scene.size.tiny
        shown = (
            self.solo or (self.START if self.START in names else next(iter(names), "")) if self.single else ""
        )
        if tiny and shown:
            self.solo = shown
        kept = set(self.query(f"#{shown}").results()) if shown else set()
        around = {id(each) for one in kept for each in (one, *one.ancestors, *one.query("*"))}
        for each in self.query("*"):
            each.set_class(bool(kept) and id(each) not in around, "-away")
            each.set_class(bool(kept) and id(each) in around, "-alone")
        self.set_class(bool(kept), "-single")
        if kept:
            target = next(iter(kept))
            inner = [each for each in (target, *target.query("*")) if each.can_focus]
            focused = self.screen.focused
            if inner and (focused is None or focused not in inner) and self.display:
                inner[0].focus()

    def solo_title(self) -> str:
        """`Channels 2/4` where one panel has the whole page."""
        names = [name for name, _ in self.groups]
        if not self.single or self.scene is None or self.solo not in names:
            return ""
        at = names.index(self.solo)
        return f"{self.scene.say(self.groups[at][1])} {at + 1}/{len(names)}"


def plain_cell(cell: Cell) -> str:
    """A cell as text for a copy: the exact value where there is one."""
    if isinstance(cell.value, float | int) and cell.kind in ("number", "bar", "change", "heat"):
        return repr(cell.value) if isinstance(cell.value, int) else f"{cell.value:.10g}"
    return cell.text


def plain_rows(view: TableView, rows: Sequence[Row]) -> list[list[str]]:
    """Rows as texts, sparklines left out, with the titles first."""
    kept = [at for at, column in enumerate(view.columns) if column.id != "trend"]
    out = [[view.columns[at].name or view.columns[at].id for at in kept]]
    return out + [[plain_cell(row.cells[at]) if at < len(row.cells) else "" for at in kept] for row in rows]

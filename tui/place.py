"""Where a person is: places with their crumbs, and a stack of them for each screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from engine.questions import Range
from tui.view import TableState

SCREENS: Mapping[int, str] = {1: "overview", 2: "funnel", 3: "metrics", 5: "alerts", 7: "sources", 9: "sql"}
"""Number key → kind of page; a number that is not here has no screen."""

DRILL = ("channel", "campaign", "creative", "day")
"""The order in which Metrics goes down."""

GRAINS = ("hour", "day", "week", "month", "quarter", "year")


@dataclass(frozen=True, slots=True)
class Rules:
    """How a funnel is looked at, in place of what is configured; an empty part is as configured.

    `toml`: a `[funnel.X]` in the words of looptop.toml. `enter`: an open funnel is entered anywhere. `steps`:
    what the rate by entry is measured between. `where`: a segment. `member`: one group of the breakdown.
    """

    toml: str = ""
    enter: Literal["first", "any"] = "first"
    breakdown: str = ""
    steps: tuple[int, int] | None = None
    where: str = ""
    member: tuple[str, str | None] | None = None


@dataclass(frozen=True, slots=True)
class Versus:
    """What stands beside a funnel: `periods`, `segments` (two filters) or `rules`."""

    kind: Literal["periods", "segments", "rules"]
    a: str = ""
    b: str = ""


@dataclass(frozen=True, slots=True)
class Sieve:
    """Which alerts a feed shows; an empty part lets all through. `owner`: a name, or `@` for one's own."""

    state: Literal["open", "all", "earlier"] = "open"
    severity: str = ""
    owner: str = ""
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """One thing that is looked at; `kind` names the page, the rest says what of it.

    `path`: members gone into, as (dimension, member). `range` stands in for the view's range. `reveal`: why
    the identifiers of the person are shown in full, empty where they are masked. `key`: the engine's number
    of the person in the funnel that led there.
    """

    kind: str
    metric: str = ""
    path: tuple[tuple[str, str | None], ...] = ()
    by: str = ""
    funnel: str = ""
    step: int = 0
    which: str = ""
    person: str = ""
    alert: str = ""
    source: str = ""
    file: str = ""
    line: int = 0
    column: str = ""
    rule: str = ""
    dispute: str = ""
    reveal: str = ""
    grain: str = "day"
    range: Range | None = None
    second: str = ""
    """Metrics: the dimension of the columns; `day` stands for periods of the grain."""
    beside: tuple[str, ...] = ()
    """Comparisons beside that of the view."""
    measure: str = "value"
    """What cells show: value or change."""
    heat: bool = False
    """Whether cells are coloured by their size."""
    rules: Rules = Rules()
    versus: Versus | None = None
    key: int = 0
    sieve: Sieve = Sieve()
    quiet: bool = False
    """Rules of alerts: why each is quiet, in place of what it is."""


@dataclass(slots=True)
class Stacks:
    """Each screen's own stack, and what a person did to the tables of every place on it."""

    number: int = 1
    places: dict[int, list[Place]] = field(
        default_factory=lambda: {n: [Place(k)] for n, k in SCREENS.items()}
    )
    tables: dict[tuple[int, int, str], TableState] = field(default_factory=dict)
    focus: dict[tuple[int, int], str] = field(default_factory=dict)
    started: dict[tuple[str, str], TableState] = field(default_factory=dict)
    """How tables begin, by kind of page and name: as the last console left them."""

    @property
    def here(self) -> Place:
        """The place on the screen."""
        return self.places[self.number][-1]

    @property
    def stack(self) -> tuple[Place, ...]:
        """The places of the current screen, the root first."""
        return tuple(self.places[self.number])

    def go(self, number: int) -> None:
        """To a screen, at the place where it was left."""
        self.number = number

    def enter(self, place: Place) -> None:
        """One place further in."""
        self.places[self.number].append(place)

    def change(self, **values: object) -> None:
        """The same place, seen otherwise."""
        self.places[self.number][-1] = replace(self.here, **values)  # type: ignore[arg-type]

    def leave(self, count: int = 1) -> bool:
        """Places back; false at the root."""
        stack = self.places[self.number]
        if len(stack) == 1:
            return False
        for _ in range(min(count, len(stack) - 1)):
            depth = len(stack)
            stack.pop()
            self.tables = {key: kept for key, kept in self.tables.items() if key[:2] != (self.number, depth)}
            self.focus.pop((self.number, depth), None)
        return True

    def jump(self, number: int, places: tuple[Place, ...] = ()) -> None:
        """To a screen; with places, to these on it, the first one its root."""
        self.number = number
        if places:
            self.places[number] = list(places)
            self.tables = {key: kept for key, kept in self.tables.items() if key[0] != number}

    def keep_focus(self, name: str | None) -> None:
        """Remember which panel of the current place has the focus."""
        if name:
            self.focus[self.number, len(self.places[self.number])] = name

    def focused(self) -> str:
        """The panel that had the focus."""
        return self.focus.get((self.number, len(self.places[self.number])), "")

    def keep(self, name: str, state: TableState) -> None:
        """Remember a table of the current place."""
        self.tables[self.number, len(self.places[self.number]), name] = state

    def forget(self) -> None:
        """The tables of the current place begin anew: their rows are others now."""
        here = (self.number, len(self.places[self.number]))
        self.tables = {key: kept for key, kept in self.tables.items() if key[:2] != here}

    def kept(self, name: str) -> TableState:
        """What was remembered of a table of the current place."""
        begun = self.started.get((self.here.kind, name), TableState())
        return self.tables.get((self.number, len(self.places[self.number]), name), begun)

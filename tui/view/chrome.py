"""The alert feed and the lines around every screen."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AlertEntry:
    """An alert as two lines: state, day, sentence and owner; then the cause and what stands at its right.

    `kind` is entry, link (one line that leads somewhere), heading (a line between entries) or rule (a drawn
    line); `dim`: nobody is told of it; `inset`: it belongs to the entry above.
    """

    id: str
    state: str = ""
    word: str = ""
    day: str = ""
    text: str = ""
    owner: str = ""
    detail: str = ""
    detail_right: str = ""
    kind: str = "entry"
    dim: bool = False
    inset: bool = False

    @property
    def able(self) -> bool:
        """Whether the cursor may stand on it."""
        return self.kind in ("entry", "link")


@dataclass(frozen=True, slots=True)
class FeedView:
    """Alerts, newest or worst first; `gap` leaves a blank row between them, `foot` stands at the bottom."""

    entries: tuple[AlertEntry, ...] = ()
    title: str = ""
    unit: str = ""
    empty: str = ""
    gap: bool = False
    foot: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tab:
    """A screen in the header; `number` is its key."""

    number: int
    title: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class HeaderView:
    """Line 1: product, workspace, screens, states as (state, count, word)."""

    title: str
    tabs: tuple[Tab, ...] = ()
    states: tuple[tuple[str, int, str], ...] = ()
    product: str = "looptop"


@dataclass(frozen=True, slots=True)
class ContextView:
    """Line 2: crumbs, then the range and what goes with it, weightiest first; `as_of` at the right end."""

    crumbs: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    as_of: str = ""


@dataclass(frozen=True, slots=True)
class StatusView:
    """The status line: mode as (state, word), parts, and the state of the sources at the right end."""

    state: str = "live"
    word: str = ""
    parts: tuple[str, ...] = ()
    right: str = ""
    right_state: str = ""
    message: str = ""
    tone: str = "ink"


@dataclass(frozen=True, slots=True)
class Hint:
    """A key and what it does, for the footer; `action` is what a click presses."""

    key: str
    label: str
    action: str = ""


@dataclass(frozen=True, slots=True)
class FooterView:
    """Hints in order of weight; `message` takes their place until the next key."""

    hints: tuple[Hint, ...] = ()
    message: str = ""
    tone: str = "ink"

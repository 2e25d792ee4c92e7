"""What the feed's thread is asked to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.questions import View
from tui.asking import Ask

if TYPE_CHECKING:
    from engine.session import Session


@dataclass(frozen=True, slots=True)
class Refresh:
    """Look at the files; `quiet`: publish only what has changed, or what is older than a minute."""

    trigger: str = "change"
    files: tuple[str, ...] = ()
    at: float = 0.0
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """Another view; the newest generation wins."""

    view: View
    generation: int


@dataclass(frozen=True, slots=True)
class Reopen:
    """Another moment: `None` is now."""

    as_of: str | None


@dataclass(frozen=True, slots=True)
class Enter:
    """Something a person enters into the ledger; `act` is called with the session.

    `then`: what the console does once it is kept; not called where it could not be.
    """

    act: Callable[[Session], object]
    done: str
    then: Callable[[], None] | None = None


Job = Refresh | Look | Reopen | Enter | Ask | None

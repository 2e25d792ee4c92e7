"""A form that says what it will do before anything is typed, and asks for the words that go with it."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from textual.widget import Widget
from textual.widgets import Input

from tui.harmless import harmless, wrap
from tui.lines import line
from tui.overlays.base import Lines, Overlay
from tui.view import Line

if TYPE_CHECKING:
    from tui.app import Looptop


class ReasonOverlay(Overlay[tuple[str, ...]]):
    """Sentences, then one line to type for each field; Enter in the last one takes it.

    In:  title; what it does; (placeholder, whether it must be filled) of each field; why nothing can be kept,
         which then is all that it says; what is wrong with the texts, empty where nothing is.
    Out: the texts of the fields, None where it was left.
    """

    def __init__(
        self,
        title: str,
        about: Sequence[str],
        fields: Sequence[tuple[str, bool]],
        fault: str = "",
        wrong: Callable[[tuple[str, ...]], str] | None = None,
    ) -> None:
        super().__init__()
        self.heading, self.about, self.fields, self.fault = title, tuple(about), tuple(fields), fault
        self.wrong = wrong

    def title_text(self) -> str:
        """What is about to be done."""
        return self.heading

    def keys_text(self) -> str:
        """Enter and Esc."""
        return f"{self.say('overlay.enter_apply')}  {self.say('overlay.escape_keep')}"

    def parts(self) -> Iterable[Widget]:
        """What it does, and the lines to type; without a writable state only why not."""
        lines = Lines(id="about")
        lines.put(self._said())
        yield lines
        for at, (placeholder, _) in enumerate(self.fields if not self.fault else ()):
            yield Input(placeholder=placeholder, id=f"field-{at}")

    def _said(self, wrong: str = "") -> list[Line]:
        room = min(self.WIDTH, max(20, self.app.size.width)) - 4
        said = [(self.fault, "warn")] if self.fault else [(text, "ink") for text in self.about]
        said += [(wrong, "warn")] if wrong else []
        return [line((text, tone)) for sentence, tone in said for text in wrap(sentence, room)]

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """The next field that has to be filled, else take it."""
        typed = [self.query_one(f"#field-{at}", Input) for at in range(len(self.fields))]
        at = typed.index(event.input)
        open_ones = [
            n
            for n, (_, needed) in enumerate(self.fields)
            if needed and not typed[n].value.strip() and n <= at
        ]
        following = open_ones[0] if open_ones else at + 1
        if following < len(typed):
            typed[following].focus()
            return
        texts = tuple(field.value.strip() for field in typed)
        if found := self.wrong(texts) if self.wrong is not None else "":
            self.query_one("#about", Lines).put(self._said(found))
            return
        self.dismiss(texts)


def who(app: Looptop) -> str:
    """Who decides: the user of the configuration, else the login name."""
    return app.names.user or _login()


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "?"


def fault(app: Looptop) -> str:
    """Why nothing can be kept, empty where it can."""
    scene = app.scene()
    notices = scene.snapshot.notices if scene.snapshot else ()
    found = next((text for text in notices if text.startswith("state_not_writable")), "")
    return scene.say("message.state_not_writable", why=harmless(found.partition(" ")[2])) if found else ""

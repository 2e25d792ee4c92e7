"""The options of a funnel: a form that shows at once what they give, and the text to paste."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar

from textual.binding import Binding
from textual.widget import Widget
from textual.widgets import Input

from engine.questions import FunnelAnswer, FunnelQuery
from tui import copying
from tui import format as fmt
from tui.harmless import PICTURES, cells, cut, harmless, pad, wrap
from tui.lines import line
from tui.overlays.base import Lines, Overlay
from tui.place import Rules
from tui.view import Line
from tui.views import form, funnel, options, rules
from tui.views.form import LABEL
from tui.views.options import Draft, Field, FormRow
from tui.views.rules import Words
from tui.views.scene import Scene

GIVEN = 3
"""Lines of the preview."""


class OptionsOverlay(Overlay[Rules]):
    """Space changes, Enter applies; `T` shows the text for looptop.toml, `y` copies it.

    In:  the funnel's name, its words in the configuration, the rules it is looked at with.
    Out: the rules to look at it with.
    """

    BINDINGS: ClassVar = [
        Binding("j,down", "go(1)", show=False),
        Binding("k,up", "go(-1)", show=False),
        Binding("pagedown", "go(8)", show=False),
        Binding("pageup", "go(-8)", show=False),
        Binding("g,home", "go(-1000)", show=False),
        Binding("G,end", "go(1000)", show=False),
        Binding("h,left", "across(-1)", show=False),
        Binding("l,right", "across(1)", show=False),
        Binding("space", "change", show=False),
        Binding("i", "write", show=False),
        Binding("T", "text", show=False),
        Binding("y", "copy", show=False),
        Binding("r", "reset", show=False),
        Binding("enter", "take", show=False),
        Binding("escape", "leave", show=False, priority=True),
        Binding("q,backspace", "close", show=False),
    ]
    WIDTH = 112
    AUTO_FOCUS = ""

    def __init__(self, name: str, own: Words, looked: Rules) -> None:
        super().__init__()
        self.name_of, self.own = name, own
        self.draft = self._begin(looked)
        self.at = self.cell = self.top = 0
        self.as_text = False
        self.below = 0
        self.writing: Field | None = None

    def _begin(self, looked: Rules) -> Draft:
        words = rules.read(looked.toml) if looked.toml else self.own
        return options.begin(self.name_of, self.own, looked, words)

    def title_text(self) -> str:
        """What is changed."""
        return f"{self.say('label.options.open')} · {harmless(self.name_of)}"

    def keys_text(self) -> str:
        """The keys; fewer where there is no room."""
        return self.say("rules.keys_short" if self.app.size.width < 100 else "rules.keys")

    def parts(self) -> Iterable[Widget]:
        """The form, the line to type, what it gives."""
        yield Lines(id="fields")
        yield Input(id="typed-option")
        yield Lines(id="given")

    def on_mount(self) -> None:
        """Draw it."""
        self.query_one("#typed-option", Input).display = False
        self.show()

    def on_resize(self) -> None:
        """Draw it for another size."""
        self.show()

    # The form

    @property
    def rows(self) -> tuple[FormRow, ...]:
        """The form as it stands."""
        return options.rows(self.draft)

    @property
    def field(self) -> Field | None:
        """The field under the cursor."""
        found = self.rows[self.at].fields
        return found[min(self.cell, len(found) - 1)] if found else None

    def show(self) -> None:
        """The rows in sight, or the text; then what it gives."""
        lines = self._text_lines() if self.as_text else self._row_lines()
        room = max(3, int(self.app.size.height * 0.9) - 3 - GIVEN - (1 if self.writing else 0))
        self.top = min(max(self.top, self.at - room + 1), self.at, max(0, len(lines) - room))
        top = 0 if self.as_text else max(0, self.top)
        self.query_one("#fields", Lines).put(lines[top : top + room])
        self.below = max(0, len(lines) - top - room)
        self.take_answer()

    def _text_lines(self) -> list[Line]:
        room, scene = self._room(), self.console.scene()
        found = rules.differences(replace(self.draft.rules, toml=""), self.own, self.own)
        only = ", ".join(scene.say(f"rules.{each}") for each in found)
        said = [*self.text().splitlines(), *([scene.say("rules.only_here", what=only)] if only else [])]
        return [line((text, "ink")) for each in said for text in wrap(harmless(each), room)]

    def _room(self) -> int:
        return min(self.WIDTH, max(20, self.app.size.width)) - 4

    def _row_lines(self) -> list[Line]:
        scene, room, cursor = self.console.scene(), self._room(), self.console.glyphs.cursor
        return [
            form.row_line(row, scene, room, self.cell if at == self.at else None, cursor)
            for at, row in enumerate(self.rows)
        ]

    # What is pressed

    def action_go(self, step: int) -> None:
        """Another row; headings are passed over."""
        rows = self.rows
        at = min(max(0, self.at + step), len(rows) - 1)
        if not rows[at].fields:
            at += 1 if step > 0 else -1
        self.at = at
        self.show()

    def action_across(self, step: int) -> None:
        """Another field of the row; in a row of one field its next or last value."""
        fields = self.rows[self.at].fields
        if len(fields) > 1:
            self.cell = min(max(0, self.cell + step), len(fields) - 1)
            self.show()
        elif self.field is not None and self.field.kind != "text":
            self._put(self.field, options.following(self.field, step))

    def action_change(self) -> None:
        """The next value; a text is typed."""
        each = self.field
        if each is not None and each.kind == "text":
            self.action_write()
        elif each is not None:
            self._put(each, options.following(each))

    def action_write(self) -> None:
        """Type a value where that is possible."""
        each = self.field
        if each is None or each.key not in options.TYPED or self.as_text:
            return
        self.writing = each
        typed = self.query_one("#typed-option", Input)
        typed.placeholder = self.say(f"rules.hint_{each.key}")
        typed.value = each.value
        typed.display = True
        typed.focus()
        self.show()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take what was typed."""
        each = self.writing
        self._end_writing()
        if each is not None:
            self._put(each, event.value)

    def _end_writing(self) -> None:
        self.writing = None
        self.query_one("#typed-option", Input).display = False
        self.set_focus(None)
        self.show()

    def _put(self, each: Field, text: str) -> None:
        self.draft = options.put(self.draft, each, text)
        self.show()

    def action_text(self) -> None:
        """The text for looptop.toml, or the form again."""
        self.as_text = not self.as_text
        self.show()

    def action_copy(self) -> None:
        """Copy the text; the status line says where to."""
        copying.copy_text(self.console, self.text() + "\n", f"[funnel.{harmless(self.name_of)}]")
        self.console.frame.draw(self.console.scene(), self.console.page)

    def action_reset(self) -> None:
        """All as configured."""
        self.draft = self._begin(Rules())
        self.show()

    def action_leave(self) -> None:
        """Out of typing, else out of the form; all stays as it was."""
        if self.writing is not None:
            self._end_writing()
        else:
            self.dismiss(None)

    def action_take(self) -> None:
        """Look at the funnel with these options; faulty ones keep the form."""
        asked = self._query(self.wanted())
        if asked is None or not self.console.scene().failure(asked):
            self.dismiss(self.wanted())

    # What it gives

    def text(self) -> str:
        """The definition as it would stand in looptop.toml."""
        from engine.funnels import written

        return written(self.name_of, self.draft.plain())

    def wanted(self) -> Rules:
        """The rules of the draft; the text only where it is another than that of the configuration."""
        return replace(self.draft.rules, toml=self.text() if self.draft.changed else "")

    def _query(self, looked: Rules) -> FunnelQuery | None:
        scene = self.console.scene()
        place = replace(scene.place, funnel=self.name_of, rules=looked)
        return funnel.main(replace(scene, place=place))

    def take_answer(self) -> None:
        """What the draft gives, and what the configuration gives."""
        scene = self.console.scene()
        wanted, own = self._query(self.wanted()), self._query(Rules())
        asks = tuple(each for each in (wanted, own) if each is not None)
        if scene.snapshot is not None:
            self.console.ask(asks, scene.snapshot.version)
        room = self._room()
        more = f" {self.say('rules.more', n=self.below)} " if self.below else ""
        rule = self.console.glyphs.rule * (room - cells(more) - 2)
        lines: list[Line] = [
            line((rule, "border"), (more, "ink-dim"), (self.console.glyphs.rule * 2, "border"))
        ]
        for word, asked in (("gives", wanted), ("configured", own)):
            lines.append(self._given(word, asked, scene, room))
        self.query_one("#given", Lines).put(lines)

    def _given(self, word: str, asked: FunnelQuery | None, scene: Scene, room: int) -> Line:
        """`gives 8.947%  1,520 ▸ 884 ▸ …`, or the fault."""
        answer = scene.got(asked, FunnelAnswer) if asked else None
        name, main = pad(self.say(f"rules.{word}"), LABEL), word == "gives"
        failure = scene.failure(asked) if asked else ""
        if answer is None or failure:
            # the first line of faults only counts them
            text = failure.rpartition(PICTURES[10])[2].strip() or self.say("empty.computing")
            shown = cut(text, room - LABEL - 2)
            return line((f"  {name}", "ink-dim"), (shown, "warn" if failure else "ink-dim"))
        counts = [fmt.number(step.persons, self.lang, whole=True) for step in answer.steps]
        steps = f" {self.console.glyphs.step} ".join(counts)
        rate = fmt.percent(funnel.observed(answer), 3)
        tones = ("ink-strong", "ink") if main else ("ink-dim", "ink-dim")
        return line((f"  {name}", "ink-dim"), (f"{rate}  ", tones[0]), (steps, tones[1]))

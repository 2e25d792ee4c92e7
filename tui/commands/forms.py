"""What the table of commands is made of: options, words, commands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "count", "day", "moment", "list", "pair", "seconds", "number", "labels"]
"""How a value's text is read: `pair` is `I,J`, `list` is parted by commas, `seconds` is `20s` or `5m`,
`number` is 0.3 or 30%."""


@dataclass(frozen=True, slots=True)
class Option:
    """`--name VALUE`, or a switch where `value` is empty; `optional`: the value may be left out."""

    name: str
    help: str
    value: str = ""
    kind: Kind = "text"
    choices: tuple[str, ...] = ()
    optional: bool = False

    @property
    def key(self) -> str:
        """Its name on the parsed arguments."""
        return self.name.removeprefix("--").replace("-", "_")

    @property
    def usage(self) -> str:
        """`--grain day|week|month`."""
        shown = "|".join(self.choices) if self.choices and self.kind != "list" else self.value
        return f"{self.name} [{shown}]" if self.optional else f"{self.name} {shown}".rstrip()


@dataclass(frozen=True, slots=True)
class Word:
    """A positional argument: one, none or one (`?`), or any number (`*`)."""

    name: str
    help: str
    count: Literal["one", "?", "*"] = "one"
    choices: tuple[str, ...] = ()

    @property
    def usage(self) -> str:
        """`DIR`, `[ID]`, `NAME…`."""
        shown = "|".join(self.choices) or self.name
        return {"one": shown, "?": f"[{shown}]", "*": f"{shown}…"}[self.count]


@dataclass(frozen=True, slots=True)
class Command:
    """One command; `module` under `tui.commands` runs it."""

    name: str
    help: str
    words: tuple[Word, ...] = ()
    options: tuple[Option, ...] = ()
    module: str = ""
    more: str = ""
    """What `--help` says after the options."""
    screen: bool = False
    """Opens a terminal console."""

    @property
    def usage(self) -> str:
        """The command as one writes it, without the common options."""
        parts = ["looptop", self.name, *(word.usage for word in self.words)]
        return " ".join([*filter(None, parts), *(f"[{option.usage}]" for option in self.options)])

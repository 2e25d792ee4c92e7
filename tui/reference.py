"""The README's reference, made from the code; `python -m tui.reference README.md` writes it there."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import UsageError
from tui.commands.arguments import COMMON
from tui.commands.forms import Command
from tui.commands.grammar import COMMANDS, CONSOLE

if TYPE_CHECKING:
    from tui.screens.page import Page


def markdown_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; bars inside cells are escaped."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |"
        for line in lines
    )


def commands() -> str:
    """Every command with its words and options, then the options that all have."""
    parts = [_command(command) for command in (CONSOLE, *COMMANDS)]
    common = markdown_table(("Option of every command", ""), [(f"`{one.usage}`", one.help) for one in COMMON])
    return "\n\n".join([*parts, common])


def _command(command: Command) -> str:
    name = f"looptop {command.name}".strip()
    words = " ".join(word.usage for word in command.words)
    rows = [(f"`{option.usage}`", option.help) for option in command.options]
    head = f"#### `{name} {words}`\n\n{command.help}."
    return head + ("\n\n" + markdown_table(("Option", ""), rows) if rows else "")


def configuration() -> str:
    """Every key of looptop.toml."""
    from engine.workspace import schema_reference

    return schema_reference().strip()


def keys() -> str:
    """Every action of the console with its key."""
    from tui.deeds import AVAILABLE, BY_PAGE
    from tui.keys import markdown
    from tui.screens.page import TABLE_ACTIONS

    every_page = AVAILABLE | BY_PAGE | TABLE_ACTIONS
    return markdown(available=every_page | {name for page in pages() for name in page.ABLE}).strip()


def pages() -> tuple[type[Page], ...]:
    """Every page of the console."""
    from tui.screens import alerts, funnel, metrics, overview, person, sources
    from tui.screens.page import Page

    modules = (alerts, funnel, metrics, overview, person, sources)
    return tuple(
        found
        for module in modules
        for found in vars(module).values()
        if isinstance(found, type) and issubclass(found, Page)
    )


def metrics() -> str:
    """The built-in dictionary."""
    from engine.metrics import BUILTIN

    rows = [
        (
            f"`{one.name}`",
            one.label.get("en", ""),
            one.label.get("zh", ""),
            one.unit,
            one.wording.get("en", ""),
        )
        for one in BUILTIN.values()
    ]
    return markdown_table(("Metric", "English", "简体中文", "Unit", "What is counted"), rows)


BLOCKS: dict[str, Callable[[], str]] = {
    "commands": commands,
    "configuration": configuration,
    "keys": keys,
    "metrics": metrics,
}


def filled(text: str) -> str:
    """The text with every block between `<!-- generated: NAME -->` and `<!-- end: NAME -->` made anew.

    Raises: UsageError where a block's marks are missing.
    """
    for name, make in BLOCKS.items():
        start, end = f"<!-- generated: {name} -->", f"<!-- end: {name} -->"
        if start not in text or end not in text:
            raise UsageError(f"the text has no block {start} … {end}")
        before, _, rest = text.partition(start)
        text = f"{before}{start}\n\n{make()}\n\n{end}{rest.partition(end)[2]}"
    return text


def main() -> int:
    """Rewrite the blocks of the file that is named."""
    path = Path(sys.argv[1] if len(sys.argv) > 1 else "README.md")
    path.write_text(filled(path.read_text("utf-8")), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""`looptop`: reads the command line, runs one command, turns errors into one message and an exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine import __version__
from engine.errors import LooptopError, UnknownName, UsageError, nearest
from tui.commands.arguments import COMMON
from tui.commands.forms import Command
from tui.commands.grammar import BY_NAME, COMMANDS, CONSOLE

if TYPE_CHECKING:
    from argparse import Namespace

DONE, FAILED_CHECK, BAD_USE, INTERRUPTED = 0, 1, 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    In:  the words after `looptop`; None: those of the process.
    Out: 0 done, 1 a check that failed, 2 bad usage or configuration, 130 interrupted. Never raises for a
         user's mistake.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        code = _run(words)
        sys.stdout.flush()
        return code
    except LooptopError as error:
        return _complain(str(error))
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _close_quietly()
        return DONE
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return _complain(f"{where}{error.strerror or error}")


def _run(words: list[str]) -> int:
    command, rest = choose(words)
    if rest[:1] == ["--version"]:
        print(f"looptop {__version__}")  # noqa: T201 - the answer
        return DONE
    from tui.commands import parsing

    if parsing.wants_help(rest):
        print(parsing.help_of(command))  # noqa: T201 - the answer
        return DONE
    arguments = parsing.parse(command, rest)
    return _module(command).run(arguments)


class _Runs:
    """What every command module has."""

    @staticmethod
    def run(arguments: Namespace) -> int:
        """Do it; the exit code."""
        raise NotImplementedError


def _module(command: Command) -> _Runs:
    from importlib import import_module

    module: _Runs = import_module(f"tui.commands.{command.module}")  # type: ignore[assignment]
    return module


def choose(words: list[str]) -> tuple[Command, list[str]]:
    """Which command is meant, and the words that are left for it.

    Common options may also stand before the command. The first other word is a command or a directory.
    Raises: UsageError where it is neither, with the nearest command.
    """
    with_value = {option.name for option in COMMON if option.value}
    at = 0
    while at < len(words) and words[at].startswith("--"):
        if words[at] not in {option.name for option in COMMON} and words[at].split("=")[0] not in with_value:
            return CONSOLE, words
        at += 2 if words[at] in with_value else 1
    if at >= len(words):
        return CONSOLE, words
    word = words[at]
    if word in BY_NAME and word:
        return BY_NAME[word], words[:at] + words[at + 1 :]
    if word == "help":
        return CONSOLE, ["--help"]
    _refuse_strange(word)
    return CONSOLE, words


def _refuse_strange(word: str) -> None:
    """A first word that is neither a command nor looks like a directory is a mistyped command."""
    from pathlib import Path

    if word == "@sample" or word.startswith("-") or "/" in word or Path(word).exists():
        return
    close = nearest(word, [command.name for command in COMMANDS])
    if close is None:
        raise UsageError(f'no directory "{word}", and no such command; looptop --help lists the commands')
    raise UnknownName("directory or command", word, [close])


def _complain(message: str) -> int:
    from tui.harmless import harmless

    lines = [harmless(line) for line in message.splitlines()] or ["failed"]
    print("looptop:", "\n".join(lines), file=sys.stderr)  # noqa: T201 - the one message
    return BAD_USE


def _close_quietly() -> None:
    """Whoever read stdout is gone: nothing more is written, and the interpreter's own flush must not fail."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())

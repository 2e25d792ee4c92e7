"""From words to values: argparse built from the grammar, with one-line errors and nearest names."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import date, datetime
from typing import NoReturn

from engine.errors import UnknownName, UsageError, nearest
from tui.commands.arguments import COMMON
from tui.commands.forms import Command, Option
from tui.commands.grammar import COMMANDS, CONSOLE

SPANS = {"s": 1.0, "m": 60.0, "h": 3600.0}
HELP = frozenset({"--help", "-h"})


class _Parser(argparse.ArgumentParser):
    """Raises instead of leaving the process."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message.removeprefix('argument ')}; see {self.prog} --help")


def wants_help(words: list[str]) -> bool:
    """Whether the words ask how the command is written."""
    return not HELP.isdisjoint(words)


def parse(command: Command, words: list[str]) -> argparse.Namespace:
    """The values of a command's words and options; options may stand anywhere.

    Out: a namespace with `command` and every option, the common ones too; None or False where absent.
    Raises: UsageError with one clear line.
    """
    parser = _Parser(prog=f"looptop {command.name}".strip(), add_help=False, allow_abbrev=False)
    for word in command.words:
        parser.add_argument(
            word.name.lower(), metavar=word.name, nargs={"one": None, "?": "?", "*": "*"}[word.count]
        )
    for option in (*command.options, *COMMON):
        _add(parser, option)
    try:
        values, left = parser.parse_known_intermixed_args(words)
    except argparse.ArgumentError as error:
        raise UsageError(f"{error}; see {parser.prog} --help") from error
    if left:
        _refuse(command, left)
    for word in command.words:
        chosen = getattr(values, word.name.lower())
        if word.choices and chosen not in word.choices:
            raise UnknownName(word.name.lower(), chosen, word.choices)
    values.command = command.name
    return values


def _add(parser: argparse.ArgumentParser, option: Option) -> None:
    if not option.value:
        parser.add_argument(option.name, action="store_true", dest=option.key)
    elif option.optional:
        parser.add_argument(option.name, nargs="?", const=(), type=_reader(option), dest=option.key)
    else:
        parser.add_argument(option.name, type=_reader(option), dest=option.key, metavar=option.value)


def _refuse(command: Command, left: list[str]) -> NoReturn:
    known = [option.name for option in (*command.options, *COMMON)]
    name = f"looptop {command.name}".strip()
    strange = next((word for word in left if word.startswith("-")), None)
    if strange is None:
        raise UsageError(f'{name} does not know what to do with "{left[0]}"; see {name} --help')
    raise UnknownName(f"option of {name}", strange.split("=")[0], known)


def _reader(option: Option) -> Callable[[str], object]:
    """The function that reads an option's text; its complaints become argparse's."""
    read = READERS[option.kind]

    def checked(text: str) -> object:
        value = read(text)
        chosen = value if isinstance(value, tuple) else (value,)
        for one in chosen if option.choices else ():
            if one not in option.choices:
                close = nearest(str(one), option.choices)
                hint = f"; nearest: {close}" if close else ""
                raise argparse.ArgumentTypeError(f'"{one}" is none of {", ".join(option.choices)}{hint}')
        return value

    return checked


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f'"{text}" is not a whole number above 0')
    return int(text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f'"{text}" is not a date; write 2026-11-01') from None


def _moment(text: str) -> datetime:
    """An instant; without an offset it is in the workspace's time zone."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f'"{text}" is not a time; write 2026-11-01T13:00') from None


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _pair(text: str) -> tuple[int, int]:
    parts = _list(text)
    if len(parts) != 2 or not all(part.isdigit() for part in parts):
        raise argparse.ArgumentTypeError(f'"{text}" is not two step numbers; write 1,4')
    return int(parts[0]), int(parts[1])


def _labels(text: str) -> dict[str, str]:
    """`channel=douyin,region=华东`; a part without `=` goes on with the value before it."""
    found: dict[str, str] = {}
    last = None
    for part in text.split(","):
        name, equals, value = part.partition("=")
        if equals and name.strip():
            last = name.strip()
            found[last] = value
        elif last is not None:
            found[last] += f",{part}"
        else:
            raise argparse.ArgumentTypeError(f'"{text}" is no member; write channel=douyin')
    return found


def _seconds(text: str) -> float:
    number, unit = (text[:-1], text[-1]) if text[-1:] in SPANS else (text, "s")
    try:
        value = float(number) * SPANS[unit]
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f'"{text}" is not a length of time; write 20s or 5m')
    return value


def _number(text: str) -> float:
    """A number, also as `-30%`."""
    share = text.endswith("%")
    try:
        value = float(text.removesuffix("%")) / (100 if share else 1)
    except ValueError:
        value = float("nan")
    if not abs(value) < float("inf"):
        raise argparse.ArgumentTypeError(f'"{text}" is not a number; write 0.3 or 30%')
    return value


READERS: dict[str, Callable[[str], object]] = {
    "text": str,
    "count": _count,
    "day": _day,
    "moment": _moment,
    "list": _list,
    "pair": _pair,
    "seconds": _seconds,
    "labels": _labels,
    "number": _number,
}


def help_of(command: Command) -> str:
    """The text of `--help`: how it is written, what each part means."""
    lines = [command.help, "", f"  {command.usage}", ""]
    if command is CONSOLE:
        lines += [*_columns([(other.name, other.help) for other in COMMANDS], "Commands"), ""]
    lines += _columns([(word.name, word.help) for word in command.words], "Words")
    lines += _columns([(option.usage, option.help) for option in command.options], "Options")
    lines += _columns([(option.usage, option.help) for option in COMMON], "Options of every command")
    lines += ["", command.more] if command.more else []
    if command is CONSOLE:
        lines += ["", "looptop COMMAND --help says more; looptop --version names the version."]
    return "\n".join(lines)


def _columns(pairs: list[tuple[str, str]], title: str) -> list[str]:
    widest = min(max((len(left) for left, _ in pairs), default=0), 34)
    return [f"{title}:", *(f"  {left:<{widest}}  {right}" for left, right in pairs)] if pairs else []

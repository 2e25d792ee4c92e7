"""Commands by name: what can be typed after `:`, what matches, and what is meant."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from engine.questions import Snapshot
from tui.harmless import harmless
from tui.place import SCREENS
from tui.theme import theme_names
from tui.views.crumbs import metric_name
from tui.views.scene import Scene, dimension

DIMENSIONS = ("channel", "campaign", "creative", "region", "device", "product")
_PERSON = re.compile(r"p_[0-9a-f]{16}|[a-z][a-z0-9_]*:\S.*")
"""What names a person without the word `person` before it."""
_WIDE = str.maketrans({"：": ":", "　": " "})


@dataclass(frozen=True, slots=True)
class Command:
    """A text to type, what it is for, and what it does as (verb, argument)."""

    text: str
    about: str
    verb: str
    argument: str = ""


def dimensions(snapshot: Snapshot | None) -> tuple[str, ...]:
    """What can group: the canonical dimensions and those that the workspace looks up."""
    return (*DIMENSIONS, *(snapshot.dimensions if snapshot else ()))


def commands(scene: Scene, metrics: Iterable[str], funnels: Iterable[str]) -> tuple[Command, ...]:
    """All commands: screens, metrics, funnels, sources, dimensions, comparisons, themes, languages."""
    say = scene.say
    out = [
        Command(kind, f"{number}  {say(f'screen.{kind}')}", "screen", str(number))
        for number, kind in SCREENS.items()
    ]
    out += [Command(name, say(f"help.{name}.open"), name) for name in ("rules", "review", "quiet")]
    out += [Command(f"metrics {name}", metric_name(scene, name), "metric", name) for name in metrics]
    out += [Command(f"funnel {harmless(name)}", say("screen.funnel"), "funnel", name) for name in funnels]
    sources = scene.snapshot.status.sources if scene.snapshot else ()
    out += [Command(f"sources {harmless(s.name)}", say("screen.sources"), "source", s.name) for s in sources]
    out += [
        Command(f"by {harmless(name)}", say("command.by") + " " + dimension(name, scene.lang), "by", name)
        for name in dimensions(scene.snapshot)
    ]
    out += [
        Command(f"compare {name}", say(f"compare.pick_{name}"), "compare", name)
        for name in ("none", "previous", "week", "month", "year", "target")
    ]
    out += [Command("range ", say("command.range"), "range"), Command("asof ", say("command.asof"), "asof")]
    out += [Command("filter ", say("command.filter"), "filter")]
    out += [Command("person ", say("command.person"), "person")]
    out += [Command(f"theme {name}", say("command.theme"), "theme", name) for name in theme_names()]
    out += [Command(f"lang {name}", say("command.lang"), "lang", name) for name in ("en", "zh")]
    out += [
        Command(f"heat {which}", say(f"help.heat.{which}"), "heat", which) for which in ("hours", "regions")
    ]
    out += [
        Command("build", say("builder.title"), "build"),
        Command("views", say("label.views.open"), "do", "views.open"),
    ]
    out += [Command("export", say("command.export"), "do", "export.csv")]
    out += [
        Command("help", say("command.help"), "do", "help.open"),
        Command("wall", say("help.wall.on"), "do", "wall.on"),
    ]
    return (*out, Command("quit", say("command.quit"), "quit"))


def _plain(text: str) -> str:
    return text.translate(_WIDE).strip().lstrip(":").strip().casefold()


def matching(all_commands: tuple[Command, ...], text: str) -> tuple[Command, ...]:
    """Commands that hold the typed words, those that begin with them first."""
    wanted = _plain(text)
    verb, _, rest = wanted.partition(" ")
    free = [c for c in all_commands if c.text.endswith(" ") and verb and c.text.strip() == verb and rest]
    if free:
        return tuple(free)
    words = wanted.split()
    held = [c for c in all_commands if all(w in c.text.casefold() or w in c.about.casefold() for w in words)]
    return tuple(
        sorted(held, key=lambda c: (not c.text.casefold().startswith(wanted), all_commands.index(c)))
    )


def meant(
    all_commands: tuple[Command, ...], found: tuple[Command, ...], at: int, text: str
) -> Command | None:
    """The command to run: an exact one, one with an argument of its own, else the chosen match."""
    wanted = _plain(text)
    exact = next(
        (c for c in all_commands if c.text.strip().casefold() == wanted and not c.text.endswith(" ")), None
    )
    if exact is not None:
        return exact
    verb, _, rest = text.translate(_WIDE).strip().lstrip(":").strip().partition(" ")
    free = next((c for c in all_commands if c.text == f"{verb.casefold()} "), None)
    if free is not None:
        return Command(free.text, free.about, free.verb, rest.strip())
    if _PERSON.fullmatch(text.strip()):
        return Command("person ", "", "person", text.strip())
    return found[at] if found and at < len(found) and wanted else None


def nearest(all_commands: tuple[Command, ...], text: str) -> str:
    """The command most like what was typed."""
    names = [c.text.strip() for c in all_commands]
    return next(iter(get_close_matches(_plain(text), names, 1, 0.3)), names[0])

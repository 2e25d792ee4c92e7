"""The rules of a funnel as they are looked at: their words, what differs from the configuration, in short."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from tui import format as fmt
from tui.asking import RulesAsk
from tui.harmless import harmless
from tui.place import Rules
from tui.views.scene import Scene, dimension, member

Words = Mapping[str, Any]
DEFAULTS: Words = {
    "window": "14d", "mode": "ordered", "on_exclusion": "drop", "count": "persons", "ties": "any",
    "breakdown": "first_touch",
}  # fmt: skip
"""What looptop.toml means where it says nothing."""
_SPAN = re.compile(r"(\d+)(ms|s|m|h|d|w)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}


@lru_cache(maxsize=64)
def read(text: str) -> Words:
    """The words of the first funnel of a text, empty where there is none."""
    try:
        found = tomllib.loads(text).get("funnel", {})
    except tomllib.TOMLDecodeError:
        return {}
    return next(iter(found.values()), {}) if isinstance(found, dict) else {}


def configured(scene: Scene, name: str) -> Words:
    """The words of the configuration, empty before they are known."""
    text: str | None = scene.got(RulesAsk(name), str)
    return read(text or "")


def in_force(scene: Scene, name: str) -> Words:
    """The words that the place looks at the funnel with."""
    toml = scene.place.rules.toml
    return read(toml) if toml else configured(scene, name)


def value(words: Words, key: str) -> Any:
    """A word, else what its absence means."""
    return words.get(key, DEFAULTS.get(key))


def differences(rules: Rules, words: Words, own: Words) -> tuple[str, ...]:
    """The names of all that is not as configured, in the order of the form.

    In:  the rules of a place; the words in force; those of the configuration.
    """
    keys = ("mode", "window", "count", "ties", "where", "hold", "exclude", "on_exclusion", "breakdown")
    out = [key for key in keys if value(words, key) != value(own, key)] if own else []
    if rules.breakdown and rules.breakdown != value(own, "breakdown") and "breakdown" not in out:
        out.append("breakdown")
    if own and _bare(words.get("steps", ())) != _bare(own.get("steps", ())):
        out.insert(0, "steps")
    out += [name for name, on in (("enter", rules.enter != "first"), ("segment", bool(rules.where))) if on]
    out += ["member"] if rules.member is not None else []
    return (*out, "trend") if rules.steps is not None else tuple(out)


def _bare(steps: Sequence[Any]) -> list[Any]:
    """Steps as tables, however they are written."""
    return [step if isinstance(step, Mapping) else {"event": step} for step in steps]


def span(text: str, lang: str) -> str:
    """`7d` as the console says it: `7 d`, `7 天`; what is no length of time stays as it is."""
    found = _SPAN.fullmatch(text)
    return fmt.duration(int(found[1]) * _SECONDS[found[2]], lang) if found else harmless(text)


def said(scene: Scene, key: str, word: str) -> str:
    """A value of the form in words: those of the console where there are some, else as it is."""
    known = {
        "mode": ("ordered", "strict", "unordered"),
        "count": ("persons", "attempts"),
        "ties": ("any", "strict"),
        "on_exclusion": ("drop", "restart"),
        "breakdown": ("first_touch", "last_touch", "all_events"),
        "enter": ("first", "any"),
        "first_time": ("no", "event", "filtered"),
        "window": ("none", "same_day", "same_week"),
    }
    if word in known.get(key, ()):
        return scene.say(f"rules.{key}_{word}")
    if key == "breakdown" and word.startswith("step:"):
        return scene.say("rules.breakdown_step", number=word.removeprefix("step:"))
    return span(word, scene.lang) if key in ("window", "within") else harmless(word)


def short(scene: Scene, name: str) -> str:
    """`ordered · 7 d · persons · first touch`: what the right end of the title says."""
    words, rules = in_force(scene, name), scene.place.rules
    if not words:
        return ""
    parts = [said(scene, key, str(value(words, key))) for key in ("mode", "window", "count")]
    if "hold" in words:
        parts.append(scene.say("rules.same", columns=", ".join(harmless(str(c)) for c in words["hold"])))
    parts.append(said(scene, "breakdown", rules.breakdown or str(value(words, "breakdown"))))
    if rules.enter == "any":
        parts.append(said(scene, "enter", "any"))
    return " · ".join(parts)


def changed(scene: Scene, name: str) -> tuple[str, ...]:
    """What is not as configured at this place, in words."""
    rules = scene.place.rules
    if rules == Rules():
        return ()
    found = differences(rules, in_force(scene, name), configured(scene, name))
    return tuple(_named(scene, each) for each in found)


def _named(scene: Scene, each: str) -> str:
    """An option by its name; a group by its dimension and value."""
    group = scene.place.rules.member
    if each != "member" or group is None:
        return scene.say(f"rules.{each}")
    return f"{dimension(group[0], scene.lang)} = {member(group[1], scene.lang)}"

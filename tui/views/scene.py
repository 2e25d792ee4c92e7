"""All that a page is drawn from: one snapshot, the answers that belong to it, place, language and size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from engine.questions import Range, Snapshot
from tui import format as fmt
from tui.asking import Ask, Failed
from tui.harmless import harmless
from tui.place import Place
from tui.words import UnknownWordError, say

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Size:
    """Cells of the terminal, and the classes of layout they fall into."""

    width: int = 120
    height: int = 36
    slow: bool = False
    """Over a slow link trends have one row and the chart is left out."""

    @property
    def tiny(self) -> bool:
        """One panel at a time."""
        return self.width < 60

    @property
    def narrow(self) -> bool:
        """List or detail, not both."""
        return self.width < 100

    @property
    def wide(self) -> bool:
        """Three across."""
        return self.width >= 160

    @property
    def flat(self) -> bool:
        """Too low for context and status lines of their own."""
        return self.height < 20

    @property
    def low(self) -> bool:
        """Funnel and alerts as one line each."""
        return self.height < 30

    @property
    def high(self) -> bool:
        """Room for the chart and the sources."""
        return self.height >= 45 and not self.slow


@dataclass(frozen=True, slots=True)
class Scene:
    """What a page is drawn from; `computing` where an answer is under way."""

    place: Place
    snapshot: Snapshot | None = None
    answers: Mapping[Ask, object] = field(default_factory=dict)
    lang: str = "en"
    size: Size = Size()
    computing: bool = False
    now: datetime | None = None
    """The wall clock, naive UTC."""
    note: str = ""
    root: str = ""
    """The directory's own name."""

    def say(self, word: str, **values: object) -> str:
        """A text of the catalogue in the scene's language."""
        return say(word, self.lang, **values)

    def local(self, moment: datetime) -> datetime:
        """A naive UTC moment in the workspace's time zone."""
        zone = ZoneInfo(self.snapshot.timezone) if self.snapshot else ZoneInfo("UTC")
        return moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(zone).replace(tzinfo=None)

    def got(self, ask: Ask, kind: type[T]) -> T | None:
        """The answer to a question, None while there is none."""
        found = self.answers.get(ask)
        return found if isinstance(found, kind) else None

    def failure(self, *asks: Ask) -> str:
        """Why one of these questions could not be answered, `""` if none failed."""
        for ask in asks:
            found = self.answers.get(ask)
            if isinstance(found, Failed):
                return harmless(found.why)
        return ""

    @property
    def range(self) -> Range:
        """The place's own range, else that of the view."""
        return self.place.range or (self.snapshot.range if self.snapshot else Range())

    @property
    def currency(self) -> str:
        """How the currency is named in titles."""
        code = self.snapshot.currency if self.snapshot else ""
        return "元" if self.lang == "zh" and code == "CNY" else harmless(code)


def words_of(label: Mapping[str, str], lang: str, name: str) -> str:
    """The label in a language, else in any, else the name; harmless."""
    found = label.get(lang) or next(iter(label.values()), "") or name.replace("_", " ")
    return harmless(found)


def dimension(name: str, lang: str) -> str:
    """A dimension's name in the words of the console, else as it is."""
    try:
        return say(f"dimension.{name}", lang)
    except UnknownWordError:
        return harmless(name.replace("_", " "))


def head(name: str, lang: str) -> str:
    """A column's title, else the name."""
    try:
        return say(f"head.{name}", lang)
    except UnknownWordError:
        text = dimension(name, lang)
        return text[:1].upper() + text[1:]


def member(value: str | None, lang: str) -> str:
    """A member of a dimension, harmless; `(none)` where there is no value."""
    return say("head.none", lang) if value is None or value == "" else harmless(value)


def member_text(dim: str, value: str | None, lang: str) -> str:
    """A member of that dimension in words: a weekday by its name, an hour as `14:00`."""
    if value is not None and value.isdecimal():
        if dim == "weekday" and 1 <= int(value) <= 7:
            return fmt.WEEKDAYS[lang][int(value) - 1]
        if dim == "hour_of_day":
            return f"{int(value):02d}:00"
    return member(value, lang)


def span(view_days: int, lang: str) -> str:
    """`7 d`, `7 天` as a length."""
    return fmt.age(view_days * 86400, lang) if view_days > 1 else fmt.duration(view_days * 86400, lang)


def unit_of(unit: str, scene: Scene) -> str:
    """What stands at the right end of a title for a metric's unit."""
    return scene.currency if unit == "money" else ""

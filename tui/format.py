"""Numbers, changes, ages and dates as text, in English and Chinese.

Pure functions of their arguments; nothing here knows a terminal. Negative numbers carry U+2212, missing ones
are `–`. A tile shows four significant digits with its unit (`1.421M`, `142.1万`); a column has one unit and
one count of decimals, so that points stand under points.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from tui.view import Change

MINUS = "−"
NONE = "–"
DIGITS = 4
SCALES: dict[str, tuple[tuple[float, str], ...]] = {
    "en": ((1e9, "B"), (1e6, "M"), (1e3, "k")),
    "zh": ((1e8, "亿"), (1e4, "万")),
}
SCALED_FROM = 10_000.0
WEEKDAYS = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
SPANS = {
    "en": ((86400, " d", " d"), (3600, " h", " h"), (60, " min", " min"), (1, " s", " s")),
    "zh": ((86400, " 天", " 天"), (3600, " 小时", " 小时"), (60, " 分钟", " 分"), (1, " 秒", " 秒")),
}


@dataclass(frozen=True, slots=True)
class ColumnUnit:
    """The one unit of a column: values are divided by `factor`, shown with `decimals`; `suffix` heads it."""

    factor: float = 1.0
    suffix: str = ""
    decimals: int = 0


def _fixed(value: float, decimals: int) -> str:
    text = f"{abs(value):,.{decimals}f}"
    negative = value < 0 and any(c in "123456789" for c in text)
    return (MINUS if negative else "") + text


def _known(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def _decimals(value: float, digits: int = DIGITS) -> int:
    """How many decimals show `digits` significant digits of value (at least 0, at most 6)."""
    if value == 0:
        return 0
    magnitude = int(f"{abs(value):.{digits - 1}e}".split("e")[1])
    return min(max(digits - 1 - magnitude, 0), 6)


def number(value: float | None, lang: str = "en", *, whole: bool = False) -> str:
    """A value for a tile: four significant digits, scaled from 10 000 up.

    In:  whole: a count, shown without decimals below 10 000.
    Out: `1.421M`, `142.1万`, `6,293`, `256.5`, `–` when unknown.
    """
    if value is None or not math.isfinite(value):
        return NONE
    if float(f"{abs(value):.{DIGITS - 1}e}") < SCALED_FROM:
        return _fixed(value, 0 if whole else _decimals(value))
    scales = SCALES[lang]
    rounded = float(f"{abs(value):.{DIGITS - 1}e}")
    factor, suffix = next((s for s in scales if rounded >= s[0]), scales[-1])
    return _fixed(value / factor, _decimals(value / factor)) + suffix


def exact(value: float | None) -> str:
    """The full value with thousands separators, for Enter and for the detail of a cell."""
    if value is None or not math.isfinite(value):
        return NONE
    if float(value).is_integer():
        return _fixed(value, 0)
    whole, _, rest = f"{abs(value):,.6f}".partition(".")
    return (MINUS if value < 0 else "") + whole + "." + rest.rstrip("0").ljust(2, "0")


def percent(fraction: float | None, decimals: int | None = None) -> str:
    """A fraction as percent: `18.42%`; with `decimals` that many, else four significant digits."""
    if fraction is None or not math.isfinite(fraction * 100):
        return NONE
    value = fraction * 100
    shown = decimals if decimals is not None else min(_decimals(value) if value else 2, 4)
    return _fixed(value, shown) + "%"


def money(value: float | None, lang: str = "en") -> str:
    """An amount for a tile; the currency stands once, in the title."""
    return number(value, lang)


def value_of(value: float | None, kind: str, lang: str = "en") -> str:
    """A tile's value by the kind of its metric: count, money, ratio, percent, seconds."""
    if kind == "percent":
        return percent(value)
    if kind == "seconds":
        return duration(value, lang)
    return number(value, lang, whole=kind == "count")


def column_unit(values: Iterable[float | None], lang: str = "en", *, whole: bool = False) -> ColumnUnit:
    """The unit in which the largest of these values has four significant digits.

    In:  values: the members of the column, without its total; whole: counts.
    """
    known = [abs(v) for v in values if v is not None and math.isfinite(v)]
    top = max(known, default=0.0)
    if top < SCALED_FROM:
        return ColumnUnit(decimals=0 if whole else min(_decimals(top), 3) if top else 0)
    first, *larger = reversed(SCALES[lang])
    factor, suffix = first
    for scale, name in larger:
        if top >= 10 * scale:
            factor, suffix = scale, name
    return ColumnUnit(factor, suffix, min(_decimals(top / factor), 3))


def in_unit(value: float | None, unit: ColumnUnit) -> str:
    """A cell of a column with that unit."""
    if value is None or not math.isfinite(value):
        return NONE
    return _fixed(value / unit.factor, unit.decimals)


def change(
    now: float | None,
    base: float | None,
    *,
    kind: str = "count",
    good: str = "up",
    beyond_noise: bool = False,
    lang: str = "en",
) -> Change:
    """How a value moved against its base, as direction, text and tone.

    In:  kind: `percent` metrics move in percent points, all others in percent; good: up, down or none;
         beyond_noise: the move is outside its interval or target (only then a bad one is marked `!`).
    Out: `new` without a base, `–` for 0/0 or an unknown value.
    """
    if now is None or not math.isfinite(now):
        return Change(0, NONE)
    if base is None or not math.isfinite(base):
        return Change(0, {"en": "new", "zh": "新增"}[lang])
    if kind == "percent":
        points = (now - base) * 100
        return _moved(
            points, _fixed(abs(points), 2) + {"en": " pp", "zh": " 百分点"}[lang], good, beyond_noise
        )
    if base == 0:
        return (
            Change(0, NONE) if now == 0 else Change(1 if now > 0 else -1, {"en": "new", "zh": "新增"}[lang])
        )
    share = (now - base) / abs(base) * 100
    decimals = 1 if abs(share) < 999.95 else 0
    return _moved(share, _fixed(abs(share), decimals) + "%", good, beyond_noise)


def _moved(amount: float, text: str, good: str, beyond_noise: bool) -> Change:
    direction = 0 if not any(c in "123456789" for c in text) else 1 if amount > 0 else -1
    if direction == 0 or good not in ("up", "down"):
        return Change(direction, text)
    better = (direction > 0) == (good == "up")
    return Change(direction, text, "good" if better else "bad", alarm=beyond_noise and not better)


def signed(value: float | None, lang: str = "en", *, whole: bool = False) -> str:
    """A number with its sign always shown: `+25.40k`, `−66.31k`."""
    if value is None or not math.isfinite(value):
        return NONE
    text = number(value, lang, whole=whole)
    return text if value <= 0 else "+" + text


def duration(seconds: float | None, lang: str = "en") -> str:
    """A length of time in its two largest units: `48 s`, `3 min 12 s`, `2 min 05 s`, `1 d 4 h`."""
    if seconds is None or not math.isfinite(seconds):
        return NONE
    if 0 < abs(seconds) < 1:
        return _fixed(seconds, 2) + SPANS[lang][-1][1]
    rest = round(abs(seconds))
    sign = MINUS if seconds < 0 and rest else ""
    spans = SPANS[lang]
    for at, (size, alone, paired) in enumerate(spans):
        if rest >= size or size == 1:
            many, left = divmod(rest, size)
            if at + 1 == len(spans):
                return f"{sign}{many}{alone}"
            next_size, next_alone, _ = spans[at + 1]
            less = left // next_size
            if not less:
                return f"{sign}{many}{alone}"
            shown = f"{less:02d}" if next_size < 3600 and at else f"{less}"
            last = spans[at + 1][2] if at + 1 < len(spans) - 1 else next_alone
            return f"{sign}{many}{paired} {shown}{last}"
    raise AssertionError("the last span is one second")


def age(seconds: float | None, lang: str = "en") -> str:
    """How old, in one unit: `4 s`, `3 min`, `26 h`, `3 d` (from 48 h); zh `26 小时`."""
    if seconds is None or not math.isfinite(seconds):
        return NONE
    rest = max(0, int(seconds))
    days, hours, minutes, one = (span[1] for span in SPANS[lang])
    if rest < 60:
        return f"{rest}{one}"
    if rest < 3600:
        return f"{rest // 60}{minutes}"
    return f"{rest // 3600}{hours}" if rest < 48 * 3600 else f"{rest // 86400}{days}"


def ago(seconds: float | None, lang: str = "en") -> str:
    """An age as a moment before now: `4 s ago`, `4 秒前`."""
    text = age(seconds, lang)
    return text if text == NONE else text + {"en": " ago", "zh": "前"}[lang]


def weekday(day: date, lang: str = "en") -> str:
    """`Thu`, `周四`."""
    return WEEKDAYS[lang][day.weekday()]


def day(value: date, lang: str = "en", *, named: bool = False, year: int | None = None) -> str:
    """`10-29`, with its weekday `Thu 10-29` / `10-29 周四`; the year only where it is not `year`."""
    text = f"{value:%m-%d}" if year in (None, value.year) else f"{value:%Y-%m-%d}"
    if not named:
        return text
    return f"{weekday(value, lang)} {text}" if lang == "en" else f"{text} {weekday(value, lang)}"


def days(start: date, end: date) -> str:
    """An inclusive range of days: `10-23…10-29`; a single day once; years where they differ."""
    if start == end:
        return day(start)
    if start.year != end.year:
        return f"{start:%Y-%m-%d}…{end:%Y-%m-%d}"
    return f"{day(start)}…{day(end)}"


def moment(value: datetime, lang: str = "en", *, zone: str = "") -> str:
    """`Thu 10-29 14:32`, `10-29 周四 14:32`, with `zone` (like `+08:00`) after it."""
    text = f"{day(value.date(), lang, named=True)} {value:%H:%M}"
    return f"{text} {zone}" if zone else text


def period(value: date | datetime, grain: str, lang: str = "en") -> str:
    """A period by its first moment: `10-29 14h`, `10-29`, `W44 10-26`, `2026-10`, `2026 Q4`, `2026`."""
    if grain == "hour" and isinstance(value, datetime):
        return f"{value:%m-%d %H}" + {"en": "h", "zh": "时"}[lang]
    if grain == "week":
        week = value.isocalendar()[1]
        return {"en": f"W{week:02d} {value:%m-%d}", "zh": f"第{week}周 {value:%m-%d}"}[lang]
    if grain == "month":
        return f"{value:%Y-%m}"
    if grain == "quarter":
        return f"{value:%Y} Q{(value.month - 1) // 3 + 1}"
    return f"{value:%Y}" if grain == "year" else f"{value:%m-%d}"


def month(value: date, lang: str = "en") -> str:
    """`Oct 2026`, `2026 年 10 月`."""
    return f"{MONTHS[value.month - 1]} {value.year}" if lang == "en" else f"{value.year} 年 {value.month} 月"

"""Sparklines of blocks and bars of eighths."""

from __future__ import annotations

from tui.glyphs import Glyphs
from tui.lines import line
from tui.view import Line, Spark


def levels(values: tuple[float | None, ...], steps: int) -> tuple[int | None, ...]:
    """Each value as 0 … steps − 1 between the lowest and the highest; equal values are in the middle."""
    known = [v for v in values if v is not None]
    if not known:
        return tuple(None for _ in values)
    low, high = min(known), max(known)
    if high == low:
        return tuple(None if v is None else (0 if high == 0 else steps // 2) for v in values)
    return tuple(None if v is None else min(steps - 1, int((v - low) / (high - low) * steps)) for v in values)


def spark_line(spark: Spark, width: int, glyphs: Glyphs, tokens: str = "series-1") -> Line:
    """The newest `width` periods, the last at the right end; a gap is `·`, an unfinished one is hatched."""
    values = spark.values[-width:] if width > 0 else ()
    if not values:
        return line((" " * max(0, width), "ink"))
    shown = levels(values, len(glyphs.spark))
    body = "".join(glyphs.gap if at is None else glyphs.spark[at] for at in shown)
    blank = (" " * (width - len(values)), "ink")
    if not spark.partial or shown[-1] is None:
        return line(blank, (body, tokens))
    hatch = glyphs.hatch[shown[-1] * len(glyphs.hatch) // len(glyphs.spark)]
    return line(blank, (body[:-1], tokens), (hatch, "partial"))


def bar_line(share: float, width: int, glyphs: Glyphs, tokens: str = "bar", rest: bool = True) -> Line:
    """A bar of `share` (0–1, more is cut) of `width` cells in eighths, its rest dotted or blank."""
    if width <= 0:
        return ()
    eighths = round(min(max(share, 0.0), 1.0) * width * 8)
    if share > 0:
        eighths = max(eighths, 1)
    full, part = divmod(eighths, 8)
    body = glyphs.bar[8] * full + (glyphs.bar[part] if part else "")
    return line(
        (body, tokens),
        ((glyphs.bar_rest if rest else " ") * (width - len(body)), "bar-rest" if rest else "ink"),
    )

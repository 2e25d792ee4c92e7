"""A metric at a glance, in five sizes: line, small, normal, tall and wall."""

from __future__ import annotations

from rich.cells import cell_len

from tui.draw.digits import digits, digits_width
from tui.draw.frame import frame
from tui.draw.spark import bar_line, spark_line
from tui.draw.trend import braille_lines
from tui.glyphs import Glyphs
from tui.harmless import wrap
from tui.lines import line, pad_line, spread, width_of
from tui.view import Change, Line, Series, Target, Tile, TrendView

FRAME_ROWS = 2
ALONE = 26
"""Rows from which a tile that has the wall to itself is twice as large."""
WORD_BAR = 5
"""Cells that are left for the bar where the word beside it is shown."""


def change_line(change: Change | None, glyphs: Glyphs) -> Line:
    """`▼6.2%!`: direction, size, and `!` for a bad move beyond its noise."""
    if change is None:
        return ()
    arrow = {1: glyphs.up, -1: glyphs.down}.get(change.direction, "")
    tone = change.tone if change.direction else "ink-dim"
    return line((arrow + change.text + ("!" if change.alarm else ""), tone))


def value_line(tile: Tile) -> Line:
    """The value, `?` behind it where a source is stale, `…` while it is computed."""
    tokens = "ink-dim" if tile.computing else "ink-strong fresh" if tile.fresh else "ink-strong"
    after = ("?", "stale") if tile.doubt else ("", "ink")
    return line((tile.value, tokens), after, ("…" if tile.computing else "", "ink-dim"))


def revised_line(tile: Tile, room: int, glyphs: Glyphs) -> Line:
    """` △ revised`; the sign alone where the word has no room, nothing where there is none for that."""
    sign, token = glyphs.state("revised")
    if not tile.revised or room < cell_len(sign) + 1:
        return ()
    word = f" {tile.revised}" if cell_len(f" {sign} {tile.revised}") <= room else ""
    return line((f" {sign}{word}", token))


def _first(tile: Tile, width: int, glyphs: Glyphs) -> Line:
    """Value, the mark of a revised number, and the change at the right end."""
    value, move = value_line(tile), change_line(tile.change, glyphs)
    mark = revised_line(tile, width - width_of(value) - width_of(move) - 1, glyphs)
    return spread(line(*value, *mark), move, width, keep="left")


def tile_line(tile: Tile, width: int, glyphs: Glyphs) -> Line:
    """One row: `Revenue 1.421M ▼6.2%!`; the title is cut first."""
    value = value_line(tile)
    move = change_line(tile.change, glyphs)
    if tile.revised:
        value = line(*value, *revised_line(tile, 3, glyphs))
    room = width - width_of(value) - (width_of(move) + 1 if move else 0) - 1
    title = pad_line(line((tile.title, "ink")), min(room, cell_len(tile.title))) if room > 0 else ()
    body = line(*title, (" ", "ink"), *value, (" " if move else "", "ink"), *move)
    return pad_line(body, width)


def tile_lines(
    tile: Tile, width: int, height: int, glyphs: Glyphs, *, focused: bool = False
) -> tuple[Line, ...]:
    """A framed tile; the number of inner rows decides between small (2), normal (3) and tall (4 and more)."""
    if height < 4:
        return tuple([tile_line(tile, width, glyphs)][:height])
    rows = height - FRAME_ROWS
    pad = 1 if width >= 26 else 0
    inside = width - 2 - 2 * pad
    body: list[Line] = [_first(tile, inside, glyphs)]
    if tile.error:
        body.append(line((tile.error, "bad")))
    elif rows >= 4:
        body += _trend_rows(tile, inside, rows - 2, glyphs)
    else:
        label = line((tile.spark_label, "ink-dim")) if pad else ()
        room = inside - (width_of(label) + 1 if label else 0)
        body.append(spread(label, spark_line(tile.spark, min(room, len(tile.spark.values)), glyphs), inside))
    if rows >= 3:
        body.append(target_line(tile.target, inside, glyphs))
    kind, border = ("focus", "border-focus") if focused else ("round", "border")
    return frame(
        body[:rows],
        width,
        height,
        glyphs,
        title=tile.title,
        right=tile.unit,
        kind=kind,
        border=border,
        pad=pad,
    )


def target_line(target: Target | None, width: int, glyphs: Glyphs) -> Line:
    """`target 1.500M ████▋ 94.7%! behind`; the cell of `!` is kept free where the target is met."""
    if target is None:
        return line(("–", "ink-dim"))
    text = target.text + ("!" if target.missed else " ")
    if (
        target.word
        and width - cell_len(target.label) - cell_len(text) - cell_len(target.word) >= WORD_BAR + 3
    ):
        text += " " + target.word
    room = width - cell_len(target.label) - cell_len(text) - 2
    if room < 3:
        return spread(line((target.label, "ink-dim")), line((text, "bad" if target.missed else "ink")), width)
    return line(
        (target.label + " ", "ink-dim"),
        *bar_line(target.share, room, glyphs),
        (" ", "ink"),
        (text, "bad" if target.missed else "ink"),
    )


def _trend_rows(tile: Tile, width: int, height: int, glyphs: Glyphs) -> tuple[Line, ...]:
    if len([v for v in tile.spark.values if v is not None]) < 2:
        return tuple(line((" " * width, "ink")) for _ in range(height))
    view = TrendView(series=(Series("", tile.spark.values),), partial=1 if tile.spark.partial else 0)
    return braille_lines(view, width, height, glyphs)


def wall_lines(tile: Tile, width: int, height: int, glyphs: Glyphs) -> tuple[Line, ...]:
    """A tile to be read from three metres: value, change, words, trend; in a heavy frame when worse.

    One that has the wall to itself is twice as large.
    """
    worse = tile.change is not None and tile.change.alarm
    inside = width - 4
    body = _numerals(tile, inside, 2 * 5 if tile.lines and height >= ALONE else 5, glyphs)
    body.append(())
    body.append(
        spread(
            line((tile.verdict, "bad" if worse else "good")),
            line((tile.note, "ink-dim")),
            inside,
            keep="left",
        )
    )
    said = [line((text, "ink-strong")) for each in tile.lines for text in wrap(each, inside)]
    body += [(), *said, ()] if said and height - FRAME_ROWS - len(body) > len(said) + 1 else []
    rest = height - FRAME_ROWS - len(body) - 1
    if rest >= 1:
        body += _trend_rows(tile, inside, min(rest, 10 if tile.lines else 6), glyphs)
    kind, border = ("heavy", "bad") if worse else ("round", "border")
    return frame(
        body,
        width,
        height,
        glyphs,
        title=tile.title.upper(),
        right=tile.unit,
        kind=kind,
        border=border,
        pad=1,
    )


def _numerals(tile: Tile, inside: int, rows: int, glyphs: Glyphs) -> list[Line]:
    """The value in big numerals, its change at the right where both have room."""
    value = tile.value + ("?" if tile.doubt else "")
    if digits_width(value, rows, glyphs) > inside:
        rows = 5
    big = digits(value, rows, glyphs)
    small = 3 if rows == 5 else 5
    text = arrow_text(tile.change)
    if small == 5 and digits_width(value, rows, glyphs) + digits_width(text, 5, glyphs) >= inside:
        small = 3
    move = digits(text, small, glyphs) if tile.change else ()
    lead = (rows - small) // 2
    fits = digits_width(value, rows, glyphs) <= inside
    body: list[Line] = [()]
    for at in range(rows):
        beside = move[at - lead] if move and lead <= at < lead + small else ""
        row = big[at] if fits else (value if at == 2 else "")
        room = inside - cell_len(row)
        shown = " " * (room - cell_len(beside)) + beside if cell_len(beside) < room else ""
        tone = tile.change.tone if tile.change else "ink"
        body.append(line((row, "ink-strong"), (shown, tone)))
    return body


def arrow_text(change: Change | None) -> str:
    """The change as it is drawn in big numerals."""
    if change is None:
        return ""
    return {1: "▲", -1: "▼"}.get(change.direction, "") + change.text

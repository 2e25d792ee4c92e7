"""What moved revenue most: members and their deltas, which add up to the change of the tile."""

from __future__ import annotations

from rich.cells import cell_len

from tui import format as fmt
from tui.harmless import pad
from tui.lines import line
from tui.view import Line, Run
from tui.view.text import TextView
from tui.views import chrome
from tui.views.scene import Scene, member, unit_of

MOST = 4
LEAST_WIDTH = 12


def panel(scene: Scene, most: int = MOST) -> TextView:
    """The largest deltas, everything else, and their sum; rounded so that the column adds up."""
    snapshot, say = scene.snapshot, scene.say
    title = say("panel.movers", metric=say("head.revenue").lower())
    if snapshot is None or not snapshot.movers:
        return TextView((line((" " + say("empty.movers"), "ink-dim")),), title)
    moved = snapshot.movers
    shown = moved[:most] if len(moved) > most + 1 else moved
    unit = fmt.column_unit((delta for _, delta in moved), scene.lang)
    rounded = [round(delta / unit.factor, unit.decimals) for _, delta in shown]
    whole = round(sum(delta for _, delta in moved) / unit.factor, unit.decimals)
    rows = [
        (("▲", "good") if value > 0 else ("▼", "bad") if value < 0 else (" ", "ink"),
         member(name, scene.lang), _signed(value, unit), _before(name, scene))
        for (name, _), value in zip(shown, rounded, strict=True)
    ]  # fmt: skip
    rest = whole - sum(rounded)
    if len(shown) < len(moved) or round(rest, unit.decimals):
        rows.append(((" ", "ink"), say("movers.rest"), _signed(rest, unit), ""))
    total = line((" " + say("movers.sum", delta=_signed(whole, unit)), "ink-strong"))
    return TextView((*_column(rows), total), title, _unit(scene))


def _column(rows: list[tuple[Run, str, str, str]]) -> list[Line]:
    """`▼ Douyin  −66.31k  553.6k → 487.3k`, names and numbers under each other."""
    room = max(LEAST_WIDTH, *(cell_len(name) for _, name, _, _ in rows))
    width = max(cell_len(number) for _, _, number, _ in rows)
    return [
        line(
            (f" {arrow} ", tone), (pad(name, room), "ink"),
            (" " * (2 + width - cell_len(number)) + number, tone), (f"   {note}", "ink-dim"),
        )
        for (arrow, tone), name, number, note in rows
    ]  # fmt: skip


def _signed(value: float, unit: fmt.ColumnUnit) -> str:
    text = fmt.in_unit(value * unit.factor, unit) + unit.suffix
    return f"+{text}" if round(value, unit.decimals) > 0 else text


def _before(name: str | None, scene: Scene) -> str:
    """`553.6k → 487.3k`, where the member is in the table."""
    snapshot = scene.snapshot
    row = next((one for one in snapshot.channels if one.member == name), None) if snapshot else None
    delta = dict(snapshot.movers).get(name) if snapshot else None
    now = row.values.get("revenue") if row is not None else None
    if now is None or delta is None:
        return ""
    return f"{fmt.value_of(now - delta, 'money', scene.lang)} → {fmt.value_of(now, 'money', scene.lang)}"


def _unit(scene: Scene) -> str:
    return " · ".join(part for part in (unit_of("money", scene), chrome.compare_text(scene)) if part)

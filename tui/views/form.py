"""The lines of the form of options: a label, then its choices, its value or its fields beside each other."""

from __future__ import annotations

from tui.glyphs import UNICODE
from tui.harmless import cells, cut, harmless, pad
from tui.lines import line
from tui.view import Line, Run
from tui.views import rules
from tui.views.options import Field, FormRow
from tui.views.scene import Scene

LABEL, CELL = 19, 14
HEADS = ("optional", "within", "first_time")
DIFFERS = UNICODE.states["revised"][0]


def row_line(row: FormRow, scene: Scene, room: int, cell: int | None, cursor: str) -> Line:
    """One row; in: cells of the line, the field under the cursor (None: another row), the cursor's sign."""
    if not row.fields:
        heads = "".join(pad(scene.say(f"rules.{key}"), CELL) for key in HEADS)
        return line((f"  {pad(scene.say(f'rules.{row.label}'), LABEL)} {heads}", "header"))
    exclusion = row.fields[0].key == "exclude"
    label = scene.say(f"rules.{row.label}") if row.at < 0 else harmless(row.label)
    number = f"{row.at + 1} " if row.at >= 0 and not exclusion else ""
    here = cell is not None
    text = f"{cursor if here else ' '} {pad(cut(number + label, LABEL - 1), LABEL)}"
    runs: list[Run] = [(text, "ink-strong" if here else "ink")]
    chosen = min(cell or 0, len(row.fields) - 1) if here else None
    for at, each in enumerate(row.fields):
        runs += _field(each, at == chosen, scene, room, alone=len(row.fields) == 1)
    return line(*runs)


def _field(each: Field, chosen: bool, scene: Scene, room: int, *, alone: bool) -> list[Run]:
    """All choices of a field that stands alone and has room for them, else its value."""
    tone = "revised" if each.differs else "ink"
    mark = f"{DIFFERS} " if each.differs else ""
    if each.kind == "choice" and alone:
        texts = [rules.said(scene, each.key, name) or "–" for name in each.choices]
        if sum(cells(text) + 3 for text in texts) <= room - LABEL - 6:
            return [*_choices(each, texts, chosen, tone), (f"  {mark}".rstrip(" "), "revised")]
    text = mark + _value(each, scene)
    if not alone:
        text = pad(cut(text, CELL - 2), CELL - 2)
    return [(f" {text} ", f"{tone} selected" if chosen else tone)]


def _choices(each: Field, texts: list[str], chosen: bool, tone: str) -> list[Run]:
    out: list[Run] = []
    for name, text in zip(each.choices, texts, strict=True):
        taken = name == each.value
        style = f"{tone} selected" if taken and chosen else f"ink-strong {tone}" if taken else "ink-dim"
        out.append((f" {'●' if taken else '○'} {text}", style))
    return out


def _value(each: Field, scene: Scene) -> str:
    if each.kind == "flag":
        if each.key == "exclude":
            return scene.say("rules.exclude_on" if each.value == "yes" else "rules.exclude_off")
        return scene.say(f"rules.{each.value}")
    if each.key in ("from", "to"):
        return scene.say(f"rules.{each.key}", number=each.value)
    return rules.said(scene, each.key, each.value) or "–"

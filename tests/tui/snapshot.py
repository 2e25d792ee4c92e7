"""Screens as plain text with their styles, compared with files under `snapshots/`.

A picture is what a person reads, line by line, then one line per stretch of style: `y x0-x1 style`.
Blanks at the end of a line are kept visible by the closing bar.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rich.cells import cell_len
from textual.app import App

from tui.view import Line

FOLDER = Path(__file__).parent / "snapshots"


def picture_of_lines(lines: Sequence[Line], *, styles: bool = True) -> str:
    """Lines of runs as a picture; the styles are theme tokens."""
    return _picture([[(text, tokens) for text, tokens in each] for each in lines], styles)


def picture_of_app(app: App[Any], *, styles: bool = False) -> str:
    """The screen of a running app as a picture; the styles are those the terminal gets."""
    strips = app.screen._compositor.render_strips()
    return _picture([[(seg.text, str(seg.style or "")) for seg in strip] for strip in strips], styles)


def _picture(rows: Iterable[Sequence[tuple[str, str]]], styles: bool) -> str:
    texts, stretches = [], []
    for y, runs in enumerate(rows):
        texts.append("".join(text for text, _ in runs) + "|")
        at = 0
        for text, style in runs:
            end = at + cell_len(text)
            if style not in ("", "ink", "none"):
                stretches.append(f"{y} {at}-{end} {style}")
            at = end
    return "\n".join(texts + (["", *stretches] if styles else [])) + "\n"


def compare(picture: str, name: str, *, overwrite: bool) -> None:
    """Fail with a unified diff where the picture is not the kept one; `overwrite` keeps the new one."""
    path = FOLDER / f"{name}.txt"
    if overwrite or not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(picture, encoding="utf-8")
        assert overwrite, f"{path.name} did not exist and was written: read it, then run again"
        return
    kept = path.read_text(encoding="utf-8")
    diff = difflib.unified_diff(kept.splitlines(), picture.splitlines(), "kept", "drawn", lineterm="")
    assert kept == picture, "\n".join(["--overwrite-golden keeps the new one", *diff])

"""Where numbers come from, as lines."""

from __future__ import annotations

from tui.harmless import harmless
from tui.lines import line
from tui.view import Line
from tui.views.scene import Scene

FILES = 8


def files_behind(scene: Scene, tables: tuple[str, ...] = (), head: tuple[Line, ...] = ()) -> tuple[Line, ...]:
    """Sources with their newest files and rows; only those that feed `tables`, all by default."""
    status = scene.snapshot.status if scene.snapshot else None
    out = list(head)
    for source in status.sources if status else ():
        if tables and source.table not in tables:
            continue
        counts = (
            scene.say("status.files", n=source.files)
            + " · "
            + scene.say("status.rows", rows=f"{source.rows:,}")
        )
        out.append(
            line((harmless(source.name), "ink-strong"), (f"  {harmless(source.table)} · {counts}", "ink-dim"))
        )
        files = sorted(
            (f for f in (status.files if status else ()) if f.source == source.name), key=lambda f: f.file
        )
        out += [
            line((f"  {harmless(f.file)}", "ink"), (f"  {f.accepted:,} / {f.rows:,}", "ink-dim"))
            for f in files[-FILES:]
        ]
        if len(files) > FILES:
            out.append(line((f"  + {len(files) - FILES}", "ink-dim")))
    return tuple(out)

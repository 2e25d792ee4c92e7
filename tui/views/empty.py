"""What is said where there is nothing to show, or where the configuration has faults."""

from __future__ import annotations

from tui.harmless import harmless, wrap
from tui.lines import line
from tui.view import Line
from tui.view.text import TextView
from tui.views.scene import Scene

SEEN = 6


def notice(scene: Scene) -> TextView | None:
    """The panel above all others: nothing to read yet, faults of the configuration; None for neither."""
    snapshot = scene.snapshot
    if snapshot is None:
        return _starting(scene)
    if snapshot.faults:
        return _faults(scene, snapshot.faults)
    if not snapshot.status.files:
        return _empty(scene)
    return None


def _starting(scene: Scene) -> TextView | None:
    if not scene.note:
        return TextView(
            (line((" " + scene.say("empty.computing"), "ink-dim")),), scene.say("screen.overview")
        )
    room = max(20, scene.size.width - 4)
    lines: list[Line] = []
    for text in scene.note.splitlines():
        lines += [line((f" {each}", "ink")) for each in wrap(harmless(text), room)]
    return TextView(tuple(lines), scene.say("panel.configuration"), scene.say("empty.watching"))


def _faults(scene: Scene, faults: tuple[str, ...]) -> TextView:
    lines: list[Line] = []
    room = max(20, scene.size.width - 4)
    for fault in faults:
        lines += [line((f" {each}", "ink")) for each in wrap(harmless(fault), room)]
    most = max(2, scene.size.height // 4)
    if len(lines) > most:
        lines = [*lines[:most], line((" …", "ink-dim"))]
    lines.append(line((" " + scene.say("overlay.fault_safe"), "ink-dim")))
    count = scene.say("overlay.faults", n=len(faults))
    return TextView(tuple(lines), scene.say("panel.configuration"), f"▲ {count}")


def _empty(scene: Scene) -> TextView:
    say = scene.say
    seen = scene.snapshot.status.unmapped if scene.snapshot else ()
    lines: list[Line] = [
        line((" " + say("empty.directory", dir=harmless(scene.root) + "/"), "ink")),
        (),
        line(("   " + say("empty.directory_hint"), "ink")),
        line((f"   looptop              {say('empty.directory_sample')}", "ink-dim")),
        line((f"   looptop init DIR     {say('empty.directory_init')}", "ink-dim")),
    ]
    if seen:
        names = ", ".join(harmless(name) for name in seen[:SEEN]) + (" …" if len(seen) > SEEN else "")
        lines += [(), line((" " + say("empty.directory_seen", n=len(seen), files=names), "ink-dim"))]
    return TextView(tuple(lines), say("screen.overview"), f"● {say('empty.watching')}")

"""What the console does with messages of the feed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from engine.questions import Snapshot
from tui import run_loop
from tui.asking import OF_LEDGER
from tui.feed import Answered, Published, Said
from tui.keys import keymap
from tui.overlays.base import Overlay
from tui.views.wall import unacked

if TYPE_CHECKING:
    from tui.app import Looptop

ANSWERS_KEPT = 300
QUIET_SECONDS = 10.0
"""So long after a bell no second one follows."""


def published(app: Looptop, message: Published) -> None:
    """A newer version, or another view of it; paused, a newer version waits."""
    if message.generation < app.generation:
        return
    app.names, app.note, app.gone, app.busy = message.names, "", "", False
    before = app.snapshot
    if before is None:
        app.view = message.snapshot.view
    ring(app, message.snapshot)
    app.frame.heard()
    if app.paused and app.snapshot is not None and message.snapshot.view == app.snapshot.view:
        app.held, app.waiting = message.snapshot, app.waiting + 1
    else:
        take(app, message.snapshot)
        if message.changed_at is not None:
            app.latency = run_loop.elapsed(message.changed_at)
    _configured(app)
    if not (app.link.slow and before is not None and before.view == message.snapshot.view):
        app.draw()


def take(app: Looptop, snapshot: Snapshot) -> None:
    """Make a snapshot the one that is shown."""
    for ask in [each for each in app.versions if isinstance(each, OF_LEDGER)]:
        del app.versions[ask]
    app.snapshot, app.held, app.waiting = snapshot, None, 0


def ring(app: Looptop, snapshot: Snapshot) -> None:
    """One bell for new critical alerts, paused or not; none for those that are there at the start."""
    now = frozenset(unacked(snapshot))
    if app.critical is not None and now - app.critical:
        _sound(app)
    app.critical = now | (app.critical or frozenset())


def _sound(app: Looptop) -> None:
    """One bell, also where a message rings for what the screen has just rung for."""
    if time.monotonic() - app.frame.rung >= QUIET_SECONDS:
        app.frame.rung = time.monotonic()
        app.bell()


def _configured(app: Looptop) -> None:
    """Language and keys of the configuration, which may have changed."""
    if app.names.language and not app.lang_asked:
        app.lang = app.names.language
    app.lang_asked = True
    app.set_keymap(keymap(dict(app.names.keys)))


def answered(app: Looptop, message: Answered) -> None:
    """Keep an answer and draw the page that asked."""
    app.pending.pop(message.ask, None)
    if len(app.answers) > ANSWERS_KEPT:
        app.answers.clear()
        app.versions.clear()
    app.answers[message.ask], app.versions[message.ask] = message.answer, message.version
    app.draw()
    if isinstance(app.screen, Overlay):
        app.screen.take_answer()


def said(app: Looptop, message: Said) -> None:
    """Show a sentence; before anything was shown it takes the page. A message may ring alone."""
    if message.word == "rang":
        _sound(app)
        return
    text = app.frame.sentence(message)
    app.busy = app.busy and not message.text
    if message.word == "directory_gone":
        app.gone = text
    elif message.fatal:
        app.note = text
    else:
        app.frame.say(text, by_feed=not message.word)
    app.draw()

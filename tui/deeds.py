"""What actions of the console do: one table from the id of an action to a function of the App."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from textual import events

from engine.questions import View
from tui import copying, filtering, hearing, ranges
from tui.actions import ACTIONS, BY_ID
from tui.jobs import Refresh
from tui.keys import display, keys_of, works
from tui.overlays.wall import WallScreen
from tui.place import SCREENS
from tui.theme import palette_of, theme_names
from tui.words import say

if TYPE_CHECKING:
    from tui.app import Looptop

Deed = Callable[["Looptop"], None]


def do(app: Looptop, action: str) -> None:
    """The page first, then the console; what nothing answers is said in the footer."""
    app.frame.message = app.frame.hint = ""
    if action == "nav.out" and filtering.typing(app):
        filtering.end_typing(app, keep=False)
        return
    action = here(app, action)
    if not works(BY_ID[action], app.page.SCOPE):
        _nothing(app, action)
    elif action in DEEDS:
        DEEDS[action](app)
    elif not app.page.act(action):
        _nothing(app, action)
    app.frame.draw(app.scene(), app.page)


def here(app: Looptop, action: str) -> str:
    """The action that the key of an action of another screen means on this one."""
    if works(BY_ID[action], app.page.SCOPE):
        return action
    keys, mine = dict(app.names.keys), app.page.SCOPE
    asked = set(keys_of(BY_ID[action], keys))
    own = (one for one in ACTIONS if one.scopes and works(one, mine) and asked & set(keys_of(one, keys)))
    return next((one.id for one in own), action)


def _nothing(app: Looptop, action: str) -> None:
    if BY_ID[action].group != "move":
        app.frame.hint = say("status.no_key", app.lang, key=display(BY_ID[action].keys[0]))


def unknown(app: Looptop, event: events.Key) -> None:
    """A key without an action."""
    if event.key not in app.active_bindings:
        app.frame.hint = say(
            "status.no_key", app.lang, key=event.character if event.is_printable else event.key
        )
        app.frame.draw(app.scene(), app.page)


def pressed(app: Looptop, line: str, value: str) -> None:
    """A click on one of the lines around the page."""
    if line == "header" and int(value) in SCREENS:
        app.move(lambda stacks: stacks.go(int(value)))
    elif line == "footer" and value:
        do(app, value)
    elif line == "context" and value.isdigit():
        back = len(app.stacks.stack) - max(1, int(value))
        if back > 0:
            app.move(lambda stacks: stacks.leave(back))


# Going


def nav_out(app: Looptop) -> None:
    """Filter, zoom, crumb, in this order; the root stays."""
    narrowed = app.page.narrowed
    if narrowed is not None and filtering.query(narrowed):
        narrowed.set_filter("")
    elif app.page.solo and not app.scene().size.tiny:
        app.page.zoom()
    elif len(app.stacks.stack) > 1:
        app.move(lambda stacks: stacks.leave())


def nav_quit(app: Looptop) -> None:
    """As Esc; at the root it asks."""
    from tui.overlays.asking import QuitOverlay

    if len(app.stacks.stack) > 1:
        nav_out(app)
    else:
        app.push_screen(QuitOverlay())


def _screen(number: int) -> Deed:
    def go(app: Looptop) -> None:
        if number not in SCREENS:
            return
        if app.stacks.number != number:
            app.move(lambda stacks: stacks.go(number))

    return go


def _focus(step: int) -> Deed:
    def move(app: Looptop) -> None:
        if app.page.turning:
            app.page.turn(step)
        else:
            (app.main.focus_next if step > 0 else app.main.focus_previous)()

    return move


# Looking otherwise


def _shift(step: int) -> Deed:
    def move(app: Looptop) -> None:
        here = app.stacks.here.range
        if app.snapshot is not None and here is not None:
            own = ranges.shifted(View("fixed", range=here), app.snapshot, step)
            app.stacks.change(range=own.range)
            app.draw()
        elif app.snapshot is not None:
            app.look(ranges.shifted(app.view, app.snapshot, step))

    return move


def time_now(app: Looptop) -> None:
    """The live range."""
    if app.stacks.here.range is not None:
        app.stacks.change(range=None)
        app.draw()
    app.look(ranges.now(app.view))


def live_pause(app: Looptop) -> None:
    """Pause the screen, or take the newest snapshot that waited."""
    app.paused = not app.paused
    if not app.paused and app.held is not None:
        hearing.take(app, app.held)
    app.frame.say(say("status.paused_now" if app.paused else "status.live_now", app.lang))
    app.draw()


def data_reread(app: Looptop) -> None:
    """Look at the files now."""
    app.feed.do(Refresh("change"))
    app.frame.say(say("status.reread", app.lang))


def language_next(app: Looptop) -> None:
    """The other language."""
    set_language(app, "zh" if app.lang == "en" else "en")


def set_language(app: Looptop, lang: str) -> None:
    """Every word in another language."""
    app.lang, app.lang_asked = lang, True
    app.kept = replace(app.kept, lang=lang)
    app.draw()


def theme_next(app: Looptop) -> None:
    """The next theme of the list."""
    names = theme_names()
    set_theme(app, names[(names.index(palette_of(app.theme)) + 1) % len(names)])


def set_theme(app: Looptop, name: str) -> None:
    """Paint in another theme."""
    app.theme = f"looptop-{name}"
    app.kept = replace(app.kept, theme=name)
    app.frame.say(say("status.theme", app.lang, name=name))
    app.refresh(layout=True)


def panel_zoom(app: Looptop) -> None:
    """The focused panel full screen, or back."""
    app.page.zoom()
    app.draw()


def wall_on(app: Looptop) -> None:
    """The wall."""
    app.push_screen(WallScreen(app.settings.wall or (), app.settings.rotate))


def mouse_toggle(app: Looptop) -> None:
    """Leave the mouse to the terminal, or take it."""
    app.mouse = not app.mouse
    driver = app._driver
    if driver is not None:
        switch = getattr(driver, "_enable_mouse_support" if app.mouse else "_disable_mouse_support", None)
        if switch is not None:
            switch()
    app.frame.say(say("status.mouse_on" if app.mouse else "status.mouse_off", app.lang))


def _overlay(name: str) -> Deed:
    def open_it(app: Looptop) -> None:
        from tui.overlays import opening

        getattr(opening, name)(app)

    return open_it


def _filter(app: Looptop) -> None:
    if not filtering.begin(app):
        _nothing(app, "filter.open")


def _explain(app: Looptop) -> None:
    from tui.overlays.explain import open_explain

    open_explain(app)


def _repaint(app: Looptop) -> None:
    app.refresh(repaint=True, layout=True)


DEEDS: Mapping[str, Deed] = {
    **{f"screen.{number}": _screen(number) for number in SCREENS},
    "nav.out": nav_out,
    "nav.quit": nav_quit,
    "help.open": _overlay("help_open"),
    "command.open": _overlay("command_open"),
    "filter.open": _filter,
    "focus.next": _focus(1),
    "focus.previous": _focus(-1),
    "time.pick": _overlay("time_pick"),
    "time.earlier": _shift(-1),
    "time.later": _shift(1),
    "time.now": time_now,
    "compare.pick": _overlay("compare_pick"),
    "dimension.pick": _overlay("dimension_pick"),
    "columns.choose": _overlay("columns_choose"),
    "object.pick": _overlay("object_pick"),
    "explain.open": _explain,
    "lineage.open": _overlay("lineage_open"),
    "views.open": _overlay("views_open"),
    "copy.cell": copying.copy_cell,
    "copy.rows": copying.copy_rows,
    "export.csv": copying.export,
    "live.pause": live_pause,
    "data.reread": data_reread,
    "panel.zoom": panel_zoom,
    "wall.on": wall_on,
    "language.next": language_next,
    "theme.next": theme_next,
    "mouse.toggle": mouse_toggle,
    "screen.repaint": _repaint,
}
CURSOR = frozenset(
    [
        "nav.in",
        *(
            f"cursor.{way}"
            for way in ("down", "up", "left", "right", "first", "last", "page_down", "page_up")
        ),
    ]
)
BY_PAGE = frozenset(["object.pick", "columns.choose", "explain.open", "lineage.open",
                     "filter.open", "copy.cell", "copy.rows", "export.csv"])  # fmt: skip
"""Deeds that only some pages have: a page names them in `able`."""
AVAILABLE = (frozenset(DEEDS) - BY_PAGE) | CURSOR
"""What can be done on every page."""

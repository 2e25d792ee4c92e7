"""What the keys of a funnel open: how groups are made, what stands beside it, its options."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from tui.overlays.base import Picker
from tui.overlays.options import OptionsOverlay
from tui.overlays.reason import ReasonOverlay
from tui.place import Place, Rules, Versus
from tui.views import funnel, groups, rules
from tui.words import say

if TYPE_CHECKING:
    from tui.app import Looptop

KINDS: tuple[Literal["periods", "segments", "rules"], ...] = ("periods", "segments", "rules")


def breakdown(app: Looptop) -> None:
    """By which event a person belongs to a group."""
    scene = app.scene()
    words = rules.in_force(scene, funnel.name_of(scene))
    own = str(rules.value(words, "breakdown"))
    names = ["first_touch", "last_touch", *(f"step:{at + 1}" for at in range(len(words.get("steps", ()))))]
    choices = [
        (name, rules.said(scene, "breakdown", name), scene.say("rules.as_configured") if name == own else "")
        for name in (*names, "all_events")
    ]

    def chosen(name: str | None) -> None:
        if name is not None:
            here = app.stacks.here.rules
            look(app, replace(here, breakdown="" if name == own else name))

    app.push_screen(Picker(scene.say("rules.breakdown"), choices, groups.mode_of(scene)), chosen)


def look(app: Looptop, wanted: Rules) -> None:
    """Look at the funnel of the place by other rules."""
    scene = app.scene()
    app.stacks.change(funnel=funnel.name_of(scene), rules=wanted)
    app.draw()


def options(app: Looptop) -> None:
    """The form of all options."""
    scene = app.scene()
    name = funnel.name_of(scene)
    own = rules.configured(scene, name)
    if not own:
        app.frame.say(say("empty.computing" if name else "funnel.no_funnel", app.lang))
        return

    def chosen(wanted: Rules | None) -> None:
        if wanted is not None:
            look(app, wanted)

    app.push_screen(OptionsOverlay(name, own, app.stacks.here.rules), chosen)


def versus(app: Looptop) -> None:
    """What to put beside the funnel."""
    scene = app.scene()
    choices = [(kind, scene.say(f"beside.{kind}"), "") for kind in KINDS]
    app.push_screen(Picker(scene.say("label.funnel.beside"), choices), lambda kind: _versus(app, kind))


def _versus(app: Looptop, kind: str | None) -> None:
    scene = app.scene()
    if kind == "segments":
        about = (scene.say("beside.about_segments"),)
        fields = ((f"A · {scene.say('beside.filter')}", False), (f"B · {scene.say('beside.filter')}", False))
        form = ReasonOverlay(scene.say("beside.segments"), about, fields)
        app.push_screen(form, lambda typed: _segments(app, typed))
    elif kind == "periods":
        if funnel.base(scene) is None:
            _say(app, "beside.no_base")
        else:
            go(app, Versus("periods"))
    elif kind == "rules":
        if rules.changed(scene, funnel.name_of(scene)):
            go(app, Versus("rules"))
        else:
            _say(app, "beside.as_configured")


def _say(app: Looptop, word: str) -> None:
    app.frame.say(say(word, app.lang))
    app.draw()


def _segments(app: Looptop, typed: tuple[str, ...] | None) -> None:
    if typed is not None and any(typed):
        go(app, Versus("segments", *typed))


def go(app: Looptop, wanted: Versus) -> None:
    """To the page of both; from that page the place changes."""
    scene, here = app.scene(), app.stacks.here
    if here.kind == "beside":
        app.stacks.change(versus=wanted, which="")
        app.draw()
        return
    name = funnel.name_of(scene)
    app.enter(Place("beside", funnel=name, rules=here.rules, range=here.range, versus=wanted))


OPENED: Mapping[str, Callable[[Looptop], None]] = {
    "funnel.breakdown": breakdown,
    "funnel.beside": versus,
    "options.open": options,
}
"""Action → what it opens."""

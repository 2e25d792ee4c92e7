"""Opens overlays and does what they come back with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.questions import MetricAbout
from tui import commanding, ranges, remembering
from tui.asking import AboutAsk, DictionaryAsk
from tui.jobs import Reopen
from tui.overlays.base import Picker
from tui.overlays.choosing import ChooseOverlay
from tui.overlays.columns import open_columns
from tui.overlays.command import CommandOverlay
from tui.overlays.comparing import COMPARISONS, CompareOverlay
from tui.overlays.help import HelpOverlay
from tui.overlays.time import open_time
from tui.place import Place
from tui.views.crumbs import next_dimension
from tui.views.metrics import lists, metric_of
from tui.views.scene import dimension
from tui.widgets.feed import FeedWidget
from tui.widgets.panel import Panel
from tui.widgets.table import TableWidget
from tui.words import say

if TYPE_CHECKING:
    from tui.app import Looptop


def compare_pick(app: Looptop) -> None:
    """What to compare with."""
    words = {name: say(f"compare.pick_{name}", app.lang) for name in COMPARISONS}
    if app.page.SCOPE == "metrics":
        overlay = CompareOverlay(tuple(words.items()), app.view.compare, app.stacks.here.beside)
        app.push_screen(overlay, lambda found: _beside(app, found))
    else:
        choices = [(name, text, "") for name, text in words.items()]
        app.push_screen(
            Picker(say("label.compare.pick", app.lang), choices, app.view.compare),
            lambda name: _compare(app, name) if name is not None else None,
        )


def _beside(app: Looptop, found: tuple[str, ...] | None) -> None:
    """The first comparison is that of the view, the others stand beside it at this place."""
    if found:
        app.stacks.change(beside=found[1:])
        app.draw()
        _compare(app, found[0])


def dimension_pick(app: Looptop) -> None:
    """What to group by: the view's dimension, in Metrics that of the place."""

    title = say("label.dimension.pick", app.lang)
    into(app)
    here = next_dimension(app.stacks.here) if app.page.kind == "metrics" else app.view.by
    app.push_screen(
        ChooseOverlay(title, _dimensions(app), here),
        lambda name: set_dimension(app, name) if name is not None else None,
    )


def into(app: Looptop) -> None:
    """Where the dictionary alone is in sight: to the metric under its cursor."""
    scene = app.scene()
    if app.page.has_class("-list") and lists(scene):
        app.enter(Place("metrics", metric=app.page.meant() or metric_of(scene)))


def anew(app: Looptop) -> None:
    """Draw the same place with tables that begin anew: their rows or columns are others."""
    app.stacks.forget()
    app.page.restore(app.stacks)
    app.draw()


def second_pick(app: Looptop) -> None:
    """The dimension of the columns; `none` takes them away."""

    def chosen(name: str | None) -> None:
        if name is not None:
            app.stacks.change(second="" if name == "none" else name, heat=name != "none")
            anew(app)

    into(app)
    here = app.stacks.here
    by = next_dimension(here)
    choices = [("none", dimension("none", app.lang)), *(each for each in _dimensions(app) if each[0] != by)]
    app.push_screen(
        ChooseOverlay(say("label.dimension.second", app.lang), choices, here.second or "none"), chosen
    )


def _dimensions(app: Looptop) -> list[tuple[str, str]]:
    """What can group here: in Metrics all that the metric's tables have, the canonical ones first."""
    known = list(commanding.dimensions(app.snapshot))
    if app.page.kind == "metrics":
        scene = app.scene()
        about = scene.got(AboutAsk(metric_of(scene)), MetricAbout)
        if about is not None:
            known = [name for name in known if name in about.dimensions]
            known += [name for name in about.dimensions if name not in known]
        known.append("day")
    return [(name, dimension(name, app.lang)) for name in known]


def set_dimension(app: Looptop, name: str) -> None:
    """Group by a dimension."""
    if app.page.kind == "metrics":
        app.stacks.change(by=name, heat=bool(app.stacks.here.second))
        anew(app)
    else:
        app.look(replace(app.view, by=name))


def object_pick(app: Looptop) -> None:
    """Which funnel, which metric, whose alerts."""
    if app.page.SCOPE == "alerts":
        app.page.act("object.pick")
    elif app.page.SCOPE == "funnel":
        own = {True: say("builder.adhoc", app.lang), False: ""}
        choices = [(name, name, own[f"funnel.{name}" in app.names.adhoc]) for name in app.names.funnels]
        app.push_screen(
            Picker(say("screen.funnel", app.lang), choices, app.stacks.here.funnel), lambda n: _funnel(app, n)
        )
    else:
        command_open(app, "metrics ")


def _funnel(app: Looptop, name: str | None) -> None:
    if name is not None:
        app.jump(2, Place("funnel", funnel=name))


def lineage_open(app: Looptop) -> None:
    """Where the number under the cursor comes from; where there is none, the sources."""
    from tui.overlays.lineage import LineageOverlay

    def chosen(place: Place | None) -> None:
        if place is not None:
            app.enter(place)

    number = app.page.number()
    if number is not None and app.snapshot is not None:
        app.ask((number.query,), app.snapshot.version)
    app.push_screen(LineageOverlay(number, app.page.lineage()), chosen)


def views_open(app: Looptop) -> None:
    """Saved views."""
    from tui.overlays.views import open_views

    open_views(app)


def build(app: Looptop) -> None:
    """A metric or a funnel of one's own."""
    from tui.overlays.builder import open_builder

    open_builder(app)


def help_open(app: Looptop) -> None:
    """Help for the focused panel, then all keys."""
    from tui.deeds import AVAILABLE

    focused = app.main.focused
    widget = (
        "table" if isinstance(focused, TableWidget) else "feed" if isinstance(focused, FeedWidget) else ""
    )
    title = (
        focused.title
        if isinstance(focused, Panel) and focused.title
        else say(f"screen.{app.stacks.stack[0].kind}", app.lang)
    )
    app.push_screen(
        HelpOverlay(title, app.page.SCOPE, widget, AVAILABLE | app.page.able(), dict(app.names.keys))
    )


def command_open(app: Looptop, start: str = "") -> None:
    """The command line."""
    scene = app.scene()
    entries = scene.got(DictionaryAsk(), tuple) or ()
    metrics = [entry.name for entry in entries] or [
        t.metric for t in (scene.snapshot.tiles if scene.snapshot else ())
    ]
    overlay = CommandOverlay(commanding.commands(scene, metrics, app.names.funnels), start)
    app.push_screen(overlay, lambda command: run(app, command))


def run(app: Looptop, command: commanding.Command | None) -> None:
    """Do what was typed after `:`."""
    if command is not None:
        VERBS[command.verb](app, command.argument)
        app.draw()


def _asof(app: Looptop, moment: str) -> None:
    app.frame.say(say("page.asof", app.lang, moment=moment or say("label.time.now", app.lang)))
    app.critical = None
    app.feed.do(Reopen(moment or None))


def _compare(app: Looptop, name: str) -> None:
    app.look(replace(app.view, compare=name))  # type: ignore[arg-type]


def _filter(app: Looptop, text: str) -> None:
    app.look(replace(app.view, where=text or None))


def _do(app: Looptop, action: str) -> None:
    from tui import deeds

    deeds.do(app, action)


def _theme(app: Looptop, name: str) -> None:
    from tui import deeds

    deeds.set_theme(app, name)


def _language(app: Looptop, name: str) -> None:
    from tui import deeds

    deeds.set_language(app, name)


def _range(app: Looptop, text: str) -> None:
    if app.snapshot is None:
        return
    today = app.scene().local(app.snapshot.as_of).date()
    found = ranges.parsed(text, today)
    if found is None:
        app.frame.say(say("overlay.time_bad", app.lang, text=text))
    else:
        app.look(ranges.applied(app.view, found))


def _heat(app: Looptop, which: str) -> None:
    """A heat map, from any screen; of the metric that is looked at."""
    if app.page.SCOPE != "metrics":
        app.jump(3, Place("metrics"))
    app.page.act(f"heat.{which}")


columns_choose, time_pick = open_columns, open_time

VERBS: Mapping[str, Callable[[Looptop, str], object]] = {
    "screen": lambda app, number: _do(app, f"screen.{number}"),
    "rules": lambda app, _: app.jump(5, Place("alerts"), Place("rules")),
    "review": lambda app, _: app.jump(5, Place("alerts"), Place("review")),
    "quiet": lambda app, _: app.jump(5, Place("alerts"), Place("rules", quiet=True)),
    "metric": lambda app, name: app.jump(3, Place("metrics", metric=name)),
    "funnel": _funnel,
    "source": lambda app, name: app.jump(7, Place("sources"), Place("source", source=name)),
    "person": lambda app, name: app.enter(Place("person", person=name)),
    "by": set_dimension,
    "compare": _compare,
    "range": _range,
    "asof": _asof,
    "filter": _filter,
    "theme": _theme,
    "lang": _language,
    "do": _do,
    "build": lambda app, _: build(app),
    "heat": _heat,
    "quit": lambda app, _: remembering.leave(app),
}
"""What a verb of the command line does with its argument."""

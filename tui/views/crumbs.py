"""Crumbs: where a place is, in words."""

from __future__ import annotations

from dataclasses import replace

from engine.questions import PersonAnswer
from tui.asking import PersonAsk
from tui.harmless import harmless
from tui.place import DRILL, Place
from tui.views.dropouts import title_of
from tui.views.funnel import name_of
from tui.views.scene import Scene, dimension, member_text, words_of


def crumbs(scene: Scene, stack: tuple[Place, ...]) -> tuple[str, ...]:
    """`Metrics › Conversion › Douyin › by campaign`; none on the overview, which has no way in."""
    root = stack[0]
    if root.kind == "overview":
        return ()
    out = [scene.say(f"screen.{root.kind}")]
    above: tuple[tuple[str, str | None], ...] = ()
    for place in stack:
        out += [text for text in _of(place, scene, len(above)) if text]
        above = place.path
    if stack[-1].kind == "metrics":
        out.append(_by(stack[-1], scene))
    return tuple(out)


def _by(place: Place, scene: Scene) -> str:
    """`by channel`, `by channel × region`."""
    first = dimension_text(next_dimension(place), place, scene)
    if not place.second:
        return scene.say("panel.by", dimension=first)
    return scene.say("context.by_two", first=first, second=dimension_text(place.second, place, scene))


def dimension_text(dim: str, place: Place, scene: Scene) -> str:
    """A dimension in words; `day` stands for the periods of the place's grain."""
    return scene.say(f"grain.{place.grain}") if dim == "day" else dimension(dim, scene.lang)


def _members(place: Place, scene: Scene, above: int) -> str:
    """The members that this place goes into, below those of the place above."""
    return " / ".join(member_text(name, value, scene.lang) for name, value in place.path[above:])


def _of(place: Place, scene: Scene, above: int) -> list[str]:
    match place.kind:
        case "funnel":
            return [harmless(name_of(replace(scene, place=place)))]
        case "persons" | "cohorts" | "drivers" | "beside":
            return [_in_funnel(place, scene)]
        case "person":
            found = scene.got(PersonAsk(place.person, place.reveal), PersonAnswer)
            typed = scene.say("screen.person") if ":" in place.person else place.person
            return [harmless(found.entry.person if found else typed)]
        case "alerts" | "rules" | "review":
            return _attention(place, scene)
        case "metrics":
            if place.path:
                return [_members(place, scene, above)]
            return [metric_name(scene, place.metric)] if place.metric else []
        case "rows":
            return [_members(place, scene, above), scene.say("panel.rows")]
        case "line":
            return [f"{harmless(place.file)}:{place.line}"]
        case "source" | "rule" | "dispute":
            return [harmless(place.source), harmless(place.rule or place.dispute)]
        case "column":
            return [harmless(place.column)]
        case "file":
            return [harmless(place.file)]
    return []


def _in_funnel(place: Place, scene: Scene) -> str:
    """What of a funnel is looked at."""
    if place.kind != "persons":
        return scene.say(f"label.funnel.{place.kind}")
    return title_of(replace(scene, place=place))


def _alert(place: Place, scene: Scene) -> list[str]:
    """The incident, wherever its detail is in sight."""
    from tui.views.alerts import find, title

    if scene.size.narrow and not place.which:
        return []
    found = find(scene, place.alert)
    return [title(found, scene)] if found is not None else []


def _attention(place: Place, scene: Scene) -> list[str]:
    """An incident; rules, the quiet proof or one rule; the review."""
    from tui.views.alerts import rule_name

    if place.kind == "alerts":
        return _alert(place, scene)
    if place.kind == "review":
        return [scene.say("screen.review")]
    if place.which:
        return [rule_name(place.rule, scene)]
    return [scene.say("alertrule.proof" if place.quiet else "screen.rules")]


def metric_name(scene: Scene, name: str) -> str:
    """A metric in words."""
    from tui.asking import DictionaryAsk

    for entry in scene.got(DictionaryAsk(), tuple) or ():
        if entry.name == name:
            return words_of(entry.label, scene.lang, name)
    for tile in scene.snapshot.tiles if scene.snapshot else ():
        if tile.metric == name:
            return words_of(tile.label, scene.lang, name)
    return harmless(name.replace("_", " "))


def next_dimension(place: Place) -> str:
    """The dimension a place of Metrics shows: the one chosen, else the next on the way down."""
    if place.by:
        return place.by
    gone = {name for name, _ in place.path}
    return next((name for name in DRILL if name not in gone), "day")

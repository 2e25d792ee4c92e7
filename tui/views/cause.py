"""The cause that was found when an alert fired: its sentence and its table, kept with the episode."""

from __future__ import annotations

from dataclasses import replace

from engine.questions import Alert, Cause, WhyAnswer
from tui import format as fmt
from tui.harmless import cells, cut, harmless, pad, wrap
from tui.lines import line
from tui.place import Place
from tui.view.incident import IncidentView, Spot
from tui.views.alerts import value_text
from tui.views.crumbs import metric_name
from tui.views.explain import effect, element, entries
from tui.views.scene import Scene

CAUSE = "cause"
"""What the ids of causes begin with."""
LEAST_NAME = 14
MOST = 5
LEAST_SHARE = 0.0005
"""Less than that is left of the change: nothing is said of it."""
HEADS = ("share", "before", "now", "effect")


def spots(alert: Alert, scene: Scene, width: int) -> list[Spot]:
    """`Cause` with its sentence; where there are rows for it element, share, before, now, effect of each."""
    why = alert.why
    if why is None:
        return _short(alert, scene, width)
    said = harmless(why.sentences.get(scene.lang, why.sentence))
    room = max(20, width - 2)
    first, *rest = wrap(f"{scene.say('incident.cause')}  {said}", room)
    if scene.size.low and len(rest) > 1:
        rest = [cut(f"{rest[0]} {rest[1]}", room)]
    out = [Spot(line((first, "ink-strong")))]
    out += [Spot(line((text, "ink-strong"))) for text in rest]
    return out if scene.size.low else out + _table(why, scene, width)


def _short(alert: Alert, scene: Scene, width: int) -> list[Spot]:
    """The sentences of the causes where their numbers are not kept."""
    texts = [harmless(str(each.get("sentence", ""))) for each in alert.causes]
    if not any(texts):
        return []
    out = [Spot(line((scene.say("incident.cause"), "ink-strong")))]
    return out + [
        Spot(line((f"  {part}", "ink"))) for text in texts for part in wrap(text, max(20, width - 4))
    ]


def _table(why: WhyAnswer, scene: Scene, width: int) -> list[Spot]:
    causes = why.causes[:MOST]
    if not any(each.element for each in causes):
        return []
    rows = [_row(each, why, scene) for each in causes]
    rest = _rest(why, causes, scene)
    rows += [rest] if rest else []
    heads = [scene.say(f"incident.cause_{name}") for name in ("element", *HEADS)]
    widths = [max(cells(text) for text in column) for column in zip(heads, *rows, strict=True)]
    while len(widths) > 2 and LEAST_NAME + sum(2 + size for size in widths[1:]) > width - 3:
        widths.pop(2)
        heads.pop(2)
        for row in rows:
            row.pop(2)
    name = max(LEAST_NAME, min(widths[0], width - 3 - sum(2 + size for size in widths[1:])))
    out = [Spot(line((_joined(heads, [name, *widths[1:]]), "ink-dim")))]
    for at, row in enumerate(rows):
        spot = f"{CAUSE}:{at}" if at < len(causes) else ""
        out.append(Spot(line((_joined(row, [name, *widths[1:]]), "ink")), spot))
    return out


def _joined(texts: list[str], widths: list[int]) -> str:
    first, *others = zip(texts, widths, strict=True)
    return "  " + pad(*first) + "".join(f"  {pad(text, room, 'right')}" for text, room in others)


def _row(each: Cause, why: WhyAnswer, scene: Scene) -> list[str]:
    before, now = (value_text(value, why.unit, scene) for value in (each.base, each.now))
    share, moved = fmt.percent(each.share, 1), effect(each.effect, why.unit)
    return [element(each.element, scene.lang), share, before, now, moved]


def _rest(why: WhyAnswer, causes: tuple[Cause, ...], scene: Scene) -> list[str]:
    """What the causes leave of the change."""
    if why.total_change is None:
        return []
    left = why.total_change - sum(each.effect for each in causes)
    share = left / why.total_change if why.total_change else None
    if share is None or abs(share) < LEAST_SHARE:
        return []
    return [scene.say("incident.cause_rest"), fmt.percent(share, 1), "", "", effect(left, why.unit)]


def panel(alert: Alert | None, scene: Scene, width: int) -> IncidentView:
    """All that is known of the cause, in a panel of its own."""
    title = scene.say("incident.cause")
    if alert is None or alert.why is None:
        found = _short(alert, scene, width) if alert is not None else []
        text = scene.say("incident.no_cause")
        return IncidentView((), None, tuple(found) or (Spot(line((text, "ink-dim"))),), title)
    rest = replace(alert.why, causes=(), sentence="", sentences={})
    below_it = entries(rest, scene.lang, width - 3, None, lambda name: metric_name(scene, name))[1:]
    found = [*spots(alert, scene, width), *(Spot(each.text) for each in below_it)]
    share = alert.why.causes[0].share if alert.why.causes else None
    return IncidentView((), None, tuple(found), title, fmt.percent(share, 0) if share is not None else "")


def place_of(alert: Alert) -> Place | None:
    """Metrics for the member of the alert."""
    if alert.metric is None:
        return None
    return Place("metrics", metric=alert.metric, path=tuple(alert.labels.items()))


def below(alert: Alert, spot: str) -> Place | None:
    """Metrics for the element of a cause."""
    number = spot.partition(":")[2]
    place = place_of(alert)
    if alert.why is None or place is None or not number.isdigit() or int(number) >= len(alert.why.causes):
        return None
    held = dict(place.path)
    path = (*place.path, *(each for each in alert.why.causes[int(number)].element if each[0] not in held))
    return Place("metrics", metric=alert.why.metric, path=path)

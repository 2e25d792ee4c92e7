"""One incident: its words, its trend with band and limit, its cause, steps and timeline."""

from __future__ import annotations

from datetime import date

from engine.questions import Alert, BandAnswer, BandQuery, IncidentAnswer, IncidentQuery
from tui import format as fmt
from tui.harmless import harmless, wrap
from tui.lines import cut_line, line, pad_line
from tui.view import Limit, Line, Series, TrendView
from tui.view.incident import IncidentView, Spot
from tui.views import cause, timeline
from tui.views.alerts import (
    PAST,
    SIGNS,
    TONES,
    age_text,
    alert_id,
    comparable,
    day_text,
    find,
    is_relative,
    label_word,
    moment_text,
    quiet,
    shown,
    state_of,
    title,
    value_text,
)
from tui.views.going import days_of
from tui.views.overview import with_axes
from tui.views.scene import Scene, words_of

PERIODS = 60
TICK, ALERT = "sop", "alert"
"""What the ids of steps and of companions begin with."""


def band_query(alert: Alert) -> BandQuery | None:
    """The trend of the alert's metric as its rule sees it; None for a rule about sources."""
    if alert.metric is None:
        return None
    return BandQuery(alert.rule, tuple(alert.labels.items()), periods=PERIODS)


def whole(scene: Scene, alert: Alert | None) -> IncidentAnswer | None:
    """The incident of an alert, None before it is known or where it never fired."""
    if alert is None or alert.id is None:
        return None
    return scene.got(IncidentQuery(alert.id), IncidentAnswer)


def stored(scene: Scene, alert: Alert) -> Alert:
    """The alert as its incident knows it, with cause and ticks; else as the feed does."""
    answer = whole(scene, alert)
    return answer.alerts[0] if answer is not None and answer.alerts else alert


def trend(alert: Alert, scene: Scene) -> TrendView | None:
    """The metric of the alert by period with its band and limits, the periods that fire marked."""
    query = band_query(alert)
    found = scene.got(query, BandAnswer) if query else None
    if query is None:
        return None
    if found is None:
        return TrendView(empty=scene.failure(query) or scene.say("empty.computing"))
    return band_trend(found, scene)


def band_trend(found: BandAnswer, scene: Scene) -> TrendView:
    """A rule's trend: the number, its band, its limits with their numbers, firing periods marked."""
    points = found.points
    partial = 0
    while partial < len(points) and points[-1 - partial].partial:
        partial += 1
    several = len(found.limits) > 1
    limits = tuple(
        Limit(
            limit, scene.say(f"header.{name}") if several and name in _NAMED else scene.say("incident.limit")
        )
        for name, limit in found.limits.items()
    )
    bounds = [(p.low, p.high) for p in points]
    view = TrendView(
        series=(Series(harmless(found.metric or ""), tuple(p.value for p in points)),),
        limits=limits,
        band=tuple(None if low is None and high is None else (low, high) for low, high in bounds),
        marks=tuple((at, "crit") for at, p in enumerate(points) if p.firing),
        partial=partial,
    )
    drawn = with_axes(view, [day_text(p.period) for p in points], found.unit, scene)
    numbers = tuple((limit.value, value_text(limit.value, found.unit, scene)) for limit in limits)
    return TrendView(
        series=drawn.series, y_ticks=(*drawn.y_ticks, *numbers), x_ticks=drawn.x_ticks, limits=drawn.limits,
        band=drawn.band if any(drawn.band) else (), partial=drawn.partial, marks=drawn.marks,
        empty=drawn.empty,
    )  # fmt: skip


_NAMED = frozenset(["critical", "warning"])


def detail(scene: Scene, width: int, *, apart: bool = False) -> IncidentView:
    """The incident of the place.

    In:  cells of a line; `apart`: the cause stands in a panel of its own.
    """
    say, chosen = scene.say, find(scene, scene.place.alert)
    if chosen is None:
        return IncidentView((line((" " + quiet(scene), "ink-dim")),), title=say("panel.alerts"))
    alert = stored(scene, chosen)
    owner = say("incident.owner", who=harmless(alert.owner)) if alert.owner else ""
    spots = [] if apart else cause.spots(alert, scene, width)
    for part in (_companions(alert, scene), _steps(alert, scene, width), timeline.spots(alert, scene, width)):
        spots += [Spot(())] if spots and part and not scene.size.low else []
        spots += part
    return IncidentView(
        tuple(_head(alert, scene, width)), trend(alert, scene), tuple(spots), title(alert, scene), owner,
        say("incident.keys"),
    )  # fmt: skip


def _head(alert: Alert, scene: Scene, width: int) -> list[Line]:
    """State and since when, numbers, condition, what people did about it."""
    say, state = scene.say, state_of(alert)
    named = alert.severity in _NAMED
    word = say(f"header.{alert.severity}") if named else harmless(alert.severity)
    found = ""
    if alert.detected_at is not None:
        found = say("incident.detected", when=f"{scene.local(alert.detected_at):%m-%d %H:%M}")
    out: list[Line] = [
        line((f" {SIGNS[state]} {word}", TONES[state]), (f"   {_since(alert, scene)}   {found}", "ink")),
        line((" " + "   ".join(numbers(alert, scene)), "ink")),
    ]
    said = _said(alert, scene)
    room = max(20, width - 2)
    out += [line((" " + text, "ink")) for text in (wrap(said, room) if said else ())]
    condition = say("incident.condition", condition=harmless(alert.when)) if alert.when else ""
    out += [line((" " + text, "ink-dim")) for text in (wrap(condition, room) if condition else ())]
    for text, tone in _people(alert, scene):
        out += [line((" " + part, tone)) for part in wrap(text, room)]
    return out


def _said(alert: Alert, scene: Scene) -> str:
    """What the numbers do not say: the verdict explained, else what happened."""
    if alert.value is not None and alert.expected is not None:
        return ""
    query = band_query(alert)
    band = scene.got(query, BandAnswer) if query else None
    explained = words_of(band.sentence, scene.lang, "") if band is not None and band.sentence else ""
    if explained and not scene.place.alert.startswith(PAST):
        return explained
    return words_of(alert.sentence, scene.lang, "") if alert.sentence else ""


def _since(alert: Alert, scene: Scene) -> str:
    day = day_text(alert.active_at or alert.since)
    if alert.state == "firing":
        age = age_text(alert, scene)
        return (
            scene.say("incident.firing_since", day=day, age=age)
            if age
            else scene.say("incident.since", day=day)
        )
    if alert.state in ("pending", "recovering"):
        name = f"incident.{alert.state}_since"
        return scene.say(name, day=day, done=alert.count, needed=alert.for_periods)
    over = scene.say("incident.resolved")
    return f"{over}   {scene.say('incident.began', day=day)}" if day else over


def numbers(alert: Alert, scene: Scene) -> list[str]:
    """`value 1.957%   expected 3.321% ± 0.297   −41.1%`, `value 34.6% (27.5%…42.4%)   limit 45%   −23.2%`."""
    say, low, high = scene.say, alert.low, alert.high
    value, spread = shown(alert.value, alert, scene), _spread(alert, scene)
    relative = is_relative(alert)
    parts = [say("incident.value", value=value if relative or not spread else f"{value} {spread}")]
    if alert.expected is not None:
        expected = shown(alert.expected, alert, scene) if comparable(alert) else fmt.exact(alert.expected)
        if relative:
            parts.append(say("incident.expected", value=f"{expected} {spread}".strip()))
        else:
            parts.append(say("incident.threshold", value=expected))
        if alert.value is not None and alert.expected and comparable(alert):
            share = (alert.value - alert.expected) / abs(alert.expected)
            parts.append(("+" if share > 0 else fmt.MINUS) + fmt.percent(abs(share), 1))
    if relative and (low is None) != (high is None):
        parts.append(say("incident.threshold", value=shown(low if high is None else high, alert, scene)))
    return parts


def _spread(alert: Alert, scene: Scene) -> str:
    """`± 0.297` where the bounds lie evenly around what was expected, else `(3.02%…3.62%)`."""
    low, high = alert.low, alert.high
    if low is None or high is None:
        return ""
    middle = alert.expected
    if middle is not None and is_relative(alert) and abs(low + high - 2 * middle) <= 0.1 * (high - low):
        return f"± {shown((high - low) / 2, alert, scene)}"
    return f"({shown(low, alert, scene)}…{shown(high, alert, scene)})"


def _people(alert: Alert, scene: Scene) -> list[tuple[str, str]]:
    """Who has it, who silenced or closed it and why, what the review says, with its tone."""
    say, out = scene.say, []
    if alert.acked_by:
        values = {"who": harmless(alert.acked_by), "when": moment_text(scene, alert.acked_at)}
        out.append((_noted(say("incident.acked_who", **values), alert.ack_note, scene), "good"))
    if alert.silenced_until is not None:
        until = f"{scene.local(alert.silenced_until):%m-%d %H:%M}"
        text = say("incident.silenced_who", who=harmless(alert.silenced_by or fmt.NONE), until=until)
        out.append((_noted(text, alert.silence_reason, scene), "ink-dim"))
    if alert.closed_by:
        out.append((say("incident.closed_who", who=harmless(alert.closed_by)), "ink-dim"))
    if alert.label:
        out.append((say("incident.labelled", label=label_word(alert.label, scene)), "ink-dim"))
    if alert.flapping:
        out.append((say("incident.flaps"), "warn"))
    if alert.adapted:
        out.append((say("incident.adapted"), "revised"))
    if alert.inhibited_by:
        out.append((say("incident.is_inhibited", source=_names(alert.inhibited_by, scene)), "stale"))
    return out


def _names(episodes: tuple[str, ...], scene: Scene) -> str:
    known = {a.id: a for a in (scene.snapshot.alerts.alerts if scene.snapshot else ())}
    return " · ".join(title(known[one], scene) if one in known else harmless(one) for one in episodes)


def _noted(text: str, note: str, scene: Scene) -> str:
    return scene.say("incident.quoted", text=text, note=harmless(note)) if note else text


def _companions(alert: Alert, scene: Scene) -> list[Spot]:
    """The others of the incident; Enter goes to one."""
    answer = whole(scene, alert)
    others = answer.alerts[1:] if answer is not None else ()
    out = [Spot(line((scene.say("incident.with_it", n=len(others)), "ink-strong")))] if others else []
    for each in others:
        name = alert_id(each) if each.state != "ok" else f"{PAST}{each.id}"
        state = state_of(each)
        out.append(
            Spot(
                line(
                    (f"  {SIGNS[state]} ", TONES[state]), (title(each, scene), "ink"),
                    (f"  {'   '.join(numbers(each, scene))}", "ink-dim"),
                ),
                f"{ALERT}:{name}",
            )
        )  # fmt: skip
    return out


def _steps(alert: Alert, scene: Scene, width: int) -> list[Spot]:
    """The SOP as a checklist, with who ticked what and when."""
    if not alert.sop:
        return []
    done = {tick.step: tick for tick in alert.ticks}
    many = len([step for step in done if step < len(alert.sop)])
    out = [Spot(line((scene.say("incident.sop_done", done=many, all=len(alert.sop)), "ink-strong")))]
    for at, step in enumerate(alert.sop):
        tick = done.get(at)
        box = "[x]" if tick else "[ ]"
        right = f"{harmless(tick.by)} {scene.local(tick.at):%m-%d %H:%M}" if tick else ""
        text = line((f"{box} ", "good" if tick else "ink"), (harmless(step), "ink-dim" if tick else "ink"))
        out.append(Spot(_beside(text, right, width), f"{TICK}:{at}"))
    return out


def _beside(left: Line, right: str, width: int) -> Line:
    """The step, and who did it at a column of its own where there is room."""
    if not right:
        return left
    column = max(20, min(38, width - 24))
    return line(*pad_line(cut_line(left, column - 1), column), (right, "ink-dim"))


def since(alert: Alert) -> date | None:
    """The first day of the first breaching period."""
    days = days_of(alert.active_at or alert.since or "", alert.grain)
    return days.first if days else None

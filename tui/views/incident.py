"""One incident: its words, its trend, its steps and its timeline."""

from __future__ import annotations

from datetime import date, timedelta

from engine.questions import Alert, MetricAnswer, MetricQuery, Range, Transition
from tui import format as fmt
from tui.harmless import harmless, wrap
from tui.lines import line
from tui.view import Limit, Line, Series, TrendView
from tui.view.text import TextView
from tui.views.alerts import SIGNS, TONES, day_text, quiet, state_of, title, value_text
from tui.views.overview import with_axes
from tui.views.paths import member_filter
from tui.views.scene import Scene, words_of

TREND_DAYS = 28
EVENTS = 8


def trend_query(alert: Alert, scene: Scene) -> MetricQuery | None:
    """The daily trend of the alert's metric for its member."""
    if alert.metric is None or scene.snapshot is None:
        return None
    last = scene.local(scene.snapshot.as_of).date()
    days = Range(last - timedelta(days=TREND_DAYS - 1), last)
    named = {name: value for name, value in alert.labels.items() if value is not None}
    return MetricQuery((alert.metric,), (), "day", days, member_filter(tuple(named.items())))


def trend(alert: Alert, scene: Scene) -> TrendView:
    """The metric of the alert by day with what it was held against."""
    query = trend_query(alert, scene)
    found = scene.got(query, MetricAnswer) if query else None
    if found is None or query is None:
        return TrendView(empty=scene.failure(query) if query else fmt.NONE)
    values = {row.period: row.value for row in found.rows}
    first = query.range.first or date.min
    days = [first + timedelta(days=at) for at in range(TREND_DAYS)]
    limits = (Limit(alert.expected, scene.say("incident.limit")),) if alert.expected is not None else ()
    view = TrendView(
        series=(Series(alert.metric or "", tuple(values.get(day.isoformat()) for day in days)),),
        limits=limits,
        partial=1,
    )
    return with_axes(view, [f"{day:%m-%d}" for day in days], alert.unit, scene)


def detail(
    alert: Alert | None, scene: Scene, history: tuple[Transition, ...], width: int
) -> tuple[TextView, TextView]:
    """What is above the trend of an incident, and what is below it."""
    if alert is None:
        return TextView((line((" " + quiet(scene), "ink-dim")),), scene.say("panel.alerts")), TextView()
    say, state = scene.say, state_of(alert)
    word = (
        say(f"header.{alert.severity}")
        if alert.severity in ("critical", "warning")
        else harmless(alert.severity)
    )
    since = _since(alert, scene)
    found = ""
    if alert.detected_at is not None:
        found = say("incident.detected", when=f"{scene.local(alert.detected_at):%m-%d %H:%M}")
    head: list[Line] = [
        line((f" {SIGNS[state]} {word}", TONES[state]), (f"   {since}   {found}", "ink")),
        line((" " + _numbers(alert, scene), "ink")),
    ]
    said = words_of(alert.sentence, scene.lang, "")
    head += [line((" " + text, "ink")) for text in wrap(said, max(20, width - 2))] if alert.sentence else []
    condition = say("incident.condition", condition=harmless(alert.when)) if alert.when else ""
    head += [
        line((" " + text, "ink-dim")) for text in (wrap(condition, max(20, width - 2)) if condition else ())
    ]
    owner = say("incident.owner", who=harmless(alert.owner)) if alert.owner else ""
    return (
        TextView(tuple(head), title(alert, scene), owner),
        TextView(tuple(_below(alert, scene, history)), "", ""),
    )


def _since(alert: Alert, scene: Scene) -> str:
    day = day_text(alert.since or alert.active_at)
    if alert.state == "firing":
        start = (alert.since or alert.active_at or "")[:10]
        age = ""
        if scene.snapshot is not None and len(start) == 10:
            days = (scene.local(scene.snapshot.as_of).date() - date.fromisoformat(start)).days
            age = fmt.duration(max(0, days) * 86400, scene.lang) if days else fmt.duration(0, scene.lang)
        return scene.say("incident.firing_since", day=day, age=age)
    if alert.state in ("pending", "recovering"):
        name = f"incident.{alert.state}_since"
        return scene.say(name, day=day, done=alert.count, needed=alert.for_periods)
    return scene.say("incident.resolved")


def _numbers(alert: Alert, scene: Scene) -> str:
    parts = [scene.say("incident.value", value=value_text(alert.value, alert.unit, scene))]
    if alert.expected is not None:
        parts.append(scene.say("incident.expected", value=value_text(alert.expected, alert.unit, scene)))
        if alert.value is not None and alert.expected:
            share = alert.value / alert.expected - 1
            parts.append(("+" if share > 0 else fmt.MINUS) + fmt.percent(abs(share), 1))
    return "   ".join(parts)


def _below(alert: Alert, scene: Scene, history: tuple[Transition, ...]) -> list[Line]:
    say = scene.say
    lines: list[Line] = []
    if alert.sop:
        lines.append(line((" " + say("incident.sop"), "ink-strong")))
        lines += [line((f" [ ] {harmless(step)}", "ink")) for step in alert.sop]
        lines.append(())
    mine = [each for each in history if each.rule == alert.rule and dict(each.labels) == dict(alert.labels)]
    if mine:
        lines.append(line((" " + say("incident.timeline"), "ink-strong")))
    for each in reversed(mine[-EVENTS:]):
        when = f"{scene.local(each.detected_at):%m-%d %H:%M}"
        words = [harmless(word) for word in (each.event, each.severity, each.reason) if word]
        lines.append(line((f" {when} ", "ink-dim"), (" · ".join([day_text(each.period), *words]), "ink")))
    return lines

"""Alerts: the feed, one incident, and its trend."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from engine.questions import Alert, Transition
from tui import format as fmt
from tui.harmless import harmless
from tui.view import AlertEntry, FeedView
from tui.views.scene import Scene, member, words_of

if TYPE_CHECKING:
    pass

TREND_DAYS = 28
EARLIER = 8
EVENTS = 8


def state_of(alert: Alert) -> str:
    """The sign of an alert: crit, warn, pend, back, ok."""
    if alert.state == "firing":
        return "crit" if alert.severity == "critical" else "warn" if alert.severity == "warning" else "info"
    return {"pending": "pend", "recovering": "back"}.get(alert.state, "ok")


def alert_id(alert: Alert) -> str:
    """The same over refreshes: rule and member."""
    return "\x1f".join([alert.rule, *(f"{name}={value}" for name, value in sorted(alert.labels.items()))])


def where(alert: Alert, scene: Scene) -> str:
    """The member it is about."""
    return " · ".join(member(value, scene.lang) for value in alert.labels.values())


def value_text(value: float | None, unit: str, scene: Scene) -> str:
    """A value in the unit of the alert's metric."""
    return fmt.percent(value, 2) if unit == "percent" else fmt.value_of(value, unit, scene.lang)


def day_text(text: str | None) -> str:
    """`10-28` of `2026-10-28`; other periods as they are."""
    found = harmless(text or "")
    return found[5:10] if len(found) >= 10 and found[4:5] == "-" else found


def sorted_alerts(scene: Scene) -> tuple[Alert, ...]:
    """Open ones, worst first."""
    found = scene.snapshot.alerts.alerts if scene.snapshot else ()
    rank = {"crit": 0, "warn": 1, "info": 2, "pend": 3, "back": 4}
    return tuple(sorted((a for a in found if a.state != "ok"), key=lambda a: rank.get(state_of(a), 9)))


def open_count(scene: Scene) -> int:
    """How many are open."""
    return len(sorted_alerts(scene))


def quiet(scene: Scene) -> str:
    """What stands in an empty feed: how many rules were judged, and on which data."""
    snapshot = scene.snapshot
    if snapshot is None:
        return scene.say("empty.computing")
    if not snapshot.alerts.judged:
        return scene.say("empty.alerts_no_rules")
    local = scene.local(snapshot.alerts.as_of)
    return scene.say("empty.alerts", n=snapshot.alerts.judged, time=f"{local:%H:%M:%S}")


def _short(alert: Alert, scene: Scene) -> tuple[str, str]:
    """What happened in two lines: what moved and where, then value against what was expected."""
    said = words_of(alert.sentence, scene.lang, alert.rule)
    subject = said.split(" was ")[0]
    if scene.lang == "zh":
        head = said.partition("，")[0].partition("。")[0]
        words = [
            w
            for w in head.split(" ")
            if not (alert.active_at and w == alert.active_at) and not _DATE.fullmatch(w)
        ]
        subject = " ".join(words[:-1] if len(words) > 1 and any(c.isdigit() for c in words[-1]) else words)
    value, expected = alert.value, alert.expected
    against = against_text(alert, scene)
    found = _MOVE.search(said)
    if found and value is not None and expected:
        return f"{subject} {found[1]}", scene.say(
            "page.expected",
            value=value_text(value, alert.unit, scene),
            expected=value_text(expected, alert.unit, scene),
        )
    return " ".join(text for text in (subject, against) if text), ""


_DATE = re.compile(r"(\d{4}-)?\d{2}(-\d{2})?( \S+)?")
_MOVE = re.compile(r"[(（]([+−]\d[\d.,]*%)[)）]")


def against_text(alert: Alert, scene: Scene) -> str:
    """`1.96% < 3.32%`: the value and what it was held against."""
    value = value_text(alert.value, alert.unit, scene)
    if alert.expected is None or alert.value is None:
        return "" if alert.value is None else value
    sign = "<" if alert.value < alert.expected else ">"
    return f"{value} {sign} {value_text(alert.expected, alert.unit, scene)}"


def short_feed(scene: Scene) -> FeedView:
    """The feed on the overview."""
    found = sorted_alerts(scene)
    entries = []
    for alert in found:
        text, detail = _short(alert, scene)
        state = state_of(alert)
        entries.append(
            AlertEntry(
                alert_id(alert),
                state,
                scene.say(f"state.{state}"),
                day_text(alert.since or alert.active_at),
                text,
                harmless(alert.owner or ""),
                detail if state == "crit" else "",
            )
        )
    return FeedView(tuple(entries), scene.say("panel.alerts"), str(len(found)) if found else "", quiet(scene))


def feed(scene: Scene, history: tuple[Transition, ...] = ()) -> FeedView:
    """The feed of the Alerts screen: open ones in two lines, then what is over."""
    entries = [_entry(alert, scene) for alert in sorted_alerts(scene)]
    over = _earlier(history, scene)
    if over:
        entries += [
            AlertEntry("rule", kind="rule"),
            AlertEntry("earlier", text=scene.say("incident.earlier"), kind="heading"),
        ]
        entries += over
    unit = scene.say("context.open", n=open_count(scene))
    return FeedView(
        tuple(entries), scene.say("panel.alerts"), unit, quiet(scene), gap=scene.size.height >= 30
    )


def _entry(alert: Alert, scene: Scene) -> AlertEntry:
    state = state_of(alert)
    word = scene.say(f"incident.{alert.state}")
    if alert.silenced_until is not None:
        word = scene.say("incident.silenced")
    elif alert.state in ("pending", "recovering") and alert.for_periods > 1:
        word = f"{word} {alert.count}/{alert.for_periods}"
    against = against_text(alert, scene)
    acked = ""
    if alert.state == "firing":
        acked = (
            scene.say("page.acked_by", who=harmless(alert.acked_by))
            if alert.acked_by
            else scene.say("incident.not_acked")
        )
    detail = "  ".join(text for text in (where(alert, scene), against) if text)
    right = "  ".join(text for text in (harmless(alert.owner or ""), acked) if text)
    return AlertEntry(
        alert_id(alert),
        state,
        scene.say(f"state.{state}"),
        "",
        harmless(alert.rule.replace("_", " ")),
        word,
        detail,
        right,
    )


def _earlier(history: tuple[Transition, ...], scene: Scene) -> list[AlertEntry]:
    over = [each for each in history if each.event in ("resolved", "closed", "retracted", "ok")][-EARLIER:]
    return [
        AlertEntry(
            f"over {at}",
            "retracted" if each.event == "retracted" else "ok",
            day_text(each.period),
            "",
            " · ".join(
                [
                    harmless(each.rule.replace("_", " ")),
                    *(member(v, scene.lang) for v in each.labels.values()),
                ]
            ),
            harmless(each.event),
        )
        for at, each in enumerate(reversed(over))
    ]


def find(scene: Scene, name: str) -> Alert | None:
    """The alert with that id, else the worst."""
    found = sorted_alerts(scene)
    return next((alert for alert in found if alert_id(alert) == name), found[0] if found else None)


def title(alert: Alert, scene: Scene) -> str:
    """`Conversion drop · Douyin`."""
    at = where(alert, scene)
    return harmless(alert.rule.replace("_", " ")) + (f" · {at}" if at else "")


SIGNS = {"crit": "✖", "warn": "▲", "info": "◔", "pend": "◔", "back": "✓", "ok": "✓"}
TONES = {"crit": "bad", "warn": "warn", "info": "info", "pend": "info", "back": "good", "ok": "good"}

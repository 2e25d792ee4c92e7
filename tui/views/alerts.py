"""Alerts in words: state, member, value against what it was held against, the short feed."""

from __future__ import annotations

import re
from collections.abc import Container
from datetime import datetime

from engine.questions import Alert, IncidentAnswer, IncidentQuery, RulesAnswer
from tui import format as fmt
from tui.asking import AlertRulesAsk
from tui.harmless import harmless
from tui.view import AlertEntry, FeedView
from tui.views.going import days_of
from tui.views.scene import Scene, member, span, words_of
from tui.words import UnknownWordError

SIGNS = {"crit": "✖", "warn": "▲", "stale": "◌", "info": "◔", "pend": "◔", "back": "✓", "ok": "✓"}
TONES = {"crit": "bad", "warn": "warn", "stale": "stale", "info": "info", "pend": "info", "back": "good",
         "ok": "good"}  # fmt: skip
RANK = {"crit": 0, "warn": 1, "stale": 2, "info": 3, "pend": 4, "back": 5}
PROOF = "quiet"
"""The id of the line that leads to the quiet proof."""
PAST = "="
"""What the id of an entry about an episode that is over begins with."""
_OF_SOURCE = re.compile(
    r"\b(?:age|overdue|rejected_share|empty_share|late_share|drift|disputed)\(\s*\"?([^\",)]+)"
)


def state_of(alert: Alert) -> str:
    """The sign of an alert: crit, warn, stale, pend, back, ok."""
    if alert.state == "firing":
        if alert.severity == "critical":
            return "crit"
        if alert.metric is None and re.search(r"\b(age|overdue)\(", alert.when):
            return "stale"
        return "warn" if alert.severity == "warning" else "info"
    return {"pending": "pend", "recovering": "back"}.get(alert.state, "ok")


def alert_id(alert: Alert) -> str:
    """The same over refreshes: rule and member."""
    return "\x1f".join([alert.rule, *(f"{name}={value}" for name, value in sorted(alert.labels.items()))])


def source_of(alert: Alert) -> str:
    """The source that a rule about a source reads, empty for any other rule."""
    found = _OF_SOURCE.search(alert.when)
    return found[1].strip() if found and alert.metric is None else ""


def where(alert: Alert, scene: Scene) -> str:
    """The member it is about."""
    return " · ".join(member(value, scene.lang) for value in alert.labels.values())


def rule_name(rule: str, scene: Scene) -> str:
    """A rule as it is labelled, else by its name: `Conversion drop`."""
    answer = scene.got(AlertRulesAsk(), RulesAnswer)
    label = next((each.label for each in answer.rules if each.name == rule), {}) if answer else {}
    said = words_of(label, scene.lang, rule)
    return said[:1].upper() + said[1:]


def event_word(name: str, scene: Scene) -> str:
    """An event, a reason or a kind of message in words; one that has none as it is."""
    try:
        return scene.say(f"event.{name}")
    except UnknownWordError:
        return harmless(name.replace("_", " "))


def label_word(label: str | None, scene: Scene) -> str:
    """A label of the review in words, empty where there is none."""
    if not label:
        return ""
    try:
        return scene.say(f"labelled.{label}")
    except UnknownWordError:
        return harmless(label)


def value_text(value: float | None, unit: str, scene: Scene) -> str:
    """A value in the unit of the alert's metric."""
    return fmt.percent(value, 2) if unit == "percent" else fmt.value_of(value, unit, scene.lang)


def shown(value: float | None, alert: Alert, scene: Scene) -> str:
    """A value of an alert: in its metric's unit; of a source in hours, in percent or as it is."""
    if alert.metric is not None or value is None:
        return value_text(value, alert.unit, scene)
    if "_share(" in alert.when:
        return fmt.percent(value, 2)
    text = f"{value:.4g}".replace("-", fmt.MINUS)
    return text + fmt.SPANS[scene.lang][1][1] if re.search(r"\bage\(", alert.when) else text


def is_relative(alert: Alert) -> bool:
    """Whether the value is held against what was expected of it, not against a constant."""
    return re.search(r"\b(change|mean|deviation|anomaly)\(", alert.when) is not None


def comparable(alert: Alert) -> bool:
    """Whether value and limit are of one kind: a pace is not, nor what begins with a sum."""
    if not alert.when or is_relative(alert):
        return True
    return "pace(" not in alert.when and re.match(r"\s*\w+(\([^)]*\))?\s*[<>]", alert.when) is not None


def day_text(text: str | None) -> str:
    """`10-28` of `2026-10-28`; other periods as they are."""
    found = harmless(text or "")
    return found[5:10] if len(found) >= 10 and found[4:5] == "-" else found


def moment_text(scene: Scene, moment: object) -> str:
    """`10-28`, or `09:12` of today, in the workspace's time zone."""
    if not isinstance(moment, datetime) or scene.snapshot is None:
        return ""
    local = scene.local(moment)
    today = scene.local(scene.snapshot.as_of).date()
    return f"{local:%H:%M}" if local.date() == today else f"{local:%m-%d}"


def age_text(alert: Alert, scene: Scene) -> str:
    """How long it has been so, from the first period: `2 d`; empty where that is not known."""
    days = days_of(alert.active_at or alert.since or "", alert.grain)
    if days is None or days.first is None or scene.snapshot is None:
        return ""
    gone = max(1, (scene.local(scene.snapshot.as_of).date() - days.first).days)
    return span(gone, scene.lang)


def sorted_alerts(scene: Scene) -> tuple[Alert, ...]:
    """Open ones, worst first, those that began last first; the others of an incident after its first."""
    found = [a for a in (scene.snapshot.alerts.alerts if scene.snapshot else ()) if a.state != "ok"]
    found.sort(key=lambda a: a.active_at or a.since or "", reverse=True)
    found.sort(key=lambda a: RANK.get(state_of(a), 9))
    heads = {a.id for a in found if a.id and a.incident in (None, a.id)}
    out: list[Alert] = []
    for alert in found:
        if not below(alert, heads):
            out.append(alert)
            out += [each for each in found if alert.id and each.incident == alert.id and each is not alert]
    return tuple(out)


def below(alert: Alert, heads: Container[str | None]) -> bool:
    """Whether it stands below another one of its incident."""
    return bool(alert.incident) and alert.incident != alert.id and alert.incident in heads


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


def proof(scene: Scene) -> str:
    """`quiet proof: 31 rules judged on data of 14:32:03, 5 open, 26 quiet`; empty without rules."""
    snapshot = scene.snapshot
    if snapshot is None or not snapshot.alerts.judged:
        return ""
    opened = len({alert.rule for alert in snapshot.alerts.alerts if alert.state != "ok"})
    time = f"{scene.local(snapshot.alerts.as_of):%H:%M:%S}"
    return scene.say(
        "alertrule.proof_line", n=snapshot.alerts.judged, time=time, open=opened,
        quiet=max(0, snapshot.alerts.judged - opened),
    )  # fmt: skip


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
    cause = cause_line(alert, scene)
    found = _MOVE.search(said)
    if found and value is not None and expected:
        return f"{subject} {found[1]}", cause or scene.say(
            "page.expected",
            value=shown(value, alert, scene),
            expected=shown(expected, alert, scene),
        )
    return " ".join(text for text in (subject, against) if text), cause


_DATE = re.compile(r"(\d{4}-)?\d{2}(-\d{2})?( \S+)?")
_MOVE = re.compile(r"[(（]([+−]\d[\d.,]*%)[)）]")


def cause_line(alert: Alert, scene: Scene) -> str:
    """`creative sofa_03: 86% of the fall`, empty where no cause is known."""
    why = alert.why
    if why is None or not why.causes or why.causes[0].share is None or not why.causes[0].element:
        return ""
    from tui.views.explain import element

    first = why.causes[0]
    word = "incident.of_fall" if first.effect < 0 else "incident.of_rise"
    return scene.say(word, element=element(first.element, scene.lang), share=fmt.percent(first.share, 0))


def against_text(alert: Alert, scene: Scene) -> str:
    """`1.96% < 3.32%`: the value and what it was held against."""
    value = shown(alert.value, alert, scene)
    if alert.expected is None or alert.value is None or not comparable(alert):
        return "" if alert.value is None else value
    sign = "<" if alert.value < alert.expected else ">" if alert.value > alert.expected else "="
    return f"{value} {sign} {shown(alert.expected, alert, scene).replace('.00%', '%')}"


def short_feed(scene: Scene) -> FeedView:
    """The feed on the overview: what somebody has to know, and the line that leads to the quiet proof."""
    found = [alert for alert in sorted_alerts(scene) if not alert.inhibited_by]
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
                dim=alert.silenced_until is not None,
            )
        )
    said = proof(scene)
    if said:
        if not entries:
            entries.append(AlertEntry("none", text=scene.say("empty.no_alert"), kind="heading"))
        entries.append(AlertEntry(PROOF, text=said, kind="link", dim=True))
    return FeedView(tuple(entries), scene.say("panel.alerts"), str(len(found)) if found else "", quiet(scene))


def find(scene: Scene, name: str) -> Alert | None:
    """The alert with that id, an episode that is over by its own, else the worst."""
    if name.startswith(PAST):
        answer = scene.got(IncidentQuery(name.removeprefix(PAST)), IncidentAnswer)
        return answer.alerts[0] if answer is not None and answer.alerts else None
    found = sorted_alerts(scene)
    return next((alert for alert in found if alert_id(alert) == name), found[0] if found else None)


def episode(scene: Scene, name: str) -> str | None:
    """The episode that an entry is about; None for one that never fired."""
    if name.startswith(PAST):
        return name.removeprefix(PAST)
    alert = find(scene, name)
    return alert.id if alert is not None else None


def said(alert: Alert, scene: Scene) -> str:
    """What happened as one sentence, to hand on."""
    text = words_of(alert.sentence, scene.lang, "") if alert.sentence else ""
    return text or " ".join(part for part in (title(alert, scene), against_text(alert, scene)) if part)


def title(alert: Alert, scene: Scene) -> str:
    """`Conversion drop · Douyin`."""
    at = where(alert, scene)
    return rule_name(alert.rule, scene) + (f" · {at}" if at else "")

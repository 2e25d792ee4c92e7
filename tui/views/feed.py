"""The feed of the Alerts screen: open ones, those that a source explains, what is over, the week."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from engine.questions import Alert, ReviewAnswer, ReviewItem, Transition
from tui.asking import HistoryAsk, ReviewAsk
from tui.harmless import harmless
from tui.place import Sieve
from tui.view import AlertEntry, FeedView
from tui.views.alerts import (
    PAST,
    against_text,
    age_text,
    alert_id,
    below,
    day_text,
    event_word,
    label_word,
    moment_text,
    quiet,
    rule_name,
    sorted_alerts,
    source_of,
    state_of,
    where,
)
from tui.views.scene import Scene, member

EARLIER, ALL = 8, 200
"""So many episodes that are over stand below the open ones, and where they are asked for."""
OVER = ("resolved", "retracted")
WEEK = timedelta(days=7)
COUNTED = {"true": True, "true_no_action": True, "false": False, "expected": False}
"""Labels that a precision counts, and whether they say the alert was right."""


def feed(scene: Scene, me: str = "") -> FeedView:
    """All sections that the sieve of the place lets through.

    In:  who is working the console, for the sieve of one's own.
    """
    sieve, say = scene.place.sieve, scene.say
    found = [a for a in sorted_alerts(scene) if passes(a.rule, a.severity, a.owner, sieve, me)]
    entries: list[AlertEntry] = []
    if sieve.state != "earlier":
        told = [alert for alert in found if not alert.inhibited_by]
        heads = {alert.id for alert in told}
        entries += [replace(_entry(alert, scene), inset=below(alert, heads)) for alert in told]
        entries += _inhibited([alert for alert in found if alert.inhibited_by], scene)
    past = _earlier(scene, me, ALL if sieve.state != "open" else EARLIER)
    if past and (entries or sieve.state != "open"):
        entries += [AlertEntry("rule", kind="rule")] if entries else []
        entries.append(AlertEntry("earlier", text=say("incident.earlier"), kind="heading"))
    entries += past
    week = week_text(scene)
    return FeedView(
        tuple(entries),
        say("panel.alerts"),
        sieve_text(scene),
        quiet(scene) if sieve == Sieve() else say("incident.none_pass"),
        gap=scene.size.height >= 30,
        foot=(week,) if week else (),
    )


def passes(rule: str, severity: str | None, owner: str | None, sieve: Sieve, me: str) -> bool:
    """Whether the sieve lets an alert or an episode through."""
    wanted = me if sieve.owner == "@" else sieve.owner
    return (
        sieve.rule in ("", rule)
        and sieve.severity in ("", severity)
        and (not sieve.owner or wanted == (owner or ""))
    )


def sieve_text(scene: Scene) -> str:
    """What the feed shows: `open ▾`, with all that narrows it."""
    sieve = scene.place.sieve
    parts = [scene.say(f"sieve.{sieve.state}")]
    parts += [scene.say(f"header.{sieve.severity}")] if sieve.severity in ("critical", "warning") else []
    parts += [harmless(sieve.severity)] if sieve.severity not in ("", "critical", "warning") else []
    if sieve.owner:
        parts.append(scene.say("sieve.mine") if sieve.owner == "@" else harmless(sieve.owner))
    parts += [rule_name(sieve.rule, scene)] if sieve.rule else []
    return " · ".join(parts) + " ▾"


def _entry(alert: Alert, scene: Scene) -> AlertEntry:
    state = state_of(alert)
    word = scene.say(f"incident.{alert.state}")
    silenced = alert.silenced_until is not None
    if silenced:
        until = moment_text(scene, alert.silenced_until)
        word = scene.say("incident.silenced_to", until=until)
    elif alert.state in ("pending", "recovering") and alert.for_periods > 1:
        word = f"{word} {alert.count}/{alert.for_periods}"
    elif age := age_text(alert, scene):
        word = f"{word} {age}"
    name = rule_name(alert.rule, scene)
    if alert.flapping:
        name += f" ≈ {scene.say('incident.flapping')}"
    detail = "  ".join(
        text for text in (where(alert, scene) or source_of(alert), against_text(alert, scene)) if text
    )
    right = "  ".join(text for text in (harmless(alert.owner or ""), acked_text(alert, scene)) if text)
    return AlertEntry(
        alert_id(alert),
        state,
        scene.say(f"state.{state}"),
        "",
        name,
        word,
        harmless(detail),
        right,
        dim=silenced,
    )


def acked_text(alert: Alert, scene: Scene) -> str:
    """`acked 10-28`, `not acked`; who, where it is somebody else than the owner."""
    if alert.state != "firing":
        return ""
    if not alert.acked_by:
        return scene.say("incident.not_acked")
    when = moment_text(scene, alert.acked_at)
    who = harmless(alert.acked_by) if alert.acked_by != alert.owner or not when else ""
    return scene.say("incident.acked", when=" ".join(part for part in (who, when) if part))


def _inhibited(found: Iterable[Alert], scene: Scene) -> list[AlertEntry]:
    """`Inhibited by kuaishou (2): ROI · Spend`, then each in one line."""
    groups: dict[str, list[Alert]] = {}
    for alert in found:
        groups.setdefault(alert.inhibited_by[0], []).append(alert)
    by_id = {a.id: a for a in (scene.snapshot.alerts.alerts if scene.snapshot else ())}
    out: list[AlertEntry] = []
    for name, held in groups.items():
        cause = by_id.get(name)
        source = (source_of(cause) or where(cause, scene) or rule_name(cause.rule, scene)) if cause else name
        text = scene.say("incident.inhibited", source=harmless(source), n=len(held))
        out += [AlertEntry("rule", kind="rule"), AlertEntry(f"inhibited {name}", text=text, kind="heading")]
        out += [
            AlertEntry(
                alert_id(alert), state_of(alert), scene.say(f"state.{state_of(alert)}"), "",
                " · ".join(part for part in (rule_name(alert.rule, scene), where(alert, scene)) if part),
                against_text(alert, scene), dim=True,
            )
            for alert in held
        ]  # fmt: skip
    return out


def _earlier(scene: Scene, me: str, most: int) -> list[AlertEntry]:
    """Episodes that are over, the newest first: what became of them, or what the review said."""
    answer = scene.got(ReviewAsk(), ReviewAnswer)
    known = {item.id: item for item in (*answer.queue, *answer.done)} if answer else {}
    sieve = scene.place.sieve
    out: list[AlertEntry] = []
    seen: set[str | None] = set()
    for each in sorted(history(scene), key=lambda one: (one.detected_at, one.period), reverse=True):
        if each.event not in OVER or each.id in seen or len(out) >= most:
            continue
        seen.add(each.id)
        item = known.get(each.id or "")
        severity = item.severity if item else each.severity
        if passes(each.rule, severity, item.owner if item else None, sieve, me):
            out.append(_over(each, item, scene))
    return out


def _over(each: Transition, item: ReviewItem | None, scene: Scene) -> AlertEntry:
    retracted = each.event == "retracted"
    said = label_word(item.label if item else None, scene)
    word = said or event_word(each.reason if each.reason and not retracted else each.event, scene)
    names = [rule_name(each.rule, scene), *(member(v, scene.lang) for v in each.labels.values())]
    return AlertEntry(
        f"{PAST}{each.id}",
        "retracted" if retracted else "ok",
        day_text(each.period),
        "",
        " · ".join(names),
        word,
        event_word(each.reason, scene) if retracted and each.reason else "",
        dim=True,
    )


def history(scene: Scene) -> tuple[Transition, ...]:
    """Every transition that is known."""
    found = scene.got(HistoryAsk(), tuple) or ()
    return tuple(each for each in found if isinstance(each, Transition))


def week_text(scene: Scene) -> str:
    """`Week: 6 episodes, 9 messages, precision 4 of 5`; empty before the review is known."""
    answer = scene.got(ReviewAsk(), ReviewAnswer)
    if answer is None:
        return ""
    since = answer.as_of - WEEK
    told = (each for each in history(scene) if each.event == "firing" and not each.late)
    began = {each.id for each in told if each.detected_at >= since}
    labels = [item.label for item in answer.done if item.at is not None and item.at >= since]
    judged = [COUNTED[label] for label in labels if label in COUNTED]
    parts = [
        scene.say("incident.week_episodes", n=len(began)),
        scene.say("incident.week_messages", n=sum(each.messages for each in answer.load)),
    ]
    if judged:
        parts.append(scene.say("incident.week_precision", right=sum(judged), n=len(judged)))
    return scene.say("incident.week", parts=scene.say("page.comma").join(parts))

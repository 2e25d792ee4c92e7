"""What became of an incident, by time: transitions, messages, and what people did."""

from __future__ import annotations

from itertools import groupby

from engine.questions import Alert, Happening, IncidentAnswer, IncidentQuery
from tui.harmless import harmless, wrap
from tui.lines import line
from tui.view.incident import Spot
from tui.views.alerts import day_text, event_word, label_word
from tui.views.scene import Scene

STAMP = 13
"""Cells of `10-29 00:21` and what stands around it."""


def spots(alert: Alert, scene: Scene, width: int) -> list[Spot]:
    """`Timeline`, the first thing first."""
    answer = scene.got(IncidentQuery(alert.id), IncidentAnswer) if alert.id else None
    found = answer.timeline if answer is not None else ()
    if not found:
        return []
    out = [Spot(line((scene.say("incident.timeline"), "ink-strong")))]
    for stamp, held in groupby(found, key=lambda each: f"{scene.local(each.at):%m-%d %H:%M}"):
        text = " · ".join(_texts(list(held), scene))
        for at, part in enumerate(wrap(text, max(20, width - STAMP - 2))):
            lead = f"{stamp} " if not at else " " * (STAMP - 1)
            out.append(Spot(line((lead, "ink-dim"), (part, "ink"))))
    return out


def _texts(held: list[Happening], scene: Scene) -> list[str]:
    """What happened in one minute; messages that went out are counted."""
    sent = [each for each in held if each.deed == "message" and not each.text]
    out = [text_of(each, scene) for each in held if each not in sent]
    if sent:
        names = dict.fromkeys(name for each in sent for name in each.to)
        text = scene.say("incident.message_sent", n=len(sent))
        kinds = dict.fromkeys(event_word(each.word, scene) for each in sent if each.word != "firing")
        text += f" ({scene.say('page.comma').join(kinds)})" if kinds else ""
        out.append(text + (f" → {', '.join(harmless(name) for name in names)}" if names else ""))
    return out


def text_of(each: Happening, scene: Scene) -> str:
    """One thing that happened, in words."""
    say, who = scene.say, harmless(each.by or "")
    text = harmless(each.text)
    if each.deed == "transition":
        parts = [event_word(each.word, scene)]
        parts += [say(f"header.{each.severity}")] if each.severity in ("critical", "warning") else []
        parts += [day_text(each.period)] if each.period else []
        parts += [say("incident.late")] if each.late else []
        parts += [event_word(each.text, scene)] if each.text else []
        return " ".join(parts)
    if each.deed == "message":
        to = ", ".join(harmless(name) for name in each.to)
        return say("incident.message_failed", to=to, why=text)
    if each.deed == "cause":
        return say("incident.cause_found")
    word = label_word(each.word, scene) if each.deed == "label" else ""
    done = say(f"incident.did_{each.deed}", what=word)
    quoted = f' "{text}"' if text and each.deed not in ("tick", "untick") else f" {text}" if text else ""
    return f"{who}: {done}{quoted}" if who else f"{done}{quoted}"

"""`looptop alerts`: alerts with state, since, value against what was expected; an incident; transitions."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence

from engine.questions import Alert, AlertsAnswer, Happening, IncidentAnswer, IncidentQuery, Tick, Transition
from tui.commands.output import iso, number, table, write, write_json, yes
from tui.commands.words import heads, word
from tui.harmless import harmless
from tui.opening import language, opened

ALERT_KEYS = ("id", "rule", "labels", "state", "severity", "since", "value", "expected", "owner", "acked_by")
HAPPENING_KEYS = ("at", "what", "period", "author", "note")
TRANSITION_KEYS = ("detected", "rule", "labels", "period", "event", "severity", "reason", "id")


def run(arguments: Namespace) -> int:
    """Print the alerts, or with `--history` the transitions."""
    with opened(arguments) as session:
        console = session.workspace.console
        lang = language(arguments, console.language)
        if arguments.history:
            _history(session.history(), console.timezone, lang, arguments.json)
            return 0
        if arguments.id is not None:
            _incident(session.incident(IncidentQuery(arguments.id)), console.timezone, lang, arguments.json)
            return 0
        answer = session.alerts(all=arguments.all)
    if arguments.json:
        from engine.alerts import alerts_json

        write_json(alerts_json(answer, console.timezone, lang))
    else:
        write(to_text(answer, console.timezone, lang))
    return 0


def members(labels: Mapping[str, str | None]) -> str:
    """The member that an alert is about: `channel=douyin`."""
    shown = (f"{dimension}={'–' if member is None else member}" for dimension, member in labels.items())
    return ", ".join(shown) or "–"


def to_text(answer: AlertsAnswer, timezone: str, lang: str) -> str:
    """One table, a line per alert."""
    rows = [
        [
            *(
                alert.id or "–",
                alert.rule,
                members(alert.labels),
                alert.state,
                alert.severity,
                alert.since or "–",
            ),
            *(number(alert.value, alert.unit), number(alert.expected, alert.unit)),
            *(alert.owner or "–", alert.acked_by or "–"),
        ]
        for alert in answer.alerts
    ]
    title = f"{word('as_of', lang)} {iso(answer.as_of, timezone)}"
    return f"{title}\n" + (table(heads(lang, *ALERT_KEYS), rows, (6, 7)) if rows else word("nothing", lang))


def _incident(answer: IncidentAnswer, timezone: str, lang: str, as_json: bool) -> None:
    if as_json:
        from engine.alerts import incident_json

        write_json(incident_json(answer, timezone, lang))
    else:
        write("\n\n".join(incident_text(answer, timezone, lang)))


def incident_text(answer: IncidentAnswer, timezone: str, lang: str) -> Iterator[str]:
    """What happened and why, the checklist, the others of the incident, the timeline."""
    first = answer.alerts[0]
    yield "\n".join([_heading(first), *_told(first, lang)])
    if first.sop:
        done = {tick.step: tick for tick in first.ticks}
        yield "\n".join(
            harmless(f"[{'x' if at in done else ' '}] {at + 1}. {step}{_by(done.get(at))}")
            for at, step in enumerate(first.sop)
        )
    if len(answer.alerts) > 1:
        rows = [
            [each.id or "–", each.rule, members(each.labels), each.state, number(each.value, each.unit)]
            for each in answer.alerts[1:]
        ]
        yield table(heads(lang, "id", "rule", "labels", "state", "value"), rows, (4,))
    yield table(heads(lang, *HAPPENING_KEYS), [_happening(each, timezone) for each in answer.timeline])


def _heading(alert: Alert) -> str:
    state = f"{alert.state} · {alert.severity}"
    marks = [
        mark for mark, on in (("flapping", alert.flapping), ("inhibited", bool(alert.inhibited_by))) if on
    ]
    return harmless(" · ".join([alert.id or "–", alert.rule, members(alert.labels), state, *marks]))


def _told(alert: Alert, lang: str) -> Iterator[str]:
    said = alert.sentence.get(lang)
    why = alert.why.sentences.get(lang) if alert.why is not None else None
    yield from (harmless(text) for text in dict.fromkeys((said, why)) if text)


def _by(tick: Tick | None) -> str:
    return "" if tick is None else f"  ({tick.by})"


def _happening(each: Happening, timezone: str) -> list[str]:
    who = each.by or ", ".join(each.to) or "–"
    what = each.word if each.deed in ("transition", "message") else f"{each.deed} {each.word}"
    if each.deed == each.word:
        what = each.deed
    return [iso(each.at, timezone) or "–", what, each.period or "–", who, each.text or "–"]


def _history(transitions: Sequence[Transition], timezone: str, lang: str, as_json: bool) -> None:
    if as_json:
        from engine.alerts import history_json

        write_json(history_json(transitions, timezone))
        return
    rows = [
        [
            *(iso(one.detected_at, timezone) or "–", one.rule, members(one.labels), one.period),
            one.event + yes(one.late, " (late)"),
            *(one.severity or "–", one.reason or "–", one.id or "–"),
        ]
        for one in transitions
    ]
    write(table(heads(lang, *TRANSITION_KEYS), rows) if rows else word("nothing", lang))

"""`looptop alerts`: alerts with state, since, value against what was expected; or every transition."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping, Sequence

from engine.questions import AlertsAnswer, Transition
from tui.commands.output import iso, number, table, write, write_json, yes
from tui.commands.words import heads, word
from tui.opening import language, opened

ALERT_KEYS = ("id", "rule", "labels", "state", "severity", "since", "value", "expected", "owner", "acked_by")
TRANSITION_KEYS = ("detected", "rule", "labels", "period", "event", "severity", "reason", "id")


def run(arguments: Namespace) -> int:
    """Print the alerts, or with `--history` the transitions."""
    with opened(arguments) as session:
        console = session.workspace.console
        lang = language(arguments, console.language)
        if arguments.history:
            _history(session.history(), console.timezone, lang, arguments.json)
            return 0
        answer = session.alerts(all=arguments.all)
    if arguments.json:
        from engine.alerts import alerts_json

        write_json(alerts_json(answer, console.timezone))
    else:
        write(to_text(answer, console.timezone, lang))
    return 0


def members(labels: Mapping[str, str | None]) -> str:
    """The member that an alert is about: `channel=douyin`."""
    return ", ".join(f"{dimension}={member}" for dimension, member in labels.items()) or "–"


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

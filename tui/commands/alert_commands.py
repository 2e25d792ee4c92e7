"""The commands about alerts and what people decide about them, for the table of commands."""

from __future__ import annotations

from tui.commands.arguments import BY, DIR, ID, NOTE
from tui.commands.forms import Command, Option, Word

_LABELS = ("true", "true_no_action", "false", "expected", "data_defect", "duplicate", "none")
_MATCH = Option("--match", "members with these values", "DIM=VALUE[,DIM=VALUE]", "labels")

FEED = Command(
    "alerts",
    "Alerts: state, since, value against what was expected; with an ID, one incident and its timeline",
    (DIR, Word("ID", "an episode", "?")),
    (Option("--all", "also members that are fine"), Option("--history", "every transition")),
    "alerts",
)

DEEDS = (
    Command("ack", "Take an alert: reminders and escalation stop", (DIR, ID), (BY, NOTE), "ledger"),
    Command(
        "silence",
        "Keep an alert, or all with these labels, quiet until a moment; --list: what is quiet",
        (DIR, Word("ID", ID.help, "?")),
        (
            BY,
            NOTE,
            Option("--rule", "all members of this alert rule", "NAME"),
            _MATCH,
            Option("--from", "when it begins; default now", "TIME", "moment"),
            Option("--until", "when it speaks again", "TIME", "moment"),
            Option("--list", "the silences in force and to come"),
        ),
        "silence",
    ),
    Command(
        "unsilence",
        "End a silence now",
        (DIR, Word("ID", "a silence, as `looptop silence DIR --list` shows it, or an episode")),
        (BY, NOTE),
        "silence",
    ),
    Command("close", "Close an alert by hand", (DIR, ID), (BY, NOTE), "ledger"),
    Command(
        "unadapt",
        "Say that the level of a long alert is no new normal: baselines leave it out",
        (DIR, ID),
        (BY, NOTE),
        "ledger",
    ),
    Command(
        "tick",
        "Tick a step of an alert's SOP as done",
        (DIR, ID, Word("STEP", "its number, from 1")),
        (Option("--undo", "it is not done"), BY, NOTE),
        "tick",
    ),
    Command(
        "review",
        "How right the rules were, and what waits for a label; with an ID and --label, say what it was",
        (DIR, Word("ID", "an episode; with --missed, the period", "?")),
        (
            Option("--label", "what the episode was; none takes it back", "LABEL", choices=_LABELS),
            Option("--missed", "this rule should have fired in the period", "RULE"),
            _MATCH,
            BY,
            NOTE,
        ),
        "review",
    ),
)

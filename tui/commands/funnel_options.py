"""Options of `looptop funnel` beyond one funnel as it stands in looptop.toml."""

from __future__ import annotations

from tui.commands.forms import Option

FUNNELS = (
    Option("--enter", "any: an open funnel, entered at any step", "HOW", choices=("first", "any")),
    Option(
        "--cohorts",
        "converted by period of entry and periods since",
        "GRAIN",
        choices=("day", "week", "month"),
    ),
    Option("--after", "what those who dropped at a step did next", "STEP", "count"),
    Option("--rules", "[funnel.NAME] for this question: TOML or a file with it", "FILE|TOML"),
    Option(
        "--beside",
        "with another period: the difference of every step, and who moves",
        "previous|week|month|year|DATE..DATE",
    ),
    Option("--where-b", "beside it other events, as with --where", "EXPR"),
    Option("--rules-b", "beside it other rules, as with --rules", "FILE|TOML"),
    Option(
        "--drivers",
        "what goes with converting: properties and earlier events; default first to last step",
        "I,J",
        "pair",
        optional=True,
    ),
)

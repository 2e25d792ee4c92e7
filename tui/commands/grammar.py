"""The command line as a table: parser, `--help`, README and the nearest-name hint all read it.

Nothing is imported that costs time: `looptop --version` comes through here.
"""

from __future__ import annotations

from tui.commands.alert_commands import DEEDS, FEED
from tui.commands.arguments import BY, DAYS, DIR, FORGET, LINK, NOTE, POLL, WHERE
from tui.commands.forms import Command, Option, Word
from tui.commands.funnel_options import FUNNELS
from tui.commands.message_commands import MESSAGES
from tui.commands.rule_commands import RULES

SCREENS = ("overview", "funnel", "metrics", "alerts", "sources")

CONSOLE = Command(
    "",
    "The console: live screens over the directory; without DIR, over the sample shop",
    (Word("DIR", DIR.help, "?"),),
    (
        Option("--wall", "no chrome, big digits, screens in turn", "SCREEN,…", "list", optional=True),
        Option("--rotate", "how long the wall shows each screen", "20s", "seconds"),
        Option("--link", "slow: few colours, few bytes", "LINK", choices=("slow", "fast")),
        Option("--ascii", "draw with ASCII characters only"),
        Option("--no-mouse", "leave the mouse to the terminal"),
        Option("--once", "print the overview as text, once"),
        POLL,
    ),
    "console",
    screen=True,
)

COMMANDS: tuple[Command, ...] = (
    Command("status", "Files, sources and tables: what was read and what was not", (DIR,), module="status"),
    Command(
        "metrics",
        "Metrics by dimension and period, with comparisons and targets",
        (DIR, Word("NAME", "metrics; --list names them", "*")),
        (
            Option("--by", "one or two dimensions", "DIM[,DIM]", "list"),
            Option(
                "--grain",
                "length of a period; default total",
                "GRAIN",
                choices=("hour", "day", "week", "month", "quarter", "year", "total"),
            ),
            *DAYS,
            WHERE,
            Option(
                "--compare",
                "with the period before, a week, a month, a year ago; several by commas",
                "previous|week|month|year",
                "list",
                ("previous", "week", "month", "year"),
            ),
            Option("--top", "only the largest members of each period", "N", "count"),
            Option("--list", "the dictionary: every metric with its wording"),
        ),
        "metrics",
    ),
    Command(
        "funnel",
        "A funnel: persons, rates and times per step, who dropped and why",
        (DIR, Word("NAME", "funnels of looptop.toml", "*")),
        (
            Option("--by", "a dimension to break down by", "DIM"),
            Option(
                "--breakdown",
                "which event gives the dimension's value",
                "first_touch|last_touch|step:K|all_events",
            ),
            *DAYS,
            WHERE,
            Option("--grain", "the trend per period", "GRAIN", choices=("day", "week", "month")),
            Option("--steps", "the two steps of the trend", "I,J", "pair"),
            Option("--hist", "histogram of the time between two steps", "I,J", "pair"),
            Option("--persons", "who reached a step, with the path", "all|STEP"),
            Option("--dropped", "with --persons: who reached only the step before"),
            Option("--excluded", "with --persons: who was excluded"),
            *FUNNELS,
        ),
        "funnel",
    ),
    Command(
        "why",
        "Why a metric changed: which element moved it, which factor, what is rate and what is mix",
        (DIR, Word("METRIC", "a metric")),
        (
            Option(
                "--period",
                "an hour, day, month, quarter or year as `metrics` names them; default the newest whole day",
                "PERIOD",
            ),
            Option(
                "--grain",
                "week: the period is the week that the day is in",
                "GRAIN",
                choices=("hour", "day", "week", "month", "quarter", "year"),
            ),
            *DAYS,
            Option(
                "--compare",
                "with the period before, a week, a month, a year ago; default previous",
                "COMPARE",
                choices=("previous", "week", "month", "year"),
            ),
            Option(
                "--by",
                "dimensions to search, up to 8; default those that the metric has",
                "DIM[,DIM]",
                "list",
            ),
            WHERE,
            Option(
                "--method",
                "how the metric tree is split; default lmdi, shapley where a factor is 0",
                "METHOD",
                choices=("lmdi", "shapley"),
            ),
        ),
        "why",
    ),
    Command(
        "trace",
        "Where a number comes from: formula, tables, sources, files and lines, with what each rule removed",
        (DIR, Word("METRIC", "a metric, or funnel:NAME")),
        (
            Option(
                "--period",
                "an hour, day, month, quarter or year as `metrics` names them; default all of the range",
                "PERIOD",
            ),
            Option(
                "--grain",
                "week: the period is the week that the day is in",
                "GRAIN",
                choices=("hour", "day", "week", "month", "quarter", "year"),
            ),
            *DAYS,
            WHERE,
            Option("--step", "the step of a funnel; default the last one", "K", "count"),
            Option(
                "--limit", "at most so many lines of each operand; default 1000, as text 20", "N", "count"
            ),
        ),
        "trace",
    ),
    Command(
        "changes",
        "Days of a metric that are another number than when they were published, and by which files",
        (DIR, Word("METRIC", "a metric")),
        (
            Option(
                "--since",
                "compare with what was published at this moment; default: with what was published first",
                "TIME",
                "moment",
            ),
        ),
        "changes",
    ),
    Command(
        "rows",
        "Rows of a canonical table, each with its file and line",
        (DIR, Word("TABLE", "events, spend or profiles", choices=("events", "spend", "profiles"))),
        (WHERE, Option("--limit", "at most so many", "N", "count"), Option("--csv", "CSV on stdout")),
        "rows",
    ),
    Command(
        "sql",
        "One SELECT over the tables, read only: rows, seconds and memory are limited",
        (DIR, Word("QUERY", "a SELECT in DuckDB's words", "?")),
        (
            Option("--tables", "the tables and their columns instead"),
            Option("--limit", "at most so many rows; default 1000", "N", "count"),
            Option("--timeout", "at most so long; default 10s", "10s", "seconds"),
            Option("--csv", "CSV on stdout"),
        ),
        "sql",
    ),
    Command(
        "rejects", "Lines that are in no number, with column, value and reason", (DIR,), module="rejects"
    ),
    Command(
        "quality",
        "How good the files are: empty, new, late, against a rule, in dispute; and deciding a dispute",
        (DIR,),
        (
            Option("--fail", "exit with 1 when a [[quality]] rule of severity error failed"),
            Option("--source", "only this source, with its columns", "NAME"),
            Option("--column", "with --source: this column and the lines behind its numbers", "NAME"),
            Option("--decide", "disputes to decide, as this command shows them", "ID[,ID]", "list"),
            Option("--take", "with --decide: the file whose copy counts", "FILE"),
            BY,
            NOTE,
        ),
        "quality",
    ),
    Command(
        "persons",
        "Persons and their identifiers; with an ID, one person and the journey",
        (DIR, Word("ID", "a person or any type:value", "?")),
        module="persons",
    ),
    Command("conflicts", "Identifiers that were kept apart, and why", (DIR,), module="conflicts"),
    Command("link", "Say that two identifiers are one person's", (DIR, *LINK), (FORGET, BY), "link"),
    Command("unlink", "Say that two identifiers are not one person's", (DIR, *LINK), (FORGET, BY), "link"),
    Command(
        "erase",
        "Erase a person for good: identifiers and attributes go, anonymous facts stay; prints a receipt",
        (DIR, Word("ID", "any type:value of the person")),
        (BY, Option("--yes", "do not ask")),
        "erase",
    ),
    Command(
        "retention",
        "What [console] retention leaves out, by table",
        (DIR,),
        (Option("--dry-run", "what it would leave out of the files as they are; nothing is written"),),
        "retention",
    ),
    Command("audit", "Who saw or erased personal data, when and why", (DIR,), module="audit"),
    Command(
        "watch",
        "Watch the directory; with --headless a line per refresh, without a screen",
        (DIR,),
        (Option("--headless", "no screen"), POLL),
        "watch",
    ),
    Command(
        "check",
        "Check looptop.toml and explain the mapping of every file",
        (DIR,),
        (Option("--strict", "fail when a file is unmapped, unreadable or has rejects"),),
        "check",
    ),
    Command(
        "init",
        "Write the looptop.toml that would be used, with comments; with --template for an industry",
        (Word("DIR", "the data directory; default the one you are in", "?"),),
        (
            Option("--template", "stages, metrics, funnel and alert rules of an industry", "NAME"),
            Option("--list-templates", "the templates, with their stages and benchmarks"),
        ),
        "init",
    ),
    FEED,
    *RULES,
    *MESSAGES,
    *DEEDS,
    Command(
        "simulate",
        "Write the sample shop live into a directory: appends, new files, late files",
        (Word("DIR", "where to write; made where it is missing"),),
        (
            Option("--speed", "simulated seconds per second; default 3600", "N", "count"),
            Option(
                "--days",
                "how many of the last days are played; what lies before is there at once; default 3",
                "N",
                "count",
            ),
            Option("--seed", "another number is another shop", "N", "count"),
        ),
        "simulate",
    ),
)

BY_NAME: dict[str, Command] = {command.name: command for command in (CONSOLE, *COMMANDS)}

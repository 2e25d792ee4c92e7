"""Words and options that several commands take."""

from __future__ import annotations

from tui.commands.forms import Option, Word

DIR = Word("DIR", "the data directory; @sample is the bundled sample shop")
DAYS = (
    Option("--from", "first day, inclusive, in the workspace's time zone", "DATE", "day"),
    Option("--to", "last day, inclusive", "DATE", "day"),
)
WHERE = Option("--where", "only rows for which this expression holds", "EXPR")
BY = Option("--by", "who does it; default the [console] user, then the login name", "NAME")
NOTE = Option("--note", "why, in your words", "TEXT")
POLL = Option("--poll", "look at the files in turns, where the file system reports no changes")
LINK = (
    Word("A", "an identifier, as in phone:+8613811112222"),
    Word("B", "another identifier"),
)
FORGET = Option("--forget", "take back what was said of the two; the files and looptop.toml decide again")
ID = Word("ID", "an episode, as `looptop alerts` shows it")

COMMON: tuple[Option, ...] = (
    Option("--state", "where looptop keeps its cache and ledger", "DIR"),
    Option(
        "--as-of",
        "answer as at this moment; a date is its first instant in the workspace's time zone",
        "TIME",
        "moment",
    ),
    Option("--lang", "language of the words", "LANG", choices=("en", "zh")),
    Option("--config", "another looptop.toml", "FILE"),
    Option("--json", "JSON on stdout, nothing else"),
    Option("--reveal", "show personal data in full; it is logged, see `looptop audit`"),
    Option("--reason", "why: kept with a decision, logged with --reveal", "TEXT"),
)
"""Options of every command, in any position after it."""

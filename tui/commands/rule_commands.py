"""The commands about alert rules, and how their unit tests are written, for the table of commands."""

from __future__ import annotations

from tui.commands.arguments import DAYS, DIR
from tui.commands.forms import Command, Option, Word

_CASES = """A file of rule unit tests, TOML. Each case is judged period by period, each at its end:

  [[case]]
  name = "clicks that halve fire, and resolve"
  rule = { when = "change(clicks, previous) < -30%", by = ["channel"], owner = "li", notify = ["owner"] }
  start = "2026-03-02"                 # the first period; this is the default
  expect = [
    { period = 2, event = "firing", severity = "warning", labels = { channel = "search" } },
    { period = "2026-03-05", event = "resolved" },
  ]
  messages = [{ period = 2, kind = "firing", to = "li" }, { period = 3, kind = "resolved" }]
  [[case.member]]
  labels = { channel = "search" }
  state = "ok"                         # after the last period
  series = { clicks = [100, 101, 50, 52, "null"] }

rule      the keys of an [alert.X], or the name of one in the looptop.toml beside the file or of --config;
          periods are whole: on_incomplete is not looked at
series    one value per period: a number, "null" for no data, { num = 1, den = 100 } for a rate, and
          { value = 5, target = 10, pace = 1.2 }; of the case itself for a rule without `by`, else by member
sources   calls about sources by period: sources = { "age(web)" = [2, 30] }
calendar  days: calendar = [{ date = "2026-03-04", name = "promo", kind = "promo", effect = "skip" }]
expect    every transition, in any order; severity, reason and labels where they matter
state     of the case or of a member; messages: every message, where they are looked at

Exit code: 0 all passed, 1 a case failed, 2 a file that is no such file."""

RULES = (
    Command(
        "backtest",
        "What an alert rule would have done: episodes, messages, precision; nothing is recorded or sent",
        (DIR, Word("RULE", "an alert of looptop.toml")),
        (
            Option("--when", "another condition in place of the rule's", "EXPR"),
            Option(
                "--threshold",
                "another constant in the first comparison; worse levels move in proportion",
                "X",
                "number",
            ),
            *DAYS,
        ),
        "backtest",
    ),
    Command(
        "rules",
        "Alert rules: state, record, load and why they are quiet; `rules test FILE…` runs rule unit tests",
        (Word("DIR", "the data directory; or the word test"), Word("FILE", "files of rule unit tests", "*")),
        module="rules",
        more=_CASES,
    ),
)

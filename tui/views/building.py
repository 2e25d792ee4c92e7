"""Building a metric or a funnel in the console: fields, what completes them, the TOML they say."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import cast

from engine.questions import (
    FunnelAnswer,
    FunnelQuery,
    MetricAnswer,
    MetricQuery,
    Range,
    SqlAnswer,
    SqlQuery,
    SqlTableEntry,
)
from tui import format as fmt
from tui.asking import Ask, DictionaryAsk, Failed, TablesAsk
from tui.draw.spark import spark_line
from tui.glyphs import Glyphs
from tui.harmless import harmless, wrap
from tui.lines import line
from tui.view import Line
from tui.view.marks import Spark
from tui.views.scene import Scene

KINDS = ("simple", "ratio", "derived", "cumulative", "conversion", "funnel", "steps")
"""Kinds of metrics, and `steps`: a funnel itself."""
EVENTS = SqlQuery("SELECT event FROM event_days GROUP BY event ORDER BY sum(n) DESC, event", 200)
"""Events that the files have, the most frequent first."""
_TABLES = ("events", "spend", "profiles", "sessions", "customers")
_AGGS = ("count", "sum", "avg", "min", "max", "median", "count_distinct")
_WITHIN = ("1h", "1d", "7d", "14d", "30d", "none")
_UNITS = ("count", "money", "percent", "ratio", "seconds", "score")
_WORD = re.compile(r"[^\s,()+*/<>=!'\"-]*$")
_NUMBERS = frozenset({"from_step", "to_step"})
SPARK = 42
MOST = 6
"""Completions that are shown."""


@dataclass(frozen=True, slots=True)
class Given:
    """A field of the form: `of` says what completes it."""

    id: str
    of: str = ""
    choices: tuple[str, ...] = ()
    begin: str = ""


_NAME = Given("name", begin="mine")
FIELDS: Mapping[str, tuple[Given, ...]] = {
    "simple": (
        _NAME, Given("table", choices=_TABLES, begin="events"), Given("agg", choices=_AGGS, begin="count"),
        Given("column", "column"), Given("where", "where"), Given("unit", choices=_UNITS),
    ),
    "ratio": (_NAME, Given("num", "metric"), Given("den", "metric"), Given("unit", choices=_UNITS)),
    "derived": (_NAME, Given("expr", "metric"), Given("unit", choices=_UNITS)),
    "cumulative": (
        _NAME, Given("metric", "metric"), Given("window", choices=("7d", "28d", "90d")),
        Given("grain_to_date", choices=("week", "month", "quarter", "year")),
    ),
    "conversion": (
        _NAME, Given("base", "event"), Given("conversion", "event"),
        Given("window", choices=_WITHIN), Given("per", choices=("persons", "events")),
    ),
    "funnel": (
        _NAME, Given("funnel", "funnel"), Given("measure", choices=("rate", "persons", "median_seconds")),
        Given("from_step"), Given("to_step"),
    ),
    "steps": (
        _NAME, Given("steps", "event"),
        Given("window", choices=("same_day", "same_week", *_WITHIN), begin="14d"),
        Given("mode", choices=("ordered", "strict", "unordered")),
        Given("count", choices=("persons", "attempts")), Given("where", "where"),
    ),
}  # fmt: skip


def toml_of(kind: str, values: Mapping[str, str]) -> str:
    """The `[metric.X]` or `[funnel.X]` of the fields that are filled."""
    name = values.get("name", "").strip() or "mine"
    section = "funnel" if kind == "steps" else "metric"
    lines = [f"[{section}.{_key(name)}]"]
    if kind not in ("simple", "steps"):
        lines.append(f'kind = "{kind}"')
    for field in FIELDS[kind]:
        text = values.get(field.id, "").strip()
        if field.id != "name" and text:
            lines.append(f"{field.id} = {_value(field.id, text)}")
    return "\n".join(lines) + "\n"


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name, ensure_ascii=False)


def _value(name: str, text: str) -> str:
    if name in _NUMBERS and text.isdigit():
        return text
    if name == "steps":
        return json.dumps([one.strip() for one in text.split(",") if one.strip()], ensure_ascii=False)
    return json.dumps(text, ensure_ascii=False)


def asks(scene: Scene) -> tuple[Ask, ...]:
    """What completion needs to know."""
    return (DictionaryAsk(), TablesAsk(), EVENTS)


def query(kind: str, values: Mapping[str, str], days: Range) -> MetricQuery | FunnelQuery:
    """The question whose answer is shown while the form is filled."""
    name, text = values.get("name", "").strip() or "mine", toml_of(kind, values)
    if kind == "steps":
        return FunnelQuery(name, range=days, toml=text)
    return MetricQuery((name,), grain="day", range=days, toml=text)


def total(asked: MetricQuery) -> MetricQuery:
    """The same over the whole range."""
    return replace(asked, grain="total")


def completions(
    scene: Scene, field: Given, values: Mapping[str, str], funnels: tuple[str, ...]
) -> tuple[str, ...]:
    """What the last word of a field may become."""
    text = values.get(field.id, "")
    known = field.choices or _known(scene, field.of, values, funnels)
    wanted = text.strip().casefold() if field.choices else last_word(text).casefold()
    starts = [one for one in known if one.casefold().startswith(wanted)]
    held = [one for one in known if wanted and wanted in one.casefold() and one not in starts]
    return tuple(one for one in (*starts, *held) if one.casefold() != wanted)[:MOST]


def last_word(text: str) -> str:
    """The word that is being typed."""
    found = _WORD.search(text)
    return found.group() if found else ""


def completed(field: Given, text: str, chosen: str) -> str:
    """The text with its last word completed."""
    return chosen if field.choices else text[: len(text) - len(last_word(text))] + chosen


def _known(scene: Scene, of: str, values: Mapping[str, str], funnels: tuple[str, ...]) -> tuple[str, ...]:
    if of == "metric":
        return tuple(entry.name for entry in scene.got(DictionaryAsk(), tuple) or ())
    if of == "funnel":
        return funnels
    answer = scene.got(EVENTS, SqlAnswer)
    events = tuple(str(row[0]) for row in answer.rows) if answer else ()
    if of == "event":
        return events
    tables = cast("tuple[SqlTableEntry, ...]", scene.got(TablesAsk(), tuple) or ())
    asked = values.get("table") or "events"
    columns = [name for one in tables if one.name == asked for name, _, _ in one.columns]
    plain = tuple(name.removeprefix("props.").strip('"') for name in columns if name != "props")
    if of == "where" and values.get("where", "").count("'") % 2:
        return events
    return plain


def given(scene: Scene, asked: MetricQuery | FunnelQuery, width: int, glyphs: Glyphs) -> tuple[Line, ...]:
    """What the definition gives, or every fault of it."""
    answers = (asked, total(asked)) if isinstance(asked, MetricQuery) else (asked,)
    for each in answers:
        failed = scene.answers.get(each)
        if isinstance(failed, Failed):
            said = [
                text for one in failed.why.splitlines()[:4] for text in wrap(harmless(one.strip()), width)
            ]
            return tuple(line((text, "warn")) for text in said[:4])
    if isinstance(asked, FunnelQuery):
        return _steps(scene, scene.got(asked, FunnelAnswer))
    days, whole = scene.got(asked, MetricAnswer), scene.got(total(asked), MetricAnswer)
    if days is None or whole is None or not whole.rows:
        return (line((scene.say("empty.computing"), "ink-dim")),)
    value = fmt.exact(whole.rows[0].value)
    points = tuple(row.value for row in days.rows)
    spark = spark_line(
        Spark(points, bool(days.rows) and days.rows[-1].partial), min(SPARK, len(points)), glyphs
    )
    over = f"{scene.range.first}…{scene.range.last}" if scene.range.first else ""
    return (
        line((f"{harmless(asked.metrics[0])}  ", "ink-dim"), (value, "ink-strong"), (f"  {over}", "ink-dim")),
        spark,
    )


def _steps(scene: Scene, answer: FunnelAnswer | None) -> tuple[Line, ...]:
    if answer is None:
        return (line((scene.say("empty.computing"), "ink-dim")),)
    text = " → ".join(f"{harmless(step.label)} {step.persons:,}" for step in answer.steps)
    rate = fmt.percent(answer.steps[-1].of_first) if answer.steps else fmt.NONE
    return (line((text, "ink")), line((rate, "ink-strong")))


def span(scene: Scene) -> Range:
    """The days that are looked at."""
    found = scene.range
    return found if isinstance(found.first, date) else Range()

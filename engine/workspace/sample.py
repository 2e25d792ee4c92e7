"""The looptop.toml that `looptop init` writes: what looptop would do by itself, ready to edit."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine.workspace.model import ColumnRule, EventRule, Source
from engine.workspace.source_model import currency_of

_HEAD = """\
# What looptop shows of this directory. Save, and a running console takes it over at once.
# Every key is in the README; `looptop check .` says what is wrong, with file and line.

[console]
title = "looptop"
timezone = "UTC"                 # IANA name, e.g. "Asia/Shanghai": days, weeks and months are cut in it
week_start = "monday"
currency = "CNY"                 # money is shown in it
# language = "zh"                # zh | en
# clock = "data"                 # "now" is the newest fact instead of this machine's clock

# [currency]                     # units of the console's currency per unit
# USD = 7.12
"""
_TAIL = """
# [metric.big_orders]
# label = { en = "Big orders", zh = "大单" }
# table = "events"
# where = "event = 'order' and value >= 1000"
# agg = "count"

# [funnel.purchase]
# steps = ["visit", "view", "add_to_cart", "order"]
# window = "7d"

# [alert.revenue_drop]
# when = "change(revenue, week) < -30%"
# by = ["channel"]
"""
_SIMPLE = (
    "preset", "encoding", "delimiter", "decimal", "sheet", "header_row", "date_format", "year", "timezone",
)  # fmt: skip


def write(sources: Sequence[Source], rest: str = _TAIL) -> str:
    """The text of a looptop.toml that has these sources, and `rest` after them."""
    blocks = ["\n".join(["", "[[source]]", *_lines(source), ""]) for source in sources]
    if not blocks:
        blocks = [
            '\n# [[source]]\n# name = "orders"\n# files = ["orders/*.csv"]\n'
            '# table = "events"\n# event = "order"\n'
        ]
    head = _HEAD.replace('"CNY" ', f"{value(currency_of(sources) or 'CNY')} ")
    return head + "".join(blocks) + rest


def _lines(source: Source) -> Iterator[str]:
    yield f"name = {value(source.name)}"
    yield f"files = {value(list(source.files))}"
    yield f"table = {value(source.table)}"
    for key in _SIMPLE:
        found = getattr(source, key)
        if found is not None:
            yield f"{key} = {value(found)}"
    if source.event is not None:
        yield f"event = {value(_event(source.event))}"
    if source.moments:
        moments = {m.event: {name: _column(rule) for name, rule in m.columns.items()} for m in source.moments}
        yield f"moments = {value(moments)}"
    if source.columns:
        yield f"columns = {value({name: _column(rule) for name, rule in source.columns.items()})}"
    for key in ("constants", "values", "scale"):
        if getattr(source, key):
            yield f"{key} = {value(getattr(source, key))}"
    yield from _rest(source)


def _rest(source: Source) -> Iterator[str]:
    if source.null_values:
        yield f"null_values = {value(list(source.null_values))}"
    if source.dedupe:
        yield f"dedupe = {value(list(source.dedupe))}"
    if source.keep != "first":
        yield f"keep = {value(source.keep)}"
    if source.overlap != "newest":
        yield f"overlap = {value(source.overlap)}"
    if source.where is not None:
        yield f"where = {value(source.where.text)}"
    if source.no_header:
        yield "no_header = true"
    if source.date_from is not None:
        yield f"date_from = {value(f'file:{source.date_from}')}"
    if source.stale_after_us is not None:
        milliseconds = source.stale_after_us // 1000
        yield f'stale_after = "{milliseconds}ms"'


def _column(rule: ColumnRule) -> Any:
    if rule.expr is not None:
        return {"expr": rule.expr.text}
    return rule.names[0] if len(rule.names) == 1 else list(rule.names)


def _event(rule: EventRule) -> Any:
    if rule.constant is not None:
        return rule.constant
    if rule.column is not None:
        return {"column": rule.column, "values": dict(rule.values), "others": rule.others}
    return {"cases": [[when.text, event] for when, event in rule.cases]}


def value(thing: Any) -> str:
    """A value in TOML: text, number, boolean, list or inline table."""
    if isinstance(thing, bool):
        return "true" if thing else "false"
    if isinstance(thing, int | float):
        return repr(thing)
    if isinstance(thing, list | tuple):
        return f"[{', '.join(value(each) for each in thing)}]"
    if isinstance(thing, Mapping):
        pairs = [f"{_key(str(name))} = {value(each)}" for name, each in thing.items()]
        return f"{{ {', '.join(pairs)} }}" if pairs else "{}"
    return json.dumps(str(thing), ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else value(name)

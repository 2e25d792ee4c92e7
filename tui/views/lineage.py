"""Where a number comes from, as an indented tree: for the overlay of the console and for `looptop trace`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from engine.questions import Hop, Removed, Status, Trace, TraceLine
from tui import format as fmt
from tui.harmless import harmless
from tui.lines import line
from tui.place import Place
from tui.view import Line, Run
from tui.words import UnknownWordError, say

FILES = 8
"""So many files of a source are listed; the number of the others is said."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the tree; `place`: where Enter leads, None: nowhere."""

    text: Line
    place: Place | None = None


def entries(trace: Trace, lang: str, here: Place | None = None) -> tuple[Entry, ...]:
    """The tree of a trace: metric, formula, tables, rules, sources, files, lines; operands below.

    In:  `here`: the place whose members and days the rows behind a hop share.
    """
    return tuple(_metric(trace, lang, here or Place("rows"), 0))


def _metric(trace: Trace, lang: str, here: Place, depth: int) -> Iterator[Entry]:
    head, *below = trace.hops
    rows = replace(here, kind="rows", metric=trace.metric)
    drill = None if trace.metric.startswith("funnel:") else rows
    value = value_text(trace.value, head.unit, lang)
    period = f"  {trace.period}" if trace.period else ""
    yield _entry(depth, (harmless(trace.metric), "ink-strong"), (f"  {value}{period}", "ink"), place=drill)
    yield _entry(depth + 1, (f"= {harmless(trace.definition)}", "ink"), place=drill)
    words = head.words.get(lang) or next(iter(head.words.values()), "")
    if words:
        yield _entry(depth + 1, (harmless(words), "ink-dim"))
    facts = [
        say("lineage.definition", lang, hash=trace.definition_hash),
        f"{say('lineage.unit', lang)} {head.unit}",
    ]
    if head.credit:
        facts.append(f"{say('lineage.credit', lang)} {head.credit}")
    if depth == 0:
        facts.append(say("lineage.watermark", lang, mark=trace.watermark))
    yield _entry(depth + 1, (" · ".join(facts), "ink-dim"))
    for hop in below:
        yield from _hop(hop, lang, drill, depth + 1)
    yield from _lines(trace, lang, depth + 1)
    for operand in trace.operands:
        yield from _metric(operand, lang, here, depth + 1)


def _entry(depth: int, *runs: Run, place: Place | None = None) -> Entry:
    return Entry(line(("  " * depth, "ink"), *runs), place)


def _hop(hop: Hop, lang: str, rows: Place | None, depth: int) -> Iterator[Entry]:
    place = Place("source", source=hop.name) if hop.kind == "source" else rows
    name = _word(f"lineage.{hop.name}", lang, hop.name) if hop.kind == "units" else harmless(hop.name)
    what = say(f"lineage.hop_{hop.kind}", lang)
    yield _entry(
        depth, (f"{what} ", "ink-dim"), (name, "ink-strong"), (f"  {_count(hop, lang)}", "ink"), place=place
    )
    if hop.kind == "derived":
        reads = say("lineage.derived", lang, key=hop.key, reads=", ".join(hop.reads), hash=hop.definition)
        yield _entry(depth + 1, (f"{harmless(hop.text)}", "ink-dim"))
        yield _entry(depth + 1, (harmless(reads), "ink-dim"))
    for each in hop.removed:
        yield _entry(
            depth + 1, (_removed(each, lang), "warn" if each.rule == "rejected" else "ink-dim"), place=place
        )
    yield from _files(hop, lang, rows, depth + 1)


def _count(hop: Hop, lang: str) -> str:
    if hop.rows is None:
        return ""
    left = f"{hop.rows:,}" if hop.before is None else f"{hop.before:,} → {hop.rows:,}"
    return f"{left} {say('lineage.records' if hop.kind == 'source' else 'lineage.rows', lang)}"


def _removed(removed: Removed, lang: str) -> str:
    text = (
        f": {harmless(_word(f'lineage.reason_{removed.text}', lang, removed.text))}" if removed.text else ""
    )
    return f"− {removed.rows:,} {say(f'lineage.rule_{removed.rule}', lang)}{text}"


def _files(hop: Hop, lang: str, rows: Place | None, depth: int) -> Iterator[Entry]:
    files = sorted((file for file in hop.files if file.counted), key=lambda file: (-file.counted, file.file))
    for file in files[:FILES]:
        said = say("lineage.file", lang, counted=file.counted, period=file.period)
        place = Place("file", source=hop.name, file=file.file)
        if rows is not None and file.counted:
            place = replace(rows, path=(*rows.path, ("file", file.file)))
        yield _entry(depth, (harmless(file.file), "ink"), (f"  {said}", "ink-dim"), place=place)
    others = len(hop.files) - len(files[:FILES])
    if others:
        yield _entry(depth, (say("lineage.others", lang, n=others), "ink-dim"))


def _lines(trace: Trace, lang: str, depth: int) -> Iterator[Entry]:
    if trace.operands:
        return
    said = say("lineage.lines", lang, shown=len(trace.lines), total=trace.total_lines)
    yield _entry(depth, (said, "ink-strong"))
    for each in trace.lines:
        place = Place("line", file=each.file, line=each.line)
        where = f"{harmless(each.file)}:{each.line}"
        yield _entry(
            depth + 1, (where, "ink"), (f"  {_told(each, trace.timezone, lang)}", "ink-dim"), place=place
        )
        if each.touch is not None:
            touch = each.touch
            where = f"{harmless(touch.file)}:{touch.line}"
            said = say("lineage.touch", lang, channel=harmless(touch.channel or ""), where=where)
            yield _entry(depth + 2, (said, "ink-dim"), place=Place("line", file=touch.file, line=touch.line))


def _told(each: TraceLine, timezone: str, lang: str) -> str:
    value = "·" if each.value is None else decimal_text(each.value)
    moment = _local(each.ts, timezone) if each.ts is not None else ""
    parts = (value, moment, each.event, each.channel, each.person)
    return "  ".join(harmless(part) for part in parts if part)


def _local(ts: datetime, timezone: str) -> str:
    return f"{ts.replace(tzinfo=UTC).astimezone(ZoneInfo(timezone)):%Y-%m-%d %H:%M:%S}"


def value_text(value: Decimal | None, unit: str, lang: str) -> str:
    """Amounts and counts with every digit, as their lines add up to them; rates as a tile shows them."""
    if value is not None and unit in ("money", "count"):
        return decimal_text(round(value, 6))
    return fmt.value_of(None if value is None else float(value), unit, lang)


def decimal_text(value: Decimal) -> str:
    """Every digit, without trailing zeros: `1,204.5`."""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _word(word: str, lang: str, otherwise: str) -> str:
    try:
        return say(word, lang)
    except UnknownWordError:
        return harmless(otherwise)


def of_sources(status: Status | None, names: Sequence[str], lang: str) -> tuple[Entry, ...]:
    """The counts of sources and of their newest files, by rule; all sources where none is named."""
    out: list[Entry] = []
    for source in status.sources if status else ():
        if names and source.name not in names:
            continue
        files = sorted(
            (f for f in (status.files if status else ()) if f.source == source.name), key=lambda f: f.file
        )
        removed = [Removed("rejected", source.rejected), Removed("duplicate", source.duplicates)]
        reasons = sorted({reason for file in files for reason in file.filtered_reasons})
        told = sum(sum(file.filtered_reasons.values()) for file in files)
        for reason in reasons:
            removed.append(Removed("filtered", sum(f.filtered_reasons.get(reason, 0) for f in files), reason))
        removed.append(Removed("filtered", max(0, source.filtered - told)))
        kept = tuple(each for each in removed if each.rows)
        hop = Hop("source", source.name, source.table, before=source.rows, removed=kept, rows=source.accepted)
        out += _hop(hop, lang, None, 0)
        for file in files[-FILES:]:
            said = f"{file.rows:,} → {file.accepted:,} {say('lineage.records', lang)}"
            place = Place("file", source=source.name, file=file.file)
            out.append(_entry(1, (harmless(file.file), "ink"), (f"  {said}", "ink-dim"), place=place))
        if len(files) > FILES:
            out.append(_entry(1, (f"+ {len(files) - FILES:,}", "ink-dim")))
    return tuple(out)

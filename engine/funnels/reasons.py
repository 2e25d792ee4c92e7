"""Why somebody did not convert: a reason as values, and its sentence in both languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from engine.funnels.exact import matching
from engine.funnels.plan import Plan

Kind = Literal["missing", "before", "expired", "hop", "foreign", "excluded", "open"]
UNITS = (
    (86_400_000_000, "d", "天"),
    (3_600_000_000, "h", "小时"),
    (60_000_000, "m", "分"),
    (1_000_000, "s", "秒"),
)


@dataclass(frozen=True, slots=True)
class Reason:
    """What kept a person from `step` (1-based): `event` stood in the way, `took` µs were more than `limit`.

    `since` is the step that `took` and `limit` count from; `until` ends a window that is still open (local);
    `fact` is the event that stood in the way, or came too late.
    """

    kind: Kind
    step: int
    since: int = 1
    took: int | None = None
    limit: int | None = None
    event: str | None = None
    until: datetime | None = None
    fact: Fact | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """One event of a person: its position, time (µs), mask and lineage."""

    at: int
    ts: int
    mask: int
    event: str
    part: int
    line: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """The representative attempt: places by step (from 0), their times, and how many required steps.

    `began` and `until` bound its window, `entrance` is the step that opened it (from 0).
    """

    places: tuple[int | None, ...]
    times: tuple[int | None, ...]
    count: int
    until: int
    excluded: bool
    began: int
    entrance: int = 0


def reason_of(attempt: Attempt, facts: Sequence[Fact], plan: Plan, now_us: int) -> Reason | None:
    """The reason; None for a person who converted."""
    if attempt.excluded:
        return _excluded(attempt, facts, plan)
    if attempt.count == len(plan.required):
        return None
    if plan.mode == "unordered":
        return _unfilled(attempt, facts, plan, now_us)
    before, step = plan.required[attempt.count - 1], plan.required[attempt.count]
    here = attempt.times[before] or 0
    used = {place for place in attempt.places if place is not None}
    meeting = [fact for fact in facts if fact.mask >> step & 1 and fact.at not in used]
    later = [fact for fact in meeting if fact.ts > here or (fact.ts == here and not plan.distinct_ties)]
    if not later:
        if now_us < attempt.until:
            return Reason("open", step + 1, until=_moment(attempt.until, plan))
        return Reason("before" if meeting else "missing", step + 1, before + 1)
    found = later[0]
    if found.ts > attempt.until:
        took = found.ts - attempt.began
        return Reason("expired", step + 1, attempt.entrance + 1, took, plan.window_us, fact=found)
    if plan.mode == "strict":
        foreign = _between((before, step), here, found.ts, facts, plan)
        if foreign is not None:
            return Reason("foreign", step + 1, before + 1, event=foreign.event, fact=foreign)
    return Reason("hop", step + 1, before + 1, found.ts - here, plan.hops[step], fact=found)


def _between(hop: tuple[int, int], low: int, high: int, facts: Sequence[Fact], plan: Plan) -> Fact | None:
    before, step = hop
    allowed = 1 << before | sum(1 << each for each in plan.optional if before < each < step)
    return next((fact for fact in facts if low < fact.ts < high and not fact.mask & allowed), None)


def _excluded(attempt: Attempt, facts: Sequence[Fact], plan: Plan) -> Reason:
    for number, (i, j) in enumerate(plan.exclusions):
        low, high = attempt.times[i], attempt.times[j]
        for fact in facts:
            inside = (
                low is not None
                and low < fact.ts
                and (fact.ts <= attempt.until if high is None else fact.ts < high)
            )
            if inside and fact.mask >> (plan.steps + number) & 1:
                return Reason("excluded", j + 1, i + 1, event=fact.event, fact=fact)
    return Reason("excluded", plan.steps)


def _unfilled(attempt: Attempt, facts: Sequence[Fact], plan: Plan, now_us: int) -> Reason:
    """Unordered: the first step that no matching of the attempt's events fills."""
    masks = {fact.at: fact.mask for fact in facts}
    used = [(at, masks.get(at, 0)) for k in plan.required if (at := attempt.places[k]) is not None]
    filled: list[int] = []
    for step in plan.required:
        if matching([*filled, step], used) is not None:
            filled.append(step)
    step = next(step for step in plan.required if step not in filled)
    if now_us < attempt.until:
        return Reason("open", step + 1, until=_moment(attempt.until, plan))
    outside = [fact for fact in facts if fact.mask >> step & 1]
    if not outside:
        return Reason("missing", step + 1)
    near = min(outside, key=lambda fact: abs(fact.ts - attempt.began))
    return Reason("expired", step + 1, 1, abs(near.ts - attempt.began), plan.window_us, fact=near)


def _moment(us: int, plan: Plan) -> datetime | None:
    from datetime import UTC
    from zoneinfo import ZoneInfo

    try:
        return datetime.fromtimestamp(us // 1_000_000, UTC).astimezone(ZoneInfo(plan.timezone))
    except (OverflowError, ValueError, OSError):
        return None


def sentence(reason: Reason, labels: Sequence[str], language: str) -> str:
    """The reason in words, in: the labels of all steps; language `en` or `zh`."""
    words = _ZH if language == "zh" else _EN
    kind: str = reason.kind
    if kind == "expired" and reason.limit is None:
        kind = "natural"
    if kind == "open" and reason.until is None:
        kind = "open_forever"
    return words[kind].format(
        step=reason.step,
        label=labels[reason.step - 1],
        since=reason.since,
        since_label=labels[reason.since - 1],
        took=duration(reason.took or 0, language),
        limit=duration(reason.limit or 0, language),
        event=reason.event or "",
        until=f"{reason.until:%Y-%m-%d %H:%M}" if reason.until else "",
    )


def duration(us: int, language: str) -> str:
    """A length of time in its two largest units.

    >>> duration(93_600_000_000, "en"), duration(500, "en")
    ('1d 2h', '0.0005s')
    """
    chinese, parts, rest = language == "zh", [], us
    for size, short, word in UNITS:
        if rest >= size:
            parts.append(f"{rest // size}{word if chinese else short}")
            rest %= size
    if not parts:
        return f"{us / 1_000_000:g}{'秒' if chinese else 's'}"
    return ("" if chinese else " ").join(parts[:2])


_EN = {
    "missing": 'step {step} "{label}" did not happen',
    "before": 'step {step} "{label}" happened only before step {since} "{since_label}"',
    "expired": 'step {step} "{label}" came {took} after step {since}: the window of {limit} had expired',
    "natural": 'step {step} "{label}" came after the window of step {since} had ended',
    "hop": 'step {step} "{label}" came {took} after step {since} "{since_label}": more than {limit}',
    "foreign": '"{event}" came between step {since} "{since_label}" and step {step} "{label}"',
    "excluded": 'excluded: "{event}" came between step {since} "{since_label}" and step {step} "{label}"',
    "open": 'step {step} "{label}" has not happened yet: the window is open until {until}',
    "open_forever": 'step {step} "{label}" has not happened yet: the window has no end',
}
_ZH = {
    "missing": "第 {step} 步“{label}”没有发生",
    "before": "第 {step} 步“{label}”只发生在第 {since} 步“{since_label}”之前",
    "expired": "第 {step} 步“{label}”在第 {since} 步之后 {took} 才发生:已超出 {limit} 的窗口期",
    "natural": "第 {step} 步“{label}”发生时,第 {since} 步的窗口期已结束",
    "hop": "第 {step} 步“{label}”在第 {since} 步“{since_label}”之后 {took} 才发生:超过了 {limit}",
    "foreign": "第 {since} 步“{since_label}”与第 {step} 步“{label}”之间出现了“{event}”",
    "excluded": "已排除:第 {since} 步“{since_label}”与第 {step} 步“{label}”之间出现了“{event}”",
    "open": "第 {step} 步“{label}”尚未发生:窗口期到 {until} 才结束",
    "open_forever": "第 {step} 步“{label}”尚未发生:窗口期没有期限",
}

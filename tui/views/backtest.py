"""A back-test: what a rule would have done, as it is and with another threshold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from engine.questions import BacktestAnswer, BandAnswer, BandPoint, BandQuery
from tui import format as fmt
from tui.harmless import cells, harmless, pad, wrap
from tui.lines import line
from tui.view import Line, Run, TrendView
from tui.views.alert_rules import precision_text
from tui.views.incident import band_trend
from tui.views.scene import Scene

Labels = tuple[tuple[str, str | None], ...]
LABEL, CELL = 18, 18
STRIP = "·123456789#"


def threshold_text(value: float | None, answer: BacktestAnswer) -> str:
    """A threshold in the unit of the comparison, with no more digits than it has."""
    if value is None:
        return fmt.NONE
    if answer.unit != "percent":
        return fmt.exact(float(f"{value:.6g}"))
    return f"{value * 100:.6g}%".replace("-", fmt.MINUS)


def slider(answer: BacktestAnswer, at: float | None, width: int, scene: Scene) -> Line:
    """`−50% ──────●───┼──── −10%`: all steps, the one chosen, and the one of the configuration."""
    steps = answer.steps
    if not steps or at is None:
        return line((scene.say("backtest.no_threshold"), "ink-dim"))
    left, right = (f"{threshold_text(value, answer)}" for value in (steps[0], steps[-1]))
    room = max(len(steps), min(60, width - cells(left) - cells(right) - 4))
    nearest, own = nearest_step(steps, at), nearest_step(steps, answer.threshold)
    place = {round(n * (room - 1) / max(1, len(steps) - 1)): n for n in range(len(steps))}
    signs = [_sign(place.get(column), nearest, own) for column in range(room)]
    return line((f"{left} ", "ink"), *signs, (f" {right}", "ink"))


def _sign(step: int | None, nearest: int | None, own: int | None) -> Run:
    """A cell of the slider: the chosen step, that of the configuration, another one, or none."""
    if step is None:
        return "─", "border"
    if step == nearest:
        return "●", "ink-strong"
    return ("┤", "target") if step == own else ("·", "ink-dim")


def nearest_step(steps: Sequence[float], value: float | None) -> int | None:
    """The place of the step that is nearest to a value."""
    if value is None:
        return None
    return min(range(len(steps)), key=lambda n: abs(steps[n] - value), default=None)


def compared(
    own: BacktestAnswer | None, here: BacktestAnswer | None, at: float | None, scene: Scene
) -> list[Line]:
    """Episodes, messages, precision and load: as it is, and here."""
    say = scene.say
    heads = [say("backtest.as_it_is"), say("backtest.here")]
    out = [line((" " * LABEL, "ink"), *((pad(text, CELL, "right"), "ink-dim") for text in heads))]
    pairs = (own, here)
    base = own or here
    if base is not None:
        marks = [threshold_text(value, base) for value in (base.threshold if own else None, at)]
        out.append(_row(say("backtest.threshold"), marks, "ink-strong"))
    for word, text in ROWS:
        shown = ["…" if each is None else text(each) for each in pairs]
        bad = word == "backtest.missed" and here is not None and here.missed > 0
        out.append(_row(say(word), shown, "bad" if bad else "ink-strong"))
    if any(each is not None and each.false_per_week is not None for each in pairs):
        shown = ["…" if each is None else f"{each.false_per_week or 0:.2f}" for each in pairs]
        out.append(_row(say("backtest.false_week"), shown, "ink-strong"))
    return out


def _row(label: str, texts: list[str], tone: str) -> Line:
    first, second = texts
    return line(
        (pad(label, LABEL), "ink"), (pad(first, CELL, "right"), "ink-dim"), (pad(second, CELL, "right"), tone)
    )


def _weekly(answer: BacktestAnswer) -> str:
    days = length(answer)
    return fmt.NONE if not days else f"{answer.messages / days * 7:.1f}"


def length(answer: BacktestAnswer) -> int:
    """Days that were judged, 0 where none were."""
    try:
        first, last = (date.fromisoformat((text or "")[:10]) for text in (answer.first, answer.last))
    except ValueError:
        return 0
    return (last - first).days + 1


ROWS: tuple[tuple[str, Callable[[BacktestAnswer], str]], ...] = (
    ("backtest.episodes", lambda answer: f"{len(answer.episodes):,}"),
    ("backtest.messages", lambda answer: f"{answer.messages:,}"),
    ("backtest.a_week", _weekly),
    ("backtest.precision", lambda answer: precision_text(answer.precision, answer.low, answer.high)),
    ("backtest.reviewed", lambda answer: f"{answer.reviewed:,}"),
    ("backtest.missed", lambda answer: f"{answer.missed:,}"),
)


def loads(answer: BacktestAnswer, width: int, scene: Scene) -> list[Line]:
    """Messages by recipient: `王敏 9 · 李昂 2`."""
    held = sorted(answer.load.items(), key=lambda each: (-each[1], each[0]))
    text = " · ".join(f"{harmless(name)} {count:,}" for name, count in held) or fmt.NONE
    lead = pad(scene.say("backtest.load"), LABEL)
    first, *rest = wrap(text, max(12, width - LABEL))
    return [line((lead, "ink"), (first, "ink")), *(line((" " * LABEL + part, "ink")) for part in rest[:1])]


def reach(answer: BacktestAnswer, scene: Scene) -> str:
    """`2026-07-02…2026-10-28 · 119 days × 8 members`."""
    days = length(answer)
    parts = [f"{harmless(answer.first or '')}…{harmless(answer.last or '')}"] if answer.first else []
    parts.append(scene.say("backtest.reach", days=days or answer.periods, members=answer.members))
    return " · ".join(parts)


def band_of(answer: BacktestAnswer, labels: Labels | None) -> BandQuery:
    """The trend of the member that is meant, else of the one with most episodes."""
    if labels is None:
        counts: dict[Labels, int] = {}
        for each in answer.episodes:
            key = tuple(each.labels.items())
            counts[key] = counts.get(key, 0) + 1
        labels = max(counts, key=lambda key: counts[key], default=())
    return BandQuery(answer.rule, labels, periods=min(max(14, answer.periods), 120))


def trend(
    answer: BacktestAnswer, band: BandAnswer | None, own: float | None, scene: Scene, labels: Labels
) -> TrendView:
    """The trend of a member with the periods marked on which an episode of it began to fire.

    In:  the threshold of the configuration, with which the limits are drawn where it is another one.
    """
    if band is None:
        return TrendView(empty=scene.say("empty.computing"))
    named = dict(labels)
    fired = {each.fired for each in answer.episodes if not named or dict(each.labels) == named}
    marks = tuple((at, "crit") for at, point in enumerate(band.points) if point.period in fired)
    if own and answer.threshold is not None and answer.threshold != own:
        limits = {name: limit * answer.threshold / own for name, limit in band.limits.items()}
        band = replace(band, limits=limits, points=tuple(_bare(point) for point in band.points))
    return replace(band_trend(band, scene), marks=marks)


def _bare(point: BandPoint) -> BandPoint:
    """A point without the bounds of another threshold."""
    return replace(point, low=None, high=None)


def strip(answer: BacktestAnswer, width: int) -> Line:
    """Episodes that fire by day, all members together, one sign for as many days as there is room for."""
    days = length(answer)
    if not days or width < 10:
        return ()
    first = date.fromisoformat((answer.first or "")[:10])
    room = min(width, days)
    counts = [0] * room
    for text, many in answer.days.items():
        at = (date.fromisoformat(text[:10]) - first).days
        if 0 <= at < days:
            counts[at * room // days] += many
    return line(*((STRIP[min(count, 10)], "bad" if count else "ink-dim") for count in counts))

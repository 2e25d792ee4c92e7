"""The Funnel screen: what it asks, and the steps with all their numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from engine.questions import FunnelAnswer, FunnelQuery, FunnelStep, Range
from tui import format as fmt
from tui.glyphs import UNICODE
from tui.harmless import harmless
from tui.view import FunnelView, Step
from tui.views import rules
from tui.views.scene import Scene

PERIODS = {"day": 28, "week": 12, "month": 12}
"""How many periods of entry are shown."""
HEADS = ("step", "persons", "of_first", "of_previous", "dropped", "average", "median", "p75", "p90", "target",
         "benchmark")  # fmt: skip


def name_of(scene: Scene) -> str:
    """The funnel that is looked at: the place's, else the overview's."""
    if scene.place.funnel:
        return scene.place.funnel
    shown = scene.snapshot.funnel if scene.snapshot else None
    return shown.funnel if shown is not None else ""


def no_funnel(scene: Scene) -> str:
    """What is said where there is nothing to ask about: no funnel, or nothing read yet."""
    return scene.say("funnel.no_funnel" if scene.snapshot else "empty.computing")


def filters(*texts: str | None) -> str | None:
    """Conditions that hold together, None for none."""
    kept = [text for text in texts if text]
    return kept[0] if len(kept) == 1 else " and ".join(f"({text})" for text in kept) or None


def main(scene: Scene) -> FunnelQuery | None:
    """The funnel over the range, with the options of the place."""
    name, snapshot, looked = name_of(scene), scene.snapshot, scene.place.rules
    if not name or snapshot is None:
        return None
    return FunnelQuery(
        name,
        range=scene.range,
        where=filters(snapshot.view.where, looked.where),
        breakdown=looked.breakdown or None,
        toml=looked.toml,
        enter=looked.enter,
        member=looked.member,
    )


def base(scene: Scene) -> FunnelQuery | None:
    """The same over the range it is compared with, None without a comparison."""
    asked, snapshot = main(scene), scene.snapshot
    if asked is None or snapshot is None or snapshot.view.compare in ("none", "target"):
        return None
    found = snapshot.base_range
    return replace(asked, range=found) if found is not None and found.first is not None else None


def grain_of(scene: Scene, otherwise: str = "day") -> str:
    """The length of a period of entry: that of the place where a funnel can have it."""
    return scene.place.grain if scene.place.grain in PERIODS else otherwise


def periods(scene: Scene, grain: str) -> Range:
    """The days of the last periods of entry, up to the end of the range."""
    snapshot = scene.snapshot
    last = scene.range.last or (scene.local(snapshot.as_of).date() if snapshot else date.max)
    count = PERIODS[grain]
    if grain == "month":
        back = last.year * 12 + last.month - count
        return Range(date(back // 12, back % 12 + 1, 1), last)
    if grain == "week":
        return Range(last - timedelta(days=last.weekday() + 7 * (count - 1)), last)
    return Range(last - timedelta(days=count - 1), last)


def focused(scene: Scene) -> int:
    """The step that is looked at: that under the cursor, else the bottleneck, else the second."""
    answer = answer_of(scene)
    steps = len(answer.steps) if answer else 0
    if 0 < scene.place.step <= steps:
        return scene.place.step
    return (answer.bottleneck if answer else None) or min(2, steps)


def hop(answer: FunnelAnswer, step: int) -> tuple[int, int] | None:
    """The required step before a step and that step; for the first one the first hop, None without any."""
    before = [each.step for each in answer.steps if each.step < step and not each.optional]
    if before:
        return before[-1], step
    return (answer.steps[0].step, answer.steps[1].step) if len(answer.steps) > 1 else None


def queries(scene: Scene) -> dict[str, FunnelQuery]:
    """What is asked: the steps now and before, the breakdown of both, times into a step, rate by entry."""
    asked, snapshot = main(scene), scene.snapshot
    if asked is None or snapshot is None:
        return {}
    out = {"steps": asked}
    answer = scene.got(asked, FunnelAnswer)
    if answer is not None and (pair := hop(answer, focused(scene))):
        out["hist"] = replace(asked, hist=pair)
    by = scene.place.by or snapshot.view.by
    out["by"] = replace(asked, by=by)
    grain = grain_of(scene)
    out["trend"] = replace(
        asked, range=periods(scene, grain), grain=grain, steps=scene.place.rules.steps,  # type: ignore[arg-type]
    )  # fmt: skip
    before = base(scene)
    if before is not None:
        out |= {"base": before, "base_by": replace(before, by=by)}
    return out


def answer_of(scene: Scene, what: str = "steps") -> FunnelAnswer | None:
    """The answer to one of the questions of the screen."""
    asked = main(scene) if what == "steps" else queries(scene).get(what)
    return scene.got(asked, FunnelAnswer) if asked else None


def steps(scene: Scene) -> FunnelView:
    """The steps as bars with all numbers."""
    asked, answer, name = main(scene), answer_of(scene), name_of(scene)
    changed = rules.changed(scene, name)
    mark = f" {UNICODE.states['revised'][0]} " + scene.say("rules.differ", what=", ".join(changed))
    title = harmless(name) + (mark if changed else "")
    if answer is None:
        empty = scene.failure(asked) if asked else no_funnel(scene)
        return FunnelView(harmless(name), empty=" " + (empty or scene.say("empty.computing")), title=title)
    return FunnelView(
        name=harmless(answer.funnel),
        steps=tuple(step_of(answer, at, scene) for at in range(len(answer.steps))),
        heads=tuple((each, scene.say(f"head.{each}")) for each in HEADS),
        bottleneck=scene.say("funnel.bottleneck"),
        notes=tuple(_notes(answer, scene)),
        warnings=tuple(f"▲ {harmless(text)}" for text in answer.checks),
        title=title + (" …" if scene.computing else ""),
        unit=rules.short(scene, name),
    )


def step_of(answer: FunnelAnswer, at: int, scene: Scene) -> Step:
    """One step with its texts; an optional one stands in brackets."""
    step, lang = answer.steps[at], scene.lang
    missed = step.target is not None and step.of_previous is not None and step.of_previous < step.target
    name = harmless(step.label)
    return Step(
        number=step.step,
        name=f"({name})" if step.optional else name,
        share=step.of_first if step.of_first is not None else float(step.persons > 0),
        persons=fmt.number(step.persons, lang, whole=True),
        of_first=fmt.percent(step.of_first, 2),
        of_previous=fmt.percent(step.of_previous, 1),
        dropped=fmt.number(step.dropped, lang, whole=True) if at else fmt.NONE,
        average=fmt.duration(step.avg_seconds, lang),
        median=fmt.duration(step.median_seconds, lang),
        p75=fmt.duration(step.p75_seconds, lang),
        p90=fmt.duration(step.p90_seconds, lang),
        target=fmt.percent(step.target, 1),
        benchmark=fmt.percent(step.benchmark, 1),
        missed=missed,
        bottleneck=answer.bottleneck == step.step,
    )


def points(difference: float, scene: Scene) -> str:
    """`+0.4 pp`, `−3.8 pp`."""
    return f"{signed(difference)} {scene.say('page.points')}"


def signed(difference: float, decimals: int = 1) -> str:
    """A difference of shares in percent points: `+0.4`, `−3.8`."""
    value = round(difference * 100, decimals)
    sign = "+" if value > 0 else fmt.MINUS if value < 0 else ""
    return f"{sign}{abs(value):.{decimals}f}"


def _notes(answer: FunnelAnswer, scene: Scene) -> list[str]:
    neck = next((step for step in answer.steps if step.step == answer.bottleneck), None)
    out = [_bottleneck(answer, neck, scene)] if neck is not None and neck.step > 1 else []
    say = scene.say
    rest = [say("funnel.excluded", n=answer.excluded), say("funnel.open_short", n=answer.open)]
    if answer.mature_rate is not None:
        rest.append(say("funnel.mature", rate=fmt.percent(answer.mature_rate, 3)))
    rest.append(say("funnel.observed", rate=fmt.percent(observed(answer), 3)))
    if any(step.optional for step in answer.steps):
        rest.append(say("funnel.optional"))
    return [*out, " · ".join(rest)]


def observed(answer: FunnelAnswer) -> float | None:
    """The rate with open entrants in it: as the engine says it, else the last step's share of the first."""
    if answer.observed_rate is not None:
        return answer.observed_rate
    required = [step for step in answer.steps if not step.optional]
    return required[-1].of_first if required else None


def _bottleneck(answer: FunnelAnswer, neck: FunnelStep, scene: Scene) -> str:
    """`◀ bottleneck: 3 cart, 26.2% of view, target 30.0% (−3.8 pp), it was 29.8% 7 d before`."""
    say, pair = scene.say, hop(answer, neck.step)
    before = answer.steps[pair[0] - 1].label if pair else ""
    text = say(
        "funnel.bottleneck_line",
        number=neck.step,
        step=harmless(neck.label),
        rate=fmt.percent(neck.of_previous, 1),
        previous=harmless(before),
    )
    parts = [f"{UNICODE.bottleneck} {text}"]
    if neck.target is not None and neck.of_previous is not None:
        gap = points(neck.of_previous - neck.target, scene)
        parts.append(say("funnel.target", rate=fmt.percent(neck.target, 1), gap=gap))
    if neck.benchmark is not None and not scene.size.narrow:
        source = f" ({harmless(neck.benchmark_source)})" if neck.benchmark_source else ""
        parts.append(say("funnel.benchmark", rate=fmt.percent(neck.benchmark, 1)) + source)
    earlier = answer_of(scene, "base")
    if earlier is not None and len(earlier.steps) >= neck.step:
        rate = earlier.steps[neck.step - 1].of_previous
        if rate is not None:
            when = say(f"compare.pick_{scene.snapshot.view.compare}") if scene.snapshot else ""
            parts.append(say("funnel.was", rate=fmt.percent(rate, 1), when=when))
    return say("page.comma").join(parts)

"""The overview: tiles, funnel, alerts and the table of channels."""

from __future__ import annotations

from dataclasses import replace

from engine.questions import ChannelRow, FunnelAnswer, MetricAnswer, MetricQuery, MetricRow, Snapshot
from engine.questions import Tile as Measured
from tui import format as fmt
from tui.harmless import harmless
from tui.rows import MemoryRows
from tui.view import Cell, Column, FunnelView, Row, Series, Spark, Step, TableView, Target, Tile, TrendView
from tui.views import targets
from tui.views.marks import change_cell, state_cell
from tui.views.scene import Scene, head, member, unit_of, words_of

SPARK_DAYS = 14
STATES = {"ok": "ok", "warning": "warn", "critical": "crit", "pending": "pend", "stale": "stale"}


def tiles(scene: Scene) -> tuple[Tile, ...]:
    """Eight tiles, ten where there is room."""
    if scene.snapshot is None:
        return ()
    most = 10 if scene.size.wide and not scene.size.low else 8
    return tuple(tile(each, scene) for each in scene.snapshot.tiles[:most])


def tile(measured: Measured, scene: Scene) -> Tile:
    """One metric as a tile."""
    values = measured.trend[-SPARK_DAYS:] if not scene.size.high else measured.trend
    move = None
    if scene.snapshot is not None and scene.snapshot.view.compare != "none":
        move = fmt.change(
            measured.value, measured.base, kind=measured.unit, good=measured.good,
            beyond_noise=measured.worse_beyond_noise, lang=scene.lang,
        )  # fmt: skip
    return Tile(
        id=measured.metric,
        title=words_of(measured.label, scene.lang, measured.metric),
        value=fmt.value_of(measured.value, measured.unit, scene.lang),
        unit=unit_of(measured.unit, scene),
        change=move,
        spark=Spark(values, measured.partial and bool(values)),
        spark_label=scene.say("tile.days", n=len(values)) if values else "",
        target=_target(measured, scene),
        doubt=measured.stale,
        computing=scene.computing,
        revised=_revised(measured, scene),
    )


def _revised(measured: Measured, scene: Scene) -> str:
    """`2 days revised`, `revised` where tiles are small, empty where no day is another number."""
    if not measured.revised:
        return ""
    return scene.say("changes.revised", n=measured.revised) if scene.size.wide else scene.say("state.revised")


def paces(scene: Scene) -> MetricQuery | None:
    """Where the tiles with a target stand against what is due by now."""
    snapshot = scene.snapshot
    aimed = tuple(each.metric for each in snapshot.tiles if each.target) if snapshot else ()
    if snapshot is None or not aimed:
        return None
    return MetricQuery(aimed, range=snapshot.range, where=snapshot.view.where)


def _target(measured: Measured, scene: Scene) -> Target | None:
    value, target = measured.value, measured.target
    if target is None or not target:
        return None
    most = measured.good == "down"
    shown = fmt.value_of(target, measured.unit, scene.lang)
    label = scene.say("tile.target_most" if most else "tile.target", value=shown)
    if value is None:
        return Target(label, 0.0, fmt.NONE)
    share = value / target
    row = _row_of(measured.metric, scene)
    if row is None or row.status == "unknown":
        return Target(label, share, fmt.percent(share, 1), share > 1 if most else share < 1)
    behind = targets.fails(row, measured.good)
    return Target(label, share, fmt.percent(share, 1), behind, targets.standing(row, measured.good, scene))


def _row_of(metric: str, scene: Scene) -> MetricRow | None:
    asked = paces(scene)
    answer = scene.got(asked, MetricAnswer) if asked else None
    return next((row for row in answer.rows if row.metric == metric), None) if answer else None


def channels(scene: Scene) -> TableView:
    """The members of the view's dimension with spend, revenue, orders, ROI and state."""
    snapshot, lang = scene.snapshot, scene.lang
    if snapshot is None:
        return TableView((), MemoryRows(), empty=scene.say("empty.computing"))
    cost = fmt.column_unit((row.values.get("cost") for row in snapshot.channels), lang)
    revenue = fmt.column_unit((row.values.get("revenue") for row in snapshot.channels), lang)
    units = {"cost": cost, "revenue": revenue}
    whole = snapshot.total.values.get("revenue") if snapshot.total else None
    return TableView(
        columns=_columns(scene, snapshot, cost, revenue),
        rows=MemoryRows([_row(row, scene, units, whole) for row in snapshot.channels]),
        total=_total(snapshot, scene, units, whole),
        foot=(_foot(scene),) if not scene.size.low else (),
        title=scene.say("page.by_title", dimension=head(snapshot.view.by, lang))
        if snapshot.view.by != "channel"
        else scene.say("panel.channels"),
        unit=scene.say("panel.credit", model=scene.say("credit.last_touch")),
        empty=scene.say("empty.panel"),
        underline=True,
    )


def _columns(
    scene: Scene, snapshot: Snapshot, cost: fmt.ColumnUnit, revenue: fmt.ColumnUnit
) -> tuple[Column, ...]:
    say = scene.say
    tiny = scene.size.tiny
    name = head(snapshot.view.by, scene.lang)
    trend = say("head.trend", metric=say("head.revenue"), span=say("page.span_days", n=SPARK_DAYS))
    return (
        Column("member", name, "left"),
        Column("cost", f"{say('head.spend')} {cost.suffix}".strip(), drop=4 if tiny else 2),
        Column("share", say("head.share"), "left", drop=8, width=17),
        Column("revenue", f"{say('head.revenue')} {revenue.suffix}".strip(), natural="desc"),
        Column("revenue_change", say("head.change"), grow=8),
        Column("orders", say("head.orders"), drop=7, grow=7),
        Column("conversion_rate", say("head.conversion"), drop=6, grow=7),
        Column("roi", say("head.roi"), drop=3),
        Column("roi_change", say("head.change"), drop=5, grow=8),
        Column("trend", trend, "left", drop=9, width=0, grow=28),
        Column("state", say("head.state"), "left", drop=1),
    )


def _row(
    row: ChannelRow, scene: Scene, units: dict[str, fmt.ColumnUnit], whole: float | None, total: bool = False
) -> Row:
    value = row.values.get
    revenue = value("revenue")
    share = revenue / whole if revenue is not None and whole else None
    word = STATES.get(row.state, "ok")
    cells = (
        Cell(scene.say("head.total") if total else member(row.member, scene.lang)),
        Cell(fmt.in_unit(value("cost"), units["cost"]), value("cost"), kind="number"),
        Cell(fmt.percent(share, 1), share, kind="bar", share=share)
        if share is not None
        else Cell(fmt.NONE, None, kind="number"),
        Cell(fmt.in_unit(revenue, units["revenue"]), revenue, kind="number"),
        _moved(row, "revenue", scene),
        Cell(fmt.exact(value("orders")), value("orders"), kind="number"),
        Cell(fmt.percent(value("conversion_rate"), 3), value("conversion_rate"), kind="number"),
        Cell(_ratio(value("roi")), value("roi"), kind="number"),
        _moved(row, "roi", scene),
        Cell(kind="spark", spark=Spark(row.trend[-SPARK_DAYS:], _partial(scene) and bool(row.trend))),
        _total_state(row, scene) if total else state_cell(word, scene.say(f"state.{word}")),
    )
    return Row("total" if total else f"={row.member}" if row.member is not None else "-", cells)


def _total_state(row: ChannelRow, scene: Scene) -> Cell:
    if not row.stale:
        return Cell("")
    return Cell(scene.say("state.doubt", what=scene.say("head.spend").lower()), tone="stale")


def _partial(scene: Scene) -> bool:
    return scene.snapshot is not None and scene.snapshot.partial_until is not None


def _ratio(value: float | None) -> str:
    return fmt.NONE if value is None else fmt.in_unit(value, fmt.ColumnUnit(decimals=3))


def _moved(row: ChannelRow, metric: str, scene: Scene) -> Cell:
    """The row's change in a metric; the engine has compared, here it only gets its tone."""
    share = row.changes.get(metric)
    if row.values.get(metric) is None or (scene.snapshot and scene.snapshot.view.compare == "none"):
        return Cell(fmt.NONE, None)
    if share is None:
        return Cell(fmt.change(1, None, lang=scene.lang).text, None, "ink")
    return change_cell(fmt.change(1 + share, 1.0, beyond_noise=metric in row.worse, lang=scene.lang), share)


def _total(
    snapshot: Snapshot, scene: Scene, units: dict[str, fmt.ColumnUnit], whole: float | None
) -> Row | None:
    if snapshot.total is None or not snapshot.channels:
        return None
    return _row(snapshot.total, scene, units, whole, total=True)


def _foot(scene: Scene) -> str:
    return " · ".join(
        scene.say(f"foot.{name}") for name in ("conversion", "roi", "no_cost", "partial", "alarm")
    )


def funnel(scene: Scene) -> FunnelView:
    """The view's funnel, as bars or as one line."""
    snapshot = scene.snapshot
    answer = snapshot.funnel if snapshot else None
    if snapshot is None or answer is None:
        return FunnelView("", empty=scene.say("empty.computing" if snapshot is None else "funnel.no_funnel"))
    name = words_of(snapshot.funnel_label, scene.lang, answer.funnel)
    return FunnelView(
        name=name,
        steps=tuple(_step(answer, at, scene) for at in range(len(answer.steps))),
        bottleneck=scene.say("funnel.bottleneck"),
        notes=funnel_notes(answer, scene),
        title=scene.say("panel.funnel", name=name),
        unit=scene.say("panel.persons_of_previous"),
    )


def _step(answer: FunnelAnswer, at: int, scene: Scene) -> Step:
    step = answer.steps[at]
    return Step(
        number=step.step,
        name=harmless(step.label),
        share=step.of_first if step.of_first is not None else (1.0 if step.persons and not at else 0.0),
        persons=fmt.number(step.persons, scene.lang, whole=True),
        of_previous=fmt.percent(step.of_previous, 1) if step.of_previous is not None else "",
        bottleneck=answer.bottleneck == step.step,
    )


def funnel_notes(answer: FunnelAnswer, scene: Scene) -> tuple[str, ...]:
    """`window 7 d · 4,212 entries still open · rate 3.574%`."""
    last = answer.steps[-1].of_first if answer.steps else None
    parts = []
    if answer.window_seconds:
        parts.append(scene.say("funnel.window", span=fmt.duration(answer.window_seconds, scene.lang)))
    if answer.open:
        parts.append(scene.say("funnel.open", n=answer.open))
    parts.append(scene.say("funnel.rate", rate=fmt.percent(last, 3)))
    return (" · ".join(parts),)


def chart(scene: Scene) -> TrendView:
    """The trend of revenue by day."""
    measured = scene.snapshot.trend if scene.snapshot else None
    if measured is None:
        return TrendView(empty=scene.say("empty.tile"))
    label = words_of(measured.label, scene.lang, measured.metric)
    days = len(measured.trend)
    title = scene.say(
        "panel.trend_days",
        metric=label,
        grain=scene.say("grain.day"),
        span=scene.say("page.span_days", n=days),
    )
    view = TrendView(series=(Series(label, measured.trend),), partial=1 if measured.partial else 0)
    view = with_axes(view, [f"{day:%m-%d}" for day in measured.trend_days], measured.unit, scene)
    return replace(view, title=title, unit=unit_of(measured.unit, scene))


def with_axes(view: TrendView, labels: list[str], unit: str, scene: Scene) -> TrendView:
    """The chart with round values at its left and each seventh period below."""
    known = [v for series in view.series for v in series.values if v is not None]
    known += [limit.value for limit in view.limits]
    if not known:
        return replace(view, empty=scene.say("empty.panel"))
    ticks = round_ticks(min(known), max(known))
    every = 7 if len(labels) > 9 else 1
    last = len(labels) - 1
    at = [place for place in range(last % every if last > every else 0, last + 1, every)]
    return replace(
        view,
        y_ticks=tuple((value, fmt.value_of(value, unit, scene.lang)) for value in ticks),
        x_ticks=tuple((place, labels[place]) for place in at),
    )


def round_ticks(low: float, high: float, most: int = 4) -> tuple[float, ...]:
    """At most `most` + 1 round values around low and high; rates and counts never go below 0 for nothing."""
    if high <= low:
        return (low,)
    rough = (high - low) / (most - 1)
    power = 10.0 ** int(f"{rough:e}".split("e")[1])
    step = next(power * times for times in (1, 2, 2.5, 5, 10) if power * times >= rough)
    first = int(low / step) * step if low >= 0 else -(int(-low / step) + 1) * step
    values = [first]
    while values[-1] < high - step * 1e-9:
        values.append(values[-1] + step)
    return tuple(values)

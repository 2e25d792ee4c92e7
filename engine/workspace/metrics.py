"""[metric.X] → model, and the cycles among them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Literal

from engine.schema import Kind
from engine.workspace.context import DERIVED_TABLES, FACT_TABLES, Context
from engine.workspace.lines import Path
from engine.workspace.metric_kinds import beyond, told
from engine.workspace.model import Benchmark, Metric, Target
from engine.workspace.toml import BenchmarkForm, MetricForm, TargetForm, WorkspaceForm
from engine.workspace.values import is_period

_MEASURED: dict[str, Literal["percent", "count", "seconds"]] = {
    "rate": "percent",
    "persons": "count",
    "median_seconds": "seconds",
    "avg_seconds": "seconds",
    "p90_seconds": "seconds",
}
_ADDITIVE = ("count", "count_distinct", "sum")
_NEEDS = {
    "ratio": ("num", "den"), "derived": ("expr",), "funnel": ("funnel",), "simple": ("table",),
    "cumulative": (), "conversion": ("base", "conversion"),
}  # fmt: skip


_DEFINING = frozenset(
    ("kind", "table", "where", "agg", "column", "quantile", "num", "den", "expr", "funnel", "measure",
     "from_step", "to_step", "metric", "window", "grain_to_date", "pick", "additive", "base", "conversion",
     "per", "hold")
)  # fmt: skip
"""With one of these a metric is the workspace's own; without any it only amends the built-in one."""
_AMENDABLE = ("unit", "good", "credit", "owner", "level", "min_den")


def metrics(
    context: Context, form: WorkspaceForm, steps: Mapping[str, int], held: Mapping[str, Metric] | None = None
) -> dict[str, Metric]:
    """The metrics that are there already (by default the built-in ones) and the form's own, by name.

    In:  how many steps each funnel has (0: not known).
    """
    own = {name: _metric(context, ("metric", name), each, steps) for name, each in form.metric.items()}
    found = {**(context.builtin if held is None else held), **own}
    _cycles(context, found)
    return found


def _metric(context: Context, at: Path, form: MetricForm, steps: Mapping[str, int]) -> Metric:
    builtin = context.builtin.get(str(at[-1]))
    if builtin is not None and not form.model_fields_set & _DEFINING:
        return _amended(context, at, form, builtin)
    table = form.table
    _references(context, at, form)
    if form.kind == "funnel" and form.funnel is not None:
        _steps(context, at, form, steps)
    agg = form.agg or ("sum" if form.column else "count")
    _column(context, at, form, agg)
    numbers: dict[str, Kind | None] = dict.fromkeys(context.metrics, "number")
    expr = (
        context.report.expression((*at, "expr"), form.expr, numbers, "number")
        if form.expr is not None
        else None
    )
    return Metric(
        name=str(at[-1]),
        kind=form.kind,
        label=dict(form.label),
        wording=dict(form.wording),
        table=table,
        where=context.condition((*at, "where"), form.where, table or "any", times=True),
        agg=agg,
        column=form.column,
        quantile=form.quantile,
        num=form.num,
        den=form.den,
        expr=expr,
        unit=form.unit or _unit(form),
        good=form.good,
        gap=_gap(form, agg),
        credit=form.credit,
        owner=form.owner,
        level=form.level,
        drives=tuple(form.drives),
        min_den=form.min_den,
        funnel=form.funnel,
        measure=form.measure,
        from_step=form.from_step,
        to_step=form.to_step,
        **beyond(context, at, form, agg),
        targets=tuple(_target(context, at, index, each) for index, each in enumerate(form.target)),
        benchmark=_benchmark(form.benchmark),
    )


def _benchmark(form: BenchmarkForm | None) -> Benchmark | None:
    return None if form is None else Benchmark(float(form.value), form.source)


def _amended(context: Context, at: Path, form: MetricForm, builtin: Metric) -> Metric:
    """A built-in metric with what the workspace says beside its definition: words, owner, targets, …"""
    for index, name in enumerate(form.drives):
        context.report.name((*at, "drives", index), "metric", name, context.metrics)
    given = form.model_fields_set
    more: dict[str, Any] = {name: getattr(form, name) for name in _AMENDABLE if name in given}
    if "drives" in given:
        more["drives"] = tuple(form.drives)
    more |= {name: value for name, value in told(context, at, form).items() if name in given}
    if "gap" in given:
        more["gap"] = _gap(form, builtin.agg)
    if "benchmark" in given:
        more["benchmark"] = _benchmark(form.benchmark)
    for name in ("label", "wording"):
        if name in given:
            more[name] = {**getattr(builtin, name), **getattr(form, name)}
    targets = tuple(_target(context, at, index, each) for index, each in enumerate(form.target))
    return replace(builtin, targets=builtin.targets + targets, **more)


def _unit(form: MetricForm) -> Literal["ratio", "percent", "count", "seconds"]:
    if form.kind in ("funnel", "conversion"):
        return _MEASURED[form.measure]
    return "ratio" if form.kind == "ratio" else "count"


def _gap(form: MetricForm, agg: str) -> Literal["zero", "null"]:
    if form.gap is not None:
        return "null" if form.gap == "null" else "zero"
    adds = form.kind in ("simple", "cumulative") and form.additive != "semi"
    return "zero" if adds and agg in _ADDITIVE else "null"


def _references(context: Context, at: Path, form: MetricForm) -> None:
    report = context.report
    for key in _NEEDS[form.kind]:
        if getattr(form, key) is None:
            report.add((*at, key), f'a {form.kind} metric needs "{key}"')
    if form.table is not None:
        report.name((*at, "table"), "table", form.table, (*FACT_TABLES, *DERIVED_TABLES))
    for key in ("num", "den"):
        name = getattr(form, key)
        if name is not None:
            report.name((*at, key), "metric", name, context.metrics)
    for index, name in enumerate(form.drives):
        report.name((*at, "drives", index), "metric", name, context.metrics)
    if form.funnel is not None:
        report.name((*at, "funnel"), "funnel", form.funnel, context.section("funnel"))


def _column(context: Context, at: Path, form: MetricForm, agg: str) -> None:
    if form.kind not in ("simple", "cumulative") or form.metric is not None:
        return
    if form.column is None and agg != "count":
        context.report.add((*at, "column"), f'agg = "{agg}" needs a column')
    if form.column is not None:
        context.column((*at, "column"), form.column, form.table or "any")
    if (agg == "quantile") != (form.quantile is not None):
        context.report.add((*at, "quantile"), 'agg = "quantile" and quantile = 0.9 go together')


def _steps(context: Context, at: Path, form: MetricForm, steps: Mapping[str, int]) -> None:
    count = steps.get(form.funnel or "", 0)
    for key in ("from_step", "to_step"):
        step = getattr(form, key)
        if count and step is not None and step > count:
            context.report.add((*at, key), f'the funnel "{form.funnel}" has {count} steps, not {step}')
    if form.from_step and form.to_step and form.from_step >= form.to_step:
        context.report.add((*at, "to_step"), "must be after from_step")


def _target(context: Context, at: Path, index: int, form: TargetForm) -> Target:
    path: Path = (*at, "target", index)
    if not is_period(form.period):
        context.report.add(
            (*path, "period"),
            f'"{form.period}" is no period: 2026-11-01T13:00, 2026-11-01, 2026-11, 2026-Q4 or 2026',
        )
    for name in form.by:
        context.column((*path, "by", name), name, times=True)
    return Target(str(at[-1]), form.period, Decimal(str(form.value)), dict(form.by))


def _needs(metric: Metric) -> Iterator[str]:
    if metric.kind == "ratio":
        yield from (name for name in (metric.num, metric.den) if name)
    if metric.kind == "derived" and metric.expr is not None:
        yield from sorted(metric.expr.columns)
    if metric.kind == "cumulative" and metric.base is not None:
        yield metric.base


def _cycles(context: Context, found: Mapping[str, Metric]) -> None:
    """One fault per cycle of metrics that need each other, and of metrics that drive each other."""
    _rings(context, {name: list(_needs(each)) for name, each in found.items()}, "needs", found)
    _rings(context, {name: list(each.drives) for name, each in found.items()}, "drives", found)


def _rings(context: Context, edges: Mapping[str, list[str]], verb: str, found: Mapping[str, Metric]) -> None:
    done: set[str] = set()
    for start in edges:
        trail: list[str] = []
        stack = [(start, iter(edges[start]))] if start not in done else []
        if stack:
            trail.append(start)
        while stack:
            after = next(stack[-1][1], None)
            if after is None:
                stack.pop()
                done.add(trail.pop())
            elif after in trail:
                _ring(context, [*trail[trail.index(after) :], after], verb, found)
            elif after in edges and after not in done:
                trail.append(after)
                stack.append((after, iter(edges[after])))


def _ring(context: Context, ring: list[str], verb: str, found: Mapping[str, Metric]) -> None:
    own = next((name for name in ring if not found[name].builtin), ring[0])
    key = (
        "drives"
        if verb == "drives"
        else {"ratio": "num", "derived": "expr", "cumulative": "metric"}.get(found[own].kind, "kind")
    )
    context.report.add(("metric", own, key), f"a cycle: {f' {verb} '.join(ring)}")

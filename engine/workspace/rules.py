"""[alert.X] → model."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Literal

from engine.expressions import CallRule, Count, Expression, Word, parse
from engine.schema import Kind
from engine.workspace.context import Context
from engine.workspace.lines import Path
from engine.workspace.model import Rule
from engine.workspace.quality import rule_names
from engine.workspace.toml import RuleForm, WorkspaceForm

BASES = ("previous", "week", "month", "year")
_SEVERITIES: tuple[Literal["critical", "warning", "info"], ...] = ("critical", "warning", "info")


def call_rules(
    metrics: Iterable[str],
    sources: Iterable[str],
    columns: Collection[str] | None = None,
    quality: Iterable[str] = (),
) -> dict[str, CallRule]:
    """The functions of alert conditions by name.

    In:  metrics, sources, columns (None: any) and quality rules that they may name.
    """
    named = tuple(sources)
    metric, source = Word("metric", tuple(metrics)), Word("source", named)
    told = Word("rule or source", (*quality, *named))
    rules = (
        CallRule("change", (metric, Word("period", BASES)), "relative change against that period"),
        CallRule("mean", (metric, Count("n")), "mean of the n evaluable periods before the judged one"),
        CallRule("deviation", (metric, Count("weeks")), "robust z against the same weekdays of those weeks"),
        CallRule("anomaly", (metric,), "signed z against the seasonal baseline"),
        CallRule(
            "pace",
            (metric, Count("n")),
            "share of the target used ÷ share of the period elapsed; of the last n periods together with n",
            optional=1,
        ),
        CallRule("age", (source,), "hours since the source's newest fact"),
        CallRule("rejected_share", (source,), "rejected rows ÷ rows of the source"),
        CallRule("duplicate_share", (source,), "duplicate rows ÷ rows of the source"),
        CallRule("empty_share", (source, Word("column", columns)), "empty cells ÷ rows of the column"),
        CallRule("late_share", (source,), "late rows ÷ rows of the source whose arrival is known"),
        CallRule("overdue", (source,), "age of the newest fact ÷ the source's usual wait, days off left out"),
        CallRule("drift", (source,), "changes in the header of the source's newest file"),
        CallRule("violations", (told,), "rows that break a quality rule, or any of a source"),
        CallRule("disputed", (source,), "rows that count although other files say otherwise, undecided"),
        CallRule("unreadable", (), "files that cannot be read at all"),
        CallRule("target", (metric,), "the target of the judged period"),
    )
    return {rule.name: rule for rule in rules}


def builtin_rules() -> dict[str, Rule]:
    """Rules that every workspace has; an own rule of the name replaces one."""
    label = {"en": "A file cannot be read", "zh": "有文件无法读取"}
    when = parse("unreadable() > 0")
    return {
        "unreadable_files": Rule("unreadable_files", (("warning", when),), label=label, builtin=True),
    }


def rules(context: Context, form: WorkspaceForm) -> dict[str, Rule]:
    """All alert rules by name."""
    own = {name: rule_of(context, ("alert", name), each) for name, each in form.alert.items()}
    return {**builtin_rules(), **own}


def rule_of(context: Context, at: Path, form: RuleForm) -> Rule:
    """The rule that stands at a path of the file."""
    levels = _levels(context, at, form)
    _people(context, at, form)
    _dimensions(context, at, form)
    if form.false_alerts is not None and not any("anomaly" in dict(e.calls) for _, e in levels):
        context.report.add((*at, "false_alerts"), "is for a condition with anomaly(metric)")
    recover = condition(context, (*at, "recover_when"), form.recover_when) if form.recover_when else None
    return _rule(context, at, form, levels, recover)


def condition(context: Context, path: Path, text: str) -> Expression | None:
    """A condition over metrics and the functions of alerts; None after faults."""
    names: dict[str, Kind | None] = dict.fromkeys(context.metrics, "number")
    columns = None if context.headers is None else context.every_column()
    functions = call_rules(context.metrics, sorted(context.sources), columns, rule_names(context))
    return context.report.expression(path, text, names, "boolean", functions=functions)


def _levels(
    context: Context, at: Path, form: RuleForm
) -> tuple[tuple[Literal["info", "warning", "critical"], Expression], ...]:
    if (form.when is None) == (not form.levels):
        context.report.add((*at, "when"), "an alert has either when or levels")
    if form.when is not None:
        when = condition(context, (*at, "when"), form.when)
        return ((form.severity, when),) if when else ()
    texts = form.levels or {}
    found = [
        (each, condition(context, (*at, "levels", each), texts[each]))
        for each in _SEVERITIES
        if each in texts
    ]
    return tuple((severity, when) for severity, when in found if when)


def _people(context: Context, at: Path, form: RuleForm) -> None:
    report, people = context.report, context.section("people")
    told = [*people, *context.section("notify"), "owner"]
    if form.owner is not None:
        report.name((*at, "owner"), "person in [people]", form.owner, people)
    for member, name in form.owners.items():
        report.name((*at, "owners", member), "person in [people]", name, people)
    for index, name in enumerate(form.notify):
        report.name((*at, "notify", index), "recipient", name, told)
    for step, each in enumerate(form.escalation):
        for index, name in enumerate(each.notify):
            report.name((*at, "escalation", step, "notify", index), "recipient", name, told)
    if form.loops and not any(each.after_minutes for each in form.escalation):
        report.add((*at, "loops"), "starts an escalation again that has no step after a while")
    if "owner" in form.notify and form.owner is None and not form.owners and "owner" not in people:
        report.add((*at, "notify"), 'tells "owner", but the alert has no owner')


def _dimensions(context: Context, at: Path, form: RuleForm) -> None:
    if len(form.by) > 2 or len(set(form.by)) < len(form.by):
        context.report.add((*at, "by"), "an alert is about members of one dimension or of two different ones")
    for index, name in enumerate(form.by):
        context.column((*at, "by", index), name, times=True)
    for index, name in enumerate(form.group_by):
        context.report.name(
            (*at, "group_by", index), "grouping", name, ["rule", "owner", "severity", *form.by]
        )


def _rule(
    context: Context,
    at: Path,
    form: RuleForm,
    levels: tuple[tuple[Literal["info", "warning", "critical"], Expression], ...],
    recover: Expression | None,
) -> Rule:
    return Rule(
        name=str(at[-1]),
        levels=levels,
        by=tuple(form.by),
        where=context.condition((*at, "where"), form.where, times=True),
        grain=form.grain,
        for_periods=form.for_periods,
        recover_periods=form.recover_periods,
        recover_when=recover,
        cooldown_periods=form.cooldown_periods,
        nodata=form.nodata,
        nodata_periods=form.nodata_periods,
        member_ttl_periods=form.member_ttl_periods,
        on_incomplete=form.on_incomplete,
        settle_hours=form.settle_hours,
        evidence=form.evidence,
        min_den=form.min_den,
        min_base=form.min_base,
        min_history=form.min_history,
        calendar=form.calendar,
        false_alerts=form.false_alerts,
        owner=form.owner,
        owners=dict(form.owners),
        sop=tuple(form.sop),
        notify=tuple(form.notify),
        group_by=tuple(form.group_by),
        repeat_every=form.repeat_every,
        escalation=tuple((each.after_minutes, tuple(each.notify)) for each in form.escalation),
        loops=form.loops,
        ack_ttl=float(form.ack_ttl),
        label=dict(form.label),
    )

"""Rule unit tests in TOML → cases: the forms, and every fault with file, line and nearest key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from datetime import date as date_
from pathlib import Path as FilePath
from typing import Annotated, Literal

from pydantic import Discriminator, Tag

from engine.errors import ConfigurationError
from engine.workspace.context import Context
from engine.workspace.faults import Report
from engine.workspace.forms import Form, Number, Severity, form_of, key
from engine.workspace.lines import Path
from engine.workspace.loading import parsed
from engine.workspace.model import Metric, Person, Rule, Workspace
from engine.workspace.rules import rule_of
from engine.workspace.shape import shape_of
from engine.workspace.toml import RuleForm

NOTHING = "null"
"""How a period without data is written: TOML has no null."""
Event = Literal[
    "pending", "cancelled", "firing", "severity_up", "severity_down", "recovering", "relapse", "reopened",
    "resolved", "retracted", "nodata", "data_back",
]  # fmt: skip
State = Literal["ok", "pending", "firing", "recovering"]


class PointForm(Form):
    value: Number | None = key("the value; of a rate num and den", None)
    num: Number | None = key("numerator of a rate", None)
    den: Number | None = key("denominator of a rate", None)
    target: Number | None = key("the target of the period", None)
    pace: Number | None = key("share of the target used ÷ share that is due", None)


Point = Annotated[
    Annotated[Number, Tag("form:number")]
    | Annotated[Literal["null"], Tag("form:text")]
    | Annotated[PointForm, Tag("form:table")],
    Discriminator(lambda value: "form:number" if isinstance(value, int | float) else form_of(value)),
]
Line = list[Point]


class MemberForm(Form):
    labels: dict[str, str] = key("value by dimension")
    series: dict[str, Line] = key("values by metric, one per period")
    state: State | None = key("state after the last period", None, "not looked at")


class TransitionForm(Form):
    period: int | str | date | datetime = key("number of the period from 0, or its name as in `metrics`")
    event: Event = key("what happens")
    severity: Severity | None = key("its severity", None, "any")
    reason: str | None = key("its reason", None, "any")
    labels: dict[str, str] | None = key("the member, where there are several", None)


class MessageForm(Form):
    period: int | str | date | datetime = key("period at whose end it is made")
    kind: str = key("firing, severity_up, resolved, nodata …")
    to: str | None = key("its recipient", None, "any")
    new: int | None = key("members that are new in it", None, "any")
    total: int | None = key("members that it is about", None, "any")


class DayForm(Form):
    date: str | date_ = key("2026-03-04")
    name: str = key("what the day is called")
    kind: str = key("holiday, workday, promo …", "promo")
    effect: Literal["skip", "same_name", "widen"] | None = key("how it is judged", None, "the rule's")
    factor: Number | None = key("with widen: by how much", None, ge=1)


class CaseForm(Form):
    name: str = key("what is shown")
    rule: Annotated[
        Annotated[str, Tag("form:text")] | Annotated[RuleForm, Tag("form:table")], Discriminator(form_of)
    ] = key("keys of an [alert.X], or the name of one in looptop.toml")
    start: str | date | datetime = key(
        "first period: 2026-03-02, or 2026-03-02T00:00 for hours", "2026-03-02"
    )
    series: dict[str, Line] = key("values by metric, one per period, for a rule without `by`", {})
    member: list[MemberForm] = key("members of a rule with `by`", [])
    calendar: list[DayForm] = key("days of the calendar", [])
    sources: dict[str, list[Number]] = key('calls about sources by period: "age(web)" = [2, 30]', {})
    expect: list[TransitionForm] = key("every transition, in any order", [])
    state: State | None = key("state after the last period", None, "not looked at")
    messages: list[MessageForm] | None = key("every message", None, "not looked at")


class CasesForm(Form):
    """A file of rule unit tests."""

    case: dict[int, CaseForm] = key("the cases", {})


@dataclass(frozen=True, slots=True)
class Case:
    """One case, checked: the rule, the workspace that it is judged in, and where it stands."""

    file: str
    line: int
    rule: Rule
    workspace: Workspace
    form: CaseForm


def rule_cases(file: FilePath, workspace: Workspace) -> tuple[Case, ...]:
    """The cases of a file.

    In:  the workspace whose rules and metrics they may name.
    Raises: ConfigurationError with all faults at once.
    """
    report = Report(str(file), _read(file))
    form = shape_of(report, parsed(report), CasesForm, ("case",))
    if not form.case and not report.faults:
        report.add(("case",), "no [[case]] is there", line=1)
    out = [_case(report, ("case", at), each, workspace) for at, each in form.case.items()]
    if report.faults:
        raise ConfigurationError(report.faults)
    return tuple(each for each in out if each is not None)


def _read(file: FilePath) -> str:
    report = Report(str(file), "")
    try:
        return file.read_text(encoding="utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        report.add((), f"cannot be read: {error.strerror or error}", line=0)
    except UnicodeDecodeError:
        report.add((), "must be UTF-8", line=1)
    raise ConfigurationError(report.faults)


def _dates(report: Report, at: Path, form: CaseForm) -> None:
    """Faults of what should be a day."""
    days = [((*at, "calendar", n, "date"), each.date) for n, each in enumerate(form.calendar)]
    for path, given in [((*at, "start"), form.start), *days]:
        try:
            datetime.fromisoformat(given) if isinstance(given, str) else None
        except ValueError:
            report.add(path, f'"{given}" is not a date; write 2026-03-02')


def _case(report: Report, at: Path, form: CaseForm, workspace: Workspace) -> Case | None:
    _dates(report, at, form)
    lines = [form.series, *(member.series for member in form.member)]
    if len(form.member) and form.series:
        report.add((*at, "series"), "a case has series or members, not both")
    if not any(lines):
        report.add(at, "a case needs series = { metric = [values] }, or [[case.member]]")
    lengths = {name: len(line) for each in lines for name, line in each.items()}
    if len(set(lengths.values())) > 1:
        longest = max(lengths.values())
        short = ", ".join(name for name, length in lengths.items() if length < longest)
        report.add(
            (*at, "series"), f'series are as long as each other: {short} ends early; write "{NOTHING}"'
        )
    known = {**workspace.metrics, **_metrics(lines, workspace)}
    if isinstance(form.rule, str):
        if not report.name((*at, "rule"), "alert", form.rule, list(workspace.rules)):
            return None
        rule = workspace.rules[form.rule]
    else:
        named = [*workspace.people, *_words(form.rule)]
        raw: dict[str, object] = {
            "people": {name: {} for name in named},
            "notify": {name: {} for name in workspace.notify},
        }
        context = Context(report, raw, known, None, None, frozenset(_sources(form, workspace)))
        rule = rule_of(context, (*at, "rule"), form.rule)
    people = {**{name: Person(name, ()) for name in _named(rule)}, **workspace.people}
    rule = replace(rule, name=form.rule if isinstance(form.rule, str) else "rule", on_incomplete="wait")
    _labels(report, at, form, rule)
    whole = replace(workspace, metrics=known, rules={rule.name: rule}, people=people)
    return Case(report.file, report.line(at), rule, whole, form)


def _labels(report: Report, at: Path, form: CaseForm, rule: Rule) -> None:
    for number, member in enumerate(form.member):
        if set(member.labels) != set(rule.by):
            wanted = ", ".join(rule.by) or "none: the rule has no `by`"
            report.add(
                (*at, "member", number, "labels"), f"the labels of a member are those of `by`: {wanted}"
            )


def _sources(form: CaseForm, workspace: Workspace) -> set[str]:
    """Sources of the workspace, and those that the case speaks for."""
    said = {call.partition("(")[2].rstrip(")").split(",")[0].strip() for call in form.sources}
    return {source.name for source in workspace.sources} | said


def _words(form: RuleForm) -> list[str]:
    """People that an inline rule names: a case needs no [people.X] for them."""
    names = [form.owner, *form.owners.values(), *form.notify]
    names += [name for step in form.escalation for name in step.notify]
    return [name for name in names if name and name != "owner"]


def _named(rule: Rule) -> list[str]:
    names = [rule.owner, *rule.owners.values(), *rule.notify]
    names += [name for _, told in rule.escalation for name in told]
    return [name for name in names if name and name != "owner"]


def _metrics(lines: Sequence[Mapping[str, Line]], workspace: Workspace) -> dict[str, Metric]:
    """The metrics that a case gives: values as they are, with the words that the workspace has for them."""
    out: dict[str, Metric] = {}
    for each in lines:
        for name, line in each.items():
            known = workspace.metrics.get(name)
            pairs = any(isinstance(point, PointForm) and point.den is not None for point in line)
            rate = pairs or (known is not None and known.kind in ("ratio", "conversion", "funnel"))
            if not rate and name in out and out[name].kind == "ratio":
                continue
            plain = Metric(name, table="events", agg="sum", column="value")
            share = Metric(name, kind="ratio", num=f"{name} num", den=f"{name} den", unit="percent")
            made = share if rate else plain
            if known is not None:
                made = replace(
                    made, unit=known.unit, label=known.label, good=known.good, min_den=known.min_den
                )
            out[name] = made
    return out

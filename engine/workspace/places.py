"""[console], [currency], [identity], [people], [notify] → model."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from engine.errors import nearest
from engine.schema import IDENTIFIERS, TABLES
from engine.workspace.context import Context
from engine.workspace.hours import spans
from engine.workspace.lines import Path
from engine.workspace.model import Console, Identity, Notify, Person, Rates
from engine.workspace.source_forms import BlockedForm, IdentityForm
from engine.workspace.toml import ConsoleForm, WorkspaceForm
from engine.workspace.values import currencies, glob_problem, is_timezone, timezones

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_WEAKER = {
    "phone": ("unionid", "member_id"),
    "unionid": ("phone", "member_id"),
    "email": ("phone", "member_id", "unionid"),
    "device_id": ("phone", "unionid", "member_id", "email"),
    "cookie": ("phone", "unionid", "member_id", "email"),
}
DEFAULT_IDENTITY = Identity(
    priority=IDENTIFIERS,
    limit={"member_id": 1, "phone": 1, "unionid": 1, "email": 3, "device_id": 10, "cookie": 50},
    fanout={weak: dict.fromkeys(strong, 3) for weak, strong in _WEAKER.items()},
    blocked_any=frozenset(
        ("-1", "null", "none", "nan", "undefined", "anonymous", "unknown", "test", "n/a", "未知", "无")
    ),
    blocked_types={
        "phone": frozenset(("+8613800138000", "+8613800000000", "+8613888888888")),
        "device_id": frozenset(("9774d56d682e549c",)),
        "email": frozenset(("test@test.com", "noreply@example.com")),
    },
    blocked_regex={"any": ("^[0-]*$",)},
)


def console(context: Context, form: ConsoleForm) -> Console:
    """The console's settings."""
    report, at = context.report, ("console",)
    timezone(context, (*at, "timezone"), form.timezone)
    currency(context, (*at, "currency"), form.currency)
    for table, days in form.retention.items():
        report.name((*at, "retention", table), "table", table, TABLES)
        if days < 1:
            report.add((*at, "retention", table), "must be at least one day")
    if form.calendar is not None:
        inside(context, (*at, "calendar"), form.calendar)
    return Console(
        title=form.title,
        timezone=form.timezone,
        week_start=WEEKDAYS.index(form.week_start),
        fiscal_month=form.fiscal_month,
        currency=form.currency,
        language=form.language,
        clock=form.clock,
        user=form.user,
        retention_days=dict(form.retention),
        calendar=form.calendar,
        keys=dict(form.keys),
    )


def timezone(context: Context, path: Path, name: str) -> None:
    """A fault where a zone is unknown."""
    if not is_timezone(name):
        context.report.add(path, f'unknown timezone "{name}"', nearest(name, timezones()))


def currency(context: Context, path: Path, code: str) -> None:
    """A fault where a currency is unknown."""
    context.report.name(path, "currency", code, currencies())


def inside(context: Context, path: Path, file: str) -> None:
    """A fault where a path leaves the workspace."""
    problem = glob_problem(file)
    if problem:
        context.report.add(path, f'"{file}" {problem}')


def rates(context: Context, form: Mapping[str, int | float | str]) -> Rates:
    """Exchange rates."""
    constant: dict[str, Decimal] = {}
    file = None
    for code, value in form.items():
        path: Path = ("currency", code)
        if code == "file" and isinstance(value, str):
            file = value
            inside(context, path, value)
        elif isinstance(value, str) or not 0 < value < float("inf"):
            context.report.add(path, "a rate is a positive number of the console's currency per unit")
        else:
            currency(context, path, code)
            constant[code] = Decimal(str(value))
    return Rates(constant, file)


def identity(context: Context, form: IdentityForm) -> Identity:
    """The identity rules: limits and fan-outs merged key by key, lists replaced."""
    default, report, at = DEFAULT_IDENTITY, context.report, ("identity",)
    priority = tuple(form.priority) if form.priority is not None else default.priority
    for index, name in enumerate(priority):
        if name in priority[:index] or not re.fullmatch(r"[A-Za-z_]\w*", name):
            report.add((*at, "priority", index), f'"{name}" must be a plain name, once')
    known = {*priority, *default.priority}
    for name, count in form.limit.items():
        report.name((*at, "limit", name), "identifier", name, known)
        _positive(context, (*at, "limit", name), count)
    fanout = {weak: dict(strong) for weak, strong in default.fanout.items()}
    for weak, strong in form.fanout.items():
        report.name((*at, "fanout", weak), "identifier", weak, known)
        for name, count in strong.items():
            report.name((*at, "fanout", weak, name), "identifier", name, known)
            _positive(context, (*at, "fanout", weak, name), count)
        fanout.setdefault(weak, {}).update(strong)
    blocked_any, types, regex = _blocked(context, form.blocked, known)
    return Identity(
        priority=priority,
        limit={**default.limit, **form.limit},
        fanout=fanout,
        blocked_any=blocked_any,
        blocked_types=types,
        blocked_regex=regex,
        always_link=_links(context, "always_link", form.always_link, known),
        never_link=_links(context, "never_link", form.never_link, known),
    )


def _positive(context: Context, path: Path, count: int) -> None:
    if count < 1:
        context.report.add(path, "must be at least 1")


def _blocked(
    context: Context, form: BlockedForm | None, known: set[str]
) -> tuple[frozenset[str], dict[str, frozenset[str]], dict[str, tuple[str, ...]]]:
    default, at = DEFAULT_IDENTITY, ("identity", "blocked")
    lists: dict[str, list[str]] = dict(form.__pydantic_extra__ or {}) if form else {}
    patterns = form.regex if form else {}
    for path, name in [((*at, n), n) for n in lists] + [((*at, "regex", n), n) for n in patterns]:
        context.report.name(path, "identifier", name, [*known, "any"])
    for name, each in patterns.items():
        for index, pattern in enumerate(each):
            try:
                re.compile(pattern)
            except (re.error, RecursionError, OverflowError) as error:
                context.report.add((*at, "regex", name, index), f"no regular expression: {error}")
    words = frozenset(lists["any"]) if "any" in lists else default.blocked_any
    types = {**default.blocked_types, **{n: frozenset(each) for n, each in lists.items() if n != "any"}}
    return words, types, {**default.blocked_regex, **{n: tuple(each) for n, each in patterns.items()}}


def _links(
    context: Context, key: str, pairs: list[list[str]], known: set[str]
) -> tuple[tuple[str, str], ...]:
    out = []
    for index, pair in enumerate(pairs):
        path: Path = ("identity", key, index)
        if len(pair) != 2:
            context.report.add(path, "a pair of two type:value is needed")
            continue
        for end in pair:
            kind, colon, value = end.partition(":")
            if not colon or not value:
                context.report.add(path, f'"{end}" must be type:value')
            else:
                context.report.name(path, "identifier", kind, known)
        out.append((pair[0], pair[1]))
    return tuple(out)


def people(context: Context, form: WorkspaceForm) -> dict[str, Person]:
    """Who owns or is told."""
    out = {}
    for name, each in form.people.items():
        at: Path = ("people", name)
        for index, target in enumerate(each.notify):
            context.report.name((*at, "notify", index), "[notify]", target, context.section("notify"))
        if each.hours is not None and spans(each.hours) is None:
            context.report.add(
                (*at, "hours"), f'"{each.hours}" must look like Mon-Fri 09:00-19:00, Sat 10:00-14:00'
            )
        out[name] = Person(name, tuple(each.notify), each.hours, each.label)
    return out


def notify(context: Context, form: WorkspaceForm) -> dict[str, Notify]:
    """Where messages go."""
    for name, each in form.notify.items():
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", each.url_env):
            message = "must be the name of an environment variable; the URL itself never stands in this file"
            context.report.add(("notify", name, "url_env"), message)
    return {name: Notify(name, each.url_env) for name, each in form.notify.items()}

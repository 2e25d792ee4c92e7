"""A rule made ready to judge: compiled conditions and a digest of what decides its verdicts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields, replace
from itertools import zip_longest

from engine.alerts.judging.condition import Condition, compile_condition
from engine.alerts.judging.evidence import needed
from engine.alerts.judging.machine import Settings
from engine.errors import UnknownName, UsageError
from engine.expressions import Expression
from engine.workspace import alert_condition
from engine.workspace.model import Metric, Rule, Workspace

_WORDS = frozenset(
    {"owner", "owners", "sop", "notify", "group_by", "repeat_every", "escalation", "label",
     "loops", "ack_ttl"}
)  # fmt: skip
"""Keys of a rule that decide who is told and how, not what is true."""
_METRIC_WORDS = frozenset(
    ("label", "wording", "owner", "level", "drives", "targets", "builtin", "good", "benchmark", "since",
     "changes", "band", "tolerance")
)  # fmt: skip
_SAID = frozenset(
    ("base", "window_days", "grain_to_date", "additive", "pick", "sides", "window_us", "per", "hold", "pace",
     "false_alerts")
)  # fmt: skip
"""Keys that count where they say something, so that digests in a ledger stay what they are."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A rule with its levels (worst first) and recovery compiled."""

    rule: Rule
    levels: tuple[Condition, ...]
    recover: Condition | None
    settings: Settings
    metrics: tuple[str, ...]
    digest: str
    sides: int = 0
    """On how many sides an anomaly may be off, where the rule says how many false alerts it may cost."""

    @property
    def by_anomaly(self) -> tuple[str, ...]:
        """Metrics whose anomalies any level asks for."""
        return tuple(dict.fromkeys(name for level in self.levels for name in level.by_anomaly))

    @property
    def bases(self) -> tuple[tuple[str, str], ...]:
        """(metric, base) of every change in any level."""
        return tuple(dict.fromkeys(base for level in self.levels for base in level.bases))

    @property
    def asks(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Calls about sources that the rule makes."""
        return tuple(dict.fromkeys(ask for level in self.levels for ask in level.asks))

    @property
    def limit(self) -> float | None:
        """The constant of the first comparison of the mildest level."""
        asked = self.levels[-1].threshold
        found = None if asked is None else asked((None, 0))
        return None if found is None else float(found)

    def condition(self, level: int | None) -> Condition:
        """Condition of a level; of the mildest where none is in force."""
        return self.levels[-1 if level is None else level]

    def severity(self, level: int | None) -> str:
        """Name of a level; of the mildest where none is in force."""
        return self.rule.levels[-1 if level is None else level][0]


def ready(workspace: Workspace, rule: Rule, limits: tuple[float | None, ...] = ()) -> Ready:
    """The rule compiled; In: by level what stands in place of the constant of its first comparison.

    Raises: ExpressionError for a condition that metrics cannot answer.
    """
    nominal, sides = compile_condition(rule.levels[-1][1], workspace.metrics).anomaly
    nominal = None if rule.false_alerts is None else nominal
    given = zip_longest(rule.levels, limits)
    levels = tuple(compile_condition(level[1], workspace.metrics, limit, nominal) for level, limit in given)
    recover = None
    if rule.recover_when is not None:
        recover = compile_condition(rule.recover_when, workspace.metrics, nominal=nominal)
    every = (*levels, recover) if recover else levels
    metrics = tuple(dict.fromkeys(metric for condition in every for metric in condition.metrics))
    settings = Settings(
        for_periods=rule.for_periods,
        recover_periods=rule.recover_periods,
        cooldown_periods=rule.cooldown_periods,
        nodata=rule.nodata,
        nodata_periods=rule.nodata_periods,
        member_ttl_periods=rule.member_ttl_periods,
        levels=len(levels),
    )
    digest = _digest(workspace, rule, metrics)
    if limits:
        digest = hashlib.sha256(f"{digest}{limits}".encode()).hexdigest()
    return Ready(rule, levels, recover, settings, metrics, digest, sides if nominal else 0)


def least_volume(workspace: Workspace, rule: Ready) -> int | None:
    """The denominator below which the mildest level can never breach, for want of evidence.

    None: its first comparison is of no rate, or takes the rate as it is.
    """
    limited, limit = rule.levels[-1].limited, rule.limit
    metric = workspace.metrics.get(limited.metric or "") if limited else None
    if limited is None or limit is None or metric is None or rule.rule.evidence != "bound":
        return None
    if metric.unit != "percent" or metric.kind not in ("ratio", "conversion", "funnel"):
        return None
    return needed(limit, limited.below)


def chosen(workspace: Workspace, name: str, when: str = "") -> Rule:
    """The rule of a name, with another condition where one is given.

    Raises: UnknownName; UsageError for a condition that cannot be.
    """
    rule = workspace.rules.get(name)
    if rule is None:
        raise UnknownName("alert", name, list(workspace.rules))
    if not when:
        return rule
    return replace(rule, levels=((rule.levels[-1][0], alert_condition(workspace, when)),))


def at_threshold(workspace: Workspace, rule: Rule, threshold: float) -> Ready:
    """The rule with another constant in its first comparison; those of worse levels move in proportion.

    Raises: UsageError for a condition that compares with no constant.
    """
    plain = ready(workspace, rule)
    now = plain.limit
    if now is None:
        raise UsageError(f"alert {rule.name}: its condition compares with no constant; write --when instead")
    own = [None if level.threshold is None else float(level.threshold((None, 0))) for level in plain.levels]
    moved = [None if each is None else each * threshold / now if now else each + threshold for each in own]
    return ready(workspace, rule, (*moved[:-1], threshold))


def _digest(workspace: Workspace, rule: Rule, metrics: tuple[str, ...]) -> str:
    parts: list[object] = [workspace.console.timezone, workspace.console.week_start]
    parts += [
        (each.name, getattr(rule, each.name))
        for each in fields(rule)
        if each.name not in _WORDS and (each.name not in _SAID or getattr(rule, each.name) != each.default)
    ]
    done: dict[str, None] = dict.fromkeys(metrics)
    for name in (queue := list(metrics)):
        metric = workspace.metrics.get(name)
        if metric is None:
            continue
        parts += [
            (each.name, getattr(metric, each.name))
            for each in fields(metric)
            if each.name not in _METRIC_WORDS
            and (each.name not in _SAID or getattr(metric, each.name) != each.default)
        ]
        if metric.funnel is not None and metric.funnel in workspace.funnels:
            parts.append(repr(replace(workspace.funnels[metric.funnel], label={}, template=None)))
        below = [each for each in _below(metric) if each not in done]
        done |= dict.fromkeys(below)
        queue += below
    return hashlib.sha256(repr([_plain(part) for part in parts]).encode()).hexdigest()


def _below(metric: Metric) -> list[str]:
    names = [each for each in (metric.num, metric.den, metric.base) if each]
    names += [side for side in metric.sides or () if isinstance(side, str)]
    return names + (sorted(metric.expr.columns) if metric.expr is not None else [])


def _plain(part: object) -> object:
    if isinstance(part, Expression):
        return part.text
    if isinstance(part, tuple):
        return tuple(_plain(each) for each in part)
    return part

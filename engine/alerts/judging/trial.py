"""What a rule would have done on the data as it is: the replay of evaluation without side effects.

Messages come from the same flush as live, one batch for each period when it became complete, with everybody
told and nobody having acked, silenced or closed anything; reminders and escalations, which hang on the time
that people take, are left out. Periods count when they are over, also for a rule that judges running ones.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from engine.alerts.judging.members import judged_member, measures, members
from engine.alerts.judging.rules import Ready
from engine.alerts.kept.ledger import Ledger
from engine.alerts.kept.records import Message, Told, member_key
from engine.alerts.kept.timeline import Entry, entries
from engine.alerts.memo import Memo
from engine.alerts.reading.feeds import Ask, Series, all_series
from engine.alerts.reading.periods import Axis
from engine.alerts.reading.series import Loaded
from engine.alerts.telling.cases import Case, first_told
from engine.alerts.telling.flapping import spell
from engine.alerts.telling.messages import flush
from engine.workspace.model import Rule, Workspace


@dataclass(frozen=True, slots=True)
class Trial:
    """The timeline of each member; `messages` in order, each made when its period was complete."""

    rule: Ready
    series: Series | None
    timelines: Mapping[str, tuple[Entry, ...]]
    messages: tuple[Message, ...]

    @property
    def axis(self) -> Axis | None:
        """Periods of the rule; None where there is no data."""
        return None if self.series is None else self.series.axis


def try_rule(
    ask: Ask, rule: Ready, ledger: Ledger, feeds: MutableMapping[tuple[object, ...], Loaded]
) -> Trial:
    """Replay a rule over all of the data.

    In:  the ledger, of which only measures of sources are read; what is kept of the series, renewed.
    """
    found = dict(all_series(ask, [rule], feeds)).get(rule.rule.name)
    if found is None:
        return Trial(rule, None, {}, ())
    memo, said, timelines = Memo(), measures(rule, ledger), dict[str, tuple[Entry, ...]]()
    severities = [severity for severity, _ in rule.rule.levels]
    for labels in members(rule.rule, found, ()):
        judged = judged_member(ask, memo, rule, found, labels, running={}, measures=said, live=False)
        if judged is not None:
            name = member_key(labels)
            timelines[name] = entries(
                rule.rule.name, name, found.axis.labels, severities, judged.replay, recorded=()
            )
        memo.judged.clear()
    return Trial(rule, found, timelines, tuple(_messages(ask.workspace, rule.rule, found.axis, timelines)))


def _messages(
    workspace: Workspace, rule: Rule, axis: Axis, timelines: Mapping[str, Sequence[Entry]]
) -> list[Message]:
    """What is told, batch by batch; a rule that names nobody tells one person, so that its noise shows."""
    told_of = replace(rule, escalation=(), repeat_every=0, notify=first_told(rule) or ("",))
    batches = _Batches(told_of)
    every = sorted(
        ((entry, member) for member, line in timelines.items() for entry in line),
        key=lambda pair: (pair[0].position, pair[1]),
    )
    out: list[Message] = []
    known: dict[tuple[str, str, str], Told] = {}
    for position, batch in groupby(every, key=lambda pair: pair[0].position):
        cases = batches.take([(member, entry) for entry, member in batch], position)
        found = flush(workspace, cases, list(known.values()), axis.at[position])
        out += found.messages
        known |= {(each.episode, each.recipient, each.channel): each for each in found.told}
        if not rule.cooldown_periods:
            running = batches.running
            known = {key: each for key, each in known.items() if each.closing or key[0] in running}
    return out


class _Batches:
    """How members stand after each batch of transitions."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._open: dict[str, tuple[Entry, bool]] = {}
        """Member → newest transition of its running episode, and whether it fires (or recovers)."""
        self._fired: dict[str, list[tuple[int, str]]] = {}
        """Member → when its episodes fired."""
        self._standing: dict[str, Case] = {}
        """Member → its case while nothing happens to it."""

    @property
    def running(self) -> set[str | None]:
        """Episodes that run."""
        return {entry.episode for entry, _ in self._open.values()}

    def take(self, batch: Sequence[tuple[str, Entry]], position: int) -> list[Case]:
        """The cases of a batch: every member that runs or changed."""
        ended: dict[str, list[str]] = {}
        missing: dict[str, str] = {}
        for member, entry in batch:
            if entry.event in ("nodata", "data_back"):
                missing |= {member: entry.period} if entry.event == "nodata" else {}
            elif entry.event == "resolved":
                self._open.pop(member, None)
                ended.setdefault(member, []).append(str(entry.episode))
            elif entry.event not in ("pending", "cancelled"):
                self._open[member] = (entry, entry.event != "recovering")
            if entry.event == "firing":
                self._fired.setdefault(member, []).append((entry.position, str(entry.episode)))
        for member, _ in batch:
            self._standing.pop(member, None)
        return [
            self._case(member, tuple(ended.get(member, ())), missing.get(member), position)
            for member in sorted(self._open.keys() | ended.keys() | missing.keys())
        ]

    def _case(self, member: str, ended: tuple[str, ...], nodata: str | None, position: int) -> Case:
        flapping, kept = spell(self._fired.get(member, ()), position), self._standing.get(member)
        if kept is not None and kept.flapping == flapping:
            return kept
        entry, fires = self._open.get(member, (None, False))
        found = Case(
            rule=self._rule,
            member=member,
            episode=None if entry is None else entry.episode,
            firing=fires,
            severity=(entry.severity if entry else None) or self._rule.levels[-1][0],
            muted=False,
            acked=False,
            text={},
            ended=ended,
            nodata=nodata,
            flapping=flapping,
        )
        self._standing[member] = found.settled
        return found

"""All rules together: what is behind alerts, what belongs together, what people are told of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from engine.alerts.judging.rules import Ready
from engine.alerts.kept.deeds import Deeds, Mine, mine
from engine.alerts.kept.ledger import Ledger
from engine.alerts.kept.recording import Finding, queue
from engine.alerts.kept.records import Act
from engine.alerts.outcomes import Known, Outcome, Remembered, Seen
from engine.alerts.reading.feeds import Ask, sources_read
from engine.alerts.telling import explaining, incidents
from engine.alerts.telling.answers import alert
from engine.alerts.telling.behind import behind, explain
from engine.alerts.telling.cases import Case, Home, first_told
from engine.alerts.telling.explaining import Behind, Search
from engine.alerts.telling.flapping import spell
from engine.alerts.telling.inhibition import Inhibition, about_sources, inhibition, of_member, sources_named
from engine.alerts.telling.messages import flush
from engine.alerts.telling.sentences import story
from engine.questions import Alert


def tell(
    ask: Ask,
    ledger: Ledger,
    outcomes: Sequence[Outcome],
    acts: Sequence[Act],
    *,
    memory: Remembered,
    search: Search | None,
) -> list[Alert]:
    """How every member of every rule stands; new causes, incidents and messages go to the ledger.

    In:  all acts; the causes that were looked for (None: nobody asks). Runs inside a transaction.
    Raises: StoreError.
    """
    known = [(each, _known(ask, ledger, each, acts, memory)) for each in outcomes]
    explained = frozenset[str]() if search is None else explain(ask, ledger, known, memory, search)
    muting = inhibition(ask.workspace, ledger, _about_sources(known))
    deeds, again = ledger.mark()[1:], False
    seen: list[Seen] = []
    for each, members in known:
        sources = _sources(ask, each.rule, muting)
        key = (muting.over(sources), muting.since(sources))
        kept = memory.seen.get(each.name)
        if each.fresh or each.name in explained or kept is None or kept[:2] != (deeds, key):
            again = True
            grounds = {m.episode: behind(ledger, m.episode, memory) for _, m in members if m.episode}
            found = [_seen(ask, each, one, (muting, sources), grounds) for one in members]
            memory.seen[each.name] = deeds, key, [replace(one, case=one.case.settled) for one in found]
        else:
            found = kept[2]
        seen += found
    for name in memory.seen.keys() - {each.name for each in outcomes}:
        del memory.seen[name]
    again = _join(ledger, seen, memory) or again
    homes = incidents.homes(ledger) if memory.joined else {}
    seen = list(_at_home(ask, seen, memory.joined, homes))
    if again:
        cases = [one.case for one in seen if first_told(one.case.rule) or one.case.rule.escalation]
        told = ledger.told({name for case in cases for name in case.episodes})
        queue(ledger, flush(ask.workspace, cases, told, ask.detected_at, homes))
    return [one.alert for one in seen if set(one.alert.labels) == set(one.case.rule.by)]


def _known(
    ask: Ask, ledger: Ledger, outcome: Outcome, acts: Sequence[Act], memory: Remembered
) -> list[Known]:
    """Findings with what people did about them."""
    kept = memory.seen.get(outcome.name)
    if not outcome.fresh and kept is not None and kept[0] == ledger.mark()[1:]:
        before = {one.finding.member: one.mine for one in kept[2]}
        return [(finding, before[finding.member]) for finding in outcome.findings]
    deeds = Deeds.of(ledger, outcome.name, acts)
    return [(finding, _mine(ask, outcome.rule, finding, deeds)) for finding in outcome.findings]


def _mine(ask: Ask, rule: Ready, finding: Finding, deeds: Deeds) -> Mine:
    episode = next((entry.episode for entry in reversed(finding.entries) if entry.episode), None)
    running = finding.judged.replay.standing.state in ("firing", "recovering")
    return mine(rule.rule, deeds, finding.member, episode, running=running, at=ask.detected_at)


# --- who is quiet because of whom -----------------------------------------------------------------


def _about_sources(known: Iterable[tuple[Outcome, Sequence[Known]]]) -> Iterator[tuple[Ready, list[str]]]:
    """Rules about sources with the episodes that quiet others: a mere notice quiets nobody."""
    for each, members in known:
        if about_sources(each.rule):
            rule = each.rule
            yield (
                rule,
                [
                    one.episode
                    for finding, one in members
                    if one.running
                    and one.episode
                    and rule.severity(finding.judged.replay.standing.level) != "info"
                ],
            )


def _sources(ask: Ask, rule: Ready, muting: Inhibition) -> frozenset[str]:
    """Sources whose alerts explain a rule's; none for a rule about sources."""
    if about_sources(rule) or not (muting.running or muting.ended):
        return frozenset()
    return sources_read(ask.workspace, rule.metrics) | sources_named(ask.workspace, rule)


def _seen(
    ask: Ask,
    outcome: Outcome,
    known: Known,
    quieted: tuple[Inhibition, frozenset[str]],
    grounds: Mapping[str, Behind | None],
) -> Seen:
    (finding, here), (muting, every) = known, quieted
    plain = alert(ask.workspace, outcome.rule, outcome.series.axis, finding, here)
    sources = of_member(ask.workspace, every, plain.labels)
    over = muting.over(sources)
    ground = grounds.get(here.episode or "")
    why = None if ground is None else ground.why
    firings = [(e.position, e.episode) for e in finding.entries if e.event == "firing" and e.episode]
    comes_and_goes = spell(firings, finding.judged.replay.judged)
    found = replace(
        plain,
        inhibited_by=over if plain.state != "ok" else (),
        why=why,
        causes=explaining.summary(why, ask.workspace.console.language or "en"),
        flapping=comes_and_goes is not None,
        incident=here.episode,
    )
    quiet = [moment for moment in (here.unsilenced, muting.since(sources)) if moment is not None]
    case = _case(outcome.rule, finding, here, found, muted=here.silence is not None or bool(over))
    told = story(ask.workspace, outcome.rule, outcome.series.axis, finding.member, finding.judged)
    return Seen(
        finding,
        here,
        found,
        replace(case, unsilenced=max(quiet, default=None), flapping=comes_and_goes, story=told),
    )


def _case(rule: Ready, finding: Finding, here: Mine, found: Alert, *, muted: bool) -> Case:
    change, standing = finding.change, finding.judged.replay.standing
    ends = [entry for entry in change.added if entry.event == "resolved" and entry.shown and entry.episode]
    nodata = [e.period for e in change.added if e.event == "nodata" and e.shown and not e.late]
    return Case(
        rule=rule.rule,
        member=finding.member,
        episode=here.episode if here.running else None,
        firing=standing.state == "firing",
        severity=rule.severity(standing.level),
        muted=muted,
        acked=here.ack is not None,
        text=found.sentence,
        ended=tuple(str(e.episode) for e in ends if e.reason != "rule_changed"),
        dropped=tuple(str(e.episode) for e in ends if e.reason == "rule_changed"),
        retracted=change.retracted,
        nodata=nodata[-1] if nodata and standing.silent else None,
        unacked=here.unacked,
        cause=found.why.sentences if found.why is not None else {},
        impact=0.0 if found.value is None or found.expected is None else abs(found.value - found.expected),
    )


# --- what belongs together ------------------------------------------------------------------------


def _join(ledger: Ledger, seen: Sequence[Seen], memory: Remembered) -> bool:
    """Bring members to their totals; whether that is news."""
    withdrawn = [episode for one in seen for episode in one.case.retracted]
    if withdrawn:
        incidents.part_again(ledger, withdrawn)
    before = incidents.joined(ledger)
    parts = [part for one in seen if (part := incidents.part(one.alert)) is not None]
    now = before | incidents.totals(parts, before)
    if now != before:
        incidents.join(ledger, {each: total for each, total in now.items() if before.get(each) != total})
    news, memory.joined = now != memory.joined, now
    return news


def _at_home(
    ask: Ask, seen: Sequence[Seen], joined: Mapping[str, str], homes: Mapping[str, Home]
) -> Iterator[Seen]:
    """Members with the incident that they belong to."""
    running = {one.alert.id: one for one in seen if one.case.episode}
    for one in seen:
        total = joined.get(one.mine.episode or "")
        if total is None:
            yield one
            continue
        head = running.get(total)
        part = None if head is None else incidents.share(ask.workspace.metrics, head.alert, one.alert)
        acked = one.case.acked or (head is not None and head.case.acked)
        case = replace(one.case, home=homes.get(one.mine.episode or ""), share=part, acked=acked)
        yield replace(one, alert=replace(one.alert, incident=total), case=case)

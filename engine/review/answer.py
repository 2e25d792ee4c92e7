"""The review of a version: what waits for a label, the record of rules, load, proposals, the week."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from engine.alerts.kept.ledger import Ledger
from engine.alerts.kept.records import labels_of
from engine.alerts.reading.feeds import Ask
from engine.alerts.telling import explaining
from engine.alerts.telling.cases import owner
from engine.questions import AlertsAnswer, ReviewAnswer, ReviewItem, WhyAnswer
from engine.review.digest import text
from engine.review.episodes import Past, episodes
from engine.review.labels import Said, labels
from engine.review.proposals import Backtest, Ground, Suggested, proposals
from engine.review.record import load, record
from engine.review.wording import joined, named, say
from engine.workspace.model import Workspace


def review(
    ask: Ask,
    ledger: Ledger,
    answer: AlertsAnswer,
    now: datetime,
    *,
    backtest: Backtest,
    suggested: Suggested,
    propose: bool = True,
) -> ReviewAnswer:
    """The whole review.

    In:  data and alerts of a version, the console's clock, how a rule is tried, what was proposed before;
         whether proposals are asked for, which back-test every rule.

    Raises: StoreError.
    """
    workspace = ask.workspace
    pasts, said = episodes(ledger), labels(ledger)
    rules = record(workspace, ledger, pasts.values(), said)
    found = {name: each.why for name, each in explaining.kept(ledger).items()}
    closed = [
        _item(workspace, each, said.get(each.id), found.get(each.id))
        for each in pasts.values()
        if not each.gone and (each.closed or each.id in said)
    ]
    burden = load(workspace, ledger, now)
    version = ask.tables.version(("events", "spend", "profiles", "targets"))
    ground = Ground(ask, version, ledger, backtest, {each.rule: each for each in rules}, suggested)
    return ReviewAnswer(
        as_of=ask.now,
        rules=rules,
        queue=tuple(sorted((each for each in closed if each.label is None), key=_newest, reverse=True)),
        done=tuple(
            sorted((each for each in closed if each.label), key=lambda one: str(one.at), reverse=True)
        ),
        load=burden,
        proposals=proposals(ground) if propose else (),
        digest=text(
            workspace,
            pasts.values(),
            said,
            answer.alerts,
            until=now,
            messages=sum(each.messages for each in burden),
        ),
    )


def _newest(item: ReviewItem) -> tuple[str, str, str]:
    return item.resolved or "", item.active_at, item.id


def _item(workspace: Workspace, past: Past, said: Said | None, why: WhyAnswer | None) -> ReviewItem:
    rule = workspace.rules.get(past.rule)
    key = "title" if past.resolved else "still"
    head = say(key, named(workspace, past.rule, past.member), first=past.active_at, last=past.resolved or "")
    sentence: Mapping[str, str] = head if why is None else joined(head, why.sentences)
    return ReviewItem(
        id=past.id,
        rule=past.rule,
        labels=labels_of(past.member),
        severity=past.severity,
        active_at=past.active_at,
        resolved=past.resolved,
        reason=past.reason,
        owner=None if rule is None else owner(rule, past.member),
        sentence=sentence,
        label=said.label if said else None,
        by=said.by if said else None,
        note=said.note if said else "",
        at=said.at if said else None,
    )

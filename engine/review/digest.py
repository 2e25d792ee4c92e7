"""The week in a few lines: for the review, and once a week for everybody who owns alerts."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from engine.alerts import Ledger, Memo
from engine.alerts.kept.recording import queue
from engine.alerts.kept.records import Message
from engine.alerts.telling.cases import Flush, owner, recipients
from engine.questions import Alert, AlertsAnswer
from engine.review.episodes import Past, episodes
from engine.review.labels import labels
from engine.review.record import WEEK
from engine.review.wording import joined, named, say
from engine.workspace.model import Rule, Workspace

MONDAY = time(9)
"""When the week is told, in the workspace's time zone."""


def due(timezone: str, now: datetime) -> datetime:
    """The last moment (naive UTC) at which a week was to be told.

    >>> due("Asia/Shanghai", datetime(2026, 3, 9, 0, 59)), due("Asia/Shanghai", datetime(2026, 3, 9, 1))
    (datetime.datetime(2026, 3, 2, 1, 0), datetime.datetime(2026, 3, 9, 1, 0))
    """
    zone = ZoneInfo(timezone)
    today = now.replace(tzinfo=UTC).astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    for day in (monday, monday - timedelta(days=7)):
        found = datetime.combine(day, MONDAY, zone).astimezone(UTC).replace(tzinfo=None)
        if found <= now:
            return found
    raise AssertionError("a week ago lies before now")


def text(
    workspace: Workspace,
    pasts: Iterable[Past],
    said: Collection[str],
    alerts: Sequence[Alert],
    *,
    until: datetime,
    messages: int,
) -> dict[str, str]:
    """The week up to a moment, by language.

    In:  episodes to tell of, and those that have a label; alerts as they stand; how many messages there were.
    """
    zone = ZoneInfo(workspace.console.timezone)
    days = [
        each.replace(tzinfo=UTC).astimezone(zone).date().isoformat()
        for each in (until - WEEK, until - timedelta(days=1))
    ]
    counted = [each for each in pasts if not each.gone]
    told = [each for each in counted if not each.late]
    fired = Counter(each.rule for each in told if until - WEEK < each.detected_at <= until)
    over = sum(1 for each in told if each.resolved_at and until - WEEK < each.resolved_at <= until)
    open_ = [each for each in told if each.resolved is None and each.detected_at <= until]
    wait = sum(each.closed and each.id not in said for each in counted)
    lines = [say("quiet", first=days[0], last=days[1])]
    if fired or over or open_:
        sums = {"fired": fired.total(), "over": over, "open": len(open_), "messages": messages}
        lines = [say("week", None, first=days[0], last=days[1], **sums)]
    for name, count in fired.most_common(1):
        lines += [say("loudest", named(workspace, name), n=count)] if count > 1 else []
    if flaps := sorted({each.rule for each in alerts if each.flapping}):
        lines.append(say("flapping", names=", ".join(flaps)))
    if wait:
        lines.append(say("review", n=wait))
    return joined(*lines)


def tell_week(workspace: Workspace, ledger: Ledger, answer: AlertsAnswer, now: datetime, memo: Memo) -> None:
    """Queue the digest of the week for each owner, once: on Monday at nine, or with what comes after it.

    Who owns nothing that fired, ended, is open or waits for a label hears nothing;
    neither does who is never told of alerts.
    In:  the console's clock, naive UTC; what this process remembers. Raises: StoreError.
    """
    rules = [rule for rule in workspace.rules.values() if rule.owner or rule.owners]
    until = due(workspace.console.timezone, now)
    if not rules or memo.week == until:
        return
    week = until.isoformat()
    done = {
        str(json.loads(str(each))[0])
        for (each,) in ledger.rows(
            "SELECT recipients FROM outbox WHERE kind = 'digest' AND created_at >= ?",
            (until.isoformat(timespec="microseconds"),),
        )
    }
    owners = {name for rule in rules for name in (rule.owner, *rule.owners.values()) if name}
    owners = (owners & _told(ledger)) - done
    said = labels(ledger) if owners else {}
    pasts = [each for each in episodes(ledger).values() if _matters(each, said, until)]
    out: list[Message] = []
    for name in sorted(owners):
        mine = [each for each in pasts if _owner(workspace, each) == name]
        if mine:
            flapping = [each for each in answer.alerts if each.owner == name]
            sent = _messages(ledger, name, until)
            payload = text(workspace, mine, said, flapping, until=until, messages=sent)
            out += _digests(workspace, name, mine, payload, (week, now))
    if out:
        with ledger.transaction():
            queue(ledger, Flush(tuple(out), (), ()))
    memo.week = until


def _told(ledger: Ledger) -> set[str]:
    """Everybody who was ever sent a message: who hears of no alert hears of no week."""
    rows = ledger.rows("SELECT DISTINCT recipients FROM outbox")
    return {name for (recipients,) in rows for name in json.loads(str(recipients))}


def _matters(each: Past, said: Collection[str], until: datetime) -> bool:
    """Whether a week's digest has something to say of an episode."""
    if each.gone or each.late or each.detected_at > until:
        return False
    ended = each.resolved_at
    return ended is None or ended > until - WEEK or each.id not in said


def _owner(workspace: Workspace, past: Past) -> str | None:
    rule = workspace.rules.get(past.rule)
    return None if rule is None else owner(rule, past.member)


def _messages(ledger: Ledger, name: str, until: datetime) -> int:
    rows = ledger.rows(
        "SELECT recipients FROM outbox WHERE kind <> 'digest' AND created_at > ? AND created_at <= ?",
        tuple(each.isoformat(timespec="microseconds") for each in (until - WEEK, until)),
    )
    return sum(name in json.loads(str(each)) for (each,) in rows)


def _digests(
    workspace: Workspace, name: str, mine: Sequence[Past], payload: dict[str, str], at: tuple[str, datetime]
) -> list[Message]:
    """One for each channel of a person."""
    plain = Rule("", ())
    running = [each.id for each in mine if each.resolved is None]
    return [
        Message(
            key=hashlib.sha256(json.dumps(["digest", at[0], who, channel]).encode()).hexdigest()[:32],
            kind="digest",
            rule="",
            episodes=tuple(running),
            new=len(mine),
            total=len(mine),
            recipients=(who,),
            channel=channel or None,
            severity=None,
            payload={"title": say("digest"), **payload},
            created_at=at[1],
        )
        for who, channel in recipients(workspace, plain, "{}", [name])
    ]

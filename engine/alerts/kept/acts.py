"""What people did about alerts: acks, silences, closes, ticked steps; rows are only added."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from engine.alerts.kept.records import Act, labels_of, member_key
from engine.errors import UnknownName, UsageError
from engine.questions import Silence, SilenceQuery, Tick

if TYPE_CHECKING:
    from engine.alerts.kept.ledger import Ledger

Deed = Literal["ack", "silence", "close", "tick", "untick", "undo_adapt"]
"""What is done to an episode; undo_adapt: its level is no new normal."""


def recorded(ledger: Ledger) -> tuple[Act, ...]:
    """What people did, in order."""
    rows = ledger.rows(
        "SELECT kind, episode, rule, member, author, text, at, until, begins, target, n FROM alert_acts"
        " ORDER BY n"
    )
    return tuple(_act(row) for row in rows)


def _act(row: tuple[object, ...]) -> Act:
    kind, episode, rule, member, author, text, at, until, begins, target, n = row
    return Act(
        str(kind),
        None if episode is None else str(episode),
        str(rule),
        str(member),
        str(author),
        str(text),
        datetime.fromisoformat(str(at)),
        None if until is None else datetime.fromisoformat(str(until)),
        None if begins is None else datetime.fromisoformat(str(begins)),
        None if target is None else str(target),
        int(str(n)),
    )


def of_episode(
    ledger: Ledger,
    kind: Deed,
    episode: str,
    author: str,
    at: datetime,
    *,
    text: str = "",
    until: datetime | None = None,
    step: int | None = None,
) -> Act:
    """Record an act on an episode: `text` is the note or reason, `step` counts from 0.

    Raises: UnknownName for an episode that is not there; UsageError for a silence without reason or end,
    a close without reason, a tick without step.
    """
    found = ledger.rows("SELECT rule, member FROM alert_episodes WHERE episode = ?", (episode,))
    if not found:
        known = [str(row[0]) for row in ledger.rows("SELECT episode FROM alert_episodes")]
        raise UnknownName("alert", episode, known)
    if kind == "silence":
        _ends(text, at, until)
    if kind == "close" and not text.strip():
        raise UsageError("closing an alert by hand needs a reason (--reason)")
    if kind in ("tick", "untick") and step is None:
        raise UsageError("which step? name its number, as `looptop alerts DIR ID` shows it")
    target = None if step is None else str(step)
    act = Act(kind, episode, str(found[0][0]), str(found[0][1]), author, text, at, until, target=target)
    _write(ledger, act)
    return act


def _ends(reason: str, at: datetime, until: datetime | None) -> None:
    if until is None or not reason.strip():
        raise UsageError("a silence needs a reason (--reason) and an end (--until)")
    if until <= at:
        raise UsageError("the end of a silence (--until) must lie ahead")


def silence_matching(ledger: Ledger, asked: SilenceQuery, author: str, at: datetime) -> str:
    """Keep every member quiet that has these labels, of a rule or of all.

    Out: its id. Raises: UsageError without reason or end, or for one that would silence everything.
    """
    _ends(asked.reason, at, asked.until)
    if asked.rule is None and not asked.labels:
        raise UsageError("a silence needs an episode, a rule (--rule) or a member (--match DIM=VALUE)")
    if asked.begins is not None and asked.until is not None and asked.begins >= asked.until:
        raise UsageError("a silence must end (--until) after it begins (--from)")
    member = member_key(tuple(asked.labels.items()))
    act = Act("silence", None, asked.rule or "", member, author, asked.reason, at, asked.until, asked.begins)
    return f"s_{_write(ledger, act)}"


def unsilence(ledger: Ledger, name: str, author: str, at: datetime, note: str = "") -> tuple[Silence, ...]:
    """End a silence by its id, or all that are on an episode.

    Out: what was ended. Raises: UnknownName where no silence in force or to come has that name.
    """
    waiting = [each for each in silences(recorded(ledger)) if each.until > at]
    ended = tuple(each for each in waiting if name in (each.id, each.episode))
    if not ended:
        known = [each.id for each in waiting] + [each.episode for each in waiting if each.episode]
        raise UnknownName("silence", name, known)
    for each in ended:
        member = member_key(tuple(each.labels.items()))
        act = Act("unsilence", each.episode, each.rule or "", member, author, note, at, target=each.id)
        _write(ledger, act)
    return ended


def silences(acts: Iterable[Act]) -> tuple[Silence, ...]:
    """Every silence there was, with the end that it had or will have."""
    out: dict[str, Silence] = {}
    for act in acts:
        if act.kind == "silence" and act.until is not None:
            name = f"s_{act.n}"
            out[name] = Silence(
                id=name,
                rule=act.rule or None,
                labels=labels_of(act.member),
                episode=act.episode,
                begins=act.begins or act.at,
                until=act.until,
                by=act.author,
                reason=act.text,
                at=act.at,
            )
        elif act.kind == "unsilence" and act.target in out:
            found = out[act.target]
            out[act.target] = found.ending(min(found.until, max(found.begins, act.at)))
    return tuple(out.values())


def covers(silence: Silence, rule: str, member: str) -> bool:
    """Whether it keeps a member of a rule quiet: that of its episode alone, or all with its labels."""
    if silence.rule is not None and silence.rule != rule:
        return False
    labels = labels_of(member)
    if silence.episode is not None:
        return labels == dict(silence.labels)
    return all(name in labels and labels[name] == value for name, value in silence.labels.items())


def ticks(acts: Iterable[Act], episode: str | None) -> tuple[Tick, ...]:
    """Steps of the SOP that are done, by number."""
    done: dict[int, Tick] = {}
    for act in acts:
        if act.episode == episode and act.target is not None and act.kind in ("tick", "untick"):
            step = int(act.target)
            if act.kind == "untick":
                done.pop(step, None)
            else:
                done.setdefault(step, Tick(step, act.author, act.at))
    return tuple(done[step] for step in sorted(done))


def _write(ledger: Ledger, act: Act) -> int:
    """Its number."""
    with ledger.transaction():
        (row,) = ledger.rows(
            "INSERT INTO alert_acts (kind, episode, rule, member, author, text, at, until, begins, target)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING n",
            (
                act.kind,
                act.episode,
                act.rule,
                act.member,
                act.author,
                act.text,
                _text(act.at),
                None if act.until is None else _text(act.until),
                None if act.begins is None else _text(act.begins),
                act.target,
            ),
        )
    return int(str(row[0]))


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")

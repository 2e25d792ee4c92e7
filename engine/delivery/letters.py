"""From queued messages to what is read: one message in full, or many folded into one digest."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Any

from engine.alerts import Message
from engine.delivery.dialects import cut, size
from engine.delivery.reply import plain

LANGUAGES = ("en", "zh")
_WORDS = {
    "cause": {"en": "Cause: {}", "zh": "原因：{}"},
    "owner": {"en": "Owner: {}", "zh": "负责人：{}"},
    "step": {"en": "First step: {}", "zh": "第一步：{}"},
    "ack": {"en": "Take it: looptop ack {} {}", "zh": "认领：looptop ack {} {}"},
    "silence": {
        "en": "Silence: looptop silence {} {} --until TIME --reason WHY",
        "zh": "静默：looptop silence {} {} --until 时间 --reason 原因",
    },
    "more": {"en": "+{} more", "zh": "另有 {} 条"},
    "digest": {"en": "{} messages", "zh": "{} 条消息"},
    "week": {"en": "The week in alerts", "zh": "一周预警"},
    "trend": {"en": "Last {}: {}", "zh": "近 {} 期：{}"},
    "test": {"en": "Test message of looptop", "zh": "looptop 测试消息"},
    "tested": {
        "en": "If you can read this, alerts for {} arrive here.",
        "zh": "能看到这条消息，说明发给 {} 的预警会到达这里。",
    },
}
_TITLE = 240
"""Bytes of a title at most."""
_STEP = 300
"""Bytes of a first step at most: it must leave room for what happened."""
_BLOCKS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class Line:
    """One line; `trusted`: written in looptop.toml, so its links may be links."""

    text: str
    trusted: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """What is posted: `blocks` may be left out from the end where there is no room, `foot` never is.

    `key`: the same at every attempt; `facts`: everything for a machine, with both languages.
    """

    key: str
    title: str
    blocks: tuple[tuple[Line, ...], ...]
    foot: tuple[Line, ...] = ()
    severity: str | None = None
    language: str = "en"
    left_out: int = 0
    """Members or messages that `blocks` do not name."""
    trends: tuple[str, ...] = ()
    facts: Mapping[str, object] = field(default_factory=dict)

    @property
    def mark(self) -> str:
        """`#a1b2`: tells a repeat from a new message."""
        return f"#{self.key[:4]}"


Escape = Callable[..., str]


def laid_out(letter: Letter, escape: Escape, most: int, *, titled: bool = True, join: str = "\n") -> str:
    """The letter as text of at most so many bytes, cut between blocks, then between characters.

    In: `escape(text, trusted=…)` of the dialect; `titled`: the title is its first line.
    """
    head = [escape(letter.title)] if titled else []
    foot = [*(escape(line.text, trusted=line.trusted) for line in letter.foot), letter.mark]
    blocks = [join.join(escape(line.text, trusted=line.trusted) for line in block) for block in letter.blocks]
    room = most - size(join.join([*head, *foot])) - size(join)
    sizes = [0, *accumulate(size(block) + size(join) for block in blocks)]
    for kept in range(len(blocks), -1, -1):
        left = letter.left_out + len(blocks) - kept
        more = [escape(_say("more", letter.language, left))] if left else []
        if sizes[kept] + size(join.join(more)) <= room:
            return join.join([*head, *blocks[:kept], *more, *foot])
    tail = join + join.join([*more, *foot])
    body = join.join([*head, *blocks[:1]])
    return cut(body, most - size(tail)) + tail if size(tail) < most else cut(body, most)


def letter_of(post: str, messages: Sequence[Message], language: str, root: Path) -> Letter:
    """The letter of a post: `language` en, zh or both; `root`: the directory, for the commands it names."""
    languages = LANGUAGES if language == "both" else (language,)
    facts = machine(post, messages, root)
    worst = next((s for s in ("critical", "warning", "info") if s in {m.severity for m in messages}), None)
    if len(messages) > 1:
        return _digest(post, messages, languages, worst, facts)
    message = messages[0]
    titles = _titles(message)
    cases = _cases(message)
    blocks = tuple(_block(case, languages, cases) for case in cases)
    blocks = blocks or tuple((Line(line),) for line in _said(message, languages))
    return Letter(
        post,
        cut(" / ".join(titles[each] for each in languages), _TITLE),
        blocks,
        (*_shared(cases, languages), *_commands(message, cases, languages, root)),
        worst,
        languages[0],
        _count(message),
        tuple(filter(None, (_trend(case, languages[0]) for case in cases))),
        facts,
    )


def trial_letter(name: str, language: str, key: str) -> Letter:
    """What `looptop notify-test` sends: both languages, whatever the workspace speaks."""
    said = {each: (_say("test", each), _say("tested", each, name)) for each in LANGUAGES}
    blocks = tuple((Line(said[each][1]),) for each in LANGUAGES)
    facts = {
        "key": key,
        "kind": "test",
        "messages": {each: {"title": t, "text": s} for each, (t, s) in said.items()},
    }
    return Letter(key, said[language if language in said else "en"][0], blocks, (), "info", "en", facts=facts)


def machine(post: str, messages: Sequence[Message], root: Path) -> dict[str, object]:
    """A post for programs: every message with its members, and the text in both languages."""
    return {
        "key": post,
        "kind": messages[0].kind if len(messages) == 1 else "digest",
        "directory": str(root),
        "texts": {
            each: {
                "title": plain(_heading(messages, each)),
                "text": "\n".join(map(plain, _lines(messages, each))),
            }
            for each in LANGUAGES
        },
        "messages": [
            {
                "key": each.key, "kind": each.kind, "rule": each.rule, "severity": each.severity,
                "episodes": list(each.episodes), "new": each.new, "total": each.total,
                "recipients": list(each.recipients), "created_at": each.created_at.isoformat() + "Z",
                "alerts": _cases(each),
            }
            for each in messages
        ],
    }  # fmt: skip


def _heading(messages: Sequence[Message], language: str) -> str:
    if len(messages) == 1:
        return _titles(messages[0])[language]
    return _say("digest", language, len(messages))


def _lines(messages: Sequence[Message], language: str) -> Iterator[str]:
    for message in messages:
        if len(messages) > 1:
            yield _titles(message)[language]
        else:
            yield from _said(message, (language,))


def _digest(
    post: str,
    messages: Sequence[Message],
    languages: Sequence[str],
    worst: str | None,
    facts: Mapping[str, object],
) -> Letter:
    order = ("critical", "warning", "info", None)
    ranked = sorted(messages, key=lambda each: order.index(each.severity))
    blocks = tuple(tuple(Line(_titles(each)[language]) for language in languages) for each in ranked)
    title = " / ".join(_say("digest", each, len(messages)) for each in languages)
    return Letter(post, title, blocks, (), worst, languages[0], facts=facts)


def _say(word: str, language: str, *values: object) -> str:
    return _WORDS[word][language].format(*values)


def _titles(message: Message) -> dict[str, str]:
    title = message.payload.get("title")
    if isinstance(title, Mapping):
        return {each: str(title[each]) for each in LANGUAGES}
    if message.kind == "digest":
        return dict(_WORDS["week"])
    return {each: f"{message.rule} · {message.kind}" for each in LANGUAGES}


def _cases(message: Message) -> list[dict[str, Any]]:
    cases = message.payload.get("cases")
    return list(cases) if isinstance(cases, list) else []


def _count(message: Message) -> int:
    more = message.payload.get("more")
    return more if isinstance(more, int) else 0


def _said(message: Message, languages: Sequence[str]) -> Iterator[str]:
    """The text of a message line by line."""
    cases = _cases(message)
    for each in languages:
        if cases:
            for case in cases:
                yield from (line.text for line in _block(case, (each,), cases))
            yield from (line.text for line in _shared(cases, (each,)))
        else:
            yield from str(message.payload.get(each, "")).splitlines()


def _block(
    case: Mapping[str, Any], languages: Sequence[str], cases: Sequence[Mapping[str, Any]]
) -> tuple[Line, ...]:
    """What is said of one member; in a group it carries its episode, and not what all have in common."""
    lines = []
    for each in languages:
        named = "" if len(cases) == 1 or not case.get("episode") else f" [{case['episode']}]"
        lines.append(Line(f"{case['text'].get(each, '')}{named}"))
        if case.get("cause"):
            lines.append(Line(_say("cause", each, case["cause"].get(each, ""))))
        lines += [_handling(word, case, each) for word in _handled(case) if not _common(word, cases)]
    return tuple(lines)


def _shared(cases: Sequence[Mapping[str, Any]], languages: Sequence[str]) -> tuple[Line, ...]:
    """Owner and first step where all members have the same."""
    words = [word for word in _handled(cases[0]) if _common(word, cases)] if cases else []
    return tuple(_handling(word, cases[0], each) for each in languages for word in words)


def _handled(case: Mapping[str, Any]) -> list[str]:
    return [word for word in ("owner", "step") if case.get(word)]


def _common(word: str, cases: Sequence[Mapping[str, Any]]) -> bool:
    return len({case.get(word) for case in cases}) == 1


def _handling(word: str, case: Mapping[str, Any], language: str) -> Line:
    return Line(_say(word, language, cut(str(case[word]), _STEP)), trusted=True)


def _commands(
    message: Message, cases: Sequence[Mapping[str, Any]], languages: Sequence[str], root: Path
) -> tuple[Line, ...]:
    """How to take or silence what still fires."""
    episode = next((str(case["episode"]) for case in cases if case.get("episode")), None)
    if episode is None or message.kind in ("resolved", "retracted", "nodata"):
        return ()
    where = shlex.quote(str(root))
    return tuple(
        Line(_say(word, each, where, episode), trusted=True)
        for each in languages
        for word in ("ack", "silence")
    )


def _trend(case: Mapping[str, Any], language: str) -> str:
    values = case.get("trend") or []
    known = [each for each in values if each is not None]
    if len(known) < 2:
        return ""
    return _say("trend", language, len(values), blocks(values))


def blocks(values: Sequence[float | None]) -> str:
    """A trend as text: eight heights, a blank where nothing is known.

    >>> blocks([1, 2, None, 8, 4])
    '▁▂ █▄'
    """
    known = [each for each in values if each is not None]
    low, high = min(known), max(known)
    step = (high - low) / (len(_BLOCKS) - 1) or 1.0
    return "".join(" " if each is None else _BLOCKS[round((each - low) / step)] for each in values)


def as_text(letter: Letter) -> str:
    """A letter as plain text without its title, for mail and machines."""
    lines = [line.text for block in letter.blocks for line in block]
    more = [_say("more", letter.language, letter.left_out)] if letter.left_out else []
    foot = [line.text for line in letter.foot]
    return "\n".join(plain(each) for each in (*lines, *more, *letter.trends, *foot, letter.mark))

"""A ledger with messages, a clock that a test moves, and a notifier that works at once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from engine.alerts import Ledger, Message
from engine.delivery import Notifier
from engine.workspace.model import Notify, Person, Workspace
from tests.engine.alerts.points import rule, workspace

START = datetime(2026, 3, 1, 9)
EVIL = '@all <at user_id="all">x</at> **b** [l](http://evil.example)'


class Clock:
    """Wall and monotonic time; only a test moves them."""

    def __init__(self) -> None:
        self.wall_at, self.seconds = START, 1000.0

    def wall(self) -> datetime:
        return self.wall_at

    def monotonic(self) -> float:
        return self.seconds

    def pass_(self, seconds: float) -> None:
        self.seconds += seconds
        self.wall_at += timedelta(seconds=seconds)


def case(name: str = "douyin", episode: str = "e_1", **more: object) -> dict[str, object]:
    """One member of a message, with everything that there is to say."""
    return {
        "text": {
            "en": f"Conversion rate at {name} was 1.20% on 2026-03-01, expected 3.00% ± 0.40% (−60.0%).",
            "zh": f"{name} 2026-03-01 转化率 1.20%，预期 3.00% ± 0.40%（−60.0%）。",
        },
        "cause": {"en": f"Cause is {name} / feed: CTR", "zh": f"原因在 {name} / feed：点击率"},
        "step": "Open https://wiki/landing, ask @li",
        "owner": "li",
        "episode": episode,
        "labels": {"channel": name},
        "severity": "critical",
        "trend": [3.0, 3.1, None, 2.9, 1.2],
        **more,
    }


def put(ledger: Ledger, name: str, channel: str | None = "hook", **more: Any) -> str:
    """Queue a message; its key."""
    key = hashlib.sha256(name.encode()).hexdigest()[:32]
    title = {"en": f"Alert · Drop · {name}", "zh": f"预警 · 转化下降 · {name}"}
    given: dict[str, Any] = {
        "kind": "firing",
        "rule": "drop",
        "episodes": [f"e_{name}"],
        "recipients": ["ops"],
        "severity": "critical",
        "payload": {"title": title, "cases": [case(name, f"e_{name}")], "more": 0},
    } | more
    texts = {
        column: json.dumps(given[column], ensure_ascii=False)
        for column in ("episodes", "recipients", "payload")
    }
    with ledger.transaction():
        ledger.rows(
            "INSERT INTO outbox (key, kind, rule, episodes, new, total, recipients, channel, severity,"
            " payload, created_at) VALUES (?, ?, ?, ?, 1, 1, ?, ?, ?, ?, ?)",
            (
                *(key, given["kind"], given["rule"], texts["episodes"], texts["recipients"]),
                *(channel, given["severity"], texts["payload"], START.isoformat(timespec="microseconds")),
            ),
        )
    return key


class Office:
    """One process: its notifier, looked at by hand."""

    def __init__(
        self,
        ledger: Ledger,
        root: Path,
        urls: Mapping[str, str],
        *,
        clock: Clock | None = None,
        people: Mapping[str, Sequence[str]] | None = None,
        refresher: Callable[[], bool] = lambda: True,
        language: str = "en",
        apart: Callable[[Callable[[], None]], object] | None = None,
        bell: Callable[[], bool] | None = None,
    ) -> None:
        self.ledger, self.clock = ledger, clock or Clock()
        self.environment = {name.upper(): url for name, url in urls.items()}
        self.work = configured(root, urls, people or {})
        self.notifier = Notifier(
            ledger, refresher, lambda: self.work, root,
            environment=self.environment, language=language, wall=self.clock.wall,
            monotonic=self.clock.monotonic, bell=bell,
            apart=apart or (lambda work: work()),
        )  # fmt: skip

    def look(self, seconds: float = 0.0) -> None:
        self.clock.pass_(seconds)
        self.notifier.look()

    def said(self) -> list[tuple[str, int, str | None]]:
        """State, attempts and reply of every message."""
        return [(each.state, each.attempts, each.reply) for each in self.ledger.outbox()]

    def states(self) -> list[str]:
        return [each.state for each in self.ledger.outbox()]

    def message(self, key: str) -> Message:
        return next(each for each in self.ledger.outbox() if each.key == key)


def configured(root: Path, channels: Mapping[str, str], people: Mapping[str, Sequence[str]]) -> Workspace:
    """A workspace with these [notify.X] and [people.X]."""
    return replace(
        workspace(),
        root=root,
        notify={name: Notify(name, name.upper()) for name in channels},
        people={name: Person(name, tuple(notify)) for name, notify in people.items()},
        rules={"drop": replace(rule("m_value > 10"), name="drop", owner="li" if "li" in people else None)},
    )

"""A test message to every channel: whether what the environment says of it works, and what is answered."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.delivery.channels import Bell, Unusable
from engine.delivery.letters import trial_letter
from engine.delivery.notifier import opened
from engine.delivery.reply import Reply
from engine.errors import UnknownName
from engine.workspace.model import Workspace


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of the test message to one [notify.X]."""

    name: str
    url_env: str
    ok: bool
    reply: str
    seconds: float


def trials(
    workspace: Workspace,
    names: Sequence[str],
    *,
    environment: Mapping[str, str],
    language: str,
    bell: Bell | None,
    wall: Callable[[], datetime],
) -> tuple[Trial, ...]:
    """Send a test message to each, one after another; no names: to all. Raises: UnknownName."""
    for name in names:
        if name not in workspace.notify:
            raise UnknownName("[notify.X]", name, workspace.notify)
    return tuple(
        _trial(workspace, name, environment=environment, language=language, bell=bell, wall=wall)
        for name in names or sorted(workspace.notify)
    )


def _trial(
    workspace: Workspace,
    name: str,
    *,
    environment: Mapping[str, str],
    language: str,
    bell: Bell | None,
    wall: Callable[[], datetime],
) -> Trial:
    entry, begun = workspace.notify[name], time.monotonic()
    value = environment.get(entry.url_env, "").strip()
    if not value:
        reply = Reply(False, f"{entry.url_env} is not set")
    else:
        try:
            channel = opened(value, workspace, environment, bell, wall)
            reply = channel.deliver(trial_letter(name, channel.language or language, uuid.uuid4().hex))
        except Unusable as error:
            reply = Reply(False, str(error))
    return Trial(name, entry.url_env, reply.ok, reply.text, round(time.monotonic() - begun, 3))

"""From what the environment says of a [notify.X] to something that delivers a letter.

`bell://` rings the console's bell. `exec:///path/to/command words …` runs a command without a shell, with
the message as JSON on its standard input. Everything else is a URL of apprise.
"""

from __future__ import annotations

import json
import logging
import os
import shlex
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.delivery.dialects import chat
from engine.delivery.letters import Letter, as_text, laid_out
from engine.delivery.limits import Budget
from engine.delivery.reply import Reply, plain, scrubbed, secrets

COMMAND_SECONDS = 30.0
_CHAT = ((18, 60.0),)
_HOOK = ((4, 1.0), (90, 60.0))
_PEOPLE = ((20, 60.0),)
"""What people read: more than that a minute is folded into digests."""
_registering = threading.Lock()
Bell = Callable[[], bool]
"""Rings; false where nothing can ring."""


class Unusable(Exception):
    """What the environment names is no channel; `str` says why, without a secret."""


@dataclass(frozen=True, slots=True)
class Channel:
    """Where letters go: what may be posted, and how. `bot`: equal where two names share one limit."""

    bot: str = field(repr=False)
    language: str | None
    """What the URL asks for: en, zh or both; None: the workspace's."""
    windows: tuple[tuple[int, float], ...]
    _post: Callable[[Letter], Reply] = field(repr=False)
    _hidden: tuple[str, ...] = field(repr=False)

    def deliver(self, letter: Letter) -> Reply:
        """Post a letter. Whatever goes wrong is the reply's text, without secrets."""
        try:
            reply = self._post(letter)
        except (
            Exception
        ) as error:  # a plug-in of somebody else's may raise anything; the message stays queued
            reply = Reply(False, f"{type(error).__name__} in the sender", held=True)
        return Reply(reply.ok, scrubbed(reply.text, self._hidden), reply.held, reply.wait)

    def budget(self) -> Budget:
        """A new count of its posts."""
        return Budget(self.windows)


def open_channel(
    value: str,
    *,
    environment: Mapping[str, str],
    hide: tuple[str, ...],
    bell: Bell | None,
    clock: Callable[[], float],
) -> Channel:
    """The channel that a value of the environment names.

    In:  the value; the environment of a command, and the names in it that no command gets to see; how to
         ring; the wall clock in seconds.
    Raises: Unusable.
    """
    scheme = value.partition("://")[0].strip().lower()
    if scheme == "bell":
        return Channel("bell", None, (), lambda _: _ring(bell), ())
    if scheme == "exec":
        words = _words(value)
        kept = {name: each for name, each in environment.items() if name not in hide}
        return Channel(value, None, (), lambda letter: run(words, letter, kept), ())
    try:
        return _plugged(value, clock)
    except Unusable:
        raise
    except Exception as error:  # a plug-in of somebody else's reads the URL, and its words may hold it
        raise Unusable(f"apprise cannot use it: {type(error).__name__}") from None


def _ring(bell: Bell | None) -> Reply:
    rung = bell is not None and bell()
    return Reply(rung, "rang" if rung else "nothing can ring here: no console is open", held=not rung)


def _words(value: str) -> list[str]:
    try:
        words = shlex.split(value.strip()[len("exec://") :])
    except ValueError:
        words = []
    if not words:
        raise Unusable("exec:// names no command: exec:///path/to/command words …")
    return words


def run(
    words: list[str], letter: Letter, environment: Mapping[str, str], seconds: float = COMMAND_SECONDS
) -> Reply:
    """Run a command with the letter's facts on its standard input; exit code 0 is a yes."""
    said = {**letter.facts, "title": letter.title, "message": as_text(letter), "key": letter.key}
    try:
        command = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            env=dict(environment), start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        return Reply(False, f"the command cannot be run: {error.strerror}", held=True)
    with command:
        try:
            _, complaint = command.communicate(json.dumps(said, ensure_ascii=False).encode(), timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(command.pid, signal.SIGKILL)
            return Reply(False, f"the command did not end within {seconds:g} s", held=True)
    text = complaint.decode("utf-8", "replace").strip()
    return Reply(
        command.returncode == 0,
        f"exit code {command.returncode} {text}".strip(),
        held=command.returncode != 0,
    )


def _plugged(value: str, clock: Callable[[], float]) -> Channel:
    """A channel of apprise, with our own senders where apprise's believe what is not so."""
    apprise = _apprise()
    from apprise.plugins.custom_form import NotifyForm
    from apprise.plugins.custom_json import NotifyJSON

    from engine.delivery import webhook
    from engine.delivery.chat import Robot, _Hook

    asset = apprise.AppriseAsset(
        app_id="looptop", app_desc="looptop", service_timeout=0, async_mode=False, http_redirects=False
    )
    plugin = apprise.Apprise.instantiate(value, asset=asset)
    if plugin is None:
        raise Unusable("it is no URL that apprise knows, or one with a part missing")
    hidden = secrets(value)
    asked = _asked(value)
    if isinstance(plugin, Robot):
        plugin.clock = clock
        windows = _HOOK if isinstance(plugin, _Hook) else _CHAT
        return Channel(str(plugin.url_identifier), asked, windows, plugin.deliver, hidden)
    if isinstance(plugin, NotifyJSON | NotifyForm):
        return Channel(value, asked, (), lambda letter: webhook.deliver(plugin, letter, clock), hidden)
    service = apprise.Apprise(asset=asset)
    service.add(plugin)
    mail = plugin.schema.startswith("mailto")
    return Channel(value, asked, _PEOPLE, lambda letter: _by_apprise(service, letter, mail), hidden)


def _by_apprise(service: Any, letter: Letter, mail: bool) -> Reply:
    """Send with a plug-in of apprise: what each service says counts, and its warnings are the reason."""
    escape = _verbatim if mail else chat
    body = as_text(letter) if mail else laid_out(letter, chat, 4000, titled=False)
    kind = {"critical": "failure", "warning": "warning"}.get(letter.severity or "", "info")
    result = service.notify(body=body, title=escape(letter.title), notify_type=kind, body_format="text")
    said = "; ".join(entry.message for each in result for entry in each.logs())
    ok = (
        result.status.name == "SUCCESS"
        and len(result) > 0
        and all(each.status.name == "SUCCESS" for each in result)
    )
    return Reply(ok, said or ("taken" if ok else result.status.name.lower()), held=not ok)


def _verbatim(text: str, trusted: bool = False) -> str:
    return plain(text)


def _asked(value: str) -> str | None:
    """`?lang=` of a URL."""
    from urllib.parse import parse_qs

    found = parse_qs(value.partition("?")[2]).get("lang", [""])[0]
    return found if found in ("en", "zh", "both") else None


def _apprise() -> Any:
    """apprise with our senders in place of its own; it warns to nobody, since its words may hold secrets."""
    with _registering:
        import apprise
        from apprise.manager_plugins import NotificationManager

        from engine.delivery.chat import DingTalk, Feishu, Lark, WeCom

        quiet = logging.getLogger("apprise")
        if not quiet.handlers:
            quiet.addHandler(logging.NullHandler())
        quiet.propagate = False
        known = NotificationManager()
        for schema, plugin in (
            ("dingtalk", DingTalk),
            ("wecombot", WeCom),
            ("feishu", Feishu),
            ("lark", Lark),
        ):
            if known[schema] is not plugin:
                known.add(plugin, force=True)
    return apprise

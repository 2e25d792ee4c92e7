"""`json://` and `form://` of apprise, posted by ourselves: with an `Idempotency-Key`, and the reply read."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from apprise.plugins.custom_form import NotifyForm
from apprise.plugins.custom_json import NotifyJSON

from engine.delivery.letters import Letter, as_text
from engine.delivery.posting import Answer, NoAnswer, patience, post
from engine.delivery.reply import Reply, retry_after

_TYPES = {"critical": "failure", "warning": "warning", "info": "info", None: "info"}


def deliver(plugin: Any, letter: Letter, clock: Callable[[], float]) -> Reply:
    """Post a letter to a webhook; a status of 200 to 299 is a yes.

    In: an apprise plug-in of `json://` or `form://` with its own headers, parameters and renamed fields.
    """
    headers = {"User-Agent": "looptop", **plugin.headers, "Idempotency-Key": letter.key}
    fields = _fields(plugin, letter)
    reads = plugin.method in ("GET", "HEAD")
    data: Any = {name: _text(value) for name, value in fields.items()}
    if isinstance(plugin, NotifyJSON):
        headers = {"Content-Type": "application/json", **headers}
        data = json.dumps(fields, ensure_ascii=False).encode("utf-8")
    params = dict(plugin.params)
    if isinstance(plugin, NotifyForm) and reads:
        params, data = {**params, **data}, None
    now = clock()
    try:
        answer = post(
            _address(plugin),
            data=data, headers=headers, params=params, method=plugin.method,
            auth=(plugin.user, plugin.password or "") if plugin.user else None,
            verify=bool(plugin.verify_certificate),
            seconds=patience(plugin),
        )  # fmt: skip
    except NoAnswer as error:
        return Reply(False, str(error), held=True)
    return judged(answer, now)


def judged(answer: Answer, now: float) -> Reply:
    """What the answer of a webhook means."""
    said = answer.body.decode("utf-8", "replace").strip()
    text = f"HTTP {answer.status} {said}".strip()
    if 200 <= answer.status < 300:
        return Reply(not _refuses(answer), text)
    moment = datetime.fromtimestamp(now, UTC).replace(tzinfo=None)
    wait = retry_after(answer.retry_after, moment, 60.0) if answer.status in (429, 503) else 0.0
    return Reply(False, text, held=answer.status in (408, 429) or answer.status >= 500, wait=wait)


def _refuses(answer: Answer) -> bool:
    """Whether a body under a good status says no: an error code, or that it is not ok."""
    fields = answer.fields() or {}
    if fields.get("ok") is False or fields.get("success") is False or fields.get("errcode", 0) != 0:
        return True
    code = fields.get("code", 0)
    return isinstance(code, int) and not (0 <= code <= 1 or 200 <= code < 300)


def _address(plugin: Any) -> str:
    port = f":{plugin.port}" if plugin.port else ""
    return f"{'https' if plugin.secure else 'http'}://{plugin.host}{port}{plugin.fullpath}"


def _fields(plugin: Any, letter: Letter) -> dict[str, Any]:
    """apprise's fields, renamed and added to as the URL says, and all that a program may want to know."""
    fields: dict[str, Any] = {
        "version": "1.0", "title": letter.title, "message": as_text(letter), "type": _TYPES[letter.severity],
    }  # fmt: skip
    if isinstance(plugin, NotifyJSON):
        fields["attachments"] = []
    renamed = {**plugin.payload_extras, **getattr(plugin, "payload_overrides", {})}
    for key, value in renamed.items():
        if key in fields:
            moved = fields.pop(key)
            if value:
                fields[value] = moved
        else:
            fields[key] = value
    return {**{key: value for key, value in letter.facts.items() if key not in fields}, **fields}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

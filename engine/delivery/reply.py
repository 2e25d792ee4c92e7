"""What came of one attempt to deliver, and what a receiver's words may say: never a secret."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import unquote, urlsplit

_LONGEST = 300
_SECRET = 6
"""Parts of a URL that are shorter are words, not secrets."""
_URL = re.compile(r"\b[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")


@dataclass(frozen=True, slots=True)
class Reply:
    """The outcome of one post.

    `text`: what the receiver said, or why it said nothing. `held`: the channel failed, not this one message.
    `wait`: seconds that the channel must rest at least.
    """

    ok: bool
    text: str
    held: bool = False
    wait: float = 0.0


def plain(text: str) -> str:
    """One line without control characters or marks that turn the reading direction.

    >>> plain("a\\x1b[31m\\nb\\u202ec")
    'a [31m b c'
    """
    return _CONTROL.sub(" ", text)


def secrets(url: str) -> tuple[str, ...]:
    """What must never be shown of a URL: itself, user, password, path and values; the longest first."""
    parts = urlsplit(url)
    found = {url, parts.netloc, *re.split(r"[@:/?&=#]", url.partition("://")[2])}
    found |= {unquote(each) for each in found}
    return tuple(sorted((each for each in found if len(each) >= _SECRET), key=len, reverse=True))


def scrubbed(text: str, hidden: Iterable[str]) -> str:
    """A receiver's words without secrets and addresses, short enough for a line.

    >>> scrubbed("bad token abcdef123 at https://x/abcdef123", secrets("dingtalk://abcdef123/"))
    'bad token … at …'
    """
    said = _URL.sub("…", plain(text))
    for each in hidden:
        said = said.replace(each, "…")
    said = " ".join(said.split())
    return said if len(said) <= _LONGEST else said[: _LONGEST - 1] + "…"


def retry_after(value: str | None, now: datetime, default: float) -> float:
    """Seconds of a Retry-After header: a number or a date; at least one, at most a day.

    >>> retry_after("120", datetime(2026, 1, 1), 60.0), retry_after(None, datetime(2026, 1, 1), 60.0)
    (120.0, 60.0)
    >>> retry_after("Thu, 01 Jan 2026 00:00:30 GMT", datetime(2026, 1, 1), 60.0)
    30.0
    """
    seconds = default
    if value and value.strip().isdigit():
        seconds = float(value)
    elif value:
        try:
            seconds = (parsedate_to_datetime(value).replace(tzinfo=None) - now).total_seconds()
        except ValueError:
            seconds = default
    return min(max(seconds, 1.0), 86_400.0)

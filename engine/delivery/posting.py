"""One HTTP request with an end: what came back, or in plain words why nothing did.

The words never hold the address, since that is the secret of most receivers.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 10.0
_LONGEST = 65_536
"""Bytes of an answer that are read."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, beginning of the body and the Retry-After header of an answer."""

    status: int
    body: bytes
    retry_after: str | None

    def fields(self) -> dict[str, Any] | None:
        """The body where it is a JSON object."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return None
        return found if isinstance(found, dict) else None


class NoAnswer(Exception):
    """Nothing, or not all, came back; `str` says why without the address."""


def post(
    url: str,
    *,
    data: bytes | Mapping[str, str] | None,
    headers: Mapping[str, str],
    params: Mapping[str, str] | None = None,
    method: str = "POST",
    auth: tuple[str, str] | None = None,
    verify: bool = True,
    seconds: float = ANSWER_SECONDS,
) -> Answer:
    """Ask and read the whole answer within `seconds`; a redirection is no answer to a post. Raises: NoAnswer.

    A proxy of the environment is asked, but for this machine; no password file is.
    """
    end = time.monotonic() + seconds
    try:
        with (
            _session(url) as session,
            session.request(
                method,
                url,
                data=data,
                headers=dict(headers),
                params=params,
                auth=auth or _nobody,
                verify=verify,
                allow_redirects=False,
                stream=True,
                timeout=(min(CONNECT_SECONDS, seconds), seconds),
            ) as found,
        ):
            body = b""
            for piece in found.iter_content(4096):
                body += piece
                if time.monotonic() > end:
                    raise NoAnswer(f"the answer did not end within {seconds:g} s")
                if len(body) > _LONGEST:
                    break
            return Answer(found.status_code, body[:_LONGEST], found.headers.get("Retry-After"))
    except requests.RequestException as error:
        raise NoAnswer(_words(error, seconds)) from None


def patience(plugin: Any) -> float:
    """How long an answer may take: `?rto=` of the URL of a plug-in, else ten seconds."""
    asked = float(plugin.socket_read_timeout)
    return asked if asked != float(type(plugin).socket_read_timeout) else ANSWER_SECONDS


def _session(url: str) -> requests.Session:
    session = requests.Session()
    session.trust_env = urlsplit(url).hostname not in ("127.0.0.1", "localhost", "::1")
    return session


def _nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """No user and no password, whatever `~/.netrc` says."""
    return request


def _words(error: requests.RequestException, seconds: float) -> str:
    """Why there was no answer."""
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not valid"
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return "it cannot be reached: time-out"
    if isinstance(error, requests.exceptions.ReadTimeout) or "Read timed out" in str(error):
        return f"no answer within {seconds:g} s"
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy refuses"
    if isinstance(error, requests.exceptions.ChunkedEncodingError | requests.exceptions.ContentDecodingError):
        return "the connection closed before the answer ended"
    if isinstance(error, requests.exceptions.ConnectionError):
        said = str(error)
        if "refused" in said:
            return "it cannot be reached: connection refused"
        if "Name or service not known" in said or "NameResolution" in said:
            return "its name cannot be resolved"
        return "the connection closed before the answer ended"
    return "the address cannot be asked"

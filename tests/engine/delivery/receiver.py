"""A receiver on 127.0.0.1 that answers as its script says, and keeps what it got."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

YES = b'{"errcode":0,"code":0,"errmsg":"ok"}'


@dataclass(frozen=True)
class Answer:
    """One answer; `cut`: the connection closes after so many bytes of the body; `hang`: until the end."""

    status: int = 200
    body: bytes = YES
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None
    hang: bool = False


@dataclass(frozen=True)
class Post:
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def key(self) -> str:
        return self.headers["idempotency-key"]


class Receiver(ThreadingHTTPServer):
    """`script`: the answers in turn, then yes for ever; `heard` is called with every post."""

    daemon_threads = True

    def __init__(self, script: Sequence[Answer] = ()) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script, self.posts, self.over = list(script), [], threading.Event()  # type: ignore[var-annotated]
        self.guard = threading.Lock()
        self.heard: Callable[[], None] = lambda: None

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever asked is gone: it may have been killed."""

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    @property
    def url(self) -> str:
        return f"http://{self.place}"


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        body = self.rfile.read(length)
        if len(body) < length:
            return  # whoever asked was killed in the middle of it: nothing was taken
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        with self.server.guard:
            self.server.posts.append(Post(parts.path, query, headers, body))
            answer = self.server.script.pop(0) if self.server.script else Answer()
        self.server.heard()
        if answer.hang:
            self.server.over.wait(20)
            return
        self.send_response(answer.status)
        for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body[: answer.cut])
        if answer.cut is not None:
            self.wfile.flush()
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@contextmanager
def receiving(*script: Answer) -> Iterator[Receiver]:
    """A receiver that is gone at the end."""
    server = Receiver(script)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


def mac(key: str, said: str) -> str:
    """Base64 of HMAC-SHA256, as the guides of the robots write it."""
    return base64.b64encode(hmac.new(key.encode(), said.encode(), hashlib.sha256).digest()).decode()

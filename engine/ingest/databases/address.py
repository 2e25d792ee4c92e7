"""Where a database is: an address in an environment variable, which nothing prints or keeps."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from engine.errors import SourceError

Kind = Literal["sqlite", "postgresql", "mysql"]

_SCHEMES: Mapping[str, Kind] = {
    "sqlite": "sqlite", "postgresql": "postgresql", "postgres": "postgresql", "mysql": "mysql",
    "mariadb": "mysql",
}  # fmt: skip
_SECRET = frozenset({"password", "user", "passfile", "sslpassword"})


class Unreachable(SourceError):
    """A database that does not answer: the rows of the last poll stay in force."""


@dataclass(frozen=True, slots=True)
class Address:
    """One database. `identity` names it without who asks: another one has its rows read from the start."""

    kind: Kind
    url: str = field(repr=False)
    identity: str
    path: Path = Path()
    """Of SQLite."""
    host: str = ""
    port: int | None = None
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    database: str = ""
    options: Mapping[str, str] = field(default_factory=dict, repr=False)

    def without_secrets(self, text: str) -> str:
        """A driver's message in one line, without the password."""
        plain = " ".join(text.split())
        for secret in (self.url, self.password):
            plain = plain.replace(secret, "…") if secret else plain
        return plain[:300]


def address_of(name: str, environment: Mapping[str, str], root: Path) -> Address:
    """The database that a variable of the environment names.

    In:  `sqlite:///shop.db` (relative to the workspace; `sqlite:////srv/shop.db` is absolute),
         `postgresql://user:password@host:5432/shop`, `mysql://…`.
    Raises: Unreachable, without a word of the address itself.
    """
    url = environment.get(name, "").strip()
    if not url:
        raise Unreachable(f"the environment variable {name} is not set; set it to the database's address")
    scheme, there, _ = url.partition("://")
    kind = _SCHEMES.get(scheme.lower().split("+")[0])
    if kind is None or not there:
        raise Unreachable(
            f"{name} holds no address of a database: it begins with sqlite:///, postgresql:// or mysql://"
        )
    try:
        parts = urlsplit(url)
        options = dict(parse_qsl(parts.query, keep_blank_values=True))
        if kind == "sqlite":
            return _file(url, root, f"{unquote(parts.netloc)}{unquote(parts.path)}")
        server = re.sub(r"^[^:]+", kind, url, count=1)
        open_options = sorted(pair for pair in options.items() if pair[0] not in _SECRET)
        identity = _digest(kind, parts.netloc.rpartition("@")[2], parts.path, open_options)
        return Address(
            kind, server, identity, host=parts.hostname or "", port=parts.port,
            user=unquote(parts.username or ""), password=unquote(parts.password or ""),
            database=unquote(parts.path.removeprefix("/")), options=options,
        )  # fmt: skip
    except ValueError:
        raise Unreachable(f"{name} holds no address that can be read; quote odd characters as %XX") from None


def _file(url: str, root: Path, text: str) -> Address:
    path = root / text.removeprefix("/")
    if not path.exists() and Path(text).is_absolute():
        # Both readings of three slashes are common; the file that is there decides.
        path = Path(text) if text.startswith("//") or Path(text).exists() else path
    try:
        info = path.stat()
    except OSError:
        raise Unreachable(f"there is no database file {path}") from None
    # A file that was replaced is another database: its numbers may begin anew.
    return Address("sqlite", url, _digest("sqlite", path.resolve(), info.st_dev, info.st_ino), path=path)


def _digest(*pieces: object) -> str:
    return hashlib.sha256(repr(pieces).encode()).hexdigest()

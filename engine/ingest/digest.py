"""What decides how the bytes of a file become rows, apart from the bytes, as one hash."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import datetime
from functools import cache
from importlib import resources
from pathlib import PurePosixPath

from engine.ingest.hashing import dialect
from engine.ingest.state import FORMAT
from engine.workspace.model import Identity, Source, Workspace

_PARTS = {
    "%Y": r"\d{4}",
    "%m": r"\d{2}",
    "%d": r"\d{2}",
    "%y": r"\d{2}",
    "%H": r"\d{2}",
    "%M": r"\d{2}",
    "%S": r"\d{2}",
    "%j": r"\d{3}",
}


def mapping_digest(workspace: Workspace, source: Source, path: str) -> str:
    """The hash of everything that a part follows from beside the bytes of its file."""
    kept = replace(
        source, name="", files=(), stale_after_us=None, overlap="newest", keep="first", guessed=False,
        connect_env=None, poll_us=0, timeout_us=0, quality=(),
    )  # fmt: skip
    checked = sorted(
        (rule.key, rule.action, rule.name * (rule.action == "reject"))
        for rule in source.quality
        if rule.at_ingest
    )
    told = (FORMAT, dialect(), repr(kept), checked, workspace.console.timezone, _who(workspace.identity))
    text = repr((*told, file_day(source, path), layouts(), *_meaning(workspace, source)))
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _meaning(workspace: Workspace, source: Source) -> tuple[object, ...]:
    """What fills and filters events: the rules of the workspace and the shipped ones."""
    if source.table != "events":
        return ()
    return repr(workspace.channels), repr(workspace.traffic), groupings()


@cache
def groupings() -> str:
    """The hash of the shipped rules of channels, sites and programs."""
    files = (
        ("engine.ingest", "channels.toml"),
        ("engine.ingest", "bots.toml"),
        ("engine.expressions", "referrers.toml"),
    )
    texts = [resources.files(room).joinpath(name).read_bytes() for room, name in files]
    return hashlib.sha256(repr(texts).encode()).hexdigest()


def _who(identity: Identity) -> object:
    words = sorted((kind, sorted(words)) for kind, words in identity.blocked_types.items())
    return identity.priority, sorted(identity.blocked_any), sorted(identity.blocked_regex.items()), words


@cache
def layouts() -> str:
    """The hash of the shipped layouts, of their text: a start in which nothing changed parses none."""
    folder = resources.files("engine.ingest") / "layouts"
    texts = {file.name: file.read_bytes() for file in folder.iterdir() if file.name.endswith(".toml")}
    return hashlib.sha256(repr(sorted(texts.items())).encode()).hexdigest()


def file_day(source: Source, path: str) -> datetime | None:
    """The wall time that a file's name gives; None where the source does not ask for it or it has none."""
    if not source.date_from:
        return None
    pieces = re.findall(r"%.|.", source.date_from)
    pattern = "".join(_PARTS.get(piece, re.escape(piece)) for piece in pieces)
    for candidate in (PurePosixPath(path).name, path):
        if found := re.search(pattern, candidate):
            try:
                return datetime.strptime(found.group(), source.date_from)
            except ValueError:
                continue
    return None

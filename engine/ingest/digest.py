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
from engine.ingest.layout import chosen_from, date_patterns
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
        personal=frozenset(), connect_env=None, poll_us=0, timeout_us=0, quality=(),
    )  # fmt: skip
    checked = sorted(
        (rule.key, rule.action, rule.name * (rule.action == "reject"))
        for rule in source.quality
        if rule.at_ingest
    )
    told = (
        FORMAT,
        dialect(),
        repr(kept),
        sorted(source.personal),
        checked,
        workspace.console.timezone,
        _who(workspace.identity),
    )
    names = (
        re.findall(r"\d+", PurePosixPath(path).name) if source.preset is None and not source.columns else ()
    )
    days = [day_in(path, pattern) for pattern in date_patterns(source)]
    text = repr((*told, chosen_from(source), days, names, *_meaning(workspace, source)))
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


def file_day(source: Source, path: str, otherwise: str | None = None) -> datetime | None:
    """The wall time that a file's name gives, by the source's pattern or else another; None without one."""
    pattern = source.date_from or otherwise
    return day_in(path, pattern) if pattern else None


def day_in(path: str, patterns: str) -> datetime | None:
    """The first time in a file's name, else in its path, that has one of the forms `%Y-%m-%d|%Y%m%d`."""
    for form in patterns.split("|"):
        pieces = re.findall(r"%.|.", form)
        pattern = "".join(_PARTS.get(piece, re.escape(piece)) for piece in pieces)
        for candidate in (PurePosixPath(path).name, path):
            if found := re.search(pattern, candidate):
                try:
                    return datetime.strptime(found.group(), form)
                except ValueError:
                    continue
    return None

"""Which files are there, and which source owns each: the first whose globs match."""

from __future__ import annotations

import contextlib
import os
import re
import stat
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from engine.ingest.state import FoundFile, stat_of
from engine.workspace.model import Source, Workspace


def scan(workspace: Workspace) -> tuple[FoundFile, ...]:
    """All files below the workspace that may be data, sorted by path.

    Out: files without a source have `source` None. A directory or a pipe whose name a source's globs
    match is in it too: reading it gives its one clear fault. So is a directory that cannot be opened.
    A database source is found under the path that stands for it.
    """
    aside = _configuration(workspace)
    found = [
        FoundFile(path, info.st_size, info.st_mtime_ns, info.st_ino, owner)
        for path, info in walk(workspace.root)
        if path not in aside
        for owner in [owner_of(path, workspace.sources)]
        if owner is not None or not stat.S_ISDIR(info.st_mode) or not _listable(workspace.root / path)
    ]
    found += [FoundFile(database_path(each), 0, 0, 0, each.name) for each in workspace.sources if each.sql]
    return tuple(sorted(found, key=lambda file: file.path))


def files_below(root: Path) -> tuple[str, ...]:
    """Relative paths of all files below a directory that may be data, sorted."""
    return tuple(sorted(path for path, info in walk(root) if stat.S_ISREG(info.st_mode)))


def owner_of(path: str, sources: Iterable[Source]) -> str | None:
    """Name of the first source whose globs match the path."""
    return next(iter(owners_of(path, sources)), None)


def owners_of(path: str, sources: Iterable[Source]) -> tuple[str, ...]:
    """Names of all sources whose globs match the path; more than one is a fault of the configuration."""
    known = tuple(sources)
    named = tuple(source.name for source in known if source.sql and path == database_path(source))
    return named or tuple(
        source.name for source in known if any(matches(path, glob) for glob in source.files)
    )


def database_path(source: Source) -> str:
    """What stands for the file of a database source wherever files are named."""
    return f"sql:{source.name}"


def matches(path: str, glob: str) -> bool:
    """Whether a relative path with `/` matches a glob; `**` crosses folders."""
    return _compiled(glob).fullmatch(path) is not None


@lru_cache(maxsize=1024)
def _compiled(glob: str) -> re.Pattern[str]:
    pieces = re.findall(r"\*\*/|\*\*|\*|\?|\[!?\]?[^\]]*\]|.", glob.removeprefix("./"), re.DOTALL)
    known = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join(known.get(piece) or _piece(piece) for piece in pieces))


def _piece(piece: str) -> str:
    if len(piece) > 1:
        inner = piece[1:-1].replace("\\", r"\\")
        return f"[^{inner[1:]}]" if inner.startswith("!") else f"[{inner}]"
    return re.escape(piece)


def _configuration(workspace: Workspace) -> frozenset[str]:
    """Paths that belong to the configuration: they are not data."""
    named = [workspace.rates.file, workspace.console.calendar, *(look.file for look in workspace.lookups)]
    if workspace.file is not None and workspace.file.is_relative_to(workspace.root):
        named.append(workspace.file.relative_to(workspace.root).as_posix())
    return frozenset(Path(name).as_posix() for name in named if name)


def stamps(workspace: Workspace) -> dict[str, tuple[int, int, int]]:
    """Size, time and inode of the files of rates and special days that the configuration names."""
    found = {}
    for name in filter(None, (workspace.rates.file, workspace.console.calendar)):
        with contextlib.suppress(OSError):
            found[name] = stat_of((workspace.root / name).stat())
    return found


def is_data_name(name: str) -> bool:
    """Whether a file of that name may be data."""
    return not (name.startswith((".", "~$")) or name.endswith(".tmp") or name == "looptop.toml")


def _listable(path: Path) -> bool:
    return os.access(path, os.R_OK | os.X_OK)


def walk(root: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Relative path and stat of everything below the root; links are followed inside of it only."""
    real = root.resolve()
    seen = {real}
    folders = [root]
    while folders:
        for path in _entries(folders.pop()):
            try:
                info, target = path.stat(), path.resolve()
            except (OSError, RuntimeError):
                continue
            if path.is_symlink() and not target.is_relative_to(real):
                continue
            yield path.relative_to(root).as_posix(), info
            if stat.S_ISDIR(info.st_mode) and target not in seen:
                seen.add(target)
                folders.append(path)


def _entries(folder: Path) -> list[Path]:
    try:
        return [folder / name for name in os.listdir(folder) if is_data_name(name)]  # noqa: PTH208
    except OSError:
        return []

"""`looptop init`: the looptop.toml that looptop would use by itself, written down and explained."""

from __future__ import annotations

from argparse import Namespace

from engine.errors import UsageError
from tui.commands.output import write, write_json
from tui.opening import directory, opened


def run(arguments: Namespace) -> int:
    """Write `looptop.toml` into the directory; one that is there is left alone."""
    from engine.workspace import CONFIGURATION, sample_toml

    path = directory(arguments.dir) / CONFIGURATION
    if path.exists():
        raise UsageError(
            f"{path} is there already and was left as it is; move it away to have a new one written"
        )
    with opened(arguments) as session:
        sources = session.workspace.sources
    with path.open("x", encoding="utf-8") as file:
        file.write(sample_toml(sources))
    if arguments.json:
        write_json({"written": str(path), "sources": [source.name for source in sources]})
    else:
        write(f"{path}: {len(sources)} sources. Edit it, then: looptop {arguments.dir}")
    return 0

"""The overview as text, once: what `looptop` prints where there is no terminal to draw on."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from dataclasses import asdict

from engine.questions import Snapshot, View
from tui.commands import alerts, funnel
from tui.commands.output import change, iso, number, table, write, write_json, yes
from tui.commands.words import heads, word
from tui.harmless import harmless
from tui.opening import language, opened

MEASURES = ("cost", "revenue", "orders", "conversion_rate", "roi")
UNITS = {"cost": "money", "revenue": "money", "orders": "count", "conversion_rate": "percent", "roi": "ratio"}


def run(arguments: Namespace) -> int:
    """Print the overview of the last seven days against the seven before."""
    with opened(arguments) as session:
        console = session.workspace.console
        snapshot = session.snapshot(View())
    if arguments.json:
        write_json(asdict(snapshot), console.timezone)
    else:
        write("\n\n".join(to_text(snapshot, language(arguments, console.language))))
    return 0


def to_text(snapshot: Snapshot, lang: str) -> Iterator[str]:
    """Its tables in turn: tiles, funnel, channels, alerts, and the line of the sources."""
    first, last = snapshot.range.first, snapshot.range.last
    as_of = f"{word('as_of', lang)} {iso(snapshot.as_of, snapshot.timezone)}"
    yield f"{harmless(snapshot.title)}  {first} … {last}  {as_of}"
    rows = [
        [
            *(tile.label.get(lang, tile.metric), number(tile.value, tile.unit), number(tile.base, tile.unit)),
            *(change(tile.change), number(tile.target, tile.unit)),
            " ".join(
                filter(None, (yes(tile.partial, word("partial", lang)), yes(tile.stale, word("stale", lang))))
            ),
        ]
        for tile in snapshot.tiles
    ]
    yield table(heads(lang, "metric", "value", "previous", "change", "target", "state"), rows, range(1, 5))
    if snapshot.funnel is not None:
        yield from funnel.to_text(snapshot.funnel, snapshot.timezone, lang)
    if snapshot.channels:
        yield _channels(snapshot, lang)
    yield alerts.to_text(snapshot.alerts, snapshot.timezone, lang)
    stale = [source.name for source in snapshot.status.sources if source.stale]
    files = f"{word('files', lang)} {len(snapshot.status.files):,}"
    yield harmless(f"{files}  {word('stale', lang)} {', '.join(stale) or 0}")


def _channels(snapshot: Snapshot, lang: str) -> str:
    rows = [
        [
            row.member or word("no_value", lang),
            *(number(row.values.get(name), UNITS[name]) for name in MEASURES),
            change(row.changes.get("revenue")),
            row.state,
        ]
        for row in snapshot.channels
    ]
    return table(heads(lang, "channel", *MEASURES, "change", "state"), rows, range(1, 7))

"""The wall: which tiles in which turn, banner, worst alert."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from engine.questions import Alert, BandAnswer, IncidentQuery, Snapshot
from tui import format as fmt
from tui.asking import AlertRulesAsk, Ask
from tui.harmless import harmless
from tui.lines import line
from tui.view import Change, Line, Spark, Tile
from tui.view.wall import WallPage
from tui.views import alerts, chrome, incident, overview, wall_bands
from tui.views.scene import Scene, Size

TURNS = ("overview", "funnel", "metrics", "alerts", "sources")
BAND_ROWS = 3
CHROME_ROWS = 6


def turns(screens: tuple[str, ...]) -> tuple[str, ...]:
    """The screens asked for, all of the wall's by default."""
    return tuple(name for name in screens if name in TURNS) or TURNS


def most(size: Size) -> int:
    """How many tiles fit: 6 at 160x45, 4 at 120x36, 1 below 60x20."""
    if size.width >= 160 and size.height >= 45:
        return 6
    if size.width < 60 or size.height < 20:
        return 1
    return 4 if size.width >= 100 and size.height >= 30 else 2


def layout(size: Size, count: int) -> tuple[int, int]:
    """Tiles across and down."""
    across = {1: 1, 2: 1 if size.width < 100 else 2, 3: 3, 4: 2}.get(count, 3 if size.width >= 160 else 2)
    return max(1, across), max(1, -(-count // max(1, across)))


def pages(scene: Scene, asked: tuple[str, ...]) -> tuple[WallPage, ...]:
    """The turns: tiles in groups that fit, and the pages of the other screens that were asked for."""
    if scene.snapshot is None:
        return ()
    out: list[WallPage] = []
    for name in asked:
        out += _tile_pages(scene) if name == "overview" else _split(wall_bands.PAGES[name](scene), scene)
    return tuple(out)


def _tile_pages(scene: Scene) -> list[WallPage]:
    snapshot = scene.snapshot
    if snapshot is None:
        return []
    wide = replace(scene, size=Size(120, 36))
    known = [overview.tile(each, wide) for each in snapshot.tiles if each.value is not None]
    room = most(scene.size)
    tiles = [_tile(tile, scene) for tile in known]
    return [WallPage("overview", tuple(tiles[at : at + room])) for at in range(0, len(tiles), room)]


def _split(page: WallPage, scene: Scene) -> list[WallPage]:
    """The page in parts that fit; a screen with nothing on it has no turn."""
    rows = max(1, scene.size.height - CHROME_ROWS)
    room = rows if scene.size.width < 60 or rows < 2 * BAND_ROWS else rows // BAND_ROWS
    return [replace(page, bands=page.bands[at : at + room]) for at in range(0, len(page.bands), room)]


def alert_page(scene: Scene, name: str, waiting: int = 0) -> WallPage | None:
    """One alert that has the wall to itself; None where it is gone.

    In:  how many more new ones wait for the turn.
    """
    found = next((a for a in alerts.sorted_alerts(scene) if alerts.alert_id(a) == name), None)
    if found is None:
        return None
    alert = incident.stored(scene, found)
    query = incident.band_query(alert)
    band = scene.got(query, BandAnswer) if query is not None else None
    points = band.points if band is not None else ()
    move = None
    if alert.value is not None and alert.expected and alerts.comparable(alert):
        share = (alert.value - alert.expected) / abs(alert.expected)
        move = Change(1 if share > 0 else -1, fmt.percent(abs(share), 1), "bad", alarm=True)
    tile = Tile(
        id=name,
        title=alerts.title(alert, scene),
        value=alerts.shown(alert.value, alert, scene),
        change=move or Change(0, "", "bad", alarm=True),
        verdict=scene.say("header.critical").upper(),
        note=" · ".join(part for part in wall_bands.about(alert, scene) if part),
        state="crit",
        spark=Spark(tuple(point.value for point in points), bool(points) and points[-1].partial),
        lines=tuple(_told(alert, scene, waiting)),
    )
    return WallPage("alerts", (tile,))


def _told(alert: Alert, scene: Scene, waiting: int) -> Iterator[str]:
    """How far from expected, why, what to do first, and how many more there are."""
    yield "   ".join(incident.numbers(alert, scene))
    if alert.why is not None:
        yield harmless(alert.why.sentences.get(scene.lang, alert.why.sentence))
    if alert.sop:
        yield scene.say("wall.first_step", step=harmless(alert.sop[0]))
    if waiting:
        yield scene.say("wall.more_wait", n=waiting)


def asks(scene: Scene, name: str) -> tuple[Ask, ...]:
    """The cause and the trend of the alert that holds the turn."""
    found = next((a for a in alerts.sorted_alerts(scene) if alerts.alert_id(a) == name), None)
    band = incident.band_query(found) if found is not None else None
    episode = (IncidentQuery(found.id),) if found is not None and found.id is not None else ()
    return (AlertRulesAsk(), *episode, *((band,) if band is not None else ()))


def _tile(tile: Tile, scene: Scene) -> Tile:
    verdict = ""
    if tile.change is not None and tile.change.alarm:
        verdict = scene.say("tile.worse")
    elif tile.change is not None and tile.change.tone == "good":
        verdict = scene.say("tile.better")
    if tile.doubt:
        verdict += "  " + scene.say("tile.doubt", what=scene.say("state.stale"))
    days = len(tile.spark.values)
    parts = [
        scene.say("page.span_days", n=days) if days else "",
        chrome.compare_text(scene, elapsed=False),
        scene.say("foot.today_partial") if tile.spark.partial else "",
    ]
    return replace(
        tile,
        verdict=verdict.strip(),
        note=("，" if scene.lang == "zh" else ", ").join(part for part in parts if part),
    )


def head(scene: Scene) -> tuple[Line, Line]:
    """Whose wall it is, and as of when."""
    title = harmless(scene.snapshot.title).upper() if scene.snapshot else "LOOPTOP"
    return line((" " + title, "ink-strong")), line((chrome.as_of_text(scene) + "  ", "ink"))


def banner(scene: Scene) -> str:
    """The stale sources, empty where all are fresh."""
    sources = scene.snapshot.status.sources if scene.snapshot else ()
    stale = [source for source in sources if source.stale]
    if not stale:
        return ""
    ages = (f"{harmless(source.name)} {fmt.age(source.age_seconds, scene.lang)}" for source in stale)
    text = scene.say("wall.stale", text=" · ".join(ages))
    if any(source.table == "spend" for source in stale):
        text += " · " + scene.say("message.stale_effect")
    return f" {text}"


def worst(scene: Scene, held: str = "") -> str:
    """The alert that holds the turn, else the worst that fires; empty where none does."""
    entries = alerts.short_feed(scene).entries
    firing = [entry for entry in entries if entry.state in ("crit", "warn") and not entry.dim]
    found = next((entry for entry in firing if entry.id == held), next(iter(firing), None))
    if found is None:
        return ""
    acked = "" if alerts_acked(scene, found.id) else scene.say("incident.not_acknowledged")
    sign = alerts.SIGNS[found.state]
    word = scene.say("header.critical" if found.state == "crit" else "header.warning").upper()
    since = scene.say("incident.since", day=found.day) if found.day else ""
    return "   ".join(part for part in (f" {sign} {word}  {found.text}", since, found.owner, acked) if part)


def alerts_acked(scene: Scene, name: str) -> bool:
    """Whether somebody has taken that alert."""
    alert = next((a for a in alerts.sorted_alerts(scene) if alerts.alert_id(a) == name), None)
    return alert is not None and alert.acked_by is not None


def unacked(snapshot: Snapshot) -> dict[str, str]:
    """Critical alerts that fire, that nobody has taken and of which people are told: episode → entry."""
    return {
        alert.id or alerts.alert_id(alert): alerts.alert_id(alert)
        for alert in snapshot.alerts.alerts
        if alert.state == "firing"
        and alert.severity == "critical"
        and alert.acked_by is None
        and alert.silenced_until is None
        and not alert.inhibited_by
    }


def foot_right(
    scene: Scene, screen: str, at: int, count: int, *, left: float, asked: bool, held: bool
) -> str:
    """Which turn, when the next comes, and how to leave."""
    if asked:
        return scene.say("wall.unlock_again")
    place = scene.say("wall.position", screen=scene.say(f"screen.{screen}"), at=at + 1, all=count)
    following = "" if count < 2 else scene.say("wall.next", age=fmt.age(left, scene.lang))
    if held:
        place, following = scene.say(f"screen.{screen}"), scene.say("wall.held")
    return "   ".join(part for part in (place, following, scene.say("wall.unlock")) if part)

"""The four lines around every page: screens and states, range, activity, keys."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from engine.questions import Snapshot
from tui import format as fmt
from tui.glyphs import UNICODE, Glyphs
from tui.harmless import harmless
from tui.keys import hints
from tui.place import SCREENS
from tui.view import ContextView, FooterView, HeaderView, Hint, StatusView, Tab
from tui.views import person, rules
from tui.views.scene import Scene, dimension, span

COUNTS = ("rows", "accepted", "rejected", "duplicates", "filtered")


def header(scene: Scene, number: int) -> HeaderView:
    """Screens that there are, the current one marked, and how many alerts and stale sources."""
    tabs = tuple(Tab(at, scene.say(f"screen.{kind}"), at == number) for at, kind in SCREENS.items())
    snapshot = scene.snapshot
    title = harmless(snapshot.title) if snapshot and snapshot.title != "looptop" else ""
    return HeaderView(title, tabs, states(scene))


def states(scene: Scene) -> tuple[tuple[str, int, str], ...]:
    """(state, count, word) of what is wrong now."""
    snapshot = scene.snapshot
    if snapshot is None:
        return ()
    firing = [a for a in snapshot.alerts.alerts if a.state == "firing" and not a.inhibited_by]
    critical = sum(a.severity == "critical" for a in firing)
    stale = sum(source.stale for source in snapshot.status.sources)
    return (
        ("crit", critical, scene.say("header.critical")),
        ("warn", len(firing) - critical, scene.say("header.warning")),
        ("stale", stale, scene.say("header.stale")),
    )


def range_text(scene: Scene) -> str:
    """`7 d 10-23…10-29`, `近 7 天 10-23…10-29`."""
    view = scene.snapshot.view if scene.snapshot else None
    chosen = scene.range
    if chosen.first is None or chosen.last is None:
        return ""
    shown = fmt.days(chosen.first, chosen.last)
    length = (chosen.last - chosen.first).days + 1
    if view is not None and scene.place.range is None and view.kind == "days":
        return f"{scene.say('page.days', n=length)} {shown}"
    if view is not None and scene.place.range is None and view.kind == "today":
        return f"{scene.say('overlay.time_today')} {shown}"
    return f"{shown} · {span(length, scene.lang)}" if view is not None and view.kind == "all" else shown


def compare_text(scene: Scene, elapsed: bool = True) -> str:
    """`vs 7 d before, same elapsed`."""
    snapshot = scene.snapshot
    if snapshot is None:
        return ""
    chosen = scene.range
    length = (chosen.last - chosen.first).days + 1 if chosen.first and chosen.last else 1
    kind = snapshot.view.compare
    if kind == "previous":
        partial = elapsed and snapshot.partial_until is not None
        return scene.say(
            "compare.previous_elapsed" if partial else "compare.previous", span=span(length, scene.lang)
        )
    return scene.say(f"compare.{kind}")


def partial_text(scene: Scene) -> str:
    """`today partial to 14:32`, empty where the range is over."""
    until = scene.snapshot.partial_until if scene.snapshot else None
    if until is None or scene.place.range is not None:
        return ""
    return scene.say("context.today_partial", time=f"{scene.local(until):%H:%M}")


def as_of_text(scene: Scene) -> str:
    """`as of Thu 10-29 14:32`; the time zone where there is room for it."""
    snapshot = scene.snapshot
    if snapshot is None:
        return ""
    local = scene.local(snapshot.as_of)
    zone = (local - snapshot.as_of).total_seconds() / 60
    offset = f"{'-' if zone < 0 else '+'}{int(abs(zone)) // 60:02d}:{int(abs(zone)) % 60:02d}"
    if scene.size.tiny:
        return f"{local:%m-%d %H:%M}"
    if scene.size.narrow:
        shown = f"{fmt.weekday(local.date(), scene.lang)} {local:%H:%M} {offset}"
    else:
        shown = fmt.moment(local, scene.lang, zone=offset if scene.size.wide else "")
    return scene.say("context.as_of", moment=shown)


def context(scene: Scene, crumbs: tuple[str, ...], *, busy: str = "") -> ContextView:
    """Line 2: crumbs below the root, range, comparison, dimension, filter, as of."""
    snapshot = scene.snapshot
    if snapshot is None:
        return ContextView(crumbs, (busy or scene.say("status.starting") + " …",))
    if (right := subject_text(scene)) and not scene.size.tiny:
        return ContextView(crumbs, (), right)
    parts = [range_text(scene) + (" …" if busy else "")]
    if partial := partial_text(scene):
        parts.append(partial)
    narrow = scene.size.narrow
    if narrow:
        parts = parts[:1]
    parts.append(compare_text(scene, elapsed=not narrow))
    if not crumbs and not narrow:
        parts.append(scene.say("context.by", dimension=dimension(snapshot.view.by, scene.lang)))
    where = snapshot.view.where
    if not narrow or where:
        parts.append(
            scene.say("context.filter", filter=harmless(where)) if where else scene.say("context.no_filter")
        )
    if scene.size.tiny:
        parts = parts[:1]
    elif changed := rules.changed(scene, scene.place.funnel):
        sign = UNICODE.states["revised"][0]
        parts.insert(1, f"{sign} {', '.join(changed)}")
    return ContextView(crumbs, tuple(p for p in parts if p), as_of_text(scene))


def subject_text(scene: Scene) -> str:
    """Line 2 of the screens that no range narrows: alerts judged, rows of sources, a person's time."""
    snapshot = scene.snapshot
    if snapshot is None:
        return ""
    if scene.place.kind == "person":
        return person.subject(scene)
    if scene.place.kind in ("alerts", "rules", "review"):
        return _attention(scene, snapshot)
    if scene.place.kind not in ("sources", "source", "file", "column", "rule", "dispute"):
        return ""
    sources = [one for one in snapshot.status.sources if scene.place.source in ("", one.name)]
    counts = {name: sum(getattr(one, name) for one in sources) for name in COUNTS}
    equation = scene.say("context.equation", **{name: f"{count:,}" for name, count in counts.items()})
    return as_of_text(scene) if scene.size.narrow else f"{equation} · {as_of_text(scene)}"


def _attention(scene: Scene, snapshot: Snapshot) -> str:
    """`5 open · 1 not acknowledged · 31 rules judged on data of 14:32:03`."""
    found = [a for a in snapshot.alerts.alerts if a.state != "ok"]
    told = [a for a in found if not a.inhibited_by and a.silenced_until is None]
    unacked = sum(a.state == "firing" and a.acked_by is None for a in told)
    time = f"{scene.local(snapshot.alerts.as_of):%H:%M:%S}"
    parts = [scene.say("context.open", n=len(found))]
    parts += [scene.say("context.not_acknowledged", n=unacked)] if unacked else []
    parts += [scene.say("context.rules_judged", n=snapshot.alerts.judged, time=time)]
    return " · ".join(parts if not scene.size.narrow else [parts[0], as_of_text(scene)])


def flat_line(scene: Scene, crumbs: tuple[str, ...], glyphs: Glyphs) -> ContextView:
    """Header and context in one line, for terminals under 20 rows."""
    marks = " ".join(f"{glyphs.state(name)[0]}{count}" for name, count, _ in states(scene) if count)
    base = context(scene, crumbs or (scene.say("screen.overview"),))
    return ContextView(base.crumbs[-1:], base.parts[:1], f"{marks}  {as_of_text(scene)}".strip())


def status(
    scene: Scene, *, mode: str = "live", waiting: int = 0, latency: float | None = None, message: str = "",
    tone: str = "ink",
) -> StatusView:  # fmt: skip
    """The status line: live or paused, files, rows, what came last and how long ago, change to screen."""
    snapshot = scene.snapshot
    if snapshot is None:
        return StatusView("pend", scene.say("status.starting"), (), message=message, tone=tone)
    right, right_state = _freshness(scene, snapshot)
    parts = _parts(scene, snapshot, latency)
    if waiting:
        parts.insert(0, scene.say("status.waiting", n=waiting))
    return StatusView(mode, scene.say(f"status.{mode}"), tuple(parts), right, right_state, message, tone)


def _parts(scene: Scene, snapshot: Snapshot, latency: float | None) -> list[str]:
    lang, short = scene.lang, scene.size.narrow
    rows = fmt.number(sum(source.rows for source in snapshot.status.sources), lang, whole=True)
    parts = [] if short else [scene.say("status.files", n=len(snapshot.status.files))]
    parts.append(scene.say("status.rows", rows=rows))
    activity = snapshot.activity
    if activity.ended is not None and scene.now is not None:
        age = fmt.age((scene.now - activity.ended).total_seconds(), lang)
        if short:
            parts.append(scene.say("status.added_short", rows=activity.rows_added, age=age))
        else:
            parts.append(
                scene.say("status.added", n=activity.rows_added, rows=f"{activity.rows_added:,}", age=age)
            )
    if latency is not None:
        seconds = fmt.duration(latency, lang) if latency < 1 else f"{latency:.2f}" + fmt.SPANS[lang][-1][1]
        parts.append(seconds if short else scene.say("status.latency", seconds=seconds))
    return parts


def _freshness(scene: Scene, snapshot: Snapshot) -> tuple[str, str]:
    sources = snapshot.status.sources
    stale = sum(source.stale for source in sources)
    if not sources:
        return "", ""
    if not stale:
        return ("" if scene.size.narrow else scene.say("status.all_fresh")), "fresh"
    word = "status.stale_short" if scene.size.narrow else "status.stale"
    return scene.say(word, n=stale, all=len(sources)), "stale"


def footer(
    scene: Scene,
    scope: str,
    available: Collection[str],
    keys: Mapping[str, str],
    *,
    message: str = "",
    tone: str = "ink",
) -> FooterView:
    """The keys that work here; six and `?` under 100 columns."""
    found = hints(scope, scene.lang, keys, available)
    if scene.size.narrow:
        found = (*found[:-1][:7], found[-1]) if found else ()
    return FooterView(found, message, tone)


def flat_footer(scene: Scene, view: FooterView, line: StatusView, glyphs: Glyphs) -> FooterView:
    """Status and keys in one line, for terminals under 20 rows."""
    sign = glyphs.state(line.state)[0]
    lead = Hint(sign, line.message or " ".join((line.word, *line.parts[-2:-1])))
    last = view.hints[-1:] if scene.size.tiny else view.hints
    return FooterView((lead, *last), view.message, view.tone)

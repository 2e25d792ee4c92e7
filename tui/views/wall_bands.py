"""The pages of the wall that are no tiles: funnel, channels, alerts and sources, each thing a band."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.questions import Alert, ChannelRow
from tui import format as fmt
from tui.harmless import harmless
from tui.view.wall import Band, WallPage
from tui.views import alerts, overview, sources
from tui.views.scene import Scene, head, member, unit_of, words_of


def funnel(scene: Scene) -> WallPage:
    """A band a step: persons, and the share of the step before."""
    snapshot = scene.snapshot
    answer = snapshot.funnel if snapshot else None
    if snapshot is None or answer is None:
        return WallPage("funnel")
    name = words_of(snapshot.funnel_label, scene.lang, answer.funnel)
    bands = []
    for step in answer.steps:
        narrow = answer.bottleneck == step.step
        rate = fmt.percent(step.of_previous, 1) if step.of_previous is not None else ""
        bands.append(
            Band(
                f"{step.step} {harmless(step.label)}",
                scene.say("funnel.bottleneck") if narrow else "",
                fmt.number(step.persons, scene.lang, whole=True),
                rate,
                share=step.of_first if step.of_first is not None else 1.0,
                tone="bad" if narrow else "ink-strong",
                value_tone="bad" if narrow else "ink-strong",
            )
        )
    title = scene.say("panel.funnel", name=name).upper()
    return WallPage("funnel", bands=tuple(bands), title=title, unit=scene.say("panel.persons_of_previous"))


def members(scene: Scene) -> WallPage:
    """A band a member of the view's dimension: revenue, its change, its share, its state."""
    snapshot = scene.snapshot
    if snapshot is None:
        return WallPage("metrics")
    whole = snapshot.total.values.get("revenue") if snapshot.total else None
    title = f"{scene.say('head.revenue')} · {head(snapshot.view.by, scene.lang)}".upper()
    bands = tuple(_member(row, scene, whole) for row in snapshot.channels)
    return WallPage("metrics", bands=bands, title=title, unit=unit_of("money", scene))


def _member(row: ChannelRow, scene: Scene, whole: float | None) -> Band:
    revenue, moved = row.values.get("revenue"), row.changes.get("revenue")
    word = overview.STATES.get(row.state, "ok")
    change = None
    if revenue is not None and moved is not None:
        change = fmt.change(1 + moved, 1.0, beyond_noise="revenue" in row.worse, lang=scene.lang)
    return Band(
        member(row.member, scene.lang),
        scene.say(f"state.{word}"),
        fmt.value_of(revenue, "money", scene.lang),
        change=change,
        share=revenue / whole if revenue is not None and whole else None,
        state=word,
        tone={"crit": "bad", "warn": "warn", "stale": "stale"}.get(word, "ink-strong"),
    )


def alert_bands(scene: Scene) -> WallPage:
    """A band an open alert, worst first; one that says how many rules are quiet where there is none."""
    found = [alert for alert in alerts.sorted_alerts(scene) if not alert.inhibited_by]
    title = scene.say("panel.alerts").upper()
    if not found:
        return WallPage("alerts", bands=(Band(alerts.quiet(scene), state="ok", tone="good"),), title=title)
    bands = tuple(
        Band(
            alerts.title(alert, scene),
            " · ".join(part for part in about(alert, scene) if part),
            alerts.shown(alert.value, alert, scene) if alert.value is not None else "",
            state=alerts.state_of(alert),
            tone=alerts.TONES[alerts.state_of(alert)],
            value_tone=alerts.TONES[alerts.state_of(alert)],
        )
        for alert in found
    )
    return WallPage("alerts", bands=bands, title=title, unit=str(len(found)))


def about(alert: Alert, scene: Scene) -> tuple[str, ...]:
    """State, since when, whose it is, and whether somebody has taken it."""
    day = alerts.day_text(alert.since or alert.active_at)
    acked = ""
    if alert.state == "firing":
        acked = (
            scene.say("page.acked_by", who=harmless(alert.acked_by))
            if alert.acked_by
            else scene.say("incident.not_acknowledged")
        )
    return (
        scene.say(f"incident.{alert.state}"),
        scene.say("incident.since", day=day) if day else "",
        harmless(alert.owner or ""),
        acked,
    )


def source_bands(scene: Scene) -> WallPage:
    """A band a source, stale ones first: its newest fact and rows."""
    found = scene.snapshot.status.sources if scene.snapshot else ()
    bands = []
    for source in sorted(found, key=lambda one: not one.stale):
        state = sources.state_of(source, scene)
        newest = sources.moment_text(scene, source.last_ts).text
        bands.append(
            Band(
                harmless(source.name),
                f"{state.text}  {newest}" if source.last_ts else state.text,
                fmt.number(source.rows, scene.lang, whole=True),
                tone="stale" if source.stale else "ink-strong",
                state="stale" if source.stale else "fresh",
            )
        )
    title = scene.say("panel.sources").upper()
    return WallPage("sources", bands=tuple(bands), title=title, unit=scene.say("head.rows"))


PAGES: Mapping[str, Callable[[Scene], WallPage]] = {
    "funnel": funnel,
    "metrics": members,
    "alerts": alert_bands,
    "sources": source_bands,
}

"""A metric's entry in the dictionary: formula, wording, owner, what it is made of, whose facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.questions import ChangesQuery, MetricAbout, SourceStatus
from tui import format as fmt
from tui.asking import AboutAsk
from tui.harmless import harmless, wrap
from tui.lines import line
from tui.view import Line
from tui.view.text import TextView
from tui.views import revisions
from tui.views.metrics import dictionary, entry_of, metric_of
from tui.views.scene import Scene, unit_of, words_of

if TYPE_CHECKING:
    from engine.metrics import Entry


def definition(scene: Scene, name: str = "", width: int = 38) -> TextView:
    """How a metric is computed, what is counted, who owns it.

    In:  name: the metric, by default that of the place; width: cells of the panel.
    """
    entry = entry_of(scene, name)
    if entry is None:
        return TextView((), scene.say("page.definition"))
    room = max(16, width - 4)
    wording = words_of(entry.wording, scene.lang, "") if entry.wording else ""
    blocks = [
        _wrapped(harmless(entry.formula), room, "ink"),
        _wrapped(wording, room, "ink-dim") if wording else [],
        _benchmark(entry, scene, room),
        _wrapped(_kind(entry, scene), room, "ink-dim"),
        _wrapped(_edges(entry, scene), room, "ink-dim"),
        _wrapped(_owner(entry, scene), room, "ink-dim"),
        revisions.lines(entry, scene, room),
        _log(entry, scene, room),
        *_family(entry, scene, room),
        _sources(entry, scene),
    ]
    lines = [each for block in blocks for each in block]
    return TextView(tuple(lines), words_of(entry.label, scene.lang, entry.name), unit_of(entry.unit, scene))


def _wrapped(text: str, room: int, tone: str) -> list[Line]:
    return [line((" " + each, tone)) for each in wrap(text, room)]


def _headed(title: str, parts: list[str], room: int) -> list[Line]:
    """`made of: Revenue, Spend`, in as many lines as it takes; nothing without parts."""
    return _wrapped(f"{title}: {', '.join(parts)}", room, "ink-dim") if parts else []


def _benchmark(entry: Entry, scene: Scene, room: int) -> list[Line]:
    """What is usual elsewhere, marked as a benchmark, and the study that says so."""
    if entry.benchmark is None:
        return []
    rate = fmt.value_of(entry.benchmark.value, entry.unit, scene.lang)
    usual = scene.say("funnel.benchmark", rate=rate)
    return _wrapped(f"{usual}: {harmless(entry.benchmark.source)}", room, "ink-dim")


def _kind(entry: Entry, scene: Scene) -> str:
    good = scene.say(f"page.good_{entry.good}") if entry.good in ("up", "down") else ""
    adds = scene.say(f"metrics.adds_{entry.additive}")
    credit = (
        scene.say("panel.credit", model=scene.say("credit.last_touch"))
        if entry.credit == "last_touch"
        else ""
    )
    return " · ".join(text for text in (scene.say(f"metrics.unit_{entry.unit}"), good, adds, credit) if text)


def _owner(entry: Entry, scene: Scene) -> str:
    owner = scene.say("incident.owner", who=harmless(entry.owner)) if entry.owner else ""
    level = scene.say(f"level.{entry.level}") if entry.level in ("strategy", "tactic", "execution") else ""
    return " · ".join(text for text in (owner, level, f"def {entry.definition[:6]}") if text)


def _edges(entry: Entry, scene: Scene) -> str:
    """What the metric does without rows, without a denominator, with a small one, and where it is good."""
    about = scene.got(AboutAsk(entry.name), MetricAbout)
    parts = [scene.say(f"metrics.gap_{about.gap}")] if about else []
    if entry.unit in ("percent", "ratio") or entry.kind == "ratio":
        parts.append(scene.say("metrics.no_den"))
    if about is not None and about.min_den:
        parts.append(scene.say("metrics.min_den", n=about.min_den))
    if entry.band is not None:
        low, high = (fmt.value_of(edge, entry.unit, scene.lang) for edge in entry.band)
        parts.append(scene.say("metrics.band", low=low, high=high))
    return " · ".join(parts)


def _log(entry: Entry, scene: Scene, room: int) -> list[Line]:
    """Since when the definition holds, and what became of it, the newest change first."""
    since = harmless(entry.since) if entry.since else ""
    out = _wrapped(scene.say("metrics.since", day=since), room, "ink-dim") if since else []
    for each in reversed(entry.changes):
        said = f"◆ {harmless(each.date)} {harmless(each.text)}"
        out += _wrapped(said + (f" · def {each.definition[:6]}" if each.definition else ""), room, "info")
    return out


def _family(entry: Entry, scene: Scene, room: int) -> list[list[Line]]:
    """What it is made of, and what is made of it."""
    entries = dictionary(scene)

    def named(wanted: list[Entry]) -> list[str]:
        return [words_of(each.label, scene.lang, each.name) for each in wanted]

    below = named([each for each in entries if each.name in entry.drives])
    above = named([each for each in entries if entry.name in each.drives])
    return [
        _headed(scene.say("metrics.made_of"), below, room),
        _headed(scene.say("metrics.part_of"), above, room),
    ]


def _sources(entry: Entry, scene: Scene) -> list[Line]:
    """Each source with its newest fact, the stale ones marked."""
    about = scene.got(AboutAsk(entry.name), MetricAbout)
    known = {each.name: each for each in (scene.snapshot.status.sources if scene.snapshot else ())}
    found = [known[name] for name in (about.sources if about else ()) if name in known]
    if not found:
        return []
    return [
        line((" " + scene.say("metrics.sources"), "ink")),
        *(_source(each, scene) for each in found),
    ]


def _source(source: SourceStatus, scene: Scene) -> Line:
    newest = fmt.NONE if source.last_ts is None else f"{scene.local(source.last_ts):%m-%d %H:%M}"
    sign, tone = ("◌", "stale") if source.stale else ("●", "good")
    word = scene.say("state.stale" if source.stale else "state.fresh")
    return line((f" {sign} ", tone), (f"{harmless(source.name)} · {newest} · ", "ink-dim"), (word, tone))


def asks(scene: Scene, name: str = "") -> tuple[AboutAsk | ChangesQuery, ...]:
    """What the entry needs beside the dictionary."""
    wanted = name or metric_of(scene)
    return (AboutAsk(wanted), ChangesQuery(wanted))

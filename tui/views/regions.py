"""Provinces of China where they lie, coloured by the size of a metric; where names do not match, no map."""

from __future__ import annotations

from engine.questions import MetricAnswer
from tui.glyphs import Glyphs
from tui.harmless import pad
from tui.lines import line
from tui.place import Place
from tui.view import Line
from tui.view.text import TextView
from tui.views.crumbs import metric_name
from tui.views.metrics import asked, dimensions_of, key_of, metric_of
from tui.views.scene import Scene, dimension
from tui.views.steps import step_of

BY = "region"
GRID = (
    "- - - - - - - 黑龙江",
    "- - - - - 内蒙古 辽宁 吉林",
    "新疆 - 甘肃 宁夏 山西 北京 天津 -",
    "- 青海 - 陕西 河南 河北 山东 -",
    "西藏 - 四川 重庆 湖北 安徽 江苏 上海",
    "- - 云南 贵州 湖南 江西 浙江 -",
    "- - - 广西 广东 - 福建 台湾",
    "- - - 海南 香港 澳门 - -",
)
"""Provinces by their place, west at the left."""
NAMES = frozenset(name for row in GRID for name in row.split() if name != "-")
ENDINGS = ("特别行政区", "维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "省", "市")
LEAST = 4
"""So many provinces have to match for a map to say anything."""
TILE = 9
NAME = 6


def is_regions(place: Place) -> bool:
    """Whether the place shows regions by their size."""
    return place.heat and not place.second and place.by == BY


def province(name: str) -> str:
    """The province that a region is, by its short name; empty for another region."""
    short = name.strip()
    for ending in ENDINGS:
        short = short.removesuffix(ending)
    return short if short in NAMES else ""


def view(scene: Scene, glyphs: Glyphs) -> TextView | None:
    """The map; None where the place shows no regions or too few of them are provinces."""
    if not is_regions(scene.place) or scene.size.width < len(GRID) * TILE + 4:
        return None
    found = asked(scene)
    answer = scene.got(found.cells, MetricAnswer) if found else None
    values: dict[str, float] = {}
    for row in answer.rows if answer else ():
        name = province(key_of(row, dimensions_of(scene.place)[0]) or "")
        if name and row.value is not None:
            values[name] = row.value
    if len(values) < LEAST:
        return None
    title = (
        f"{metric_name(scene, metric_of(scene))} {scene.say('panel.by', dimension=dimension(BY, scene.lang))}"
    )
    return TextView(tuple(_row(row, values, glyphs) for row in GRID), title, scene.say("metrics.map"))


def _row(row: str, values: dict[str, float], glyphs: Glyphs) -> Line:
    """One row of tiles: name and step; a province without a number is dim."""
    return line(*(run for name in row.split() for run in _tile(name, values, glyphs)))


def _tile(name: str, values: dict[str, float], glyphs: Glyphs) -> list[tuple[str, str]]:
    if name == "-":
        return [(" " * TILE, "ink")]
    if name not in values:
        return [(pad(name, TILE), "ink-dim")]
    level = min(4, int(step_of(values[name], list(values.values())) * 5))
    shade = (glyphs.heat[level] * 2, f"shade-{level}")
    return [(pad(name, NAME), f"heat-{level}"), shade, (" " * (TILE - NAME - 2), "ink")]

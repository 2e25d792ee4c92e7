"""Which layout a header has: at most one, by rules that can be said.

A layout fits when the header has a column of each of its `needs` and none of its `without`. Of several that
fit, in this order: a workspace's own, then one whose words stand in the path, then the one that needs the
most columns; where two are still alike, neither. Generic layouts are taken only where no other fits: the one
that knows the most of the columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from engine.errors import nearest
from engine.ingest.layout import column_names, presets
from engine.ingest.sniff import fold
from engine.schema import Table
from engine.workspace.model import Preset

_MONEY = re.compile(r"\s*[(（\[]([A-Za-z]{3})[)）\]]\s*$")
_WORDS = re.compile(r"[a-z0-9]+")
_SHOWN = 2
"""Near misses that are told."""


class Header:
    """The columns of a file, found by name: as written, else without case, width and blanks at the ends.

    `Amount spent (¤)` finds `Amount spent (USD)`.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self.written = frozenset(self.names)
        self.folded = {fold(name): name for name in reversed(self.names)}
        for name in reversed(self.names):
            if _MONEY.search(name):
                self.folded[fold(_MONEY.sub(" (¤)", name))] = name

    def find(self, name: str) -> str | None:
        """The column of that name."""
        return name if name in self.written else self.folded.get(fold(name))

    def has(self, need: str) -> bool:
        """Whether there is one of the columns `a|b+c|…`."""
        return any(all(self.find(part) for part in name.split("+")) for name in need.split("|"))


@dataclass(frozen=True, slots=True)
class Choice:
    """The layout of a header; why this one of several; what it has almost."""

    preset: Preset | None = None
    why: str = ""
    near: tuple[str, ...] = ()


def choose(
    names: Sequence[str], table: Table | None = None, path: str = "", own: Sequence[Preset] = ()
) -> Choice:
    """The layout of a header, of those for a table where one is given."""
    header = Header(names)
    tried = [each for each in presets(own).values() if table is None or each.table == table]
    fitting = [each for each in tried if fits(each, header)]
    special = sorted((each for each in fitting if not each.generic), key=lambda each: _rank(each, path))
    told = ""
    if special:
        best = special[-1]
        alike = [each.name for each in special if _rank(each, path) == _rank(best, path)]
        if len(alike) == 1:
            return Choice(best, _why(best, special[-2], path) if len(special) > 1 else "")
        told = f"{' and '.join(sorted(alike))} fit alike: say which with preset = …"
    generic = max(
        (each for each in fitting if each.generic),
        key=lambda each: (known(each, header) + each.weight, each.weight, each.name),
        default=None,
    )
    near = (told,) if told else near_misses(tried, header, strict=generic is not None)
    return Choice(generic, told, near)


def fits(preset: Preset, header: Header) -> bool:
    """Whether a header has all that a layout needs, and nothing that it must not have."""
    return all(map(header.has, preset.needs)) and not any(map(header.has, preset.without))


def known(preset: Preset, header: Header) -> int:
    """How many columns of a header a layout knows."""
    names = column_names(preset)
    found = {there for name, there in header.folded.items() if name in names}
    return len(found)


def _rank(preset: Preset, path: str) -> tuple[bool, bool, int]:
    return preset.own, _said(preset, path) is not None, len(preset.needs)


def _said(preset: Preset, path: str) -> str | None:
    """The word in a path that speaks for a layout: a whole word, or characters of a CJK one."""
    low = path.casefold()
    words = set(_WORDS.findall(low))
    return next((w for w in preset.paths if w in words or (not w.isascii() and w in low)), None)


def _why(best: Preset, second: Preset, path: str) -> str:
    if best.own and not second.own:
        return f"a layout of this workspace goes before {second.name}"
    if (word := _said(best, path)) and not _said(second, path):
        return f'"{word}" in its path decides against {second.name}'
    return f"needs {len(best.needs)} columns, {second.name} {len(second.needs)}"


def near_misses(tried: Iterable[Preset], header: Header, *, strict: bool) -> tuple[str, ...]:
    """The layouts that a header has but for one or two columns, nearest first.

    `strict`: only those for whose missing columns the header has one of a similar name.
    Out: `oceanengine: no column 消耗 (has 消耗金额)`.
    """
    found = []
    for preset in tried:
        lost = [need for need in preset.needs if not header.has(need)]
        if preset.generic or not 0 < len(lost) <= 2 or len(preset.needs) - len(lost) < max(2, 2 * len(lost)):
            continue
        if any(map(header.has, preset.without)):
            continue
        hints = list(_hints(preset, lost, header))
        blank = sum(1 for _, hint in hints if hint is None)
        if not (strict and blank):
            words = " and ".join(
                f"no column {need}" + (f" (has {hint})" if hint else "") for need, hint in hints
            )
            found.append((len(lost), blank, -len(preset.needs), preset.name, f"{preset.name}: {words}"))
    return tuple(words for *_, words in sorted(found)[:_SHOWN])


def _hints(preset: Preset, lost: Iterable[str], header: Header) -> Iterator[tuple[str, str | None]]:
    """(best name of a missing column, the column of the file that may be meant)."""
    names = column_names(preset)
    free = [name for name in header.names if fold(name) not in names]
    for need in lost:
        close = (nearest(name, free) or _holding(name, free) for name in need.split("|"))
        yield need.split("|")[0], next((name for name in close if name), None)


def _holding(name: str, free: Iterable[str]) -> str | None:
    """A column whose name holds the other's, or the other way round."""
    low = fold(name)
    held = (
        each for each in free if len(low) > 1 and (low in fold(each) or (fold(each) in low and len(each) > 1))
    )
    return next(held, None)


def currency_in(name: str) -> str | None:
    """The currency that a column's name holds: `USD` of `Amount spent (USD)`."""
    found = _MONEY.search(name)
    return found[1].upper() if found else None

"""Every action of the console, once: its id, keys, where it works, and which ones the footers name.

Keys are written as on the keyboard (`?`, `G`) or by name (`enter`, `shift+tab`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

FULL_WIDTH = {
    "?": "？", ":": "：", "/": "、", "[": "【", "]": "】", "<": "《", ">": "》",
    "!": "！", "=": "＝", "+": "＋", "-": "－",
} | {str(n): chr(ord("０") + n) for n in range(10)}  # fmt: skip
"""What a Chinese input method sends for a key."""

FORBIDDEN = frozenset(
    [f"ctrl+{letter}" for letter in "absqzwoghijm["] + ["ctrl+left_square_bracket", "f1", "f11", "~", "tilde"]
)
"""Keys that a terminal, screen, tmux, ssh or flow control takes away; Alt in all forms as well."""

NAMED = {
    "enter": "Enter", "escape": "Esc", "backspace": "Backspace", "tab": "Tab", "shift+tab": "⇧Tab",
    "space": "Space",
    "home": "Home", "end": "End", "pageup": "PgUp", "pagedown": "PgDn", "up": "↑", "down": "↓", "left": "←",
    "right": "→",
    "delete": "Del", "insert": "Ins", "f5": "F5",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a person can do.

    `scopes` is empty for an action that works everywhere, else the screens it belongs to; `widget` names the
    kind of widget that answers it (it is then help "for this table"). `priority` keys work while text is
    typed.
    """

    id: str
    keys: tuple[str, ...]
    group: str
    scopes: tuple[str, ...] = ()
    widget: str = ""
    priority: bool = False

    @property
    def aliases(self) -> tuple[str, ...]:
        """The full-width forms of its keys."""
        return tuple(FULL_WIDTH[key] for key in self.keys if key in FULL_WIDTH)

    @property
    def label(self) -> str:
        """The id of its short name."""
        return f"label.{self.id}"

    @property
    def help(self) -> str:
        """The id of the sentence in the help."""
        return f"help.{self.id}"


ACTIONS: tuple[Action, ...] = (
    *(Action(f"screen.{n}", (str(n),), "go") for n in range(1, 10)),
    Action("nav.in", ("enter",), "go"),
    Action("nav.out", ("escape", "backspace"), "go"),
    Action("nav.quit", ("q", "ctrl+c"), "go"),
    Action("help.open", ("?",), "console"),
    Action("command.open", (":", "ctrl+p"), "console"),
    Action("filter.open", ("/",), "table"),
    Action("focus.next", ("tab",), "move"),
    Action("focus.previous", ("shift+tab",), "move"),
    Action("cursor.down", ("j", "down"), "move"),
    Action("cursor.up", ("k", "up"), "move"),
    Action("cursor.left", ("h", "left"), "move"),
    Action("cursor.right", ("l", "right"), "move"),
    Action("cursor.first", ("g", "home"), "move"),
    Action("cursor.last", ("G", "end"), "move"),
    Action("cursor.page_down", ("pagedown",), "move"),
    Action("cursor.page_up", ("pageup",), "move"),
    Action("row.mark", ("space",), "table", widget="table"),
    Action("time.pick", ("t",), "time"),
    Action("time.earlier", ("[",), "time"),
    Action("time.later", ("]",), "time"),
    Action("time.now", ("0",), "time"),
    Action("grain.finer", ("+",), "time"),
    Action("grain.coarser", ("-",), "time"),
    Action("compare.pick", ("v",), "time"),
    Action("dimension.pick", ("d",), "look"),
    Action("dimension.second", ("D",), "look"),
    Action("column.left", ("<",), "table", widget="table"),
    Action("column.right", (">",), "table", widget="table"),
    Action("sort.toggle", ("s",), "table", widget="table"),
    Action("columns.choose", ("c",), "table", widget="table"),
    Action("object.pick", ("f",), "look"),
    Action("explain.open", ("x",), "look"),
    Action("lineage.open", ("i",), "look"),
    Action("note.add", ("n",), "take"),
    Action("views.open", ("S",), "console"),
    Action("copy.cell", ("y",), "take"),
    Action("copy.rows", ("Y",), "take"),
    Action("export.csv", ("e",), "take"),
    Action("live.pause", ("p",), "console"),
    Action("data.reread", ("r",), "console"),
    Action("panel.zoom", ("z",), "console"),
    Action("wall.on", ("w",), "console"),
    Action("language.next", ("L",), "console"),
    Action("theme.next", ("T",), "console"),
    Action("mouse.toggle", ("m",), "console"),
    Action("screen.repaint", ("ctrl+l",), "console"),
    Action("funnel.breakdown", ("b",), "screen", ("funnel",)),
    Action("pivot.measure", ("V",), "screen", ("metrics",)),
    Action("heat.hours", ("H",), "screen", ("metrics",)),
    Action("heat.regions", ("M",), "screen", ("metrics",)),
    Action("funnel.beside", ("V",), "screen", ("funnel", "beside")),
    Action("funnel.cohorts", ("C",), "screen", ("funnel",)),
    Action("funnel.drivers", ("W",), "screen", ("funnel",)),
    Action(
        "options.open",
        ("o",),
        "screen",
        ("funnel", "metrics", "persons", "cohorts", "drivers", "beside", "alerts"),
    ),
    Action("alert.ack", ("a",), "screen", ("alerts",)),
    Action("alert.silence", ("Z",), "screen", ("alerts",)),
    Action("alert.close", ("C",), "screen", ("alerts",)),
    Action("alert.label", ("R",), "screen", ("alerts", "review")),
    Action("alert.undo", ("K",), "screen", ("alerts",)),
    Action("rule.backtest", ("B",), "screen", ("alerts", "rules", "review")),
    Action("rule.missed", ("M",), "screen", ("rules",)),
    Action("rules.open", ("U",), "screen", ("alerts", "review")),
    Action("review.open", ("V",), "screen", ("alerts", "rules")),
    Action("quiet.open", ("Q",), "screen", ("alerts", "rules")),
    Action("action.new", ("A",), "screen", ("alerts", "loop")),
    Action("sql.run", ("f5", "ctrl+r"), "screen", ("sql",)),
    Action("sql.edit", ("o",), "screen", ("sql",)),
    Action("dispute.take", ("a",), "screen", ("sources",)),
    Action("person.link", ("=",), "screen", ("person",)),
    Action("person.unlink", ("!",), "screen", ("person",)),
    Action("person.reveal", ("u",), "screen", ("person",)),
)
BY_ID: Mapping[str, Action] = {action.id: action for action in ACTIONS}

# What the footer names, most important first; (actions, word) where one word stands for several keys.
FOOTERS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "overview": (
        ("nav.in", ""), ("time.pick", ""), ("compare.pick", ""), ("dimension.pick", ""), ("filter.open", ""),
        ("explain.open", ""), ("export.csv", ""), ("copy.cell", ""), ("live.pause", ""), ("wall.on", ""),
        ("command.open", ""), ("views.open", ""), ("panel.zoom", ""),
        ("time.earlier time.later", "hint.period"), ("time.now", ""), ("help.open", ""),
    ),
    "funnel": (
        ("nav.in", "hint.enter_steps"), ("object.pick", "hint.funnel"), ("funnel.breakdown", ""),
        ("options.open", ""),
        ("funnel.beside", ""), ("funnel.cohorts", ""), ("funnel.drivers", ""),
        ("grain.finer grain.coarser", "hint.grain"), ("time.pick", ""),
        ("compare.pick", ""),
        ("dimension.pick", ""), ("explain.open", ""), ("lineage.open", ""), ("export.csv", ""),
        ("nav.out", ""), ("help.open", ""),
    ),
    "persons": (
        ("nav.in", "hint.enter_persons"), ("cursor.left cursor.right", "hint.which"), ("focus.next", ""),
        ("options.open", ""), ("filter.open", ""), ("sort.toggle", ""), ("lineage.open", ""),
        ("export.csv", ""), ("nav.out", ""), ("help.open", ""),
    ),
    "cohorts": (
        ("grain.finer grain.coarser", "hint.grain"), ("cursor.left cursor.right", "hint.scroll"),
        ("options.open", ""), ("sort.toggle", ""), ("export.csv", ""), ("nav.out", ""), ("help.open", ""),
    ),
    "drivers": (
        ("nav.in", "hint.enter_group"), ("options.open", ""), ("filter.open", ""),
        ("column.left column.right", "hint.column"), ("sort.toggle", ""), ("export.csv", ""), ("nav.out", ""),
        ("help.open", ""),
    ),
    "beside": (
        ("nav.in", "hint.enter_moves"), ("focus.next", ""), ("funnel.beside", ""), ("options.open", ""),
        ("filter.open", ""), ("export.csv", ""), ("nav.out", ""), ("help.open", ""),
    ),
    "metrics": (
        ("nav.in", "hint.enter_in"), ("nav.out", "hint.escape_out"), ("dimension.pick", ""),
        ("dimension.second", ""), ("pivot.measure", ""), ("heat.hours heat.regions", "hint.heat"),
        ("compare.pick", ""), ("explain.open", ""), ("grain.finer grain.coarser", "hint.grain"),
        ("time.pick", ""), ("column.left column.right", "hint.column"), ("sort.toggle", ""),
        ("columns.choose", ""), ("filter.open", ""), ("lineage.open", ""), ("export.csv", ""),
        ("help.open", ""),
    ),
    "alerts": (
        ("nav.in", "hint.enter_metric"), ("alert.ack", ""), ("alert.silence", ""), ("note.add", ""),
        ("row.mark", "hint.tick"), ("alert.label", ""), ("rules.open review.open quiet.open", "hint.record"),
        ("alert.close", ""), ("rule.backtest", ""), ("options.open", "hint.which_alerts"),
        ("filter.open", ""), ("explain.open", ""), ("nav.out", ""),
        ("copy.cell", ""), ("export.csv", ""), ("command.open", ""), ("help.open", ""),
    ),
    "rules": (
        ("nav.in", "hint.enter_rule"), ("rule.backtest", ""), ("quiet.open", ""), ("review.open", ""),
        ("rule.missed", ""),
        ("filter.open", ""), ("column.left column.right", "hint.column"), ("sort.toggle", ""),
        ("copy.cell", ""), ("export.csv", ""), ("nav.out", ""), ("help.open", ""),
    ),
    "review": (
        ("nav.in", "hint.enter_review"), ("alert.label", ""), ("rule.backtest", ""), ("focus.next", ""),
        ("rules.open", ""), ("filter.open", ""), ("sort.toggle", ""), ("copy.cell", ""), ("export.csv", ""),
        ("nav.out", ""), ("help.open", ""),
    ),
    "sources": (
        ("nav.in", "hint.enter_source"), ("nav.out", ""), ("dispute.take", ""), ("filter.open", ""),
        ("focus.next", ""), ("column.left column.right", "hint.column"),
        ("sort.toggle", ""), ("copy.cell", ""), ("export.csv", ""), ("lineage.open", ""),
        ("command.open", ""), ("help.open", ""),
    ),
    "person": (
        ("nav.in", "hint.enter_line"), ("focus.next", ""), ("filter.open", ""), ("person.link", ""),
        ("person.unlink", ""),
        ("person.reveal", ""), ("note.add", ""), ("copy.cell", ""), ("export.csv", ""),
        ("nav.out", "hint.escape_list"),
        ("help.open", ""),
    ),
    "sql": (
        ("sql.run", ""), ("sql.edit", ""), ("filter.open", ""), ("column.left column.right", "hint.column"),
        ("sort.toggle", ""), ("columns.choose", ""), ("copy.cell", ""), ("export.csv", ""),
        ("command.open", ""), ("help.open", ""),
    ),
    "": (
        ("nav.in", ""), ("nav.out", ""), ("filter.open", ""), ("column.left column.right", "hint.column"),
        ("sort.toggle", ""),
        ("copy.cell", ""), ("export.csv", ""), ("command.open", ""), ("help.open", ""),
    ),
}  # fmt: skip

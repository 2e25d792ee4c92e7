"""Every action of the console, once: its id, keys, where it works and its words.

Footer, help, palette, the keys a widget listens to, the table in the README and `[console.keys]` all come from `ACTIONS`.
Keys are written as on the keyboard (`?`, `G`) or by name (`enter`, `shift+tab`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from tui.view import Hint
from tui.words import say

FULL_WIDTH = {
    "?": "？", ":": "：", "/": "、", "[": "【", "]": "】", "<": "《", ">": "》", "!": "！", "=": "＝", "+": "＋", "-": "－",
} | {str(n): chr(ord("０") + n) for n in range(10)}  # fmt: skip
"""What a Chinese input method sends for a key."""

FORBIDDEN = frozenset(
    [f"ctrl+{letter}" for letter in "absqzwoghijm["]
    + ["ctrl+left_square_bracket", "f1", "f11", "~", "tilde"]
)
"""Keys that a terminal, screen, tmux, ssh or flow control takes away; Alt in all forms as well."""

NAMED = {
    "enter": "Enter", "escape": "Esc", "backspace": "Backspace", "tab": "Tab", "shift+tab": "⇧Tab", "space": "Space",
    "home": "Home", "end": "End", "pageup": "PgUp", "pagedown": "PgDn", "up": "↑", "down": "↓", "left": "←", "right": "→",
    "delete": "Del", "insert": "Ins",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a person can do.

    `scopes` is empty for an action that works everywhere, else the screens it belongs to; `widget` names the kind of widget that
    answers it (it is then help "for this table"). `priority` keys work while text is typed.
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
    Action("funnel.beside", ("V",), "screen", ("funnel",)),
    Action("options.open", ("o",), "screen", ("funnel", "metrics")),
    Action("alert.ack", ("a",), "screen", ("alerts",)),
    Action("alert.silence", ("Z",), "screen", ("alerts",)),
    Action("alert.close", ("C",), "screen", ("alerts",)),
    Action("alert.label", ("R",), "screen", ("alerts",)),
    Action("rule.backtest", ("B",), "screen", ("alerts", "rules")),
    Action("action.new", ("A",), "screen", ("alerts", "loop")),
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
        ("views.open", ""), ("panel.zoom", ""), ("time.earlier time.later", "hint.period"), ("time.now", ""),
        ("command.open", ""), ("help.open", ""),
    ),
    "funnel": (
        ("nav.in", "hint.enter_steps"), ("object.pick", "hint.funnel"), ("funnel.breakdown", ""), ("options.open", ""),
        ("funnel.beside", ""), ("grain.finer grain.coarser", "hint.grain"), ("time.pick", ""), ("compare.pick", ""),
        ("dimension.pick", ""), ("explain.open", ""), ("export.csv", ""), ("nav.out", ""), ("help.open", ""),
    ),
    "metrics": (
        ("nav.in", "hint.enter_in"), ("nav.out", "hint.escape_out"), ("dimension.pick", ""), ("dimension.second", ""),
        ("column.left column.right", "hint.column"), ("sort.toggle", ""), ("columns.choose", ""), ("time.pick", ""),
        ("filter.open", ""), ("explain.open", ""), ("lineage.open", ""), ("export.csv", ""), ("help.open", ""),
    ),
    "alerts": (
        ("nav.in", "hint.enter_metric"), ("alert.ack", ""), ("alert.silence", ""), ("note.add", ""), ("row.mark", "hint.tick"),
        ("alert.label", ""), ("alert.close", ""), ("rule.backtest", ""), ("filter.open", ""), ("nav.out", ""),
        ("copy.cell", ""), ("export.csv", ""), ("command.open", ""), ("help.open", ""),
    ),
    "sources": (
        ("nav.in", "hint.enter_source"), ("nav.out", ""), ("filter.open", ""), ("column.left column.right", "hint.column"),
        ("sort.toggle", ""), ("copy.cell", ""), ("export.csv", ""), ("lineage.open", ""), ("command.open", ""), ("help.open", ""),
    ),
    "person": (
        ("nav.in", "hint.enter_line"), ("focus.next", ""), ("filter.open", ""), ("person.link", ""), ("person.unlink", ""),
        ("person.reveal", ""), ("note.add", ""), ("copy.cell", ""), ("export.csv", ""), ("nav.out", "hint.escape_list"),
        ("help.open", ""),
    ),
    "": (
        ("nav.in", ""), ("nav.out", ""), ("filter.open", ""), ("column.left column.right", "hint.column"), ("sort.toggle", ""),
        ("copy.cell", ""), ("export.csv", ""), ("command.open", ""), ("help.open", ""),
    ),
}  # fmt: skip


def display(key: str) -> str:
    """A key as a person reads it: `Enter`, `⇧Tab`, `Ctrl+P`, `?`."""
    if key in NAMED:
        return NAMED[key]
    return "Ctrl+" + key.removeprefix("ctrl+").upper() if key.startswith("ctrl+") else key


def keys_of(action: Action, overrides: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The keys an action listens to, full-width forms included; an override takes the place of all of them."""
    asked = (overrides or {}).get(action.id)
    if asked is None:
        return action.keys + action.aliases
    return (asked, FULL_WIDTH[asked]) if asked in FULL_WIDTH else (asked,)


def works(action: Action, scope: str) -> bool:
    """Whether an action belongs to that screen."""
    return not action.scopes or scope in action.scopes


def bindings(scope: str, overrides: Mapping[str, str] | None = None) -> tuple[tuple[str, Action], ...]:
    """(key, action) for a screen (`""`: those that work everywhere), with `[console.keys]` applied."""
    wanted = (a for a in ACTIONS if (not a.scopes if scope == "" else works(a, scope)))
    return tuple((key, action) for action in wanted for key in keys_of(action, overrides))


def hints(
    scope: str, lang: str = "en", overrides: Mapping[str, str] | None = None, available: Collection[str] | None = None
) -> tuple[Hint, ...]:
    """The footer of a screen, most important first; `available` leaves out what this console cannot do (yet)."""
    out = []
    for ids, word in FOOTERS.get(scope, FOOTERS[""]):
        actions = [BY_ID[name] for name in ids.split() if available is None or name in available]
        if actions:
            shown = " ".join(display(keys_of(action, overrides)[0]) for action in actions)
            out.append(Hint(shown, say(word or actions[0].label, lang), actions[0].id))
    return tuple(out)


def help_sections(
    scope: str, widget: str = "", lang: str = "en", overrides: Mapping[str, str] | None = None,
    available: Collection[str] | None = None,
) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """(title, ((keys, sentence), …)) for the focused widget, then the screen, then everything else by group."""
    known = [a for a in ACTIONS if works(a, scope) and (available is None or a.id in available)]

    def rows(wanted: Callable[[Action], bool]) -> tuple[tuple[str, str], ...]:
        return tuple(
            (" ".join(display(k) for k in keys_of(a, overrides) if k not in a.aliases), say(a.help, lang))
            for a in known
            if wanted(a)
        )

    here = rows(lambda a: bool(a.widget) and a.widget == widget or a.id in ("nav.in", "filter.open"))
    title = say("overlay.this_table" if widget == "table" else "overlay.this_panel", lang)
    sections = [(title, here), (say("overlay.here", lang), rows(lambda a: bool(a.scopes)))]
    for group in ("go", "move", "time", "look", "table", "take", "console"):
        sections.append((say(f"group.{group}", lang), rows(lambda a, g=group: a.group == g and not a.scopes)))  # type: ignore[misc]
    return tuple(section for section in sections if section[1])


def palette(
    scope: str, lang: str = "en", overrides: Mapping[str, str] | None = None, available: Collection[str] | None = None
) -> tuple[tuple[str, str, str], ...]:
    """(action id, sentence, key) of all that can be done here."""
    return tuple(
        (a.id, say(a.help, lang), display(keys_of(a, overrides)[0]))
        for a in ACTIONS
        if works(a, scope) and (available is None or a.id in available)
    )


def keymap(overrides: Mapping[str, str]) -> dict[str, str]:
    """Overrides as Textual takes them: binding id → keys parted by commas."""
    return {name: ",".join(keys_of(BY_ID[name], overrides)) for name in overrides if name in BY_ID}


def forbidden(key: str) -> bool:
    """Whether a terminal takes that key away."""
    return key.lower() in FORBIDDEN or key.lower().startswith(("alt+", "meta+"))


def key_faults(overrides: Mapping[str, str], actions: Iterable[Action] = ACTIONS) -> tuple[tuple[str, str], ...]:
    """All faults of `[console.keys]` at once, as (action id, sentence); empty when it can be used."""
    table = tuple(actions)
    known = {action.id: action for action in table}
    faults = []
    for name, key in overrides.items():
        if name not in known:
            near = get_close_matches(name, known, 1, 0.4)
            faults.append((name, f'"{name}" is no action' + (f"; nearest: {near[0]}" if near else "")))
        elif not _is_key(key):
            faults.append((name, f'"{key}" is no key; write one sign (p) or a name (space, ctrl+p)'))
        elif forbidden(key):
            faults.append((name, f'"{key}" does not reach the console (terminal, tmux or screen take it); choose another'))
    usable = {name: key for name, key in overrides.items() if name not in {fault[0] for fault in faults}}
    faults += [
        (second, f'"{key}" is already the key of {first}')
        for key, first, second in collisions(table, usable)
        if first in usable or second in usable
    ]
    return tuple(faults)


def _is_key(key: str) -> bool:
    known = {k for action in ACTIONS for k in action.keys} | set(NAMED) | {f"f{n}" for n in range(1, 13)}
    return len(key) == 1 and key.isprintable() or key in known or (key.startswith(("ctrl+", "alt+")) and len(key) > 5)


def collisions(
    actions: Iterable[Action] = ACTIONS, overrides: Mapping[str, str] | None = None
) -> tuple[tuple[str, str, str], ...]:
    """(key, action, action) wherever one key would mean two things on some screen."""
    table = tuple(actions)
    out = []
    for at, first in enumerate(table):
        for second in table[at + 1 :]:
            if first.scopes and second.scopes and not set(first.scopes) & set(second.scopes):
                continue
            shared = set(keys_of(first, overrides)) & set(keys_of(second, overrides))
            out += [(key, first.id, second.id) for key in sorted(shared)]
    return tuple(out)


def markdown(lang: str = "en") -> str:
    """The table of keys for the README."""
    head = {"en": ("Key", "Id", "Does", "Where"), "zh": ("按键", "编号", "作用", "范围")}[lang]
    lines = ["| " + " | ".join(head) + " |", "|---|---|---|---|"]
    for action in ACTIONS:
        shown = " ".join(f"`{display(key)}`" for key in action.keys)
        where = ", ".join(action.scopes) or {"en": "everywhere", "zh": "各处"}[lang]
        lines.append(f"| {shown} | {action.id} | {say(action.help, lang)} | {where} |")
    return "\n".join(lines) + "\n"

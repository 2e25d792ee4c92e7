"""What the action registry means for footer, help, palette, README and `[console.keys]`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from difflib import get_close_matches

from tui.actions import ACTIONS, BY_ID, FOOTERS, FORBIDDEN, FULL_WIDTH, NAMED, Action
from tui.view import Hint
from tui.words import say


def display(key: str) -> str:
    """A key as a person reads it: `Enter`, `⇧Tab`, `Ctrl+P`, `?`."""
    if key in NAMED:
        return NAMED[key]
    return "Ctrl+" + key.removeprefix("ctrl+").upper() if key.startswith("ctrl+") else key


def keys_of(action: Action, overrides: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The keys an action listens to, full-width forms included; an override replaces all of them."""
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
    scope: str,
    lang: str = "en",
    overrides: Mapping[str, str] | None = None,
    available: Collection[str] | None = None,
) -> tuple[Hint, ...]:
    """The footer of a screen, most important first; `available`: the ids this console can do, None all."""
    out = []
    for ids, word in FOOTERS.get(scope, FOOTERS[""]):
        actions = [BY_ID[name] for name in ids.split() if available is None or name in available]
        if actions:
            shown = " ".join(display(keys_of(action, overrides)[0]) for action in actions)
            out.append(Hint(shown, say(word or actions[0].label, lang), actions[0].id))
    return tuple(out)


def help_sections(
    scope: str,
    widget: str = "",
    lang: str = "en",
    overrides: Mapping[str, str] | None = None,
    available: Collection[str] | None = None,
) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """(title, ((keys, sentence), …)) for the focused widget, then the screen, then all else by group."""
    known = [a for a in ACTIONS if works(a, scope) and (available is None or a.id in available)]

    def rows(wanted: Callable[[Action], bool]) -> tuple[tuple[str, str], ...]:
        return tuple(
            (" ".join(display(k) for k in keys_of(a, overrides) if k not in a.aliases), say(a.help, lang))
            for a in known
            if wanted(a)
        )

    here = rows(lambda a: (bool(a.widget) and a.widget == widget) or a.id in ("nav.in", "filter.open"))
    title = say("overlay.this_table" if widget == "table" else "overlay.this_panel", lang)
    sections = [(title, here), (say("overlay.here", lang), rows(lambda a: bool(a.scopes)))]
    for group in ("go", "move", "time", "look", "table", "take", "console"):
        sections.append((say(f"group.{group}", lang), rows(lambda a, g=group: a.group == g and not a.scopes)))  # type: ignore[misc]
    return tuple(section for section in sections if section[1])


def palette(
    scope: str,
    lang: str = "en",
    overrides: Mapping[str, str] | None = None,
    available: Collection[str] | None = None,
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


def key_faults(
    overrides: Mapping[str, str], actions: Iterable[Action] = ACTIONS
) -> tuple[tuple[str, str], ...]:
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
            faults.append(
                (
                    name,
                    f'"{key}" does not reach the console (terminal, tmux or screen take it); choose another',
                )
            )
    usable = {name: key for name, key in overrides.items() if name not in {fault[0] for fault in faults}}
    faults += [
        (second, f'"{key}" is already the key of {first}')
        for key, first, second in collisions(table, usable)
        if first in usable or second in usable
    ]
    return tuple(faults)


def _is_key(key: str) -> bool:
    known = {k for action in ACTIONS for k in action.keys} | set(NAMED) | {f"f{n}" for n in range(1, 13)}
    return (
        (len(key) == 1 and key.isprintable())
        or key in known
        or (key.startswith(("ctrl+", "alt+")) and len(key) > 5)
    )


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


def markdown(lang: str = "en", available: Collection[str] | None = None) -> str:
    """The table of keys for the README; `available`: the ids this console can do, None all."""
    head = {"en": ("Key", "Id", "Does", "Where"), "zh": ("按键", "编号", "作用", "范围")}[lang]
    lines = ["| " + " | ".join(head) + " |", "|---|---|---|---|"]
    for action in (one for one in ACTIONS if available is None or one.id in available):
        shown = " ".join(f"`{display(key)}`" for key in action.keys)
        where = ", ".join(action.scopes) or {"en": "everywhere", "zh": "各处"}[lang]
        lines.append(f"| {shown} | {action.id} | {say(action.help, lang)} | {where} |")
    return "\n".join(lines) + "\n"

"""The options of a funnel as a form in plain values: rows of fields over the words of looptop.toml.

words of looptop.toml ─► Draft ─► rows to show, a changed draft ─► text of a [funnel.X], rules of a place
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any, Literal, cast

from tui.place import Rules
from tui.views.rules import DEFAULTS, Words, value

Kind = Literal["choice", "text", "flag"]
CHOICES: Mapping[str, tuple[str, ...]] = {
    "mode": ("ordered", "strict", "unordered"),
    "window": ("1d", "3d", "7d", "14d", "30d", "same_day", "same_week", "none"),
    "count": ("persons", "attempts"),
    "ties": ("any", "strict"),
    "on_exclusion": ("drop", "restart"),
    "enter": ("first", "any"),
    "first_time": ("no", "event", "filtered"),
    "within": ("", "30m", "1h", "1d", "2d", "7d"),
}
"""What Space goes through; a field that is also typed takes any other text."""
TYPED = frozenset(["window", "within", "count", "hold", "where", "segment"])


@dataclass(frozen=True, slots=True)
class Field:
    """One value that can be changed; `at` is the step or exclusion it belongs to, from 0."""

    key: str
    kind: Kind
    value: str
    choices: tuple[str, ...] = ()
    at: int = -1
    differs: bool = False


@dataclass(frozen=True, slots=True)
class FormRow:
    """A line of the form: fields beside each other under one label; a heading has none."""

    label: str
    fields: tuple[Field, ...] = ()
    at: int = -1


@dataclass(frozen=True, slots=True)
class Draft:
    """Words of a funnel as they are being changed. `off`: places of exclusions that are left out."""

    name: str
    own: Words
    words: Words
    rules: Rules
    off: frozenset[int] = field(default_factory=frozenset)

    def plain(self) -> dict[str, Any]:
        """The words as they would be written: without what is left out."""
        found = deepcopy(dict(self.words))
        kept = [each for at, each in enumerate(found.get("exclude", ())) if at not in self.off]
        found["exclude"] = kept
        if not kept:
            found.pop("exclude")
            found.pop("on_exclusion", None)
        return found

    @property
    def changed(self) -> bool:
        """Whether the words are others than those of the configuration."""
        return self.plain() != _without_empty(self.own)


def _without_empty(words: Words) -> dict[str, Any]:
    return {key: each for key, each in words.items() if key != "exclude" or each}


def begin(name: str, own: Words, rules: Rules, words: Words) -> Draft:
    """A draft from what is in force: exclusions of the configuration that are left out can come back."""
    inside = list(words.get("exclude", ()))
    gone = [each for each in own.get("exclude", ()) if each not in inside]
    held = dict(deepcopy(dict(words)))
    if gone:
        held["exclude"] = [*inside, *gone]
        held.setdefault("on_exclusion", value(own, "on_exclusion"))
    places = frozenset(range(len(inside), len(inside) + len(gone)))
    return Draft(name, own, held, rules, places)


def step_words(step: object) -> dict[str, Any]:
    """A step as a table, however it is written."""
    return dict(step) if isinstance(step, Mapping) else {"event": step}


def rows(draft: Draft) -> tuple[FormRow, ...]:
    """The whole form."""
    return (*_whole(draft), *_steps(draft), *_exclusions(draft))


def _whole(draft: Draft) -> Iterator[FormRow]:
    words, own, rules = draft.words, draft.own, draft.rules
    steps = [str(at + 1) for at in range(len(words.get("steps", ())))]
    for key in ("mode", "window", "count", "ties", "hold", "where"):
        now = _text(value(words, key))
        kind: Kind = "text" if key in ("hold", "where") else "choice"
        differs = now != _text(value(own, key))
        yield FormRow(key, (Field(key, kind, now, _choices(key, now), differs=differs),))
    breakdown = rules.breakdown or str(value(words, "breakdown"))
    ways = ("first_touch", "last_touch", *(f"step:{at}" for at in steps), "all_events")
    same = breakdown == value(own, "breakdown")
    yield FormRow("breakdown", (Field("breakdown", "choice", breakdown, ways, differs=not same),))
    yield FormRow(
        "enter", (Field("enter", "choice", rules.enter, CHOICES["enter"], differs=rules.enter != "first"),)
    )
    first, last = rules.steps or (1, len(steps))
    moved = rules.steps is not None
    pair = tuple(
        Field(key, "choice", str(at), tuple(steps), differs=moved)
        for key, at in (("from", first), ("to", last))
    )
    yield FormRow("trend", pair)
    yield FormRow("segment", (Field("segment", "text", rules.where, differs=bool(rules.where)),))


def _choices(key: str, now: str) -> tuple[str, ...]:
    known = CHOICES.get(key, ())
    return known if not known or now in known else (*known, now)


def _text(found: object) -> str:
    if isinstance(found, list | tuple):
        return ", ".join(str(each) for each in found)
    return "" if found is None else str(found)


def _steps(draft: Draft) -> Iterator[FormRow]:
    own = [step_words(each) for each in draft.own.get("steps", ())]
    yield FormRow("steps")
    for at, each in enumerate(draft.words.get("steps", ())):
        step = step_words(each)
        before = own[at] if at < len(own) else {}
        now = {
            "optional": "yes" if step.get("optional") else "no",
            "within": _text(step.get("within")),
            "first_time": _text(step.get("first_time")) or "no",
        }
        was = {
            "optional": "yes" if before.get("optional") else "no",
            "within": _text(before.get("within")),
            "first_time": _text(before.get("first_time")) or "no",
        }
        fields = tuple(
            Field(key, "flag" if key == "optional" else "choice", text, _choices(key, text), at,
                  text != was[key])
            for key, text in now.items()
        )  # fmt: skip
        yield FormRow(step_name(step), fields, at)


def step_name(step: Mapping[str, Any]) -> str:
    """A step's label, else its events, else its condition."""
    label = step.get("label")
    if isinstance(label, Mapping) and label:
        return str(label.get("en") or next(iter(label.values())))
    events = step.get("event") or step.get("where") or "*"
    return str(label or (" / ".join(events) if isinstance(events, list) else events))


def _exclusions(draft: Draft) -> Iterator[FormRow]:
    found = draft.words.get("exclude", ())
    if not found:
        return
    now, was = _text(value(draft.words, "on_exclusion")), _text(value(draft.own, "on_exclusion"))
    yield FormRow(
        "on_exclusion",
        (Field("on_exclusion", "choice", now, CHOICES["on_exclusion"], differs=now != was),),
    )
    for at, each in enumerate(found):
        on = at not in draft.off
        events = each.get("event")
        what = " / ".join(events) if isinstance(events, list) else str(events or each.get("where", ""))
        low, high = (*each.get("between", (1, 1)), 1, 1)[:2]
        name = f"{what} {low} – {high}"
        yield FormRow(name, (Field("exclude", "flag", "yes" if on else "no", (), at, not on),), at)


def following(each: Field, step: int = 1) -> str:
    """The next value of a field, or the one before."""
    if each.kind == "flag":
        return "no" if each.value == "yes" else "yes"
    names = each.choices
    at = names.index(each.value) if each.value in names else 0
    return names[(at + step) % len(names)] if names else each.value


def put(draft: Draft, each: Field, text: str) -> Draft:
    """The draft with another value in a field."""
    rules = draft.rules
    match each.key:
        case "exclude":
            off = draft.off - {each.at} if text == "yes" else draft.off | {each.at}
            return replace(draft, off=off)
        case "enter":
            return replace(draft, rules=replace(rules, enter=cast(Literal["first", "any"], text)))
        case "segment":
            return replace(draft, rules=replace(rules, where=text.strip()))
        case "breakdown":
            own = str(value(draft.words, "breakdown"))
            return replace(draft, rules=replace(rules, breakdown="" if text == own else text))
        case "from" | "to":
            return replace(draft, rules=replace(rules, steps=_hop(draft, each.key, int(text))))
        case "optional" | "within" | "first_time":
            return replace(draft, words=_in_step(draft.words, each, text))
    return replace(draft, words=_in_words(draft.words, draft.own, each.key, text))


def _hop(draft: Draft, key: str, number: int) -> tuple[int, int] | None:
    """From and to in order; None for the whole funnel."""
    last = len(draft.words.get("steps", ()))
    first, end = draft.rules.steps or (1, last)
    pair = (number, max(end, number)) if key == "from" else (min(first, number), number)
    return None if pair == (1, last) else pair


def _in_step(words: Words, each: Field, text: str) -> dict[str, Any]:
    found = deepcopy(dict(words))
    step = step_words(found["steps"][each.at])
    step.pop(each.key, None)
    if each.key == "optional" and text == "yes":
        step["optional"] = True
    elif each.key != "optional" and text.strip() not in ("", "no", "none"):
        step[each.key] = text.strip()
    order = ("event", "where", "optional", "within", "first_time", "label", "target", "benchmark",
             "benchmark_source")  # fmt: skip
    step = {key: step[key] for key in order if key in step}
    plain = list(step) == ["event"] and isinstance(step["event"], str)
    found["steps"][each.at] = step["event"] if plain else step
    return found


def _in_words(words: Words, own: Words, key: str, text: str) -> dict[str, Any]:
    """A word set, or left out where it says what its absence means and the configuration left it out."""
    found = deepcopy(dict(words))
    text = text.strip()
    if key == "hold":
        given: object = [name.strip() for name in text.replace("，", ",").split(",") if name.strip()]
    else:
        given = text
    silent = not given or (key not in own and given == DEFAULTS.get(key))
    if silent:
        found.pop(key, None)
    else:
        found[key] = given
    return found

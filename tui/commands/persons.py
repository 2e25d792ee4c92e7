"""`looptop persons`: persons and their identifiers; one person with conflicts and journey."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import asdict

from engine.questions import Attribute, JourneyFact, PersonEntry
from tui.commands.output import iso, number, plain, table, write, write_json
from tui.commands.words import heads, word
from tui.opening import language, opened

JOURNEY_KEYS = (
    "ts", "kind", "event", "channel", "campaign", "detail", "value", "currency", "source", "file", "line",
    "session",
)  # fmt: skip


def run(arguments: Namespace) -> int:
    """Print all persons, or the one that is named."""
    with opened(arguments) as session:
        console = session.workspace.console
        lang = language(arguments, console.language)
        if arguments.id is None:
            entries, shared = session.persons(reveal=arguments.reveal)
            if arguments.json:
                write_json(
                    {"persons": [asdict(entry) for entry in entries], "shared": shared}, console.timezone
                )
            else:
                write(to_text(entries, shared, console.timezone, lang))
            return 0
        person = session.person(arguments.id, reveal=arguments.reveal)
    conflicts = [asdict(one) for one in getattr(person, "conflicts", ())]
    if arguments.json:
        one = {
            **asdict(person.entry),
            "attributes": {each.name: each.value for each in person.attributes},
            "conflicts": conflicts,
            "journey": [{key: getattr(fact, key) for key in JOURNEY_KEYS} for fact in person.journey],
        }
        write_json({"persons": [one], "shared": []}, console.timezone)
    else:
        write(to_text([person.entry], (), console.timezone, lang))
        if person.attributes:
            write("\n" + attributes(person.attributes, console.timezone, lang))
        write("\n" + journey(person.journey, console.timezone, lang))
    return 0


def attributes(said: Sequence[Attribute], timezone: str, lang: str) -> str:
    """The table of what profiles say, each with its line."""
    rows = [[one.name, _text_of(one.value, timezone), f"{one.file}:{one.line}"] for one in said]
    return table(heads(lang, "attribute", "value", "file"), rows)


def _text_of(value: object, timezone: str) -> str:
    shown = plain(value, timezone)
    return ", ".join(map(str, shown)) if isinstance(shown, list) else str(shown)


def to_text(entries: Sequence[PersonEntry], shared: Sequence[str], timezone: str, lang: str) -> str:
    """The table of persons, then the identifiers that several of them have."""
    rows = [
        [one.person, one.canonical, ", ".join(one.identifiers), iso(one.first_ts, timezone) or "–"]
        for one in entries
    ]
    parts = [
        table(heads(lang, "person", "canonical", "identifiers", "first"), rows)
        if rows
        else word("nothing", lang)
    ]
    if shared:
        parts.append(table(heads(lang, "shared"), [[one] for one in shared]))
    return "\n\n".join(parts)


def journey(facts: Sequence[JourneyFact], timezone: str, lang: str) -> str:
    """The table of a person's facts in time order."""
    rows = [
        [
            iso(fact.ts, timezone) or "–",
            fact.event,
            fact.channel or "–",
            fact.detail,
            number(fact.value, "money"),
            f"{fact.file}:{fact.line}",
        ]
        for fact in facts
    ]
    return table(heads(lang, "ts", "event", "channel", "label", "value", "file"), rows, (4,))

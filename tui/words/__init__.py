"""Every word of the console, by id, in English and Chinese.

`say("source.stale", "zh", name="快手", age="26 小时")`. A text that changes with a count has forms `one` and
`other`, chosen by the value `n`. The catalogues are `en.toml` and `zh.toml` beside this module; both have the
same ids and values.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from string import Formatter

LANGUAGES = ("en", "zh")
Text = str | dict[str, str]


class UnknownWordError(KeyError):
    """An id that is in no catalogue: a mistake of the program, found by the tests."""


@lru_cache(maxsize=2)
def catalogue(lang: str) -> Mapping[str, Text]:
    """All texts of a language by id."""
    with Path(__file__).with_name(f"{lang}.toml").open("rb") as stream:
        return dict(_flat("", tomllib.load(stream)))


def _flat(prefix: str, table: Mapping[str, object]) -> Iterator[tuple[str, Text]]:
    for key, value in table.items():
        name = f"{prefix}.{key}" if prefix else key
        if isinstance(value, str):
            yield name, value
        elif isinstance(value, dict) and set(value) == {"one", "other"}:
            yield name, {form: str(text) for form, text in value.items()}
        elif isinstance(value, dict):
            yield from _flat(name, value)


def say(word: str, lang: str = "en", **values: object) -> str:
    """The text of that id with its values put in.

    In:  `n` chooses between the forms one and other; integers get thousands separators.
    Raises: UnknownWordError if the id is in no catalogue.
    """
    try:
        text = catalogue(lang if lang in LANGUAGES else "en")[word]
    except KeyError:
        raise UnknownWordError(word) from None
    if isinstance(text, dict):
        text = text["one" if values.get("n") == 1 else "other"]
    return (
        text.format(**{name: _shown(value) for name, value in values.items()})
        if values or "{" in text
        else text
    )


def _shown(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def placeholders(text: Text) -> frozenset[str]:
    """The names of the values a text asks for."""
    forms = text.values() if isinstance(text, dict) else (text,)
    return frozenset(name for form in forms for _, name, _, _ in Formatter().parse(form) if name)


def language_for(*, asked: str = "", configured: str = "", environment: str = "") -> str:
    """The language of the console: asked for, else the workspace's, else that of LANG, else English."""
    for wish in (asked, configured, environment):
        if wish[:2].lower() in LANGUAGES:
            return wish[:2].lower()
    return "en"

"""What the review says, in both languages."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from engine.alerts.kept.records import labels_of
from engine.alerts.telling.sentences import title
from engine.workspace.model import Workspace

Text = Mapping[str, str]


@cache
def words() -> Mapping[str, Mapping[str, str]]:
    """The wording by language."""
    return tomllib.loads(files("engine.review").joinpath("words.toml").read_text(encoding="utf-8"))


def say(key: str, given: Mapping[str, Mapping[str, object]] | None = None, **more: object) -> dict[str, str]:
    """A sentence by language; In: what is filled in, by language and for all of them."""
    return {
        language: found[key].format(**(given or {}).get(language, {}), **more)
        for language, found in words().items()
    }


def joined(*parts: Text) -> dict[str, str]:
    """Several sentences, one a line."""
    return {language: "\n".join(part[language] for part in parts if part[language]) for language in words()}


def named(workspace: Workspace, rule: str, member: str = "{}") -> dict[str, dict[str, object]]:
    """`name` of a rule and `where` of a member, by language."""
    found = workspace.rules.get(rule)
    labels = labels_of(member)
    where = " · ".join(("–" if value is None else value) for value in labels.values())
    return {
        language: {
            "name": title(found, {}, language) if found is not None else rule,
            "where": f" · {where}" if where else "",
        }
        for language in words()
    }

"""`looptop init`: the looptop.toml that looptop would use by itself, or an industry's, with comments."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING

from engine.errors import UsageError
from tui.commands.output import number, write, write_json
from tui.harmless import harmless
from tui.opening import directory, language, opened
from tui.words import say

if TYPE_CHECKING:
    from engine.session import Session
    from engine.workspace.template import Template


def run(arguments: Namespace) -> int:
    """Write `looptop.toml` into the directory; one that is there is left alone."""
    from engine.workspace import CONFIGURATION, sample_toml
    from engine.workspace.template import template

    if arguments.list_templates:
        return listed(arguments)
    chosen = template(arguments.template) if arguments.template else None
    arguments.dir = arguments.dir or "."
    path = directory(arguments.dir) / CONFIGURATION
    if path.exists():
        raise UsageError(
            f"{path} is there already and was left as it is; move it away to have a new one written"
        )
    with opened(arguments) as session:
        sources = session.workspace.sources
        lang = language(arguments, session.workspace.console.language)
        rest = adapted(session, chosen, lang) if chosen else None
    with path.open("x", encoding="utf-8") as file:
        file.write(sample_toml(sources, rest))
    if arguments.json:
        named = {"template": chosen.name} if chosen else {}
        write_json({"written": str(path), "sources": [source.name for source in sources], **named})
    else:
        write(harmless(f"{path}: {len(sources)} sources. Edit it, then: looptop {arguments.dir}"))
    return 0


def adapted(session: Session, template: Template, lang: str) -> str:
    """The template fitted to what the directory has, with comments in a language."""
    from engine.metrics import BUILTIN
    from engine.workspace.adapted import write as text_of

    def word(name: str, /, **values: object) -> str:
        return say(f"init.{name}", lang, **values)

    return text_of(template, session.there(), BUILTIN, word, lang)


def listed(arguments: Namespace) -> int:
    """Print every template: stages with their metrics, funnels, rules, benchmarks with their sources."""
    from engine.workspace.template import names, template

    found = [template(name) for name in names()]
    if arguments.json:
        write_json({"templates": [_json(each) for each in found]})
    else:
        lang = language(arguments, None)
        write("\n\n".join("\n".join(_text(each, lang)) for each in found))
    return 0


def _text(template: Template, lang: str) -> Iterator[str]:
    yield f"{template.name}: {template.label[lang]}"
    for stage in template.stages:
        yield f"  {stage.label[lang]}: {', '.join(stage.metrics)}"
    for name, funnel in template.funnels.items():
        labels = [step["label"][lang] for step in funnel["steps"]]
        yield f"  [funnel.{name}] {' → '.join(labels)}"
    rules = [table["label"][lang] for table in template.alerts.values()]
    yield f"  {say('init.alerts', lang)}: {', '.join(rules)}"
    for what, value, source in template.benchmarks:
        yield f"  {say('init.benchmark', lang, rate=number(value, 'percent'), what=what)} ({source})"
    for note in template.notes:
        yield f"  {say('init.note', lang)}: {note[lang]}"


def _json(template: Template) -> dict[str, object]:
    return {
        "name": template.name,
        "label": template.label,
        "stages": [
            {"name": one.name, "label": one.label, "events": one.events, "metrics": one.metrics}
            for one in template.stages
        ],
        "funnels": list(template.funnels),
        "alerts": list(template.alerts),
        "benchmarks": [
            {"of": what, "value": value, "source": source} for what, value, source in template.benchmarks
        ],
        "notes": template.notes,
    }

"""`looptop why`: what moved a metric: causes, members, the metric tree, and a sentence."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator

from engine.questions import Range, WhyAnswer, WhyQuery
from tui.commands.output import number, table, write, write_json
from tui.commands.words import heads, word
from tui.harmless import harmless
from tui.opening import language, opened
from tui.views.explain import effect

SHOWN = 20
"""Members that are printed; JSON has all of them."""


def run(arguments: Namespace) -> int:
    """Print why the metric changed."""
    with opened(arguments) as session:
        answer = session.why(question(arguments))
        lang = language(arguments, session.workspace.console.language)
    if arguments.json:
        from engine.causes import to_json

        write_json(to_json(answer, lang))
    else:
        write("\n\n".join(to_text(answer, lang)))
    return 0


def question(arguments: Namespace) -> WhyQuery:
    """The query that the options spell out."""
    days = Range(getattr(arguments, "from"), arguments.to)
    return WhyQuery(
        metric=arguments.metric,
        period=arguments.period,
        range=None if days == Range() else days,
        compare=arguments.compare or "previous",
        by=arguments.by or (),
        where=arguments.where,
        method=arguments.method,
        grain=arguments.grain,
    )


def to_text(answer: WhyAnswer, lang: str) -> Iterator[str]:
    """The sentence, then the tables of causes, tree and members."""
    yield harmless(answer.sentences.get(lang, answer.sentence))
    if answer.causes:
        rows = [
            [
                _element(cause.element, lang),
                effect(cause.effect, answer.unit),
                number(cause.share, "percent"),
                number(cause.ratio, "ratio"),
                number(cause.llr, "ratio"),
                cause.factor or "–",
                effect(cause.factor_effect, answer.unit),
            ]
            for cause in answer.causes
        ]
        keys = ("element", "effect", "share", "of_expected", "llr", "factor", "factor_effect")
        yield table(heads(lang, *keys), rows, (1, 2, 3, 4, 6))
    if answer.tree:
        rows = [[name, effect(each, answer.unit)] for name, each in answer.tree.items()]
        yield table([answer.tree_method or "", word("effect", lang)], rows, (1,))
    if answer.members:
        yield _members(answer, lang)


def _members(answer: WhyAnswer, lang: str) -> str:
    rate = any(each.mix_effect is not None for each in answer.members)
    keys = ("member", "effect", "share", *(("rate_effect", "mix_effect") if rate else ()))
    rows = []
    for each in answer.members[:SHOWN]:
        line = [_element(each.member, lang), effect(each.effect, answer.unit), number(each.share, "percent")]
        if rate:
            line += [effect(part, answer.unit) for part in (each.rate_effect, each.mix_effect)]
        rows.append(line)
    more = len(answer.members) - len(rows)
    return table(heads(lang, *keys), rows, range(1, len(keys))) + (f"\n… +{more:,}" if more else "")


def _element(element: tuple[tuple[str, str | None], ...], lang: str) -> str:
    named = (f"{name} {word('no_value', lang) if value is None else value}" for name, value in element)
    return " · ".join(named) or word("everything", lang)

"""`looptop rules`: how alert rules stand and why they are quiet; `rules test`: their unit tests."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import UsageError
from engine.questions import RuleEntry, RulesAnswer
from tui.commands.alerts import members
from tui.commands.output import iso, number, table, write, write_json
from tui.commands.words import heads, word
from tui.harmless import harmless
from tui.opening import language, opened

if TYPE_CHECKING:
    from engine.review.cases import CaseResult

KEYS = ("rule", "state", "open_now", "last_fired", "episodes", "precision", "messages_week")
QUIET_KEYS = ("rule", "period", "members", "breach", "clear", "unknown", "nearest", "sources")


def run(arguments: Namespace) -> int:
    """Print how the rules stand; or run the files of unit tests, 1 where a case fails."""
    if arguments.dir == "test" and arguments.file:
        return _test(arguments)
    if arguments.dir == "test" and not Path("test").is_dir():
        raise UsageError("rules test needs files of rule unit tests; looptop rules --help shows one")
    if arguments.file:
        raise UsageError(
            f'looptop rules takes one directory, not "{arguments.file[0]}" too; looptop rules test FILE… '
            "runs rule unit tests"
        )
    with opened(arguments) as session:
        answer = session.rules()
        console = session.workspace.console
        lang = language(arguments, console.language)
    if arguments.json:
        from engine.review import rules_json

        write_json(rules_json(answer), console.timezone)
    else:
        write("\n".join(to_text(answer, console.timezone, lang)))
    return 0


def to_text(answer: RulesAnswer, timezone: str, lang: str) -> Iterator[str]:
    """How rules stand, what they judged last, and what edits changed."""
    yield f"{word('as_of', lang)} {iso(answer.as_of, timezone)}  {word('data', lang)} {answer.version}"
    rows = [
        [
            *(one.name, one.state, f"{one.open:,}", one.last_fired or "–", f"{one.episodes:,}"),
            *(_precision(one), f"{one.messages_week:.1f}"),
        ]
        for one in answer.rules
    ]
    yield table(heads(lang, *KEYS), rows, (2, 4, 6)) if rows else word("nothing", lang)
    yield ""
    yield table(heads(lang, *QUIET_KEYS), [_quiet(one) for one in answer.rules], (2, 3, 4))
    for one in answer.rules:
        if one.edited:
            yield harmless(f"{one.name}: {iso(one.edited_at, timezone)} {one.edited.get(lang, '')}")


def _precision(one: RuleEntry) -> str:
    if one.precision is None:
        return "–"
    low, high = (number(bound, "percent") for bound in (one.low, one.high))
    return f"{number(one.precision, 'percent')} ({low} … {high}, {one.reviewed:,})"


def _quiet(one: RuleEntry) -> list[str]:
    quiet = one.quiet
    unknown = ", ".join(f"{reason} {count:,}" for reason, count in quiet.unknown.items())
    nearest = "–"
    if quiet.nearest is not None:
        labels, value, limit = quiet.nearest
        nearest = f"{members(labels)} {number(value, quiet.unit)} / {number(limit, quiet.unit)}"
    return [
        *(one.name, quiet.period or "–", f"{quiet.members:,}", f"{quiet.breach:,}", f"{quiet.clear:,}"),
        *(unknown or "–", nearest, ", ".join(quiet.sources) or "–"),
    ]


def _test(arguments: Namespace) -> int:
    from engine.review.cases import run_cases

    config = Path(arguments.config).expanduser() if arguments.config else None
    results = run_cases([Path(each).expanduser() for each in arguments.file], config)
    failed = sum(1 for each in results if not each.passed)
    if arguments.json:
        from engine.review import cases_json

        write_json(cases_json(results))
    else:
        write("\n".join(harmless(line) for each in results for line in _lines(each)))
        write(f"{len(results) - failed:,}/{len(results):,}")
    return 1 if failed else 0


def _lines(result: CaseResult) -> Iterator[str]:
    """`ok name`, or where it stands and what differs."""
    if result.passed:
        yield f"ok    {result.name}"
        return
    yield f"FAIL  {result.file}:{result.line} {result.name}"
    for line in result.missing:
        yield f"      - expected  {line}"
    for line in result.unexpected:
        yield f"      + found     {line}"

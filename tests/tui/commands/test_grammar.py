"""The command line: any order, one clear message, the nearest name."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from engine.errors import UsageError
from tui.cli import choose, main
from tui.commands.arguments import COMMON
from tui.commands.grammar import BY_NAME, COMMANDS
from tui.commands.parsing import help_of, parse


def test_options_stand_in_any_position_after_the_command() -> None:
    one = parse(BY_NAME["metrics"], ["--json", "DIR", "--by", "channel", "ctr", "--lang", "zh", "cpc"])
    other = parse(BY_NAME["metrics"], ["DIR", "ctr", "cpc", "--lang=zh", "--by=channel", "--json"])
    assert one == other
    assert (one.dir, one.name, one.by, one.json) == ("DIR", ["ctr", "cpc"], ("channel",), True)


def test_common_options_may_stand_before_the_command() -> None:
    command, rest = choose(["--lang", "zh", "--json", "status", "DIR"])
    assert (command.name, rest) == ("status", ["--lang", "zh", "--json", "DIR"])


def test_values_are_read() -> None:
    values = parse(
        BY_NAME["funnel"],
        ["DIR", "buy", "--from", "2026-11-01", "--steps", "1,4", "--as-of", "2026-11-02T10:00"],
    )
    assert getattr(values, "from") == date(2026, 11, 1)
    assert (values.steps, values.as_of) == ((1, 4), datetime(2026, 11, 2, 10))


def test_the_wall_takes_screens_or_none() -> None:
    assert parse(BY_NAME[""], ["DIR"]).wall is None
    assert parse(BY_NAME[""], ["DIR", "--wall"]).wall == ()
    assert parse(BY_NAME[""], ["DIR", "--wall", "overview,alerts"]).wall == ("overview", "alerts")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["statuss", "DIR"], "nearest: status"),
        (["metrics", "DIR", "--grian", "day"], "nearest: --grain"),
        (["metrics", "DIR", "--grain", "dya"], "nearest: day"),
        (["metrics", "DIR", "ctr", "--compare", "week,yaer"], "nearest: year"),
        (["metrics", "DIR", "ctr", "--from", "yesterday"], "write 2026-11-01"),
        (["metrics", "DIR", "ctr", "--top", "0"], "above 0"),
        (["rows", "DIR", "evnts"], "nearest: events"),
        (["funnel", "DIR", "buy", "--steps", "1"], "write 1,4"),
        (["rejects", "DIR", "more"], '"more"'),
        (["rows"], "see looptop rows --help"),
        (["status", "no/such/directory"], "no directory no/such/directory"),
        (["--rotate", "fast"], "write 20s"),
    ],
)
def test_a_mistake_gets_one_clear_line_and_exit_code_2(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert len(err.splitlines()) == 1


def test_a_message_carries_no_escape_sequence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["\x1b[2Jx/y"]) == 2
    assert "\x1b" not in capsys.readouterr().err


def test_help_names_every_option() -> None:
    for command in COMMANDS:
        text = help_of(command)
        assert all(option.name in text for option in (*command.options, *COMMON))


def test_version_and_help_are_answers(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == main(["--help"]) == main(["metrics", "--help"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("looptop ")
    assert all(f"\n  {command.name} " in out for command in COMMANDS)


def test_two_options_of_one_command_never_share_a_name() -> None:
    for command in BY_NAME.values():
        keys = [option.key for option in (*command.options, *COMMON)]
        assert len(keys) == len(set(keys))


def test_a_word_that_looks_like_an_option_is_refused() -> None:
    with pytest.raises(UsageError, match="--wal"):
        parse(BY_NAME[""], ["--wal"])

"""Rule unit tests: what passes, what fails and how it says so, and what is no such file."""

from __future__ import annotations

import io
import json
import textwrap
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from engine.errors import ConfigurationError
from engine.review.cases import run_cases
from tui.cli import main
from tui.commands.grammar import BY_NAME

FIXTURE = Path(__file__).with_name("rule_cases.toml")
COUNT = FIXTURE.read_text().count("[[case]]")


def say(*words: str) -> tuple[int, str, str]:
    """Exit code, stdout, stderr."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(["rules", "test", *words])
    return code, out.getvalue(), err.getvalue()


def put(at: Path, text: str) -> Path:
    file = at / "cases.toml"
    file.write_text(textwrap.dedent(text))
    return file


def test_every_shape_of_a_case_passes() -> None:
    results = run_cases([FIXTURE])
    assert [(each.name, each.missing, each.unexpected) for each in results if not each.passed] == []
    assert len(results) == COUNT


def test_the_command_counts_and_says_0() -> None:
    code, out, err = say(str(FIXTURE))
    assert (code, err) == (0, "")
    assert out.splitlines()[-1] == f"{COUNT}/{COUNT}"


def test_the_example_of_the_help_passes(tmp_path: Path) -> None:
    lines = BY_NAME["rules"].more.splitlines()
    example = [line for line in lines if line.startswith("  ") and not line.startswith("   " * 3)]
    (result,) = run_cases([put(tmp_path, "\n".join(example))])
    assert result.passed, (result.missing, result.unexpected)


WRONG = """
    [[case]]
    name = "wrong"
    rule = { when = "orders > 10", by = ["channel"], notify = ["li"] }
    expect = [{ period = 1, event = "firing" }, { period = 9, event = "resolved" }]
    messages = []
    [[case.member]]
    labels = { channel = "a\\u001b[31m" }
    series = { orders = [11, 12] }
    state = "ok"
    [[case.member]]
    labels = { channel = "b" }
    series = { orders = [1, 12] }
    """


def test_a_case_that_fails_says_what_differs(tmp_path: Path) -> None:
    file = put(tmp_path, WRONG)
    code, out, err = say(str(file))
    assert (code, err) == (1, "")
    assert out.splitlines() == [
        f"FAIL  {file}:2 wrong",
        "      - expected  2026-03-11 (period 9) resolved",
        "      - expected  in the end ok channel=a␛[31m",
        "      + found     2026-03-02 (period 0) firing warning channel=a␛[31m",
        "      + found     2026-03-02 (period 0) message firing to li",
        "      + found     2026-03-03 (period 1) message firing to li",
        "      + found     in the end firing channel=a␛[31m",
        "0/1",
    ]
    code, out, _ = say(str(file), "--json")
    (case,) = json.loads(out)["cases"]
    assert (code, case["passed"], len(case["missing"]), len(case["unexpected"])) == (1, False, 2, 4)


HEAD = '[[case]]\nname = "x"\n'
PLAIN = HEAD + 'rule = { when = "a > 1" }\n'
BY = HEAD + 'rule = { when = "a > 1", by = ["channel"] }\n'
SERIES = "series = { a = [1] }\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + 'rul = { when = "a > 1" }\n' + SERIES, ":3 case[0].rul"),
        (HEAD + 'rule = { wen = "a > 1" }\n' + SERIES, "nearest: when"),
        (HEAD + 'rule = { when = "ab > 1" }\nseries = { ac = [1] }\n', ":3 case[0].rule.when"),
        (HEAD + 'rule = "nothing"\n' + SERIES, 'unknown alert "nothing"'),
        (PLAIN + "series = { a = [1], b = [1, 2] }\n", "ends early"),
        (PLAIN, "needs series"),
        (PLAIN + 'start = "soon"\n' + SERIES, "not a date"),
        (PLAIN + 'series = { a = [1, "nul"] }\n', "nearest: null"),
        (PLAIN + SERIES + 'expect = [{ period = 0, event = "fireing" }]\n', "nearest: firing"),
        (BY + '[[case.member]]\nlabels = { chanel = "a" }\n' + SERIES, "channel"),
        ("[case\n", "no valid TOML"),
        ("", "no [[case]]"),
    ],
)
def test_what_is_no_case_is_refused_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "cases.toml"
    file.write_text(text)
    code, out, err = say(str(file))
    assert (code, out) == (2, "")
    assert said in err
    assert "Traceback" not in err


def test_a_rule_of_the_configuration_beside_the_file_is_found_by_name(tmp_path: Path) -> None:
    (tmp_path / "looptop.toml").write_text(
        '[metric.signups]\ntable = "events"\nwhere = "event = \'signup\'"\n'
        '[alert.few]\nwhen = "signups < 5"\nowner = "li"\nnotify = ["owner"]\n[people.li]\n'
    )
    file = put(
        tmp_path,
        """
        [[case]]
        name = "few"
        rule = "few"
        series = { signups = [9, 4] }
        expect = [{ period = 1, event = "firing" }]
        messages = [{ period = 1, kind = "firing", to = "li" }]
        """,
    )
    assert [each.passed for each in run_cases([file])] == [True]
    elsewhere = tmp_path / "other.toml"
    elsewhere.write_text('[alert.few]\nwhen = "orders < 1"\n')
    assert say(str(file), "--config", str(elsewhere))[0] == 1


def test_every_file_is_checked_before_any_runs(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        run_cases([FIXTURE, tmp_path / "nowhere.toml"])

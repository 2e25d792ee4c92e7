"""[[quality]]: what must hold for rows, with the lines of those that break it."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import ConfigurationError
from tests.engine.quality.shop import ADS, Exports, ads

ROWS = ads("2026-11-01,x,1,10,5", "2026-11-01,y,12,10,", "2026-11-02,z,1,,7", "2026-11-02,x,3,2,zero")


def shop(tmp_path: Path, rules: str) -> Exports:
    made = Exports(tmp_path / "shop", ADS + rules)
    made.write("ads/a.csv", ROWS)
    made.session.refresh()
    return made


def rule(text: str) -> str:
    return f'[[quality]]\nsource = "ads"\n{text}\n'


def test_a_check_sees_canonical_columns_and_an_unknown_passes(tmp_path: Path) -> None:
    (found,) = shop(tmp_path, rule('check = "clicks <= impressions"')).session.quality().rules
    assert (found.name, found.checked, found.violations, found.failed) == ("ads.check1", 3, 1, True)
    assert [(one.file, one.line) for one in found.first] == [("ads/a.csv", 3)]


def test_a_check_sees_the_files_own_columns(tmp_path: Path) -> None:
    (found,) = shop(tmp_path, rule("check = \"shows > 5 or channel = 'z'\"")).session.quality().rules
    assert found.violations == 0 and found.checked == 3


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ('column = "shows"\nnot_null = true', [4]),
        ('column = "cost"\nnot_null = true', [3]),
        ('column = "channel"\nallowed = ["x", "y"]', [4]),
        ('column = "day"\nunique = true', [3]),
        ('column = "cost"\nmax_empty = "10%"', [3]),
        ('column = "gone"\nnot_null = true', [2, 3, 4]),
    ],
)
def test_a_column_rule_names_its_offenders(tmp_path: Path, text: str, lines: list[int]) -> None:
    (found,) = shop(tmp_path, rule(text)).session.quality().rules
    assert [one.line for one in found.first] == lines
    assert (found.violations, found.failed) == (len(lines), True)


def test_a_share_may_be_allowed(tmp_path: Path) -> None:
    text = 'check = "clicks <= impressions"\nmax_share = "40%"\nseverity = "error"'
    answer = shop(tmp_path, rule(text)).session.quality()
    assert (answer.rules[0].violations, answer.rules[0].failed, answer.failed) == (1, False, ())


def test_a_rule_that_rejects_makes_rejects_and_the_equation_holds(tmp_path: Path) -> None:
    made = shop(tmp_path, rule('name = "sane"\ncheck = "clicks <= impressions"\naction = "reject"'))
    (file,) = made.session.status().files
    assert (file.rows, file.accepted, file.rejected) == (4, 2, 2)
    reasons = [one.reason for one in made.session.rejects() if one.line == 3]
    assert reasons == ["breaks the rule sane: clicks <= impressions"]
    lines = [one.line for one in made.session.quality().rules[0].first]
    assert lines == [3, 5], "one that has no cost either breaks it all the same"


def test_uniqueness_is_judged_over_all_files_and_deleting_one_withdraws_it(tmp_path: Path) -> None:
    made = Exports(tmp_path / "shop", ADS + 'overlap = "sum"\n' + rule('column = "cost"\nunique = true'))
    for name in ("a", "b"):
        made.write(f"ads/{name}.csv", ads("2026-11-01,x,1,10,5"))
    made.session.refresh()
    assert [(one.file, one.line) for one in made.session.quality().rules[0].first] == [("ads/b.csv", 2)]
    (made.root / "ads" / "a.csv").unlink()
    made.session.refresh()
    assert made.session.quality().rules[0].violations == 0


def test_a_new_name_reads_no_file_again(tmp_path: Path) -> None:
    made = shop(tmp_path, rule('check = "clicks <= impressions"'))
    before = made.session.pipeline.intake.files["ads/a.csv"].parts
    made.configure(ADS + rule('name = "sane"\nseverity = "error"\ncheck = "clicks <= impressions"'))
    made.session.refresh("config")
    assert made.session.pipeline.intake.files["ads/a.csv"].parts == before
    assert made.session.quality().failed == ("sane",)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('column = "cost"', "just one of check"),
        ("not_null = true", "needs the column"),
        ('column = "cost"\nunique = true\naction = "reject"', "can reject no row"),
        ('column = "cost"\nmax_empty = "much"', "no share"),
        ('column = "cost"\nmax_empti = 1', "nearest: max_empty"),
        ('check = "clicks <"', "check"),
    ],
)
def test_a_faulty_rule_is_told_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match="quality") as error:
        shop(tmp_path, rule(text))
    assert told in str(error.value)
    assert all(fault.line >= 10 for fault in error.value.faults)


def test_a_rule_about_a_source_that_is_not_there_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="nearest: ads"):
        shop(tmp_path, '[[quality]]\nsource = "adz"\ncheck = "clicks > 1"')


def test_a_misspelt_column_is_told_when_the_files_are_known(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="nearest: channel"):
        shop(tmp_path, rule('column = "chanel"\nnot_null = true'))

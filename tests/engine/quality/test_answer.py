"""What the answer says of planted faults, whatever the order of files, and what a refresh costs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from engine.errors import ConfigurationError, UnknownName, UsageError
from engine.quality import calendar
from engine.questions import BandQuery, ColumnQuality, QualityAnswer
from engine.workspace import load
from tests.engine.quality.shop import ADS, Exports, ads

DAYS = [datetime(2026, 11, 1) + timedelta(days=n) for n in range(12)]


def daily(tmp_path: Path, more: str = "", **texts: str) -> Exports:
    """A report a day, written the next noon; `texts` replaces days (`d05`)."""
    shop = Exports(tmp_path / "shop", ADS + more, now=DAYS[-1] + timedelta(days=2))
    for day in DAYS:
        text = ads(*(f"{day:%Y-%m-%d},{channel},1,10,5" for channel in ("x", "y")))
        shop.write(f"ads/{day:%m-%d}.csv", texts.get(f"d{day:%d}", text), day + timedelta(hours=36))
    shop.session.refresh()
    return shop


def column(answer: QualityAnswer, name: str) -> ColumnQuality:
    return next(one for one in answer.sources[0].columns if one.column == name)


def test_a_new_and_a_vanished_value_are_told_with_their_first_line(tmp_path: Path) -> None:
    late = {f"d{day:%d}": ads(f"{day:%Y-%m-%d},x,1,10,5") for day in DAYS[8:11]}
    shop = daily(tmp_path, **late, d12=ads("2026-11-12,x,1,10,5", "2026-11-12,z,1,10,5"))
    found = column(shop.session.quality(), "channel")
    assert [(one.value, one.file, one.line) for one in found.new] == [("z", "ads/11-12.csv", 3)]
    assert [(one.value, one.rows, str(one.last)) for one in found.vanished] == [("y", 8, "2026-11-08")]


def test_empty_and_rejected_cells_are_counted_and_their_lines_told(tmp_path: Path) -> None:
    shop = daily(tmp_path, d05=ads("2026-11-05,x,1,,5", "2026-11-05,y,much,10,5"))
    answer = shop.session.quality("ads", "shows")
    (shows,) = answer.sources[0].columns
    assert (shows.rows, shows.empty, shows.empty_share) == (24, 1, 1 / 24)
    assert [(one.what, one.file, one.line) for one in answer.lines] == [("empty", "ads/11-05.csv", 2)]
    (line,) = shop.session.quality("ads", "clicks").lines
    assert (line.what, line.line, line.value) == ("rejected: not a number: much", 3, "much")


def test_the_header_drifts(tmp_path: Path) -> None:
    shop = daily(
        tmp_path,
        d06="day,channel,click,shows,cost\n2026-11-06,x,1,10,5\n",
        d07="day,channel,clicks,shows,cost,note\n2026-11-07,x,1,10,5,a\n",
        d08="day,channel,shows,cost,note\n2026-11-08,x,10,5,7\n",
    )
    told = [
        (one.file[4:9], one.kind, one.column, one.was, one.now)
        for one in shop.session.quality().sources[0].drift
    ]
    assert told == [
        ("11-06", "renamed", "click", "clicks", "click"),
        ("11-07", "renamed", "clicks", "click", "clicks"),
        ("11-07", "added", "note", None, None),
        ("11-08", "gone", "clicks", None, None),
        ("11-08", "type", "note", "text", "number"),
        ("11-09", "gone", "note", None, None),
        ("11-09", "added", "clicks", None, None),
    ]


def test_rows_that_come_long_after_their_day_are_late(tmp_path: Path) -> None:
    shop = daily(tmp_path, d12=ads("2026-11-12,x,1,10,5", "2026-11-02,q,1,10,5"))
    late = shop.session.quality().sources[0].late
    assert (late.after_days, late.rows, late.measured, late.files) == (3, 1, 24, (("ads/11-12.csv", 1),))


def test_a_source_that_stops_is_stale_by_its_own_rhythm(tmp_path: Path) -> None:
    shop = daily(tmp_path)
    assert not shop.session.status().sources[0].stale
    shop.now = DAYS[-1] + timedelta(days=5)
    shop.session.refresh()
    (source,) = shop.session.status().sources
    assert source.stale and source.freshness is not None
    assert (source.freshness.usual_seconds, source.freshness.basis) == (86_400, "rhythm")


def test_the_order_in_which_files_come_is_nothing_to_the_answer(tmp_path: Path) -> None:
    shop = daily(
        tmp_path, d05=ads("2026-11-05,x,1,,5"), more='[[quality]]\nsource = "ads"\ncheck = "clicks > 1"\n'
    )
    expected = shop.session.quality()
    files = {path: path.read_text() for path in sorted((shop.root / "ads").iterdir(), reverse=True)}
    other = Exports(tmp_path / "other", shop.configuration, now=shop.now)
    for path, text in files.items():
        other.write(f"ads/{path.name}", text, datetime.utcfromtimestamp(path.stat().st_mtime))  # noqa: DTZ004
        other.session.refresh()
    assert replace(other.session.quality(), as_of=expected.as_of) == expected


def test_a_refresh_reads_the_profiles_of_what_changed_alone(tmp_path: Path) -> None:
    shop = daily(tmp_path, more='[[quality]]\nsource = "ads"\ncheck = "clicks > 1"\n')
    sums = shop.session.pipeline.sums
    assert sums.reads == len(DAYS)
    shop.write("ads/11-13.csv", ads("2026-11-13,x,1,10,5"))
    shop.session.refresh()
    shop.session.quality()
    assert sums.reads == len(DAYS) + 1
    shop.session.refresh()
    shop.session.quality()
    assert sums.reads == len(DAYS) + 1


def test_without_rules_a_refresh_reads_no_profile(tmp_path: Path) -> None:
    assert daily(tmp_path).session.pipeline.sums.reads == 0


def test_alerts_can_ask_for_it(tmp_path: Path) -> None:
    asked = {
        "empty_share(ads, shows) > 1%": 1 / 24, "empty_share(ads, impressions) > 1%": 1 / 24,
        "violations(sane) > 0": 1, "violations(ads) > 0": 1, "overdue(ads) > 1": 56 / 24,
        "late_share(ads) >= 0": 0, "duplicate_share(ads) >= 0": 0, "drift(ads) >= 0": 0,
        "disputed(ads) >= 0": 0, "rejected_share(ads) >= 0": 0,
    }  # fmt: skip
    rules = "".join(f'[alert.r{at}]\nwhen = "{condition}"\n' for at, condition in enumerate(asked))
    sane = '[[quality]]\nname = "sane"\nsource = "ads"\ncolumn = "shows"\nnot_null = true\n'
    shop = daily(tmp_path, sane + rules, d05=ads("2026-11-05,x,1,,5", "2026-11-05,y,1,10,5"))
    firing = {one.rule: one.value for one in shop.session.alerts().alerts if one.state == "firing"}
    wanted = {f"r{at}": pytest.approx(value) for at, value in enumerate(asked.values())}
    assert {rule: firing.get(rule) for rule in wanted} == wanted


@pytest.mark.parametrize(
    ("condition", "nearest"),
    [
        ("drift(adz) > 0", "ads"),
        ("violations(sand) > 0", "sane"),
        ("empty_share(ads, chanel) > 0", "channel"),
    ],
)
def test_a_misspelt_name_in_a_condition_names_the_nearest(
    tmp_path: Path, condition: str, nearest: str
) -> None:
    rule = '[[quality]]\nname = "sane"\nsource = "ads"\ncheck = "clicks > 0"\n'
    with pytest.raises(ConfigurationError, match=f"nearest: {nearest}"):
        daily(tmp_path, f'{rule}[alert.r]\nwhen = "{condition}"\n')


def test_a_file_that_cannot_be_read_is_one_reject_and_an_alert_until_it_can(tmp_path: Path) -> None:
    shop = daily(tmp_path)
    assert shop.session.alerts(all=True).alerts == ()
    shop.write("ads/11-13.csv", "\0" * 100)
    shop.session.refresh()
    (alert,) = shop.session.alerts().alerts
    assert (alert.rule, alert.state, alert.value) == ("unreadable_files", "firing", 1)
    assert [one.file for one in shop.session.rejects()] == ["ads/11-13.csv"]
    assert shop.session.quality().sources[0].unreadable[0][0] == "ads/11-13.csv"
    shop.write("ads/11-13.csv", ads("2026-11-13,x,1,10,5"))
    shop.session.refresh()
    assert shop.session.alerts().alerts == ()


def test_an_own_rule_replaces_the_built_in_one(tmp_path: Path) -> None:
    shop = daily(tmp_path, '[alert.unreadable_files]\nwhen = "unreadable() > 1"\n')
    shop.write("ads/11-13.csv", "\0" * 100)
    shop.session.refresh()
    assert shop.session.alerts().alerts == ()


def test_names_are_known_or_refused(tmp_path: Path) -> None:
    shop = daily(tmp_path)
    with pytest.raises(UnknownName):
        shop.session.quality("adz")
    with pytest.raises(UnknownName):
        shop.session.quality("ads", "chanel")
    with pytest.raises(UsageError):
        shop.session.quality(column="channel")


def test_identifiers_are_masked_unless_revealed(tmp_path: Path) -> None:
    text = '[[source]]\nname = "s"\nfiles = ["*.csv"]\ntable = "events"\nevent = "order"\n'
    rule = '[[quality]]\nsource = "s"\ncolumn = "phone"\nallowed = ["1"]\n'
    shop = Exports(tmp_path / "shop", text + rule)
    shop.write("a.csv", "ts,phone\n2026-11-01,13811112222\n")
    shop.session.refresh()
    shown = [shop.session.quality(reveal=reveal).rules[0].first[0].value or "" for reveal in (False, True)]
    assert "1111" not in shown[0] and "13811112222" in shown[1]


def test_a_calendar_that_cannot_be_read_is_a_fault_with_its_line(tmp_path: Path) -> None:
    shop = Exports(tmp_path / "shop", 'calendar = "days.csv"\n' + ADS)
    (shop.root / "days.csv").write_text(
        "date,name,kind\n2026-10-01,国庆,holiday\nsoon,x,holiday\n", encoding="utf-8"
    )
    with pytest.raises(ConfigurationError, match=r"days\.csv:3"):
        shop.session.refresh()


def test_days_of_the_calendar_have_an_effect_and_a_factor_that_are_checked(tmp_path: Path) -> None:
    shop = Exports(tmp_path / "shop", 'calendar = "days.csv"\n' + ADS)
    (shop.root / "days.csv").write_text(
        "date,name,kind,effect,factor\n2026-10-01,国庆,holiday,,\n2026/10/10,调休,workday,,\n"
        "2026-11-11,双11,promo,widen,1.5\n",
        encoding="utf-8",
    )
    found = calendar(load(shop.root))
    assert [(each.name, each.effect, each.factor) for each in found.days] == [
        ("国庆", None, None), ("调休", None, None), ("双11", "widen", 1.5),
    ]  # fmt: skip
    assert (set(found.holidays), set(found.workdays)) == ({date(2026, 10, 1)}, {date(2026, 10, 10)})
    (shop.root / "days.csv").write_text("date,effect,factor\n2026-10-01,same_nam,\n2026-10-02,widen,0\n")
    with pytest.raises(ConfigurationError, match=r"(?s)nearest: same_name.*days\.csv:3.*above 0"):
        calendar(load(shop.root))


def test_a_promo_of_the_calendar_fires_no_alert_and_is_drawn_as_skipped(tmp_path: Path) -> None:
    rule = '[alert.dear]\nwhen = "change(cost, previous) > 50%"\n'
    shop = Exports(tmp_path / "shop", 'calendar = "days.csv"\n' + ADS + rule)
    (shop.root / "days.csv").write_text("date,name,kind\n2026-11-11,双11,promo\n", encoding="utf-8")
    costs = {9: 10, 10: 10, 11: 90, 12: 11, 13: 40}
    shop.write("ads/a.csv", ads(*(f"2026-11-{day:02},a,1,10,{cost}" for day, cost in costs.items())))
    shop.session.refresh()
    points = shop.session.band(BandQuery("dear")).points
    assert [p.verdict for p in points][:5] == ["unknown", "clear", "skipped", "clear", "breach"]
    assert [(p.expected, p.firing) for p in points][3:5] == [(10.0, False), (11.0, True)]


EVENTS = """
[[source]]
name = "web"
files = ["web/*.ndjson"]
table = "events"
event = "visit"
columns = { ts = "day" }
"""


def records(day: datetime, rows: int, with_coupon: int) -> str:
    """Records of a day; the first so many have the key `coupon`."""
    fact = f'{{"day":"{day:%Y-%m-%d}","page":"a"'
    return "".join(fact + (',"coupon":"k"}\n' if n < with_coupon else "}\n") for n in range(rows))


def test_a_key_of_few_records_may_be_absent_by_chance_and_one_of_most_may_not(tmp_path: Path) -> None:
    shop = Exports(tmp_path / "shop", EVENTS)
    for day, many in zip(DAYS, (0, 2, 0, 60, 0), strict=False):
        shop.write(f"web/{day:%m-%d}.ndjson", records(day, 100, many))
    shop.session.refresh()
    told = [(one.file[4:9], one.kind, one.column) for one in shop.session.quality().sources[0].drift]
    assert told == [("11-04", "added", "coupon"), ("11-05", "gone", "coupon")]


def test_a_value_that_comes_now_and_then_is_not_missed_sooner_than_chance_allows(tmp_path: Path) -> None:
    shop = Exports(tmp_path / "shop", ADS)
    weekly = [datetime(2026, 8, 1) + timedelta(days=7 * n) for n in range(6)]
    for last, found in ((8, []), (60, ["rare"])):
        days = [weekly[0] + timedelta(days=n) for n in range((weekly[-1] - weekly[0]).days + last + 1)]
        rows = [f"{day:%Y-%m-%d},x,1,10,5" for day in days] + [f"{day:%Y-%m-%d},rare,1,1,1" for day in weekly]
        shop.write("ads/a.csv", ads(*rows))
        shop.session.refresh()
        assert [one.value for one in column(shop.session.quality(), "channel").vanished] == found

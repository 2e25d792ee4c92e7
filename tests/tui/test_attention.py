"""Views of alerts, rules, back-tests and review: functions from answers to lines."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from engine.questions import BacktestQuery, BandQuery, Delivery, Happening, IncidentQuery, Quiet, Snapshot
from tests.tui import attention
from tests.tui.fake_session import FakeSession, snapshot
from tui.asking import AlertRulesAsk, Ask, HistoryAsk, ReviewAsk
from tui.draw.feed import feed_lines
from tui.draw.incident import incident_lines
from tui.draw.tile import wall_lines
from tui.glyphs import ASCII, UNICODE
from tui.lines import text_of, width_of
from tui.place import Place, Sieve
from tui.views import (
    alert_rules,
    alerts,
    backtest,
    cause,
    feed,
    incident,
    moments,
    notices,
    quiet,
    review,
    timeline,
    wall,
)
from tui.views.scene import Scene, Size


def scene(
    lang: str = "en", place: Place | None = None, found: Snapshot | None = None, size: Size | None = None
) -> Scene:
    """A scene in which every question of the Alerts screens has its answer."""
    fake = FakeSession()
    found = found or fake.current
    answers: dict[Ask, object] = {
        HistoryAsk(): attention.history(),
        AlertRulesAsk(): attention.rules(),
        ReviewAsk(): attention.review(),
        review.ASK: attention.review(),
    }
    for alert in found.alerts.alerts:
        if alert.id is not None:
            answers[IncidentQuery(alert.id)] = attention.incident(alert)
        if (query := incident.band_query(alert)) is not None:
            answers[query] = attention.band(query)
    return Scene(place or Place("alerts"), found, answers, lang, size or Size(120, 36))


def texts(one: Scene, width: int = 48) -> list[str]:
    """The lines of the feed."""
    return [text_of(each.line) for each in feed_lines(feed.feed(one, "王敏"), width, UNICODE)]


def spots(one: Scene, width: int = 66) -> list[str]:
    """The lines below the trend of the incident."""
    return [text_of(spot.line) for spot in incident.detail(one, width).spots]


# The feed


def test_the_worst_stands_first_and_what_a_source_explains_below_all_that_is_told() -> None:
    entries = feed.feed(scene()).entries
    assert [e.state for e in entries if e.kind == "entry"][:6] == [
        "crit",
        "warn",
        "stale",
        "pend",
        "back",
        "warn",
    ]
    kinds = [e.kind for e in entries]
    assert kinds.index("heading") > 4
    assert "Inhibited by kuaishou (1)" in "\n".join(texts(scene()))


def test_an_entry_says_how_long_against_what_and_who_has_it() -> None:
    lines = texts(scene())
    assert "FIRING 1 d" in lines[0]
    assert "Douyin  1.96% < 3.32%" in lines[1]
    assert "not acked" in lines[1]
    assert "PENDING 1/2" in "\n".join(lines)


@pytest.mark.parametrize(
    ("when", "metric", "value", "expected", "said"),
    [
        ("age(kuaishou) > 12", None, 26.0, 12.0, "26 h > 12 h"),
        ("rejected_share(orders) > 20%", None, 0.4667, 0.2, "46.67% > 20%"),
        ("overdue(orders) > 2", None, 3.25, 2.0, "3.25 > 2"),
        ("cost > 1000", "cost", 1167.0, 1000.0, "1,167 > 1,000"),
        ("pace(cost) > 1.2", "cost", 1167.0, 1.2, "1,167"),
        ("change(cost, week) > 30%", "cost", 1167.0, 750.0, "1,167 > 750.0"),
    ],
)
def test_a_value_stands_against_its_limit_in_the_unit_of_both(
    when: str, metric: str | None, value: float, expected: float, said: str
) -> None:
    alert = replace(attention.STALE, when=when, metric=metric, unit="money", value=value, expected=expected)
    assert alerts.against_text(alert, scene()) == said


def test_bounds_are_said_as_what_they_are() -> None:
    alert = replace(attention.INHIBITED, value=2900.0, expected=4210.0, low=3950.0, high=4470.0)
    odd = replace(alert, when="anomaly(cost) < -3")
    assert incident.numbers(odd, scene()) == ["value 2,900", "expected 4,210 ± 260.0", "−31.1%"]
    rate = replace(alert, when="ctr < 2%", unit="percent", value=0.01, expected=0.02, low=0.006, high=0.017)
    assert incident.numbers(rate, scene()) == ["value 1.00% (0.60%…1.70%)", "limit 2.00%", "−50.0%"]
    fall = replace(alert, when="change(cost, week) < -30%", low=2947.0, high=None)
    assert incident.numbers(fall, scene())[-1] == "limit 2,947"


def test_a_silenced_alert_says_until_when_and_is_dimmed() -> None:
    found = snapshot()
    first = replace(found.alerts.alerts[0], silenced_until=datetime(2026, 10, 30, 4))
    one = scene(found=replace(found, alerts=replace(found.alerts, alerts=(first,))))
    entry = feed.feed(one).entries[0]
    assert entry.dim
    assert entry.owner == "SILENCED → 10-30"


def test_members_of_an_incident_stand_below_its_first() -> None:
    found = snapshot()
    total, *others = found.alerts.alerts
    total = replace(total, incident="e1")
    member = replace(others[0], id="e9", incident="e1", severity="warning")
    one = scene(found=replace(found, alerts=replace(found.alerts, alerts=(others[1], member, total))))
    entries = [(e.text, e.inset) for e in feed.feed(one).entries if e.kind == "entry"][:3]
    assert entries == [("Conversion drop", False), ("Valid leads drop", True), ("ROI below 0.60", False)]


def test_what_is_over_says_its_label_or_what_became_of_it() -> None:
    lines = "\n".join(texts(scene()))
    assert "10-24 Valid leads drop · Baidu          true" in lines
    assert "retracted" in lines


def test_the_week_counts_episodes_messages_and_labels_that_say_right_or_wrong() -> None:
    assert feed.week_text(scene()) == "Week: 4 episodes, 9 messages, precision 1 of 2"


@pytest.mark.parametrize(
    ("sieve", "rules"),
    [
        (Sieve(severity="critical"), {"Conversion drop"}),
        (Sieve(owner="@"), {"Conversion drop", "ROI below 0.60"}),
        (Sieve(owner="ops"), {"Source is stale"}),
        (Sieve(rule="budget_pace"), {"Budget pace"}),
    ],
)
def test_a_sieve_lets_through_what_it_names(sieve: Sieve, rules: set[str]) -> None:
    view = feed.feed(scene(place=Place("alerts", sieve=sieve)), "王敏")
    assert {e.text for e in view.entries if e.kind == "entry" and not e.id.startswith(alerts.PAST)} == rules


def test_earlier_alone_shows_no_open_alert() -> None:
    view = feed.feed(scene(place=Place("alerts", sieve=Sieve("earlier"))))
    assert all(e.id.startswith(alerts.PAST) for e in view.entries if e.kind == "entry")


def test_the_quiet_proof_counts_rules_not_alerts() -> None:
    found = snapshot()
    twice = (found.alerts.alerts[0], replace(found.alerts.alerts[0], labels={"channel": "RED"}))
    one = scene(found=replace(found, alerts=replace(found.alerts, alerts=twice)))
    assert "31 rules, data of 14:32:00, 1 open, 30 quiet" in alerts.proof(one)
    assert alerts.short_feed(one).entries[-1].id == alerts.PROOF


# The incident


def test_an_incident_shows_cause_steps_and_timeline() -> None:
    lines = spots(scene())
    joined = "\n".join(lines)
    assert "Cause  creative sofa_03 carries 86.0% of the fall" in joined
    assert "everything else" in joined
    assert "SOP  1 of 2" in lines
    assert any(each.startswith("[x] Open the landing page") and "王敏 10-29 09:40" in each for each in lines)
    assert '10-29 09:41 王敏: acknowledged "page opens, video 404 on iOS"' in lines


def test_messages_of_a_minute_are_counted_and_one_that_failed_says_why() -> None:
    joined = " ".join(spots(scene()))
    assert "2 messages sent → 王敏, wecom, ops, mail" in " ".join(joined.split())
    assert "message to ops not delivered: errcode 45009" in joined


def test_the_trend_has_its_band_its_limit_with_a_number_and_marks_on_firing_periods() -> None:
    view = incident.detail(scene(), 66).trend
    assert view is not None
    assert view.limits[0].value == 0.0232
    assert (0.0232, "2.32%") in view.y_ticks
    assert [state for _, state in view.marks] == ["crit", "crit"]
    assert len(view.band) == 28
    assert view.partial == 1


def test_the_cause_loses_columns_before_its_name_where_it_is_narrow() -> None:
    one = scene()
    alert = incident.stored(one, one.snapshot.alerts.alerts[0]) if one.snapshot else None
    assert alert is not None
    for width in range(30, 90):
        lines = [spot.line for spot in cause.spots(alert, one, width)]
        assert all(width_of(each) <= width for each in lines), width
        assert any("sofa_03" in text_of(each) for each in lines)


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_an_incident_is_as_wide_and_high_as_its_panel(glyphs: object, lang: str) -> None:
    for width, height in ((30, 5), (66, 14), (68, 31), (120, 46)):
        view = incident.detail(scene(lang), width)
        lines = incident_lines(view, width, height, glyphs, cursor=0)  # type: ignore[arg-type]
        assert len(lines) <= height
        assert all(width_of(each) <= width for each in lines[len(view.head) :])


def test_every_deed_has_words_in_both_languages() -> None:
    deeds = ("ack", "silence", "unsilence", "close", "tick", "untick", "undo_adapt", "label", "missed")
    for lang in ("en", "zh"):
        one = scene(lang)
        for deed in deeds:
            happened = Happening(attention.NOW, deed, "true", "e1", "li", "note")  # type: ignore[arg-type]
            assert timeline.text_of(happened, one).startswith("li: ")


# Ends of silences


NOW = datetime(2026, 10, 29, 14, 32)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2h", NOW + timedelta(hours=2)),
        ("3 天", NOW + timedelta(days=3)),
        ("18:00", datetime(2026, 10, 29, 18)),
        ("09:00", datetime(2026, 10, 30, 9)),
        ("10-30", datetime(2026, 10, 31)),
        ("10-30 09:00", datetime(2026, 10, 30, 9)),
        ("01-02", datetime(2027, 1, 3)),
        ("2026-10-28", None),
        ("soon", None),
        ("25:00", None),
        ("02-31", None),
    ],
)
def test_an_end_is_what_people_mean_by_it(typed: str, meant: datetime | None) -> None:
    assert moments.until(typed, NOW) == meant


# Rules, back-test, review


def test_a_rule_says_why_it_is_quiet() -> None:
    one = scene()
    entry = attention.rules().rules[0]
    said = " ".join(text for text, _ in alert_rules.proof(entry, one))
    assert "Judged 10-28: 8 members, 6 clear, 1 beyond the limit." in said
    assert "1 not judged: too little history 1." in said
    assert "Baidu 2.38% (limit 2.32%)" in said


def test_quiet_because_nothing_could_be_judged_is_not_quiet_because_all_is_clear() -> None:
    one = scene()
    words = {each.name: quiet.verdict(each, one).text for each in attention.rules().rules}
    assert words["budget_pace"] == "✓ all clear"
    assert words["spend_jump"] == "? not judged"
    nobody = replace(attention.rules().rules[4], quiet=Quiet("2026-10-28"))
    assert quiet.verdict(nobody, one).text == "✓ no member"
    assert "4 open, 2 quiet" in quiet.subject(one)


def test_the_slider_marks_the_chosen_step_and_that_of_the_configuration() -> None:
    own = attention.backtest(BacktestQuery("conversion_drop"))
    for width in (30, 60, 110):
        text = text_of(backtest.slider(own, -0.1, width, scene()))
        assert text.startswith("−50% ")
        assert text.rstrip().endswith("● −10%")
        assert text.count("┤") == 1


def test_the_days_of_a_back_test_hold_every_episode_at_any_width() -> None:
    answer = attention.backtest(BacktestQuery("conversion_drop", threshold=-0.1))
    for width in (10, 37, 80, 300):
        strip = text_of(backtest.strip(answer, width))
        assert sum(int(sign) for sign in strip if sign.isdigit()) == len(answer.episodes)


def test_a_review_is_told_without_an_answer_and_with_one() -> None:
    one = scene()
    bare = replace(one, answers={})
    assert len(review.queue(one).rows) == 2
    assert len(review.proposals(one).rows) == 2
    assert review.queue(bare).empty == one.say("empty.computing")
    assert any("1 outside hours" in text_of(each) for each in review.load(one, 50).lines)


# The wall and the status line


def test_an_alert_that_has_the_wall_says_how_far_why_and_what_first() -> None:
    one = scene()
    name = alerts.alert_id(one.snapshot.alerts.alerts[0]) if one.snapshot else ""
    page = wall.alert_page(one, name, 2)
    assert page is not None
    (tile,) = page.tiles
    assert tile.lines[-2:] == ("First step: Open the landing page", "2 more new critical alerts wait.")
    for width, height in ((120, 31), (80, 19), (40, 10)):
        for glyphs in (UNICODE, ASCII):
            lines = wall_lines(tile, width, height, glyphs)
            assert [width_of(each) for each in lines] == [width] * height


def test_only_critical_alerts_that_nobody_has_and_that_are_told_take_the_wall() -> None:
    found = snapshot()
    first = found.alerts.alerts[0]
    kept = [
        replace(first, id="a", acked_by="li"), replace(first, id="b", silenced_until=attention.NOW),
        replace(first, id="c", inhibited_by=("e5",)), replace(first, id="d", severity="warning"), first,
    ]  # fmt: skip
    held = wall.unacked(replace(found, alerts=replace(found.alerts, alerts=tuple(kept))))
    assert list(held) == ["e1"]


@pytest.mark.parametrize(
    ("delivery", "said", "tone"),
    [
        (Delivery(True, 0, 0), "", "ink"),
        (Delivery(True, 3, 0, None, "45009: too many", attention.NOW), "tried again at 14:32", "warn"),
        (Delivery(True, 0, 2, None, "45009"), "2 messages could not be delivered (45009)", "bad"),
        (Delivery(False, 1, 0, "no channel"), "No message is sent: no channel", "bad"),
    ],
)
def test_messages_that_do_not_arrive_are_said(delivery: Delivery, said: str, tone: str) -> None:
    found = replace(snapshot(), delivery=delivery)
    text, told = notices.standing(scene(found=found))
    assert (said in text, told) == (True, tone)


def test_an_evaluation_that_is_not_recorded_is_said() -> None:
    found = snapshot()
    found = replace(found, alerts=replace(found.alerts, fault="database is locked"))
    text, tone = notices.standing(scene(found=found))
    assert "database is locked" in text
    assert tone == "bad"


def test_the_band_of_a_rule_without_a_metric_is_not_asked_for() -> None:
    assert incident.band_query(attention.STALE) is None
    assert incident.band_query(attention.INHIBITED) == BandQuery(
        "spend_jump", (("channel", "Kuaishou"),), periods=incident.PERIODS
    )

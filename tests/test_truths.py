"""The truths planted in the sample shop, found by the engine: `sample_data/truth.toml` says what there is."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import sample_data
from engine.quality import calendar
from engine.questions import BesideQuery, FunnelQuery, MetricQuery, MetricRow, Range, WhyQuery
from engine.review.cases import run_cases
from engine.session import Session

ROOT = Path(sample_data.__file__).parent
WALL = datetime(2026, 11, 1)


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    return tomllib.loads((ROOT / "truth.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """One session on the sample for all truths."""
    session = Session.open(ROOT, state=tmp_path_factory.mktemp("state"), clock=lambda: WALL, key="key")
    session.refresh()
    yield session
    session.close()


def rows(shop: Session, *names: str, **more: Any) -> dict[tuple[object, ...], MetricRow]:
    """Rows by (metric, period, member, …)."""
    answer = shop.metrics(MetricQuery(names, **more))
    return {(row.metric, row.period, *(value for _, value in row.by)): row for row in answer.rows}


def test_every_row_of_every_file_is_accounted_for(shop: Session, truth: dict[str, Any]) -> None:
    status = shop.status()
    assert {file.file: file.rows for file in status.files} == {
        name: each["rows"] for name, each in truth["files"].items()
    }
    for source in status.sources:
        expected = truth["sources"][source.name]
        for name in ("files", "rows", "accepted", "rejected", "duplicates", "filtered"):
            assert getattr(source, name) == expected[name], (source.name, name)
        assert source.rows == source.accepted + source.rejected + source.duplicates + source.filtered


def test_each_kind_of_event_counts_as_planted(shop: Session, truth: dict[str, Any]) -> None:
    found = shop.store.rows("SELECT event, sum(n) FROM event_days GROUP BY event")
    assert {str(name): int(str(count)) for name, count in found} == truth["events"]


def test_orders_revenue_and_refunds_of_each_month_are_exact(shop: Session, truth: dict[str, Any]) -> None:
    found = rows(shop, "orders", "revenue", "refunds", "deals", grain="month")
    for month, expected in truth["months"].items():
        assert found["orders", month].value == expected["orders"]
        assert found["deals", month].value == expected["deals"]
        assert found["revenue", month].value == pytest.approx(float(expected["revenue"]), rel=1e-12)
        assert found["refunds", month].value == pytest.approx(float(expected["refunded"]), rel=1e-12)


def test_spend_of_each_month_and_channel_is_exact(shop: Session, truth: dict[str, Any]) -> None:
    found = rows(shop, "cost", "impressions", "clicks", by=("channel",), grain="month")
    for each in truth["spend"]:
        key = (each["month"], each["channel"])
        assert found["impressions", *key].value == each["impressions"], key
        assert found["clicks", *key].value == each["clicks"], key
        assert found["cost", *key].value == pytest.approx(float(each["cost"]), rel=1e-12), key


def test_why_names_the_collapsed_creative_and_what_collapsed(shop: Session, truth: dict[str, Any]) -> None:
    planted = truth["collapse"]
    element = {name: planted[name] for name in ("channel", "campaign", "creative")}
    found = shop.why(WhyQuery("ctr", str(planted["day"]), compare="week"))
    assert found.verdict == "cause"
    assert [dict(cause.element) for cause in found.causes] == [element]
    assert found.causes[0].share == pytest.approx(0.93, abs=0.02)
    assert planted["creative"] in found.sentence
    orders = shop.why(WhyQuery("conversion_rate", str(planted["day"]), compare="week"))
    assert dict(orders.causes[0].element).items() <= element.items()


def test_why_names_the_page_with_the_broken_form(shop: Session, truth: dict[str, Any]) -> None:
    days = Range(date.fromisoformat(truth["form_bug"]["since"]), None)
    found = shop.why(WhyQuery("valid_lead_rate", range=days))
    assert [dict(cause.element) for cause in found.causes] == [{"page": truth["form_bug"]["page"]}]
    assert found.causes[0].factor == "valid_leads"


def test_metrics_of_all_kinds_say_why_they_changed_or_that_they_cannot(shop: Session) -> None:
    """Effects of members and of children sum to the change, wherever there are any."""
    for name in sorted(shop.workspace.metrics)[::5]:
        found = shop.why(WhyQuery(name, "2026-10"))
        assert found.sentence, name
        for effects in ([each.effect for each in found.members], list(found.tree.values())):
            if effects and found.total_change is not None:
                size = max(abs(found.base or 0), abs(found.now or 0))
                assert sum(effects) == pytest.approx(found.total_change, abs=1e-9 * size), name


Expected = tuple[str, str, dict[str, str] | None]


def planted(truth: dict[str, Any]) -> dict[tuple[str, tuple[str, ...]], Expected]:
    """Every story as an alert: (rule, members) → first period, severity, element of the cause.

    An empty element: all below the member fell alike. None: nothing changed, it was so from the first month
    on, or files are meant and no metric.
    """
    collapse, form, stop = truth["collapse"], truth["form_bug"], truth["stop"]
    day, douyin, creative = str(collapse["day"]), (collapse["channel"],), collapse["creative"]
    element = {name: collapse[name] for name in ("campaign", "creative")}
    next_day = str(date.fromisoformat(day) + timedelta(days=1))
    since = date.fromisoformat(form["since"])
    stopped = datetime.fromisoformat(stop["last_ts"]) + timedelta(hours=24)
    newest = str(datetime.fromisoformat(truth["shop"]["as_of"]).date() - timedelta(days=1))
    return {
        ("conversion_drop", douyin): (day, "critical", element),
        ("creative_ctr", (*douyin, creative)): (day, "critical", {}),
        ("channel_traffic", douyin): (day, "warning", element),
        ("more_spend_no_sales", douyin): (day, "warning", element),
        ("spend_over", douyin): (day, "warning", element),
        ("budget_pace", douyin): (next_day, "critical", element),
        ("valid_leads", (form["page"],)): (str(since - timedelta(since.weekday())), "critical", {}),
        ("leads_without_deals", (truth["few_deals"]["channel"],)): ("2026-08", "warning", None),
        ("nobody_comes_back", (truth["repurchase"]["does_not"],)): ("2026-08", "warning", None),
        ("kuaishou_late", ()): (stopped.isoformat(timespec="minutes"), "warning", None),
        ("orders_unreadable", ()): (newest, "info", None),
        ("sent_twice", ()): (newest, "info", None),
    }


def test_every_story_fires_its_alerts_and_nothing_else_does(shop: Session, truth: dict[str, Any]) -> None:
    fired = {(one.rule, tuple(map(str, one.labels.values()))): one for one in shop.alerts().alerts}
    wanted = planted(truth)
    assert {key: (one.since, one.severity) for key, one in fired.items()} == {
        key: each[:2] for key, each in wanted.items()
    }
    assert {one.state for one in fired.values()} == {"firing"}
    assert [key for key, one in fired.items() if one.inhibited_by or one.silenced_until] == []


def test_the_cause_kept_with_each_story_is_what_was_planted(shop: Session, truth: dict[str, Any]) -> None:
    fired = {(one.rule, tuple(map(str, one.labels.values()))): one for one in shop.alerts().alerts}
    for key, (_, _, element) in planted(truth).items():
        why = fired[key].why
        first = next(iter(why.causes), None) if why is not None else None
        assert (None if first is None else dict(first.element)) == element, key
        assert element is None or (why is not None and why.verdict == ("cause" if element else "all")), key
    form = fired["valid_leads", (truth["form_bug"]["page"],)].why
    assert form is not None and form.causes[0].factor == "valid_leads"


def test_in_the_whole_history_nothing_fired_but_the_stories(shop: Session, truth: dict[str, Any]) -> None:
    """No false episode, none that came and went; fifteen quiet weeks, with the promotion and the holiday."""
    history = shop.history()
    firings = [(one.rule, tuple(map(str, one.labels.values()))) for one in history if one.event == "firing"]
    assert sorted(firings) == sorted(planted(truth))
    assert {one.event for one in history} == {"pending", "firing", "severity_up"}
    monthly = {name for name, rule in shop.workspace.rules.items() if rule.grain == "month"}
    days = {date.fromisoformat(one.period[:10]) for one in history if one.rule not in monthly}
    loud = {str(day - timedelta(day.weekday())) for day in days}
    assert loud == {"2026-10-12", "2026-10-19", "2026-10-26"}
    first = datetime.fromisoformat(truth["shop"]["first"]).date()
    weeks = {str(first + timedelta(days=n - first.weekday())) for n in range(0, truth["shop"]["days"], 7)}
    assert len(weeks - loud) == 15


def test_rules_that_say_nothing_were_judged(shop: Session, truth: dict[str, Any]) -> None:
    judged = {one.rule for one in shop.alerts(all=True).alerts if one.value is not None}
    own = {name for name, rule in shop.workspace.rules.items() if not rule.builtin}
    quiet = own - {rule for rule, _ in planted(truth)}
    assert quiet == {"refunds_high", "ads_late", "tracker_silent", "orders_late"}
    assert quiet <= judged


def test_the_rules_of_the_shop_keep_what_they_were_written_for(shop: Session) -> None:
    results = run_cases([ROOT / "rules_test.toml"])
    assert [(each.name, each.missing, each.unexpected) for each in results if not each.passed] == []
    assert len(results) == 4


def test_the_calendar_has_the_promotion_and_the_holiday(shop: Session, truth: dict[str, Any]) -> None:
    days = calendar(shop.workspace).days
    for kind, name in (("promo", "promotion"), ("holiday", "holiday")):
        of_kind = [str(each.day) for each in days if each.kind == kind and str(each.day) < "2026-11"]
        assert [of_kind[0], of_kind[-1]] == truth["shop"][name]


FORM = """
[funnel.form]
steps = [
  { event = "visit", where = "page = '%s'" }, { event = "lead", where = "page = '%s'" }, "mql",
]
window = "14d"
"""


def test_funnels_side_by_side_find_the_form_bug_on_its_page_and_days_and_nowhere_else(
    shop: Session, truth: dict[str, Any]
) -> None:
    bug = truth["form_bug"]
    since = date.fromisoformat(str(bug["since"]))
    month = timedelta(days=30)
    for page in {each["page"] for each in bug["page_leads"]}:
        rules = FORM % (page, page)
        before, earlier, after = (
            FunnelQuery("form", range=Range(first, first + timedelta(days=12)), toml=rules)
            for first in (since - month, since - month / 2, since)
        )
        found = shop.beside(BesideQuery(before, after))
        assert found.moved == (3 if page == bug["page"] else None), page
        assert shop.beside(BesideQuery(before, earlier)).moved is None, page
        assert found.a.checks == found.b.checks == ()


def test_the_steps_of_a_funnel_are_the_leads_of_each_page(shop: Session, truth: dict[str, Any]) -> None:
    bug = truth["form_bug"]
    since = date.fromisoformat(str(bug["since"]))
    for when, days in (("before", Range(None, since - timedelta(days=1))), ("since", Range(since, None))):
        groups = shop.funnel(FunnelQuery("quote", range=days, by="page")).groups
        planted = {each["page"]: each["leads"] for each in bug["page_leads"] if each["when"] == when}
        assert {group.value: group.steps[1].persons for group in groups} == planted


def test_the_channel_with_many_leads_and_few_deals_stands_out(shop: Session, truth: dict[str, Any]) -> None:
    found = rows(shop, "leads", "deals", by=("channel",))
    for each in truth["few_deals"]["channel_leads"]:
        assert found["leads", None, each["channel"]].value == each["leads"], each
        assert found["deals", None, each["channel"]].value == each["deals"], each


def test_the_form_s_leads_stay_and_their_validity_falls_from_the_day_on(
    shop: Session, truth: dict[str, Any]
) -> None:
    since = datetime.fromisoformat(truth["form_bug"]["since"]).date()
    ranges = {"before": Range(None, since - timedelta(days=1)), "since": Range(since, None)}
    names = ("leads", "valid_leads", "valid_lead_rate")
    for when, days in ranges.items():
        found = rows(shop, *names, by=("page",), range=days)
        for each in (one for one in truth["form_bug"]["page_leads"] if one["when"] == when):
            values = [found[name, None, each["page"]].value for name in names]
            assert values[:2] == [each["leads"], each["valid"]], each
            assert values[2] == pytest.approx(each["share"], abs=1e-6), each


def test_the_report_of_the_collapsed_creative_is_the_planted_one_day_by_day(
    shop: Session, truth: dict[str, Any]
) -> None:
    planted = truth["collapse"]
    only = f"creative = '{planted['creative']}' and channel = '{planted['channel']}'"
    found = rows(shop, "impressions", "clicks", "ctr", "cost", where=only, grain="day")
    for each in planted["daily"]:
        for name in ("impressions", "clicks"):
            assert found[name, each["day"]].value == each[name], each["day"]
        assert found["ctr", each["day"]].value == pytest.approx(each["ctr"], abs=1e-6)
        assert found["cost", each["day"]].value == pytest.approx(float(each["cost"]), rel=1e-12)
    day = datetime.fromisoformat(planted["day"]).date()
    for key, days in (
        ("ctr_before", Range(None, day - timedelta(days=1))),
        ("ctr_since", Range(day, None)),
    ):
        whole = rows(shop, "ctr", where=only, range=days)["ctr", None].value
        assert whole == pytest.approx(planted[key], abs=1e-6), key


def test_stages_of_the_leads_of_each_channel_are_exact(shop: Session, truth: dict[str, Any]) -> None:
    found = rows(shop, "leads", "valid_leads", "mqls", "deals", by=("channel",))
    for each in truth["few_deals"]["channel_leads"]:
        values = [found[name, None, each["channel"]].value for name in ("valid_leads", "mqls", "deals")]
        assert values == [each["valid"], each["mqls"], each["deals"]], each
    deals = {each["channel"]: each["deal_share"] for each in truth["few_deals"]["channel_leads"]}
    assert min(deals, key=lambda name: deals[name]) == truth["few_deals"]["channel"]


def test_targets_of_months_and_channels_stand_beside_their_numbers(shop: Session) -> None:
    with (ROOT / "targets" / "targets.csv").open(encoding="utf-8-sig", newline="") as stream:
        planted = list(csv.DictReader(stream))
    names = tuple({each["metric"] for each in planted})
    whole = rows(shop, *names, grain="month")
    parted = rows(shop, "cost", grain="month", by=("channel",))
    for each in planted:
        key = (each["metric"], each["period"])
        row = parted[*key, each["channel"]] if each["channel"] else whole[key]
        assert row.target == float(each["value"]), each


def test_the_budget_s_pace_is_the_share_used_over_the_share_of_the_month(
    shop: Session, truth: dict[str, Any]
) -> None:
    used = sum(float(each["cost"]) for each in truth["spend"] if each["month"] == "2026-10")
    elapsed = datetime.fromisoformat(truth["shop"]["as_of"]).replace(tzinfo=None) - datetime(2026, 10, 1)
    pace = rows(shop, "budget_pace", grain="month")["budget_pace", "2026-10"].value
    assert pace == pytest.approx(used / 62000 / (elapsed / timedelta(days=31)), rel=1e-9)


def test_the_stopped_source_is_stale_and_no_other(shop: Session, truth: dict[str, Any]) -> None:
    stale = [source for source in shop.status().sources if source.stale]
    assert [source.name for source in stale] == [truth["stop"]["source"]]
    assert stale[0].age_seconds == pytest.approx(truth["stop"]["hours_before_end"] * 3600, abs=60)


def test_the_broken_file_is_explained_line_by_line(shop: Session, truth: dict[str, Any]) -> None:
    planted = {each["line"]: each["column"] for each in truth["broken"]["reject"]}
    found = shop.rejects(file=truth["broken"]["file"])
    assert {one.line for one in found} == planted.keys()
    assert all(one.column in (None, planted[one.line]) for one in found)
    assert len([one for one in found if one.column]) == len(planted) - 2, (
        "two rows have too few, too many fields"
    )
    assert all(one.reason and one.text for one in found)


def test_the_torn_last_line_waits(shop: Session, truth: dict[str, Any]) -> None:
    lines = (ROOT / truth["broken"]["file"]).read_text(encoding="utf-8").splitlines()
    assert lines[-1] == truth["broken"]["torn_last_line"]
    listed = shop.rows("events", where="source = 'broken_orders'").rows
    assert "X-0015" not in {row[7] for row in listed}


def test_quality_finds_the_stop_the_duplicates_and_the_broken_file_exactly(
    shop: Session, truth: dict[str, Any]
) -> None:
    found = {source.name: source for source in shop.quality().sources}
    stopped = {name: source.freshness for name, source in found.items() if source.freshness.stale}
    last = datetime.fromisoformat(truth["stop"]["last_ts"]).astimezone(UTC).replace(tzinfo=None)
    assert {name: fresh.last_ts for name, fresh in stopped.items()} == {truth["stop"]["source"]: last}
    duplicates = {name: source.duplicates for name, source in found.items() if source.duplicates}
    assert duplicates == truth["duplicates"]["sources"]
    rejected = {name: source.rejected for name, source in found.items() if source.rejected}
    assert rejected == {"broken_orders": len(truth["broken"]["reject"])}


def test_quality_leads_to_the_lines_of_the_broken_columns(shop: Session, truth: dict[str, Any]) -> None:
    """A row with too many or too few fields has no column to name."""
    planted = {each["line"]: each["column"] for each in truth["broken"]["reject"]}
    text = (ROOT / truth["broken"]["file"]).read_text(encoding="utf-8").splitlines()
    width = len(text[0].split(","))
    unread = {line for line in planted if len(text[line - 1].split(",")) != width}
    assert len(unread) == 2
    for column in ("金额", "下单时间"):
        answer = shop.quality("broken_orders", column)
        lines = {one.line for one in answer.lines if one.what.startswith("rejected")}
        assert lines == {line for line, name in planted.items() if name == column} - unread
        assert answer.sources[0].columns[0].rejected == len(lines)


def test_quality_finds_the_clock_that_changed_and_the_new_campaign(
    shop: Session, truth: dict[str, Any]
) -> None:
    sources = shop.quality().sources
    drift = [(one.source, one.file, one.column, one.was, one.now) for each in sources for one in each.drift]
    assert drift == [tuple(truth["drift"].values())]
    new = [
        (source.name, column.column, one.value, one.rows)
        for source in sources
        for column in source.columns
        for one in column.new
    ]
    assert new == [tuple(truth["new_value"].values())]


def test_quality_is_quiet_about_all_that_is_healthy(shop: Session, truth: dict[str, Any]) -> None:
    answer = shop.quality()
    assert (answer.disputes, answer.rules, answer.failed) == ((), (), ())
    assert shop.status().unmapped == ()
    planted = {truth["stop"]["source"], truth["drift"]["source"], truth["new_value"]["source"]}
    for source in answer.sources:
        gone = [one for column in source.columns for one in column.vanished]
        assert (gone, source.unreadable, source.disputed, source.late.rows) == ([], (), 0, 0), source.name
        if source.name not in planted | truth["duplicates"]["sources"].keys():
            assert (source.rejected, source.duplicates, source.drift) == (0, 0, ()), source.name
            assert not source.freshness.stale


def test_each_member_is_one_person_with_all_that_belongs_to_it(shop: Session, truth: dict[str, Any]) -> None:
    entries, shared = shop.persons(reveal=True)
    held = {frozenset(entry.identifiers) for entry in entries}
    assert all(frozenset(one["identifiers"]) in held for one in truth["persons"]["example"])
    members = shop.store.rows("SELECT count(DISTINCT person) FROM profiles")
    assert members == [(truth["persons"]["members"],)]
    assert max(sum(name.startswith("member_id:") for name in entry.identifiers) for entry in entries) == 1
    assert shared == (truth["shared_device"]["identifier"],)
    blocked = truth["persons"]["blocked_phone"]
    assert not [name for entry in entries for name in entry.identifiers if blocked in name]


def test_a_drill_down_sums_to_its_tile(shop: Session) -> None:
    week = {"range": Range(datetime(2026, 10, 23).date(), datetime(2026, 10, 29).date())}
    whole = rows(shop, "revenue", **week)["revenue", None].value
    for by in (("channel",), ("channel", "campaign"), ("region",)):
        parts = rows(shop, "revenue", by=by, **week)
        assert sum(row.value or 0 for row in parts.values()) == pytest.approx(whole, rel=1e-12)

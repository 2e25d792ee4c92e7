"""customer_personality, hillstrom_email, x_education_leads, segment_pages, attribution_playbook: people.

Left out: the four z-tests of hillstrom_email and the points, touches and cpa of attribution_playbook (models
of experiments and attribution, not of rows); the published figures, which are the same numbers rounded; of
x_education_leads the empty 38th header cell, of which tests/engine/ingest speaks; of segment_pages and
customer_personality the lists of header cells.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.truth.truths import Truth, metrics, near, needed, ratios

pytestmark = needed
CATEGORIES = (
    "MntWines",
    "MntFruits",
    "MntMeatProducts",
    "MntFishProducts",
    "MntSweetProducts",
    "MntGoldProds",
)
CHANNELS = ("NumWebPurchases", "NumCatalogPurchases", "NumStorePurchases", "NumDealsPurchases")
ACCEPTED = ("AcceptedCmp1", "AcceptedCmp2", "AcceptedCmp3", "AcceptedCmp4", "AcceptedCmp5", "Response")
REST = (
    "Year_Birth", "Education", "Marital_Status", "Income", "Kidhome", "Teenhome", "Dt_Customer", "Recency",
    "NumWebVisitsMonth", "Complain", "Z_CostContact", "Z_Revenue",
)  # fmt: skip


def customers(at: Path, files: str, more: str = "") -> Truth:
    sums = {f"sum_{name}": name for name in (*CATEGORIES, *CHANNELS, *ACCEPTED)}
    shares = {f"share_{name}": (f"sum_{name}", "customers") for name in ACCEPTED}
    return Truth(
        at,
        "customer_personality",
        f"""
        [[source]]
        name = "customers"
        files = ["*.csv"]
        table = "events"
        event = "register"
        columns = {{ ts = "Dt_Customer", member_id = "ID" }}
        {more}
        [identity]  # a member number 0 is real here
        blocked = {{ regex = {{ any = [] }} }}
        """
        + metrics("events", customers="?true", poor="?Income is null", **sums)
        + ratios(**shares),
        files,
    )


DIALECTS = ("*_tab_dmy.csv", "*_semicolon_bom_iso.csv")


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Truth]:
    """The customers in each dialect; the state of a place holds what was read once."""
    return {dialect: customers(tmp_path_factory.mktemp("customers"), dialect) for dialect in DIALECTS}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_customers_in_two_dialects(both: dict[str, Truth], dialect: str) -> None:
    place = both[dialect]
    names = [f"sum_{name}" for name in (*CATEGORIES, *CHANNELS, *ACCEPTED)]
    found = place.total("customers", "poor", *names, *(f"share_{name}" for name in ACCEPTED))
    assert (found["customers"], found["poor"]) == (place["rows"], place["missing_income"])
    assert place.ask("status")["persons"] == place["rows"]

    def listed(columns: tuple[str, ...], kind: str = "sum") -> dict[str, float]:
        return {name: found[f"{kind}_{name}"] for name in columns}

    assert listed(CATEGORIES) == place["spend_by_category"]
    assert sum(listed(CATEGORIES).values()) == place["spend_total"]
    assert listed(CHANNELS) == place["purchases_by_channel"]
    assert listed(ACCEPTED) == place["accepted"]
    assert listed(ACCEPTED, "share") == near(place["acceptance_rate"])
    months = place.table(None, "registrations", "--grain", "month")
    assert {month: row["registrations"] for month, row in months.items()} == place["enrolments_by_month"]
    days = sorted(row["ts"][:10] for row in place.rows())
    assert [days[0], days[-1]] == place["enrolment_range"]


def test_customers_that_are_the_same_but_for_their_number(tmp_path: Path) -> None:
    key = [*REST, *CATEGORIES, *CHANNELS, *ACCEPTED]
    place = customers(tmp_path, "*_tab_dmy.csv", f"dedupe = {key}")
    assert [one[3] for one in place.counts().values()] == [place["duplicates_ignoring_id"]]


def test_both_dialects_of_customers_hold_the_same_cells(both: dict[str, Truth]) -> None:
    found = []
    for place in both.values():
        rows = ({**row, "file": None} for row in place.rows("events", "--reveal"))
        found.append(sorted(rows, key=lambda row: int(row["line"])))
        wanted = place["cells_differing_between_dialects"]
    differ = {name for one, other in zip(*found, strict=True) for name in one if one[name] != other[name]}
    differ -= {"event_id", "person"}  # these follow from the file and the installation
    assert differ == set(wanted)


def test_an_email_campaign_by_segment_channel_and_history(tmp_path: Path) -> None:
    place = Truth(
        tmp_path,
        "hillstrom_email",
        """
        [[source]]
        name = "mails"
        files = ["*.csv"]
        table = "events"
        event = "message_sent"
        constants = { ts = "2008-03-20" }
        """
        + metrics("events", customers="?true", visited="visit", conversions="conversion", spent="spend")
        + ratios(
            visited_rate=("visited", "customers"),
            converted_rate=("conversions", "customers"),
            spend_per_customer=("spent", "customers"),
        ),
    )
    names = {
        "customers": "customers", "visited": "visits", "visited_rate": "visit_rate", "spent": "spend",
        "conversions": "conversions", "converted_rate": "conversion_rate",
        "spend_per_customer": "spend_per_customer",
    }  # fmt: skip
    assert place.total("customers") == {"customers": place["rows"]}
    for dimension, truth in (
        ("segment", "by_segment"),
        ("channel", "by_channel"),
        ("history_segment", "by_history_segment"),
    ):
        found = place.table(dimension, *names)
        wanted = place[truth]
        assert found.keys() == wanted.keys()
        for member, row in wanted.items():
            known = {names[name]: value for name, value in found[member].items() if names[name] in row}
            assert known == near(row), (dimension, member)


LEADS = """
[[source]]
name = "leads"
files = ["Leads.csv"]
table = "events"
event = "lead"
constants = { ts = "2019-01-01" }
columns.lead_id = "Prospect ID"
columns.channel = "Lead Source"
columns.campaign = { expr = "lower(\\"Lead Source\\")" }
"""


@pytest.fixture(scope="module")
def education(tmp_path_factory: pytest.TempPathFactory) -> Truth:
    extra = metrics("events", won="Converted", unvisited="?TotalVisits is null")
    extra += "".join(
        metrics("events", **{f"selected_{i}": f"?\"{name}\" = 'Select'"}) for i, name in enumerate(SELECTED)
    )
    extra += '[metric.middle]\ntable = "events"\nagg = "median"\ncolumn = "Total Time Spent on Website"\n'
    extra += ratios(won_rate=("won", "leads"))
    return Truth(tmp_path_factory.mktemp("leads"), "x_education_leads", LEADS + extra, "Leads.csv")


SELECTED = ("Specialization", "How did you hear about X Education", "Lead Profile", "City")


def test_leads_in_all(education: Truth) -> None:
    selected = [f"selected_{i}" for i in range(len(SELECTED))]
    found = education.total("leads", "won", "won_rate", "unvisited", *selected)
    assert (found["leads"], found["won"]) == (education["rows"], education["converted"])
    assert found["won_rate"] == near(education["conversion_rate"])
    assert found["unvisited"] == education["missing_total_visits"]
    assert [found[name] for name in selected] == [education["select_placeholder"][name] for name in SELECTED]
    middle = education.table("Converted", "middle")
    assert {str(side): row["middle"] for side, row in middle.items()} == education["median_time_by_converted"]
    assert education.ask("status")["persons"] == education["rows"]


@pytest.mark.parametrize(
    ("dimension", "name"),
    [
        ("channel", "by_lead_source_raw"),
        ("Lead Origin", "by_lead_origin"),
        ("Last Activity", "by_last_activity"),
        ("What is your current occupation", "by_occupation"),
        ("campaign", "by_lead_source_casefolded"),
    ],
)
def test_leads_by_what_they_say(education: Truth, dimension: str, name: str) -> None:
    found = education.table(dimension, "leads", "won", "won_rate", "--where", "event = 'lead'")
    wanted = {None if member == "(missing)" else member: row for member, row in education[name].items()}
    if dimension == "channel":  # a lead without a channel of its own is credited: the rows tell
        nobody = sum(row["channel"] is None for row in education.rows())
        assert nobody == wanted.pop(None)["leads"]
        found.pop("direct")
        found.pop(None)
    names = {"leads": "leads", "won": "converted", "won_rate": "rate"}
    assert found.keys() == wanted.keys()
    for member, row in wanted.items():
        assert {names[n]: v for n, v in found[member].items() if names[n] in row} == near(row), member


def test_pages_and_referrers(tmp_path: Path) -> None:
    place = Truth(
        tmp_path,
        "segment_pages",
        """
        [[source]]
        name = "pages"
        files = ["example_segment_pages.csv"]
        table = "events"
        event = "view"
        columns = { ts = "timestamp", member_id = "user_id", cookie = "anonymous_id", page = "path" }
        [[source]]
        name = "referrers"
        files = ["referrer_mapping.csv"]
        table = "events"
        event = "search"
        constants = { ts = "2015-01-01" }
        """
        + metrics("events", lines="?event = 'search'"),
    )
    assert {name: one[1] for name, one in place.counts().items()} == {
        "example_segment_pages.csv": place["pages_rows"], "referrer_mapping.csv": place["referrer_rows"],
    }  # fmt: skip
    media = place.table("medium", "lines", "--where", "event = 'search'")
    assert {medium: row["lines"] for medium, row in media.items()} == place["referrer_by_medium"]


def test_sessions_conversions_and_spend_before_any_model(tmp_path: Path) -> None:
    place = Truth(
        tmp_path,
        "attribution_playbook",
        """
        [[source]]
        name = "sessions"
        files = ["sessions.csv"]
        table = "events"
        event = "visit"
        columns = { ts = "started_at", member_id = "customer_id", channel = "utm_source" }
        [[source]]
        name = "conversions"
        files = ["customer_conversions.csv"]
        table = "events"
        event = "order"
        columns = { ts = "converted_at", member_id = "customer_id", value = "revenue" }
        [[source]]
        name = "ad_spend"
        files = ["ad_spend.csv"]
        table = "spend"
        columns = { ts = "date_day", channel = "utm_source", campaign = "utm_campaign", cost = "spend" }
        """,
    )
    sources = {one["name"]: one["accepted"] for one in place.ask("status")["sources"]}
    assert sources == place["rows"]
    found = place.total("revenue", "cost", "orders", "buyers")
    assert (found["revenue"], found["cost"]) == (place["revenue"], place["spend"])
    assert (found["orders"] == found["buyers"]) is place["conversion_customers_unique"]
    (first, *_) = [row["ts"] for row in place.rows("events", "--where", "ts >= '2020-02-04 04:30:21'")]
    assert first.startswith("2020-02-")
    assert not any(row["channel"] == "" for row in place.rows())

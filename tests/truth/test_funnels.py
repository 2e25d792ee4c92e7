"""x_education_leads as funnels: persons by where they came from, and of them those that converted."""

from __future__ import annotations

from pathlib import Path

from tests.truth.test_people import LEADS
from tests.truth.truths import Truth, near, needed

pytestmark = needed

FUNNEL = """
[funnel.leads]
steps = ["lead"]
[funnel.won]
steps = [{ event = "lead", where = "Converted = 1" }]
"""


def test_leads_and_those_that_converted_by_origin(tmp_path: Path) -> None:
    place = Truth(tmp_path, "x_education_leads", LEADS + FUNNEL, "Leads.csv")
    leads, won = place.ask("funnel", "leads", "won", "--by", "Lead Origin")
    assert leads["steps"][0]["persons"] == place["rows"]
    assert won["steps"][0]["persons"] == place["converted"]
    truth = place["by_lead_origin"]
    for found, name in ((leads, "leads"), (won, "converted")):
        counted = {group["value"]: group["steps"][0]["persons"] for group in found["groups"]}
        assert counted == {origin: each[name] for origin, each in truth.items()}
    beside = place.ask("funnel", "leads", "--where-b", "Converted = 1")["steps"][0]
    assert beside["b"] / beside["a"] == near(place["conversion_rate"])

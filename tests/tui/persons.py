"""The person of the plates: identifiers and why they are joined, a conflict, and eleven facts."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from engine.questions import Conflict, Join, JourneyFact, PersonAnswer, PersonEntry

ZONE = timedelta(hours=8)
"""The plates are in Asia/Shanghai, answers in UTC."""
FACTS = (
    # day and time, kind, event, channel, campaign, detail, value, file, line, visit
    ("10-22 21:03", "transaction", "order", None, None, "88121", "219.00", "orders_1022.csv", 118, None),
    ("10-24 20:14", "behaviour", "visit", "Douyin", None, "/p/sofa-03", None, "web_1024.ndjson", 40211, 1),
    ("10-24 20:14", "behaviour", "view", None, None, "sofa_03", None, "web_1024.ndjson", 40213, 1),
    ("10-24 20:17", "interaction", "ad click", "Douyin", None, "sofa_03", None, "web_1024.ndjson", 40260, 0),
    ("10-24 20:20", "behaviour", "view", None, None, "sofa_01", None, "web_1024.ndjson", 40302, 1),
    ("10-26 09:00", "interaction", "message sent", None, None, "push_autumn", None, "crm_1026.csv", 9, None),
    ("10-26 09:41", "interaction", "message open", None, None, "push_autumn", None, "crm_1026.csv", 377, 0),
    ("10-27 12:30", "behaviour", "visit", "WeChat", None, "/service", None, "web_1027.ndjson", 8817, 2),
    ("10-27 12:38", "feedback", "complaint", None, None, "video does not play", None, "fb_10.csv", 61, None),
    ("10-28 18:02", "lead", "lead", None, None, "quote form v7", None, "leads.xlsx", 9102, None),
)  # fmt: skip
FULL = {
    "phone:138****2207": "phone:+8613812342207",
    "member_id:m_****82": "member_id:m_100482",
    "unionid:o6****x9": "unionid:o6_bmjx9",
    "email:l***@x.com": "email:li@x.com",
    "phone:139****1140": "phone:+8613956781140",
}
CONFLICTS = (Conflict("member_id:m_****82", "phone:139****1140", "limit:phone", "p_1", "p_other"),)


def moment(text: str) -> datetime:
    """A moment of the plates in UTC."""
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M") - ZONE


def person(name: str, reveal: bool = False) -> PersonAnswer:
    """Called by any name."""

    def said(text: str) -> str:
        return FULL.get(text, text) if reveal else text

    names = ("phone:138****2207", "member_id:m_****82", "unionid:o6****x9", "email:l***@x.com")
    entry = PersonEntry(
        name, said(names[0]), tuple(map(said, names)), (said(names[2]),), moment("09-20 10:00")
    )
    joins = (
        Join(said(names[1]), said(names[0]), moment("10-22 21:03"), "orders", "orders_1022.csv", 118),
        Join(said(names[2]), said(names[0]), moment("10-24 20:14"), "web", "web_1024.ndjson", 40211),
        Join(said(names[3]), said(names[1])),
    )
    facts = tuple(
        JourneyFact(
            moment(when), kind, event, channel, campaign, detail,
            Decimal(value) if value else None, "CNY" if value else None,
            file.partition("_")[0], file, line, visit or None, channel or "RED",
        )
        for when, kind, event, channel, campaign, detail, value, file, line, visit in FACTS
    )  # fmt: skip
    conflicts = tuple(Conflict(said(one.a), said(one.b), one.reason, name, one.person_b) for one in CONFLICTS)
    return PersonAnswer(entry, facts, conflicts, joins, ("device_id:d_****ab",))

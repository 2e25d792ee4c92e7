"""The three canonical tables, the fourth kind of file (targets), and the events that are known by name.

One definition of each column: its kind of value and its meaning. Ingest maps files to it, the
expression checker types names by it, `looptop check` and the README print it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "number", "money", "count", "boolean", "time", "date", "list"]
"""What a value is: `money` and `count` are exact decimals with six places, `number` a double."""

Table = Literal["events", "spend", "profiles", "targets", "lookup"]

TABLES: tuple[Table, ...] = ("events", "spend", "profiles", "targets")
"""Kinds of facts; a `lookup` holds none, it says more about them."""


@dataclass(frozen=True, slots=True)
class Column:
    """A canonical column: its name, the kind of its values and what it means."""

    name: str
    kind: Kind
    meaning: str


IDENTIFIERS: tuple[str, ...] = ("member_id", "phone", "unionid", "email", "device_id", "cookie", "lead_id")
"""Identifier types in their default priority, strongest first."""

_LINEAGE = (
    Column("source", "text", "name of the source"),
    Column("file", "text", "path of the file, relative to the workspace"),
    Column("line", "count", "line on which the record starts, from 1"),
)

EVENTS: tuple[Column, ...] = (
    Column("ts", "time", "moment of the event, UTC"),
    Column("event_id", "text", "the event's own key; by default source, file and line"),
    Column("event", "text", "what happened: visit, order, …"),
    Column("kind", "text", "behaviour, transaction, interaction, feedback or lead; follows from event"),
    Column("subject", "text", "hash of the row's usable identifiers"),
    Column("value", "money", "amount of the event, in its currency"),
    Column("currency", "text", "ISO code of the amount"),
    Column("quantity", "count", "how many pieces"),
    Column("order_id", "text", "the order"),
    Column("channel", "text", "channel of the event itself"),
    Column("campaign", "text", "campaign"),
    Column("creative", "text", "creative"),
    Column("product", "text", "product"),
    Column("region", "text", "region"),
    Column("device", "text", "kind of device"),
    Column("page", "text", "page or path"),
    Column("score", "number", "rating"),
    Column("text", "text", "what the person wrote"),
    Column("stage", "text", "stage of a lead or deal"),
    Column("valid", "boolean", "whether the lead is valid"),
    *_LINEAGE,
)

SPEND: tuple[Column, ...] = (
    Column("ts", "time", "start of the day or hour, UTC"),
    Column("channel", "text", "channel"),
    Column("campaign", "text", "campaign"),
    Column("creative", "text", "creative"),
    Column("region", "text", "region"),
    Column("ad_group", "text", "ad group"),
    Column("keyword", "text", "keyword"),
    Column("account", "text", "account"),
    Column("device", "text", "kind of device"),
    Column("impressions", "count", "impressions"),
    Column("reach", "count", "persons reached; does not add up"),
    Column("clicks", "count", "clicks"),
    Column("cost", "money", "spend, in its currency"),
    Column("conversions", "count", "conversions as the platform counts them"),
    Column("conversion_value", "money", "their value, in the row's currency"),
    Column("currency", "text", "ISO code of the money"),
    Column("granularity", "text", "day or hour"),
    *_LINEAGE,
)

PROFILES: tuple[Column, ...] = (
    Column("subject", "text", "hash of the row's usable identifiers"),
    Column("name", "text", "name"),
    Column("gender", "text", "gender"),
    Column("birth", "date", "date of birth"),
    Column("region", "text", "region"),
    Column("city", "text", "city"),
    Column("signup_ts", "time", "moment of signing up, UTC"),
    Column("tier", "text", "membership tier"),
    Column("tags", "list", "tags"),
    *_LINEAGE,
)

TARGETS: tuple[Column, ...] = (
    Column("period", "text", "2026-11-01T13:00+08:00, 2026-11-01, 2026-11, 2026-Q4 or 2026"),
    Column("metric", "text", "name of the metric"),
    Column("value", "money", "the target"),
    *_LINEAGE,
)

LOOKUP: tuple[Column, ...] = (
    Column("key", "text", "the value that facts are found by"),
    Column("valid_from", "date", "first day on which the row holds"),
    Column("valid_to", "date", "last day on which the row holds"),
    *_LINEAGE,
)

COLUMNS: dict[Table, tuple[Column, ...]] = {
    "events": EVENTS,
    "spend": SPEND,
    "profiles": PROFILES,
    "targets": TARGETS,
    "lookup": LOOKUP,
}

TIMES = ("weekday", "hour_of_day")
"""Dimensions of metrics that are made from the moment of a fact, where its file has no such column."""

DERIVED_COLUMNS = frozenset({"kind", "subject", "source", "file", "line"})
"""Columns that looptop fills itself; a file cannot map them."""

KIND_OF_EVENT: dict[str, str] = {
    **dict.fromkeys(
        ("visit", "view", "search", "register", "login", "add_to_cart", "favourite", "checkout"), "behaviour"
    ),
    **dict.fromkeys(("order", "refund"), "transaction"),
    **dict.fromkeys(
        ("message_sent", "message_open", "ad_click", "follow", "unfollow", "share"), "interaction"
    ),
    **dict.fromkeys(("rating", "comment", "complaint"), "feedback"),
    **dict.fromkeys(("lead", "mql", "sql", "deal", "lost"), "lead"),
}
"""Canonical events → their kind; an event that is not here passes unchanged and is behaviour."""

UNGROUPED = frozenset(
    {
        "person",
        "subject",
        "ids",
        "part",
        "row",
        "line",
        "file",
        "ts",
        "lts",
        "day",
        "amount",
        "event_id",
        "start",
    }
    | {"text", "birth", "name", "signup_ts", "record", "first_order", "last_order", "last_day", "first_day"}
)
"""Columns that are no dimension: they name a row or a person."""

"""The shop's life: who came, what they did, what they ordered, said and were sent. Facts only, no files.

One seeded stream of chance for each part, so that a change in one part leaves the others alone. Chances of
a funnel step are kept by running totals (`Quota`), which makes rates move less than dice would.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import TypeVar

from sample_data import catalogue as cat

T = TypeVar("T")
DAY = 86_400


@dataclass(slots=True)
class Person:
    """Somebody: the identifiers by which the shop meets them, and where they came from."""

    number: int
    channel: str
    campaign: str
    creative: str
    cookies: list[str]
    device: str
    region: str
    city: str
    member_id: str = ""
    phone: str = ""
    email: str = ""
    unionid: str = ""
    name: str = ""
    signup: int = 0
    orders: int = 0
    logged_in: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A web event."""

    ts: int
    key: str
    event: str
    cookie: str
    member_id: str
    device: str
    page: str
    product: str
    channel: str
    campaign: str
    creative: str
    device_id: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """An order line of the web shop (store `web`), of the shops in town (`pos`) or of Hong Kong (`hk`)."""

    ts: int
    order_id: str
    store: str
    person: int
    member_id: str
    phone: str
    email: str
    cookie: str
    product: str
    quantity: int
    cents: int
    currency: str
    region: str
    status: str
    discount: int = 0


@dataclass(frozen=True, slots=True)
class Refund:
    ts: int
    refund_id: str
    order_id: str
    member_id: str
    product: str
    cents: int
    reason: str


@dataclass(frozen=True, slots=True)
class Lead:
    lead_id: str
    ts: int
    name: str
    phone: str
    email: str
    channel: str
    campaign: str
    page: str
    valid: bool
    mql: int
    deal: int
    cents: int
    cookie: str


@dataclass(frozen=True, slots=True)
class Voice:
    """A rating, a comment or a complaint."""

    ts: int
    member_id: str
    order_id: str
    product: str
    event: str
    score: int
    text: str


@dataclass(frozen=True, slots=True)
class Message:
    ts: int
    opened: int
    member_id: str
    unionid: str
    campaign: str


@dataclass(slots=True)
class Shop:
    """Everything that happened from `start` to `end` (epoch seconds), each list in order of time."""

    start: int
    end: int
    people: list[Person] = field(default_factory=list)
    hits: list[Hit] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    leads: list[Lead] = field(default_factory=list)
    voices: list[Voice] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    clicks: dict[tuple[str, int, str, str, str], int] = field(default_factory=dict)
    """(day, hour, channel, campaign, creative) → visits that a paid click brought."""
    bought: dict[tuple[str, int, str, str, str], int] = field(default_factory=dict)
    """The same → orders placed in those visits."""

    def days(self) -> list[datetime]:
        """The midnights of the shop's days."""
        first = datetime.fromtimestamp(self.start, cat.ZONE)
        return [first + timedelta(days=n) for n in range((self.end - self.start) // DAY + 1)]


class Quota:
    """Says yes to a share of the questions: a running total for each key, with a little noise."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.total: dict[Sequence[object], float] = {}

    def __call__(self, share: float, *key: object) -> bool:
        total = self.total.get(key, self.rng.random()) + share * (0.7 + 0.6 * self.rng.random())
        hit = total >= 1
        self.total[key] = total - 1 if hit else total
        return hit


def pick(rng: Random, choices: Iterable[tuple[T, float]]) -> T:
    """Return one of the choices by weight (weights sum to about one)."""
    left = rng.random()
    chosen = None
    for choice, weight in choices:
        chosen = choice
        left -= weight
        if left < 0:
            break
    assert chosen is not None
    return chosen


def day_of(ts: int) -> str:
    """The shop's day of a moment."""
    return datetime.fromtimestamp(ts, cat.ZONE).strftime("%Y-%m-%d")


def moment(rng: Random, midnight: int) -> int:
    """A moment of the day, more often in the evening."""
    return midnight + pick(rng, tuple(enumerate(cat.HOURS))) * 3600 + rng.randrange(3600)


def phone_of(number: int) -> str:
    """A made-up mobile number."""
    return f"1{99 - number // 10_000}0000{number % 10_000:04d}"


def name_of(rng: Random) -> str:
    given = "".join(cat.GIVEN[rng.randrange(len(cat.GIVEN))] for _ in range(1 + (rng.random() < 0.6)))
    return cat.SURNAMES[rng.randrange(len(cat.SURNAMES))] + given

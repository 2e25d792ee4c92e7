"""What the platforms would report of the shop's visits: the rows of every spend report."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from sample_data import catalogue as cat
from sample_data.shop import DAY, Shop
from sample_data.visits import collapsed

MORNING = 8 * 3600


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a report: cents in the report's currency; `hour` −1 for a whole day."""

    day: str
    hour: int
    channel: str
    campaign: str
    creative: str
    impressions: int
    clicks: int
    cents: int
    conversions: int
    due: int

    @property
    def ctr(self) -> float:
        return self.clicks / self.impressions if self.impressions else 0.0


def rows(shop: Shop, seed: int) -> list[Row]:
    """What the platforms report of the visits that clicks brought: kuaishou by the hour, others by day."""
    rng = Random(f"{seed}:ads")
    found = []
    for day in shop.days():
        name = day.strftime("%Y-%m-%d")
        midnight = int(day.timestamp())
        for channel in cat.CHANNELS:
            for campaign, creative, _ in channel.ads:
                for hour in range(24) if channel.name == cat.STOP[0] else (-1,):
                    if hour >= 0 and midnight + hour * 3600 > cat.STOP[1].timestamp():
                        continue
                    found.append(_row(rng, shop, channel, (name, hour, campaign, creative), midnight))
    return sorted((r for r in found if r.due <= shop.end), key=lambda r: (r.day, r.hour))


def _row(rng: Random, shop: Shop, channel: cat.Channel, key: tuple[str, int, str, str], midnight: int) -> Row:
    day, hour, campaign, creative = key
    hours = range(24) if hour < 0 else (hour,)
    visits = sum(shop.clicks.get((day, h, channel.name, campaign, creative), 0) for h in hours)
    orders = sum(shop.bought.get((day, h, channel.name, campaign, creative), 0) for h in hours)
    clicks = int(visits * (1.10 + 0.12 * rng.random()) + rng.random())
    ctr = channel.ctr * (0.93 + 0.14 * rng.random()) * (0.28 if collapsed(day, creative) else 1)
    impressions = int(clicks / ctr) if clicks else int(2 + 5 * rng.random())
    cents = int(clicks * channel.cpc * (92 + 16 * rng.random()))
    due = midnight + (hour + 1) * 3600 if hour >= 0 else min(midnight + DAY + MORNING, shop.end)
    return Row(day, hour, channel.name, campaign, creative, impressions, clicks, cents, orders, due)

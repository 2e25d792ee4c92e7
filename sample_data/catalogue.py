"""What the shop is made of: its days, channels, campaigns, creatives, products, regions and names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

SEED = 618
DAYS = 120
ZONE = timezone(timedelta(hours=8))
END = datetime(2026, 10, 29, 14, 32, tzinfo=ZONE)
"""The newest moment of the shop: its last day is partial."""

PROMOTION = ("2026-09-08", "2026-09-10")
HOLIDAY = ("2026-10-01", "2026-10-07")
DOUBLE_ELEVEN = ("2026-11-01", "2026-11-11")
"""Still to come: the presale and the day itself."""
COLLAPSE = ("2026-10-27", "douyin", "autumn_sofa", "sofa_03")
"""First day, channel, campaign and creative of the collapse."""
FORM_BUG = ("2026-10-14", "/lp/quote")
STOP = ("kuaishou", datetime(2026, 10, 28, 12, 0, tzinfo=ZONE))
"""The last hour that the stopped source reports."""

RATES = {"CNY": "1", "USD": "7.12", "HKD": "0.91"}


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel: its share of first visits, prices in the currency of its report, how people behave."""

    name: str
    share: float
    ctr: float
    cpc: float
    cart: float
    back: float
    """Chance that a visitor without an order comes back."""
    again: float
    """Chance that a buyer comes back after a session."""
    leads: float
    """Leads a day at the start."""
    deal: float
    """Share of MQLs that become deals."""
    label: str
    ads: tuple[tuple[str, str, float], ...] = ()
    """(campaign, creative, weight)."""


CHANNELS: tuple[Channel, ...] = (
    Channel(
        "douyin",
        0.42,
        0.0190,
        9.4,
        0.45,
        0.16,
        0.45,
        3.2,
        0.20,
        "抖音",
        (
            ("autumn_sofa", "sofa_01", 0.12),
            ("autumn_sofa", "sofa_02", 0.08),
            ("autumn_sofa", "sofa_03", 0.66),
            ("living_room", "lamp_01", 0.08),
            ("living_room", "rug_02", 0.06),
        ),
    ),
    Channel(
        "baidu",
        0.13,
        0.0310,
        13.8,
        0.30,
        0.15,
        0.42,
        4.0,
        0.22,
        "百度",
        (("品牌词", "", 0.30), ("沙发-通用词", "", 0.45), ("全屋定制", "", 0.25)),
    ),
    Channel(
        "red",
        0.13,
        0.0240,
        8.1,
        0.31,
        0.20,
        0.48,
        2.6,
        0.24,
        "小红书",
        (
            ("种草-沙发", "note_sofa_a", 0.35),
            ("种草-沙发", "note_sofa_b", 0.20),
            ("种草-餐具", "note_table_a", 0.30),
            ("种草-餐具", "note_table_b", 0.15),
        ),
    ),
    Channel(
        "wechat",
        0.09,
        0.0150,
        5.2,
        0.38,
        0.38,
        0.90,
        1.6,
        0.28,
        "微信",
        (("朋友圈-秋季", "moments_01", 0.6), ("朋友圈-秋季", "moments_02", 0.4)),
    ),
    Channel("direct", 0.07, 0.0, 0.0, 0.36, 0.25, 0.60, 1.0, 0.26, "自然到店"),
    Channel(
        "kuaishou",
        0.08,
        0.0270,
        5.9,
        0.30,
        0.05,
        0.05,
        1.2,
        0.18,
        "快手",
        (("直播间引流", "live_01", 0.55), ("直播间引流", "live_02", 0.45)),
    ),
    Channel(
        "google",
        0.05,
        0.0350,
        2.3,
        0.27,
        0.14,
        0.40,
        0.9,
        0.22,
        "Google",
        (("brand_cn_home", "", 0.5), ("shopping_rug", "", 0.3), ("pmax_lamp", "", 0.2)),
    ),
    Channel(
        "meta",
        0.04,
        0.0120,
        1.7,
        0.22,
        0.12,
        0.35,
        5.2,
        0.012,
        "Meta",
        (
            ("prospecting", "carousel_01", 0.5),
            ("prospecting", "reel_02", 0.3),
            ("retargeting", "cart_01", 0.2),
        ),
    ),
)
BY_NAME = {c.name: c for c in CHANNELS}

PRODUCTS: tuple[tuple[str, str, int, float], ...] = (
    ("sofa-01", "云朵沙发套 三人", 459, 0.03),
    ("sofa-02", "布艺沙发套 双人", 329, 0.03),
    ("sofa-03", "模块坐垫沙发", 289, 0.06),
    ("chair-01", "餐椅", 229, 0.06),
    ("chair-02", "休闲椅", 399, 0.03),
    ("table-01", "橡木边几", 499, 0.02),
    ("lamp-01", "落地灯", 259, 0.08),
    ("lamp-02", "台灯", 159, 0.08),
    ("rug-01", "羊毛地毯", 359, 0.04),
    ("rug-02", "棉麻地毯", 199, 0.06),
    ("bed-01", "四件套 60 支", 369, 0.08),
    ("bed-02", "羽绒被", 469, 0.03),
    ("bed-03", "乳胶枕", 139, 0.07),
    ("dish-01", "餐具 16 件", 169, 0.08),
    ("dish-02", "马克杯", 39, 0.08),
    ("box-01", "收纳箱", 59, 0.08),
    ("candle-01", "香薰蜡烛", 69, 0.06),
    ("curtain-01", "遮光窗帘", 289, 0.03),
)
PRICE = {p[0]: p[2] for p in PRODUCTS}

REGIONS: tuple[tuple[str, str, float], ...] = (
    ("华东", "上海", 0.22),
    ("华东", "杭州", 0.14),
    ("华东", "南京", 0.07),
    ("华北", "北京", 0.15),
    ("华北", "天津", 0.05),
    ("华南", "广州", 0.10),
    ("华南", "深圳", 0.10),
    ("西南", "成都", 0.10),
    ("华中", "武汉", 0.07),
)
DEVICES: tuple[tuple[str, float], ...] = (("ios", 0.42), ("android", 0.38), ("pc", 0.14), ("tablet", 0.06))
SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡林郭何高罗"
GIVEN = "伟芳娜敏静丽强磊洋艳勇军杰娟涛超霞平刚桂英华玉梅鑫宇欣怡子涵"
WEEKDAYS = (1.0, 0.98, 0.97, 1.0, 1.06, 1.2, 1.16)
HOURS = (
    0.012,
    0.007,
    0.004,
    0.003,
    0.003,
    0.006,
    0.015,
    0.026,
    0.036,
    0.045,
    0.052,
    0.055,
    0.060,
    0.056,
    0.050,
    0.048,
    0.047,
    0.048,
    0.054,
    0.070,
    0.089,
    0.097,
    0.075,
    0.042,
)


def season(day: str, weekday: int, age: int) -> float:
    """Traffic of a day against the first: growth, weekday, promotion and holiday."""
    level = (1 + 1.3 * age / 119) * WEEKDAYS[weekday]
    if PROMOTION[0] <= day <= PROMOTION[1]:
        level *= 1.75 if day == "2026-09-09" else 1.35
    if HOLIDAY[0] <= day <= HOLIDAY[1]:
        level *= 0.7
    return level


def calendar() -> str:
    """calendar.csv: promotions are judged wider, holidays as each rule says."""
    marked = (
        ("9·9 大促", "promo", "widen", PROMOTION),
        ("国庆", "holiday", "", HOLIDAY),
        ("双十一", "promo", "widen", DOUBLE_ELEVEN),
    )
    lines = ["date,name,kind,effect"]
    for name, kind, effect, (first, last) in marked:
        day = date.fromisoformat(first)
        while day <= date.fromisoformat(last):
            lines.append(f"{day},{name},{kind},{effect}")
            day += timedelta(days=1)
    return "\n".join(lines) + "\n"

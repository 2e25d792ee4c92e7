"""A session written by hand that always answers Maple Home on Thursday 2026-10-29 14:32."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import product
from types import SimpleNamespace
from typing import Any

from engine.errors import UsageError
from engine.metrics.dictionary import Revision
from engine.questions import (
    Activity,
    Alert,
    AlertsAnswer,
    BacktestAnswer,
    BacktestQuery,
    BandAnswer,
    BandQuery,
    BesideAnswer,
    BesideQuery,
    Cause,
    ChangesAnswer,
    ChangesQuery,
    ChannelRow,
    Conflict,
    DriversAnswer,
    DriversQuery,
    FunnelAnswer,
    FunnelQuery,
    Hop,
    IncidentAnswer,
    IncidentQuery,
    MemberChange,
    MetricAbout,
    MetricAnswer,
    MetricQuery,
    MetricRow,
    NumberChange,
    PersonAnswer,
    QualityAnswer,
    Range,
    Reject,
    Removed,
    ReviewAnswer,
    RowsAnswer,
    RulesAnswer,
    Snapshot,
    Tile,
    Touch,
    Trace,
    TraceFile,
    TraceLine,
    TraceQuery,
    Transition,
    View,
    WhyAnswer,
    WhyQuery,
)
from engine.workspace.model import Benchmark
from tests.tui import attention, files, funnels, persons
from tests.tui.files import REJECTS, status

NOW = files.NOW
TODAY = date(2026, 10, 29)
WAVE = (3.0, 8.0, 8.0, 6.0, 3.5, 2.0, 3.0, 6.0, 7.5, 8.0, 8.0, 4.0, 2.0, 1.0)
DAYS = tuple(TODAY - timedelta(days=13 - at) for at in range(14))
TILES = (
    # metric, English, Chinese, unit, good, value, base, target, stale, beyond noise
    ("revenue", "Revenue", "销售额", "money", "up", 1_421_000, 1_515_000, 1_500_000, False, True),
    ("orders", "Orders", "订单数", "count", "up", 6293, 6688, 6600, False, True),
    ("cost", "Spend", "消耗", "money", "none", 464_700, 441_300, None, True, False),
    ("roi", "ROI", "ROI", "ratio", "up", 1.892, 2.255, 2.2, True, True),
    ("visits", "Visits", "访问量", "count", "up", 239_800, 232_600, None, False, False),
    ("conversion_rate", "Conversion", "转化率", "percent", "up", 0.02624, 0.02874, 0.028, False, True),
    ("cac", "CAC", "获客成本", "money", "down", 256.5, 246.4, 260.0, True, True),
    ("retention_d7", "D7 retention", "7 日留存", "percent", "up", 0.1842, 0.1811, 0.18, False, False),
    ("valid_leads", "Valid leads", "有效线索", "count", "up", 1286, 1419, 1400, False, True),
    ("budget_pace", "Budget pace", "预算进度", "ratio", "down", 1.041, 1.038, 1.1, False, False),
)
CHANNELS = (
    # member, cost, revenue, change, bad, orders, conversion, roi, change, bad, state
    ("Douyin", 182_400, 487_300, -0.184, True, 2214, 0.02296, 1.501, -0.312, True, "critical"),
    ("Baidu", 96_300, 214_700, -0.031, False, 742, 0.0238, 1.128, -0.064, True, "warning"),
    ("RED", 58_700, 203_900, 0.142, False, 968, 0.02488, 2.261, 0.097, False, "ok"),
    ("WeChat", 33_100, 189_600, 0.088, False, 905, 0.04956, 4.538, 0.121, False, "ok"),
    ("Direct", 0, 127_400, 0.019, False, 498, 0.0348, None, None, False, "ok"),
    ("Kuaishou", 41_900, 98_200, -0.022, False, 611, 0.02687, 1.177, -0.04, False, "stale"),
    ("Google", 27_500, 61_100, 0.046, False, 214, 0.02168, 1.118, 0.033, False, "ok"),
    ("Meta", 24_900, 38_800, -0.075, True, 141, 0.01736, 0.433, -0.118, True, "pending"),
)
MOVERS = (
    ("Douyin", -109_913.0), ("RED", 25_356.0), ("WeChat", 15_333.0), ("Baidu", -6_869.0), ("Meta", -3_146.0),
    ("Google", 2_687.0), ("Direct", 2_375.0), ("Kuaishou", -2_208.0), (None, -17_615.0),
)  # fmt: skip
MEMBERS: dict[str, tuple[str | None, ...]] = {
    "creative": ("sofa_03", "sofa_01", "lamp_02", None),
    "region": ("广东省", "浙江", "北京市", "四川", "海外"),
    "weekday": tuple("1234567"),
    "hour_of_day": tuple(f"{hour:02d}" for hour in range(24)),
}
"""Members of a dimension; of those not named, creatives."""
DRIVES = {"revenue": ("orders",), "roi": ("revenue", "cost"), "conversion_rate": ("orders", "visits")}
STEPS = (
    # label, persons, of first, of previous, dropped, median, p90, target
    ("visit", 168_400, 1.0, None, None, None, None, None),
    ("view", 121_600, 0.7221, 0.722, 46_800, 48.0, 370.0, 0.7),
    ("add to cart", 31_920, 0.1895, 0.262, 89_680, 192.0, 100_800.0, 0.3),
    ("checkout", 11_840, 0.0703, 0.371, 20_080, 125.0, 40_800.0, 0.35),
    ("order", 6_018, 0.0357, 0.508, 5_822, 91.0, 1_320.0, 0.5),
)


def tile(number: int) -> Tile:
    """One tile of the plates."""
    metric, english, chinese, unit, good, value, base, target, stale, beyond = TILES[number]
    return Tile(
        metric,
        {"en": english, "zh": chinese},
        unit,
        good,
        value,
        base,
        value / base - 1,
        target,
        WAVE,
        DAYS,
        True,
        stale,
        beyond,
    )


def channel(row: Any) -> ChannelRow:
    """One channel of the plates."""
    member, cost, revenue, change, bad, orders, conversion, roi, roi_change, roi_bad, state = row
    worse = {name for name, is_bad in (("revenue", bad), ("roi", roi_bad)) if is_bad}
    values = {"cost": cost, "revenue": revenue, "orders": orders, "conversion_rate": conversion, "roi": roi}
    return ChannelRow(
        member,
        values,
        {"revenue": change, "roi": roi_change},
        frozenset(worse),
        WAVE,
        state,
        state == "stale",
    )


def alerts() -> tuple[Alert, ...]:
    """A critical one, a warning, a pending and a recovering one."""
    at = datetime(2026, 10, 28, 16, 21)
    said = {
        "en": "Conversion at Douyin was 1.96% on 10-28, expected 3.32% (−41.1%). First step: open the page.",
        "zh": "抖音 10-28 转化率 1.96%，预期 3.32%（−41.1%）。第一步：打开落地页。",
    }
    leads = {
        "en": "Valid leads at /lp/quote were 61 on 10-27, expected 98 (−38.0%).",
        "zh": "/lp/quote 10-27 有效线索 61，预期 98。",
    }
    return (
        Alert(
            "e1",
            "conversion_drop",
            {"channel": "Douyin"},
            "firing",
            "critical",
            "2026-10-28",
            "2026-10-28",
            at,
            0.01957,
            0.03321,
            "王敏",
            metric="conversion_rate",
            unit="percent",
            when="change(conversion_rate, week) < -30%",
            sop=("Open the landing page", "Check the form"),
            sentence=said,
        ),
        Alert(
            "e2",
            "valid_leads_drop",
            {"page": "/lp/quote"},
            "firing",
            "warning",
            "2026-10-27",
            "2026-10-27",
            at,
            61.0,
            98.0,
            "李昂",
            "李昂",
            metric="valid_leads",
            sentence=leads,
        ),
        Alert(
            "e3",
            "roi_low",
            {"channel": "Meta"},
            "pending",
            "warning",
            None,
            "2026-10-28",
            None,
            0.433,
            0.6,
            "王敏",
            metric="roi",
            unit="ratio",
            count=1,
            for_periods=2,
        ),
        Alert(
            "e4",
            "budget_pace",
            {"channel": "RED"},
            "recovering",
            "warning",
            "2026-10-26",
            "2026-10-26",
            at,
            1.04,
            1.1,
            "陈可",
            metric="budget_pace",
            unit="ratio",
            count=1,
            for_periods=2,
        ),
        attention.STALE,
        attention.INHIBITED,
    )


def snapshot(view: View | None = None) -> Snapshot:
    """All of it."""
    view = view or View()
    total = ("", 464_700, 1_420_900, -0.062, True, 6293, 0.02624, 1.892, -0.161, True, "ok")
    last = Range(date(2026, 10, 23), TODAY) if view.kind != "fixed" else view.range
    return Snapshot(
        version="v1",
        as_of=NOW,
        timezone="Asia/Shanghai",
        currency="CNY",
        title="Maple Home",
        language=None,
        view=view,
        range=last,
        base_range=Range(date(2026, 10, 16), date(2026, 10, 22)),
        partial_until=NOW,
        tiles=tuple(tile(at) for at in range(len(TILES))),
        funnel=funnels.answer(),
        funnel_label={"en": "purchase", "zh": "购买"},
        trend=replace(
            tile(0), trend=WAVE * 4, trend_days=tuple(TODAY - timedelta(days=55 - at) for at in range(56))
        ),
        channels=tuple(channel(row) for row in CHANNELS),
        total=replace(channel(total), member=None, stale=True),
        alerts=AlertsAnswer(NOW, alerts(), 31),
        status=status(),
        activity=Activity(1, "start", (), 312, 0, 1, 10, {"total": 0.2}, None, NOW - timedelta(seconds=4)),
        movers=MOVERS,
        definitions={"revenue": "7c1e09", "funnel:purchase": "e262ea"},
        watermark="d00a041e6cd4060c",
    )


def why(query: WhyQuery) -> WhyAnswer:
    """One creative whose name is hostile made most of a fall of 94,000."""
    creative = ("creative", "[red]sofa_03[/red]\x1b[2J")
    cause = Cause(
        (("channel", "Douyin"), creative), -86_400.0, 0.919, 0.31, 106.1, "conversion_rate", -88_210.5
    )
    parts = (("Douyin", -109_913.0), ("RED", 25_356.0), (None, -9_443.0))
    return WhyAnswer(
        query.metric, query.period, None, 1_515_000.0, 1_421_000.0, -94_000.0, ("channel", "creative"),
        (cause,),
        tuple(MemberChange((("channel", name),), each, each / -94_000) for name, each in parts), "lmdi",
        {"visits": 31_200.0, "conversion_rate": -120_400.0, "aov": -4_800.0}, "cause", "", unit="money",
        sentences={
            "en": "Revenue 1,515,000.00 → 1,421,000.00 (−6.2%). Almost certainly Douyin · "
            "[red]sofa_03[/red]: −86,400.00 (92% of the fall), there mostly Conversion rate 3.31% → 1.12%; "
            "everything else −7,600.00.",
            "zh": "销售额 1,515,000.00 → 1,421,000.00（−6.2%）。几乎可以肯定是 Douyin · [red]sofa_03[/red]："
            "−86,400.00（占下降的 92%）；其余 −7,600.00。",
        },
    )  # fmt: skip


def trace(metric: str, period: str | None) -> Trace:
    """Where a number comes from, with a hop of each kind."""
    file = TraceFile("orders/orders_1022.csv", 256, 248, 7, 0, 1, 240, 2)
    words = {"en": "Value of orders", "zh": "订单金额"}
    formula, own = (
        "sum(value) of events where event = 'order'",
        (Removed("metric", 63_240, "event = 'order'"),),
    )
    hops = (
        Hop("metric", metric, formula, words, "", "money", "last_touch", "7c1e09"),
        Hop("derived", "event_days", "Events per day", {}, "", "", "", "3ba007", "day", ("events",), rows=14),
        Hop("table", "events", before=1_143_242, removed=(Removed("period", 1_080_000),), rows=63_242),
        Hop("rules", "events", before=63_242, removed=own, rows=2),
        Hop(
            "source", "orders", "events", before=61_840,
            removed=(Removed("rejected", 17), Removed("duplicate", 435), Removed("filtered", 1, "total row")),
            rows=61_387, files=(file, replace(file, file="orders/orders_1023.csv", counted=0)),
        ),
    )  # fmt: skip
    touch = Touch("web", "web_1024.ndjson", 40211, NOW - timedelta(days=2), "[red]Douyin[/red]")
    line = TraceLine(
        "orders", "orders_1022.csv", 118, "events", Decimal("219.00"), NOW, "order", "Douyin", "p_1", touch
    )
    lines = (line, replace(line, line=119, value=Decimal("1202.5"), touch=None, channel="\x1b[31mRED"))
    return Trace(
        metric, period, Decimal("1421.5"), formula, "7c1e09",
        "d00a041e6cd4060c", NOW, "Asia/Shanghai", hops, lines, 2,
    )  # fmt: skip


@dataclass
class FakeSession:
    """Answers from the plates; `snapshots` may be changed by a test between refreshes."""

    current: Snapshot = field(default_factory=snapshot)
    asked: list[object] = field(default_factory=list)
    acked: list[tuple[str, str, str]] = field(default_factory=list)
    decided: list[tuple[object, ...]] = field(default_factory=list)
    labelled: list[tuple[str, str, str]] = field(default_factory=list)
    linked: list[tuple[str, str, str, str, str, str | None]] = field(default_factory=list)
    revealed: list[tuple[str, str, str]] = field(default_factory=list)
    taken: list[tuple[str, str, str, str]] = field(default_factory=list)
    refreshed: int = 0

    @property
    def workspace(self) -> SimpleNamespace:
        """The parts of the configuration that the console reads."""
        console = SimpleNamespace(keys={}, language=None, user="li")
        return SimpleNamespace(console=console, funnels={"purchase": None, "leads": None}, adhoc=frozenset())

    role = "refresher"

    def due(self) -> bool:
        """No database is ever asked."""
        return False

    def refresh(self, trigger: str = "start", files: tuple[str, ...] = ()) -> Activity:
        """Nothing to do."""
        self.refreshed += 1
        return self.current.activity

    def snapshot(self, view: View) -> Snapshot:
        """The same numbers for every view."""
        shown = snapshot(view)
        return replace(self.current, view=view, range=shown.range)

    def metrics(self, query: MetricQuery) -> MetricAnswer:
        """Members of the plates, one row each."""
        self.asked.append(query)
        values = {name: (value, base, unit) for name, _, _, unit, _, value, base, *_ in TILES}
        rows = []
        found = product(*(MEMBERS.get(name, MEMBERS["creative"]) for name in query.by))
        members = [tuple(zip(query.by, each, strict=True)) for each in found]
        for metric in query.metrics:
            value, base, _ = values.get(metric, (None, None, "count"))
            for at, by in enumerate(members):
                for period in _periods(query):
                    share = None if value is None else value / (at + 1)
                    rows.append(
                        MetricRow(
                            metric,
                            period,
                            by,
                            share,
                            share,
                            100.0,
                            {"previous": base},
                            {"previous": -0.062},
                            None,
                            period == TODAY.isoformat(),
                        )
                    )
        return MetricAnswer(NOW, "Asia/Shanghai", tuple(rows), "v1")

    def dictionary(self) -> tuple[SimpleNamespace, ...]:
        """The metrics of the tiles by level."""
        levels = ("strategy", "strategy", "tactic", "strategy", "tactic", "tactic", "tactic", "execution")
        return tuple(
            SimpleNamespace(
                name=name,
                label={"en": english, "zh": chinese},
                wording={"en": f"How {english} is counted."},
                kind="ratio" if unit in ("percent", "ratio") else "simple",
                formula="sum(value)",
                unit=unit,
                good=good,
                level=levels[at % 8],
                owner="growth",
                credit="last_touch",
                definition="7c1e09",
                drives=DRIVES.get(name, ()),
                builtin=True,
                additive="non" if unit in ("percent", "ratio") else "additive",
                since="2026-10-08" if name == "revenue" else None,
                changes=(Revision("2026-10-08", "refunds no longer deducted", "7c1e09"),)
                if name == "revenue"
                else (),
                band=(0.9, 1.1) if name == "budget_pace" else None,
                tolerance=0.05,
                benchmark=Benchmark(0.014, "Littledata 2023") if name == "conversion_rate" else None,
            )
            for at, (name, english, chinese, unit, good, *_) in enumerate(TILES)
        )

    def changes(self, query: ChangesQuery) -> ChangesAnswer:
        """Two days of revenue that a late file moved; one of them was still running."""
        self.asked.append(query)
        at, file = datetime(2026, 10, 28, 10), ("orders_1027b.csv",)
        days = (date(2026, 10, 27), 198_400.0, 205_100.0), (date(2026, 10, 28), 90_000.0, 203_000.0)
        moved = tuple(
            NumberChange(day, before, after, at, file, ("added",), running=day.day == 28)
            for day, before, after in days
        )
        return ChangesAnswer(query.metric, query.since, moved if query.metric == "revenue" else ())

    def why(self, query: WhyQuery) -> WhyAnswer:
        """One creative's conversion fell; by a dimension that is named, its members with their parts."""
        self.asked.append(query)
        if not query.by:
            return why(query)
        dim = query.by[0]
        members = tuple(
            MemberChange(((dim, name),), -0.01 * part, part)
            for name, part in zip(MEMBERS["creative"], (0.86, 0.092, 0.031, 0.017), strict=True)
        )
        return WhyAnswer(
            query.metric, query.period, None, 0.033, 0.0207, -0.0125, query.by, (), members,
            None, {}, "cause", "sofa_03 carries 86.0% of the fall.",
        )  # fmt: skip

    def about(self, metric: str) -> MetricAbout:
        """Dimensions of the plates, one of them looked up, and two sources."""
        self.asked.append(("about", metric))
        dims = ("campaign", "channel", "creative", "hour_of_day", "owner", "region", "weekday")
        return MetricAbout(metric, dims, ("orders", "kuaishou"))

    def funnel(self, query: FunnelQuery) -> FunnelAnswer:
        """The funnel of the plates by the options of the question; a window of nonsense is refused."""
        self.asked.append(query)
        if 'window = "nonsense"' in query.toml:
            raise UsageError('toml:9: funnel.purchase.window: "nonsense" is no duration')
        return funnels.answer(query)

    def funnel_text(self, name: str) -> str:
        """The purchase funnel in the words of looptop.toml."""
        return funnels.TEXT.replace("purchase", name)

    def beside(self, query: BesideQuery) -> BesideAnswer:
        """Two of them."""
        self.asked.append(query)
        return funnels.beside(query)

    def drivers(self, query: DriversQuery) -> DriversAnswer:
        """What goes with converting."""
        self.asked.append(query)
        return funnels.drivers(query)

    def trace(self, query: TraceQuery) -> Trace:
        """A sum of two orders, one of them credited; a ratio has two operands."""
        self.asked.append(query)
        made = trace(query.metric, query.period)
        if query.metric != "roi":
            return made
        operands = (trace("revenue", query.period), trace("cost", query.period))
        return replace(made, lines=(), total_lines=0, hops=made.hops[:1], operands=operands)

    def rows(
        self, table: str, where: str | None = None, limit: int | None = None, reveal: bool = False
    ) -> RowsAnswer:
        """Two rows of events."""
        self.asked.append((table, where))
        columns = ("ts", "event", "channel", "value", "props", "person", "source", "file", "line")
        rows = tuple(
            (
                NOW,
                "order",
                "[red]Douyin[/red]",
                Decimal("219.00"),
                {"note": "\x1b[31mx"},
                "p_1",
                "orders",
                "orders_1022.csv",
                118 + at,
            )
            for at in range(2)
        )
        return RowsAnswer(table, columns, rows, 2)

    def person(self, name: str, reveal: bool = False) -> PersonAnswer:
        """The person of the plates."""
        self.asked.append(("person", name, reveal))
        return persons.person(name, reveal)

    def reveal(self, reason: str, *, by: str, what: str) -> None:
        """Remember who saw what."""
        self.revealed.append((reason, by, what))

    def conflicts(self) -> tuple[Conflict, ...]:
        """The conflict of the person of the plates."""
        return persons.CONFLICTS

    def link(
        self, verdict: str, a: str, b: str, *, by: str, reason: str = "", person: str | None = None
    ) -> tuple[str, str]:
        """Remember who linked what."""
        self.linked.append((verdict, a, b, by, reason, person))
        return a, b

    def quality(self, source: str | None = None, column: str | None = None) -> QualityAnswer:
        """What there is to look at in the sources of the plates."""
        self.asked.append(("quality", source, column))
        return files.quality(source, column)

    def take(self, dispute: str, file: str, *, by: str, note: str = "") -> None:
        """Remember whose copy was taken."""
        self.taken.append((dispute, file, by, note))

    def rejects(self, source: str | None = None, file: str | None = None) -> tuple[Reject, ...]:
        """The rejects of the plates."""
        return tuple(replace(each, file=file or each.file) for each in REJECTS)

    def alerts(self, all: bool = False) -> AlertsAnswer:
        """The alerts of the snapshot."""
        return self.current.alerts

    def history(self) -> tuple[Transition, ...]:
        """What began and ended."""
        return attention.history()

    def incident(self, query: IncidentQuery) -> IncidentAnswer:
        """An alert of the snapshot with its cause and timeline, else an episode that is over."""
        self.asked.append(query)
        found = next((each for each in self.current.alerts.alerts if each.id == query.id), None)
        return attention.incident(found) if found is not None else attention.over(query.id)

    def band(self, query: BandQuery) -> BandAnswer:
        """A fall out of the band."""
        self.asked.append(query)
        return attention.band(query)

    def rules(self) -> RulesAnswer:
        """The rules of the plates."""
        return attention.rules()

    def backtest(self, query: BacktestQuery) -> BacktestAnswer:
        """More episodes the closer the threshold."""
        self.asked.append(query)
        return attention.backtest(query)

    def review(self, propose: bool = True) -> ReviewAnswer:
        """Two closed episodes that wait."""
        return attention.review()

    def decide(
        self,
        kind: str,
        episode: str,
        *,
        by: str,
        text: str = "",
        until: str | None = None,
        step: int | None = None,
    ) -> None:
        """Remember what was decided."""
        self.decided.append((kind, episode, by, text, until, step))

    def label(self, episode: str, label: str, *, by: str, note: str = "") -> None:
        """Remember the label."""
        self.labelled.append((episode, label, by))

    def ack(self, episode: str, *, by: str, note: str = "") -> None:
        """Remember who took it."""
        self.acked.append((episode, by, note))

    def publish(self) -> bool:
        """Nothing moved."""
        return False

    def deliver(self, environment: object, language: str, bell: object = None) -> None:
        """Nothing is sent."""

    def settle(self) -> None:
        """Nothing is kept."""

    def close(self) -> None:
        """Nothing is open."""


def _periods(query: MetricQuery) -> tuple[str | None, ...]:
    if query.grain != "day" or query.range.first is None or query.range.last is None:
        return (None,)
    first, last = query.range.first, query.range.last
    return tuple((first + timedelta(days=at)).isoformat() for at in range((last - first).days + 1))

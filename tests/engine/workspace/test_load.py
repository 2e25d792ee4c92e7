"""looptop.toml: every form loads, every fault is named with its line, nothing else is ever raised."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import ConfigurationError, Fault
from engine.expressions import parse
from engine.workspace import (
    ColumnRule,
    EventRule,
    Metric,
    Moment,
    Source,
    Workspace,
    default_workspace,
    load,
    sample_toml,
    schema_reference,
)

EVENTS = (
    '[[source]]\nname = "web"\nfiles = ["web/*.csv"]\ntable = "events"\nevent = "visit"\n'
    'columns = { ts = "t" }\n'
)
COUNT = '[metric.{}]\ntable = "events"\n'
BUILTIN = {name: Metric(name, builtin=True) for name in ("visits", "revenue", "cost")}


def loaded(root: Path, text: str) -> Workspace:
    (root / "looptop.toml").write_text(text, encoding="utf-8")
    return load(root, builtin=BUILTIN)


def faults(root: Path, text: str, **more: object) -> tuple[Fault, ...]:
    (root / "looptop.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load(root, builtin=BUILTIN, **more)  # type: ignore[arg-type]
    return caught.value.faults


def test_five_faults_of_five_kinds_are_all_reported_with_their_lines(tmp_path: Path) -> None:
    text = """\
[console]
timezone = "Asia/Shanghi"
titel = "618"

[metric.profit]
kind = "derived"
expr = "revenue - cots"

[funnel.f]
steps = [
  "visit",
  { event = "order", within = "2 days" },
]

[alert.a]
when = "change(visits, weekly) < -30%"
owner = "li"
"""
    found = {(fault.line, fault.key, fault.nearest) for fault in faults(tmp_path, text)}
    assert found == {
        (2, "console.timezone", "Asia/Shanghai"),
        (3, "console.titel", "title"),
        (7, "metric.profit.expr", "cost"),
        (12, "funnel.f.steps[1].within", None),
        (16, "alert.a.when", "week"),
        (17, "alert.a.owner", None),
    }


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[console]\nfiscal_month = 13", "console.fiscal_month"),
        ("[console]\nweek_start = 'funday'", "console.week_start"),
        ("[console]\ncurrency = 'RMB'", "console.currency"),
        ("[console]\ncalendar = '/etc/days.csv'", "console.calendar"),
        ("[currency]\nUSD = -1", "currency.USD"),
        ("[currency]\nfile = '../fx.csv'", "currency.file"),
        ("[identity]\nlimit = { fone = 1 }", "identity.limit.fone"),
        ("[identity]\nblocked = { regex = { any = ['['] } }", "identity.blocked.regex.any[0]"),
        ("[identity]\nalways_link = [['phone:1']]", "identity.always_link[0]"),
        (EVENTS + "[[source]]\nname = 'web'\nfiles = ['x']\ntable = 'spend'", "source[1].name"),
        (EVENTS.replace("web/*.csv", "../*.csv"), "source[0].files[0]"),
        (EVENTS.replace('"events"', '"event"'), "source[0].table"),
        (EVENTS.replace("ts =", "tss ="), "source[0].columns.tss"),
        (EVENTS + "stale_after = '2 days'", "source[0].stale_after"),
        (EVENTS + "where = 'a +'", "source[0].where"),
        (EVENTS.replace('event = "visit"', "moments = { lead = { value = 'v' } }"), "source[0].moments.lead"),
        ("[metric.a]\nkind = 'ratio'\nnum = 'revenu'\nden = 'cost'", "metric.a.num"),
        ("[metric.a]\ntable = 'event'", "metric.a.table"),
        ("[metric.a]\nkind = 'ratio'\nnum = 'cost'", "metric.a.den"),
        ("[metric.a]\ntable = 'events'\nagg = 'sum'", "metric.a.column"),
        ("[metric.a]\ntable = 'events'\nwhere = 'event'", "metric.a.where"),
        ("[metric.a]\nkind = 'derived'\nexpr = 'a + 1'", "metric.a.expr"),
        (
            COUNT.format("a") + "[[metric.a.target]]\nperiod = '2026-13'\nvalue = 1",
            "metric.a.target[0].period",
        ),
        ("[funnel.f]\nsteps = []", "funnel.f.steps"),
        ("[funnel.f]\nsteps = ['a']\nbreakdown = 'step:2'", "funnel.f.breakdown"),
        (
            "[funnel.f]\nsteps = ['a', 'b']\nexclude = [{ event = 'c', between = [1, 3] }]",
            "funnel.f.exclude[0].between",
        ),
        (
            "[funnel.f]\nsteps = ['a']\n[metric.m]\nkind = 'funnel'\nfunnel = 'f'\nto_step = 2",
            "metric.m.to_step",
        ),
        ("[alert.a]\nwhen = 'visits > 1'\nlevels = { info = 'visits > 2' }", "alert.a.when"),
        ("[alert.a]\nwhen = 'age(web) > 1'", "alert.a.when"),
        ("[alert.a]\nwhen = 'mean(visits, 0) > 1'", "alert.a.when"),
        ("[alert.a]\nwhen = 'visits'", "alert.a.when"),
        ("[alert.a]\nwhen = 'pace(visits, 7, 1) > 1'", "alert.a.when"),
        ("[alert.a]\nwhen = 'visits > 1'\nfalse_alerts = 1", "alert.a.false_alerts"),
        ("[alert.a]\nwhen = 'anomaly(visits) > 3'\nfalse_alerts = 0", "alert.a.false_alerts"),
        ("[alert.a]\nwhen = 'visits > 1'\nnotify = ['ops']", "alert.a.notify[0]"),
        ("[people.li]\nhours = 'always'", "people.li.hours"),
        ("[notify.ops]\nurl_env = 'https://x'", "notify.ops.url_env"),
    ],
)
def test_a_fault_names_its_key(tmp_path: Path, text: str, key: str) -> None:
    assert [fault.key for fault in faults(tmp_path, text)] == [key]


def test_metrics_that_need_each_other_are_a_cycle(tmp_path: Path) -> None:
    text = "[metric.a]\nkind = 'derived'\nexpr = 'b + 1'\n[metric.b]\nkind = 'derived'\nexpr = 'a + 1'\n"
    (fault,) = faults(tmp_path, text)
    assert (fault.line, fault.message) == (3, "a cycle: a needs b needs a")


@pytest.mark.parametrize(("text", "line"), [("a = 1\nb = \n", 2), ("a = 1\n\n[x", 3), ("a = 1\na = 2", 2)])
def test_a_file_that_is_no_toml_is_one_fault_with_its_line(tmp_path: Path, text: str, line: int) -> None:
    assert [fault.line for fault in faults(tmp_path, text)] == [line]


def test_columns_of_the_files_are_checked_once_they_are_known(tmp_path: Path) -> None:
    text = COUNT.format("a") + "where = \"utm_medim = 'cpc'\"\n"
    assert loaded(tmp_path, text).metrics["a"].where == parse("utm_medim = 'cpc'")
    (fault,) = faults(tmp_path, text, props={"events": {"utm_medium": "text"}})
    assert (fault.line, fault.nearest) == (3, "utm_medium")


def test_a_faulty_part_does_not_make_names_that_point_to_it_unknown(tmp_path: Path) -> None:
    text = COUNT.format("a") + "good = 'sideways'\n[metric.b]\nkind = 'ratio'\nnum = 'a'\nden = 'visits'\n"
    assert [fault.key for fault in faults(tmp_path, text)] == ["metric.a.good"]


def test_every_form_of_a_source_loads(tmp_path: Path) -> None:
    source = loaded(
        tmp_path,
        EVENTS.replace(
            'event = "visit"\ncolumns = { ts = "t" }',
            """event = { cases = [["InvoiceNo like 'C%'", "refund"], ["true", "order"]] }
columns = { ts = ["day", "time"], phone = "mobile", value = { expr = "Quantity * UnitPrice" } }
constants = { currency = "GBP", valid = true }
stale_after = "48h"
date_from = "file:%Y-%m-%d"
dedupe = ["order_id"]""",
        ),
    ).sources[0]
    assert source.event == EventRule(
        cases=((parse("InvoiceNo like 'C%'"), "refund"), (parse("true"), "order"))
    )
    assert source.columns["ts"] == ColumnRule(("day", "time"))
    assert source.columns["value"] == ColumnRule(expr=parse("Quantity * UnitPrice"))
    assert source.constants == {"currency": "GBP", "valid": "true"}
    assert (source.stale_after_us, source.date_from) == (48 * 3_600_000_000, "%Y-%m-%d")


def test_moments_are_a_column_or_a_table(tmp_path: Path) -> None:
    text = EVENTS.replace(
        'event = "visit"', 'moments = { lead = "first", deal = { ts = "won", value = "amount" } }'
    )
    assert loaded(tmp_path, text).sources[0].moments == (
        Moment("lead", {"ts": ColumnRule(("first",))}),
        Moment("deal", {"ts": ColumnRule(("won",)), "value": ColumnRule(("amount",))}),
    )


@pytest.mark.parametrize(
    ("window", "microseconds", "natural"),
    [
        ("7d", 7 * 86_400_000_000, None),
        ("1500ms", 1_500_000, None),
        ("none", None, None),
        ("same_day", None, "same_day"),
        ("2w", 14 * 86_400_000_000, None),
    ],
)
def test_windows(tmp_path: Path, window: str, microseconds: int | None, natural: str | None) -> None:
    funnel = loaded(tmp_path, f"[funnel.f]\nsteps = ['a']\nwindow = '{window}'").funnels["f"]
    assert (funnel.window_us, funnel.natural_window) == (microseconds, natural)


def test_levels_come_worst_first(tmp_path: Path) -> None:
    rule = loaded(tmp_path, "[alert.a]\nlevels = { warning = 'visits < 2', critical = 'visits < 1' }").rules[
        "a"
    ]
    assert [severity for severity, _ in rule.levels] == ["critical", "warning"]


def test_limits_and_fanouts_merge_but_lists_replace(tmp_path: Path) -> None:
    text = "[identity]\nlimit = { email = 1 }\nfanout = { cookie = { phone = 9 } }\n"
    text += "blocked = { any = ['x'], wx = ['y'] }\n"
    identity = loaded(tmp_path, text + "priority = ['phone', 'email', 'cookie', 'wx']\n").identity
    assert (identity.limit["email"], identity.limit["cookie"]) == (1, 50)
    assert identity.fanout["cookie"] == {"phone": 9, "unionid": 3, "member_id": 3, "email": 3}
    assert (identity.blocked_any, identity.blocked_types["wx"]) == (frozenset({"x"}), frozenset({"y"}))
    assert identity.blocked_regex == {"any": ("^[0-]*$",)}
    assert identity.priority == ("phone", "email", "cookie", "wx")


def test_a_custom_identifier_is_a_column_that_files_can_give(tmp_path: Path) -> None:
    text = (
        EVENTS.replace('{ ts = "t" }', '{ ts = "t", wx = "openid" }')
        + "[identity]\npriority = ['wx', 'cookie']\n"
    )
    assert loaded(tmp_path, text).sources[0].columns["wx"] == ColumnRule(("openid",))


@pytest.mark.parametrize(
    ("keys", "unit", "gap"),
    [
        ("table = 'events'", "count", "zero"),
        ("table = 'events'\ncolumn = 'value'", "count", "zero"),
        ("table = 'events'\nagg = 'avg'\ncolumn = 'score'", "count", "null"),
        ("table = 'events'\ngap = 'null'", "count", "null"),
        ("kind = 'ratio'\nnum = 'cost'\nden = 'visits'", "ratio", "null"),
        ("kind = 'ratio'\nnum = 'cost'\nden = 'visits'\ngap = 0", "ratio", "zero"),
    ],
)
def test_defaults_of_a_metric_follow_from_its_kind(tmp_path: Path, keys: str, unit: str, gap: str) -> None:
    metric = loaded(tmp_path, f"[metric.a]\n{keys}\n").metrics["a"]
    assert (metric.unit, metric.gap, metric.credit) == (unit, gap, "own")


def test_targets_and_own_metrics_replace_built_in_ones(tmp_path: Path) -> None:
    text = COUNT.format("revenue") + "[[metric.revenue.target]]\nperiod = '2026-11'\nvalue = 1.5\n"
    metrics = loaded(tmp_path, text).metrics
    assert metrics["revenue"].targets[0].value == Decimal("1.5")
    assert (metrics["revenue"].builtin, metrics["cost"].builtin) == (False, True)


def test_a_directory_without_a_file_has_all_defaults(tmp_path: Path) -> None:
    assert load(tmp_path) == default_workspace(tmp_path)
    assert load(tmp_path).console.timezone == "UTC"


def test_the_sample_that_init_writes_loads_to_the_same_sources(tmp_path: Path) -> None:
    guessed = (
        Source(
            "ads 1",
            ("ads/*.csv",),
            "spend",
            columns={"ts": ColumnRule(("日期",)), "cost": ColumnRule(('a"\\b',))},
            constants={"channel": "x\ny"},
            scale={"cost": "micros"},
            null_values=("-",),
            overlap="sum",
        ),
        Source(
            "web",
            ("w/**/*.csv",),
            "events",
            event=EventRule(column="e", values={"付款": "order"}),
            dedupe=("event_id",),
            where=parse("x = 'it''s'"),
            stale_after_us=3_600_000_000,
        ),
        Source("crm", ("crm.csv",), "events", moments=(Moment("lead", {"ts": ColumnRule(("a", "b"))}),)),
    )
    assert loaded(tmp_path, sample_toml(guessed)).sources == guessed
    assert loaded(tmp_path, sample_toml(())).sources == ()


def test_the_reference_has_every_key_with_a_meaning() -> None:
    rows = [line.split(" | ") for line in schema_reference().splitlines() if line.startswith("| `")]
    assert {"| `timezone`", "| `recover_when`", "| `first_time`"} <= {row[0] for row in rows}
    assert all(row[-1].strip(" |") for row in rows)


def test_importing_the_workspace_loads_no_pydantic() -> None:
    code = "import sys, engine.workspace; sys.exit(bool({'pydantic', 'polars', 'duckdb'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


words = st.sampled_from(
    ["console", "metric.a", "funnel.f", "alert.x", "identity", "currency", "people.p", "notify.n", "x.'y z'"]
)
keys = st.sampled_from(
    [
        "timezone",
        "kind",
        "expr",
        "num",
        "den",
        "steps",
        "when",
        "levels",
        "limit",
        "blocked",
        "window",
        "USD",
        "keys",
    ]
)
scalars = st.sampled_from(
    ["1", "-1.5", "true", "'x'", "'a > 1'", '"""\n[q]\n"""', "2026-01-01", "inf", "'7d'", "nan"]
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda each: f"[{', '.join(each)}]")
        | st.dictionaries(keys, inner, max_size=2).map(
            lambda each: "{" + ", ".join(f"{k} = {v}" for k, v in each.items()) + "}"
        )
    ),
    max_leaves=4,
)
lines = (
    words.map("[{}]".format)
    | st.sampled_from(["[[source]]", "[[lookup]]", "[[channel]]", "[[metric.a.target]]", "# note", "[["])
    | st.tuples(keys, values).map(" = ".join)
)


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.lists(lines, max_size=8).map("\n".join) | st.text(max_size=60))
def test_any_text_loads_or_is_a_configuration_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "looptop.toml").write_bytes(text.encode("utf-8", "replace"))
    try:
        load(tmp_path)
    except ConfigurationError as error:
        assert error.faults


def test_a_misspelt_required_key_hides_no_other_fault_of_its_source(tmp_path: Path) -> None:
    text = '[[source]]\nname = "e"\nfiles = ["e.csv"]\ntabel = "events"\ncolumns = { chanel = "c" }\n'
    found = faults(tmp_path, text)
    assert [(fault.line, fault.nearest) for fault in found] == [(4, "table"), (5, "channel")]

"""The state machine, row by row of its table; a verdict is a letter."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.alerts.judging.machine import Settings, Verdict
from engine.alerts.judging.replay import Judge, Trail, replay
from tests.effort import effort

LETTERS = {
    "b": Verdict(1),
    "B": Verdict(0),
    "c": Verdict(-1, True),
    "h": Verdict(-1, False),
    "?": Verdict(None, None),
}
"""breach, worse breach, clear, clear but not recovered, unknown."""
LONG = Settings(levels=2, cooldown_periods=1)


def events(line: str, **more: object) -> str:
    """What happens, as `position:event`."""
    found = replay(Settings(levels=2, **more), lambda i, _: LETTERS[line[i]], 0, len(line))  # type: ignore[arg-type]
    return " ".join(f"{s.position}:{s.event}{f'/{s.reason}' if s.reason else ''}" for s in found.steps)


def test_it_fires_at_once_and_resolves_at_once() -> None:
    assert events("cbbc") == "1:firing 3:resolved"


def test_it_waits_for_as_many_breaching_periods_as_asked() -> None:
    assert events("bbcbbb", for_periods=3) == "0:pending 2:cancelled 3:pending 5:firing"


def test_it_recovers_after_as_many_calm_periods_as_asked() -> None:
    assert events("bcbccc", recover_periods=3) == "0:firing 1:recovering 2:relapse 3:recovering 5:resolved"


def test_inside_the_hysteresis_band_it_goes_on() -> None:
    assert events("bhhc") == "0:firing 3:resolved"
    assert events("bchcc", recover_periods=2) == "0:firing 1:recovering 2:relapse 3:recovering 4:resolved"


def test_severity_rises_and_falls_in_place() -> None:
    assert events("bBbc") == "0:firing 1:severity_up 2:severity_down 3:resolved"


def test_a_breach_soon_after_the_end_is_the_same_episode() -> None:
    assert events("bcbc", cooldown_periods=1) == "0:firing 1:resolved 2:reopened 3:resolved"
    assert events("bccb", cooldown_periods=1) == "0:firing 1:resolved 3:firing"


def test_the_unknown_freezes_counters() -> None:
    assert events("b?b", for_periods=2) == "0:pending 2:firing"
    assert events("bc?c", recover_periods=2) == "0:firing 1:recovering 3:resolved"


def test_missing_data_can_be_calm_a_breach_or_an_alert_of_its_own() -> None:
    assert events("b?", nodata="ok") == "0:firing 1:resolved"
    assert events("c??b", nodata="breach", for_periods=2) == "1:pending 2:firing"
    assert events("c??c", nodata="alert", nodata_periods=2) == "2:nodata 3:data_back"


def test_a_member_that_vanished_ends_as_stale() -> None:
    assert events("b???", member_ttl_periods=3) == "0:firing 3:resolved/stale"


def test_a_period_counts_once_however_often_it_is_judged_while_it_runs() -> None:
    running = {1: [LETTERS["b"], LETTERS["b"]]}
    found = replay(Settings(for_periods=2), lambda i, _: LETTERS["cbb"[i]], 0, 3, running=running)
    assert [(s.position, s.event, s.partial) for s in found.steps] == [
        (1, "pending", True),
        (2, "firing", False),
    ]


@given(st.text("bBch?", max_size=20), st.integers(1, 3), st.integers(1, 3), st.integers(0, 2))
def test_the_history_of_a_beginning_is_the_beginning_of_the_history(
    line: str, wait: int, calm: int, cool: int
) -> None:
    given_ = {"for_periods": wait, "recover_periods": calm, "cooldown_periods": cool}
    whole = events(line, **given_)
    for end in range(len(line)):
        assert whole.startswith(events(line[:end], **given_))


@given(
    st.text("bBch?", max_size=70),
    st.integers(0, 70),
    st.text("bBch?", max_size=70),
    st.lists(st.integers(0, 70), max_size=2),
    st.lists(st.integers(0, 70), max_size=2),
)
@settings(max_examples=effort(100))
def test_from_the_last_mark_before_a_revision_it_is_what_it_is_from_the_beginning(
    line: str, since: int, revised: str, closes: list[int], refusals: list[int]
) -> None:
    """A verdict that reads which periods are left out stands for every baseline."""

    def judged(text: str) -> Judge:
        def verdict(i: int, incident: Mapping[int, bool]) -> Verdict:
            left_out = sum(incident.get(each, False) for each in range(max(0, i - 20), i))
            return LETTERS["c" if left_out == 14 else text[i]]

        return verdict

    trail, new = Trail(), line[:since] + revised
    replay(LONG, judged(line), 0, len(line), closes, trail=trail)
    upto = min(since, len(line), len(new))
    again = replay(
        LONG, judged(new), 0, len(new), closes, refusals=refusals, trail=trail, since=min([upto, *refusals])
    )
    assert again == replay(LONG, judged(new), 0, len(new), closes, refusals=refusals)
    assert all(mark.position <= len(new) for mark in trail.marks)


def test_a_revision_costs_from_the_last_mark_on() -> None:
    asked: list[int] = []

    def judge(i: int, _: Mapping[int, bool]) -> Verdict:
        asked.append(i)
        return LETTERS["c"]

    trail = Trail()
    for upto, since, cost in ((365, 0, 365), (366, 365, 1), (366, 362, 366 - 336), (366, 300, 366 - 280)):
        asked.clear()
        replay(LONG, judge, 0, upto, trail=trail, since=since)
        assert len(asked) == cost


def test_a_level_that_somebody_calls_not_normal_stays_out_of_baselines() -> None:
    seen: list[bool] = []

    def judge(i: int, incident: Mapping[int, bool]) -> Verdict:
        seen.append(bool(incident.get(3)))
        return LETTERS["c" if i < 3 else "b"]

    assert replay(LONG, judge, 0, 20).standing.adapted
    assert seen == [False] * 4 + [True] * 13 + [False] * 3
    seen.clear()
    assert not replay(LONG, judge, 0, 40, refusals=[19]).standing.adapted
    assert seen[17:] == [False] * 2 + [True] * 21

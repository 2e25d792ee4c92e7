"""The action registry: no key means two things, none is taken away by a terminal."""

from __future__ import annotations

import pytest

from tui.actions import ACTIONS, BY_ID, FULL_WIDTH, Action
from tui.bindings import textual_bindings
from tui.keys import (
    bindings,
    collisions,
    display,
    forbidden,
    help_sections,
    hints,
    key_faults,
    keymap,
    markdown,
)

SCREENS = (
    "overview",
    "funnel",
    "metrics",
    "customers",
    "alerts",
    "loop",
    "sources",
    "logs",
    "sql",
    "person",
    "rules",
)


def test_no_key_means_two_things_on_any_screen() -> None:
    assert collisions() == ()


def test_a_screen_key_that_a_global_action_has_is_found() -> None:
    rival = Action("funnel.rival", ("p",), "screen", ("funnel",))
    assert collisions((*ACTIONS, rival)) == (("p", "live.pause", "funnel.rival"),)


def test_screens_may_share_a_key_but_not_on_the_same_screen() -> None:
    here, there = Action("a.a", ("k1",), "x", ("funnel",)), Action("b.b", ("k1",), "x", ("alerts",))
    assert collisions((here, there)) == ()
    assert collisions((here, Action("c.c", ("k1",), "x", ("funnel", "loop")))) == (("k1", "a.a", "c.c"),)


def test_no_key_is_one_that_a_terminal_takes() -> None:
    assert [(a.id, k) for a in ACTIONS for k in a.keys if forbidden(k)] == []


@pytest.mark.parametrize(
    "key", ["ctrl+a", "ctrl+b", "ctrl+s", "ctrl+q", "ctrl+z", "ctrl+m", "alt+x", "f1", "f11", "~"]
)
def test_keys_that_are_taken_are_known(key: str) -> None:
    assert forbidden(key)


def test_ids_are_unique_and_every_full_width_sign_reaches_its_action() -> None:
    assert len(BY_ID) == len(ACTIONS)
    by_key = {key: action.id for key, action in bindings("person")}
    assert {sign for sign in FULL_WIDTH if by_key.get(sign) != by_key.get(FULL_WIDTH[sign])} == set()
    assert (by_key["？"], by_key["："], by_key["３"], by_key["！"]) == (
        "help.open", "command.open", "screen.3", "person.unlink",
    )  # fmt: skip


def test_an_override_takes_the_place_of_the_keys_and_their_aliases() -> None:
    keys = dict(bindings("", {"help.open": "="}))
    assert (keys["="].id, keys["＝"].id, "?" in keys, "？" in keys) == (
        "help.open",
        "help.open",
        False,
        False,
    )
    assert keymap({"help.open": "=", "no.such": "x"}) == {"help.open": "=,＝"}


def test_all_faults_of_the_key_table_are_told_at_once() -> None:
    faults = key_faults({"live.paus": "p", "live.pause": "t", "wall.on": "ctrl+a", "help.open": "abc"})
    assert dict(faults) == {
        "live.paus": '"live.paus" is no action; nearest: live.pause',
        "wall.on": '"ctrl+a" does not reach the console (terminal, tmux or screen take it); choose another',
        "help.open": '"abc" is no key; write one sign (p) or a name (space, ctrl+p)',
        "live.pause": '"t" is already the key of time.pick',
    }


def test_two_actions_may_change_places() -> None:
    assert key_faults({"live.pause": "r", "data.reread": "p"}) == ()


def test_the_footer_names_the_keys_of_the_screen_in_order_of_weight() -> None:
    shown = [f"{h.key} {h.label}" for h in hints("overview")]
    assert shown[:3] == ["Enter open", "t time", "v compare"]
    assert shown[-1] == "? help"
    assert "+ - grain" in [f"{h.key} {h.label}" for h in hints("funnel")]


def test_the_footer_leaves_out_what_cannot_be_done_and_shows_changed_keys() -> None:
    shown = [
        h.key for h in hints("overview", overrides={"live.pause": "K"}, available={"live.pause", "help.open"})
    ]
    assert shown == ["K", "?"]


@pytest.mark.parametrize("screen", SCREENS)
def test_help_of_a_screen_names_every_key_that_works_there(screen: str) -> None:
    told = {key for _, rows in help_sections(screen, "table") for keys, _ in rows for key in keys.split(" ")}
    assert {display(k) for k, a in bindings(screen) if k not in a.aliases} <= told


def test_every_binding_carries_its_action() -> None:
    bound = textual_bindings("alerts")
    assert {b.id for b in bound if not isinstance(b, tuple)} == {
        a.id for a in ACTIONS if "alerts" in a.scopes
    }


def test_the_table_for_the_readme_has_a_row_for_each_action() -> None:
    assert markdown().count("\n") == len(ACTIONS) + 2

"""Stacks of places: in, out, and what is remembered on the way."""

from __future__ import annotations

from tui.place import Place, Stacks
from tui.view import Sort, TableState


def test_each_screen_keeps_its_own_stack() -> None:
    stacks = Stacks()
    stacks.go(7)
    stacks.enter(Place("source", source="baidu"))
    stacks.go(1)
    stacks.go(7)
    assert stacks.here.source == "baidu"


def test_the_root_cannot_be_left() -> None:
    stacks = Stacks()
    assert not stacks.leave()
    assert stacks.here.kind == "overview"


def test_a_table_is_found_as_it_was_and_forgotten_where_one_went_out() -> None:
    stacks = Stacks()
    kept = TableState(Sort("cost"), "red")
    stacks.keep("channels", kept)
    stacks.enter(Place("metrics"))
    stacks.keep("channels", TableState(query="deeper"))
    stacks.leave()
    assert stacks.kept("channels") == kept
    stacks.enter(Place("metrics"))
    assert stacks.kept("channels") == TableState()

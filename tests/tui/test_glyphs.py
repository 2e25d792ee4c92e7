"""The two sets of signs, and the choice between them."""

from __future__ import annotations

import os
import pty
import threading

import pytest
from rich.cells import cell_len

from tui.glyphs import ASCII, UNICODE, Glyphs, ambiguous_width, glyphs_for


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
def test_signs_that_fill_cells_are_one_cell_each(glyphs: Glyphs) -> None:
    signs = (
        glyphs.spark + glyphs.hatch + glyphs.bar + glyphs.heat + glyphs.axis + "".join(glyphs.frames.values())
    )
    signs += (
        glyphs.bar_rest + glyphs.cursor + glyphs.ellipsis + glyphs.dotted + glyphs.open_point + glyphs.gap
    )
    assert {cell_len(sign) for sign in signs} == {1}
    assert (len(glyphs.spark), len(glyphs.hatch), len(glyphs.bar), len(glyphs.heat)) == (8, 3, 9, 5)


def test_both_sets_know_the_same_states() -> None:
    assert set(UNICODE.states) == set(ASCII.states)
    assert {token for _, token in UNICODE.states.values()} <= {
        "good", "bad", "warn", "info", "stale", "revised", "ink-dim",
    }  # fmt: skip


def test_the_ascii_set_is_ascii_and_makes_words_so() -> None:
    assert all(
        v.isascii() for v in (ASCII.spark, ASCII.bar, ASCII.axis, ASCII.cursor, *ASCII.frames.values())
    )
    assert ASCII.plain("change→screen · ≤ 5 … ▲ ✖ 汉字") == "change->screen . <= 5 .. ^ x 汉字"
    assert UNICODE.plain("a→b") == "a→b"


def test_ascii_is_taken_where_asked_or_where_blocks_are_two_wide_or_cannot_be_written() -> None:
    assert glyphs_for() is UNICODE
    assert glyphs_for(ascii_only=True) is ASCII
    assert glyphs_for(ambiguous=2) is ASCII
    assert (glyphs_for(ambiguous=1), glyphs_for(ambiguous=None)) == (UNICODE, UNICODE)
    assert [glyphs_for(encoding=e).name for e in ("latin-1", "ascii", "gbk", "no-such")] == ["ascii"] * 4


@pytest.mark.parametrize(("column", "cells"), [(2, 1), (3, 2)])
def test_the_terminal_is_asked_how_wide_a_dot_is(column: int, cells: int) -> None:
    master, slave = pty.openpty()
    seen = b""

    def terminal() -> None:
        nonlocal seen
        while b"\x1b[6n" not in seen:
            seen += os.read(master, 64)
        os.write(master, f"\x1b[7;{column}R".encode())

    answering = threading.Thread(target=terminal)
    answering.start()
    try:
        assert ambiguous_width(slave, slave, timeout_seconds=10) == cells
        assert "●".encode() in seen
    finally:
        answering.join()
        os.close(master)
        os.close(slave)


def test_a_terminal_that_does_not_answer_is_not_waited_for() -> None:
    master, slave = pty.openpty()
    try:
        assert ambiguous_width(slave, slave, timeout_seconds=0.01) is None
    finally:
        os.close(master)
        os.close(slave)


def test_a_pipe_is_not_asked() -> None:
    read_fd, write_fd = os.pipe()
    try:
        assert ambiguous_width(read_fd, write_fd) is None
    finally:
        os.close(read_fd)
        os.close(write_fd)

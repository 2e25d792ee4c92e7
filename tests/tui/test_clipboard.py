"""Copies: tmux first, then the terminal, always a file."""

from __future__ import annotations

import base64
import stat
from pathlib import Path

from tui import clipboard


def test_inside_tmux_the_buffer_is_loaded_and_the_terminal_is_left_alone(tmp_path: Path) -> None:
    sent: list[str] = []
    given: list[bytes] = []

    def tmux(payload: bytes) -> bool:
        given.append(payload)
        return True

    found = clipboard.copy(
        "抖音", environment={"TMUX": "x"}, write=sent.append, folder=tmp_path, run_tmux=tmux
    )
    assert (found.where, given, sent) == ("tmux", ["抖音".encode()], [])


def test_where_tmux_refuses_the_terminal_is_asked(tmp_path: Path) -> None:
    sent: list[str] = []
    found = clipboard.copy(
        "a", environment={"TMUX": "x"}, write=sent.append, folder=tmp_path, run_tmux=lambda _: False
    )
    assert (found.where, sent) == ("terminal", ["\x1b]52;c;YQ==\x07"])


def test_screen_gets_the_sequence_in_pieces_that_add_up_to_it() -> None:
    sequence = clipboard.osc52(b"x" * 500)
    assert sequence is not None
    pieces = clipboard.for_screen(sequence).split("\x1b\\")[:-1]
    assert all(piece.startswith("\x1bP") and len(piece) <= 78 for piece in pieces)
    assert "".join(piece.removeprefix("\x1bP") for piece in pieces) == sequence


def test_what_is_too_long_for_a_terminal_goes_to_the_file_alone(tmp_path: Path) -> None:
    sent: list[str] = []
    text = "y" * 60_000
    found = clipboard.copy(text, environment={}, write=sent.append, folder=tmp_path)
    assert (found.where, sent) == ("file", [])
    assert (tmp_path / "clipboard.tsv").read_text("utf-8") == text


def test_the_longest_that_a_terminal_takes_is_74_kb_of_base64() -> None:
    most = clipboard.TERMINAL_MOST // 4 * 3
    assert clipboard.osc52(b"z" * most) is not None
    assert clipboard.osc52(b"z" * (most + 3)) is None
    assert len(base64.b64encode(b"z" * most)) <= clipboard.TERMINAL_MOST


def test_only_the_owner_reads_the_file(tmp_path: Path) -> None:
    clipboard.copy("a", environment={}, write=lambda _: None, folder=tmp_path)
    assert stat.S_IMODE((tmp_path / "clipboard.tsv").stat().st_mode) == 0o600


def test_a_folder_that_cannot_be_written_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", "utf-8")
    found = clipboard.copy("a", environment={}, write=lambda _: None, folder=tmp_path / "taken")
    assert found == clipboard.Copied("terminal", None)

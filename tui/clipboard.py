"""Where a copy goes: tmux, GNU screen or the terminal itself, and always a file as well."""

from __future__ import annotations

import base64
import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

TERMINAL_MOST = 74_000
"""Bytes of base64 that terminals take in one OSC 52."""
SCREEN_CHUNK = 76
TMUX = ("tmux", "load-buffer", "-w", "-")


@dataclass(frozen=True, slots=True)
class Copied:
    """Where a copy went: tmux, terminal or file; `path` holds it in any case (None: not even that)."""

    where: str
    path: Path | None


def copy(
    text: str,
    *,
    environment: Mapping[str, str],
    write: Callable[[str], None],
    folder: Path,
    run_tmux: Callable[[bytes], bool] | None = None,
) -> Copied:
    """Put a text where the person can paste it.

    In: write: sends a sequence to the terminal; folder: where the file goes; run_tmux: hands bytes to tmux,
        true if it took them.
    """
    path = _file(text, folder)
    payload = text.encode()
    if environment.get("TMUX") and (run_tmux or _load_buffer)(payload):
        return Copied("tmux", path)
    sequence = osc52(payload)
    if sequence is None:
        return Copied("file", path)
    term = environment.get("TERM", "")
    if environment.get("STY") or term.startswith("screen"):
        sequence = for_screen(sequence)
    write(sequence)
    return Copied("terminal", path)


def osc52(payload: bytes) -> str | None:
    """The sequence that sets the terminal's clipboard; None where it would be too long."""
    encoded = base64.b64encode(payload).decode("ascii")
    return None if len(encoded) > TERMINAL_MOST else f"\x1b]52;c;{encoded}\x07"


def for_screen(sequence: str) -> str:
    """The sequence in pieces that GNU screen passes on to its terminal."""
    pieces = [sequence[at : at + SCREEN_CHUNK] for at in range(0, len(sequence), SCREEN_CHUNK)]
    return "".join(f"\x1bP{piece}\x1b\\" for piece in pieces)


def _load_buffer(payload: bytes) -> bool:
    try:
        done = subprocess.run(TMUX, input=payload, capture_output=True, timeout=2, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _file(text: str, folder: Path) -> Path | None:
    path = folder / "clipboard.tsv"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
    except OSError:
        return None
    return path

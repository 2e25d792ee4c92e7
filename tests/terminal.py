"""A terminal for tests and measurements: a program on a pseudo terminal, its screen kept by an emulator.

Nothing sleeps: whoever waits is woken by the program's output.
"""

from __future__ import annotations

import fcntl
import os
import pty
import resource
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

import pyte

ROOT = Path(__file__).resolve().parent.parent
LOOPTOP = (sys.executable, "-m", "tui.cli")
ASKS_FOR_SYNC, HAS_SYNC = b"\x1b[?2026$p", b"\x1b[?2026;2$y"
"""A terminal's question whether frames can be drawn at once, and the answer that they can."""
ASKS_FOR_CURSOR, CURSOR = b"\x1b[6n", b"\x1b[1;2R"
"""The question where the cursor is after one sign, and the answer: it is one cell wide."""

Seen = Callable[[Sequence[str]], bool]


class Terminal:
    """A program with a terminal of `columns` x `rows`; `with` ends it.

    `written` counts the bytes that the program sent, `last` is when the last of them came.
    """

    def __init__(
        self,
        words: Sequence[str],
        columns: int = 120,
        rows: int = 36,
        env: Mapping[str, str] | None = None,
        program: Sequence[str] = LOOPTOP,
    ) -> None:
        self.written = 0
        self.last = time.monotonic()
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._changed = threading.Condition()
        self._ended = False
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [*program, *words],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=ROOT,
            env=_environment(env or {}),
            start_new_session=True,
        )
        os.close(slave)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join(5)
        os.close(self._master)

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._master, 65536)
            except OSError:
                data = b""
            with self._changed:
                if not data:
                    self._ended = True
                    self._changed.notify_all()
                    return
                self.written += len(data)
                self.last = time.monotonic()
                self._stream.feed(data)
                self._changed.notify_all()
            for question, answer in ((ASKS_FOR_SYNC, HAS_SYNC), (ASKS_FOR_CURSOR, CURSOR)):
                if question in data:
                    os.write(self._master, answer)

    def lines(self) -> list[str]:
        """The rows of the screen as text."""
        with self._changed:
            return list(self._screen.display)

    def text(self) -> str:
        """The screen as one text."""
        return "\n".join(line.rstrip() for line in self.lines())

    def press(self, keys: str) -> None:
        """Type these characters."""
        os.write(self._master, keys.encode())

    def wait(self, seen: Seen | str, seconds: float = 30) -> float:
        """Wait until the screen shows it: a text, or whatever a function looks for in the rows.

        Out: seconds that it took. Raises: AssertionError with the screen when it does not come.
        """
        found: Seen = (lambda rows: any(seen in row for row in rows)) if isinstance(seen, str) else seen
        began = time.monotonic()
        with self._changed:
            came = self._changed.wait_for(lambda: found(self._screen.display) or self._ended, seconds)
            shown = found(self._screen.display)
        assert came and shown, f"{seen} did not come in {seconds} s; the screen:\n{self.text()}"
        return time.monotonic() - began

    def drew(self, before: int, seconds: float) -> bool:
        """Whether more than `before` bytes were written within so many seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self.written > before or self._ended, seconds)

    def quiet(self, seconds: float = 0.3, most: float = 30) -> None:
        """Wait until nothing is written for so many seconds."""
        end = time.monotonic() + most
        with self._changed:
            while self._changed.wait(seconds) and time.monotonic() < end:
                pass

    def end(self, seconds: float = 20) -> int:
        """Wait for the program to end; its exit code."""
        return self.process.wait(seconds)

    def hang_up(self) -> None:
        """What a terminal does when its line is cut."""
        self.process.send_signal(signal.SIGHUP)

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size."""
        with self._changed:
            self._screen.resize(rows, columns)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.process.send_signal(signal.SIGWINCH)

    def cpu(self) -> float:
        """Seconds of processor time that the program has used so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def megabytes(self) -> float:
        """Resident memory of the program."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text("utf-8").split()[1])
        return pages * resource.getpagesize() / 1024 / 1024


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    kept = {
        name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "TMPDIR", "VIRTUAL_ENV")
    }
    fixed = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)}
    return {**kept, **fixed, **more}

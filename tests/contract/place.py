"""A small workspace in a temporary directory, asked only through the commands."""

from __future__ import annotations

import io
import json
import textwrap
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from tui.cli import main


class Place:
    """Files in, JSON out."""

    def __init__(self, at: Path) -> None:
        self.root, self.state = at / "data", at / "state"
        self.root.mkdir()

    def put(self, name: str, content: str | bytes, encoding: str = "utf-8") -> Path:
        """Write a file; text is dedented."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        raw = (
            content if isinstance(content, bytes) else textwrap.dedent(content).lstrip("\n").encode(encoding)
        )
        path.write_bytes(raw)
        return path

    def toml(self, text: str, **console: str) -> None:
        """Write looptop.toml; `console` adds to its first section."""
        said = {"timezone": "UTC", "currency": "CNY", "clock": "data", **console}
        head = "\n".join(f'{key} = "{value}"' for key, value in said.items())
        self.put("looptop.toml", f"[console]\n{head}\n" + textwrap.dedent(text))

    def say(self, command: str, *words: str) -> tuple[int, str, str]:
        """Exit code, stdout, stderr."""
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = main([command, str(self.root), *words, "--state", str(self.state)])
        return code, out.getvalue(), err.getvalue()

    def ask(self, command: str, *words: str) -> Any:
        """The JSON of a command that succeeds."""
        code, out, err = self.say(command, *words, "--json")
        assert (code, err) == (0, ""), (code, err, out)
        return json.loads(out)

    def refusal(self, command: str, *words: str) -> str:
        """What a command that fails says."""
        code, out, err = self.say(command, *words)
        assert (code, out) == (2, ""), (code, out, err)
        assert "Traceback" not in err
        return err

    def rows(self, table: str = "events", *words: str) -> list[dict[str, Any]]:
        """`looptop rows`."""
        return list(self.ask("rows", table, *words)["rows"])

    def counts(self) -> dict[str, tuple[int, int, int, int, int]]:
        """By file: rows, accepted, rejected, duplicates, filtered; each adds up."""
        made = {}
        for one in self.ask("status")["files"]:
            numbers = tuple(one[k] for k in ("rows", "accepted", "rejected", "duplicates", "filtered"))
            assert numbers[0] == sum(numbers[1:]), one
            made[one["file"]] = numbers
        return made

    def values(self, *words: str, key: str = "period") -> dict[Any, Any]:
        """`looptop metrics`: value by a column; several: by a tuple."""
        keys = key.split(",")
        rows = self.ask("metrics", *words)["rows"]
        return {tuple(r[k] for k in keys) if len(keys) > 1 else r[keys[0]]: r["value"] for r in rows}

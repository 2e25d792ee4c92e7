"""The sample data: a made-up home shop, 枫家居 Maple Home, in the shapes in which real platforms export."""

from __future__ import annotations

from pathlib import Path


def path() -> Path:
    """Return the directory of the sample workspace (it has a `looptop.toml`)."""
    return Path(__file__).resolve().parent

"""What every form of looptop.toml is made of: keys with their meaning, strict values, no unknown keys."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Number = int | float
Scalar = str | bool | int | float | datetime | date | time
Words = dict[str, str]
Severity = Literal["info", "warning", "critical"]


def key(meaning: str, default: Any = ..., shown: str | None = None, **more: Any) -> Any:
    """A key: what it means, its default, and how the reference shows the default."""
    return Field(default, description=meaning, json_schema_extra={"shown": shown} if shown else None, **more)


class Form(BaseModel):
    """Base of all: no conversions, no unknown keys."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


def form_of(value: Any) -> str:
    """Which form a value has: text, list or table; tables by their key."""
    if isinstance(value, str):
        return "form:text"
    if isinstance(value, list):
        return "form:list"
    if isinstance(value, dict) and "cases" in value:
        return "form:cases"
    return "form:table"

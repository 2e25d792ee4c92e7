"""Keyed derivation: tables whose rows of one key are a function of their inputs' rows of that key."""

from __future__ import annotations

from engine.derive import keep
from engine.derive.catalog import in_order, shipped
from engine.derive.runner import Runner
from engine.derive.table import Ask, DerivedTable

__all__ = ["Ask", "DerivedTable", "Runner", "in_order", "keep", "shipped"]

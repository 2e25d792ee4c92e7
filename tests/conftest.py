"""Hypothesis runs the same examples everywhere and never judges by the clock."""

from __future__ import annotations

import gc
import os

import pytest
from hypothesis import HealthCheck, settings

from tests.effort import effort

# Modules stay, and a console makes many objects that go with it: looking through all of them each time a
# few hundred are new takes a fifth of a test's time.
gc.freeze()
gc.set_threshold(50_000, 20, 20)

settings.register_profile(
    "looptop",
    max_examples=effort(40),
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("search", settings.get_profile("looptop"), derandomize=False, max_examples=1000)
settings.load_profile(os.environ.get("LOOPTOP_HYPOTHESIS", "looptop"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests come first, so that no core waits for one at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--overwrite-golden`: write what is drawn now over the kept pictures, then read the diff."""
    parser.addoption("--overwrite-golden", action="store_true", help="write kept results anew")

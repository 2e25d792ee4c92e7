"""Every directory of a test is closed when the test is over."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engine.quality.shop import Exports


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """Closes what the test opened."""
    yield
    while Exports.opened_ones:
        Exports.opened_ones.pop().close()

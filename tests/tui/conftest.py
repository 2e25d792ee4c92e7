"""What the tests of the console share."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.tui.snapshot import compare


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a picture with the kept one of that name."""
    overwrite = bool(request.config.getoption("--overwrite-golden"))
    return lambda picture, name: compare(picture, name, overwrite=overwrite)

"""Pages: which panels a place has, what they ask, and what Enter means in them."""

from __future__ import annotations

from collections.abc import Mapping

from tui.screens.overview import OverviewPage
from tui.screens.page import Page

PAGES: Mapping[str, type[Page]] = {
    "overview": OverviewPage,
}
"""Kind of place → its page."""

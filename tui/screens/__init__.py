"""Pages: which panels a place has, what they ask, and what Enter means in them."""

from __future__ import annotations

from collections.abc import Mapping

from tui.screens.alerts import AlertsPage
from tui.screens.beside import BesidePage
from tui.screens.dropouts import PersonsPage
from tui.screens.entry import CohortsPage, DriversPage
from tui.screens.funnel import FunnelPage
from tui.screens.metrics import MetricsPage
from tui.screens.overview import OverviewPage
from tui.screens.page import Page
from tui.screens.person import LinePage, PersonPage, RowsPage
from tui.screens.quality import ColumnPage, DisputePage, RulePage
from tui.screens.review import ReviewPage
from tui.screens.rules import RulesPage
from tui.screens.sources import FilePage, SourcePage, SourcesPage
from tui.screens.sql import SqlPage

PAGES: Mapping[str, type[Page]] = {
    "overview": OverviewPage,
    "funnel": FunnelPage,
    "persons": PersonsPage,
    "cohorts": CohortsPage,
    "drivers": DriversPage,
    "beside": BesidePage,
    "person": PersonPage,
    "metrics": MetricsPage,
    "rows": RowsPage,
    "line": LinePage,
    "alerts": AlertsPage,
    "rules": RulesPage,
    "review": ReviewPage,
    "sources": SourcesPage,
    "source": SourcePage,
    "file": FilePage,
    "column": ColumnPage,
    "rule": RulePage,
    "dispute": DisputePage,
    "sql": SqlPage,
}
"""Kind of place → its page."""

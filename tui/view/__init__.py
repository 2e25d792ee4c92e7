"""What a screen hands to a widget: frozen values, already formatted, with no frame and no query in them.

Texts are safe to show (see `tui.harmless`); numbers beside them only sort, scale and draw. A `tone` is a
theme token: `ink`, `good`, `bad`, `warn`, `info`, `stale`, `partial`, `revised`, `ink-dim`, `ink-strong`.
"""

from tui.view.charts import FunnelView, Limit, Series, Step, TrendView
from tui.view.chrome import AlertEntry, ContextView, FeedView, FooterView, HeaderView, Hint, StatusView, Tab
from tui.view.marks import Change, Line, Run, Spark, Target, Tile
from tui.view.tables import Cell, Column, Row, Sort, TableState, TableView

__all__ = [
    "AlertEntry",
    "Cell",
    "Change",
    "Column",
    "ContextView",
    "FeedView",
    "FooterView",
    "FunnelView",
    "HeaderView",
    "Hint",
    "Limit",
    "Line",
    "Row",
    "Run",
    "Series",
    "Sort",
    "Spark",
    "StatusView",
    "Step",
    "Tab",
    "TableState",
    "TableView",
    "Target",
    "Tile",
    "TrendView",
]

"""What a series is expected to be, and how far a value is off: pure NumPy, many series at once."""

from engine.anomaly.baseline import Baseline, Judged, judge
from engine.anomaly.budget import false_per_week, stretch, threshold_for
from engine.anomaly.hours import HourLine
from engine.anomaly.line import Line, Past, SmoothLine, Usual
from engine.anomaly.scales import Scale, back, forward, odds, scale_of
from engine.anomaly.smoothing import Expectation, Floats, Marks, student

__all__ = [
    "Baseline",
    "Expectation",
    "Floats",
    "HourLine",
    "Judged",
    "Line",
    "Marks",
    "Past",
    "Scale",
    "SmoothLine",
    "Usual",
    "back",
    "false_per_week",
    "forward",
    "judge",
    "odds",
    "scale_of",
    "stretch",
    "student",
    "threshold_for",
]

"""What one process keeps between evaluations."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from engine.alerts.judging.rules import Ready
from engine.alerts.judging.verdicts import Judged, Kept
from engine.alerts.kept.recording import Finding
from engine.alerts.kept.records import Labels
from engine.alerts.outcomes import Remembered
from engine.alerts.reading.series import Loaded
from engine.questions import AlertsAnswer
from engine.workspace.model import Workspace


@dataclass(slots=True)
class Memo:
    """What one process keeps between evaluations; dropping it costs time, never correctness."""

    rules: dict[str, Ready] = field(default_factory=dict)
    workspace: Workspace | None = None
    feeds: dict[tuple[object, ...], Loaded] = field(default_factory=dict)
    judged: dict[tuple[str, Labels], tuple[object, Judged, Kept, object]] = field(default_factory=dict)
    findings: dict[tuple[str, str], Finding] = field(default_factory=dict)
    """What the ledger holds of each (rule, member)."""
    told: Remembered = field(default_factory=Remembered)
    week: datetime | None = None
    """The last week that was looked at for its digest."""
    written: object = None
    """Changes when another process wrote the ledger."""
    lock: Lock = field(default_factory=Lock, repr=False)
    """Held by whoever reads or renews the series."""
    at: datetime | None = None
    """When the ledger was last brought up to date."""
    key: object = None
    answer: AlertsAnswer | None = None

    def forget(self) -> None:
        """Nothing is known of the ledger any more."""
        self.findings.clear()
        self.told = Remembered()
        self.key = self.answer = self.at = None

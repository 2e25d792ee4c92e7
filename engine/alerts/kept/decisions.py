"""What people decided about copies of a report that disagree, in the ledger: the last one counts."""

from __future__ import annotations

from datetime import datetime

from engine.alerts.kept.ledger import Ledger
from engine.errors import UnknownName
from engine.questions import Decision, Dispute


def decisions(ledger: Ledger) -> dict[str, Decision]:
    """The decision in force, by id of the dispute."""
    rows = ledger.rows("SELECT dispute, take, author, note, at FROM quality_decisions ORDER BY n")
    return {
        str(dispute): Decision(str(take), str(author), datetime.fromisoformat(str(at)), str(note))
        for dispute, take, author, note, at in rows
    }


def taken(ledger: Ledger) -> dict[str, str]:
    """The file that somebody took, by id of the dispute."""
    return {dispute: found.take for dispute, found in decisions(ledger).items()}


def take(ledger: Ledger, dispute: Dispute, file: str, *, by: str, at: datetime, note: str = "") -> None:
    """Write down whose copy counts.

    In:  naive UTC. Raises: UnknownName for a file that has no copy; StoreError.
    """
    files = [copy.file for copy in dispute.copies]
    if file not in files:
        raise UnknownName("copy", file, files)
    with ledger.transaction():
        ledger.rows(
            "INSERT INTO quality_decisions (dispute, source, day, take, author, note, at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                dispute.id,
                dispute.source,
                dispute.day.isoformat(),
                file,
                by,
                note,
                at.isoformat(timespec="microseconds"),
            ),
        )

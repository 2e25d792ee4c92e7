"""What is done about personal data: reveals are logged, persons are erased, old facts leave."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.errors import StoreError, UsageError
from engine.identity import installation_key
from engine.ingest import sweep
from engine.ingest.erased import Erased
from engine.publish import audit, erasing, retention

if TYPE_CHECKING:
    from engine.pipeline import Pipeline
    from engine.questions import Receipt, RetentionTable


def reveal(pipeline: Pipeline, reason: str, *, by: str, what: str) -> None:
    """Log that somebody is about to see personal data in full; whoever shows it calls this first.

    In:  why (may be empty); who; what is asked, as one would type it. Logged with the wall clock, also in a
         replay: looking back is no way around the log.
    Raises: UsageError, StoreError where it cannot be logged: then the console shows nothing.
    """
    if not pipeline.state.writable:
        raise UsageError(f"the state cannot be written ({pipeline.state.fault}): nothing is revealed")
    audit.record(pipeline.ledger, "reveal", what, by=by, reason=reason, at=pipeline.wall())


def erase(pipeline: Pipeline, name: str, *, by: str, reason: str = "") -> Receipt:
    """Erase the whole person that has an identifier, for good, however often the rows come again.

    In:  `type:value` or `p_…`. Out: the receipt; of a person who was erased before, the earlier one.
    Raises: UsageError where nobody has it; StoreError where only a part was done: the next refresh does the
            rest.
    """
    intake, ledger, at = pipeline.intake, pipeline.ledger, pipeline.wall()
    wanted = erasing.normalised(name, pipeline.workspace.identity)
    number = pipeline.names.number(wanted)
    if number is None:
        if earlier := intake.allowed.erased.erasure(wanted):
            return erasing.receipt_of(ledger, earlier)
        raise UsageError("nobody has this identifier: nothing was erased; write it as TYPE:VALUE")
    names = erasing.members(pipeline.store, number)
    rows, places = erasing.traces(pipeline.state.cache, intake.files, pipeline.workspace, names)
    key = Erased(installation_key(pipeline.state.path))
    receipt = erasing.new_receipt(key, names, rows, places, by=by, reason=reason, at=at)
    before = {part.id for state in intake.files.values() for part in state.parts}
    erasing.remember(ledger, receipt, names)
    audit.record(ledger, "erase", f"erasure {receipt.id}", by=by, reason=reason, at=at)
    if error := pipeline.refresh("change").error:
        raise StoreError(f"{error} The erasure {receipt.id} is written down; the next refresh does it.")
    after = {part.id for state in intake.files.values() for part in state.parts}
    _shred(pipeline)
    receipt = replace(receipt, parts=len(before - after))
    erasing.keep(ledger, receipt)
    return receipt


def _shred(pipeline: Pipeline) -> None:
    """Delete at once what an erasure left behind: old parts, kept tables, freed pages of the ledger."""
    sweep(pipeline.state.cache, [*pipeline.intake.files.values(), *pipeline.intake.lookups])
    pipeline.sums.forget(pipeline.intake.files)
    for folder in ("persons", "derived"):
        shutil.rmtree(pipeline.state.cache / folder, ignore_errors=True)
    pipeline.ledger.shred()


def retained(pipeline: Pipeline) -> tuple[RetentionTable, ...]:
    """What retention leaves out; in a dry run, what it would."""
    intake, console = pipeline.intake, pipeline.workspace.console
    if intake.retain:
        return retention.in_force(console, intake.allowed.oldest, intake.files.values())
    oldest = retention.kept_from(console, pipeline.wall(), intake.files.values())
    return retention.would_go(console, oldest, pipeline.store)

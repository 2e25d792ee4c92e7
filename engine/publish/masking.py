"""Personal data in answers, hidden from those who did not ask to see it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from engine.identity import mask, mask_name, mask_personal, mask_text
from engine.ingest.personal import personal
from engine.ingest.state import FileState
from engine.questions import JourneyFact, Reject
from engine.workspace.model import Source, Workspace


def rejects(
    workspace: Workspace, state: FileState, found: Iterable[Reject], reveal: bool
) -> Iterator[Reject]:
    """The rejects of a file: personal columns masked, and in every text what looks like an identifier."""
    if reveal:
        yield from found
        return
    source = next((one for one in workspace.sources if one.name == state.source), None)
    targets = dict(state.columns)
    for one in found:
        value = one.value
        if value is not None:
            value = column(workspace, source, targets.get(one.column or "", ""), one.column or "", value)
        reason = (
            one.reason.replace(one.value, value or "") if one.value and value != one.value else one.reason
        )
        yield replace(one, value=value, reason=mask_text(reason), text=mask_text(one.text))


def column(workspace: Workspace, source: Source | None, target: str, name: str, value: str) -> str:
    """A value of a file's column. In: the canonical column that it becomes, its own name."""
    if target in workspace.identity.priority:
        return mask(target, value)
    if target == "name":
        return mask_name(value)
    if source is not None and (personal(source, name) or personal(source, target)):
        return mask_personal(value)
    return mask_text(value)


def journey(facts: Iterable[JourneyFact]) -> tuple[JourneyFact, ...]:
    """The facts with what looks like an identifier in their detail masked."""
    return tuple(replace(one, detail=mask_text(one.detail)) for one in facts)

"""Funnels as people see them: persons under their outside names, personal values masked, numbers signed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from engine import funnels
from engine.errors import UnknownName
from engine.funnels import Persons
from engine.identity import mask_text
from engine.questions import (
    BesideAnswer,
    BesideQuery,
    DriversAnswer,
    DriversQuery,
    FunnelAnswer,
    FunnelQuery,
)

if TYPE_CHECKING:
    from engine.numbers import Numbers
    from engine.workspace.model import Workspace


def funnel(session: Numbers, query: FunnelQuery, reveal: bool) -> FunnelAnswer:
    """See `Numbers.funnel`."""
    workspace = session.amended(query.toml)
    found = funnels.answer(
        session.store,
        workspace,
        query,
        session.pipeline.moment.as_of,
        persons=_names(session, reveal),
        language=workspace.console.language,
    )
    return _signed(session, workspace, found)


def beside(session: Numbers, query: BesideQuery, reveal: bool) -> BesideAnswer:
    """See `Numbers.beside`."""
    workspaces = (session.amended(query.a.toml), session.amended(query.b.toml))
    found = funnels.beside(
        session.store,
        workspaces,
        query,
        session.pipeline.moment.as_of,
        persons=_names(session, reveal),
        language=session.workspace.console.language,
    )
    a, b = (
        _signed(session, workspace, side)
        for workspace, side in zip(workspaces, (found.a, found.b), strict=True)
    )
    return replace(found, a=a, b=b)


def drivers(session: Numbers, query: DriversQuery, reveal: bool) -> DriversAnswer:
    """See `Numbers.drivers`."""
    workspace = session.amended(query.query.toml)
    found = funnels.drivers(
        session.store,
        workspace,
        query,
        session.pipeline.moment.as_of,
        language=workspace.console.language,
    )
    if reveal:
        return found
    shown = (replace(one, value=one.value and mask_text(one.value)) for one in found.drivers)
    return replace(found, drivers=tuple(shown))


def funnel_text(session: Numbers, name: str) -> str:
    """See `Numbers.funnel_text`."""
    known = session.workspace.funnels
    if name not in known:
        raise UnknownName("funnel", name, known)
    return funnels.toml_of(known[name])


def _names(session: Numbers, reveal: bool) -> Persons:
    def named(keys: Sequence[int]) -> Mapping[int, tuple[str, tuple[str, ...]]]:
        return session.pipeline.names.named(keys, reveal)

    return named


def _signed(session: Numbers, workspace: Workspace, found: FunnelAnswer) -> FunnelAnswer:
    hashed = funnels.definition_hash(workspace, found.funnel)
    return replace(found, definition=hashed, watermark=session.watermark)

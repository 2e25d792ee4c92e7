"""The action registry as Textual bindings."""

from __future__ import annotations

from collections.abc import Mapping

from textual.binding import Binding, BindingType

from tui.actions import ACTIONS
from tui.keys import bindings


def textual_bindings(scope: str = "", overrides: Mapping[str, str] | None = None) -> list[BindingType]:
    """Bindings of a screen, `""` for those of the App; each runs `action_do('<id>')` and carries the action's
    id.

    In: a screen's own scope gives only its own actions, since those of the App work there anyway.
    """
    own = {action.id for action in ACTIONS if bool(action.scopes) == bool(scope)}
    return [
        Binding(key, f"do('{action.id}')", action.id, show=False, id=action.id, priority=action.priority)
        for key, action in bindings(scope, overrides)
        if action.id in own
    ]

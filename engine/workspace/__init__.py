"""The workspace: looptop.toml read, checked and frozen.

    text ─ toml.py (shape: pydantic) ─ resolve (names, expressions) ─▶ model.Workspace
                                   └── every fault with file, line, key, nearest name

Importing this costs nothing but the model: pydantic comes with the first `load`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from engine.expressions import Expression
from engine.schema import Kind, Table
from engine.workspace.model import (
    CalendarDay,
    ChannelRule,
    ColumnRule,
    Console,
    EventRule,
    Exclusion,
    Funnel,
    Identity,
    Label,
    Lookup,
    Metric,
    Moment,
    Notify,
    Person,
    Preset,
    Rates,
    Rule,
    Source,
    Step,
    Target,
    Workspace,
)

__all__ = [
    "CONFIGURATION", "CalendarDay", "ChannelRule", "ColumnRule", "Console", "EventRule", "Exclusion",
    "Funnel", "Identity", "Label", "Lookup", "Metric", "Moment", "Notify", "Person", "Preset", "Rates",
    "Rule", "Source", "Step", "Target", "Workspace", "alert_condition", "amended", "default_workspace",
    "load", "rule_lines", "sample_toml", "schema_reference",
]  # fmt: skip

CONFIGURATION = "looptop.toml"
"""Name of the configuration at the root of a workspace."""


def load(
    root: Path,
    config: Path | None = None,
    guessed: Sequence[Source] = (),
    *,
    builtin: Mapping[str, Metric] | None = None,
    props: Mapping[Table, Mapping[str, Kind]] | None = None,
    headers: Collection[str] | None = None,
    presets: Callable[[], Collection[str]] | None = None,
) -> Workspace:
    """The workspace of a directory.

    In:  `config`: another file than root/looptop.toml; `guessed`: sources for a file that names none;
         `builtin`: built-in metrics by name; `props`: columns of the files beside the canonical ones, by
         table (None: not known yet, so unknown columns are no faults); `headers`: their
         columns as the files call them; `presets`: valid names, asked for where a source or layout names one.
    Raises: ConfigurationError with all faults at once.
    """
    from engine.workspace.loading import load_workspace

    return load_workspace(
        root,
        config,
        guessed,
        builtin=builtin or {},
        props=props,
        headers=headers,
        presets=presets,
    )


def default_workspace(
    root: Path, sources: Sequence[Source] = (), *, builtin: Mapping[str, Metric] | None = None
) -> Workspace:
    """The workspace of a directory without looptop.toml: all defaults and these sources."""
    from engine.workspace.loading import default

    return default(root, sources, builtin or {})


def amended(
    workspace: Workspace,
    toml: str,
    *,
    props: Mapping[Table, Mapping[str, Kind]] | None = None,
    file: str = "toml",
) -> Workspace:
    """The workspace with the definitions of one question in it.

    A `[metric.X]` or `[funnel.X]` takes the place of the one of that name; a built-in metric is amended as in
    looptop.toml. `adhoc` names them, and the digest is another one, so that nothing kept for the
    workspace is taken for an answer to this. A text without definitions gives the workspace itself.

    In:  `props` as for `load`; what the text is called in faults.
    Raises: ConfigurationError with all faults at once.
    """
    from engine.workspace.amending import amended_workspace

    return amended_workspace(workspace, toml, props=props, file=file)


def alert_condition(workspace: Workspace, text: str, name: str = "--when") -> Expression:
    """A condition of an alert rule from text, checked as it is in looptop.toml.

    In:  what the text is called in faults. Raises: UsageError with what is wrong and the nearest names.
    """
    from engine.workspace import amending

    return amending.alert_condition(workspace, text, name)


def rule_lines(workspace: Workspace) -> dict[str, int]:
    """Line of each [alert.X] in the configuration as it is on disk; empty where it cannot be read."""
    from engine.workspace.lines import locate

    try:
        text = "" if workspace.file is None else workspace.file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return {}
    found = locate(text)
    return {name: line for name in workspace.rules if (line := found.get(("alert", name), 0))}


def sample_toml(sources: Sequence[Source], rest: str | None = None) -> str:
    """A commented looptop.toml that says what looptop would do with these sources by itself.

    In:  what follows the sources, as `engine.workspace.adapted` writes it; None: a few examples.
    """
    from engine.workspace.sample import write

    return write(sources) if rest is None else write(sources, rest)


def schema_reference() -> str:
    """Markdown tables of every key of looptop.toml: type, default, meaning; and of the functions."""
    from engine.workspace.reference import tables

    return tables()

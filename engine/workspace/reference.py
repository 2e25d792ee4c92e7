"""The reference of looptop.toml in Markdown, from the descriptions of its keys."""

from __future__ import annotations

import types
import typing
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from engine.expressions import FUNCTIONS
from engine.workspace import source_forms, toml
from engine.workspace.rules import call_rules

_SECTIONS: tuple[tuple[str, type[BaseModel]], ...] = (
    ("[console]", toml.ConsoleForm), ("[[source]]", source_forms.SourceForm),
    ("[[source]] event = { column = … }", source_forms.EventColumnForm),
    ("[[layout]]", source_forms.LayoutForm), ("[[lookup]]", source_forms.LookupForm),
    ("[[channel]]", source_forms.ChannelForm), ("[traffic]", source_forms.TrafficForm),
    ("[identity]", source_forms.IdentityForm), ("[metric.NAME]", toml.MetricForm),
    ("[[metric.NAME.target]]", toml.TargetForm), ("[metric.NAME.benchmark]", toml.BenchmarkForm),
    ("[funnel.NAME]", toml.FunnelForm),
    ("steps of a funnel", toml.StepTableForm), ("exclude of a funnel", toml.ExclusionForm),
    ("[alert.NAME]", toml.RuleForm), ("escalation of an alert", toml.EscalationForm),
    ("[people.NAME]", toml.PersonForm), ("[notify.NAME]", toml.NotifyForm),
)  # fmt: skip
_NAMES = {str: "text", int: "whole number", float: "number", bool: "true or false"}


def tables() -> str:
    """One table per section, then the functions of expressions and of alert conditions."""
    parts = [_section(title, form) for title, form in _SECTIONS]
    functions = [f"| `{each.signature}` | {each.meaning} |" for each in FUNCTIONS.values()]
    parts.append("\n".join(["### Functions", "", "| function | value |", "|---|---|", *functions]))
    alert = [f"| `{each.signature}` | {each.meaning} |" for each in call_rules((), ()).values()]
    parts.append(
        "\n".join(["### Functions of alert conditions", "", "| function | value |", "|---|---|", *alert])
    )
    return "\n\n".join(parts) + "\n"


def _section(title: str, form: type[BaseModel]) -> str:
    rows = []
    for name, info in form.model_fields.items():
        cells = (f"`{name}`", kind_of(info.annotation), default_of(info), info.description or "")
        rows.append(f"| {' | '.join(map(_cell, cells))} |")
    return "\n".join([f"### `{title}`", "", "| key | type | default | meaning |", "|---|---|---|---|", *rows])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def kind_of(kind: Any) -> str:
    """A type in words: `list of text`, `own or last_touch`."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Annotated:
        return kind_of(arguments[0])
    if origin is typing.Literal:
        return " · ".join(f"`{each}`" for each in arguments)
    if origin in (typing.Union, types.UnionType):
        members = [kind_of(each) for each in arguments if each is not type(None)]
        return " or ".join(dict.fromkeys(members))
    if origin is list:
        return f"list of {kind_of(arguments[0])}"
    if origin is dict:
        return f"table of {kind_of(arguments[1])}"
    return _NAMES.get(kind, "table")


def default_of(info: FieldInfo) -> str:
    """A default in words."""
    extra = info.json_schema_extra
    if isinstance(extra, dict):
        return str(extra["shown"])
    if info.is_required():
        return "required"
    if info.default is None:
        return ""
    if isinstance(info.default, bool):
        return "`true`" if info.default else "`false`"
    return f"`{info.default}`" if info.default not in ({}, []) else ""

"""The shape of the file: pydantic's errors as faults, and what is left when the faulty parts are out."""

from __future__ import annotations

import copy
import types
import typing
from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from engine.errors import nearest
from engine.workspace.faults import Report, walk
from engine.workspace.lines import Path
from engine.workspace.toml import ARRAYS, WorkspaceForm

Whole = TypeVar("Whole", bound=BaseModel)


def shape(report: Report, raw: dict[str, Any]) -> WorkspaceForm:
    """The validated looptop.toml."""
    return shape_of(report, raw, WorkspaceForm, ARRAYS)


def shape_of(report: Report, raw: dict[str, Any], form: type[Whole], arrays: Sequence[str]) -> Whole:
    """The validated file. Faulty keys are reported and left out, so that the rest is still checked.

    In:  the form of the whole, and its arrays of tables, which it takes as tables by index.
    """
    tables = copy.deepcopy(raw)
    for name in arrays:
        if isinstance(tables.get(name), list):
            tables[name] = dict(enumerate(tables[name]))
    for attempt in range(4):
        try:
            return form.model_validate(tables)
        except ValidationError as error:
            errors = error.errors(include_url=False, include_context=True)
            found = [(walk(tables, tuple(each["loc"])), each) for each in errors]
            found = [pair for pair in found if not _is_mistyped(form, tables, found, *pair)]
            for path, each in found:
                if attempt == 0:
                    _add(form, report, path, each)
            for path, each in found:
                _leave_out(tables, path, whole=attempt > 0 or each["type"] == "missing")
    return form()


def _is_mistyped(
    form: type[BaseModel], tables: dict[str, Any], found: list[tuple[Path, Any]], path: Path, error: Any
) -> bool:
    """Whether a missing key is there with a wrong letter. Its value takes the right place, so that what
    depends on it is still checked; the wrong key is the one fault."""
    if error["type"] != "missing":
        return False
    for other, each in found:
        beside = each["type"] == "extra_forbidden" and other[:-1] == path[:-1]
        if beside and nearest(str(other[-1]), _keys(form, other[:-1])) == path[-1]:
            _parent(tables, path)[path[-1]] = each["input"]
            return True
    return False


def _parent(tables: dict[str, Any], path: Path) -> Any:
    value: Any = tables
    for part in path[:-1]:
        value = value[part]
    return value


def _leave_out(tables: dict[str, Any], path: Path, *, whole: bool) -> None:
    """Takes the faulty key out: itself, or with `whole` the part that it stands in (`metric.roi`)."""
    path = path[: min(2, max(1, len(path) - 1))] if whole else path
    parents: list[Any] = [tables]
    for part in path[:-1]:
        if isinstance(parents[-1], dict) and part not in parents[-1]:
            return
        parents.append(parents[-1][part])
    for depth in range(len(path) - 1, -1, -1):
        if isinstance(parents[depth], dict):
            parents[depth].pop(path[depth], None)
            return


def _add(form: type[BaseModel], report: Report, path: Path, error: Any) -> None:
    kind, context = error["type"], error.get("ctx", {})
    given = error.get("input")
    if kind == "extra_forbidden":
        known = _keys(form, path[:-1])
        report.add(path, f'unknown key "{path[-1]}"', nearest(str(path[-1]), known))
    elif kind == "missing":
        report.add(path, f'the key "{path[-1]}" is required' if path else "a key is missing")
    elif kind == "literal_error":
        report.add(path, f"must be {context['expected']}", _choice(given, str(context["expected"])))
    elif kind == "union_tag_invalid":
        report.add(path, f"{type(given).__name__} is not possible here")
    else:
        message = str(error["msg"]).removeprefix("Value error, ").removeprefix("Input ")
        report.add(path, f"{message[:1].lower()}{message[1:]}, not {_shown(given)}")


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return f'"{value[:40]}"'
    return (
        f"a {'table' if isinstance(value, dict) else 'list'}"
        if isinstance(value, dict | list)
        else str(value)
    )


def _choice(given: Any, expected: str) -> str | None:
    choices = expected.replace(" or ", ", ").split(", ")
    return nearest(str(given), [choice.strip("'\"") for choice in choices])


def _keys(form: type[BaseModel], path: Path) -> set[str]:
    """The keys that are valid at a path."""
    kinds: list[Any] = [form]
    for part in path:
        kinds = [inner for kind in kinds for inner in _inside(kind, part)]
    return {
        name
        for kind in kinds
        if isinstance(kind, type) and issubclass(kind, BaseModel)
        for name in kind.model_fields
    }


def _inside(kind: Any, part: str | int) -> list[Any]:
    """The types that a key or index leads to, unions taken apart."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        info = kind.model_fields.get(str(part))
        return _members(info.annotation) if info is not None else []
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    return _members(arguments[-1]) if origin in (dict, list) and arguments else []


def _members(kind: Any) -> list[Any]:
    origin = typing.get_origin(kind)
    if origin is typing.Annotated:
        return _members(typing.get_args(kind)[0])
    if origin in (typing.Union, types.UnionType):
        return [inner for each in typing.get_args(kind) for inner in _members(each)]
    return [kind]

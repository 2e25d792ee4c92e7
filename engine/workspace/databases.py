"""[[source]] with `sql`: rows of a database in place of files."""

from __future__ import annotations

import re

from engine.errors import nearest
from engine.workspace.context import Context
from engine.workspace.lines import Path
from engine.workspace.source_forms import SourceForm
from engine.workspace.statement import CURSOR, parameters, reads

_OF_FILES = ("encoding", "delimiter", "sheet", "header_row", "no_header", "date_from")
_OF_DATABASES = ("connect_env", "cursor", "poll", "timeout")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SECOND = 1_000_000


def database(context: Context, at: Path, form: SourceForm) -> tuple[int, int]:
    """Checks what a source says about a database; how often it is asked and its time-out, in microseconds."""
    report = context.report
    if form.sql is None:
        for key in _OF_DATABASES:
            if getattr(form, key) is not None:
                report.add((*at, key), f"only a source with sql has {key}")
        if form.files is None and not _misspelt(context, at):
            report.add(at, 'the key "files" is required, or "sql" for a database')
        return 60 * _SECOND, 60 * _SECOND
    if form.files is not None:
        report.add((*at, "sql"), "a source has either files or sql")
    for key in _OF_FILES:
        if getattr(form, key):
            report.add((*at, key), f"only a source with files has {key}")
    _address(context, at, form)
    _statement(context, at, form.sql, form.cursor)
    return _length(context, at, "poll", form.poll), _length(context, at, "timeout", form.timeout)


def _misspelt(context: Context, at: Path) -> bool:
    """Whether the missing key is there with a wrong letter: that is a fault already."""
    raw = context.raw[str(at[0])][at[1]]
    return any(nearest(name, ("files", "sql")) for name in raw if name not in SourceForm.model_fields)


def _address(context: Context, at: Path, form: SourceForm) -> None:
    if form.connect_env is None:
        context.report.add(
            (*at, "sql"), 'the key "connect_env" is required: the variable with the database\'s address'
        )
    elif not _VARIABLE.fullmatch(form.connect_env):
        context.report.add(
            (*at, "connect_env"), "must name an environment variable; the address itself never stands here"
        )


def _statement(context: Context, at: Path, sql: str, cursor: str | None) -> None:
    if not sql.strip().strip(";"):
        context.report.add((*at, "sql"), "a statement is needed here")
    elif not reads(sql):
        context.report.add(
            (*at, "sql"), "must be a statement that reads: SELECT, WITH, VALUES, TABLE or SHOW"
        )
    names = parameters(sql)
    for name in names:
        if name != CURSOR:
            context.report.add(
                (*at, "sql"),
                f'unknown parameter ":{name}"; only :cursor has a value',
                nearest(name, [CURSOR]),
            )
    if CURSOR in names and cursor is None:
        context.report.add((*at, "sql"), ':cursor needs a column: say cursor = "…"')


def _length(context: Context, at: Path, key: str, text: str | None) -> int:
    found = context.duration((*at, key), text) if text is not None else 60 * _SECOND
    if found is not None and found < _SECOND:
        context.report.add((*at, key), "must be at least 1s")
    return found or 60 * _SECOND

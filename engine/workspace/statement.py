"""The user's own SQL, read only as far as its parameters: it is never parsed or added to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

Style = Literal["named", "format"]
"""How a driver writes a parameter: `:cursor` or `%(cursor)s`."""

CURSOR = "cursor"
"""The one parameter that a statement may have."""

_PIECE = re.compile(
    r"""(?P<quoted>'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`[^`]*`)"""
    r"""|(?P<remark>--[^\n]*|/\*.*?\*/)"""
    r"""|(?P<dollar>\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)"""
    r"""|(?P<cast>::|:=)"""
    r"""|:(?P<name>[A-Za-z_]\w*)""",
    re.DOTALL,
)


_REMARK = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_FIRST = re.compile(r"[\s(]*([A-Za-z]+)")


def parameters(sql: str) -> tuple[str, ...]:
    """Names of the parameters of a statement, each once; none in quotes, remarks and casts (`::date`).

    >>> parameters("select at::date, ':x' from t where at > :cursor -- :y")
    ('cursor',)
    """
    return tuple(dict.fromkeys(match["name"] for match in _pieces(sql) if match["name"]))


def reads(sql: str) -> bool:
    """Whether the statement begins as one that reads; the database itself is asked read-only as well."""
    found = _FIRST.match(_REMARK.sub(" ", sql))
    return found is not None and found[1].lower() in ("select", "with", "values", "table", "show")


def placed(sql: str, style: Style) -> str:
    """The statement with its parameters as the driver writes them, and without a semicolon at its end."""
    text = sql.strip().removesuffix(";").rstrip()
    if style == "named" or CURSOR not in parameters(text):
        return text
    out, at = [], 0
    for match in _pieces(text):
        if match["name"]:
            out += [text[at : match.start()].replace("%", "%%"), f"%({match['name']})s"]
            at = match.end()
    return "".join([*out, text[at:].replace("%", "%%")])


def _pieces(sql: str) -> Iterator[re.Match[str]]:
    return _PIECE.finditer(sql)

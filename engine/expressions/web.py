"""Addresses: their host, site and parameters as patterns, and what kind of site a visitor came from.

The patterns mean the same to DuckDB (RE2), Polars (Rust) and Python: no look-around, one group.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources
from urllib.parse import unquote_to_bytes

from engine.expressions.typed import Node, literal, typed_null

HOST = (
    r"^(?:(?:[a-z][a-z0-9+.\-]*:)?//(?:[^/?#@ \t\r\n]*@)?)?(?:www\.)?"
    r"([^/?#:@ \t\r\n.]+(?:\.[^/?#:@ \t\r\n.]+)+)(?:[:/?#]|\.?$)"
)
"""The host of an address in lower case, without `www.`; an address without a dot has none."""

SITE = r"([^.]+\.(?:(?:com|co|net|org|gov|edu|ac|ne|or|go|gob)\.[a-z][a-z]|[^.0-9][^.]*))$"
"""The part of a host that somebody owns: its last two names, three under com.cn, co.uk and their like."""

_ENDING = r"\.(?:(?:com|co|net|org)\.)?[a-z][a-z]+"


def parameter(name: str) -> str:
    """The pattern of the value of a parameter in an address, as it is written there."""
    return rf"(?i)[?&#]{re.escape(name)}=([^&#]+)"


def decoded(value: str) -> str:
    """A value of an address as it is meant; one that is no UTF-8 stays as it is written.

    >>> decoded("%E5%8F%8C11+a"), decoded("%B0%D9")
    ('双11 a', '%B0%D9')
    """
    try:
        return unquote_to_bytes(value.replace("+", " ")).decode()
    except UnicodeDecodeError:
        return value


@cache
def mediums() -> tuple[tuple[str, str, str], ...]:
    """(medium, pattern of its hosts, pattern of its names), the first that matches counts."""
    text = resources.files("engine.expressions").joinpath("referrers.toml").read_text(encoding="utf-8")
    return tuple(
        (each["name"], _hosts(each["hosts"]), _names(each["names"])) for each in tomllib.loads(text)["medium"]
    )


def _hosts(hosts: list[str]) -> str:
    listed = "|".join(
        re.escape(host.removesuffix(".*")) + (_ENDING if host.endswith(".*") else "") for host in hosts
    )
    return rf"(?:^|\.)(?:{listed})$"


def _names(names: list[str]) -> str:
    """Names as people write them: `facebook`, `Facebook_ads`, `fb-cn`."""
    listed = "|".join(re.escape(name) for name in names)
    return rf"^(?:{listed})(?:[ _\-].*|ads?)?$" if listed else "^$"


def _extract(text: Node, pattern: str) -> Node:
    return Node("extract", (text, literal(pattern)), "text")


def _matches(text: Node, pattern: str) -> Node:
    return Node("matches", (text, literal(pattern)), "boolean")


def _host(args: list[Node]) -> Node:
    return _extract(Node("lower", (args[0],), "text"), HOST)


def _site(args: list[Node]) -> Node:
    return _extract(_host(args), SITE)


def _url_param(args: list[Node]) -> Node:
    return Node("decode", (_extract(args[0], parameter(str(args[1].value))),), "text")


def _referrer_medium(args: list[Node]) -> Node:
    """By the host, else by a name without a dot; another host is a referral, another name nothing."""
    host = _host(args)
    known = Node("not", (Node("is_null", (host,), "boolean"),), "boolean")
    nothing = typed_null(literal(None), "text")
    name = Node("case", (known, nothing, Node("lower", (args[0],), "text")), "text")
    branches: list[Node] = []
    for medium, hosts, names in mediums():
        branches += (_matches(host, hosts), literal(medium), _matches(name, names), literal(medium))
    return Node("case", (*branches, known, literal("referral"), nothing), "text")


ADDRESS: Mapping[str, Callable[[list[Node]], Node]] = {
    "host": _host,
    "site": _site,
    "url_param": _url_param,
    "referrer_medium": _referrer_medium,
}
"""Functions over addresses, as a typed form of patterns."""

"""How a person is named outside: an HMAC of the canonical identifier under the installation's key."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from pathlib import Path

from engine.ingest.write import write_once

_BLOCK = 64
"""Bytes that SHA-256 works on at once."""


def person_id(key: bytes, canonical: str) -> str:
    """`p_` and 16 hex digits; says nothing about the identifier without the key.

    In:  the installation's key; `type:value` of the canonical identifier.
    """
    return "p_" + hmac.new(key, canonical.encode(), hashlib.sha256).hexdigest()[:16]


def person_sql(key: bytes, canonical: str) -> tuple[str, list[bytes]]:
    """SQL that gives the same as `person_id`, with the values to bind. In: SQL of the canonical identifier.

    HMAC as RFC 2104 defines it, over SHA-256.
    """
    block = (hashlib.sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    outer, inner = (bytes(one ^ pad for one in block) for pad in (0x5C, 0x36))
    mac = f"sha256(CAST(? AS BLOB) || unhex(sha256(CAST(? AS BLOB) || encode({canonical}))))"
    return f"'p_' || left({mac}, 16)", [outer, inner]


def installation_key(state: Path, override: str | None = None, writable: bool = True) -> bytes:
    """The key in `<state>/key`, made on first use with mode 0600; `override` stands in for it.

    Raises: OSError where the state cannot be written and no key is there.
    """
    if override:
        return override.encode()
    path = state / "key"
    if not path.exists():
        key = secrets.token_hex(32).encode()
        if not writable:
            return key
        write_once(path, key)
    return path.read_bytes().strip()

"""Who was erased: known by HMACs alone, so that the same rows stay anonymous whenever they come again."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from engine.ingest.rejects import Fault
from engine.ingest.state import FileState
from engine.workspace.model import Identity

PHONE = re.compile(r"(?<!\w)\+?\d(?:[\s\-().]?\d){6,16}(?!\w)")
MAIL = re.compile(r"[^\s@,;:\"'<>()\[\]{}|=&?/]+@[^\s@,;:\"'<>()\[\]{}|=&?/]+")
_BETWEEN = re.compile(r"[\s,;|\"'{}\[\]<>()=&?]+|:(?=\s)")


@dataclass(frozen=True, slots=True)
class Erased:
    """HMACs of `type:value` under the installation's key, each with the erasure that it belongs to."""

    key: bytes = b""
    erasures: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.erasures)

    @property
    def digest(self) -> str:
        """Names the set; empty where nobody was erased."""
        return hashlib.sha256(repr(sorted(self.erasures)).encode()).hexdigest()[:16] if self else ""

    def hmac(self, name: str) -> str:
        """The HMAC of a `type:value`."""
        return hmac.new(self.key, name.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:40]

    def erasure(self, name: str) -> str | None:
        """The erasure that took a `type:value`; None where none did."""
        return self.erasures.get(self.hmac(name))

    def stand_in(self, erasure: str) -> int:
        """The number under which the facts of an erased person still belong together: it names nobody."""
        made = hmac.new(self.key, f"erasure {erasure}".encode(), hashlib.sha256).digest()
        return int.from_bytes(made[:8], "big")

    def token(self, value: str) -> str:
        """What stands where a value stood: equal values stay equal, so that copies are still copies."""
        return f"~{self.hmac(value)[:12]}"

    def without(self, text: str, identity: Identity) -> str:
        """The text with every telephone number and e-mail address of an erased person replaced."""
        from engine.ingest.identifiers import normalise

        for kind, pattern in (("email", MAIL), ("phone", PHONE)):
            for found in set(pattern.findall(text)):
                if (value := normalise(kind, found, identity)) and self.erasure(f"{kind}:{value}"):
                    text = text.replace(found, self.token(value))
        return text

    def mentioned(self, text: str, identity: Identity) -> bool:
        """Whether a whole line names an erased person, by any type."""
        if self.without(text, identity) != text:
            return True
        words = {word for word in _BETWEEN.split(text) if word}
        return any(self._any_type(word, identity) for word in words)

    def _any_type(self, word: str, identity: Identity) -> bool:
        from engine.ingest.identifiers import normalise

        values = ((kind, normalise(kind, word, identity)) for kind in identity.priority)
        return any(value and self.erasure(f"{kind}:{value}") for kind, value in values)


@dataclass(frozen=True, slots=True)
class Allowed:
    """What parts may hold: nothing of erased persons, and by table no fact before its oldest day."""

    erased: Erased = field(default_factory=Erased)
    oldest: Mapping[str, date] = field(default_factory=dict)

    def holds(self, state: FileState) -> bool:
        """Whether the facts of a state are those that retention leaves."""
        bound, then = self.oldest.get(state.table), state.oldest
        old = any(name == RETENTION for part in state.parts for name, _ in part.filtered)
        if old and (bound is None or bound.isoformat() < then):
            return False
        return bound is None or all(part.days[0] >= bound for part in state.parts if part.days)


NOBODY, ANYTHING = Erased(), Allowed()
RETENTION = "retention"
"""Why a fact that is too old is filtered."""


def silenced(faults: Iterable[Fault], erased: Erased, identity: Identity) -> Iterator[Fault]:
    """The faults, without value and text where they name an erased person."""
    for fault in faults:
        said = f"{fault.text}\n{fault.value or ''}\n{fault.reason}"
        if erased and erased.mentioned(said, identity):
            reason = "breaks a rule" if erased.mentioned(fault.reason, identity) else fault.reason
            yield replace(fault, value=None, text="", reason=reason)
        else:
            yield fault

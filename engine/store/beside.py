"""What stands beside the parts and decides with them which facts count and whose they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.identity.resolve import Links
from engine.store.lookups import LookupContent


@dataclass(frozen=True, slots=True)
class Beside:
    """`links`: manual links in force, always and never. `decided`: file taken, by id of the dispute.
    `lookups`: contents of the lookup files."""

    links: Links = ((), ())
    decided: Mapping[str, str] = field(default_factory=dict)
    lookups: tuple[LookupContent, ...] = ()

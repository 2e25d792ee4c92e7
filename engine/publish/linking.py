"""Which two identifiers are meant by who links or parts them: `type:value`, or as a screen shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import UnknownName, UsageError
from engine.identity import mask_identifier
from engine.ingest.identifiers import normalise

if TYPE_CHECKING:
    from engine.questions import Conflict, PersonAnswer
    from engine.workspace.model import Identity


@dataclass(frozen=True, slots=True)
class Ends:
    """Two identifiers as they were said; with a person, as that person's answer shows them.

    `joined`: their persons are to become one.
    """

    a: str
    b: str
    person: str | None = None
    joined: bool = False


def meant(identity: Identity, ends: Ends, answers: Callable[[str], PersonAnswer]) -> tuple[str, str]:
    """The two identifiers in full.

    In:  the answer of a person `p_…`, revealed.
    Raises: as `named` and `shown`; UsageError for one identifier twice.
    """
    if ends.person is None:
        a, b = named(identity, ends.a), named(identity, ends.b)
    else:
        answer = answers(ends.person)
        a, b = shown(answer, identity, ends.a, ends.b)
        if ends.joined:
            a, b = whole(answer.conflicts, a, b, lambda one: answers(one).entry.identifiers)
    if a == b:
        raise UsageError(f"{mask_identifier(a)} is one identifier; a link needs two")
    return a, b


def named(identity: Identity, text: str) -> str:
    """`type:value` as ingest keeps it. Raises: UsageError, UnknownName for a type that nobody has.

    >>> named(identity, "phone:138 1111 2222")
    'phone:+8613811112222'
    """
    kind, colon, raw = text.partition(":")
    if not colon or not raw.strip():
        raise UsageError(f'"{text}" names no identifier: write type:value, as in phone:+8613811112222')
    if kind not in identity.priority:
        raise UnknownName("identifier type", kind, identity.priority)
    value = normalise(kind, raw, identity)
    if value is None:
        raise UsageError(f'"{text}" identifies nobody: it is malformed or among the blocked values')
    return f"{kind}:{value}"


def spelled(identity: Identity, text: str) -> str:
    """`type:value` as ingest keeps it; a text that is none, as it is."""
    kind, _, raw = text.partition(":")
    value = normalise(kind, raw, identity) if raw and kind in identity.priority else None
    return f"{kind}:{value}" if value is not None else text


def shown(answer: PersonAnswer, identity: Identity, a: str, b: str) -> tuple[str, str]:
    """Two identifiers in full that a person's answer shows, masked or not; others as `named`.

    In:  the answer revealed; two names as shown beside each other in a join or conflict, or each alone.
    Raises: UsageError where several are shown alike, and as `named`.
    """
    pairs = {(one.identifier, one.beside) for one in answer.joins} | {(c.a, c.b) for c in answer.conflicts}
    alike = sorted(pair for pair in pairs if (a, b) in (pair, tuple(map(mask_identifier, pair))))
    if len(alike) == 1:
        return alike[0]
    everyone = _everyone(answer)
    return _only(everyone, identity, a), _only(everyone, identity, b)


def whole(
    conflicts: Iterable[Conflict], a: str, b: str, identifiers: Callable[[str], Sequence[str]]
) -> tuple[str, str]:
    """The two to link so that both persons of a refused join become one.

    Where a limit refused it, a link of the two ends alone would push out the identifier that filled the
    limit; linked are the identifiers of the limited type that both persons already have.

    In:  the conflicts of a person in full; the identifiers of a person `p_…`, the strongest first.
    """
    for one in conflicts:
        if {one.a, one.b} == {a, b} and one.reason.startswith("limit:") and one.person_a and one.person_b:
            kind = one.reason.removeprefix("limit:") + ":"
            ends = [
                next((name for name in identifiers(whose) if name.startswith(kind)), None)
                for whose in (one.person_a, one.person_b)
            ]
            if ends[0] and ends[1] and ends[0] != ends[1]:
                return ends[0], ends[1]
    return a, b


def _everyone(answer: PersonAnswer) -> set[str]:
    """All identifiers that an answer shows."""
    ends = (end for one in answer.conflicts for end in (one.a, one.b))
    return {*answer.entry.identifiers, *answer.shared, *ends}


def _only(known: Iterable[str], identity: Identity, text: str) -> str:
    found = sorted(name for name in known if text in (name, mask_identifier(name)))
    if len(found) > 1:
        raise UsageError(f'{len(found)} identifiers are shown as "{text}": reveal them, then choose one')
    return found[0] if found else named(identity, text)

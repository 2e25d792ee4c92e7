"""The masks of `engine.identity.mask` as SQL, so that no expression of a query sees what they hide.

A text that one of these has been over holds nothing that `mask_text` would still hide.
"""

from __future__ import annotations

_WORD = r"\pL\pN_"
_DIGIT = r"\p{Nd}"
_GAP = r"[\s\pZ-]?"
_LOCAL = rf"[{_WORD}.!#$%&''*+/=?^`{{|}}~-]"
_MAIL = rf"({_LOCAL}){_LOCAL}*@([{_WORD}-]+(?:\.[{_WORD}-]+)+)"
_MOBILE = (
    rf"(^|[^{_WORD}./-])(?:(?:\+|00)?86{_GAP})?(1[3-9]{_DIGIT}){_GAP}{_DIGIT}{{4}}{_GAP}({_DIGIT}{{4}})"
    rf"($|[^{_WORD}])"
)
_ABROAD = rf"(^|[^{_WORD}])(\+[1-9])(?:[\s\pZ\-().]?{_DIGIT}){{6,14}}($|[^{_WORD}])"


def identifier_sql(kind: str, value: str) -> str:
    """SQL of a masked identifier of a type. In: SQL of its value."""
    if kind == "phone":
        digits = f"regexp_replace(regexp_replace({value}, '[^0-9+]', '', 'g'), '^\\+86', '')"
        ends = f"left({digits}, 3) || '****' || right({digits}, 4)"
        return f"CASE WHEN length({digits}) > 7 THEN {ends} ELSE '****' END"
    if kind == "email":
        at = f"strpos({value}, '@')"
        tail = f"CASE WHEN {at} BETWEEN 1 AND length({value}) - 1 THEN substr({value}, {at}) ELSE '' END"
        return f"left(CASE WHEN {at} = 1 THEN '' ELSE {value} END, 1) || '***' || {tail}"
    return (
        f"CASE WHEN length({value}) > 5 THEN left({value}, 2) || '****' || right({value}, 2) ELSE '****' END"
    )


def name_sql(value: str) -> str:
    """SQL of a masked name: the first character stays."""
    stars = f"repeat('*', greatest(length({value}) - 1, 1))"
    return f"CASE WHEN {value} = '' THEN '' ELSE left({value}, 1) || {stars} END"


def text_sql(value: str) -> str:
    """SQL of a text without addresses and telephone numbers.

    RE2 cannot look behind: a number takes the character before and after it, so two beside each other need
    two rounds; what is left of a number can be the beginning of an address.
    """
    found = _without_mail(value)
    for _ in range(2):
        found = f"regexp_replace({found}, '{_MOBILE}', '\\1\\2****\\3\\4', 'g')"
        found = f"regexp_replace({found}, '{_ABROAD}', '\\1\\2****\\3', 'g')"
    # Most texts hold neither: one look is cheaper than six.
    sign = rf"@|{_DIGIT}{{4}}|\+{_DIGIT}"
    return f"CASE WHEN regexp_matches({value}, '{sign}') THEN {_without_mail(found)} ELSE {value} END"


def _without_mail(value: str) -> str:
    return f"regexp_replace({value}, '{_MAIL}', '\\1***@\\2', 'g')"


def personal_sql(value: str) -> str:
    """SQL of a masked attribute of a person: an address or number keeps its kind, of the rest the beginning
    stays."""
    hidden = text_sql(value)
    short = f"CASE WHEN length({value}) <= 4 THEN {name_sql(value)} ELSE left({value}, 2) || '****' END"
    return f"CASE WHEN {hidden} <> {value} THEN {hidden} ELSE {short} END"

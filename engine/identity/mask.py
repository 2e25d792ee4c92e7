"""Personal identifiers as they are shown to those who may not see them."""

from __future__ import annotations

import re

_MAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(
    r"(?<![\w./-])(?:(?:\+|00)?86[\s\-]?)?1[3-9]\d(?:[\s\-]?\d{4}){2}(?!\w)|(?<!\w)\+[1-9](?:[\s\-().]?\d){6,14}(?!\w)"
)


def mask(kind: str, value: str) -> str:
    """A value of an identifier type with what identifies the person hidden.

    >>> mask("phone", "+8613811112222"), mask("email", "li.si@x.com"), mask("unionid", "oABCDEF123")
    ('138****2222', 'l***@x.com', 'oA****23')
    >>> mask("phone", "+86-138 1111 2222")
    '138****2222'
    """
    if kind == "phone":
        digits = "".join(each for each in value if each.isdigit() or each == "+").removeprefix("+86")
        return f"{digits[:3]}****{digits[-4:]}" if len(digits) > 7 else "****"
    if kind == "email":
        name, _, domain = value.partition("@")
        return f"{name[:1]}***@{domain}" if domain else f"{name[:1]}***"
    return f"{value[:2]}****{value[-2:]}" if len(value) > 5 else "****"


def mask_identifier(identifier: str) -> str:
    """`type:value` masked by its type.

    >>> mask_identifier("phone:+8613811112222")
    'phone:138****2222'
    """
    kind, _, value = identifier.partition(":")
    return f"{kind}:{mask(kind, value)}"


def mask_name(name: str) -> str:
    """A person's name: the first character stays.

    >>> mask_name("王小明")
    '王**'
    """
    return name[:1] + "*" * max(len(name) - 1, 1) if name else name


def mask_personal(text: str) -> str:
    """An attribute of a person: an address or number keeps its kind, of the rest the beginning stays.

    >>> mask_personal("杭州市西湖区文三路 1 号"), mask_personal("李四"), mask_personal("+8613811112222")
    ('杭州****', '李*', '138****2222')
    """
    hidden = mask_text(text)
    if hidden != text:
        return hidden
    return mask_name(text) if len(text) <= 4 else f"{text[:2]}****"


def mask_text(text: str) -> str:
    """Free text with what looks like an e-mail address or a telephone number masked.

    >>> mask_text("call 138 1111 2222 or write to li.si@x.com; order 20261101000001")
    'call 138****2222 or write to l***@x.com; order 20261101000001'
    """
    return _PHONE.sub(
        lambda found: mask("phone", found[0]), _MAIL.sub(lambda found: mask("email", found[0]), text)
    )

"""How robots of 钉钉 and 飞书 want to be asked: the two differ in what is key and what is message."""

from __future__ import annotations

import base64
import hashlib
import hmac


def dingtalk_sign(secret: str, milliseconds: int) -> str:
    """Base64 of HMAC-SHA256 with the secret as key over `timestamp\\nsecret`; to be URL-encoded once.

    Source: reference of the custom robot, open.dingtalk.com.

    >>> dingtalk_sign("SECabc", 1700000000000)
    'jcUpW0QmtKduN03n4JqQ0PBosVjqnM8gU7fIIvsDmCM='
    """
    said = f"{milliseconds}\n{secret}".encode()
    return base64.b64encode(hmac.new(secret.encode(), said, hashlib.sha256).digest()).decode()


def feishu_sign(secret: str, seconds: int) -> str:
    """Base64 of HMAC-SHA256 with `timestamp\\nsecret` as key over nothing.

    Source: guide of the custom bot, open.larkoffice.com.

    >>> feishu_sign("abc", 1700000000)
    'VIS10b0EBvzzSdFnuk4tznEmK5wHaruvf/WnViv2yR4='
    """
    key = f"{seconds}\n{secret}".encode()
    return base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode()

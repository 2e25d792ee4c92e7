"""Data text made harmless for where it is read: no mention, no mark-up, no link that nobody wrote.

Signs that mean something are replaced by their wide forms, which read alike and do nothing: the chat
dialects know no escape that all their clients honour.
"""

from __future__ import annotations

import re

from engine.delivery.reply import plain

_CHAT = str.maketrans({"@": "＠", "<": "＜", ">": "＞"})
_MARKS = str.maketrans(
    {
        "*": "＊", "`": "｀", "[": "［", "]": "］", "(": "（", ")": "）", "|": "｜", "~": "～", "\\": "＼",
        "#": "＃", "!": "！", "$": "＄", "{": "｛", "}": "｝",
    }
)  # fmt: skip
_EDGE = re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_START = re.compile(r"^\s*([-+=>]|\d+[.)])")
_LINK = re.compile(r"(https?://[A-Za-z0-9._~:/?#%&=+,;-]+)")


def chat(text: str, trusted: bool = False) -> str:
    """A line of a chat message: nobody is called, no address becomes a link unless it is `trusted`.

    >>> chat("@all <at user_id=all> http://evil.example/x")
    '＠all ＜at user_id=all＞ http:／／evil.example/x'
    >>> chat("Open https://wiki/x, ask @li", trusted=True)
    'Open https://wiki/x, ask ＠li'
    """
    said = plain(text).translate(_CHAT)
    return said if trusted else said.replace("://", ":／／")


def markdown(text: str, trusted: bool = False) -> str:
    """The same where mark-up is read.

    >>> markdown("**tiktok_us** [x](http://e) _a_ # 1")
    '＊＊tiktok_us＊＊ ［x］（http:／／e） ＿a＿ ＃ 1'
    """
    parts = _LINK.split(plain(text)) if trusted else [plain(text)]
    return "".join(each if i % 2 else _marked(each) for i, each in enumerate(parts))


def _marked(text: str) -> str:
    said = _EDGE.sub("＿", chat(text)).translate(_MARKS)
    return _START.sub(lambda found: "\u200b" + found.group(0), said)


def size(text: str) -> int:
    """Bytes of a text as it is sent."""
    return len(text.encode("utf-8"))


def cut(text: str, most: int) -> str:
    """At most so many bytes, cut between characters, with an ellipsis.

    >>> cut("转化率下降", 9), cut("abc", 9)
    ('转化…', 'abc')
    """
    if size(text) <= most:
        return text
    kept = text.encode("utf-8")[: max(0, most - size("…"))].decode("utf-8", "ignore")
    return kept + "…" if most >= size("…") else ""

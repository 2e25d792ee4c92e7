"""钉钉, 企业微信 and 飞书/Lark as plug-ins of apprise that sign rightly and believe only what the reply says.

The URLs are apprise's own: `dingtalk://{secret}@{token}/{phone}`, `wecombot://{key}`, `feishu://{token}` and
`lark://{token}`. They take `?format=markdown`, `?lang=en|zh|both`, `?secret=` (飞书), `?to=` (phones or user
ids to call) and `?base=` (another host: a proxy of one's own, or a test).
"""

from __future__ import annotations

import hashlib
import json
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from apprise.plugins.base import NotifyBase
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.lark import NotifyLark
from apprise.plugins.wecombot import NotifyWeComBot

from engine.delivery.dialects import chat, cut, markdown, size
from engine.delivery.letters import Letter, Line, laid_out
from engine.delivery.posting import Answer, NoAnswer, patience, post
from engine.delivery.reply import Reply, retry_after
from engine.delivery.signing import dingtalk_sign, feishu_sign

BLOCKED = 600.0
"""Seconds that 钉钉 shuts a robot out that was too fast."""
MINUTE = 60.0
_HEADERS = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "looptop"}
_COLOURS = {"critical": "red", "warning": "orange", "info": "blue", None: "blue"}


class Robot(NotifyBase, ABC):
    """What the three have in common. A subclass says where to post, what, and when a reply means yes."""

    address = ""
    codes: dict[int, float] = {}  # noqa: RUF012 - read only
    """Codes of a reply that mean "too fast", with the seconds to wait."""
    clock: Callable[[], float] = staticmethod(time.time)
    request_rate_per_sec = 0
    """apprise's own pause: the courier counts the posts."""

    def _settle(self, arguments: dict[str, Any]) -> None:
        """Take what apprise does not know from the arguments of the URL."""
        self.base = str(arguments.pop("base", None) or self.address).rstrip("/")
        self.called = tuple(arguments.pop("called", ()))
        self.marked = str(arguments.get("format") or "").lower() == "markdown"

    def deliver(self, letter: Letter) -> Reply:
        """Post a letter and read the reply."""
        now = self.clock()
        url, params, body = self.request(letter, now)
        data = json.dumps(body, ensure_ascii=False).encode("utf-8")
        try:
            answer = post(
                url, data=data, headers=_HEADERS, params=params,
                verify=bool(self.verify_certificate), seconds=patience(self),
            )  # fmt: skip
        except NoAnswer as error:
            return Reply(False, str(error), held=True)
        return self.judged(answer, now)

    @abstractmethod
    def request(self, letter: Letter, now: float) -> tuple[str, dict[str, str] | None, dict[str, Any]]:
        """Address, query and body of a post."""

    def judged(self, answer: Answer, now: float) -> Reply:
        """What an answer means: yes only where it says so itself."""
        if answer.status != 200:
            moment = datetime.fromtimestamp(now, UTC).replace(tzinfo=None)
            wait = retry_after(answer.retry_after, moment, MINUTE) if answer.status in (429, 503) else 0.0
            return Reply(
                False,
                f"HTTP {answer.status}",
                held=answer.status in (408, 429) or answer.status >= 500,
                wait=wait,
            )
        fields = answer.fields()
        code = (
            None
            if fields is None
            else next((fields[k] for k in ("errcode", "code", "StatusCode") if k in fields), None)
        )
        if fields is None or not isinstance(code, int) or isinstance(code, bool):
            return Reply(False, "HTTP 200 without a code that says it was taken", held=True)
        if code == 0:
            return Reply(True, "0")
        said = next((str(fields[k]) for k in ("errmsg", "msg", "StatusMessage") if fields.get(k)), "refused")
        return Reply(False, f"{code} {said}", held=code in self.codes, wait=self.codes.get(code, 0.0))

    def send(self, body: str, title: str = "", notify_type: Any = None, **more: Any) -> bool:
        """The door of apprise: a text of somebody else's, posted by the same rules."""
        lines = tuple((Line(each),) for each in body.splitlines())
        key = hashlib.sha256(f"{title}\n{body}".encode()).hexdigest()
        return self.deliver(Letter(key, title or "looptop", lines)).ok


def _parsed(results: dict[str, Any] | None) -> dict[str, Any] | None:
    """What a URL says beside what apprise reads."""
    if results:
        asked = results.get("qsd", {})
        results["base"] = NotifyBase.unquote(asked.get("base", ""))
        results["called"] = [each for each in NotifyBase.unquote(asked.get("to", "")).split(",") if each]
        if asked.get("secret"):
            results["secret"] = NotifyBase.unquote(asked["secret"])
    return results


class DingTalk(Robot, NotifyDingTalk):
    """钉钉 custom robot: text or markdown of at most 4 KB; phones of the URL are called."""

    address = "https://oapi.dingtalk.com"
    codes = {130101: BLOCKED}  # noqa: RUF012 - read only
    most = 4096

    def __init__(self, **arguments: Any) -> None:
        base = arguments.pop("base", None)
        arguments.pop("called", None)
        NotifyDingTalk.__init__(self, **arguments)
        self._settle({**arguments, "base": base, "called": self.targets})

    def request(self, letter: Letter, now: float) -> tuple[str, dict[str, str] | None, dict[str, Any]]:
        params = {"access_token": str(self.token)}
        if self.secret:
            milliseconds = int(now * 1000)
            params |= {"timestamp": str(milliseconds), "sign": dingtalk_sign(str(self.secret), milliseconds)}
        call = "".join(f" @{each}" for each in self.called)
        room = self.most - size(call) - 512
        body: dict[str, Any] = {"at": {"atMobiles": list(self.called), "isAtAll": False}}
        if self.marked:
            text = f"### {markdown(letter.title)}\n\n" + laid_out(
                letter, markdown, room, titled=False, join="\n\n"
            )
            body |= {
                "msgtype": "markdown",
                "markdown": {"title": cut(chat(letter.title), 128), "text": cut(text, room) + call},
            }
        else:
            body |= {"msgtype": "text", "text": {"content": laid_out(letter, chat, room) + call}}
        return f"{self.base}/robot/send", params, body

    @staticmethod
    def parse_url(url: str) -> dict[str, Any] | None:
        """The arguments of a URL."""
        return _parsed(NotifyDingTalk.parse_url(url))


class WeCom(Robot, NotifyWeComBot):
    """企业微信 group robot: text of 2,048 bytes at most that calls phones, or markdown of 4,096 with ids."""

    address = "https://qyapi.weixin.qq.com"
    codes = {45009: MINUTE}  # noqa: RUF012 - read only

    def __init__(self, **arguments: Any) -> None:
        later = {key: arguments.pop(key, None) for key in ("base", "called")}
        NotifyWeComBot.__init__(self, **arguments)
        self._settle({**arguments, **later})

    def request(self, letter: Letter, now: float) -> tuple[str, dict[str, str] | None, dict[str, Any]]:
        url, params = f"{self.base}/cgi-bin/webhook/send", {"key": str(self.key)}
        if self.marked:
            call = "".join(f"\n<@{each}>" for each in self.called)
            head = f"**{markdown(letter.title)}**\n"
            text = head + laid_out(letter, markdown, 4096 - size(call) - size(head), titled=False) + call
            return url, params, {"msgtype": "markdown", "markdown": {"content": text}}
        phones = [each for each in self.called if each.strip("+").isdigit()]
        people = [each for each in self.called if each not in phones]
        body: dict[str, Any] = {"content": laid_out(letter, chat, 2048)}
        body |= {"mentioned_mobile_list": phones} if phones else {}
        body |= {"mentioned_list": people} if people else {}
        return url, params, {"msgtype": "text", "text": body}

    @staticmethod
    def parse_url(url: str) -> dict[str, Any] | None:
        """The arguments of a URL."""
        return _parsed(NotifyWeComBot.parse_url(url))


class _Hook(Robot):
    """飞书 and Lark custom bots differ in their host alone: a body of at most 20 KB, signed inside."""

    codes = {11232: MINUTE}  # noqa: RUF012 - read only
    token: Any
    secret: str | None

    def request(self, letter: Letter, now: float) -> tuple[str, dict[str, str] | None, dict[str, Any]]:
        call = "".join(f'<at user_id="{each}"></at>' for each in self.called)
        body: dict[str, Any] = {}
        if self.secret:
            body = {"timestamp": str(int(now)), "sign": feishu_sign(self.secret, int(now))}
        room = 20_000 - 2_000 - 2 * size(call)
        if self.marked:
            text = laid_out(letter, markdown, room // 2, titled=False) + call.replace("user_id=", "id=")
            header = {
                "title": {"tag": "plain_text", "content": cut(chat(letter.title), 300)},
                "template": _COLOURS[letter.severity],
            }
            elements = [{"tag": "div", "text": {"tag": "lark_md", "content": text}}]
            body |= {"msg_type": "interactive", "card": {"header": header, "elements": elements}}
        else:
            body |= {"msg_type": "text", "content": {"text": laid_out(letter, chat, room // 2) + call}}
        return f"{self.base}/open-apis/bot/v2/hook/{self.token}", None, body


class Feishu(_Hook, NotifyFeishu):
    """飞书."""

    address = "https://open.feishu.cn"

    def __init__(self, **arguments: Any) -> None:
        later = {key: arguments.pop(key, None) for key in ("base", "called", "secret")}
        NotifyFeishu.__init__(self, **arguments)
        self.secret = later.pop("secret")
        self._settle({**arguments, **later})

    @staticmethod
    def parse_url(url: str) -> dict[str, Any] | None:
        """The arguments of a URL."""
        return _parsed(NotifyFeishu.parse_url(url))


class Lark(_Hook, NotifyLark):
    """Lark."""

    address = "https://open.larksuite.com"

    def __init__(self, **arguments: Any) -> None:
        later = {key: arguments.pop(key, None) for key in ("base", "called", "secret")}
        NotifyLark.__init__(self, **arguments)
        self.secret = later.pop("secret")
        self._settle({**arguments, **later})

    @staticmethod
    def parse_url(url: str) -> dict[str, Any] | None:
        """The arguments of a URL."""
        return _parsed(NotifyLark.parse_url(url))

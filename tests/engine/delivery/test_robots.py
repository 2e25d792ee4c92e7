"""钉钉, 企业微信 and 飞书: signed rightly, within their sizes, harmless, believed only when they say yes."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.delivery.channels import Channel, open_channel
from engine.delivery.dialects import size
from engine.delivery.letters import letter_of
from engine.delivery.reply import Reply
from tests.engine.delivery.office import EVIL, START, case
from tests.engine.delivery.receiver import Answer, Post, Receiver, mac, receiving

ROBOTS = {
    "dingtalk": "dingtalk://SECsecret1@tokentoken/13811112222",
    "wecombot": "wecombot://key-key-key",
    "feishu": "feishu://tokentoken?secret=hushhush",
    "lark": "lark://tokentoken?secret=hushhush",
}


def opened(url: str, clock: Callable[[], float] = time.time) -> Channel:
    return open_channel(url, environment={}, hide=(), bell=None, clock=clock)


def at(url: str, receiver: Receiver) -> str:
    return f"{url}{'&' if '?' in url else '?'}base={receiver.url}"


def letter(*names: str, language: str = "en", more: int = 0) -> Any:
    from engine.alerts import Message

    payload = {
        "title": {"en": f"Alert · {names[0]}", "zh": f"预警 · {names[0]}"},
        "cases": [case(each, f"e_{i}") for i, each in enumerate(names)],
        "more": more,
    }
    message = Message("a1b2c3d4", "firing", "drop", ("e_0",), 1, 1, ("ops",), "x", "critical", payload, START)
    return letter_of("a1b2c3d4", [message], language, Path("/data/my shop"))


def delivered(
    url: str, *answers: Answer, names: tuple[str, ...] = ("douyin",), **more: Any
) -> tuple[Reply, Post]:
    with receiving(*answers) as receiver:
        reply = opened(at(url, receiver)).deliver(letter(*names, **more))
        return reply, receiver.posts[0]


def text_of(post: Post) -> str:
    """What people read of a post."""
    body = post.json
    for path in (("text", "content"), ("markdown", "text"), ("markdown", "content"), ("content", "text")):
        found = body.get(path[0], {})
        if path[1] in found:
            return str(found[path[1]])
    return str(body["card"]["elements"][0]["text"]["content"])


@pytest.mark.parametrize("name", ROBOTS)
def test_a_message_says_all_that_is_needed(name: str) -> None:
    reply, post = delivered(ROBOTS[name])
    assert reply.ok
    text = text_of(post)
    for part in (
        "Alert · douyin", "at douyin was 1.20% on 2026-03-01", "± 0.40%", "Cause is douyin / feed",
        "Owner: li", "First step: Open https://wiki/landing", "looptop ack '/data/my shop' e_0",
        "looptop silence '/data/my shop' e_0", "#a1b2",
    ):  # fmt: skip
        assert part in text, (part, text)


def test_a_message_speaks_the_language_that_is_asked_for() -> None:
    chinese = text_of(delivered(ROBOTS["wecombot"], language="zh")[1])
    assert "预期 3.00% ± 0.40%" in chinese and "负责人：li" in chinese and "Owner" not in chinese
    both = text_of(delivered(ROBOTS["wecombot"], language="both")[1])
    assert "负责人：li" in both and "Owner: li" in both


def test_dingtalk_signs_the_query_encoded_once() -> None:
    _, post = delivered(ROBOTS["dingtalk"])
    stamp = post.query["timestamp"]
    assert abs(int(stamp) / 1000 - time.time()) < 3600
    assert post.query["sign"] == mac("SECsecret1", f"{stamp}\nSECsecret1")
    assert post.path == "/robot/send" and post.query["access_token"] == "tokentoken"


@pytest.mark.parametrize("name", ["feishu", "lark"])
def test_feishu_signs_the_body_the_other_way_round(name: str) -> None:
    _, post = delivered(ROBOTS[name])
    stamp = post.json["timestamp"]
    assert abs(int(stamp) - time.time()) < 3600
    assert post.json["sign"] == mac(f"{stamp}\nhushhush", "")
    assert post.path == "/open-apis/bot/v2/hook/tokentoken"


@pytest.mark.parametrize("name", ROBOTS)
@pytest.mark.parametrize(
    ("answer", "wait", "held"),
    [
        (Answer(body=b'{"errcode":310000,"errmsg":"sign not match"}'), 0, False),
        (Answer(body=b'{"code":19021,"msg":"sign match fail"}'), 0, False),
        (Answer(body=b"<html>welcome</html>"), 0, True),
        (Answer(body=b"{}"), 0, True),
        (Answer(body=b'{"errcode":"0"}'), 0, True),
        (Answer(body=b'{"errcode":false}'), 0, True),
        (Answer(429, headers={"Retry-After": "77"}), 77, True),
        (Answer(500), 0, True),
        (Answer(404), 0, False),
        (Answer(cut=5), 0, True),
    ],
)
def test_only_a_reply_that_says_yes_is_one(name: str, answer: Answer, wait: float, held: bool) -> None:
    reply, _ = delivered(ROBOTS[name], answer)
    assert (reply.ok, reply.wait, reply.held) == (False, wait, held)
    assert reply.text


@pytest.mark.parametrize(
    ("name", "code", "wait"), [("dingtalk", 130101, 600), ("wecombot", 45009, 60), ("feishu", 11232, 60)]
)
def test_a_robot_that_was_too_fast_rests(name: str, code: int, wait: float) -> None:
    body = json.dumps({"errcode" if name != "feishu" else "code": code, "errmsg": "slow down"}).encode()
    reply, _ = delivered(ROBOTS[name], Answer(body=body))
    assert (reply.ok, reply.wait, reply.held) == (False, wait, True)


def test_a_receiver_that_hangs_or_is_not_there_is_said_in_words() -> None:
    with receiving(Answer(hang=True)) as receiver:
        channel = opened(at("feishu://tokentoken?rto=0.2", receiver))
        assert "no answer within" in channel.deliver(letter("x")).text
        gone = receiver.url
    reply = opened(f"feishu://tokentoken?base={gone}").deliver(letter("x"))
    assert reply == Reply(False, "it cannot be reached: connection refused", held=True)


@pytest.mark.parametrize("style", ["", "markdown"])
@pytest.mark.parametrize("name", ROBOTS)
def test_names_from_files_call_nobody_and_mark_nothing_up(name: str, style: str) -> None:
    url = ROBOTS[name].replace("/13811112222", "") + (
        f"{'&' if '?' in ROBOTS[name] else '?'}format={style}" if style else ""
    )
    _, post = delivered(url, names=(EVIL,))
    raw = post.body.decode()
    assert "@all" not in raw and "<at" not in raw and "http://evil" not in raw
    assert "https://wiki/landing" in raw  # what looptop.toml says may be a link
    if style:
        said = text_of(post)
        assert "[l]" not in said and said.count("**") in (0, 2)
        assert "at user_id" in said


def test_who_is_called_stands_in_the_url_alone() -> None:
    _, ding = delivered(ROBOTS["dingtalk"])
    assert ding.json["at"] == {"atMobiles": ["13811112222"], "isAtAll": False}
    assert text_of(ding).endswith("@13811112222")
    _, wecom = delivered("wecombot://key-key-key?to=13811112222,li")
    assert wecom.json["text"]["mentioned_mobile_list"] == ["13811112222"]
    assert wecom.json["text"]["mentioned_list"] == ["li"]
    _, marked = delivered("wecombot://key-key-key?format=markdown&to=li")
    assert text_of(marked).endswith("<@li>")
    _, feishu = delivered("feishu://tokentoken?to=ou_123")
    assert text_of(feishu).endswith('<at user_id="ou_123"></at>')


@pytest.mark.parametrize(
    ("url", "most"),
    [
        ("wecombot://key-key-key", 2048),
        ("wecombot://key-key-key?format=markdown&to=li", 4096),
        (ROBOTS["dingtalk"], 4096),
        (ROBOTS["dingtalk"] + "?format=markdown", 4096),
        (ROBOTS["feishu"], 20_000),
        (ROBOTS["feishu"] + "&format=markdown", 20_000),
    ],
)
@pytest.mark.parametrize("length", [3, 400, 3000])
def test_texts_are_cut_in_bytes_between_characters(url: str, most: int, length: int) -> None:
    names = tuple(f"{i}渠道" * (length // 3) for i in range(5))
    reply, post = delivered(url, names=names, language="zh", more=17)
    assert reply.ok
    text = text_of(post)
    assert size(text) <= most and (size(post.body.decode()) <= most or "feishu" not in url)
    assert "�" not in text and "#a1b2" in text
    assert "另有" in text
    if length == 3 and "wecom" not in url:
        assert "另有 17 条" in text


def test_apprise_knows_the_robots_under_its_own_urls() -> None:
    import apprise

    opened(ROBOTS["dingtalk"])
    with receiving(Answer(body=b'{"errcode":310000}')) as receiver:
        service = apprise.Apprise()
        service.add(at(ROBOTS["dingtalk"], receiver))
        assert not service.notify(title="t", body="hello")
        assert service.notify(title="t", body="hello")
    assert [post.json["text"]["content"].splitlines()[:2] for post in receiver.posts] == [["t", "hello"]] * 2

"""Webhooks, mail, commands, bell, and whatever else apprise can: what arrives there, and what is believed."""

from __future__ import annotations

import email
import email.policy
import json
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from engine.alerts import Ledger
from engine.delivery import trials
from engine.delivery.channels import Unusable, open_channel, run
from engine.delivery.letters import trial_letter
from engine.delivery.reply import Reply
from engine.errors import UnknownName
from tests.contract.place import Place
from tests.engine.delivery.office import EVIL, START, Office, case, configured, put
from tests.engine.delivery.receiver import Answer, receiving

LETTER = trial_letter("ops", "en", "a1b2c3d4")


def reply_of(url: str, **more: Any) -> Reply:
    given: dict[str, Any] = {"environment": {}, "hide": (), "bell": None, "clock": lambda: 0.0, **more}
    return open_channel(url, **given).deliver(LETTER)


class Box:
    """Keeps mails; `refuse`: the answer to every one."""

    def __init__(self, refuse: str = "") -> None:
        self.refuse, self.mails = refuse, []  # type: ignore[var-annotated]

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.refuse:
            return self.refuse
        assert isinstance(envelope.content, bytes)
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 OK"


@contextmanager
def mailing(box: Box) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    try:
        yield f"mailto://127.0.0.1:{port}/?from=looptop@example.com&to=li@example.com&mode=insecure"
    finally:
        server.stop()


def test_a_mail_has_the_trend_as_text(tmp_path: Path) -> None:
    ledger, box = Ledger(tmp_path / "ledger.db"), Box()
    with mailing(box) as url:
        office = Office(ledger, tmp_path, {"mail": url}, language="zh")
        put(
            ledger,
            "a",
            "mail",
            payload={"title": {"en": "x", "zh": "预警 · 转化下降"}, "cases": [case()], "more": 0},
        )
        office.look()
        assert office.states() == ["sent"]
    [mail] = box.mails
    assert mail["subject"] == "预警 · 转化下降"
    text = mail.get_body(("plain",)).get_content()
    for part in ("近 5 期：██ ▇▁", "负责人：li", "原因：", "looptop ack"):
        assert part in text, text


def test_a_mail_that_is_refused_is_no_success() -> None:
    with mailing(Box("554 no")) as url:
        reply = reply_of(url)
    assert not reply.ok and reply.text


@pytest.mark.parametrize("form", [False, True])
def test_a_webhook_gets_all_there_is_with_its_key(tmp_path: Path, form: bool) -> None:
    ledger = Ledger(tmp_path / "ledger.db")
    with receiving() as receiver:
        url = f"{'form' if form else 'json'}://me:pw@{receiver.place}/in/here?+X-Team=growth&:title=headline&:v=2&-q=1"
        office = Office(ledger, tmp_path, {"hook": url})
        key = put(ledger, "a", payload={"title": {"en": "T", "zh": "题"}, "cases": [case(EVIL)], "more": 0})
        office.look()
        [post] = receiver.posts
    assert (post.path, post.query, post.key) == ("/in/here", {"q": "1"}, key)
    assert post.headers["x-team"] == "growth" and post.headers["authorization"].startswith("Basic ")
    said = {k: v[0] for k, v in parse_qs(post.body.decode()).items()} if form else post.json
    assert (said["headline"], said["type"], said["v"], said["key"]) == ("T", "failure", "2", key)
    messages = json.loads(said["messages"]) if form else said["messages"]
    assert messages[0]["alerts"][0]["labels"]["channel"] == EVIL  # a program reads what the file says
    assert "负责人：li" in (said["texts"] if form else json.dumps(said["texts"], ensure_ascii=False))


@pytest.mark.parametrize(
    ("answer", "ok"),
    [
        (Answer(204, b""), True), (Answer(200, b"thanks"), True), (Answer(200, b'{"ok": true}'), True),
        (Answer(200, b'{"ok": false, "error": "gone"}'), False), (Answer(200, b'{"errcode": 9}'), False),
        (Answer(200, b'{"code": 19021, "msg": "sign"}'), False), (Answer(302, b""), False),
        (Answer(401), False), (Answer(503), False),
    ],
)  # fmt: skip
def test_a_webhook_is_believed_by_status_and_body(answer: Answer, ok: bool) -> None:
    with receiving(answer, Answer(404)) as receiver:
        assert reply_of(f"json://{receiver.place}/?redirect=no").ok is ok


def test_the_rest_is_sent_by_apprise_and_escaped() -> None:
    with receiving(Answer(200, b"{}"), Answer(403)) as receiver:
        url = f"ntfy://{receiver.place}/topic"
        assert reply_of(url).ok
        refused = reply_of(url)
    assert not refused.ok and refused.held and refused.text
    assert b"Test message of looptop" in receiver.posts[0].body or "Test message" in str(receiver.posts[0])


def script(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "tell me"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_a_command_gets_the_message_on_its_standard_input_and_no_shell(tmp_path: Path) -> None:
    command = script(tmp_path, f'cat > "{tmp_path}/got"; echo "$1|$OPS_URL|$HOME" > "{tmp_path}/words"')
    environment = {"OPS_URL": "secret", "HOME": "/home/li", "PATH": "/usr/bin:/bin"}
    reply = reply_of(
        f"exec://'{command}' '$(touch {tmp_path}/no)'", environment=environment, hide=("OPS_URL",)
    )
    assert reply == Reply(True, "exit code 0")
    assert json.loads((tmp_path / "got").read_text())["key"] == LETTER.key
    assert (tmp_path / "words").read_text() == f"$(touch {tmp_path}/no)||/home/li\n"
    assert not (tmp_path / "no").exists()


def test_a_command_that_fails_hangs_or_is_not_there_is_a_failed_send(tmp_path: Path) -> None:
    failed = run([str(script(tmp_path, "echo broken >&2; exit 3"))], LETTER, {"PATH": "/bin"})
    assert failed == Reply(False, "exit code 3 broken", held=True)
    hung = run([str(script(tmp_path, "sleep 30 & sleep 30"))], LETTER, {"PATH": "/bin"}, seconds=0.2)
    assert hung == Reply(False, "the command did not end within 0.2 s", held=True)
    assert run(["/no/such"], LETTER, {}).text == "the command cannot be run: No such file or directory"
    with pytest.raises(Unusable, match="names no command"):
        reply_of("exec://")


def test_the_bell_rings_where_there_is_one() -> None:
    rung: list[int] = []

    def ring() -> bool:
        rung.append(1)
        return True

    assert reply_of("bell://", bell=ring).ok and rung == [1]
    assert not reply_of("bell://").ok


def test_apprise_warns_to_nobody(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Unusable) as error:
        reply_of("dingtalk://secret-with-strange-signs!@x")
    out, err = capfd.readouterr()
    assert "strange" not in out + err + str(error.value)


def test_channels_are_tried_by_a_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place(tmp_path)
    urls = {"good": "GOOD_URL", "bad": "BAD_URL", "unset": "NO_URL"}
    place.toml("".join(f'[notify.{name}]\nurl_env = "{url}"\n' for name, url in urls.items()))
    with receiving() as receiver:
        monkeypatch.setenv("GOOD_URL", f"json://{receiver.place}/secretpath")
        monkeypatch.setenv("BAD_URL", "feishu://tokentoken?base=http://127.0.0.1:9")
        code, out, err = place.say("notify-test", "--json")
        tried = {each["name"]: each for each in json.loads(out)["tests"]}
        assert (code, err) == (1, "")
        assert {name: each["ok"] for name, each in tried.items()} == {
            "good": True,
            "bad": False,
            "unset": False,
        }
        assert tried["unset"]["reply"] == "NO_URL is not set" and "refused" in tried["bad"]["reply"]
        assert place.say("notify-test", "good")[0] == 0
        assert len(receiver.posts) == 2
    assert "tokentoken" not in out


def test_a_channel_that_is_not_there_is_refused_with_the_nearest(tmp_path: Path) -> None:
    work = configured(tmp_path, {"good": ""}, {})
    with pytest.raises(UnknownName, match="nearest: good"):
        trials(work, ["goood"], environment={}, language="en", bell=None, wall=lambda: START)

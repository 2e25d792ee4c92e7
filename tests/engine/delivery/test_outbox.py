"""The outbox: at least once, one key however often, nothing lost, nobody waits for a slow one."""

from __future__ import annotations

import resource
import sqlite3
import threading
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from engine.alerts import Ledger
from engine.delivery import send_again
from engine.delivery.limits import DEAD_SECONDS, Budget
from engine.errors import UnknownName, UsageError
from tests.engine.delivery.office import START, Clock, Office, case, put
from tests.engine.delivery.receiver import Answer, Receiver, receiving

NO = Answer(500, b"no")


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.db")


def hook(receiver: Receiver) -> dict[str, str]:
    return {"hook": f"json://{receiver.place}/secretpath"}


def test_a_message_is_sent_once_with_its_key(ledger: Ledger, tmp_path: Path) -> None:
    with receiving() as receiver:
        office = Office(ledger, tmp_path, hook(receiver))
        key = put(ledger, "a")
        for _ in range(3):
            office.look(1)
        assert [post.key for post in receiver.posts] == [key]
    message = office.message(key)
    assert (message.state, message.attempts, message.next_try) == ("sent", 1, None)
    assert message.sent_at == START + timedelta(seconds=1)
    assert message.reply is not None and message.reply.startswith("HTTP 200")


def test_a_failure_is_tried_again_later_and_later_with_the_same_key_and_words(
    ledger: Ledger, tmp_path: Path
) -> None:
    with receiving(NO, Answer(cut=3), Answer(404, b"who?")) as receiver:
        office = Office(ledger, tmp_path, hook(receiver))
        key = put(ledger, "a")
        waits: list[float] = []
        last = 0.0
        for _ in range(200):
            office.look(0.5)
            if len(receiver.posts) > len(waits):
                waits.append(office.clock.seconds - last)
                last = office.clock.seconds
                if len(waits) == 1:
                    assert office.said() == [("failed", 1, "HTTP 500 no")]
        assert {post.key for post in receiver.posts} == {key}
        assert len({post.body for post in receiver.posts}) == 1
        assert len(waits) == 4
        assert 2 <= waits[1] <= 3 and 4 <= waits[2] <= 5.5 and 8 <= waits[3] <= 10.5
    assert office.message(key).attempts == 4


def test_retry_after_is_kept(ledger: Ledger, tmp_path: Path) -> None:
    with receiving(Answer(429, headers={"Retry-After": "300"})) as receiver:
        office = Office(ledger, tmp_path, hook(receiver))
        put(ledger, "a")
        office.look()
        put(ledger, "b")
        office.look(299)
        assert len(receiver.posts) == 1
        office.look(2)
        assert office.states() == ["sent", "sent"]


def test_what_is_refused_alone_waits_alone(ledger: Ledger, tmp_path: Path) -> None:
    with receiving(Answer(400, b"bad")) as receiver:
        office = Office(ledger, tmp_path, hook(receiver))
        put(ledger, "a"), put(ledger, "b")
        office.look()
        assert office.states() == ["failed", "sent"]


def test_what_fails_with_the_channel_fails_for_all_that_is_due(ledger: Ledger, tmp_path: Path) -> None:
    with receiving(NO) as receiver:
        office = Office(ledger, tmp_path, hook(receiver))
        put(ledger, "a"), put(ledger, "b")
        office.look()
        assert len(receiver.posts) == 1
        assert office.said() == [("failed", 1, "HTTP 500 no")] * 2
        office.look(3)
        assert office.states() == ["sent", "sent"]


def test_the_end_of_an_episode_never_overtakes_its_beginning(ledger: Ledger, tmp_path: Path) -> None:
    with receiving(Answer(400, b"bad")) as receiver:
        office = Office(ledger, tmp_path, hook(receiver))
        first = put(ledger, "a")
        office.look()
        second = put(ledger, "b", kind="resolved", episodes=["e_a"])
        office.look(1)
        assert office.states() == ["failed", "queued"]
        office.look(3)
        assert [post.key for post in receiver.posts] == [first, first, second]


def test_an_unset_variable_is_a_failed_send_and_goes_out_when_a_process_has_it(
    ledger: Ledger, tmp_path: Path
) -> None:
    with receiving() as receiver:
        office = Office(ledger, tmp_path, hook(receiver))
        url = office.environment.pop("HOOK")
        key = put(ledger, "a")
        office.look()
        assert office.said() == [("failed", 1, "HOOK is not set")]
        assert office.notifier.stand().last_error == "HOOK is not set"
        assert office.notifier.stand().next_try is not None
        put(ledger, "b")
        office.look()  # what is new fails at once as well
        assert office.states() == ["failed", "failed"]
        office.notifier.stop()
        office = Office(ledger, tmp_path, {"hook": url}, clock=office.clock)
        office.look()
        assert receiver.posts[0].key == key and office.states() == ["sent", "sent"]


@pytest.mark.parametrize("url", ["nonsense", "json://", "dingtalk://", "exec://", "feishu://a b"])
def test_what_is_no_url_is_a_failed_send(ledger: Ledger, tmp_path: Path, url: str) -> None:
    office = Office(ledger, tmp_path, {"hook": url})
    put(ledger, "a")
    office.look()
    [(state, attempts, reply)] = office.said()
    assert (state, attempts) == ("failed", 1) and reply


def test_after_a_day_a_message_is_dead_and_goes_over_the_next_channel(tmp_path: Path) -> None:
    ledger = Ledger(None)
    with receiving() as receiver:
        urls = {"gone": "json://127.0.0.1:9/", **hook(receiver)}
        office = Office(ledger, tmp_path, urls, people={"li": ["gone", "hook"]})
        key = put(ledger, "a", "gone", recipients=["li"])
        group = put(ledger, "b", "gone", recipients=["ops"])
        spent = 0.0
        while "dead" not in office.states():
            assert spent < DEAD_SECONDS + 2000
            office.look(300)
            spent += 300
        assert spent >= DEAD_SECONDS
        office.look(1)
        assert office.message(key).state == office.message(group).state == "dead"
        assert office.notifier.stand().dead == 2
        assert len(receiver.posts) == 2  # to li, and of the group to the owner of the rule
        assert [each.recipients for each in ledger.outbox()[2:]] == [("li",), ("li",)]
        for _ in range(3):
            office.look(1000)
        assert len(receiver.posts) == 2


def test_a_dead_message_can_be_sent_again_by_hand(ledger: Ledger, tmp_path: Path) -> None:
    with receiving() as receiver:
        office = Office(ledger, tmp_path, hook(receiver))
        key = put(ledger, "a")
        ledger.rows("UPDATE outbox SET state = 'dead', attempts = 9")
        office.look()
        assert receiver.posts == []
        send_again(ledger, key)
        office.look()
        assert [post.key for post in receiver.posts] == [key]
    with pytest.raises(UsageError, match="is sent"):
        send_again(ledger, key)
    with pytest.raises(UnknownName, match="nearest"):
        send_again(ledger, key[:-1] + "x")


def test_a_person_whom_nothing_reaches_is_a_failed_send(ledger: Ledger, tmp_path: Path) -> None:
    office = Office(ledger, tmp_path, {}, people={"li": []})
    put(ledger, "a", None, recipients=["li"])
    office.look()
    assert office.said() == [("failed", 1, "no [notify.X] reaches this person")]


@pytest.mark.parametrize(
    ("url", "windows"),
    [
        ("dingtalk://tokentoken", [(20, 60)]),
        ("wecombot://keykey", [(20, 60)]),
        ("feishu://tokentoken", [(5, 1), (100, 60)]),
    ],
)
def test_too_many_messages_are_folded_and_the_limits_kept(
    tmp_path: Path, url: str, windows: list[tuple[int, float]]
) -> None:
    with receiving() as receiver:
        office = Office(Ledger(None), tmp_path, {"hook": f"{url}?base={receiver.url}"})
        moments: list[float] = []
        for round_ in range(60):
            for i in range(40 if round_ in (0, 7) else 2):
                put(office.ledger, f"{round_}/{i}", severity="critical" if i == 33 else "warning")
            office.look(0.5)
            moments += [office.clock.seconds] * (len(receiver.posts) - len(moments))
        office.look(61)
        office.look(61)
        texts = [str(post.json) for post in receiver.posts]
    assert set(office.states()) == {"sent"}
    for most, seconds in windows:
        assert max(sum(a <= b < a + seconds for b in moments) for a in moments) <= most
    digest = next(text for text in texts if "40 messages" in text)
    assert digest.index("0/33") < digest.index("0/0")  # the worst first
    assert len(texts) < (100 if "feishu" in url else 60)


def test_a_digest_that_fails_is_repeated_as_it_was(ledger: Ledger, tmp_path: Path) -> None:
    with receiving(NO) as receiver:
        office = Office(ledger, tmp_path, {"hook": f"wecombot://keykey?base={receiver.url}"})
        for i in range(30):
            put(ledger, str(i))
        office.look()
        put(ledger, "later")
        office.look(4)
        assert set(office.states()) == {"sent"}
        first, again, other = [post.json for post in receiver.posts]
    assert first == again != other


def test_a_new_process_counts_what_the_one_before_has_posted(ledger: Ledger, tmp_path: Path) -> None:
    with receiving() as receiver:
        url, clock = f"dingtalk://tokentoken?base={receiver.url}", Clock()
        for turn in range(3):
            office = Office(ledger, tmp_path, {"hook": url}, clock=clock)
            for i in range(12):
                put(ledger, f"{turn}/{i}")
            office.look(1)
            office.notifier.stop()
        assert len(receiver.posts) <= 18


def test_one_channel_that_hangs_holds_up_no_other(ledger: Ledger, tmp_path: Path) -> None:
    threads: list[threading.Thread] = []

    def apart(work: object) -> None:
        threads.append(threading.Thread(target=work, daemon=True))  # type: ignore[arg-type]
        threads[-1].start()

    with receiving(Answer(hang=True)) as slow, receiving() as receiver:
        urls = {"slow": f"json://{slow.place}/?rto=0.6", **hook(receiver)}
        office = Office(ledger, tmp_path, urls, apart=apart)
        for i in range(3):
            put(ledger, f"s{i}", "slow"), put(ledger, f"h{i}")
        office.look()
        threads[1 if office.ledger.outbox()[0].channel == "slow" else 0].join(5)
        while len(receiver.posts) < 3:
            threads[0].join(0.01)
        assert not slow.over.is_set() and len(slow.posts) <= 1
        for each in threads:
            each.join(10)
    states = Counter((each.channel, each.state) for each in ledger.outbox())
    assert states == {("slow", "failed"): 3, ("hook", "sent"): 3}
    assert "no answer within 0.6 s" in str(ledger.outbox()[0].reply)


def test_two_processes_send_nothing_twice_and_one_takes_over(ledger: Ledger, tmp_path: Path) -> None:
    with receiving() as receiver:
        clock, other = Clock(), Ledger(ledger.path)
        first = Office(ledger, tmp_path, hook(receiver), clock=clock)
        second = Office(other, tmp_path, hook(receiver), clock=clock)
        put(ledger, "a")
        for _ in range(4):
            first.look(0.5)
            second.look(0)
        assert len(receiver.posts) == 1 and not second.notifier.stand().notifier
        put(ledger, "b")
        waited = 0.0
        while len(receiver.posts) == 1:  # the first is gone without a word
            second.look(0.5)
            waited += 0.5
        assert waited <= 5 and second.notifier.stand().notifier
        put(ledger, "c")
        first.look(0)  # it was asleep, and wakes
        second.look(0)
        assert len(receiver.posts) == 3
        other.close()


def test_what_was_in_flight_is_posted_again_with_the_same_key(ledger: Ledger, tmp_path: Path) -> None:
    with receiving() as receiver:
        key = put(ledger, "a")
        ledger.rows("UPDATE outbox SET state = 'sending', attempts = 1")
        ledger.rows(
            "INSERT INTO outbox_posts (message, post, first_try) VALUES (?, ?, '2026-03-01')", (key, key)
        )
        ledger.rows("INSERT INTO outbox_notifier VALUES (1, 'elsewhere 1 x', 5)")
        office = Office(ledger, tmp_path, hook(receiver))
        office.look()
        assert receiver.posts == []
        office.look(3)
        assert [post.key for post in receiver.posts] == [key]
        assert office.said()[0][:2] == ("sent", 2)


@pytest.mark.parametrize("jump", [timedelta(days=-400), timedelta(days=400), timedelta(hours=-1)])
def test_a_wall_clock_that_jumps_neither_forgets_nor_floods(
    ledger: Ledger, tmp_path: Path, jump: timedelta
) -> None:
    with receiving(NO, NO) as receiver:
        office = Office(ledger, tmp_path, hook(receiver))
        put(ledger, "a")
        office.look()
        office.clock.wall_at += jump
        office.look(1)
        assert len(receiver.posts) == 1
        office.look(2)
        assert len(receiver.posts) == 2
        office.notifier.stop()
        office.clock.wall_at -= jump  # and a new process, which knows only what was written
        office = Office(ledger, tmp_path, hook(receiver), clock=office.clock)
        office.look()
        office.look(900)
        assert office.states() == ["sent"]


def test_a_ledger_that_is_busy_is_said_and_nothing_is_lost_or_sent_twice(
    ledger: Ledger, tmp_path: Path
) -> None:
    ledger.rows("PRAGMA busy_timeout = 1")
    with receiving() as receiver:
        office = Office(ledger, tmp_path, hook(receiver))
        office.look()
        put(ledger, "a")
        writer = sqlite3.connect(str(ledger.path), isolation_level=None)
        writer.execute("BEGIN IMMEDIATE")
        office.look(1)
        assert receiver.posts == []
        assert "database is locked" in str(office.notifier.stand().fault)
        writer.execute("ROLLBACK")
        office.look(1)
        assert office.notifier.stand().fault is None
        assert (office.states(), len(receiver.posts)) == (["sent"], 1)
        writer.close()


def test_a_disk_that_fills_up_between_post_and_mark_repeats_nothing(ledger: Ledger, tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    full = threading.Event()

    with receiving() as receiver:
        office = Office(ledger, tmp_path, hook(receiver))
        put(ledger, "a"), put(ledger, "b")

        def fill() -> None:
            if not full.is_set():
                full.set()
                resource.setrlimit(resource.RLIMIT_FSIZE, (1024, hard))

        receiver.heard = fill
        try:
            for _ in range(3):
                office.look(1)
            assert len(receiver.posts) == 1
            assert "cannot be" in str(office.notifier.stand().fault)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        office.look(1)
        assert (office.states(), len(receiver.posts)) == (["sent", "sent"], 2)
        assert office.notifier.stand().fault is None


def test_no_secret_of_a_url_gets_into_the_ledger_or_what_is_shown(ledger: Ledger, tmp_path: Path) -> None:
    url = "dingtalk://SECsecretsecret@tokentokentoken/13811112222"
    leak = f'{{"errcode":1,"errmsg":"token tokentokentoken of {url} SECsecretsecret is bad"}}'.encode()
    with receiving(Answer(body=leak)) as receiver:
        office = Office(ledger, tmp_path, {"hook": f"{url}?base={receiver.url}"})
        put(ledger, "a")
        office.look()
    shown = f"{ledger.outbox()} {office.notifier.stand()}"
    for secret in ("SECsecretsecret", "tokentokentoken"):
        assert secret not in shown
        assert secret not in "\n".join(map(str, ledger.rows("SELECT * FROM outbox")))
    assert "is bad" in shown


def test_a_budget_holds_in_any_window() -> None:
    budget, taken = Budget(((4, 1.0), (9, 10.0))), []
    for tick in range(400):
        now = tick / 10
        while budget.free(now):
            budget.take(now)
            taken.append(now)
        assert budget.free(now + budget.next_free(now) + 1e-6)
    for most, seconds in budget.windows:
        assert max(sum(a <= b < a + seconds for b in taken) for a in taken) == most


def test_a_group_names_five_by_impact_and_counts_the_rest(ledger: Ledger, tmp_path: Path) -> None:
    with receiving() as receiver:
        office = Office(ledger, tmp_path, hook(receiver), language="zh")
        cases = [case(f"c{i}", f"e_{i}") for i in range(5)]
        put(ledger, "a", payload={"title": {"en": "T", "zh": "题"}, "cases": cases, "more": 17})
        office.look()
        [post] = receiver.posts
    said = post.json
    assert said["title"] == "题" and "另有 17 条" in said["message"] and "[e_4]" in said["message"]
    assert said["message"].count("负责人：li") == 1
    assert said["texts"]["en"]["text"].count("Owner: li") == 1
    assert "近 5 期：██ ▇▁" in said["message"]
    assert said["messages"][0]["alerts"][0]["labels"] == {"channel": "c0"}


def test_a_message_that_is_text_alone_is_sent_as_it_is(ledger: Ledger, tmp_path: Path) -> None:
    with receiving() as receiver:
        office = Office(ledger, tmp_path, hook(receiver), language="zh")
        payload = {"en": "All quiet.\nGood.", "zh": "一周无事。\n很好。"}
        put(ledger, "a", kind="digest", episodes=[], severity=None, payload=payload)
        office.look()
        [post] = receiver.posts
    assert post.json["title"] == "一周预警"
    assert post.json["message"].splitlines()[:2] == ["一周无事。", "很好。"]
    assert post.json["texts"]["en"] == {"title": "The week in alerts", "text": "All quiet.\nGood."}

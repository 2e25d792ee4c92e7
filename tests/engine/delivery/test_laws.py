"""Whatever receivers answer, whenever the process dies or the clock jumps: each message arrives, in order."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.alerts import Ledger
from engine.delivery import courier
from engine.delivery.channels import Channel
from engine.delivery.courier import Courier
from engine.delivery.lease import Lease
from engine.delivery.letters import Letter
from engine.delivery.limits import Budget
from engine.delivery.reply import Reply
from tests.effort import effort
from tests.engine.delivery.office import Clock, configured, put

YES, REFUSED, DOWN, SLOW = (
    Reply(True, "ok"), Reply(False, "bad"), Reply(False, "down", held=True), Reply(False, "429", True, 600.0),
)  # fmt: skip


class Killed(BaseException):
    """The process is gone."""


class World:
    """One channel and the processes that serve it one after another."""

    def __init__(self, windows: tuple[tuple[int, float], ...]) -> None:
        self.ledger, self.clock, self.windows = Ledger(None), Clock(), windows
        self.script: list[Reply | str] = []
        self.posts: list[Letter] = []
        self.taken: list[Letter] = []
        self.moments: list[float] = []
        self.kills = 0
        self.start()

    def start(self) -> None:
        """A new process takes over."""
        lease, budget = Lease(self.ledger), Budget(self.windows)
        channel = Channel("bot", None, self.windows, self.post, ())
        work = configured(Path("/data"), {"hook": ""}, {})
        lease.look(self.clock.monotonic())
        self.clock.pass_(4)
        assert lease.take(self.clock.monotonic())
        self.courier = Courier(
            "hook",
            courier.Office(
                self.ledger, lease.holder, self.clock.wall, self.clock.monotonic, lambda: work, Path("/data"),
                "en", lambda _: (channel, budget), lambda: False, random.Random(1),
            ),
        )  # fmt: skip

    def post(self, letter: Letter) -> Reply:
        """What the receiver does with a letter."""
        answer = self.script.pop(0) if self.script else YES
        self.posts.append(letter)
        self.moments.append(self.clock.monotonic())
        if answer in (YES, "killed after"):
            self.taken.append(letter)
        if isinstance(answer, str):
            self.kills += 1
            raise Killed
        return answer

    def work(self) -> None:
        try:
            self.courier.work()
        except Killed:
            self.start()


def _put(episode: int) -> Callable[[World], object]:
    def do(world: World) -> None:
        name = f"{len(world.ledger.outbox())}"
        put(world.ledger, name, episodes=[f"e_{episode}"])

    return do


STEPS = st.lists(
    st.one_of(
        st.integers(0, 3).map(_put),
        st.sampled_from([YES, REFUSED, DOWN, SLOW, "killed before", "killed after"]).map(
            lambda answer: lambda world: world.script.append(answer)
        ),
        st.sampled_from([0.0, 1.0, 3.0, 30.0, 1000.0]).map(lambda s: lambda world: world.clock.pass_(s)),
        st.sampled_from([-90, 90]).map(
            lambda d: lambda world: setattr(world.clock, "wall_at", world.clock.wall_at + timedelta(hours=d))
        ),
        st.just(World.work),
    ),
    max_size=25,
)
WINDOWS = st.sampled_from([(), ((2, 60.0),), ((1, 1.0), (3, 10.0))])


@given(STEPS, WINDOWS)
@settings(max_examples=effort(60), deadline=None)
def test_each_message_arrives_in_order_and_repeats_only_for_a_kill(
    steps: list[Callable[[World], object]], windows: tuple[tuple[int, float], ...]
) -> None:
    world = World(windows)
    for step in steps:
        step(world)
        world.work()
    for _ in range(60):
        world.clock.pass_(400)
        world.work()
    queued = world.ledger.outbox()
    assert {each.state for each in queued} <= {"sent"}
    carried = [[m["key"] for m in letter.facts["messages"]] for letter in world.taken]  # type: ignore[attr-defined]
    counts = Counter(key for keys in carried for key in keys)
    assert counts.keys() == {each.key for each in queued}
    assert sum(counts.values()) - len(queued) == sum(
        len(keys) for i, keys in enumerate(carried) if world.taken[i].key in {t.key for t in world.taken[:i]}
    )
    assert len(world.taken) - len({letter.key for letter in world.taken}) <= world.kills
    by_key: dict[str, set[tuple[object, ...]]] = {}
    for letter in world.posts:
        by_key.setdefault(letter.key, set()).add((letter.title, letter.blocks))
    assert all(len(each) == 1 for each in by_key.values())  # a repeat says what the first said
    first = {key: i for i, keys in reversed(list(enumerate(carried))) for key in keys}
    for episode in {e for each in queued for e in each.episodes}:
        order = [first[each.key] for each in queued if episode in each.episodes]
        assert order == sorted(order)
    if not world.kills:
        for most, seconds in windows:
            for begin in world.moments:
                assert sum(begin <= at < begin + seconds for at in world.moments) <= most

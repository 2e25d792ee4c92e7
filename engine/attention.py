"""What a session answers about alerts: feed, incidents, bands, rules, back-tests, review and messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from engine import alerts
from engine import delivery as sending
from engine.alerts import Message
from engine.numbers import Numbers
from engine.questions import (
    AlertsAnswer,
    BacktestAnswer,
    BacktestQuery,
    BandAnswer,
    BandQuery,
    Delivery,
    IncidentAnswer,
    IncidentQuery,
    ReviewAnswer,
    RulesAnswer,
    Transition,
)


class Attention(Numbers):
    """The part of a session that says what needs somebody's attention, and what did."""

    notifier: sending.Notifier | None = None
    """Sends messages; None: this session does not."""

    def alerts(self, all: bool = False) -> AlertsAnswer:
        """The alerts of the published version; `all`: those that are over or never fired as well."""
        assert self.pipeline.found is not None, "refresh comes first"
        return self.pipeline.found if all else alerts.open_only(self.pipeline.found)

    def history(self) -> tuple[Transition, ...]:
        """Every transition recorded, by detection."""
        return self.pipeline.ledger.history()

    def outbox(self) -> tuple[Message, ...]:
        """Messages to people: sent, waiting, failed."""
        return self.pipeline.ledger.outbox()

    def incident(self, query: IncidentQuery) -> IncidentAnswer:
        """One incident with its timeline. Raises: UnknownName."""
        raise NotImplementedError

    def band(self, query: BandQuery) -> BandAnswer:
        """The trend of a rule's metric as the rule sees it. Raises: UnknownName."""
        raise NotImplementedError

    def rules(self) -> RulesAnswer:
        """Every rule, how it stands and why it is quiet."""
        raise NotImplementedError

    def backtest(self, query: BacktestQuery) -> BacktestAnswer:
        """What a rule would have done; nothing is written or sent. Raises: UnknownName, UsageError."""
        raise NotImplementedError

    def review(self) -> ReviewAnswer:
        """Closed episodes with their labels, the record of each rule, and proposals."""
        raise NotImplementedError

    def deliver(
        self, environment: Mapping[str, str], language: str, bell: Callable[[], bool] | None = None
    ) -> None:
        """Send what the outbox holds from now on, while this process is the refresher; never in a replay.

        In: the environment that names the channels, the language of messages, and how to ring.
        """
        pipeline = self.pipeline
        if self.notifier is None and not pipeline.moment.replay and pipeline.state.writable:
            self.notifier = sending.Notifier(
                pipeline.ledger,
                pipeline.state.become_refresher,
                lambda: pipeline.workspace,
                pipeline.intake.root,
                environment=environment,
                language=language,
                wall=pipeline.wall,
                bell=bell,
            )
            self.notifier.start()

    def delivery(self) -> Delivery:
        """How messages stand."""
        if self.notifier is not None:
            return self.notifier.stand()
        return sending.standing(self.pipeline.ledger, notifier=False)

    def send_again(self, key: str) -> None:
        """Queue a dead or failed message once more. Raises: UnknownName, UsageError."""
        sending.send_again(self.pipeline.ledger, key)

    def try_channels(
        self, names: Sequence[str], environment: Mapping[str, str], language: str
    ) -> tuple[sending.Trial, ...]:
        """A test message to these [notify.X], or to all. Raises: UnknownName."""
        return sending.trials(
            self.workspace,
            names,
            environment=environment,
            language=language,
            bell=None,
            wall=self.pipeline.wall,
        )

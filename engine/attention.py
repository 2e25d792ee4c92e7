"""What a session answers about alerts: feed, incidents, bands, rules, back-tests, review and messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from engine import alerts, metrics, review
from engine import delivery as sending
from engine.alerts import Ask, Message
from engine.numbers import Numbers
from engine.pipeline import Pipeline
from engine.publish.facts import alert_facts
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
    Silence,
    Transition,
)
from engine.review.backtest import Trials, backtest
from engine.review.standing import standing
from engine.workspace import rule_lines


class Attention(Numbers):
    """The part of a session that says what needs somebody's attention, and what did."""

    def __init__(self, pipeline: Pipeline) -> None:
        super().__init__(pipeline)
        self._trials = Trials()
        self._suggested = review.Suggested()
        self.notifier: sending.Notifier | None = None
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

    def silences(self) -> tuple[Silence, ...]:
        """Silences in force and to come, the next to end first."""
        now = self.pipeline.moment.as_of
        found = [each for each in alerts.silences(self.pipeline.ledger.acts()) if each.until > now]
        return tuple(sorted(found, key=lambda each: (each.until, each.id)))

    def incident(self, query: IncidentQuery) -> IncidentAnswer:
        """One incident with its timeline. Raises: UnknownName."""
        return alerts.incident(self.workspace, self.pipeline.ledger, self.alerts(all=True), query)

    def band(self, query: BandQuery) -> BandAnswer:
        """The trend of a rule's metric as the rule sees it. Raises: UnknownName, UsageError."""
        with self.pipeline.memo.lock, self._trials.lock:
            return alerts.band(self._asking(), self.pipeline.ledger, query, self._trials.feeds)

    def rules(self) -> RulesAnswer:
        """Every rule, how it stands and why it is quiet."""
        pipeline, found = self.pipeline, self.alerts(all=True)
        ask = self._asking()
        entries = standing(ask, pipeline.ledger, pipeline.memo, found.alerts, rule_lines(self.workspace))
        read = pipeline.activity.ended or pipeline.wall()
        return RulesAnswer(found.as_of, self.watermark, read, entries)

    def backtest(self, query: BacktestQuery) -> BacktestAnswer:
        """What a rule would have done; nothing is written or sent. Raises: UnknownName, UsageError."""
        return backtest(self._asking(), self.pipeline.ledger, query, self._trials, self.pipeline.memo)

    def _asking(self) -> Ask:
        """What rules are judged on: the published version and its moment."""
        pipeline, as_of = self.pipeline, self.pipeline.moment.as_of
        facts = alert_facts(
            self.store, self.workspace, pipeline.status(), pipeline.intake.files, pipeline.sums
        )
        return Ask(self.store, self.workspace, as_of, as_of, facts, metrics.answer)

    def review(self, propose: bool = True) -> ReviewAnswer:
        """Closed episodes with their labels, the record of each rule; proposals where they are asked for."""
        pipeline, found = self.pipeline, self.alerts(all=True)
        return review.review(
            self._asking(),
            pipeline.ledger,
            found,
            pipeline.clock,
            backtest=self.backtest,
            suggested=self._suggested,
            propose=propose,
        )

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
        self,
        names: Sequence[str],
        environment: Mapping[str, str],
        language: str,
        bell: Callable[[], bool] | None = None,
    ) -> tuple[sending.Trial, ...]:
        """A test message to these [notify.X], or to all. Raises: UnknownName."""
        return sending.trials(
            self.workspace,
            names,
            environment=environment,
            language=language,
            bell=bell,
            wall=self.pipeline.wall,
        )

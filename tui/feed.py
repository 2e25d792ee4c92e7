"""The thread that owns the session: refreshes when files change, and posts frozen snapshots and answers.

    files ─► Watch ─► Feed (its own thread) ─► Published, Answered, Said … ─► App

Nothing of the engine is imported before the thread runs, and the thread starts after the first frame.
"""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from textual.events import Callback
from textual.message import Message

from engine.questions import Activity, Alert, Snapshot, SqlQuery, View
from tui.asking import Ask, Failed, Names, answer, names
from tui.jobs import Enter, Job, Look, Refresh, Reopen
from tui.opening import Open, message_language

if TYPE_CHECKING:
    from engine.session import Session

QUIET_SECONDS = 5.0
OLD_SECONDS = 60.0


class Published(Message):
    """A snapshot of the newest version of the data for a view; the newest replaces those that wait."""

    def __init__(self, snapshot: Snapshot, generation: int, changed_at: float | None, names: Names) -> None:
        self.snapshot, self.generation, self.changed_at, self.names = snapshot, generation, changed_at, names
        super().__init__()

    def can_replace(self, message: Message) -> bool:
        """Bursts collapse to the newest."""
        return isinstance(message, Published)


class Answered(Message):
    """The answer to a question, with the version of the data that it is of."""

    def __init__(self, ask: Ask, answer: object, version: str) -> None:
        self.ask, self.answer, self.version = ask, answer, version
        super().__init__()


class Said(Message):
    """Something the thread has to say: an id of the catalogue with values, or a plain sentence."""

    def __init__(self, word: str = "", text: str = "", fatal: bool = False, **values: object) -> None:
        self.word, self.text, self.fatal, self.values = word, text, fatal, values
        super().__init__()


class Feed(threading.Thread):
    """One thread, one session, jobs in the order of their weight: views, questions, then files."""

    def __init__(self, open_session: Open, post: Callable[[Message], object], view: View) -> None:
        super().__init__(name="looptop-feed", daemon=True)
        self._open, self._post, self._view = open_session, post, view
        self._jobs: queue.PriorityQueue[tuple[int, int, Job]] = queue.PriorityQueue()
        self._count = 0
        self._lock = threading.Lock()
        self._generation = 0
        self._session: Session | None = None
        self._as_of: str | None = None
        self._version: str | None = None
        self._unsettled = False
        self._activity: Activity | None = None
        self._error: str | None = None
        self._published = 0.0
        self._alerts: tuple[Alert, ...] = ()
        self.defined: dict[str, str] = {}
        """Metrics and funnels built in the console, `metric.X` → TOML."""
        self._define = False

    # Called by the console's thread
    def do(self, job: Job) -> None:
        """Queue a job."""
        weight = {Look: 0, Enter: 1, Reopen: 1, Refresh: 3}.get(type(job), 2) if job is not None else -1
        with self._lock:
            self._count += 1
            if isinstance(job, Look):
                self._generation = job.generation
            self._jobs.put((weight, self._count, job))

    def due(self) -> bool:
        """Whether a look at the files would ask a database."""
        return (session := self._session) is not None and session.due()

    def stop(self) -> None:
        """End after the job at hand."""
        self.do(None)

    # The thread itself
    def run(self) -> None:
        """Do jobs until told to stop; whatever fails is said and the rest goes on."""
        self.do(Refresh("start"))
        while (job := self._next()) is not None:
            try:
                self._work(job)
            except Exception as error:  # the thread has to live on, and the fault has to be seen
                text = f"{type(error).__name__}: {error}"
                self._post(Said(text=text))
                if not isinstance(job, Refresh | Look | Reopen | Enter):
                    self._post(Answered(job, Failed(text), self._version or ""))
        self._close()

    def _next(self) -> Job:
        """The job of most weight; after a quiet while, what was derived is kept for the next start."""
        while self._session is not None and self._unsettled:
            try:
                return self._jobs.get(timeout=QUIET_SECONDS)[2]
            except queue.Empty:
                self._unsettled = False
                self._settle(self._session)
        return self._jobs.get()[2]

    def _settle(self, session: Session) -> None:
        from engine.errors import LooptopError

        try:
            if session.publish():
                self._publish(None)
            session.settle()
        except LooptopError as error:
            self._post(Said(text=str(error)))

    def _work(self, job: Job) -> None:
        match job:
            case Refresh():
                self._refresh(self._collapsed(job))
            case Look():
                if job.generation == self._generation:
                    self._view = job.view
                    self._publish(None)
            case Reopen():
                self._as_of = job.as_of
                self._close()
                self._refresh(Refresh("start"))
            case Enter():
                self._enter(job)
            case None:
                pass
            case SqlQuery():
                # It may take long, and reads beside all else: views and files do not wait for it.
                threading.Thread(target=self._answer_apart, args=(job,), daemon=True).start()
            case _:
                self._answer(job)

    def _collapsed(self, first: Refresh) -> Refresh:
        """The refreshes that wait become one, dated by the first."""
        files, later, quiet, at = list(first.files), [], first.quiet, first.at
        while True:
            try:
                entry = self._jobs.get_nowait()
            except queue.Empty:
                break
            if isinstance(entry[2], Refresh):
                files += [name for name in entry[2].files if name not in files]
                quiet, at = quiet and entry[2].quiet, at or entry[2].at
            else:
                later.append(entry)
        for entry in later:
            self._jobs.put(entry)
        return Refresh(first.trigger, tuple(files), at, quiet)

    def _refresh(self, job: Refresh) -> None:
        from engine.errors import LooptopError

        try:
            if self._session is None:
                self._session = self._open(self._as_of)
                self._define = bool(self.defined)
            activity = self._session.refresh(trigger=job.trigger, files=job.files)  # type: ignore[arg-type]
            if self._define:
                self._define = False
                self._session.define("\n".join(self.defined.values()))
            self._session.deliver(
                os.environ, message_language(self._session.workspace.console.language), self._ring
            )
        except LooptopError as error:
            if self._version is None:
                self._close()
            self._post(Said(text=str(error), fatal=self._version is None))
            return
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            self._post(Said(text=f"{where}{error.strerror or error}", fatal=self._version is None))
            return
        self._heard(activity, job)

    def _heard(self, activity: Activity, job: Refresh) -> None:
        """Publish what is new, also what somebody decided in another process; without news it is published
        when it is old, since ages and days go on."""
        if activity.files or activity.trigger == "start" or self._activity is None:
            self._activity = activity
        self._unsettled = self._unsettled or bool(activity.files) or activity.trigger == "start"
        old = time.monotonic() - self._published >= OLD_SECONDS
        acted = self._session is not None and self._session.alerts().alerts != self._alerts
        if activity.files or activity.error != self._error or old or acted or not job.quiet:
            self._error = activity.error
            self._publish(job.at or None)
            if activity.error:
                self._post(Said(text=activity.error))

    def _ring(self) -> bool:
        """A message for `bell://`."""
        self._post(Said(word="rang"))
        return True

    def _close(self) -> None:
        from engine.errors import LooptopError

        session, self._session, self._version = self._session, None, None
        try:
            if session is not None:
                session.close()
        except LooptopError as error:
            self._post(Said(text=str(error)))

    def _publish(self, changed_at: float | None) -> None:
        if self._session is None:
            return
        snapshot = self._snapshot(self._session)
        if self._activity is not None:
            snapshot = replace(snapshot, activity=self._activity)
        self._version, self._published = snapshot.version, time.monotonic()
        self._alerts = snapshot.alerts.alerts
        self._post(Published(snapshot, self._generation, changed_at, names(self._session)))

    def _snapshot(self, session: Session) -> Snapshot:
        """The snapshot of the view; the first one of a plain view where that asks for what is gone."""
        from engine.errors import LooptopError

        try:
            return session.snapshot(self._view)
        except LooptopError as error:
            if self._version is not None or self._view == View():
                raise
            self._view = View()
            self._post(Said(text=str(error)))
            return session.snapshot(self._view)

    def _answer(self, ask: Ask) -> None:
        if self._session is not None and self._version is not None:
            self._post(Answered(ask, answer(self._session, ask), self._version))

    def _answer_apart(self, ask: SqlQuery) -> None:
        try:
            self._answer(ask)
        except Exception as error:  # as in `run`
            text = f"{type(error).__name__}: {error}"
            self._post(Answered(ask, Failed(text), self._version or ""))

    def stop_sql(self) -> None:
        """Stop the query that runs; for any thread."""
        if (session := self._session) is not None:
            session.store.stop_apart()

    def _enter(self, job: Enter) -> None:
        from engine.errors import LooptopError

        if self._session is None:
            self._post(Said(word="page.not_yet"))
            return
        try:
            job.act(self._session)
        except LooptopError as error:
            self._post(Said(text=str(error)))
            return
        if job.then is not None:
            self._post(Callback(job.then))
        self._refresh(Refresh("change"))
        self._post(Said(word=job.done))

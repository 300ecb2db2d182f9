"""The letterbox: a thread that settles sign-ups and posts letters as soon as there are any."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from digest.errors import DigestError
from digest.store import Store
from digest.subscriptions.service_mails import (
    ServiceMailReport,
    ServiceMailSettings,
    send_service_mails,
)
from digest.subscriptions.sign_up import (
    UNCONFIRMED_LASTS,
    process_sign_ups,
)

log = logging.getLogger(__name__)

POLL_SECONDS = 5.0
"""Seconds between looks: for sign-ups that waited their turn, other processes' ones, retries."""
TIDY_SECONDS = 3600.0
"""Seconds after which what was kept long enough is forgotten, also when nobody signs up."""
STOP_TIMEOUT = 660.0
"""Seconds a relay may take for its last word to a letter in flight (RFC 5321 §4.5.3.2.6)."""


class ServiceMailWorker:
    """Sign-ups in, letters out. Any number of processes may run one over the same store."""

    def __init__(
        self,
        store: Store,
        settings_of_mail: ServiceMailSettings,
        *,
        clock: Callable[[], datetime],
        unconfirmed_lasts: timedelta = UNCONFIRMED_LASTS,
    ) -> None:
        self._store = store
        self._unconfirmed_lasts = unconfirmed_lasts
        self._mailroom = settings_of_mail
        self._clock = clock
        self._bell = threading.Event()
        self._stop = threading.Event()
        self._tidied = float("-inf")
        self._silence = ""

    def wake(self) -> None:
        """Someone asked: look now, so that the mail is there before they open their mailbox."""
        self._bell.set()

    def process_due(self) -> ServiceMailReport | None:
        """Settle and post what is due, if anything waits."""
        with self._store.read() as unit:
            waits = unit.sign_ups.next_due() is not None or bool(unit.service_mails.waiting())
        if not waits and time.monotonic() < self._tidied + TIDY_SECONDS:
            return None
        process_sign_ups(self._store, now=self._clock(), unconfirmed_lasts=self._unconfirmed_lasts)
        self._tidied = time.monotonic()
        return send_service_mails(self._store, self._mailroom, clock=self._clock, stop=self._stop)

    @contextmanager
    def running(self) -> Iterator[ServiceMailWorker]:
        """Look whenever the bell rings and every few seconds; at the end finish the one in flight."""
        thread = threading.Thread(target=self._run, name="letters", daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            self._bell.set()
            thread.join(STOP_TIMEOUT)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                report = self.process_due()
            except DigestError as error:
                log.error("%s: %s", type(error).__name__, error.what)
            except Exception as error:
                # One defect must not silence every later letter; its words may hold an address.
                log.error("a defect: letters stopped at %s", type(error).__name__)
            else:
                self._tell(report or ServiceMailReport())
            self._bell.wait(POLL_SECONDS)
            self._bell.clear()

    def _tell(self, report: ServiceMailReport) -> None:
        """Log what was done; a reason that keeps letters waiting once, not every few seconds."""
        if report.sent or report.failed or (report.silence and report.silence != self._silence):
            log.info("%s", report.summary)
        self._silence = report.silence

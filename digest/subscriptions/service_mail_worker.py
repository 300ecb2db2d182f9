"""A thread that processes sign-ups and sends service mails as soon as there are any."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from digest.errors import DigestError
from digest.model import SignUpRule
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
from digest.subscriptions.sign_up_rules import OPEN

log = logging.getLogger(__name__)

POLL_SECONDS = 5.0
"""Seconds between rounds: for sign-ups that waited their turn, other processes' ones, retries."""
TIDY_SECONDS = 3600.0
"""Seconds after which what was kept long enough is forgotten, also when nobody signs up."""
STOP_TIMEOUT = 660.0
"""Seconds that a relay may take for its reply to a mail in flight (RFC 5321 §4.5.3.2.6)."""


class ServiceMailWorker:
    """Process sign-ups and send service mails. Any number of processes may run one over the same
    store.
    """

    def __init__(
        self,
        store: Store,
        settings: ServiceMailSettings,
        *,
        clock: Callable[[], datetime],
        unconfirmed_lasts: timedelta = UNCONFIRMED_LASTS,
        rule: SignUpRule = OPEN,
    ) -> None:
        self._store = store
        self._unconfirmed_lasts = unconfirmed_lasts
        self._rule = rule
        self._settings = settings
        self._clock = clock
        self._wakeup = threading.Event()
        self._stop = threading.Event()
        self._tidied_at = float("-inf")
        self._logged_reason = ""

    def wake(self) -> None:
        """Process what is due now, so that the mail is there before they open their mailbox."""
        self._wakeup.set()

    def process_due(self) -> ServiceMailReport | None:
        """Process sign-ups and send the mails that are due, if anything waits."""
        with self._store.read() as unit:
            waits = unit.sign_ups.next_due() is not None or bool(unit.service_mails.waiting())
        if not waits and time.monotonic() < self._tidied_at + TIDY_SECONDS:
            return None
        process_sign_ups(
            self._store,
            now=self._clock(),
            unconfirmed_lasts=self._unconfirmed_lasts,
            rule=self._rule,
        )
        self._tidied_at = time.monotonic()
        return send_service_mails(self._store, self._settings, clock=self._clock, stop=self._stop)

    @contextmanager
    def running(self) -> Iterator[ServiceMailWorker]:
        """Process whenever woken and every few seconds; at the end finish the mail in flight."""
        thread = threading.Thread(target=self._run, name="service-mails", daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            self._wakeup.set()
            thread.join(STOP_TIMEOUT)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                report = self.process_due()
            except DigestError as error:
                log.error("%s: %s", type(error).__name__, error.what)
            except Exception as error:
                # One defect must not stop every later mail; its words may hold an address.
                log.error("a defect: service mails stopped at %s", type(error).__name__)
            else:
                self._log_report(report or ServiceMailReport())
            self._wakeup.wait(POLL_SECONDS)
            self._wakeup.clear()

    def _log_report(self, report: ServiceMailReport) -> None:
        """Log what was done; a reason that keeps mails waiting once, not every few seconds."""
        if (
            report.sent
            or report.failed
            or (report.no_mail_reason and report.no_mail_reason != self._logged_reason)
        ):
            log.info("%s", report.summary)
        self._logged_reason = report.no_mail_reason

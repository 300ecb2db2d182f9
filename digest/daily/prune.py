"""Delete personal data once the reason to keep it is gone.

Each kind goes a batch at a time, every batch in a transaction of its own, so a long-neglected list
holds up nobody and a run that is cut short goes on where it stopped.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from digest.bounces.quarantine import Quarantine
from digest.daily.run_record import Clock, plural, recorded, utc_now
from digest.model import HeldReading, Job
from digest.sources import source_name
from digest.store import Store, UnitOfWork
from digest.subscriptions import (
    ORIGIN,
    UNANSWERED_PAUSE,
)

AT_ONCE = 500

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Retention:
    """The time that each kind of data is kept, from the moment it was last of use.

    ``departed``: the address of who left or was suppressed. ``unconfirmed``: who asked and did not
    confirm. ``networks``: the hash of the network of a sign-up. ``quarantine``: a returned message.
    ``held``: a reading that nobody let in. ``sources``: how a source fared that is not among the
    ``locations`` any more.
    """

    departed: timedelta = timedelta(days=90)
    unconfirmed: timedelta = timedelta(days=7)
    networks: timedelta = timedelta(days=365)
    quarantine: timedelta = timedelta(days=30)
    held: timedelta = timedelta(days=30)
    sources: timedelta = timedelta(days=90)
    locations: tuple[str, ...] = ()


@dataclass(slots=True)
class PruneReport:
    """The amounts deleted. ``log_is_clear``: nothing of it stands in the database's log."""

    departed: int = 0
    unconfirmed: int = 0
    requests: int = 0
    networks: int = 0
    quarantine: int = 0
    held: tuple[HeldReading, ...] = ()
    sources: int = 0
    log_is_clear: bool = True
    compacted: bool | None = None

    @property
    def summary(self) -> str:
        """One line for people."""
        counts = [
            (
                self.departed,
                "address of a subscriber who unsubscribed",
                "addresses of subscribers who unsubscribed",
            ),
            (self.unconfirmed, "sign-up without a confirmation", "sign-ups without a confirmation"),
            (self.requests, "unanswered request", "unanswered requests"),
            (self.networks, "network hash", "network hashes"),
            (self.sources, "source that nobody reads", "sources that nobody reads"),
            (self.quarantine, "message in the quarantine", "messages in the quarantine"),
        ]
        parts = [f"{count:,} {one if count == 1 else many}" for count, one, many in counts if count]
        parts += [_held_words(reading) for reading in self.held]
        words = f"deleted {', '.join(parts)}" if parts else "nothing is too old"
        if not self.log_is_clear:
            words += "; the database's log is in use, so it will be emptied later"
        if self.compacted is not None:
            words += (
                "; the database file was rewritten"
                if self.compacted
                else (
                    "; the database file could not be rewritten now, because there was no room or the database was busy"
                )
            )
        return words

    def as_dict(self) -> dict[str, Any]:
        """The object that ``digest prune --json`` prints."""
        return {
            "departed": self.departed,
            "unconfirmed": self.unconfirmed,
            "requests": self.requests,
            "networks": self.networks,
            "quarantine": self.quarantine,
            "held": [_held_words(reading) for reading in self.held],
            "sources": self.sources,
            "log_is_clear": self.log_is_clear,
            "compacted": self.compacted,
        }


def prune(
    store: Store,
    quarantine: Quarantine,
    kept: Retention,
    *,
    clock: Clock = utc_now,
    compact: bool = False,
) -> PruneReport:
    """Let go of what is older than ``kept`` says. Running it again at once changes nothing."""
    report = PruneReport()
    with recorded(store, Job.PRUNE, clock) as run:
        now = clock()
        report.departed = _in_batches(
            store,
            lambda unit: unit.subscribers.forget_departed(now - kept.departed, now, limit=AT_ONCE),
        )
        with store.begin() as unit:
            report.unconfirmed = unit.subscribers.forget_unconfirmed(ORIGIN, now - kept.unconfirmed)
            report.requests = unit.confirmation_requests.forget(now - UNANSWERED_PAUSE)
            unit.sign_ups.forget(now - timedelta(days=1))
            # The note on an invitation may name whom it was for.
            unit.invitations.forget(now - kept.departed)
        report.networks = _in_batches(
            store,
            lambda unit: unit.personal_data.forget_networks(now - kept.networks, limit=AT_ONCE),
        )
        with store.begin() as unit:
            report.held = unit.held_readings.forget(now - kept.held)
            read = tuple(map(source_name, kept.locations))
            report.sources = unit.source_health.forget_others(read, now - kept.sources)
        for reading in report.held:
            log.warning("deleted %s", _held_words(reading))
        report.quarantine = quarantine.forget_older(now - kept.quarantine)
        report.quarantine += quarantine.finish_forgetting().deleted
        if compact:
            report.compacted = store.compact()
        report.log_is_clear = store.clear_log()
        run.summary = report.summary
    return report


def _held_words(held: HeldReading) -> str:
    """Tell what went with a held reading that nobody let in."""
    unconfirmed = held.reading.papers if held.unconfirmed is None else held.unconfirmed
    since = f"held since {held.held_at:%Y-%m-%d}"
    return f"a reading of {held.location} {since}, with {plural(unconfirmed, 'paper')} in no other"


def _in_batches(store: Store, step: Callable[[UnitOfWork], int]) -> int:
    """Do ``step`` until it finds nothing more; how much it did in all."""
    total = 0
    while True:
        with store.begin() as unit:
            done = step(unit)
        total += done
        if not done:
            return total

"""Whether the database is the one this machine last sent from, or an older copy put back.

::

    doubt ─▶ nothing known that the store does not know:  send, and remember the sender
          └▶ the store is too old:  pause, say why, and wait for `digest resume`

The witness (`digest.restore_guard.sender_files`) is always read before the store, which therefore knows at
least as much unless it is older.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from digest.delivery.outbox import worker_name
from digest.restore_guard.sender_files import (
    SenderFile,
    SenderFiles,
    SenderRecord,
    explain_stale_database,
    latest_unknown,
)
from digest.store import Store, UnitOfWork

log = logging.getLogger(__name__)


class RecordedSender:
    """One run that sends: its row in the store, and what this machine remembers of it."""

    def __init__(self, token: str, worker: str, pen: SenderFile | None) -> None:
        self.token = token
        self.worker = worker
        self._pen = pen
        self._recorded = 0

    def known(self, unit: UnitOfWork) -> bool:
        """Whether the store knows all this sender did: not if a copy was put back meanwhile."""
        return unit.senders.recorded((self.token,)).get(self.token, -1) >= self._recorded

    def remember(self, recorded: int | None) -> None:
        """Keep how many outcomes were committed, as `Senders.count` told."""
        if recorded is not None:
            self._recorded = recorded
            if self._pen is not None:
                self._pen.note(recorded)


@dataclass(frozen=True, slots=True)
class ResumeResult:
    """What a person's word ended: the reason of the pause, whether the store had been in doubt,
    and how many mails were skipped.
    """

    reason: str
    doubted: bool
    skipped: int


@dataclass(frozen=True, slots=True)
class RestoreGuard:
    """A store, and the folder in which this machine remembers what it sent from it.

    Without a folder nothing is remembered outside the store, and no copy shows; neither of a store
    that does not last, such as that of a rehearsal.
    """

    store: Store
    folder: Path | None = None

    def doubt(self) -> str:
        """Why the store is too old to be sent from; ``""`` if it is not. Changes nothing."""
        with self.store.read() as unit:
            suspected = unit.senders.suspected()
            statements = self._statements(unit.senders.store_id())
        if suspected or not statements:
            return suspected or ""
        with self.store.read() as unit:
            recorded = unit.senders.recorded([one.token for one in statements])
        unknown = latest_unknown(statements, recorded)
        return explain_stale_database(unknown, recorded.get(unknown.token)) if unknown else ""

    def check(self, now: datetime) -> str:
        """Pause the sending if the store is too old; why."""
        doubt = self.doubt()
        if doubt:
            with self.store.begin() as unit:
                unit.senders.suspect(doubt, now)
                if unit.runs.paused() != doubt:
                    # A copy may have been paused when it was made; this is another pause.
                    unit.runs.resume()
                    unit.runs.pause(doubt, now)
        return doubt

    def mark(self, now: datetime) -> None:
        """Remember this moment of the store without sending: older copies show from now on."""
        with self.sender(now):
            pass

    @contextmanager
    def sender(self, now: datetime) -> Iterator[RecordedSender]:
        """A new sender, known to the store and to this machine before it sends anything."""
        token, worker, pen = secrets.token_hex(16), worker_name(), None
        with self.store.begin() as unit:
            store_id = unit.senders.identify()
            # This transaction sees every sender that was committed before the witness was read.
            statements = self._statements(store_id)
            strange = not statements and unit.senders.any()
            unit.senders.enter(token, worker, now)
            recorded = unit.senders.recorded([one.token for one in statements])
        witness = self._witness(store_id)
        if witness is not None:
            if strange:
                log.info("nothing is known here of earlier sending: the database is trusted")
            known = [one for one in statements if latest_unknown([one], recorded) is None]
            pen = witness.record_sender(token, now, known)
        try:
            yield RecordedSender(token, worker, pen)
        finally:
            if pen is not None:
                pen.close()

    def resume(self, now: datetime, *, skip: str = "") -> ResumeResult:
        """Send again, and take the store as it is if it was in doubt: a person said so.

        It goes its own way from now on: whatever other copy is put back shows, the one that this
        one took the place of among them. ``skip`` is the reason for which everything unfinished is
        excluded, in the same transaction.
        """
        doubt = self.doubt()
        token = secrets.token_hex(16)
        with self.store.begin() as unit:
            reason = unit.runs.paused() or doubt
            unit.runs.resume()
            skipped = unit.outbox.skip(skip, now) if skip else 0
            names = [unit.senders.identify()]
            if doubt:
                unit.senders.trust()
                names.append(unit.senders.identify())
                unit.senders.enter(token, worker_name(), now)
        for name in names if doubt else ():
            if (witness := self._witness(name)) is not None:
                witness.record_sender(token, now).close()
        return ResumeResult(reason, bool(doubt), skipped)

    def _statements(self, store_id: str | None) -> tuple[SenderRecord, ...]:
        witness = self._witness(store_id)
        return witness.statements() if witness is not None else ()

    def _witness(self, store_id: str | None) -> SenderFiles | None:
        if self.folder is None or store_id is None or not self.store.lasts:
            return None
        return SenderFiles(self.folder, store_id, self.store.place)

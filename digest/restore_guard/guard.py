"""Guard against sending from a database that was restored from an older copy.

::

    restored_reason ─▶ the store knows all that this machine sent:  send, and record the sender
                    └▶ the store is too old:  pause, say why, and wait for `digest resume`

The files of this machine (`digest.restore_guard.sender_files`) are always read before the store,
which therefore knows at least as much unless it is older.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from digest.delivery.send_job import worker_name
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
    """One run that sends: its row in the store, and its file on this machine."""

    def __init__(self, token: str, worker: str, file: SenderFile | None) -> None:
        self.token = token
        self.worker = worker
        self._file = file
        self._recorded = 0

    def store_is_current(self, unit: UnitOfWork) -> bool:
        """True if the store knows all this sender did: not if a copy was put back meanwhile."""
        return unit.senders.recorded((self.token,)).get(self.token, -1) >= self._recorded

    def note_recorded(self, recorded: int | None) -> None:
        """Keep how many outcomes were committed, as `Senders.add_recorded` returned it."""
        if recorded is not None:
            self._recorded = recorded
            if self._file is not None:
                self._file.write_count(recorded)


@dataclass(frozen=True, slots=True)
class ResumeResult:
    """End of a pause: its reason, whether the store was an older copy, and the mails skipped."""

    reason: str
    was_restored: bool
    skipped: int


@dataclass(frozen=True, slots=True)
class RestoreGuard:
    """Guard of one store, with the folder in which this machine records its senders.

    Without a folder nothing is recorded outside the store, and no copy shows; neither of a store
    that does not last, such as that of a preview.
    """

    store: Store
    folder: Path | None = None

    def restored_reason(self) -> str:
        """Reason that the store is too old to be sent from; ``""`` if it is not. Changes nothing."""
        with self.store.read() as unit:
            kept = unit.senders.restored_reason()
            records = self._records(unit.senders.store_id())
        if kept or not records:
            return kept or ""
        with self.store.read() as unit:
            recorded = unit.senders.recorded([record.token for record in records])
        unknown = latest_unknown(records, recorded)
        return explain_stale_database(unknown, recorded.get(unknown.token)) if unknown else ""

    def pause_if_restored(self, now: datetime) -> str:
        """Pause the sending if the store is too old; return the reason, ``""`` if it is not."""
        reason = self.restored_reason()
        if reason:
            with self.store.begin() as unit:
                unit.senders.mark_restored(reason, now)
                if unit.runs.paused() != reason:
                    # A copy may have been paused when it was made; this is another pause.
                    unit.runs.resume()
                    unit.runs.pause(reason, now)
        return reason

    def checkpoint(self, now: datetime) -> None:
        """Record this moment of the store without sending: older copies show from now on."""
        with self.new_sender(now):
            pass

    @contextmanager
    def new_sender(self, now: datetime) -> Iterator[RecordedSender]:
        """Record a new sender in the store and on this machine before it sends anything."""
        token, worker, file = secrets.token_hex(16), worker_name(), None
        with self.store.begin() as unit:
            store_id = unit.senders.ensure_store_id()
            # This transaction sees every sender that was committed before the files were read.
            records = self._records(store_id)
            first_here = not records and unit.senders.any()
            unit.senders.add(token, worker, now)
            recorded = unit.senders.recorded([record.token for record in records])
        sender_files = self._sender_files(store_id)
        if sender_files is not None:
            if first_here:
                log.info("nothing is known here of earlier sending: the database is trusted")
            known = [record for record in records if latest_unknown([record], recorded) is None]
            file = sender_files.record_sender(token, now, known)
        try:
            yield RecordedSender(token, worker, file)
        finally:
            if file is not None:
                file.close()

    def resume(self, now: datetime, *, skip: str = "") -> ResumeResult:
        """Send again, and trust the store as it is if it was an older copy: a person said so.

        It goes its own way from now on: whatever other copy is put back shows, the one that this
        one took the place of among them. ``skip`` is the reason for which everything unfinished is
        excluded, in the same transaction.
        """
        restored = self.restored_reason()
        token = secrets.token_hex(16)
        with self.store.begin() as unit:
            reason = unit.runs.paused() or restored
            unit.runs.resume()
            skipped = unit.outbox.skip(skip, now) if skip else 0
            if skip:
                unit.posts.skip(skip, now)
            store_ids = [unit.senders.ensure_store_id()]
            if restored:
                unit.senders.trust_restored()
                store_ids.append(unit.senders.ensure_store_id())
                unit.senders.add(token, worker_name(), now)
        for store_id in store_ids if restored else ():
            if (sender_files := self._sender_files(store_id)) is not None:
                sender_files.record_sender(token, now).close()
        return ResumeResult(reason, bool(restored), skipped)

    def _records(self, store_id: str | None) -> tuple[SenderRecord, ...]:
        sender_files = self._sender_files(store_id)
        return sender_files.records() if sender_files is not None else ()

    def _sender_files(self, store_id: str | None) -> SenderFiles | None:
        if self.folder is None or store_id is None or not self.store.lasts:
            return None
        return SenderFiles(self.folder, store_id, self.store.place)

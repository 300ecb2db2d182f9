"""Mailboxes that were asked to confirm: how often in vain, and whether ever again.

Kept by a keyed hash of the mailbox, so that it outlives the address: whoever forgets to answer, or
never asked to be asked, is left in peace, also after all else about them was deleted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from digest.store.dialect import insert_one_new
from digest.store.keyed_hash import keyed_hash, known_hash
from digest.store.sign_up_tables import confirmation_requests as requests


@dataclass(frozen=True, slots=True)
class ConfirmationRequest:
    """The requests to one mailbox: how many mails asked it since its owner last answered."""

    id: int
    subscriber_id: int | None
    asked: int
    asked_at: datetime
    declined_at: datetime | None


class ConfirmationRequests:
    """The requests of one transaction. ``mailbox`` is the one text for a person's addresses."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, mailbox: str) -> ConfirmationRequest | None:
        """The requests to that mailbox."""
        digest = known_hash(self._connection, mailbox)
        return None if digest is None else self._one(requests.c.mailbox_digest == digest)

    def by_id(self, request_id: int) -> ConfirmationRequest | None:
        """The request with that number, held until the transaction ends."""
        return self._one(requests.c.id == request_id, lock=True)

    def _one(self, condition: object, *, lock: bool = False) -> ConfirmationRequest | None:
        query = select(
            requests.c.id,
            requests.c.subscriber_id,
            requests.c.asked,
            requests.c.asked_at,
            requests.c.declined_at,
        ).where(condition)  # type: ignore[arg-type]
        row = self._connection.execute(query.with_for_update() if lock else query).one_or_none()
        return None if row is None else ConfirmationRequest(*row)

    def add(self, mailbox: str, subscriber_id: int, now: datetime, *, afresh: bool) -> None:
        """One mail more asks that mailbox, for that reader; ``afresh``: older ones do not count."""
        digest = keyed_hash(self._connection, mailbox)
        row = {
            "mailbox_digest": digest,
            "subscriber_id": subscriber_id,
            "asked": 1,
            "asked_at": now,
            "declined_at": None,
        }
        if insert_one_new(self._connection, requests, row):
            return
        times_asked = 1 if afresh else requests.c.asked + 1
        self._connection.execute(
            update(requests)
            .where(requests.c.mailbox_digest == digest)
            .values(asked=times_asked, asked_at=now, subscriber_id=subscriber_id)
        )

    def reset(self, mailbox: str) -> None:
        """Its owner confirmed, or an operator vouches: what was asked before counts no more."""
        digest = known_hash(self._connection, mailbox)
        self._connection.execute(
            update(requests)
            .where(requests.c.mailbox_digest == digest)
            .values(asked=0, declined_at=None)
        )

    def decline(self, request_id: int, now: datetime) -> None:
        """Its owner never wants to be asked again; the first time counts."""
        self._connection.execute(
            update(requests)
            .where(requests.c.id == request_id, requests.c.declined_at.is_(None))
            .values(declined_at=now)
        )

    def decline_mailbox(self, mailbox: str, now: datetime) -> None:
        """As `decline`, for a mailbox that may never have been asked."""
        row = {
            "mailbox_digest": keyed_hash(self._connection, mailbox),
            "subscriber_id": None,
            "asked": 0,
            "asked_at": now,
            "declined_at": now,
        }
        if not insert_one_new(self._connection, requests, row):
            request = self.of(mailbox)
            assert request is not None
            self.decline(request.id, now)

    def forget(self, before: datetime) -> int:
        """Delete what was asked before that moment; how many. A declined one stays for good."""
        result = self._connection.execute(
            delete(requests).where(requests.c.asked_at < before, requests.c.declined_at.is_(None))
        )
        return result.rowcount

"""Gather all that is held about one person, and delete it for who wants to be forgotten."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Date,
    Enum,
    Table,
    Text,
    func,
    or_,
    select,
    type_coerce,
    update,
)

from digest.model import Preferences
from digest.redaction import without_address
from digest.store import codec
from digest.store.columns import UtcDateTime
from digest.store.reading_list_tables import reading_lists
from digest.store.sign_up_tables import arrivals, confirmation_requests, sign_ups
from digest.store.subscriber_rows import as_text
from digest.store.tables import (
    attempts,
    editions,
    flags,
    outbox,
    papers,
    runs,
    service_mails,
    subscriber_events,
    subscribers,
)
from digest.store.taste_tables import follows, seeds, subscriber_selections, votes

Rows = tuple[Mapping[str, Any], ...]


class PersonalData:
    """The personal data of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_subscriber(self, subscriber_id: int) -> Mapping[str, Rows]:
        """Every row about a reader, by table, in the order they were made.

        Moments and days are text as the database writes it: a damaged row is theirs, too.
        The tables are `TABLES`; a test holds that no table which names a reader is missing.
        """
        rows_by_table = {
            name: self._rows(table, subscriber_id, column) for name, (table, column) in _BY.items()
        }
        theirs = select(outbox.c.id).where(outbox.c.subscriber_id == subscriber_id)
        tried = select(*map(_readable, attempts.columns)).where(attempts.c.delivery_id.in_(theirs))
        order = (attempts.c.delivery_id, attempts.c.attempt)
        rows = self._connection.execute(tried.order_by(*order)).mappings()
        return {**rows_by_table, "attempts": tuple(dict(row) for row in rows)}

    def _rows(self, table: Table, subscriber_id: int, column: str) -> Rows:
        beside, more = _BESIDE.get(table.name, (None, ()))
        columns = [*table.columns, *more]
        query = select(*map(_readable, columns)).where(table.c[column] == subscriber_id)
        if beside is not None:
            query = query.join_from(table, beside)
        rows = self._connection.execute(query.order_by(*table.primary_key.columns)).mappings()
        return tuple(dict(row) for row in rows)

    def of_mailbox(self, mailbox: str) -> Mapping[str, Any] | None:
        """The sign-up of a mailbox, as it stands in its row."""
        query = select(*map(_readable, sign_ups.columns)).where(sign_ups.c.mailbox == mailbox)
        row = self._connection.execute(query).mappings().one_or_none()
        return None if row is None else dict(row)

    def forget_sign_up(self, mailbox: str) -> bool:
        """Empty what a visitor asked for at that mailbox; whether it was waiting to be looked at.

        That it was asked stays until the day is over, as a hash, so that it is not asked again.
        """
        result = self._connection.execute(
            update(sign_ups)
            .where(sign_ups.c.mailbox == mailbox, sign_ups.c.email.is_not(None))
            .values(
                email=None,
                preferences=codec.to_json(Preferences()),
                network="",
                wording="",
                name="",
                invitation_id=None,
            )
        )
        return result.rowcount == 1

    def forget_address(self, email: str) -> None:
        """Take an address out of the words of runs and flags, should it stand in any."""
        name = email.rpartition("@")[0].lower()
        if not name:
            return
        for table, key, columns in (
            (runs, runs.c.id, ("summary", "silence")),
            (flags, flags.c.name, ("value",)),
        ):
            named = or_(
                *(func.lower(table.c[column]).contains(name, autoescape=True) for column in columns)
            )
            for row in self._connection.execute(select(table).where(named)).mappings().all():
                redacted = {column: without_address(row[column], email) for column in columns}
                if any(redacted[column] != row[column] for column in columns):
                    self._connection.execute(
                        update(table).where(key == row[key.name]).values(redacted)
                    )

    def forget_networks(self, before: datetime, *, limit: int) -> int:
        """Delete the hashes of the networks from which readers asked or agreed before that moment.

        At most ``limit`` events and as many readers; how many of both.
        """
        when = func.coalesce(subscribers.c.confirmed_at, subscribers.c.created_at)
        old = select(subscribers.c.id).where(
            subscribers.c.consent_network.is_not(None), when < before
        )
        result = self._connection.execute(
            update(subscribers)
            .where(subscribers.c.id.in_(old.limit(limit)))
            .values(consent_network=None)
        ).rowcount
        events = self._connection.execute(
            select(subscriber_events.c.id, subscriber_events.c.detail)
            .where(
                subscriber_events.c.at < before,
                subscriber_events.c.detail.contains('"network"', autoescape=True),
            )
            .order_by(subscriber_events.c.id)
            .limit(limit)
        ).all()
        for row in events:
            self._connection.execute(
                update(subscriber_events)
                .where(subscriber_events.c.id == row.id)
                .values(detail=_without_network(row.detail))
            )
        return result + len(events)


def _readable(column: Column[Any]) -> ColumnElement[Any]:
    """A column whose values are read without being judged."""
    if isinstance(column.type, UtcDateTime | Date):
        return as_text(column).label(column.name)
    if isinstance(column.type, Enum):
        return type_coerce(column, Text).label(column.name)
    return column


def _without_network(detail: str) -> str:
    try:
        fields = dict(json.loads(detail))
    except (ValueError, TypeError, RecursionError):
        # What cannot be read may hold the hash all the same.
        fields = {"damaged": "detail"}
    return json.dumps({name: value for name, value in fields.items() if name != "network"})


_BY: dict[str, tuple[Table, str]] = {
    "subscribers": (subscribers, "id"),
    "subscriber_events": (subscriber_events, "subscriber_id"),
    "letters": (service_mails, "subscriber_id"),
    "outbox": (outbox, "subscriber_id"),
    "confirmation_requests": (confirmation_requests, "subscriber_id"),
    "arrivals": (arrivals, "subscriber_id"),
    "seeds": (seeds, "subscriber_id"),
    "votes": (votes, "subscriber_id"),
    "follows": (follows, "subscriber_id"),
    "reading_lists": (reading_lists, "subscriber_id"),
    "subscriber_selections": (subscriber_selections, "subscriber_id"),
}
_BESIDE: dict[str, tuple[Table, tuple[Column[Any], ...]]] = {
    "outbox": (editions, (editions.c.kind, editions.c.day)),
    "subscriber_selections": (editions, (editions.c.kind, editions.c.day)),
    "votes": (papers, (papers.c.title,)),
    "reading_lists": (papers, (papers.c.title,)),
}
"""What a row means only with a column of the row it names."""
TABLES = frozenset(_BY) | {"attempts"}
"""The tables whose rows are about a reader."""

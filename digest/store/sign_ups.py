"""Sign-ups: what visitors asked for, written down before they get their answer.

A row is made without looking whose address it is, so the answer can tell nobody. It stays for a
day after it was settled, without the address, so that every process knows the mailbox was asked.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, func, or_, select, update

from digest.model import Preferences, SignUp
from digest.store import codec
from digest.store.dialect import chunks, insert_or_replace_where
from digest.store.sign_up_tables import sign_ups
from digest.store.subscriber_rows import preferences_of

LONGEST_WAIT = timedelta(days=1)
"""How long a sign-up may wait its turn; what is due later was dated by a wrong clock."""


class SignUps:
    """The sign-ups of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, sign_up: SignUp, now: datetime, *, not_since: datetime) -> bool:
        """Keep a sign-up unless its mailbox was asked later than ``not_since``; whether it was
        kept.

        Atomic: of any number of processes that try at once, one gets ``True``.
        """
        row = {
            "mailbox": sign_up.mailbox,
            "asked_at": now,
            "due_at": sign_up.due_at,
            "email": sign_up.email,
            "preferences": codec.to_json(sign_up.preferences),
            "network": sign_up.network,
            "wording": sign_up.wording,
            "name": sign_up.name,
            "invitation_id": sign_up.invitation,
        }
        statement = insert_or_replace_where(
            self._connection,
            sign_ups,
            [sign_ups.c.mailbox],
            [name for name in row if name != "mailbox"],
            sign_ups.c.asked_at <= not_since,
        )
        return self._connection.execute(statement, [row]).rowcount == 1

    def count_recent(self, since: datetime) -> int:
        """Count the mailboxes that were asked later than ``since`` or still wait to be
        processed.
        """
        return self._connection.scalar(select(func.count()).where(_loading(since))) or 0

    def count_recent_by_network(
        self, networks: Collection[str], since: datetime
    ) -> Mapping[str, int]:
        """The same for each of those networks."""
        counts = dict.fromkeys(networks, 0)
        for part in chunks(sorted(counts)):
            rows = self._connection.execute(
                select(sign_ups.c.network, func.count())
                .where(sign_ups.c.network.in_(part), _loading(since))
                .group_by(sign_ups.c.network)
            )
            for network, count in rows:
                counts[network] = count
        return counts

    def count_recent_networks(self, since: datetime) -> int:
        """Count the networks that asked later than ``since``, or have somebody waiting."""
        query = select(func.count(sign_ups.c.network.distinct())).where(
            _loading(since), sign_ups.c.network != ""
        )
        return self._connection.scalar(query) or 0

    def due(self, now: datetime, limit: int) -> tuple[SignUp, ...]:
        """The next sign-ups that nobody has looked at, held until the transaction ends.

        One whose preferences cannot be read goes on without them: its reader is asked to confirm,
        and can choose again.
        """
        columns = (sign_ups.c.mailbox, sign_ups.c.email, sign_ups.c.preferences)
        rows = self._connection.execute(
            select(
                *columns,
                sign_ups.c.network,
                sign_ups.c.wording,
                sign_ups.c.name,
                sign_ups.c.invitation_id,
            )
            .where(sign_ups.c.email.is_not(None), sign_ups.c.due_at <= now)
            .order_by(sign_ups.c.due_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        ).mappings()
        return tuple(
            SignUp(
                mailbox=row["mailbox"],
                email=str(row["email"]),
                preferences=preferences_of(row["preferences"]) or Preferences(),
                network=row["network"],
                wording=row["wording"],
                due_at=now,
                name=row["name"],
                invitation=row["invitation_id"],
            )
            for row in rows
        )

    def redate_future(self, now: datetime, slack: timedelta) -> int:
        """Date what was asked later than ``now`` and that slack as asked now; return how many.

        A clock that was wrong for an hour may have put sign-ups years ahead, where they would wait
        for ever, keep their mailboxes from asking again, and count against everybody's limit.
        """
        result = self._connection.execute(
            update(sign_ups)
            .where(
                or_(
                    sign_ups.c.asked_at > now + slack,
                    sign_ups.c.due_at > now + LONGEST_WAIT + slack,
                )
            )
            .values(asked_at=now, due_at=now)
        )
        return result.rowcount

    def next_due(self) -> datetime | None:
        """The moment at which the next sign-up is to be processed; ``None`` if none waits."""
        query = select(func.min(sign_ups.c.due_at)).where(sign_ups.c.email.is_not(None))
        due_at: datetime | None = self._connection.scalar(query)
        return due_at

    def mark_processed(self, mailbox: str) -> None:
        """Mark a sign-up as processed: forget address and name, not that the mailbox was asked."""
        self._connection.execute(
            update(sign_ups).where(sign_ups.c.mailbox == mailbox).values(email=None, name="")
        )

    def forget(self, before: datetime) -> int:
        """Delete what was settled and asked before that moment; how many."""
        result = self._connection.execute(
            delete(sign_ups).where(sign_ups.c.email.is_(None), sign_ups.c.asked_at < before)
        )
        return result.rowcount


def _loading(since: datetime) -> ColumnElement[bool]:
    return or_(sign_ups.c.asked_at > since, sign_ups.c.email.is_not(None))

"""Tables of how subscribers come: sign-ups, requests to confirm, invitations, and arrivals."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, text

from digest.store.columns import Id, StorableText, UtcDateTime
from digest.store.post_tables import metadata

__all__ = ["arrivals", "confirmation_requests", "invitations", "metadata", "sign_ups"]

sign_ups = Table(
    "sign_ups",
    metadata,
    Column("mailbox", String(64), primary_key=True),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("email", StorableText),
    Column("preferences", StorableText, nullable=False),
    Column("network", String(64), nullable=False),
    Column("wording", String(40), nullable=False),
    Column("name", StorableText, nullable=False, server_default=""),
    Column("invitation_id", Id),
    comment="What visitors asked for, kept a day so that a mailbox is asked once; email until then.",
)
Index("ix_sign_ups_asked_at", sign_ups.c.asked_at)
Index("ix_sign_ups_network_asked_at", sign_ups.c.network, sign_ups.c.asked_at)
Index(
    "ix_sign_ups_due_at",
    sign_ups.c.due_at,
    sqlite_where=text("email IS NOT NULL"),
    postgresql_where=text("email IS NOT NULL"),
)

confirmation_requests = Table(
    "confirmation_requests",
    metadata,
    Column("id", Id, primary_key=True),
    Column("mailbox_digest", String(64), nullable=False, unique=True),
    Column("subscriber_id", Id),
    Column("asked", Integer, nullable=False, server_default="0"),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("declined_at", UtcDateTime),
    comment="How often a mailbox, kept as a keyed hash, was asked to confirm without an answer, and "
    "when its owner said never again. The number is in the links of those mails.",
    sqlite_autoincrement=True,
)
Index("ix_confirmation_requests_asked_at", confirmation_requests.c.asked_at)

invitations = Table(
    "invitations",
    metadata,
    Column("id", Id, primary_key=True),
    Column("token_digest", String(64), nullable=False, unique=True),
    Column("label", StorableText, nullable=False, server_default=""),
    Column("uses", Integer, nullable=False),
    Column("used", Integer, nullable=False, server_default="0"),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
    CheckConstraint("used >= 0 AND used <= uses", name="used"),
    comment="Links by which so many may sign up until a moment. The token is kept as a hash.",
    sqlite_autoincrement=True,
)

arrivals = Table(
    "arrivals",
    metadata,
    Column(
        "subscriber_id",
        Id,
        ForeignKey("subscribers.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("name", StorableText, nullable=False, server_default=""),
    Column("invitation_id", Id),
    Column("awaiting_since", UtcDateTime),
    comment="The name a subscriber gave, the invitation they came by, and since when they wait for "
    "the operator's approval. Without a row there is none of the three.",
)
Index(
    "ix_arrivals_awaiting_since",
    arrivals.c.awaiting_since,
    sqlite_where=text("awaiting_since IS NOT NULL"),
    postgresql_where=text("awaiting_since IS NOT NULL"),
)

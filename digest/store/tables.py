"""The tables, and what each is for. Migrations make them; a test compares the two.

::

    dumps ─< sightings >─ papers ─< paper_keys, paper_variants, paper_topics
    editions ─< edition_papers >─ papers
    editions ─< outbox >─ subscribers ─< subscriber_events        outbox ─< attempts
    editions ── edition_holds        editions ─< edition_previews
    subscribers ─< letters, arrivals        readings, held_readings
    subscribers ─< seeds, votes, follows ─ papers
    editions ─< selections ─< subscriber_selections >─ subscribers
    suppressions, senders, runs, flags; sign-ups and invitations: `digest.store.sign_up_tables`

Constraints carry the promises: one dump per fingerprint, one edition per (kind, day), one outbox
row per (subscriber, edition), one sign-up per mailbox and day, one letter of a kind per subscriber.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    Enum,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    text,
)

from digest.model import DeliveryState, EditionKind, HoldState, Novelty, SubscriberState
from digest.store.columns import Id, StorableText, UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def one_of(kind: type[StrEnum], name: str) -> Enum:
    """A column that holds the values of ``kind``, checked by the database."""
    return Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=16,
        values_callable=lambda members: [member.value for member in members],
    )


dumps = Table(
    "dumps",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("fingerprint", String(64), nullable=False, unique=True),
    Column("location", StorableText, nullable=False),
    Column("day", Date, nullable=False),
    Column("ingested_at", UtcDateTime, nullable=False),
    Column("records", Integer, nullable=False),
    Column("seen", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    Column("edition_id", Id, ForeignKey("editions.id"), index=True),
    comment="Every reading of a source that was remembered; edition_id once a daily covers it.",
)

papers = Table(
    "papers",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("pending", one_of(Novelty, "pending")),
    Column("first_seen", Date, nullable=False),
    Column("last_seen", Date, nullable=False),
    Column("topic", Text),
    Column("topics", StorableText),
    Column("topic_score", Float),
    Column("topic_why", StorableText),
    Column("content_key", StorableText, nullable=False),
    Column("lookup_keys", StorableText, nullable=False),
    Column("external_id", StorableText),
    Column("url", StorableText),
    Column("votes", BigInteger),
    Column("author_count", BigInteger),
    Column("organization", StorableText),
    Column("published", Date),
    Column("authors", StorableText),
    Column("links", StorableText),
    Column("details", StorableText),
    Column("field_sources", StorableText),
    Column("title", StorableText, nullable=False),
    Column("abstract", StorableText, nullable=False),
    comment="Every paper ever seen, with its latest text and its topics; never deleted.",
)
Index("ix_papers_first_seen_topic", papers.c.first_seen, papers.c.topic)
Index(
    "ix_papers_pending",
    papers.c.id,
    sqlite_where=text("pending IS NOT NULL"),
    postgresql_where=text("pending IS NOT NULL"),
)

paper_keys = Table(
    "paper_keys",
    metadata,
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("paper_id", Id, ForeignKey("papers.id"), primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
    comment="64-bit digests of the keys a paper is found by; the primary key is the index.",
)

paper_variants = Table(
    "paper_variants",
    metadata,
    Column("paper_id", Id, ForeignKey("papers.id"), primary_key=True, autoincrement=False),
    Column("digest", BigInteger, primary_key=True, autoincrement=False),
    Column("title", StorableText, nullable=False),
    Column("abstract", StorableText, nullable=False),
    comment="Other wordings a paper was seen in, so that its keys can be made anew.",
)

paper_topics = Table(
    "paper_topics",
    metadata,
    Column("topic", String(200), primary_key=True),
    Column("paper_id", Id, ForeignKey("papers.id"), primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
    comment="Every topic of every paper, to list a topic's papers.",
)
Index("ix_paper_topics_paper_id", paper_topics.c.paper_id)

sightings = Table(
    "sightings",
    metadata,
    Column("paper_id", Id, ForeignKey("papers.id"), primary_key=True, autoincrement=False),
    Column("dump_id", Id, ForeignKey("dumps.id"), primary_key=True, autoincrement=False),
    Column("position", Integer, nullable=False),
    Column("votes", BigInteger),
    sqlite_with_rowid=False,
    comment="That a paper was in a dump, and where.",
)

editions = Table(
    "editions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", one_of(EditionKind, "kind"), nullable=False),
    Column("day", Date, nullable=False),
    Column("covers_first", Date, nullable=False),
    Column("covers_last", Date, nullable=False),
    Column("papers", Integer, nullable=False),
    Column("subject", StorableText, nullable=False),
    Column("published_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("audience_frozen_at", UtcDateTime),
    Column("planned_at_start", BigInteger, nullable=False, server_default="0"),
    Column("content", LargeBinary, nullable=False),
    Column("rendering", LargeBinary, nullable=False),
    UniqueConstraint("kind", "day"),
    comment="Published editions: content and rendering are deflated JSON and never change.",
    sqlite_autoincrement=True,
)
Index("ix_editions_expires_at", editions.c.expires_at)

edition_papers = Table(
    "edition_papers",
    metadata,
    Column("edition_id", Id, ForeignKey("editions.id"), primary_key=True, autoincrement=False),
    Column("paper_id", Id, ForeignKey("papers.id"), primary_key=True, autoincrement=False),
    Column("novelty", one_of(Novelty, "novelty"), nullable=False),
    Column("place", Integer, nullable=False, server_default="0"),
    Column("trend", StorableText),
    sqlite_with_rowid=False,
    comment="Which papers an edition holds.",
)
Index("ix_edition_papers_paper_id", edition_papers.c.paper_id)

edition_holds = Table(
    "edition_holds",
    metadata,
    Column("edition_id", Id, ForeignKey("editions.id"), primary_key=True, autoincrement=False),
    Column("state", one_of(HoldState, "state"), nullable=False),
    Column("seconds", Integer, nullable=False, server_default="0"),
    Column("held_until", UtcDateTime),
    Column("previewed_at", UtcDateTime),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("reason", StorableText, nullable=False, server_default=""),
    Column(
        "link_works", Boolean(create_constraint=False), nullable=False, server_default=text("true")
    ),
    Column("told_at", UtcDateTime),
    comment="Editions that are or were held for a preview, or stopped. Without a row one goes out.",
)

edition_previews = Table(
    "edition_previews",
    metadata,
    Column("id", Id, primary_key=True),
    Column("edition_id", Id, ForeignKey("editions.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("email", StorableText),
    Column("state", one_of(DeliveryState, "state"), nullable=False),
    Column("next_at", UtcDateTime, nullable=False),
    Column("attempt", Integer, nullable=False, server_default="0"),
    Column("lease_token", String(32)),
    Column("lease_until", UtcDateTime),
    Column("finished_at", UtcDateTime),
    Column("code", Integer),
    Column("status", StorableText),
    Column("reason", StorableText),
    UniqueConstraint("edition_id", "number"),
    comment="Mails that show a held edition to a few first. The address goes once its mail is done; "
    "the number is in the link that stops the edition.",
    sqlite_autoincrement=True,
)

subscribers = Table(
    "subscribers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("email", StorableText, nullable=False),
    Column("address", StorableText, nullable=False, unique=True),
    Column("state", one_of(SubscriberState, "state"), nullable=False),
    Column("state_reason", StorableText, nullable=False, server_default=""),
    Column("state_at", UtcDateTime, nullable=False),
    Column("preferences", StorableText, nullable=False),
    Column("origin", StorableText, nullable=False, server_default=""),
    Column("created_at", UtcDateTime, nullable=False),
    Column("confirmed_at", UtcDateTime),
    Column("consent_network", StorableText),
    Column("consent_wording", StorableText),
    Column("bounce_points", Float, nullable=False, server_default="0"),
    Column("bounced_at", UtcDateTime),
    comment="Readers. Numbers are never reused, for a signed link names its reader by number.",
    sqlite_autoincrement=True,
)
Index("ix_subscribers_state_id", subscribers.c.state, subscribers.c.id)

subscriber_events = Table(
    "subscriber_events",
    metadata,
    Column("id", Id, primary_key=True),
    Column(
        "subscriber_id",
        Id,
        ForeignKey("subscribers.id", ondelete="CASCADE"),
        nullable=False,
    ),
    Column("at", UtcDateTime, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("detail", StorableText, nullable=False),
    comment="What happened to a reader's consent, when and by which door: the proof kept.",
)
Index(
    "ix_subscriber_events_subscriber_id_kind",
    subscriber_events.c.subscriber_id,
    subscriber_events.c.kind,
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("address_digest", String(64), primary_key=True),
    Column("reason", StorableText, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    comment="Addresses that must get nothing, as keyed hashes, so that erasing a reader keeps them.",
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("edition_id", Id, ForeignKey("editions.id"), nullable=False),
    Column("subscriber_id", Id, ForeignKey("subscribers.id", ondelete="SET NULL")),
    Column("state", one_of(DeliveryState, "state"), nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("next_at", UtcDateTime, nullable=False),
    Column("attempt", Integer, nullable=False, server_default="0"),
    Column(
        "resent", Boolean(create_constraint=False), nullable=False, server_default=text("false")
    ),
    Column("lease_token", String(32)),
    Column("lease_worker", StorableText),
    Column("leased_at", UtcDateTime),
    Column("lease_until", UtcDateTime),
    Column("sending_since", UtcDateTime),
    Column("finished_at", UtcDateTime),
    Column("code", Integer),
    Column("status", StorableText),
    Column("reply", StorableText, nullable=False, server_default=""),
    Column("reason", StorableText),
    UniqueConstraint("subscriber_id", "edition_id"),
    comment="One row per reader and edition. due_at: the reader's hour; next_at: when to try next.",
)
Index("ix_outbox_edition_id_state", outbox.c.edition_id, outbox.c.state)
Index(
    "ix_outbox_waiting",
    outbox.c.edition_id,
    outbox.c.next_at,
    outbox.c.id,
    sqlite_where=text("state IN ('planned', 'deferred')"),
    postgresql_where=text("state IN ('planned', 'deferred')"),
)
Index(
    "ix_outbox_held",
    outbox.c.lease_until,
    sqlite_where=text("state IN ('leased', 'sending')"),
    postgresql_where=text("state IN ('leased', 'sending')"),
)


def in_states(*states: DeliveryState) -> ColumnElement[bool]:
    """Outbox rows in any of ``states``, written out so that SQLite sees its partial indexes fit."""
    return outbox.c.state.in_(
        bindparam(
            "_".join(state.value for state in states),
            list(states),
            expanding=True,
            literal_execute=True,
        )
    )


attempts = Table(
    "attempts",
    metadata,
    Column("delivery_id", Id, ForeignKey("outbox.id"), primary_key=True, autoincrement=False),
    Column("attempt", Integer, primary_key=True, autoincrement=False),
    Column("started_at", UtcDateTime),
    Column("ended_at", UtcDateTime, nullable=False),
    Column("state", one_of(DeliveryState, "state"), nullable=False),
    Column("code", Integer),
    Column("status", StorableText),
    Column("reply", StorableText, nullable=False, server_default=""),
    Column("worker", StorableText),
    comment="How every attempt ended.",
)

service_mails = Table(
    "letters",
    metadata,
    Column("id", Id, primary_key=True),
    Column(
        "subscriber_id",
        Id,
        ForeignKey("subscribers.id", ondelete="CASCADE"),
        nullable=False,
    ),
    Column("kind", String(40), nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("next_at", UtcDateTime, nullable=False),
    Column("state", one_of(DeliveryState, "state"), nullable=False),
    Column("attempt", Integer, nullable=False, server_default="0"),
    Column("lease_token", String(32)),
    Column("lease_until", UtcDateTime),
    Column("finished_at", UtcDateTime),
    Column("code", Integer),
    Column("status", StorableText),
    Column("reason", StorableText),
    UniqueConstraint("subscriber_id", "kind"),
    comment="Mails about a subscription: the last of each kind per reader, and what became of it.",
    sqlite_autoincrement=True,
)
Index("ix_letters_state_next_at", service_mails.c.state, service_mails.c.next_at)

senders = Table(
    "senders",
    metadata,
    Column("token", String(32), primary_key=True),
    Column("worker", StorableText, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("recorded", BigInteger, nullable=False, server_default="0"),
    comment="Every sender that ran, and how many outcomes it recorded: shows a restored copy.",
)

runs = Table(
    "runs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("job", String(40), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime, nullable=False),
    Column("ok", Boolean(create_constraint=False), nullable=False),
    Column("summary", StorableText, nullable=False),
    Column("silence", StorableText, nullable=False),
    comment="Every run of a job, and why nothing went out if nothing did.",
)
Index("ix_runs_job_ended_at", runs.c.job, runs.c.ended_at)

flags = Table(
    "flags",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("value", StorableText, nullable=False),
    Column("at", UtcDateTime),
    comment="A few facts about the whole installation, such as why sending is paused.",
)

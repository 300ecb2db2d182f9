"""The whole first schema: papers, editions, readers, outbox, runs, and full-text search."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from digest.store.migrations.search_index import SEARCH_SQLITE

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=16)


def upgrade() -> None:
    """Make everything, tables before those that point at them."""
    _editions()
    _papers()
    _appearances()
    _readers()
    _outbox()
    _operations()
    if op.get_bind().dialect.name == "postgresql":
        _search_postgresql()
    else:
        _search_sqlite()


def _editions() -> None:
    op.create_table(
        "editions",
        sa.Column("id", Id, nullable=False),
        sa.Column("kind", _one_of("kind", "daily", "weekdays", "weekly"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("covers_first", sa.Date(), nullable=False),
        sa.Column("covers_last", sa.Date(), nullable=False),
        sa.Column("papers", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("audience_frozen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("planned_at_start", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("rendering", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_editions")),
        sa.UniqueConstraint("kind", "day", name=op.f("uq_editions_kind_day")),
        comment="Published editions: content and rendering are deflated JSON and never change.",
        sqlite_autoincrement=True,
    )
    op.create_index("ix_editions_expires_at", "editions", ["expires_at"])


def _papers() -> None:
    op.create_table(
        "dumps",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("ingested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("edition_id", Id, nullable=True),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name=op.f("fk_dumps_edition_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dumps")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_dumps_fingerprint")),
        comment="Every reading of a source that was remembered; edition_id once a daily covers it.",
    )
    op.create_index("ix_dumps_edition_id", "dumps", ["edition_id"])
    op.create_table(
        "papers",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("pending", _one_of("pending", "new", "revised", "seen"), nullable=True),
        sa.Column("first_seen", sa.Date(), nullable=False),
        sa.Column("last_seen", sa.Date(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("topics", sa.Text(), nullable=True),
        sa.Column("topic_score", sa.Float(), nullable=True),
        sa.Column("topic_why", sa.Text(), nullable=True),
        sa.Column("content_key", sa.Text(), nullable=False),
        sa.Column("lookup_keys", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("votes", sa.BigInteger(), nullable=True),
        sa.Column("author_count", sa.BigInteger(), nullable=True),
        sa.Column("organization", sa.Text(), nullable=True),
        sa.Column("published", sa.Date(), nullable=True),
        sa.Column("authors", sa.Text(), nullable=True),
        sa.Column("links", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("abstract", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_papers")),
        comment="Every paper ever seen, with its latest text and its topics; never deleted.",
    )
    op.create_index("ix_papers_first_seen_topic", "papers", ["first_seen", "topic"], unique=False)
    op.create_index(
        "ix_papers_pending",
        "papers",
        ["id"],
        unique=False,
        sqlite_where=sa.text("pending IS NOT NULL"),
        postgresql_where=sa.text("pending IS NOT NULL"),
    )
    op.create_table(
        "paper_keys",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("paper_id", Id, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name=op.f("fk_paper_keys_paper_id")),
        sa.PrimaryKeyConstraint("key", "paper_id", name=op.f("pk_paper_keys")),
        comment="64-bit digests of the keys a paper is found by; the primary key is the index.",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "paper_variants",
        sa.Column("paper_id", Id, autoincrement=False, nullable=False),
        sa.Column("digest", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("abstract", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["papers.id"], name=op.f("fk_paper_variants_paper_id")
        ),
        sa.PrimaryKeyConstraint("paper_id", "digest", name=op.f("pk_paper_variants")),
        comment="Other wordings a paper was seen in, so that its keys can be made anew.",
    )
    op.create_table(
        "paper_topics",
        sa.Column("topic", sa.String(length=200), nullable=False),
        sa.Column("paper_id", Id, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name=op.f("fk_paper_topics_paper_id")),
        sa.PrimaryKeyConstraint("topic", "paper_id", name=op.f("pk_paper_topics")),
        comment="Every topic of every paper, to list a topic's papers.",
        sqlite_with_rowid=False,
    )
    op.create_index("ix_paper_topics_paper_id", "paper_topics", ["paper_id"], unique=False)


def _appearances() -> None:
    op.create_table(
        "sightings",
        sa.Column("paper_id", Id, autoincrement=False, nullable=False),
        sa.Column("dump_id", Id, autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("votes", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["dump_id"], ["dumps.id"], name=op.f("fk_sightings_dump_id")),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name=op.f("fk_sightings_paper_id")),
        sa.PrimaryKeyConstraint("paper_id", "dump_id", name=op.f("pk_sightings")),
        comment="That a paper was in a dump, and where.",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "edition_papers",
        sa.Column("edition_id", Id, autoincrement=False, nullable=False),
        sa.Column("paper_id", Id, autoincrement=False, nullable=False),
        sa.Column("novelty", _one_of("novelty", "new", "revised", "seen"), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["editions.id"], name=op.f("fk_edition_papers_edition_id")
        ),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["papers.id"], name=op.f("fk_edition_papers_paper_id")
        ),
        sa.PrimaryKeyConstraint("edition_id", "paper_id", name=op.f("pk_edition_papers")),
        comment="Which papers an edition holds.",
        sqlite_with_rowid=False,
    )
    op.create_index("ix_edition_papers_paper_id", "edition_papers", ["paper_id"], unique=False)


def _readers() -> None:
    op.create_table(
        "subscribers",
        sa.Column("id", Id, nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column(
            "state",
            _one_of("state", "pending", "active", "unsubscribed", "suppressed"),
            nullable=False,
        ),
        sa.Column("state_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("state_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("preferences", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("consent_network", sa.Text(), nullable=True),
        sa.Column("consent_wording", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscribers")),
        sa.UniqueConstraint("address", name=op.f("uq_subscribers_address")),
        comment="Readers. Numbers are never reused, for a signed link names its reader by number.",
        sqlite_autoincrement=True,
    )
    op.create_index("ix_subscribers_state_id", "subscribers", ["state", "id"], unique=False)
    op.create_table(
        "subscriber_events",
        sa.Column("id", Id, nullable=False),
        sa.Column("subscriber_id", Id, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscribers.id"],
            name=op.f("fk_subscriber_events_subscriber_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriber_events")),
        comment="What happened to a reader's consent, when and by which door: the proof kept.",
    )
    op.create_index(
        "ix_subscriber_events_subscriber_id_kind",
        "subscriber_events",
        ["subscriber_id", "kind"],
        unique=False,
    )
    op.create_table(
        "suppressions",
        sa.Column("address_digest", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("address_digest", name=op.f("pk_suppressions")),
        comment="Addresses that must get nothing, as SHA-256, so that erasing a reader keeps them.",
    )


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", Id, nullable=False),
        sa.Column("edition_id", Id, nullable=False),
        sa.Column("subscriber_id", Id, nullable=True),
        sa.Column(
            "state",
            _one_of(
                "state",
                "planned",
                "leased",
                "sending",
                "deferred",
                "accepted",
                "rejected",
                "excluded",
                "unknown",
            ),
            nullable=False,
        ),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "resent",
            sa.Boolean(create_constraint=False),
            server_default=sa.text("(false)"),
            nullable=False,
        ),
        sa.Column("lease_token", sa.String(length=32), nullable=True),
        sa.Column("lease_worker", sa.Text(), nullable=True),
        sa.Column("leased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sending_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("reply", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name=op.f("fk_outbox_edition_id")),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscribers.id"],
            name=op.f("fk_outbox_subscriber_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint(
            "subscriber_id", "edition_id", name=op.f("uq_outbox_subscriber_id_edition_id")
        ),
        comment="One row per reader and edition. due_at: the reader's hour; next_at: when to try next.",
    )
    op.create_index("ix_outbox_edition_id_state", "outbox", ["edition_id", "state"], unique=False)
    op.create_index(
        "ix_outbox_held",
        "outbox",
        ["lease_until"],
        unique=False,
        sqlite_where=sa.text("state IN ('leased', 'sending')"),
        postgresql_where=sa.text("state IN ('leased', 'sending')"),
    )
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["edition_id", "next_at", "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('planned', 'deferred')"),
        postgresql_where=sa.text("state IN ('planned', 'deferred')"),
    )
    op.create_table(
        "attempts",
        sa.Column("delivery_id", Id, autoincrement=False, nullable=False),
        sa.Column("attempt", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            _one_of(
                "state",
                "planned",
                "leased",
                "sending",
                "deferred",
                "accepted",
                "rejected",
                "excluded",
                "unknown",
            ),
            nullable=False,
        ),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("reply", sa.Text(), server_default="", nullable=False),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["outbox.id"], name=op.f("fk_attempts_delivery_id")
        ),
        sa.PrimaryKeyConstraint("delivery_id", "attempt", name=op.f("pk_attempts")),
        comment="How every attempt ended.",
    )


def _operations() -> None:
    op.create_table(
        "runs",
        sa.Column("id", Id, nullable=False),
        sa.Column("job", sa.String(length=40), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ok", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("silence", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
        comment="Every run of a job, and why nothing went out if nothing did.",
    )
    op.create_index("ix_runs_job_ended_at", "runs", ["job", "ended_at"], unique=False)
    op.create_table(
        "flags",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_flags")),
        comment="A few facts about the whole installation, such as why sending is paused.",
    )


def _search_sqlite() -> None:
    for statement in SEARCH_SQLITE:
        op.execute(statement)


def _search_postgresql() -> None:
    op.execute(
        "CREATE INDEX ix_papers_text ON papers "
        "USING gin (to_tsvector('english'::regconfig, title || ' ' || abstract))"
    )


def downgrade() -> None:
    """There is nothing before the first schema to go back to."""
    raise NotImplementedError("restore a backup instead")

"""Editions: frozen when published, with the rendering every mail is made from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import (
    Connection,
    RowMapping,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)

from digest.errors import AlreadyPublishedError
from digest.model import (
    DeliveryState,
    Edition,
    EditionKind,
    EditionSummary,
    Novelty,
    Placing,
    PublishedEdition,
    Rendering,
    Trend,
)
from digest.store.blocked import is_blocked
from digest.store.codec import deflate, from_json, inflate, to_json
from digest.store.dialect import chunks, insert_one_new, insert_or_replace, many
from digest.store.tables import (
    dumps,
    edition_holds,
    edition_papers,
    editions,
    in_states,
    outbox,
    papers,
)
from digest.store.withdrawn_tables import withdrawn_papers

_SUMMARY = (
    editions.c.id,
    editions.c.kind,
    editions.c.day,
    editions.c.covers_first,
    editions.c.covers_last,
    editions.c.papers,
    editions.c.subject,
    editions.c.published_at,
    editions.c.expires_at,
    editions.c.audience_frozen_at,
)
_MAY_LEAVE = ~is_blocked(editions.c.id)
# Made once: every paper's page asks these, and to put them together takes longer than to ask.
_PLACING = (
    select(edition_papers.c.place, edition_papers.c.trend, editions.c.papers)
    .join_from(edition_papers, editions)
    .where(
        edition_papers.c.edition_id == bindparam("edition"),
        edition_papers.c.paper_id == bindparam("paper"),
    )
)
_ALL_WITH_PAPER = (
    select(*_SUMMARY)
    .join(edition_papers, edition_papers.c.edition_id == editions.c.id)
    .where(edition_papers.c.paper_id == bindparam("paper"))
    .order_by(editions.c.day, editions.c.id)
)
_WITH_PAPER = _ALL_WITH_PAPER.where(_MAY_LEAVE)


class Editions:
    """The editions of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def freeze(
        self,
        edition: Edition,
        rendering: Rendering,
        *,
        published_at: datetime,
        expires_at: datetime,
    ) -> PublishedEdition:
        """Publish: keep both for ever as they are, and give back what later readers will get.

        A daily edition also settles what it covers: its papers and every dump so far are no longer
        pending. Raises `AlreadyPublishedError` if that (kind, day) exists.
        """
        added = insert_one_new(
            self._connection,
            editions,
            {
                "kind": edition.kind,
                "day": edition.day,
                "covers_first": edition.covers[0],
                "covers_last": edition.covers[1],
                "papers": len(edition.entries),
                "subject": rendering.subject,
                "published_at": published_at,
                "expires_at": expires_at,
                "content": deflate(edition),
                "rendering": deflate(rendering),
            },
        )
        if not added:
            raise AlreadyPublishedError(f"the {edition.kind} edition of {edition.day} exists")
        published = self.get(edition.kind, edition.day)
        assert published is not None
        self._settle(published.id, edition)
        return published

    def replace_content(
        self, edition_id: int, edition: Edition, rendering: Rendering, now: datetime
    ) -> None:
        """Keep another content for an edition that is not delivered yet.

        Who was served keeps what they got; the papers it had stay settled, so that none is new again.
        Those that it has no longer are not public by it.
        """
        kept = {entry.paper_id for entry in edition.entries}
        held = self._connection.scalars(
            select(edition_papers.c.paper_id).where(edition_papers.c.edition_id == edition_id)
        )
        withdrawn = sorted(set(held) - kept)
        many(
            self._connection,
            insert_or_replace(self._connection, withdrawn_papers, ("withdrawn_at",)),
            [{"paper_id": paper_id, "withdrawn_at": now} for paper_id in withdrawn],
        )
        for part in chunks(withdrawn):
            self._connection.execute(
                delete(edition_papers).where(
                    edition_papers.c.edition_id == edition_id, edition_papers.c.paper_id.in_(part)
                )
            )
        self._connection.execute(
            update(editions)
            .where(editions.c.id == edition_id)
            .values(
                papers=len(edition.entries),
                subject=rendering.subject,
                content=deflate(edition),
                rendering=deflate(rendering),
            )
        )

    def _settle(self, edition_id: int, edition: Edition) -> None:
        revised = frozenset(edition.updated)
        ids = sorted({entry.paper_id for entry in edition.entries})
        ranked = sorted(edition.entries, key=lambda entry: -entry.trend.score)
        placings = {entry.paper_id: (place, entry) for place, entry in enumerate(ranked, 1)}
        many(
            self._connection,
            edition_papers.insert(),
            [
                {
                    "edition_id": edition_id,
                    "paper_id": paper_id,
                    "novelty": Novelty.REVISED if paper_id in revised else Novelty.NEW,
                    "place": placings[paper_id][0],
                    "trend": to_json(placings[paper_id][1].trend),
                }
                for paper_id in ids
            ],
        )
        if edition.kind is not EditionKind.DAILY:
            return
        for part in chunks(ids):
            self._connection.execute(
                update(papers).where(papers.c.id.in_(part)).values(pending=None)
            )
        self._connection.execute(
            update(dumps).where(dumps.c.edition_id.is_(None)).values(edition_id=edition_id)
        )

    def get(self, kind: EditionKind, day: date) -> PublishedEdition | None:
        """The edition of that kind and day."""
        return self._one(select(editions).where(editions.c.kind == kind, editions.c.day == day))

    def by_id(self, edition_id: int) -> PublishedEdition | None:
        """The edition with that id."""
        return self._one(select(editions).where(editions.c.id == edition_id))

    def content(self, edition_id: int) -> Edition | None:
        """The content of the edition with that id, without the rendering that mails are made from."""
        row = self._connection.execute(
            select(editions.c.kind, editions.c.day, editions.c.content).where(
                editions.c.id == edition_id
            )
        ).one_or_none()
        if row is None:
            return None
        return inflate(Edition, row.content, where=f"{row.kind} edition of {row.day}")

    def placing(self, edition_id: int, paper_id: int) -> Placing | None:
        """The place of that paper in that edition, and its trend; ``None`` if it is not in it."""
        row = self._connection.execute(
            _PLACING, {"edition": edition_id, "paper": paper_id}
        ).one_or_none()
        if row is None:
            return None
        trend = from_json(Trend, row.trend, where=f"paper {paper_id} in edition {edition_id}")
        return Placing(row.place, row.papers, trend)

    def summary(self, kind: EditionKind, day: date, *, all: bool = False) -> EditionSummary | None:
        """The edition of that kind and day, without its content.

        Not one that is held or stopped, unless ``all`` are asked for.
        """
        query = select(*_SUMMARY).where(editions.c.kind == kind, editions.c.day == day)
        summaries = self._summaries(query if all else query.where(_MAY_LEAVE))
        return summaries[0] if summaries else None

    def of_day(self, day: date | None) -> tuple[EditionSummary, ...]:
        """The editions of that day, of every kind, also held or stopped ones.

        Without a day those of the newest edition that may leave.
        """
        if day is None:
            newest = self.list(1)
            if not newest:
                return ()
            day = newest[0].day
        of_day = [self.summary(kind, day, all=True) for kind in EditionKind]
        return tuple(summary for summary in of_day if summary is not None)

    def newest(self, kind: EditionKind) -> EditionSummary | None:
        """The edition of that kind with the latest day that may leave, without its content."""
        summaries = self.latest_of_kind(kind, 1)
        return summaries[0] if summaries else None

    def of_kind(self, kind: EditionKind, first: date, last: date) -> tuple[EditionSummary, ...]:
        """As `between`, without the contents, and without what is held or stopped."""
        return self._summaries(
            select(*_SUMMARY)
            .where(editions.c.kind == kind, editions.c.day.between(first, last), _MAY_LEAVE)
            .order_by(editions.c.day)
        )

    def latest_of_kind(self, kind: EditionKind, limit: int) -> tuple[EditionSummary, ...]:
        """The newest ``limit`` editions of that kind that may leave, the newest first."""
        return self._summaries(
            select(*_SUMMARY)
            .where(editions.c.kind == kind, _MAY_LEAVE)
            .order_by(editions.c.day.desc())
            .limit(limit)
        )

    def neighbours(self, kind: EditionKind, day: date) -> tuple[date | None, date | None]:
        """The days of the editions of that kind just before and just after ``day``, of those that
        may leave.
        """
        earlier = select(func.max(editions.c.day)).where(
            editions.c.kind == kind, editions.c.day < day, _MAY_LEAVE
        )
        later = select(func.min(editions.c.day)).where(
            editions.c.kind == kind, editions.c.day > day, _MAY_LEAVE
        )
        return self._connection.scalar(earlier), self._connection.scalar(later)

    def stamp(self) -> str:
        """A short text that changes whenever an edition or a dump is added, an edition that was held
        goes out, or a paper is withdrawn.
        """
        last_dump = select(func.max(dumps.c.id)).scalar_subquery()
        # Held again after it was released, it would look the same if only counted.
        last_change = select(func.max(edition_holds.c.changed_at)).scalar_subquery()
        withdrawn = select(func.max(withdrawn_papers.c.withdrawn_at)).scalar_subquery()
        row = self._connection.execute(
            select(
                func.coalesce(func.max(editions.c.id), 0),
                func.coalesce(last_dump, 0),
                last_change,
                withdrawn,
            )
        ).one()
        return ".".join(map(str, row))

    def latest(self, kind: EditionKind) -> PublishedEdition | None:
        """The edition of that kind with the latest day."""
        return self._one(
            select(editions).where(editions.c.kind == kind).order_by(editions.c.day.desc()).limit(1)
        )

    def list(
        self, limit: int, before: date | None = None, *, all: bool = False
    ) -> tuple[EditionSummary, ...]:
        """The newest ``limit`` editions of any kind, of days before ``before`` if given.

        Not those that are held or stopped, unless ``all`` are asked for.
        """
        query = select(*_SUMMARY).order_by(editions.c.day.desc(), editions.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(editions.c.day < before)
        return self._summaries(query if all else query.where(_MAY_LEAVE))

    def public(self, limit: int, before: int | None = None) -> tuple[EditionSummary, ...]:
        """The newest ``limit`` daily and weekly editions that may leave, of those published before
        the one with the number ``before`` if given.
        """
        query = (
            select(*_SUMMARY)
            .where(_MAY_LEAVE, editions.c.kind != EditionKind.WEEKDAYS)
            .order_by(editions.c.id.desc())
            .limit(limit)
        )
        return self._summaries(query if before is None else query.where(editions.c.id < before))

    def with_paper(self, paper_id: int, *, all: bool = False) -> tuple[EditionSummary, ...]:
        """The editions that hold that paper, oldest first.

        Not those that are held or stopped, unless ``all`` are asked for.
        """
        return self._summaries(_ALL_WITH_PAPER if all else _WITH_PAPER, {"paper": paper_id})

    def between(self, kind: EditionKind, first: date, last: date) -> tuple[PublishedEdition, ...]:
        """The editions of that kind from ``first`` to ``last``, both included, oldest first."""
        rows = self._connection.execute(
            select(editions)
            .where(editions.c.kind == kind, editions.c.day.between(first, last))
            .order_by(editions.c.day)
        ).mappings()
        return tuple(_published(row) for row in rows)

    def undelivered(self, now: datetime, *, resend: bool = False) -> tuple[int, ...]:
        """Ids of the editions that may still be sent at ``now`` and are not done, oldest first.

        Not done: a delivery is unfinished, or the audience is yet to be frozen; with ``resend`` also
        if one is unknown that was not sent once more yet.
        """
        unfinished = exists().where(
            outbox.c.edition_id == editions.c.id,
            in_states(
                DeliveryState.PLANNED,
                DeliveryState.LEASED,
                DeliveryState.SENDING,
                DeliveryState.DEFERRED,
            ),
        )
        in_doubt = exists().where(
            outbox.c.edition_id == editions.c.id,
            in_states(DeliveryState.UNKNOWN),
            outbox.c.resent.is_(False),
            outbox.c.subscriber_id.is_not(None),
        )
        waits = (unfinished, in_doubt) if resend else (unfinished,)
        query = (
            select(editions.c.id)
            .where(
                and_(
                    editions.c.expires_at >= now,
                    or_(editions.c.audience_frozen_at.is_(None), *waits),
                )
            )
            .order_by(editions.c.day, editions.c.id)
        )
        return tuple(self._connection.scalars(query))

    def _one(self, query: Select[tuple[object, ...]]) -> PublishedEdition | None:
        row = self._connection.execute(query).mappings().one_or_none()
        return None if row is None else _published(row)

    def _summaries(
        self, query: Select[tuple[object, ...]], values: Mapping[str, object] | None = None
    ) -> tuple[EditionSummary, ...]:
        return tuple(
            EditionSummary(
                id=row["id"],
                kind=row["kind"],
                day=row["day"],
                covers=(row["covers_first"], row["covers_last"]),
                papers=row["papers"],
                subject=row["subject"],
                published_at=row["published_at"],
                expires_at=row["expires_at"],
                audience_frozen_at=row["audience_frozen_at"],
            )
            for row in self._connection.execute(query, values).mappings()
        )


def _published(row: RowMapping) -> PublishedEdition:
    where = f"{row['kind']} edition of {row['day']}"
    return PublishedEdition(
        id=row["id"],
        edition=inflate(Edition, row["content"], where=where),
        rendering=inflate(Rendering, row["rendering"], where=where),
        published_at=row["published_at"],
        expires_at=row["expires_at"],
    )

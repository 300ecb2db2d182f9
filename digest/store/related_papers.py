"""Related papers: pairs whose words are alike, as found when the later one was published."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import Connection, bindparam, exists, select

from digest.model import RelatedPaper
from digest.store.dialect import chunks, insert_new, many
from digest.store.published_papers import is_published
from digest.store.related_tables import related_papers
from digest.store.tables import papers


class RelatedPapers:
    """The related papers of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, pairs: Iterable[tuple[int, int, float]]) -> None:
        """Keep pairs of papers with their likeness (0 to 1), both ways; known pairs stay as they are."""
        rows = {
            (one, other): likeness
            for first, second, likeness in pairs
            for one, other in ((first, second), (second, first))
        }
        many(
            self._connection,
            insert_new(self._connection, related_papers),
            [
                {"paper_id": one, "other_id": other, "likeness": likeness}
                for (one, other), likeness in sorted(rows.items())
            ],
        )

    def of(self, paper_id: int, limit: int) -> tuple[RelatedPaper, ...]:
        """The published papers that are most like that one, the nearest first."""
        rows = self._connection.execute(_NEAREST, {"paper": paper_id, "most": limit})
        return tuple(RelatedPaper(*row) for row in rows)

    def any_among(self, paper_ids: Collection[int]) -> bool:
        """True if a relation is known of any of those papers."""
        return any(
            self._connection.scalar(select(exists().where(related_papers.c.paper_id.in_(part))))
            for part in chunks(sorted(set(paper_ids)))
        )


# Made once: to put it together takes as long as a page's other queries do.
_NEAREST = (
    select(papers.c.id, papers.c.title, papers.c.first_seen)
    .join(related_papers, related_papers.c.other_id == papers.c.id)
    .where(related_papers.c.paper_id == bindparam("paper"), is_published(papers.c.id))
    .order_by(related_papers.c.likeness.desc(), papers.c.id.desc())
    .limit(bindparam("most"))
)

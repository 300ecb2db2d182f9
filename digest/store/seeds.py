"""Seeds: the papers that subscribers named as their taste, and the lists that serve everybody."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    bindparam,
    delete,
    func,
    select,
    update,
)

from digest.model import KeptSeed, NewSeed, Seed
from digest.store.dialect import among, insert_new, many
from digest.store.tables import papers
from digest.store.taste_tables import seeds

_UNKNOWN_AT_ONCE = 2_000


class Seeds:
    """The seeds of one transaction. A list has a name; the seeds of a subscriber are theirs alone."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self, new: Sequence[NewSeed], day: date, *, subscriber_id: int | None, seed_list: str = ""
    ) -> int:
        """Keep seeds of a subscriber or of a list; how many were not there yet."""
        owner = _owner(subscriber_id, seed_list)
        before = self._count(owner)
        rows = [
            {
                "owner": owner,
                "subscriber_id": subscriber_id,
                "seed_list": seed_list,
                "identity": seed.identity,
                "title": seed.title,
                "abstract": seed.abstract,
                "external_id": seed.external_id,
                "paper_id": seed.paper_id,
                "added": day,
            }
            for seed in new
        ]
        many(self._connection, insert_new(self._connection, seeds), rows)
        return self._count(owner) - before

    def _count(self, owner: str) -> int:
        query = select(func.count()).select_from(seeds).where(seeds.c.owner == owner)
        return self._connection.scalar(query) or 0

    def count(self, *, subscriber_id: int | None, seed_list: str = "") -> int:
        """Count the seeds of a subscriber or of a list."""
        return self._count(_owner(subscriber_id, seed_list))

    def of(self, *, subscriber_id: int | None, seed_list: str = "") -> tuple[KeptSeed, ...]:
        """The seeds of a subscriber or of a list, oldest first."""
        rows = self._connection.execute(_kept(seeds.c.owner == _owner(subscriber_id, seed_list)))
        return tuple(_seed(row) for row in rows)

    def of_subscribers(self, ids: Collection[int]) -> Mapping[int, tuple[Seed, ...]]:
        """The own seeds of each of those subscribers who has any, oldest first."""
        found: dict[int, list[Seed]] = {}
        for row in self._connection.execute(
            _kept(among(self._connection, seeds.c.subscriber_id, ids))
        ):
            found.setdefault(row.subscriber_id, []).append(_seed(row).seed)
        return {subscriber_id: tuple(own) for subscriber_id, own in found.items()}

    def of_lists(self) -> tuple[Seed, ...]:
        """The seeds of every list, which serve all subscribers."""
        rows = self._connection.execute(_kept(seeds.c.subscriber_id.is_(None)))
        return tuple(_seed(row).seed for row in rows)

    def has_any(self) -> bool:
        """True if anybody, or a list, has a seed."""
        return self._connection.execute(select(seeds.c.id).limit(1)).first() is not None

    def lists(self) -> Mapping[str, int]:
        """Count the seeds of each list, by its name."""
        rows = self._connection.execute(
            select(seeds.c.seed_list, func.count().label("seeds"))
            .where(seeds.c.subscriber_id.is_(None))
            .group_by(seeds.c.seed_list)
            .order_by(seeds.c.seed_list)
        )
        return {row.seed_list: row.seeds for row in rows}

    def remove(
        self, ids: Collection[int], *, subscriber_id: int | None, seed_list: str = ""
    ) -> tuple[KeptSeed, ...]:
        """Take these seeds away from whose they are; those that were there."""
        mine = seeds.c.owner == _owner(subscriber_id, seed_list)
        chosen = mine & among(self._connection, seeds.c.id, ids)
        gone = tuple(_seed(row) for row in self._connection.execute(_kept(chosen)))
        self._connection.execute(delete(seeds).where(chosen))
        return gone

    def clear(self, *, subscriber_id: int | None, seed_list: str = "") -> int:
        """Take all seeds of a subscriber or of a list away; how many."""
        mine = seeds.c.owner == _owner(subscriber_id, seed_list)
        return self._connection.execute(delete(seeds).where(mine)).rowcount

    def unknown(self, after: int = 0) -> tuple[KeptSeed, ...]:
        """The next seeds of whom no paper is known yet, with numbers above ``after``."""
        query = _kept(seeds.c.paper_id.is_(None), seeds.c.id > after).limit(_UNKNOWN_AT_ONCE)
        return tuple(_seed(row) for row in self._connection.execute(query))

    def resolve(self, paper_ids: Mapping[int, int]) -> None:
        """Note which paper each of these seeds is, by the seed's number."""
        many(
            self._connection,
            update(seeds)
            .where(seeds.c.id == bindparam("seed"))
            .values(paper_id=bindparam("paper")),
            [{"seed": seed_id, "paper": paper_id} for seed_id, paper_id in paper_ids.items()],
        )


def _owner(subscriber_id: int | None, seed_list: str) -> str:
    return f"list {seed_list}" if subscriber_id is None else f"subscriber {subscriber_id}"


def _kept(*conditions: ColumnElement[bool]) -> Select[tuple[object, ...]]:
    """Seeds with the words of the paper they are, where it is known."""
    return (
        select(
            seeds.c.id,
            seeds.c.subscriber_id,
            seeds.c.seed_list,
            seeds.c.external_id,
            seeds.c.paper_id,
            seeds.c.added,
            func.coalesce(papers.c.title, seeds.c.title).label("title"),
            func.coalesce(func.nullif(papers.c.abstract, ""), seeds.c.abstract).label("abstract"),
        )
        .outerjoin_from(seeds, papers, papers.c.id == seeds.c.paper_id)
        .where(*conditions)
        .order_by(seeds.c.id)
    )


def _seed(row: Row[tuple[object, ...]]) -> KeptSeed:
    seed = Seed(row.title, row.abstract, row.added, row.paper_id, row.seed_list)
    return KeptSeed(row.id, seed, row.external_id)

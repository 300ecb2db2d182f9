"""Selections: what mails show by their subscribers' taste, kept from the freezing until all are sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, delete, exists, select

from digest.model import Selection
from digest.store import codec
from digest.store.dialect import insert_new, many
from digest.store.tables import editions
from digest.store.taste_tables import selections, subscriber_selections


def pack_selection(selection: Selection) -> bytes:
    """The selection as it is kept. Needs no transaction, so that nobody waits for its making."""
    spelled = {str(paper_id): why for paper_id, why in selection.why.items()}
    return codec.deflate(replace(selection, why=cast(Mapping[int, str], spelled)))


def unpack_selection(content: bytes, number: int) -> Selection:
    """The selection that `pack_selection` packed; ``ConfigurationError`` naming ``number`` if damaged."""
    selection = codec.inflate(Selection, content, where=f"selection {number}")
    return replace(
        selection, why={int(paper_id): str(why) for paper_id, why in selection.why.items()}
    )


class Selections:
    """The selections of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, edition_id: int, content: bytes) -> int:
        """Keep a selection of an edition as `pack_selection` made it; its number."""
        result = self._connection.execute(
            selections.insert(), {"edition_id": edition_id, "content": content}
        )
        return int(cast(Any, result.inserted_primary_key)[0])

    def assign(self, edition_id: int, chosen: Sequence[tuple[int, int]]) -> None:
        """Note which selection each subscriber's mail shows: pairs of their number and its."""
        rows = [
            {"edition_id": edition_id, "subscriber_id": subscriber_id, "selection_id": selection_id}
            for subscriber_id, selection_id in chosen
        ]
        many(self._connection, insert_new(self._connection, subscriber_selections), rows)

    def assigned(self, edition_id: int) -> Mapping[int, int]:
        """The number of the selection that each subscriber's mail shows, who has one of their own."""
        rows = self._connection.execute(
            select(
                subscriber_selections.c.subscriber_id, subscriber_selections.c.selection_id
            ).where(subscriber_selections.c.edition_id == edition_id)
        )
        return {row.subscriber_id: row.selection_id for row in rows}

    def of_subscriber(self, edition_id: int, subscriber_id: int) -> Selection | None:
        """The selection that a subscriber's mail shows; ``None`` if they have none of their own."""
        selection_id = self._connection.scalar(
            select(subscriber_selections.c.selection_id).where(
                subscriber_selections.c.edition_id == edition_id,
                subscriber_selections.c.subscriber_id == subscriber_id,
            )
        )
        return None if selection_id is None else self.get(selection_id)

    def get(self, selection_id: int) -> Selection | None:
        """The selection with that number."""
        content = self._connection.scalar(
            select(selections.c.content).where(selections.c.id == selection_id)
        )
        return None if content is None else unpack_selection(content, selection_id)

    def following(self, edition_id: int, first: int, limit: int) -> Sequence[tuple[int, bytes]]:
        """An edition's selections from that number on, as `pack_selection` made them."""
        rows = self._connection.execute(
            select(selections.c.id, selections.c.content)
            .where(selections.c.edition_id == edition_id, selections.c.id >= first)
            .order_by(selections.c.id)
            .limit(limit)
        )
        return [(row.id, row.content) for row in rows]

    def forget_expired(self, now: datetime) -> int:
        """Delete what was chosen for editions that may no longer be sent; how many selections."""
        expired = select(editions.c.id).where(editions.c.expires_at <= now)
        mine = subscriber_selections.c.edition_id.in_(expired)
        self._connection.execute(delete(subscriber_selections).where(mine))
        result = self._connection.execute(
            delete(selections).where(selections.c.edition_id.in_(expired))
        )
        return result.rowcount

    def forget_subscriber(self, subscriber_id: int) -> None:
        """Delete what was chosen for a subscriber: mail of theirs that waits shows the general choice."""
        theirs = subscriber_selections.c.subscriber_id == subscriber_id
        self._connection.execute(delete(subscriber_selections).where(theirs))
        self.forget_unused()

    def forget_unused(self) -> int:
        """Delete the selections that no subscriber's mail shows any longer; how many."""
        used = exists().where(subscriber_selections.c.selection_id == selections.c.id)
        return self._connection.execute(delete(selections).where(~used)).rowcount

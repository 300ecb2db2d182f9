"""Posts of an edition, for ``digest status`` and ``digest deliveries``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from digest.daily.equation import equation
from digest.json_objects import post_object, post_reply
from digest.model import DeliveryState, PostRecord, Tally
from digest.store import UnitOfWork


@dataclass(frozen=True, slots=True)
class PostStatus:
    """The posts of an edition, and how many are in which state. Readers are not among them."""

    tally: Tally
    records: tuple[PostRecord, ...]

    def lines(self) -> Iterator[str]:
        """The lines for people: the sum, and each post that is not where it should be."""
        yield f"  posts: {equation(self.tally)}"
        for record in self.records:
            if record.state is not DeliveryState.ACCEPTED:
                yield f"    {post_words(record)}"

    def as_dict(self) -> dict[str, Any]:
        """The object of these posts in ``digest status --json``."""
        return {
            "deliveries": asdict(self.tally),
            "balanced": self.tally.balanced,
            "targets": [post_object(record) for record in self.records],
        }


def post_status(unit: UnitOfWork, edition_id: int) -> PostStatus | None:
    """Read the posts of an edition; ``None`` where it is posted nowhere."""
    tally = unit.posts.tally(edition_id)
    if tally is None or not (tally.planned_at_start or tally.counted):
        return None
    return PostStatus(tally, unit.posts.of_edition(edition_id))


def post_words(record: PostRecord) -> str:
    """A post on one line: its state, its target, and why."""
    why = post_reply(record)
    if record.state is DeliveryState.DEFERRED:
        why = f"{why}; next at {record.next_at:%Y-%m-%d %H:%M} UTC"
    return f"{record.state:9} post to {record.target}{f'  ({why})' if why else ''}"

"""A reader's answers to a paper, as buttons and links write them: votes, and to read it later."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from digest.model import VoteDirection
from digest.store import Store
from digest.subscriptions import ActionResult, reading_list, taste


class PaperAnswer(StrEnum):
    """A word on a paper. ``NONE`` takes a vote back, ``NOT_LATER`` takes it off the reading list."""

    MORE = "more"
    LESS = "less"
    NONE = "none"
    LATER = "later"
    NOT_LATER = "unlater"

    @property
    def saves(self) -> bool:
        """True if it is about the reading list, not a vote."""
        return self in (PaperAnswer.LATER, PaperAnswer.NOT_LATER)

    @property
    def done(self) -> str:
        """The sentence that says it was done."""
        return _DONE[self]


LINKED = frozenset({PaperAnswer.MORE, PaperAnswer.LESS, PaperAnswer.LATER})
"""The answers that a mail has links for."""
_DONE = {
    PaperAnswer.MORE: "Saved: more like this.",
    PaperAnswer.LESS: "Saved: less like this.",
    PaperAnswer.NONE: "Your vote has been taken back.",
    PaperAnswer.LATER: "Saved to your reading list.",
    PaperAnswer.NOT_LATER: "Taken off your reading list.",
}


def answer_paper(
    store: Store, subscriber_id: int, paper_id: int, answer: PaperAnswer, *, now: datetime
) -> PaperAnswer | None:
    """Do what the answer says; the answer that undoes it, ``None`` if there is no such paper or reader.

    Raises `digest.errors.InputError` where a reading list is full.
    """
    if answer.saves:
        return _keep(store, subscriber_id, paper_id, answer, now)
    with store.read() as unit:
        before = unit.votes.on(subscriber_id, [paper_id]).get(paper_id)
    direction = None if answer is PaperAnswer.NONE else VoteDirection(answer)
    result = taste.cast_vote(store, subscriber_id, paper_id, direction, now=now)
    return None if result is ActionResult.GONE else PaperAnswer(before or "none")


def _keep(
    store: Store, subscriber_id: int, paper_id: int, answer: PaperAnswer, now: datetime
) -> PaperAnswer | None:
    before = reading_list.is_saved(store, subscriber_id, [paper_id])
    if answer is PaperAnswer.LATER:
        result = reading_list.save_paper(store, subscriber_id, paper_id, now=now)
        if result is ActionResult.GONE:
            return None
    else:
        reading_list.remove_papers(store, subscriber_id, [paper_id])
    return PaperAnswer.LATER if before else PaperAnswer.NOT_LATER

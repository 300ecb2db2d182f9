"""A subscriber's taste: papers they named or voted on, and whom they follow. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple


class VoteDirection(StrEnum):
    """The wish behind a vote: more papers like this one, or fewer."""

    MORE = "more"
    LESS = "less"


class VoteLinks(StrEnum):
    """The papers of a mail that have links to vote by."""

    PICKS = "picks"
    ALL = "all"
    OFF = "off"


class FollowKind(StrEnum):
    """The kind of name that is followed."""

    AUTHOR = "author"
    INSTITUTION = "institution"


@dataclass(frozen=True, slots=True)
class Seed:
    """A paper a subscriber named as their own taste; ``abstract`` may be empty.

    ``seed_list`` names the list it stands in (``""`` is the subscriber's own, any other name a
    list of the operator's that serves a group).
    """

    title: str
    abstract: str
    added: date
    paper_id: int | None = None
    seed_list: str = ""


@dataclass(frozen=True, slots=True)
class Vote:
    """A subscriber's word on one paper of the store; the latest word on a paper counts."""

    paper_id: int
    title: str
    abstract: str
    direction: VoteDirection
    day: date


@dataclass(frozen=True, slots=True)
class SavedPaper:
    """A paper on a subscriber's reading list. ``read`` is the day they marked it; ``None``: unread."""

    paper_id: int
    title: str
    added: date
    read: date | None = None


@dataclass(frozen=True, slots=True)
class Follow:
    """A name a subscriber follows, as they wrote it."""

    kind: FollowKind
    name: str


class PersonalPlace(NamedTuple):
    """A paper in one subscriber's order of an edition, and why it stands there (``""``: no reason).

    ``followed``: a followed name brought it to the front. ``explored``: it widens the view, in spite
    of its score. ``score`` compares within one order only. A tuple, the value that is quickest to
    make: every reader with a taste has one for each paper.
    """

    paper_id: int
    reason: str = ""
    followed: bool = False
    explored: bool = False
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Taste:
    """All a ranker may know of one subscriber. Empty: the general order serves them."""

    seeds: tuple[Seed, ...] = ()
    votes: tuple[Vote, ...] = ()
    follows: tuple[Follow, ...] = ()

    @property
    def is_empty(self) -> bool:
        """True if nothing is known, so that no order of the subscriber's own is worked out."""
        return not (self.seeds or self.votes or self.follows)


@dataclass(frozen=True, slots=True)
class NewSeed:
    """A seed to keep. ``identity`` tells it from others of its list: two of one identity are one.

    ``external_id`` is an id as `digest.model.Record` writes it; with it the paper is found when it
    is seen later.
    """

    identity: str
    title: str
    abstract: str = ""
    external_id: str | None = None
    paper_id: int | None = None


@dataclass(frozen=True, slots=True)
class KeptSeed:
    """A seed as it is kept, under a number by which it can be taken away."""

    id: int
    seed: Seed
    external_id: str | None = None

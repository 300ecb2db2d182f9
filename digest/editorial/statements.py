"""The sentences of an abstract as statements: what each is worth, and what it needs to stand alone."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from digest.editorial.acronyms import KNOWN_TO_ALL, unexplained
from digest.editorial.antecedents import with_its_subject
from digest.editorial.coined_names import (
    but_for_its_data,
    coined_names,
    without_unknown_opening,
)
from digest.editorial.cues import FOR_POINTING_BACK, weigh_sentence
from digest.editorial.openings import standing_alone, without_ordinal
from digest.editorial.presuppositions import pointing_subject, presumed
from digest.editorial.references import BackReference, noun_stems, references, unresolved
from digest.editorial.section_labels import SectionRole
from digest.editorial.sentences import is_whole
from digest.editorial.shortening import pointing_tail_left_out, without_lone_item
from digest.editorial.word_rarity import is_rare
from digest.latex import readable

__all__ = [
    "FOR_A_REFERENCE",
    "FOR_PRESUMED",
    "FOR_UNKNOWN_NAME",
    "MOST_REFERENCES",
    "Statement",
    "statements",
    "unseen",
]

LEAST_DONE = 1.0
"""A hint of what is done; less says nothing of it."""
LEAST_ANNOUNCEMENT = 2.0
# How a thing works, said right after what it is, has no sign of either; background has less.
_FOR_DETAIL = 1.0
# A sentence that speaks of something unseen is as bad as one of background.
FOR_A_REFERENCE = -2.5
MOST_REFERENCES = 2
# A thing taken for known ("the hard mask") is less of a riddle: some of them are.
FOR_PRESUMED = -1.2
_MOST_PRESUMED = 2
# A name that neither the title nor the sentence before has said is as much of a riddle as "this".
FOR_UNKNOWN_NAME = -3.5
_FOR_TITLE = 2.0
_FOR_NAME = 1.4
"""A title says what a paper is about: the sentence with its words, and with the name in it, does too."""

_BY_ROLE: Mapping[SectionRole, tuple[float, float]] = {
    SectionRole.BACKGROUND: (-2.0, -2.0),
    SectionRole.AIM: (2.0, -2.0),
    SectionRole.METHOD: (0.0, -1.5),
    SectionRole.RESULT: (-1.0, 2.0),
    SectionRole.CONCLUSION: (-1.0, 1.0),
    SectionRole.OTHER: (-6.0, -6.0),
}


_TAIL = 12
_MOST_LOST = 4.0
_NAME_IN_TITLE = re.compile(r"(?<![\w-])[A-Za-z]+[A-Z0-9][\w+]*(?:-[\w+]+)*")
_MOST_OF_A_KIND = 5
"""Sentences, the best by either weight, that are looked at more closely."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence as it stands in the abstract (``written``) and as it stands alone (``text``)."""

    place: int
    written: str
    text: str
    done: float
    came_out: float
    points_back: bool
    pending: tuple[BackReference, ...] = ()
    shown: frozenset[str] = frozenset()
    before: frozenset[str] = frozenset()
    unknown: tuple[str, ...] = ()
    presumed: tuple[frozenset[str], ...] = ()
    named: bool = False

    @property
    def alone(self) -> float:
        """The worth by itself: what is done, and some of what came out."""
        unseen = min(len(self.pending), MOST_REFERENCES) * FOR_A_REFERENCE
        unseen += FOR_UNKNOWN_NAME / 2 if self.unknown else 0.0
        unseen += FOR_PRESUMED * min(len(self.presumed), _MOST_PRESUMED)
        return self.done + min(max(self.came_out, 0.0), 3.0) / 3 + unseen

    @property
    def detail(self) -> float:
        """The worth right after the sentence that it speaks of; below 0 it says nothing."""
        done = self.done - (FOR_POINTING_BACK if self.points_back else 0.0)
        return max(done, self.came_out) + _FOR_DETAIL


@dataclass(frozen=True, slots=True)
class _TitleWords:
    """The stems of a title, and the name that it gives the paper's new thing ("GlowNet: …")."""

    text: str
    stems: frozenset[str]
    name: str

    @classmethod
    def of(cls, title: str) -> _TitleWords:
        title = readable(title)
        name, colon, _ = title.partition(":")
        if not colon or len(name.split()) > 3:
            coined = _NAME_IN_TITLE.search(title)
            name = (
                coined[0] if coined and coined[0] not in KNOWN_TO_ALL and is_rare(coined[0]) else ""
            )
        return cls(title, noun_stems(title), name.strip())

    def shared_by(self, stems: frozenset[str]) -> float:
        """The share of the title's words that are among ``stems``, from 0 to 1."""
        return len(self.stems & stems) / max(len(self.stems), 3)


def statements(
    sentences: Iterable[tuple[int, str, SectionRole]],
    written: Sequence[str],
    title: str,
    explained: Collection[str] = (),
) -> list[Statement]:
    """The promising ones of ``sentences`` (place, text, role) of the abstract ``written``, in order.

    ``explained`` are the acronyms that can be said in full.
    """
    chosen = _promising([_weigh(*sentence, len(written)) for sentence in sentences])
    abstract = _Abstract.of(written, title, explained)
    return [_prepared(sentence, abstract) for sentence in chosen]


def unseen(first: Statement, second: Statement) -> int:
    """Count what the second speaks of and the first does not explain."""
    return unresolved(
        second.pending,
        first.shown,
        left_out=first.before if second.place == first.place + 1 else None,
        announced=first.done >= LEAST_ANNOUNCEMENT,
    )


def _weigh(place: int, text: str, role: SectionRole, number: int) -> Statement:
    if not is_whole(text):
        return Statement(place, text, text, 0.0, 0.0, False)
    weight = weigh_sentence(without_lone_item(text), place / max(number - 1, 1))
    done, came_out = _BY_ROLE.get(role, (0.0, 0.0))
    return Statement(
        place, text, text, weight.done + done, weight.came_out + came_out, weight.points_back
    )


def _promising(weighed: list[Statement]) -> list[Statement]:
    """The best statements of either kind, and those beside the best: the others are not chosen."""
    done = sorted(weighed, key=lambda sentence: -sentence.done)[:_MOST_OF_A_KIND]
    came_out = sorted(weighed, key=lambda sentence: -sentence.came_out)[:_MOST_OF_A_KIND]
    places = {sentence.place for sentence in (*done, *came_out)}
    places |= {sentence.place + step for sentence in done[:2] for step in (-1, 1)}
    return [sentence for sentence in weighed if sentence.place in places]


@dataclass(frozen=True, slots=True)
class _Abstract:
    """The abstract as a whole: the things that each sentence brings in, and the names of new ones.

    ``earlier`` has the stems of all sentences before each; ``explained`` are acronyms that can be said in full.
    """

    written: Sequence[str]
    title: _TitleWords
    explained: Collection[str]
    stems: list[frozenset[str]]
    earlier: list[frozenset[str]]
    coined: Mapping[str, int]

    @classmethod
    def of(cls, written: Sequence[str], title: str, explained: Collection[str]) -> _Abstract:
        stems = [noun_stems(each) for each in written]
        earlier = [frozenset[str]()]
        for of_sentence in stems:
            earlier.append(earlier[-1] | of_sentence)
        words = _TitleWords.of(title)
        return cls(written, words, explained, stems, earlier, coined_names(written))

    def names(self) -> Iterator[str]:
        """The names of its new things, the title's first."""
        if self.title.name:
            yield self.title.name
        yield from self.coined


def _prepared(sentence: Statement, abstract: _Abstract) -> Statement:
    """The sentence as it stands alone, with what it speaks of, and what the title says of it."""
    title, earlier = abstract.title, abstract.earlier[sentence.place]
    alone, pending, unknown = _alone(sentence, abstract)
    done, came_out = sentence.done, sentence.came_out
    if alone[-_TAIL:] != sentence.text[-_TAIL:]:
        # What has gone with its last clause says nothing any more.
        left = weigh_sentence(alone, sentence.place / max(len(abstract.written) - 1, 1))
        came_out = min(came_out, max(left.came_out, came_out - _MOST_LOST))
    named = _FOR_NAME if title.name and title.name in alone else 0.0
    if done >= LEAST_DONE:
        done += _FOR_TITLE * title.shared_by(abstract.stems[sentence.place]) + named
    return replace(
        sentence,
        text=alone,
        done=done,
        came_out=came_out + named / 2,
        written=without_ordinal(without_lone_item(sentence.written)),
        pending=_not_of(title.stems, pending) + pointing_subject(alone, earlier, title.stems),
        shown=abstract.stems[sentence.place] if alone == sentence.text else noun_stems(alone),
        before=earlier,
        unknown=unknown,
        presumed=presumed(alone, earlier, title.stems),
        named=bool(named),
    )


def _not_of(title: frozenset[str], pending: tuple[BackReference, ...]) -> tuple[BackReference, ...]:
    """The references but "this harness" and the like, where the title has named it."""
    return tuple(
        each
        for each in pending
        if each.word != "this" or each.generic or not title or title.isdisjoint(each.nouns[:1])
    )


def _alone(
    sentence: Statement, abstract: _Abstract
) -> tuple[str, tuple[BackReference, ...], tuple[str, ...]]:
    """A sentence as it stands alone, what it points back to, and names it does not introduce."""
    before = abstract.written[: sentence.place]
    alone = with_its_subject(sentence.text, before, tuple(abstract.names()))
    alone = standing_alone(without_lone_item(alone))
    pending = references(alone)
    if pending:
        shorter = pointing_tail_left_out(alone)
        alone, pending = (shorter, ()) if shorter != alone else (alone, pending)
    said = but_for_its_data(alone)
    unknown = tuple(
        name
        for name, place in abstract.coined.items()
        if name in said and place < sentence.place and name not in abstract.title.text
        if name not in KNOWN_TO_ALL and name not in abstract.explained
    )
    if unknown:
        alone, unknown = without_unknown_opening(alone, unknown)
        said = but_for_its_data(alone)
    return (
        alone,
        pending,
        unknown + tuple(unexplained(said, abstract.title.text, abstract.explained)),
    )

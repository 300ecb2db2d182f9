"""The sentences of an abstract as statements: what each is worth, and what it needs to stand alone."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from digest.editorial.acronyms import KNOWN_TO_ALL
from digest.editorial.cues import FOR_POINTING_BACK, weigh_sentence
from digest.editorial.openings import standing_alone
from digest.editorial.references import BackReference, noun_stems, references, unresolved
from digest.editorial.section_labels import SectionRole
from digest.editorial.sentences import is_whole
from digest.editorial.shortening import pointing_tail_left_out, without_lone_item
from digest.latex import readable

__all__ = [
    "FOR_A_REFERENCE",
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
# A name that neither the title nor the sentence before has said is as much of a riddle as "this".
FOR_UNKNOWN_NAME = -2.0
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


_COINED = re.compile(
    r"\b(?:propos|introduc|present|develop|dub|call|nam|term|buil|construct|creat|releas|train|design|obtain|collect|curat|compil)\w*,? "
    r"(?:[a-z][\w-]*,? ){0,3}?([A-Z][\w+-]*[A-Z0-9][\w-]*)"
)
_IN_QUOTES = re.compile(r"[\"“]([A-Z][a-z]{1,20}[A-Z][\w-]{0,30})[\"”]")
_APPOSED = re.compile(
    r"(?:[,:]|\band) ([A-Z][\w+]*(?:-[A-Z][\w]*)+|[A-Z][a-z]+[A-Z]\w*), (?:an?|which)\b"
)
# "Based on LampNet, we …": what it is based on goes where it has not been said.
_WITH_A_NAME = re.compile(
    r"(?:leveraging|using|(?:based|building|built|relying|trained) (?:up)?on|with|powered by|equipped with|given|through|via) "
    r"[^,.;:()]{2,60}, (?=(?:we|our|this (?:paper|work))\b)",
    re.IGNORECASE,
)
_DEFINITE_SUBJECT = re.compile(
    r"The (?P<nouns>(?:[a-z-]+ ){0,2}?[a-z-]+) (?=(?:is|are|was|were|can|could|also|has|have|will|may|extends?|transfers?|"
    r"persists?|makes?|holds?|comes?|remains?|arises?|grows?|generali[sz]es?|enables?|allows?|achieves?|outperforms?)\b)"
)
_NO_POINTER = re.compile(
    r"(?:^|[ -])(?:experiment|evaluation|result|stud|analys|finding|simulation|ablation|code|data|paper|work|survey|article|"
    r"report|model|method|approach|framework|goal|aim|purpose|objective|key|main|core|proposed|field|world|world's|"
    r"comparison|best|first|most|authors?|of|in|that)",
)
_ALWAYS_OF_ANOTHER = re.compile(
    r"\b(?:gains?|gaps?|improvements?|benefits?|effects?|differences?)$"
)
_SAYING_MORE = (
    "show",
    "demonstrat",
    "reveal",
    "indicat",
    "confirm",
    "suggest",
    "that ",
    ", we ",
    ", our ",
    "perform",
)
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
    stems: frozenset[str] = frozenset()
    before: frozenset[str] = frozenset()
    unknown: tuple[str, ...] = ()

    @property
    def alone(self) -> float:
        """The worth by itself: what is done, and some of what came out."""
        unseen = min(len(self.pending), MOST_REFERENCES) * FOR_A_REFERENCE
        unseen += FOR_UNKNOWN_NAME / 2 if self.unknown else 0.0
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
        return cls(
            title, noun_stems(title), name.strip() if colon and len(name.split()) <= 3 else ""
        )

    def shared_by(self, stems: frozenset[str]) -> float:
        """The share of the title's words that are among ``stems``, from 0 to 1."""
        return len(self.stems & stems) / max(len(self.stems), 3)


def statements(
    sentences: Iterable[tuple[int, str, SectionRole]], written: Sequence[str], title: str
) -> list[Statement]:
    """The promising ones of ``sentences`` (place, text, role) of the abstract ``written``, in order."""
    chosen = _promising([_weigh(*sentence, len(written)) for sentence in sentences])
    return _prepared(chosen, _TitleWords.of(title), written)


def unseen(first: Statement, second: Statement) -> int:
    """Count what the second speaks of and the first does not explain."""
    return unresolved(
        second.pending,
        first.stems,
        left_out=first.before if second.place == first.place + 1 else None,
        announced=first.done >= LEAST_ANNOUNCEMENT,
    )


def _weigh(place: int, text: str, role: SectionRole, number: int) -> Statement:
    if not is_whole(text):
        return Statement(place, text, text, 0.0, 0.0, False)
    weight = weigh_sentence(text, place / max(number - 1, 1))
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


def _prepared(
    chosen: list[Statement], title: _TitleWords, written: Sequence[str]
) -> list[Statement]:
    """The sentences as they stand alone, with what they speak of, and what the title says of them."""
    stems = [noun_stems(each) for each in written]
    earlier = [frozenset[str]()]
    for of_sentence in stems:
        earlier.append(earlier[-1] | of_sentence)
    coined: dict[str, int] = {}
    for place, text in enumerate(written):
        for name in _coined(text):
            coined.setdefault(name, place)
    prepared = []
    for sentence in chosen:
        alone, pending, unknown = _alone(sentence, coined, title)
        pending += _definite(alone, earlier[sentence.place], title.stems)
        done, came_out = sentence.done, sentence.came_out
        named = _FOR_NAME if title.name and title.name in alone else 0.0
        if done >= LEAST_DONE:
            done += _FOR_TITLE * title.shared_by(stems[sentence.place]) + named
        prepared.append(
            replace(
                sentence,
                text=alone,
                done=done,
                came_out=came_out + named / 2,
                written=without_lone_item(sentence.written),
                pending=pending,
                stems=stems[sentence.place],
                before=earlier[sentence.place],
                unknown=unknown,
            )
        )
    return prepared


def _alone(
    sentence: Statement, coined: Mapping[str, int], title: _TitleWords
) -> tuple[str, tuple[BackReference, ...], tuple[str, ...]]:
    """A sentence as it stands alone, what it points back to, and names it does not introduce."""
    alone = standing_alone(without_lone_item(sentence.text))
    pending = references(alone)
    if pending:
        shorter = pointing_tail_left_out(alone)
        alone, pending = (shorter, ()) if shorter != alone else (alone, pending)
    unknown = tuple(
        name
        for name, place in coined.items()
        if name in alone and place < sentence.place and name not in title.text
        if name in _but_for_its_data(alone)
        if name not in KNOWN_TO_ALL
    )
    if unknown:
        alone, unknown = _without_unknown_opening(alone, unknown)
    return alone, pending, unknown


def _coined(text: str) -> Iterator[str]:
    """The names that a sentence gives to something new, the first few."""
    yield from _COINED.findall(text)[:2]
    if '"' in text or "“" in text:
        yield from _IN_QUOTES.findall(text)[:2]
    if ", a" in text or ", which " in text:
        yield from _APPOSED.findall(text)[:2]


def _but_for_its_data(text: str) -> str:
    """``text`` but for "on LampBench and MothSet" at its end: a name there is that of some data."""
    said, on, data = text.rpartition(" on ")
    return text if not on or any(word in data for word in _SAYING_MORE) else said


def _without_unknown_opening(text: str, unknown: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """``text`` without "Using LampNet, " if that name has not been said; and the names that stay."""
    opening = _WITH_A_NAME.match(text)
    if opening is None or not any(name in opening[0] for name in unknown):
        return text, unknown
    rest = text[opening.end() :]
    return rest[:1].upper() + rest[1:], tuple(name for name in unknown if name in rest)


def _definite(
    text: str, earlier: frozenset[str], title: Collection[str]
) -> tuple[BackReference, ...]:
    """Find what points back as "The gains extend …" does: to an earlier sentence, with no word more."""
    subject = _DEFINITE_SUBJECT.match(text)
    if subject is None or _NO_POINTER.search(subject["nouns"]):
        return ()
    stems = tuple(stem for stem in noun_stems(subject["nouns"]))
    if not stems or any(stem in title for stem in stems):
        return ()
    if not _ALWAYS_OF_ANOTHER.search(subject["nouns"]) and not earlier.intersection(stems):
        return ()
    return (BackReference("the", stems),)

"""Two sentences of an abstract that say what is done and what comes out, and one for short.

The sentences are the authors' own, whole and in their order; only LaTeX is made readable, and an
opening that points back to what is not shown is left out (see ``openings``). Each is
weighed twice, as a statement of what is done and as one of what comes out (see ``cues``). The
best pair that fits the length is taken.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from digest.editorial.cues import FOR_POINTING_BACK, weigh_sentence
from digest.editorial.links import badges
from digest.editorial.openings import without_opening
from digest.editorial.sentences import is_whole, sentences
from digest.latex import readable

__all__ = ["BRIEF_LENGTH", "SUMMARY_LENGTH", "Summary", "badges", "summarise"]

# In characters. Half of all sentences in abstracts of the field are shorter than 160, nine in ten
# shorter than 250: two of the usual length fit the one, one of nearly any length the other.
SUMMARY_LENGTH = 420
BRIEF_LENGTH = 260

# Shorter is better where little is lost: each character beyond these costs a hundredth, so that
# a hundred more must say as much as a hint ("novel", a number) does.
_COMFORTABLE = 320
_COMFORTABLE_BRIEF = 200
_FOR_A_CHARACTER = -0.01
_SHORTEST = 25
# A first sentence must at least have a hint of what is done, where any has, and a
# second sentence must have at least one plain sign of a result to be better than none.
_LEAST_DONE = 1.0
_LEAST_RESULT = 1.5
# How a thing works, said right after what it is, has no sign of either; background has less.
_FOR_DETAIL = 1.0
# Where the best statement of what is done fits only alone, it is not given up for a pair whose own
# is worse by this much: the difference between an announcement and a mere hint.
_MUCH_BETTER = 2.0


@dataclass(frozen=True, slots=True)
class Summary:
    """``summary`` is at most two whole sentences, ``brief`` one; ``""`` where none fits."""

    summary: str
    brief: str


@dataclass(frozen=True, slots=True)
class _Weighed:
    place: int
    text: str
    done: float
    came_out: float
    points_back: bool

    @property
    def alone(self) -> float:
        """The worth by itself: what is done, and some of what came out."""
        return self.done + min(max(self.came_out, 0.0), 3.0) / 3

    @property
    def detail(self) -> float:
        """The worth right after the sentence that it speaks of; below 0 it says nothing."""
        done = self.done - (FOR_POINTING_BACK if self.points_back else 0.0)
        return max(done, self.came_out) + _FOR_DETAIL


_TERSE, _FOR_TERSENESS = 50, -1.0
"""A sentence this short ("We study pruning as gardening.") is an opening more than a summary."""

_MOST_SENTENCES = 40
"""Sentences that are looked at, since each pair of them is weighed; real abstracts have up to 30."""

_ADDRESS = re.compile(r"https?://|\bwww\.", re.IGNORECASE)


def summarise(
    abstract: str, *, longest: int = SUMMARY_LENGTH, longest_brief: int = BRIEF_LENGTH
) -> Summary:
    """Say what is done and what comes out, in the abstract's own whole sentences.

    ``longest`` and ``longest_brief`` are in characters and are never exceeded: where no sentence
    fits, the part is ``""``, because a cut sentence is worse than none. A last sentence that the
    source has cut off is not used.
    """
    written = sentences(readable(abstract), _MOST_SENTENCES)
    usable = {place: text for place, text in enumerate(written) if _is_usable(text, written)}
    # An address says little to a reader, and its badge says it better.
    usable = {place: text for place, text in usable.items() if not _ADDRESS.search(text)} or usable
    weighed = [
        _weigh(text, place, written)
        for place, text in usable.items()
        if len(text) <= max(longest, longest_brief)
    ]
    return Summary(
        without_opening(
            _best_pair([each for each in weighed if len(each.text) <= longest], longest)
        ),
        without_opening(_best_one([each for each in weighed if len(each.text) <= longest_brief])),
    )


def _is_usable(text: str, written: Sequence[str]) -> bool:
    """Tell whether a sentence of an abstract is whole, and long enough to say something."""
    if is_whole(text):
        return len(text) >= min(_SHORTEST, len(written[0]))
    return len(written) == 1 and _complete_without_stop(text)


def _weigh(text: str, place: int, written: Sequence[str]) -> _Weighed:
    if not is_whole(text):
        return _Weighed(place, text, 0.0, 0.0, False)
    weight = weigh_sentence(text, place / max(len(written) - 1, 1))
    return _Weighed(place, text, weight.done, weight.came_out, weight.points_back)


def _complete_without_stop(text: str) -> bool:
    """Tell whether a lone line without a full stop may be a whole phrase, a source's one-liner."""
    return not re.search(r"(?:[.…,;:(–—-]|\b(?:the|a|an|of|and|or|to|in|for|with|by))$", text)


def _best_pair(fitting: list[_Weighed], longest: int) -> str:
    """Choose the best pair in order, or the best one with what is said next of it, or it alone."""
    pairs = [
        (_worth(first, second), first, second)
        for first in fitting
        for second in fitting
        if first.place < second.place and len(first.text) + len(second.text) < longest
    ]
    alone = max(fitting, key=lambda sentence: (sentence.alone, -sentence.place), default=None)
    if alone is None:
        return ""
    _, first, second = max(
        pairs, key=lambda pair: (pair[0], -pair[1].place, -pair[2].place), default=(0, alone, alone)
    )
    poor = first.done < min(_LEAST_DONE, alone.done) or second.came_out < _LEAST_RESULT
    if pairs and not poor and alone.done - first.done <= _MUCH_BETTER:
        return f"{first.text} {second.text}"
    for _, first, second in pairs:
        if first is alone and second.place == alone.place + 1 and second.detail > 0:
            return f"{first.text} {second.text}"
    return alone.text


def _worth(first: _Weighed, second: _Weighed) -> float:
    worth = first.done + second.came_out
    if second.points_back and second.place > first.place + 1:
        worth += FOR_POINTING_BACK
    return worth + _too_long(len(first.text) + 1 + len(second.text), _COMFORTABLE)


def _best_one(fitting: list[_Weighed]) -> str:
    best = max(
        fitting,
        key=lambda sentence: (
            # Alone, "they" and "such" speak of a sentence that the reader does not see.
            sentence.alone
            + (FOR_POINTING_BACK if sentence.points_back else 0.0)
            + (_FOR_TERSENESS if len(sentence.text) < _TERSE else 0.0)
            + _too_long(len(sentence.text), _COMFORTABLE_BRIEF),
            -sentence.place,
        ),
        default=None,
    )
    return best.text if best else ""


def _too_long(length: int, comfortable: int) -> float:
    return _FOR_A_CHARACTER * max(length - comfortable, 0)

"""Two sentences of an abstract that say what is done and what comes out, and one for short.

The sentences are the authors' own, in their order. LaTeX is made readable, what copying tore is mended
(``text_repair``), what points back to a sentence that is not shown is reworded or left out
(``openings``), and an acronym is said in full at its first place (``acronyms``). Each sentence is
weighed twice, as a statement of what is done and as one of what comes out (``cues``); what still
speaks of something unseen (``references``) counts against it. The best pair that fits is taken.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from digest.editorial.acronyms import Acronym, acronyms, in_full
from digest.editorial.known_acronyms import meanings
from digest.editorial.links import badges
from digest.editorial.section_labels import unlabelled
from digest.editorial.sentences import is_whole, sentences
from digest.editorial.shortening import shortened
from digest.editorial.statements import (
    FOR_A_REFERENCE,
    FOR_PRESUMED,
    FOR_UNKNOWN_NAME,
    LEAST_DONE,
    MOST_REFERENCES,
    Statement,
    statements,
    unseen,
)
from digest.editorial.text_repair import repaired
from digest.latex import readable

__all__ = ["BRIEF_LENGTH", "SUMMARY_LENGTH", "Summary", "badges", "summarise"]

# In characters. Nine in ten sentences in abstracts of the field are shorter than 250: two of nearly any
# length fit the one, and one with its acronyms said in full the other.
SUMMARY_LENGTH = 580
BRIEF_LENGTH = 320

# Shorter is better where little is lost: each character beyond these costs a hundredth, so that
# a hundred more must say as much as a hint ("novel", a number) does.
_COMFORTABLE = 440
_COMFORTABLE_BRIEF = 240
_FOR_A_CHARACTER = -0.01
_SHORTEST = 25
# Kept free of the longest summary, so that acronyms can be said in full.
_FOR_NAMING = 60
# What a pair is worth for telling the name that the title gives the paper's new thing.
_FOR_THE_NAME = 2.0
# A first sentence must at least have a hint of what is done, where any has, and a
# second sentence must have at least one plain sign of a result to be better than none.
_LEAST_FIRST = 0.5
_LEAST_RESULT = 1.5
# Where the best statement of what is done fits only alone, it is not given up for a pair whose own
# is worse by this much: the difference between an announcement and a mere hint.
_MUCH_BETTER = 2.0
_A_PLAIN_ANNOUNCEMENT = 3.0
# A pair that needs no sentence before it is better than one that does and is worth this much more.
_FOR_EXPLAINING = 3.0


@dataclass(frozen=True, slots=True)
class Summary:
    """``summary`` is at most two whole sentences, ``brief`` one; ``""`` where none fits."""

    summary: str
    brief: str


_TERSE, _FOR_TERSENESS = 55, -1.5
"""A sentence this short ("We study pruning as gardening.") is an opening more than a summary."""

# A pair that says more but goes without a last clause, and how many such pairs are tried.
_FOR_SHORTENING = -1.0
_TRIED = 3
# "We present LampNet." with its clauses cut says less than the result is worth.
_LEAST_SAID = 95

_MOST_SENTENCES = 40
"""Sentences that are looked at, since each pair of them is weighed; real abstracts have up to 30."""

_GOES_ON = re.compile(
    r"\b(?:we|our|it|its|this|these|the (?:\w+ )?(?:method|model|framework|system|dataset|benchmark))\b",
    re.I,
)
_ADDRESS = re.compile(r"https?://|\bwww\.", re.IGNORECASE)


def summarise(
    abstract: str,
    *,
    title: str = "",
    longest: int = SUMMARY_LENGTH,
    longest_brief: int = BRIEF_LENGTH,
) -> Summary:
    """Say what is done and what comes out, in sentences of the abstract that stand alone.

    ``title`` helps to choose: the sentence with the paper's name in it is about the paper.
    ``longest`` and ``longest_brief`` are in characters and are never exceeded: a sentence that is too
    long goes without its last clauses where that leaves a whole one, and where none fits the part is
    ``""``. A last sentence that the source has cut off is not used.
    """
    text = repaired(readable(abstract))
    labelled = list(unlabelled(sentences(text, _MOST_SENTENCES)))
    written = [sentence for sentence, _ in labelled]
    usable = {place: text for place, text in enumerate(written) if _is_usable(text, written)}
    # An address says little to a reader, and its badge says it better.
    usable = {place: text for place, text in usable.items() if not _ADDRESS.search(text)} or usable
    most = max(longest, longest_brief)
    known = acronyms(text)
    about = f"{title} {text}"
    usual = meanings(text, about)
    weighed = statements(
        (
            (place, _fitted(sentence, most), labelled[place][1])
            for place, sentence in usable.items()
        ),
        written,
        title,
        {*known, *usual},
    )
    known = {**{short: Acronym(short, long) for short, long in usual.items()}, **known}
    room = longest - (_FOR_NAMING if longest > 2 * _FOR_NAMING else 0)
    return Summary(
        in_full(_best_pair(_fitting(weighed, room), room), known, longest, title),
        in_full(_best_one(_fitting(weighed, longest_brief)), known, longest_brief, title),
    )


def _is_usable(text: str, written: Sequence[str]) -> bool:
    """Tell whether a sentence of an abstract is whole, and long enough to say something."""
    if is_whole(text):
        return len(text) >= min(_SHORTEST, len(written[0]))
    return len(written) == 1 and _complete_without_stop(text)


def _complete_without_stop(text: str) -> bool:
    """Tell whether a lone line without a full stop may be a whole phrase, a source's one-liner."""
    return not re.search(r"(?:[.…,;:(–—-]|\b(?:the|a|an|of|and|or|to|in|for|with|by))$", text)


def _fitted(text: str, longest: int) -> str:
    return text if len(text) <= longest else shortened(text, longest) or text


def _fitting(weighed: list[Statement], longest: int) -> list[Statement]:
    """The sentences of at most ``longest`` characters; where none is, those that can be made so."""
    fitting = []
    for sentence in weighed:
        if len(sentence.text) <= longest:
            fitting.append(sentence)
        elif short := shortened(sentence.text, longest):
            fitting.append(replace(sentence, text=short, written=short))
    return fitting


def _best_pair(fitting: list[Statement], longest: int) -> str:
    """Choose the best pair in order, or the best one with what is said next of it, or it alone."""
    pairs = [
        (_worth(first, second), first, second)
        for first in fitting
        for second in fitting
        if first.place < second.place and len(_joined(first, second)) <= longest
    ]
    pairs += _shortened_pair(fitting, longest, max((worth for worth, _, _ in pairs), default=0.0))
    alone = max(fitting, key=lambda sentence: (sentence.alone, -sentence.place), default=None)
    if alone is None:
        return ""
    _, first, second = max(
        pairs, key=lambda pair: (pair[0], -pair[1].place, -pair[2].place), default=(0, alone, alone)
    )
    if first.pending:
        plain = [pair for pair in pairs if not pair[1].pending and pair[1].done >= LEAST_DONE]
        best = max(plain, key=lambda pair: pair[0], default=None)
        if best is not None and best[0] > max(pair[0] for pair in pairs) - _FOR_EXPLAINING:
            _, first, second = best
    poor = first.done < min(_LEAST_FIRST, alone.done) or second.came_out < _LEAST_RESULT
    hint = first.done < _A_PLAIN_ANNOUNCEMENT
    worse = (hint and alone.alone - first.alone > _MUCH_BETTER) or (
        first.pending and not alone.pending
    )
    explained = _explained(first if pairs and not poor and not worse else alone, fitting, longest)
    if explained:
        return explained
    if pairs and not poor and not worse and not unseen(first, second):
        return _joined(first, second)
    for _, first, second in pairs:
        if first is alone and second.place == alone.place + 1 and _is_detail(first, second):
            return _joined(first, second)
    return alone.text


def _shortened_pair(
    fitting: list[Statement], longest: int, least: float
) -> list[tuple[float, Statement, Statement]]:
    """The best pair that fits only without last clauses, if it is worth more than ``least``."""
    at_least = least - _FOR_SHORTENING
    too_long = [
        (worth, -first.place, -second.place, first, second)
        for first in fitting
        for second in fitting
        if first.place < second.place and len(_joined(first, second)) > longest
        if (worth := _worth_said(first, second)) > at_least and not unseen(first, second)
    ]
    too_long.sort(key=lambda pair: pair[:3], reverse=True)
    for _, _, _, first, second in too_long[:_TRIED]:
        text = shortened(first.text, longest - 1 - max(len(second.text), len(second.written)))
        if len(text) >= _LEAST_SAID:
            first = replace(first, text=text, written=text)
        elif text := shortened(second.text, longest - 1 - len(first.text)):
            second = replace(second, text=text, written=text)
        else:
            continue
        worth = _worth(first, second) + _FOR_SHORTENING
        if worth > least:
            return [(worth, first, second)]
    return []


def _joined(first: Statement, second: Statement) -> str:
    """The two as one text: the second as written where it follows, else as it stands alone."""
    follows = second.place == first.place + 1
    return f"{first.text} {second.written if follows else second.text}"


def _explained(statement: Statement, fitting: list[Statement], longest: int) -> str:
    """The statement after the sentence before it, where only that one says what it speaks of."""
    if not statement.pending:
        return ""
    for before in fitting:
        if before.place == statement.place - 1 and not before.pending:
            both = f"{before.text} {statement.text}"
            if len(both) <= longest and not unseen(before, statement):
                return both
    return ""


def _is_detail(first: Statement, second: Statement) -> bool:
    """Tell whether the next sentence goes on about the same thing."""
    if second.detail <= 0 or unseen(first, second):
        return False
    article, _, others = second.written.partition(" ")
    subject = others.partition(" ")[0] if article in ("The", "Each", "Both") else article
    return bool(_GOES_ON.search(second.written)) or (len(subject) > 2 and subject in first.text)


def _worth(first: Statement, second: Statement) -> float:
    length = len(first.text) + 1 + len(second.text)
    return _worth_said(first, second) + _too_long(length, _COMFORTABLE)


def _worth_said(first: Statement, second: Statement) -> float:
    """The worth of the pair but for its length."""
    worth = first.done + second.came_out + (_FOR_TERSENESS if len(first.text) < _TERSE else 0.0)
    if any(name not in first.text for name in second.unknown):
        worth += FOR_UNKNOWN_NAME
    if first.unknown:
        worth += FOR_UNKNOWN_NAME / 2
    presumed = len(first.presumed) + sum(stems.isdisjoint(first.shown) for stems in second.presumed)
    worth += FOR_PRESUMED * min(presumed, MOST_REFERENCES)
    worth += _FOR_THE_NAME if first.named else _FOR_THE_NAME / 2 if second.named else 0.0
    return worth + FOR_A_REFERENCE * min(
        len(first.pending) + unseen(first, second), MOST_REFERENCES
    )


def _best_one(fitting: list[Statement]) -> str:
    best = max(
        fitting,
        key=lambda sentence: (
            sentence.alone
            + (_FOR_TERSENESS if len(sentence.text) < _TERSE else 0.0)
            + _too_long(len(sentence.text), _COMFORTABLE_BRIEF),
            -sentence.place,
        ),
        default=None,
    )
    return best.text if best else ""


def _too_long(length: int, comfortable: int) -> float:
    return _FOR_A_CHARACTER * max(length - comfortable, 0)

"""Find the remembered paper that a record is, if any: the comparison with its candidates.

``match_paper`` compares a record with the few papers that share a key with it (``identity_keys``),
the strongest evidence first:

1. an external id: equal is the same paper, unless title and abstract have nothing in common, for
   anybody can state any id, also one that is not given yet. Two different ids of one scheme are two
   papers, whatever their words.
2. the same words are the same paper. Otherwise two lists of authors without a common name are two.
3. an equal title: the same paper, unless the abstracts are about different things. The longer and
   the more particular the title, the less the abstracts need in common; a title that many papers may
   have ("Technical Report") says nothing by itself.
4. another title: the same paper if the abstracts agree, with less agreement where both titles carry
   the same coined name; with more where the titles contradict each other (``title_contrast``). A
   sibling ("via Y" for "via X") is another paper unless no word of the abstract differs; another
   of a series ("part II", "v4", ``X-SL`` for ``X-ASL``) is another paper.

A paper taken for another is hidden from readers; one not recognised is shown twice, at the cost of a
glance. So the doubtful is called new.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from digest.editorial.authorship import has_other_authors, shares_an_author
from digest.editorial.comparable_text import (
    ComparableText,
    agreement,
    comparable_text,
    share_a_name,
    title_is_generic,
    title_is_telling,
)
from digest.editorial.identity_keys import external_key, has_rival_id, key_kind, shares_id
from digest.editorial.likeness import likeness
from digest.editorial.match_thresholds import BARS, MatchThresholds
from digest.editorial.title_contrast import TitleContrast, contrast_titles
from digest.model import IdentityKeys, Paper, Record

WHOLE = 60
"""Words from which an abstract is taken for a whole one (pages' own summaries have 12 to 45 words,
of 350 read; the shortest real abstract beside them 54). Under another title only whole abstracts
speak for a match: companion papers open with the same sentence, and notes are shared by many."""

TELLING_WORDS = 20
LIKE_TITLE = 0.7
"""Words that a short abstract needs, and the likeness of titles, for the two to say together that a
paper was retitled. A careful choice, not a measured one: pages' own summaries change with the
abstract, so real retitled papers with equal short ones are too few to measure."""

FEW = 8
"""Telling words below which a summary says too little to contradict anything."""

TELLING = "citn"
"""Kinds of keys that strangers seldom share: content, id, title, name."""

GLANCE = 0.3
"""Words in common, as they are spelt, below which abstracts under different titles are not compared
further. Recognised revisions have 0.39 and more, nine of ten strangers with a like title less."""

YEARS_APART = 731
"""Days between the dates of two listings from which an equal title with another abstract is taken
for another paper's."""

LIKENESS = 0.72
COMMON_WORDS = 0.3
"""Likeness of titles, plus twice the shared pairs of the abstracts, plus their shared words (counted
up to ``COMMON_WORDS``, since a long list of words has some of everybody's), from where on an equal id
is believed. The 443 real revisions have 0.74 and more, 99.5 % of pairs of strangers less than 0.72, nine
of ten texts made of 60 others' words, too. All of them were seen when the bar was chosen."""


class MatchStrength(IntEnum):
    """The strength of a match; a likely one yields to a sure one of the same page."""

    LIKELY = 1
    SURE = 2


@dataclass(frozen=True, slots=True)
class Match:
    """The remembered paper that a record is, how sure (0 to 1), and why in plain words."""

    paper: Paper
    score: float
    reason: str
    evidence: MatchStrength = MatchStrength.SURE


def match_exactly(record: Record, keys: IdentityKeys, candidates: Sequence[Paper]) -> Match | None:
    """The oldest candidate with the same words, or the same id and title: no text is compared."""
    for paper in sorted(candidates, key=lambda paper: paper.id):
        if has_rival_id(record, paper):
            continue
        shared = set(keys.lookup).intersection(paper.keys.lookup)
        if keys.content in (paper.keys.content, *shared):
            return Match(paper, 0.99, "same title, same text")
        if {"i", "t"} <= {key_kind(key) for key in shared}:
            return Match(paper, 0.99, "same id, same title")
    return None


def match_paper(
    record: Record,
    keys: IdentityKeys,
    candidates: Sequence[Paper],
    *,
    least: MatchStrength = MatchStrength.LIKELY,
    bars: MatchThresholds = BARS,
) -> Match | None:
    """The candidate that ``record`` is, or ``None``. Of several the surest, then the oldest.

    ``least`` is the weakest evidence that counts.
    """
    best: Match | None = None
    words = frozenset(record.abstract.lower().split())
    for paper in sorted(candidates, key=lambda paper: paper.id):
        match = _compare(record, words, keys, paper, bars)
        if match is None or match.evidence < least:
            continue
        if best is None or (match.evidence, match.score) > (best.evidence, best.score):
            best = match
    return best


def _strangers(words: frozenset[str], keys: IdentityKeys, paper: Paper) -> bool:
    """Tell at a glance that this is another paper: no telling key, hardly a word in common.

    Saves the comparison with the many papers that share no more than a common pair of words.
    """
    for shared in set(keys.lookup).intersection(paper.keys.lookup):
        if key_kind(shared) in TELLING:
            return False
    theirs = frozenset(paper.abstract.lower().split())
    return len(words & theirs) < GLANCE * min(len(words), len(theirs))


def _compare(
    record: Record, words: frozenset[str], keys: IdentityKeys, paper: Paper, bars: MatchThresholds
) -> Match | None:
    same_words = keys.content == paper.keys.content or keys.content in paper.keys.lookup
    if shares_id(record, paper):
        known = same_words or not _unlike(*_texts(record, paper))
        return Match(paper, 1.0, f"same {_called(record)}") if known else None
    if has_rival_id(record, paper):
        return None
    if same_words and record.abstract:
        return Match(paper, 0.99, "same title, same text")
    if _strangers(words, keys, paper) or has_other_authors(record, paper):
        return None
    if same_words:
        return Match(paper, 0.99, "same title")
    text, other = _texts(record, paper)
    if text.title_key and text.title_key == other.title_key:
        if min(len(text.words), len(other.words)) < WHOLE:
            return _equal_title_alone(record, paper, text, other, bars)
        return _equal_title(record, paper, text, other, bars)
    return _other_title(text, other, paper, bars)


def _texts(record: Record, paper: Paper) -> tuple[ComparableText, ComparableText]:
    return (
        comparable_text(record.title, record.abstract),
        comparable_text(paper.title, paper.abstract),
    )


def _unlike(text: ComparableText, other: ComparableText) -> bool:
    """True if neither the titles nor the abstracts have anything to do with each other."""
    if text.title_key and text.title_key == other.title_key:
        return False
    pairs, words = agreement(text, other)
    return likeness(text.title, other.title) + 2 * pairs + min(words, COMMON_WORDS) < LIKENESS


def _equal_title_alone(
    record: Record,
    paper: Paper,
    text: ComparableText,
    other: ComparableText,
    bars: MatchThresholds,
) -> Match | None:
    """Judge an equal title where one side has no abstract, or a summary of it."""
    generic = title_is_generic(text)
    if not text.words or not other.words:
        if generic and not shares_an_author(record, paper):
            return None
        return Match(paper, 0.9, "same title, no abstract to compare")
    _, words = agreement(text, other)
    few = min(len(text.content), len(other.content)) < FEW
    if words < bars.agrees if generic else words < bars.contradicts and not few:
        return None
    return Match(paper, 0.9 + words / 20, "same title, a short form of the abstract")


def _equal_title(
    record: Record,
    paper: Paper,
    text: ComparableText,
    other: ComparableText,
    bars: MatchThresholds,
) -> Match | None:
    """Judge an equal title over two whole abstracts."""
    pairs, words = agreement(text, other)
    generic = title_is_generic(text)
    if pairs >= bars.retitled if generic else pairs + words >= bars.agrees:
        return Match(paper, 0.9 + pairs / 12, f"same title, {_alike(text, other)}")
    if not title_is_telling(text) or _years_apart(record, paper) or pairs + words < bars.related:
        return None
    reason = "same long title, abstract written anew"
    return Match(paper, 0.6 + pairs / 12, reason, MatchStrength.LIKELY)


def _years_apart(record: Record, paper: Paper) -> bool:
    if record.published is None or paper.published is None:
        return False
    return abs((record.published - paper.published).days) >= YEARS_APART


def _other_title(
    text: ComparableText, other: ComparableText, paper: Paper, bars: MatchThresholds
) -> Match | None:
    pairs, _ = agreement(text, other)
    if pairs < min(bars.retitled, bars.named, bars.linked):
        return None
    contrast = contrast_titles(text, other)
    if contrast is TitleContrast.SERIES:
        return None
    if min(len(text.words), len(other.words)) < WHOLE:
        return _same_short_form(text, other, paper, contrast)
    if contrast is TitleContrast.SIBLING:
        if text.words != other.words:
            return None
        return Match(paper, 0.8, "same abstract word for word, another title")
    linked = bool(text.addresses & other.addresses)
    doubted = contrast is TitleContrast.DOUBTFUL
    if pairs >= (bars.doubted if doubted and not linked else bars.retitled):
        sure = MatchStrength.SURE if pairs >= 0.8 else MatchStrength.LIKELY
        score = 0.5 + 0.3 * pairs + 0.1 * likeness(text.title, other.title)
        return Match(paper, score, f"title reworded, {_alike(text, other)}", sure)
    if doubted:
        return None
    return _akin(text, other, paper, pairs, bars)


def _akin(
    text: ComparableText, other: ComparableText, paper: Paper, pairs: float, bars: MatchThresholds
) -> Match | None:
    """Judge what shares a project address, or a name in both titles."""
    if pairs >= bars.linked and text.addresses & other.addresses:
        what = "same project address"
    elif pairs >= bars.named and share_a_name(text, other):
        what = "same name in both titles"
    else:
        return None
    reason = f"{what}, {_alike(text, other)}"
    return Match(paper, 0.4 + 0.3 * pairs, reason, MatchStrength.LIKELY)


def _same_short_form(
    text: ComparableText, other: ComparableText, paper: Paper, contrast: TitleContrast
) -> Match | None:
    """A short abstract or a page's own summary speaks for a match only word for word, and only
    beside a title that is mostly the same: companions may open with one sentence."""
    titles = likeness(text.title, other.title)
    if len(text.words) < TELLING_WORDS or text.words != other.words or titles < LIKE_TITLE:
        return None
    if contrast is TitleContrast.SIBLING:
        return None
    return Match(paper, 0.5 + 0.4 * titles, "title reworded, same short abstract word for word")


def explain_difference(record: Record, keys: IdentityKeys, paper: Paper) -> str:
    """Say why `match_paper` took these two for different papers, for people."""
    if shares_id(record, paper):
        return f"same {_called(record)}, but neither title nor abstract has anything in common"
    if has_rival_id(record, paper):
        return f"different ids: {_called(record)}, and {external_key(paper.external_id)}"
    if set(keys.lookup).isdisjoint(paper.keys.lookup):
        return "no id, title, name or phrase in common"
    if has_other_authors(record, paper):
        return "no author in common"
    text, other = _texts(record, paper)
    if text.title_key == other.title_key:
        return "same title, but the abstracts are about different things"
    contrast = contrast_titles(text, other)
    if contrast is TitleContrast.SERIES:
        return "titles of one series or family that name different parts"
    return f"different titles, {_alike(text, other)}"


def _alike(text: ComparableText, other: ComparableText) -> str:
    return f"abstract {likeness(text.words, other.words):.0%} alike"


def _called(record: Record) -> str:
    scheme, _, rest = (external_key(record.external_id) or "").partition(":")
    return f"{'arXiv' if scheme == 'arxiv' else scheme} id {rest}"

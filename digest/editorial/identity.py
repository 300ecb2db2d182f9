"""Find the remembered paper that a record is, if any: keys to look it up by, and the comparison.

``identity_keys`` makes a handful of short strings of a record; papers that share one are its candidates,
fetched through an index, so that the cost does not grow with the memory. ``match_paper`` then compares
texts with those few candidates, the strongest evidence first:

1. an external id: equal is the same paper, unless title and abstract have nothing in common, for
   anybody can state any id, also one that is not given yet. Two different ids of one scheme are two
   papers, unless title and abstract are practically identical. That is the safer side: two listings
   under two ids, shown twice, cost a glance; two papers taken for one cost a reader the paper. With
   identical text nothing is lost.
2. an equal title: the same paper, unless both abstracts are whole and say different things, or a
   summary has nothing to do with the abstract.
3. another title: the same paper if the abstract is the same one, more so if the title is alike, or
   if both carry the same coined name and the abstracts still resemble each other.

A numbered sibling ("part II", "v4") is another paper unless the abstracts are word for word equal.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import IntEnum

from digest.arxiv_ids import arxiv_id
from digest.editorial.comparable_text import (
    ComparableText,
    agreement,
    comparable_text,
    distinctive,
    share_a_name,
)
from digest.editorial.signature import signature_key, sketch
from digest.model import IdentityKeys, Paper, Record

KEY_VERSION = "1"
"""First character of every key. Raise it when keys or the plain form change; ``rekey`` follows."""

ABSTRACT_SKETCH = 4
TITLE_SKETCH = 2
NAMES = 3
"""Keys per paper: with id, title and content at most 12. Measured on 443 real revisions: 99 % share
a key, among them every one that the comparison then recognises; a paper of 2,000 unrelated ones
meets three or four strangers."""

WHOLE = 60
"""Words from which an abstract is taken for a whole one (pages' own summaries have 12 to 45 words,
of 350 read; the shortest real abstract beside them 54). Under another title only whole abstracts
speak for a match: companion papers open with the same sentence, and notes are shared by many."""

TELLING_WORDS = 20
LIKE_TITLE = 0.7
"""Words that a short abstract needs, and the likeness of titles, for the two to say together that a
paper was retitled. A careful choice, not a measured one: pages' own summaries change with the
abstract, so real retitled papers with equal short ones are too few to measure."""

COMPARABLE = 30
"""Words that an abstract needs to speak against two different ids. Notes such as "withdrawn by the
authors because …" are shorter and are shared by strangers."""

TELLING = "citn"
"""Kinds of keys that strangers seldom share: content, id, title, name."""

GLANCE = 0.3
"""Words in common, as they are spelt, below which abstracts under different titles are not compared
further. Recognised revisions have 0.39 and more, nine of ten strangers with a like title less."""

IDENTICAL = 0.97
"""Likeness of abstracts that outweighs two different ids: a mended typo or number is below 1 %."""


@dataclass(frozen=True, slots=True)
class MatchThresholds:
    """From where on a likeness is believed; all are parts of the shorter abstract, 0 to 1.

    Chosen on 443 revised papers, 793 pairs of different papers with similar titles, and the 7,344
    likeliest confusions among 2,500 other papers, all of them seen when the rules were written.
    ``tests/bench/identity.py`` chooses the last three again on one half and measures on the other.

    ``agrees``: equal title, both abstracts whole: shared pairs + shared words. Revisions: 0.39 and
    more; abstracts of different papers on one subject: 0.30 in the middle.
    ``contradicts``: equal title, one a summary: shared words below this say it is about something
    else. Pages' own summaries: 0.25 and more.
    ``retitled``: other title: shared pairs + a quarter of the title's likeness. Revisions 0.60 and
    more, different papers at most 0.56.
    ``named`` and ``linked``: shared pairs where both carry one coined name, or one project
    address. Sequels share their parent's name and up to 0.18 of its pairs, revisions from 0.20 on
    are recognised: a narrow gap, with revisions below it that are given up. Addresses are shared by
    1 of 21 pairs of different papers and by 132 of 139 revisions.
    """

    agrees: float = 1 / 3
    contradicts: float = 0.1
    retitled: float = 0.58
    named: float = 0.2
    linked: float = 0.1


BARS = MatchThresholds()

_NUMBERED = re.compile(r"arxiv:(\d\d)(\d\d)\.\d{4,5}")
_NUMERAL = re.compile(r"(?:\d+[a-z]?|v\d*|[ivx]+|plus)$")
_DIGITS = re.compile(r"\d+")


MOST_IDS = 3
"""Ids that a paper is known by; real ones have one, seldom a second from another site."""

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


def external_key(external_id: str | None) -> str | None:
    """An external id as ``scheme:id`` in lower case, version stripped; ``None`` if there is none."""
    text = (external_id or "").strip().lower()
    if not text:
        return None
    if arxiv := arxiv_id(text):
        return f"arxiv:{arxiv}"
    scheme, colon, rest = text.partition(":")
    return f"{scheme}:{rest.strip()}" if colon else f"arxiv:{text}"


def identity_keys(record: Record) -> IdentityKeys:
    """Make what a record is looked up by: at most 12 short keys, and a hash of what it says.

    Deterministic: the same text gives the same keys on every machine and in every run. The hash
    is among the keys, so that a known earlier wording of a paper is recognised word for word.
    """
    text = comparable_text(record.title, record.abstract)
    content = signature_key("c", f"{text.title_key}\n{text.body}")
    found = [content]
    if external := external_key(record.external_id):
        found.append(signature_key("i", external))
    if text.title_key:
        found.append(signature_key("t", text.title_key))
    names = [text.head] if text.head else []
    names += sorted(text.addresses)[:1] + sorted(text.names - {text.head})
    found.extend(signature_key("n", name) for name in names[:NAMES])
    found.extend(sketch("w", distinctive(text.title_pairs), TITLE_SKETCH))
    found.extend(sketch("a", distinctive(text.pairs), ABSTRACT_SKETCH))
    lookup = tuple(KEY_VERSION + part for part in dict.fromkeys(found))
    return IdentityKeys(lookup, KEY_VERSION + content)


def has_begun(external_id: str | None, day: date) -> bool:
    """False for an arXiv id of a month after that of ``day``: nobody can have it yet."""
    numbered = _NUMBERED.match(external_key(external_id) or "")
    return numbered is None or (int(numbered[1]), int(numbered[2])) <= (day.year % 100, day.month)


def shares_id(record: Record, paper: Paper) -> bool:
    """True if the paper is known by the id that ``record`` states."""
    mine = external_key(record.external_id)
    return mine is not None and (
        mine == external_key(paper.external_id) or _id_key(mine) in paper.keys.lookup
    )


def without_surplus_id(keys: IdentityKeys, paper: Paper) -> IdentityKeys:
    """``keys`` without that of an id, where the paper is known by `MOST_IDS` others."""
    ids = {key for key in paper.keys.lookup if _kind(key) == "i"}
    surplus = {key for key in keys.lookup if _kind(key) == "i"} - ids
    if len(ids) < MOST_IDS or not surplus:
        return keys
    return replace(keys, lookup=tuple(key for key in keys.lookup if key not in surplus))


def match_exactly(keys: IdentityKeys, candidates: Sequence[Paper]) -> Match | None:
    """The oldest candidate with the same words, or the same id and title: no text is compared."""
    for paper in sorted(candidates, key=lambda paper: paper.id):
        shared = set(keys.lookup).intersection(paper.keys.lookup)
        if keys.content in (paper.keys.content, *shared):
            return Match(paper, 0.99, "same title, same text")
        if {"i", "t"} <= {_kind(key) for key in shared}:
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
        found = _compare(record, words, keys, paper, bars)
        if found is None or found.evidence < least:
            continue
        if best is None or (found.evidence, found.score) > (best.evidence, best.score):
            best = found
    return best


def _strangers(words: frozenset[str], keys: IdentityKeys, paper: Paper) -> bool:
    """Tell at a glance that this is another paper: no telling key, hardly a word in common.

    Saves the comparison with the many papers that share no more than a common pair of words.
    """
    for shared in set(keys.lookup).intersection(paper.keys.lookup):
        if _kind(shared) in TELLING:
            return False
    theirs = frozenset(paper.abstract.lower().split())
    return len(words & theirs) < GLANCE * min(len(words), len(theirs))


def _compare(
    record: Record, words: frozenset[str], keys: IdentityKeys, paper: Paper, bars: MatchThresholds
) -> Match | None:
    mine, theirs = external_key(record.external_id), external_key(paper.external_id)
    same_id = shares_id(record, paper)
    same_words = keys.content == paper.keys.content or keys.content in paper.keys.lookup
    if mine and same_id and same_words:
        return Match(paper, 1.0, f"same {_called(mine)}")
    if not same_id and _strangers(words, keys, paper):
        return None
    one, other = (
        comparable_text(record.title, record.abstract),
        comparable_text(paper.title, paper.abstract),
    )
    if mine and same_id:
        return None if _unlike(one, other) else Match(paper, 1.0, f"same {_called(mine)}")
    if mine and theirs and _scheme(mine) == _scheme(theirs):
        return _identical(one, other, paper)
    if same_words:
        return Match(paper, 0.99, "same title, same text" if one.words else "same title")
    if one.title_key and one.title_key == other.title_key:
        return _equal_title(one, other, paper, bars)
    return _other_title(one, other, paper, bars)


def _unlike(one: ComparableText, other: ComparableText) -> bool:
    """True if neither the titles nor the abstracts have anything to do with each other."""
    if one.title_key and one.title_key == other.title_key:
        return False
    pairs, words = agreement(one, other)
    titles = _ratio(one.title, other.title) / 100
    return titles + 2 * pairs + min(words, COMMON_WORDS) < LIKENESS


def _identical(one: ComparableText, other: ComparableText, paper: Paper) -> Match | None:
    """Two ids of one scheme: one paper only if it is the same text twice."""
    if one.title_key != other.title_key or min(len(one.words), len(other.words)) < COMPARABLE:
        return None
    alike = _ratio(one.words, other.words) / 100
    if alike < IDENTICAL:
        return None
    return Match(paper, 0.9, f"same title, abstract {alike:.0%} alike, listed under two ids")


def _equal_title(
    one: ComparableText, other: ComparableText, paper: Paper, bars: MatchThresholds
) -> Match | None:
    shorter = min(len(one.words), len(other.words))
    if not shorter:
        return Match(paper, 0.9, "same title, no abstract to compare")
    pairs, words = agreement(one, other)
    if shorter < WHOLE:
        few = min(len(one.content), len(other.content)) < 8
        if words < bars.contradicts and not few:
            return None
        return Match(paper, 0.9 + words / 20, "same title, a short form of the abstract")
    if pairs + words < bars.agrees:
        return None
    return Match(paper, 0.9 + pairs / 12, f"same title, {_alike(one, other)}")


def _other_title(
    one: ComparableText, other: ComparableText, paper: Paper, bars: MatchThresholds
) -> Match | None:
    if min(len(one.words), len(other.words)) < WHOLE:
        return _same_short_form(one, other, paper)
    if _siblings(one, other):
        if one.words != other.words:
            return None
        return Match(paper, 0.8, "same abstract word for word, title numbered otherwise")
    pairs, _ = agreement(one, other)
    titles = _ratio(one.title, other.title) / 100
    if pairs + titles / 4 >= bars.retitled:
        sure = MatchStrength.SURE if pairs >= 0.8 else MatchStrength.LIKELY
        score = 0.5 + 0.3 * pairs + 0.1 * titles
        return Match(paper, score, f"title reworded, {_alike(one, other)}", sure)
    for shared, enough, what in (
        (one.addresses & other.addresses, bars.linked, "same project address"),
        (share_a_name(one, other), bars.named, "same name in both"),
    ):
        if shared and pairs >= enough:
            reason = f"{what}, {_alike(one, other)}"
            return Match(paper, 0.4 + 0.3 * pairs, reason, MatchStrength.LIKELY)
    return None


def _same_short_form(one: ComparableText, other: ComparableText, paper: Paper) -> Match | None:
    """A short abstract or a page's own summary speaks for a match only word for word, and only
    beside a title that is mostly the same: companions may open with one sentence."""
    titles = _ratio(one.title, other.title) / 100
    if len(one.words) < TELLING_WORDS or one.words != other.words or titles < LIKE_TITLE:
        return None
    if _siblings(one, other):
        return None
    return Match(paper, 0.5 + 0.4 * titles, "title reworded, same short abstract word for word")


def _siblings(one: ComparableText, other: ComparableText) -> bool:
    """Tell whether titles, or their names, differ in a number only: a series, not a paper."""
    heads = bool(one.head and other.head) and _numbered(one.head_words, other.head_words)
    return heads or _numbered(one.title.split(), other.title.split())


def _numbered(one: Sequence[str], other: Sequence[str]) -> bool:
    stems = [
        _DIGITS.sub("", "".join(w for w in words if not _NUMERAL.match(w)))
        for words in (one, other)
    ]
    return bool(stems[0]) and stems[0] == stems[1] and "".join(one) != "".join(other)


def _ratio(one: str | Sequence[str], other: str | Sequence[str]) -> float:
    """The likeness of two texts, from 0 to 100 (normalised indel similarity)."""
    # Loaded here: a dump whose papers share no key is compared without it.
    from rapidfuzz import fuzz

    return fuzz.ratio(one, other)


def _alike(one: ComparableText, other: ComparableText) -> str:
    return f"abstract {_ratio(one.words, other.words) / 100:.0%} alike"


def _kind(key: str) -> str:
    return key[len(KEY_VERSION)]


def _id_key(external: str) -> str:
    return KEY_VERSION + signature_key("i", external)


def _scheme(external: str) -> str:
    return external.partition(":")[0]


def _called(external: str) -> str:
    scheme, _, rest = external.partition(":")
    return f"{'arXiv' if scheme == 'arxiv' else scheme} id {rest}"

"""Which remembered paper a record is, if any: keys to look it up by, and the last word on a match.

``keys`` makes a handful of short strings of a record; papers that share one are its candidates,
fetched through an index, so that the cost does not grow with the memory. ``match`` then compares
texts with those few candidates.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from digest.editorial.normal import ADDRESS, compact, plain
from digest.editorial.signature import Shingles, containment, key, shingles, sketch
from digest.model import IdentityKeys, Paper, Record

KEY_VERSION = "1"
"""First character of every key. Raise it when keys or the plain form change; ``rekey`` follows."""

SKETCH = 5
WIDTH = 4
_ARXIV = re.compile(
    r"(?:arxiv[:.\s]|(?:doi:)?10\.48550/arxiv\.)?\s*"
    r"(\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})(?:v\d+)?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Match:
    """The remembered paper that a record is, how sure (0 to 1), and why in plain words."""

    paper: Paper
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class Form:
    """A title and an abstract made ready for comparing; ``phrases`` are runs of three words."""

    title: str
    title_key: str
    words: tuple[str, ...]
    phrases: Shingles
    body: str


@lru_cache(maxsize=2048)
def form(title: str, abstract: str) -> Form:
    """The comparable form of a text; web addresses in the abstract do not count."""
    name = plain(title)
    body = plain(ADDRESS.sub(" ", abstract))
    words = tuple(body.split())
    return Form(name, compact(name), words, shingles(words, 3), compact(body))


def bare_id(external_id: str | None) -> str | None:
    """An external id as ``scheme:id`` in lower case, version stripped; ``None`` if there is none."""
    if not external_id or not external_id.strip():
        return None
    text = external_id.strip()
    if arxiv := _ARXIV.match(text):
        return f"arxiv:{arxiv[1].lower()}"
    scheme, colon, rest = text.partition(":")
    return f"{scheme.lower()}:{rest.strip().lower()}" if colon else f"arxiv:{text.lower()}"


def keys(record: Record) -> IdentityKeys:
    """What a record is looked up by: at most 9 short keys, and a hash of what it says.

    Deterministic: the same text gives the same keys on every machine and in every run.
    """
    text = form(record.title, record.abstract)
    found: list[str] = []
    if external := bare_id(record.external_id):
        found.append(key("i", external))
    if text.title_key:
        found.append(key("t", text.title_key))
    head = plain(record.title.partition(":")[0])
    if ":" in record.title and head and compact(head) != text.title_key:
        found.append(key("n", compact(head)))
    found.extend(sketch("a", shingles(text.words, WIDTH), SKETCH) if len(text.words) >= 8 else ())
    content = key("c", f"{text.title_key}\n{text.body}")
    found.append(content)
    return IdentityKeys(
        tuple(KEY_VERSION + part for part in dict.fromkeys(found)), KEY_VERSION + content
    )


def match(record: Record, keys: IdentityKeys, candidates: Sequence[Paper]) -> Match | None:
    """The candidate that ``record`` is, or ``None``. Of several the likeliest, then the oldest."""
    best: Match | None = None
    for paper in sorted(candidates, key=lambda paper: paper.id):
        found = _compare(record, keys, paper)
        if found and (best is None or found.score > best.score):
            best = found
    return best


def _compare(record: Record, keys: IdentityKeys, paper: Paper) -> Match | None:
    mine, theirs = bare_id(record.external_id), bare_id(paper.external_id)
    if mine and (mine == theirs or KEY_VERSION + key("i", mine) in paper.keys.lookup):
        return Match(paper, 1.0, f"same {_called(mine)}")
    one, other = form(record.title, record.abstract), form(paper.title, paper.abstract)
    alike = containment(one.phrases, other.phrases)
    titles = fuzz.ratio(one.title, other.title) / 100
    equal = bool(one.title_key) and one.title_key == other.title_key
    conflict = mine and theirs and mine.split(":")[0] == theirs.split(":")[0]
    if conflict and not (equal and alike >= 0.97):
        return None
    if equal:
        if not one.words or not other.words:
            return Match(paper, 0.9, "same title, no abstract to compare")
        if alike >= 0.05 or min(len(one.words), len(other.words)) < 50:
            return Match(paper, 0.9 + alike / 11, f"same title, abstract {alike:.0%} alike")
        return None
    if one.words and other.words and alike >= 0.3:
        return Match(
            paper, alike * 0.8 + titles / 10, f"title reworded, abstract {alike:.0%} alike"
        )
    return None


def _called(external: str) -> str:
    scheme, _, rest = external.partition(":")
    return f"{'arXiv' if scheme == 'arxiv' else scheme} id {rest}"

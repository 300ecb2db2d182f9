"""References: what a citation says of a paper, whatever format it is written in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from urllib.parse import quote

from digest.arxiv_ids import arxiv_id, is_arxiv_id
from digest.latex import readable
from digest.model import Paper
from digest.unicode_forms import normalise_unicode

_PARTICLES = frozenset(
    re.findall(
        r"\w+",
        "af al av d da dal de del della den der des di do dos du el la las le les lo los ten ter van "
        "vom von zu zum zur",
    )
)
"""Words that belong to the family name before which they stand, in lower case."""
_CONFERENCE = re.compile(
    r"\b(?:proc|proceedings|conf|conference|workshop|symposium|congress|AAAI|ACL|CVPR|ECCV|EMNLP|"
    r"ICASSP|ICCV|ICLR|ICML|ICRA|IJCAI|INTERSPEECH|IROS|KDD|NAACL|NeurIPS|NIPS|SIGGRAPH|SIGIR|WWW)\b",
    re.IGNORECASE,
)
_MARKS = re.compile("[\u0300-\u036f]")
_SMALL_WORDS = frozenset(
    re.findall(
        r"\w+",
        "a an and are as at by can do does for from how in is it of on or the to towards via what "
        "when where which who why with",
    )
)
_MONTH_OF_ID = re.compile(r"(?:[a-z.-]+/)?(\d\d)(\d\d)", re.IGNORECASE)
_LONGEST = 20_000
"""Characters of a field that are kept."""
_LONGEST_URL = 1_000


class ReferenceKind(StrEnum):
    """The kind of publication, as far as the sources tell."""

    PREPRINT = "preprint"
    ARTICLE = "article"
    CONFERENCE = "conference"


@dataclass(frozen=True, slots=True)
class PersonName:
    """An author. ``given`` is ``""`` where the name cannot be divided; an organisation is none."""

    family: str
    given: str = ""
    is_person: bool = True

    @property
    def spoken(self) -> str:
        """The name in the order in which it is spoken."""
        return f"{self.given} {self.family}".strip()


@dataclass(frozen=True, slots=True)
class Reference:
    """A paper as it is cited: every text is readable, on one line.

    ``number`` is the paper's in the store; ``key`` names it in a BibTeX file. ``more_authors`` says
    that not all authors are known. ``published`` is a year, perhaps with its month and day.
    """

    number: int
    key: str
    kind: ReferenceKind
    title: str
    authors: tuple[PersonName, ...] = ()
    more_authors: bool = False
    published: tuple[int, ...] = ()
    arxiv: str = ""
    category: str = ""
    doi: str = ""
    venue: str = ""
    url: str = ""
    abstract: str = ""

    @property
    def pdf_url(self) -> str:
        """The address of its PDF, where it is known."""
        return f"https://arxiv.org/pdf/{self.arxiv}" if self.arxiv else ""


def reference_of(paper: Paper) -> Reference:
    """The reference of that paper, of what its sources said of it."""
    details = paper.details
    arxiv = _arxiv(paper)
    doi = _doi(paper)
    venue = _line(details.venue)
    authors = tuple(_name(name) for name in map(_line, paper.authors) if name)
    title = _line(paper.title) or "Untitled"
    published = _published(paper.published, arxiv)
    return Reference(
        number=paper.id,
        key=_key(title, authors, published, paper.id),
        kind=_kind(venue, doi),
        title=title,
        authors=authors,
        more_authors=bool(authors) and (paper.author_count or 0) > len(authors),
        published=published,
        arxiv=arxiv,
        category=_line(details.categories[0]) if details.categories else "",
        doi=doi,
        venue=venue,
        url=_url(paper, arxiv, doi),
        abstract=_line(paper.abstract),
    )


def with_own_keys(references: Iterable[Reference]) -> Sequence[Reference]:
    """The same references, with keys that are different from each other: ``…a``, ``…b``."""
    referenced = list(references)
    times = Counter(reference.key for reference in referenced)
    used = {key for key, count in times.items() if count == 1}
    given = Counter[str]()
    distinct = []
    for reference in referenced:
        key = reference.key
        while times[reference.key] > 1 and key in {*used, reference.key}:
            given[reference.key] += 1
            key = f"{reference.key}{_letters(given[reference.key])}"
        used.add(key)
        distinct.append(replace(reference, key=key))
    return distinct


def _letters(number: int) -> str:
    """``a`` for 1, ``z`` for 26, ``aa`` for 27."""
    letters = ""
    while number:
        number, place = divmod(number - 1, 26)
        letters = chr(ord("a") + place) + letters
    return letters


def _line(text: str) -> str:
    return readable(text[:_LONGEST])


def _arxiv(paper: Paper) -> str:
    identifier = paper.external_id or ""
    if is_arxiv_id(identifier):
        return identifier
    return arxiv_id(paper.details.doi or "") or ""


def _doi(paper: Paper) -> str:
    identifier = paper.external_id or ""
    known = paper.details.doi or (identifier[4:] if identifier.startswith("doi:") else "")
    return quote(_line(known)[:_LONGEST_URL], safe="/:.-_;()<>+,#")


def _url(paper: Paper, arxiv: str, doi: str) -> str:
    if arxiv:
        return f"https://arxiv.org/abs/{arxiv}"
    if doi:
        return f"https://doi.org/{quote(doi, safe='/:.-_;()%+,')}"
    url = paper.url or ""
    if not re.fullmatch(r"https?://[^\s/]\S*", url) or len(url) > _LONGEST_URL:
        return ""
    return quote(url, safe="/:?#[]@!$&()*+,;=%~-._", errors="ignore")


def _published(day: date | None, arxiv: str) -> tuple[int, ...]:
    """The day, else the month that an arXiv id begins with (from 1991 on), else nothing."""
    if day is not None:
        return day.year, day.month, day.day
    match = _MONTH_OF_ID.match(arxiv)
    if match is None or not 1 <= int(match[2]) <= 12:
        return ()
    year = int(match[1])
    return (1900 if year > 90 else 2000) + year, int(match[2])


def _kind(venue: str, doi: str) -> ReferenceKind:
    if _CONFERENCE.search(venue):
        return ReferenceKind.CONFERENCE
    preprint_doi = not doi or doi.lower().startswith(("10.48550/", "10.1101/"))
    return ReferenceKind.ARTICLE if venue and not preprint_doi else ReferenceKind.PREPRINT


def _name(spoken: str) -> PersonName:
    """The name, divided before its last word and the particles that belong to it."""
    words = spoken.split()
    if (
        len(words) < 2
        or re.search(r"[\d,&:;()/]", spoken)
        or "and" in map(str.casefold, words)
        or len(words) > 8
    ):
        return PersonName(spoken, is_person=False)
    start = len(words) - 1
    if words[start].rstrip(".").casefold() in ("jr", "sr", "ii", "iii", "iv") and start > 1:
        start -= 1
    while start > 1 and words[start - 1] in _PARTICLES:
        start -= 1
    return PersonName(" ".join(words[start:]), " ".join(words[:start]))


def _key(title: str, authors: Sequence[PersonName], published: tuple[int, ...], number: int) -> str:
    """``vaswani2017attention``: the first author, the year, and the title's first word of weight."""
    family = _plain(authors[0].family.split()[-1]) if authors else ""
    year = str(published[0]) if published else ""
    words = (_plain(word) for word in re.findall(r"\w+", title[:400]))
    word = next((word for word in words if word and word not in _SMALL_WORDS), "")
    key = f"{family[:30]}{year}{word[:30]}"
    return key if key and not key.isdigit() else f"paper{number}"


def _plain(word: str) -> str:
    bare = _MARKS.sub("", normalise_unicode("NFKD", word))
    return re.sub(r"[^a-z0-9]", "", bare.lower())

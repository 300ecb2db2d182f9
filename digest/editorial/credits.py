"""Credits of a paper as a mail gives them: its authors, their institution, and its venue.

All of it is untrusted: five thousand authors, a name of ten thousand characters, a comment that
names the conference that refused the paper.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from digest.editorial.paper_limits import cut
from digest.latex import readable
from digest.model import Paper, PaperDetails

_FIRST_AUTHORS = 3
_MOST_LOOKED_AT = 12
"""Names looked at from each end of a list, until enough of them can be shown."""
_LONGEST_NAME = 60
_LONGEST_INSTITUTION = 60
_LONGEST_VENUE = 60
_LONGEST_COMMENT = 1_000

_VENUES = (
    "3DV|AAAI|ACCV|ACL|ACM MM|AISTATS|ASE|BMVC|CCS|CHI|CIKM|COLING|COLM|COLT|CoLLAs|CoRL|CVPR|DAC|"
    "EACL|ECAI|ECCV|EMNLP|FAccT|FSE|ICASSP|ICCV|ICDE|ICDM|ICLR|ICML|ICRA|ICSE|IJCAI|IJCNLP|"
    "INTERSPEECH|Interspeech|IROS|ISCA|ISMIR|ISSTA|JMLR|KDD|L4DC|LREC|MICCAI|MICRO|MIDL|MLSys|NAACL|"
    "NDSS|NIPS|NSDI|NeurIPS|OSDI|RecSys|RSS|SDM|SIGGRAPH Asia|SIGGRAPH|SIGIR|SIGMOD|SOSP|TACL|TMLR|"
    "UAI|USENIX Security|VLDB|WACV|WSDM|WWW"
)
_VENUE = re.compile(
    rf"(?<![\w-])(?P<name>{_VENUES})(?:[ ,:'’-]{{0,3}}(?P<year>(?:19|20)\d\d|(?<=['’])\d\d)(?!\d))?(?![a-z])"
)
_JOURNALS = frozenset({"JMLR", "TACL", "TMLR"})
"""Venues that appear all the year, so that no year need stand beside them."""
# Words beside a venue that say the paper is not of it, or not yet.
_NOT_OF_IT = re.compile(
    r"\b(?:submi\w+|review\w*|reject\w*|withdr\w+|extend\w*|extension|version of|based on|builds? on|challenge|"
    r"competition|template|format\w*|style|previous\w*|earlier|follow\w*|from our|planned|intended|"
    r"target\w*|not|prepar\w+)\b",
    re.IGNORECASE,
)
_ACCEPTED = re.compile(
    r"\b(?:accepted|acceptance|appear\w*|published|presented|proceedings|conference on|camera[ -]ready|findings|in press)\b",
    re.IGNORECASE,
)
_BESIDE_IT = re.compile(
    r"\b(?:at|in|to|the|of|as|an?|main|conference|track|long|short|full|paper|oral|posters?|spotlight|"
    r"findings|workshops?|demo|highlight|award|best|and|datasets?|benchmarks?|by|for|th|st|nd|rd)\b|[^a-z]",
    re.IGNORECASE,
)
_DISTINCTION = re.compile(r"\b(oral|spotlight|highlight)\b", re.IGNORECASE)
_CLAUSES = re.compile(r"[.;\n|]|,(?! ?(?:19|20)\d\d)|(?<=\s)(?:and|with)(?=\s)")


class Credits(NamedTuple):
    """Credits of a paper. ``authors`` are the first three and the last, or all if they are four."""

    authors: tuple[str, ...] = ()
    author_count: int = 0
    institution: str = ""
    venue: str = ""


def credits_of(paper: Paper) -> Credits:
    """Gather the credits of a paper from what its sources gave."""
    return Credits(
        _shown_authors(paper),
        max(paper.author_count or 0, len(paper.authors)),
        _institution(paper),
        venue(paper.details),
    )


def _shown_authors(paper: Paper) -> tuple[str, ...]:
    """The first three names and the last; without the last where the source names only some."""
    count = max(paper.author_count or 0, len(paper.authors))
    first = tuple(islice(_names(paper.authors[:_MOST_LOOKED_AT]), _FIRST_AUTHORS))
    if len(paper.authors) < count or len(paper.authors) <= _FIRST_AUTHORS:
        return first
    rest = paper.authors[_FIRST_AUTHORS:]
    return first + tuple(
        name for name in islice(_names(reversed(rest[-_MOST_LOOKED_AT:])), 1) if name not in first
    )


def _names(names: Iterable[str]) -> Iterator[str]:
    """The names that a reader can read; what is too long is no name, and is only counted."""
    for name in names:
        shown = _line(name, _LONGEST_NAME)
        if shown:
            yield shown


def _line(text: str, longest: int) -> str:
    """The text as one readable line; ``""`` if it is longer than that."""
    line = readable(cut(text, 4 * longest)).strip(" ,;")
    return line if len(line) <= longest else ""


def _institution(paper: Paper) -> str:
    if paper.organization and (name := _line(paper.organization, _LONGEST_INSTITUTION)):
        return name
    affiliations = paper.details.affiliations
    return _line(affiliations[0], _LONGEST_INSTITUTION) if len(affiliations) == 1 else ""


def venue(details: PaperDetails) -> str:
    """Name the venue of a paper (``ICLR 2027``, ``ICML 2026 workshop``); ``""`` where it is not sure.

    A journal reference is taken as it is. The authors' comment counts only where it says that the
    paper is of that venue: "submitted to" and "extended version of" do not.
    """
    if details.venue and not details.venue.startswith("doi:"):
        known = _VENUE.search(details.venue[:_LONGEST_COMMENT])
        if known and known["year"]:
            return _named(known, details.venue)
        if reference := _line(details.venue, _LONGEST_VENUE):
            return reference
    comment = cut(details.comment, _LONGEST_COMMENT)
    if _NOT_OF_IT.search(comment):
        return ""
    for clause in _CLAUSES.split(comment):
        found = _VENUE.search(clause)
        if found is None or not (found["year"] or found["name"] in _JOURNALS):
            continue
        beside = clause[: found.start()] + " " + clause[found.end() :]
        if _ACCEPTED.search(clause) or not _BESIDE_IT.sub("", beside):
            return _named(found, clause)
    return ""


def _named(venue: re.Match[str], clause: str) -> str:
    year = venue["year"] or ""
    words = [venue["name"], f"20{year}" if len(year) == 2 else year]
    folded = clause.casefold()
    if "workshop" in folded:
        words.append("workshop")
    elif "findings" in folded:
        words.append("Findings")
    distinction = _DISTINCTION.search(clause)
    if distinction:
        words.append(distinction[1].lower())
    return " ".join(filter(None, words))

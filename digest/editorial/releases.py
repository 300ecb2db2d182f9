"""Tell what a paper has released: its code, models or data, by its links and its authors' sentence.

An announcement ("will be released", "upon acceptance") is not a release, and a list of other
people's papers is not code. Where it is doubtful nothing is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from digest.editorial.links import badges
from digest.model import Link, LinkKind, Paper

LONGEST = 20_000
"""Characters of an abstract that are looked at."""

_SIGNS = ("releas", "availab", "open-sourc", "open sourc", "opensourc", "http", "github", "code:")
_STOP = re.compile(r"[.!?]['”\")]?\s+(?=[A-Z(])")
_MOST_SENTENCES = 60
_LONGEST_SENTENCE = 300
_PROMISE = re.compile(
    r"\b(?:will|soon|upon|once|to be|plans? to|planning|intend|at a later|in (?:the )?(?:near )?future|request|shortly|after)\b",
    re.IGNORECASE,
)
_OF_OTHERS = re.compile(
    r"\b(?:lists? of|paper[- ]lists?|reading list|awesome|curated (?:list|collection)|resources|"
    r"not (?:yet |publicly |been )?(?:available|released)|unavailable|limited|scarce|lack)\b",
    re.IGNORECASE,
)
_LIST_ADDRESS = re.compile(r"awesome|survey|paper|literature|reading|resource", re.IGNORECASE)
_THING = re.compile(
    r"(?P<code>\b(?:source[ -]?)?codes?\b|\bcodebase\b|\bimplementations?\b)|"
    r"(?P<models>\bmodels?\b|\bweights\b|\bcheckpoints\b)|"
    r"(?P<data>\bdata(?:[- ]?sets?)?\b|\bbenchmarks?\b|\bcorpora\b|\bcorpus\b)",
    re.IGNORECASE,
)
_THINGS = r"(?:codes?|codebase|implementations?|models?|weights|checkpoints|data(?:[- ]?sets?)?|benchmarks?|corpus)"
# "Our code and models are available", "Code: https://…", "We release the code and the data".
_STATED = re.compile(
    rf"^(?:(?:finally|moreover|in addition|additionally|furthermore),? )?"
    rf"(?:(?:the|our|all(?: of)?(?: the| our)?|both|source|project|full|complete) ){{0,3}}"
    rf"(?:[\w-]+ ){{0,2}}?{_THINGS}\b[^.;:]{{0,80}}?"
    rf"(?:\b(?:is|are|has been|have been)\b [^.;:]{{0,30}}?\b(?:available|released|open[- ]?sourced|public)\b"
    rf"|\b(?:is|are) (?:at|on|here)\b|\bavailable (?:at|on|from|here)\b|(?: (?:link|at|repository))?:? {{0,2}}https?:)",
    re.IGNORECASE,
)
_WE_RELEASE = re.compile(
    r"\bwe (?:(?:also|further|publicly|fully|have|openly|then|additionally|,) ?){0,3}"
    r"(?:releas(?:e|ed)|open[- ]?sourced?|opensourced?)"
    r"\s+(?P<what>[^.;:]{0,90})|"
    r"\bwe (?:(?:also|have|further) )?(?:make|made) (?P<made>[^.;:]{0,60}?) "
    r"(?:(?:publicly|freely|openly) )?(?:available|public|open[- ]source)\b",
    re.IGNORECASE,
)
_PURPOSE = re.compile(r"\b(?:to|for|that|which|so|including|under)\b|,? (?:and|to) (?:call|hope)\b")


@dataclass(frozen=True, slots=True)
class Release:
    """Things released with a paper.

    ``repository``: the source links to one for its code, of which the abstract says nothing.
    ``demo``: something that a reader can try in a browser.
    """

    code: bool = False
    repository: bool = False
    models: bool = False
    data: bool = False
    demo: bool = False
    only_one_model: bool = False

    @property
    def words(self) -> str:
        """Name the things (``code, models and data released``); ``""`` where there are none.

        A bare link to code is no reason: the reader sees it beside the title.
        """
        given = (
            ("code", self.code),
            ("model" if self.only_one_model else "models", self.models),
            ("data", self.data),
        )
        things = [name for name, released in given if released]
        if not things:
            return ""
        *first, last = things
        return f"{', '.join(first)} and {last} released" if first else f"{last} released"


def released(paper: Paper) -> Release:
    """Find out which things are released, as far as the paper's links and its abstract say so."""
    abstract = paper.abstract[:LONGEST]
    things: set[str] = set()
    promised = False
    for sentence in _of_release(abstract):
        if _PROMISE.search(sentence):
            promised = True
        elif not _OF_OTHERS.search(sentence):
            things |= _stated(sentence)
    own = badges(paper.links, "")
    linked = not promised and any(_is_code(link) for link in own)
    demo = any(link.label == "Demo" for link in own)
    return Release(
        "code" in things, linked, "models" in things, "data" in things, demo, "model" in things
    )


def _of_release(abstract: str) -> Iterator[str]:
    """The sentences of an abstract that may speak of a release."""
    folded = abstract.casefold()
    if not any(sign in folded for sign in _SIGNS):
        return
    for sentence in _STOP.split(abstract, _MOST_SENTENCES):
        if len(sentence) <= _LONGEST_SENTENCE:
            small = sentence.casefold()
            if any(sign in small for sign in _SIGNS):
                yield sentence


def _stated(sentence: str) -> set[str]:
    stated = _STATED.match(sentence)
    if stated:
        return _things(re.split(r"https?:|\b(?:is|are|has|have)\b", stated[0], maxsplit=1)[0])
    by_authors = _WE_RELEASE.search(sentence)
    if by_authors:
        what = by_authors["what"] or by_authors["made"] or ""
        return _things(_PURPOSE.split(what, maxsplit=1)[0])
    return set()


def _things(words: str) -> set[str]:
    found = {match.lastgroup for match in _THING.finditer(words) if match.lastgroup}
    models = [match[0].casefold() for match in _THING.finditer(words) if match["models"]]
    return found | (
        {"model"} if models and not any(each.endswith("s") for each in models) else set()
    )


def _is_code(link: Link) -> bool:
    return link.kind is LinkKind.CODE and not _LIST_ADDRESS.search(link.url)

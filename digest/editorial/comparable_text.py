"""A title and an abstract made ready for comparing: their words, phrases and names.

The comparable form is made once per text and kept for a while, since a text is compared with
several others.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from digest.editorial.normalise import ADDRESS, compacted, normalised, without_addresses
from digest.editorial.signature import Shingles, containment, shingles

FILLER = frozenset(
    """
    a about across after all also an and any are as at based be been between both but by can code
    demonstrate demonstrates each existing experiments extensive for from has have here however
    how i if in into is it its may method methods model models more most new no not novel of on
    only or other our out over paper performance present propose proposed results show shown shows
    state such than that the their them then there these they this those through to two under use
    used using via was we were what when where which while whose will with within without work
    """.split()  # noqa: SIM905 - a column of words reads better than a list of literals
)
"""Words that every abstract uses; they say nothing about which paper this is. Function words of
English and the fixed phrases of the genre, from general knowledge, not counted from a corpus."""

COMMONPLACE = frozenset(
    """
    accuracy agent agents approach approaches architecture architectures art attention available
    base based baseline baselines benchmark benchmarks black box chain classification complex
    computer consistently context contrastive data dataset datasets deep design different
    diffusion does domain effective efficient end evaluation extensive features fine first
    foundation framework further generalization generation generative gradient graph high higher
    horizon human image images improve improves inference information input instruction knowledge
    language large learn learned learning level llm llms long loss low machine mllm mllms
    multi multimodal natural network networks neural number object often outperforms parameter
    parameters policy pre previous problem process processing proposed publicly quality quantitative
    range real reasoning recent reinforcement representation representations require requires
    resolution robust scale scaling self semantic shot significant significantly space spatial
    step strong superior supervised survey system systems task tasks technical temporal term test
    text thought time tokens train trained training transfer transformer transformers tuning
    understanding up various video videos vision visual vlm vlms well which while wide world
    """.split()  # noqa: SIM905 - as above
)
"""Words that a large part of the field's abstracts use. Two of them side by side make a bad key:
so many papers would share it that it finds nobody. From general knowledge of the field, completed
with the words of the pairs found most common among 2,500 abstracts. Used for keys only."""

GENRE = frozenset(
    """
    analysis appendix comment comparative comprehensive comments companion conference correction
    editorial erratum introduction lecture letter literature note notes overview part perspective
    perspectives position preface proceedings progress project proposal reply report research review
    study summary supplement supplementary systematic thesis tutorial white workshop
    """.split()  # noqa: SIM905 - as above
)
"""Words for kinds of texts; with commonplaces they make titles that several papers have."""

LONG_TITLE = 4
"""Telling words from which a title is long: of 15,400 papers two share such a one, and their
abstracts speak of one work."""

CACHED = 1024
"""Forms kept, of about 30 kB each: those of a dump and of its likeliest candidates."""

_INTRODUCED = re.compile(
    r"\b(?:propos|introduc|present|develop|call|nam|dub|term|releas|design|describ|build|built"
    r"|construct|curat|creat|establish|formulat)\w*\b([^.;!?]{1,160})"
)
_SCHEME = re.compile(r"^https?://(?:www\.)?")
_COINED = re.compile(r"(?<![\w-])[A-Za-z0-9]*[A-Z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*")
_MARKED = re.compile(r"\\?(?:textbf|textit|texttt|textsc|emph|text)\{([^{}]*)\}|[$\\]")
_ACRONYM = re.compile(r"[A-Z0-9-]+s?$")
_PLAIN_NAME = re.compile(r"[A-Z]?[a-z0-9]+(?:-[A-Z]?[a-z0-9]+)*$")


@dataclass(frozen=True, slots=True)
class ComparableText:
    """The parts of a paper's text that are compared.

    ``written`` is the title as it is, ``title`` the plain one, ``title_key`` the same without spaces, ``words`` the plain abstract without
    web addresses, ``content`` its words that are no filler, ``pairs`` the runs of two of those.
    ``head_words`` are those before the colon of the title, ``names`` what the authors call their
    work, as far as the abstract shows it, ``addresses`` where they put it on the web.
    """

    written: str
    title: str
    title_key: str
    words: tuple[str, ...]
    content: frozenset[str]
    pairs: Shingles
    title_pairs: Shingles
    head_words: tuple[str, ...]
    names: frozenset[str]
    addresses: frozenset[str]

    @property
    def head(self) -> str:
        """Give the name before a title's colon, without spaces; ``""`` if nothing."""
        return "".join(self.head_words)

    @property
    def title_names(self) -> frozenset[str]:
        """The names that the title has, plain: coined words, not an acronym with a word."""
        words = _COINED.findall(_MARKED.sub(r"\1", self.written[:1000]))
        named = (word for word in words if any(_coined(part) for part in word.split("-")))
        return frozenset(compacted(normalised(word)) for word in named)

    @property
    def body(self) -> str:
        """The abstract without spaces, for exact comparison."""
        return "".join(self.words)


@lru_cache(maxsize=CACHED)
def comparable_text(title: str, abstract: str) -> ComparableText:
    """The comparable form of a text. Never raises; parts that are missing are empty.

    A title of nothing but signs stands for itself.
    """
    name = normalised(title) or " ".join(title.split())
    prose = without_addresses(abstract)
    words = tuple(normalised(prose).split())
    telling = [word for word in words if word not in FILLER]
    head = normalised(title.partition(":")[0]) if ":" in title else ""
    return ComparableText(
        written=title,
        title=name,
        title_key=compacted(name),
        words=words,
        content=frozenset(telling),
        pairs=shingles(telling, 2),
        title_pairs=shingles([word for word in name.split() if word not in FILLER], 2),
        head_words=tuple(head.split()) if len(head) > 1 else (),
        names=_introduced(prose),
        addresses=frozenset(_address(address) for address in ADDRESS.findall(abstract)) - {""},
    )


def share_a_name(text: ComparableText, other: ComparableText) -> bool:
    """True if both titles carry one coined name, exactly: before the colon, or anywhere."""
    return bool(text.head and text.head == other.head) or bool(text.title_names & other.title_names)


def title_is_generic(text: ComparableText) -> bool:
    """True if many papers may have that title: it has nothing but commonplaces of the genre."""
    words = text.title.split()
    return bool(words) and all(
        word in COMMONPLACE or word in FILLER or word in GENRE for word in words
    )


def title_is_telling(text: ComparableText) -> bool:
    """True for a title long and particular enough that no two papers have it by accident."""
    telling = [word for word in text.title.split() if word not in FILLER and word not in GENRE]
    return len(telling) >= LONG_TITLE and sum(word not in COMMONPLACE for word in telling) >= 2


def agreement(text: ComparableText, other: ComparableText) -> tuple[float, float]:
    """Give the part of the shorter abstract's telling pairs, and words, that the other has: 0 to 1."""
    return containment(text.pairs, other.pairs), containment(text.content, other.content)


def distinctive(pairs: Shingles) -> Shingles:
    """The pairs that are not two commonplaces side by side; all of them if nothing is left."""
    rare = frozenset(pair for pair in pairs if not COMMONPLACE.issuperset(pair.split()))
    return rare or pairs


def _address(address: str) -> str:
    """A web address without scheme and trimmings; ``""`` for a bare host."""
    place = _SCHEME.sub("", address.lower()).rstrip("/.,;:)]}'\"*").removesuffix(".git")
    return place if "/" in place else ""


def _introduced(abstract: str) -> frozenset[str]:
    """Coined words (``GeoLens``, ``Ab-Net``) in the clauses where authors present something."""
    prose = _MARKED.sub(r"\1", abstract[:4000])
    return frozenset().union(*(_coined(clause[1]) for clause in _INTRODUCED.finditer(prose)))


def _coined(text: str) -> frozenset[str]:
    """Words that somebody made up, plain: capitals or numbers inside, and no mere acronym."""
    names = (
        compacted(normalised(word))
        for word in _COINED.findall(text)
        if not _ACRONYM.match(word) and not _PLAIN_NAME.match(word)
    )
    return frozenset(name for name in names if len(name) > 3)

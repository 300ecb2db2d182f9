"""The ways to write a paper in a headline: its name with what that is, a short title, a phrase.

None is a cut title: a part of a title before its colon stands for the paper only where it is a name
that the paper coins, a question, or a statement of several words.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import cycle

from digest.mail import plain_text
from digest.mail.coined_names import is_coined
from digest.mail.glosses import glosses, introduced_as, whole_gloss

_LONGEST_NAME = 46
"""Longest title, or part of one before its colon, that stands for a paper, in columns."""
_LONGEST_IN_A_LINE = 120
_MOST_FORMS = 4
_BARE = 0.3
"""Worth of a name that nothing explains, beside 1 for one that is explained."""
_TELLING = 0.6
_REPORT = re.compile(r"(.{2,34}?)(?: Technical)? Report$")
_SPARED_WORDS = 2
"""Titles of so many words need no quotation marks beside other words."""
_WORDS_OF_A_FIELD = 2
"""A phrase of so many words, and no name before it, may be of any paper."""
_LITTLE = frozenset(("and", "&", "a", "the", "of", "in", "for", "on"))
_WAYS = frozenset(
    (
        "approach",
        "approaches",
        "framework",
        "frameworks",
        "method",
        "methods",
        "perspective",
        "study",
    )
)
"""A phrase that ends in one of these says how, and not of what."""
_WORDS_OF_A_PHRASE = 4
"""A part of a title that has so many words, and none of its own, may be any paper's."""

# Labels that journals put before a title; they name a kind of paper, and no paper.
_LABEL = re.compile(
    r"(?:an? )?(?:abstract|appendix|brief|comment(?:ary)?|correction|corrigendum|dataset|demo|editorial|erratum|"
    r"extended abstract|letter|long paper|note|overview|part [ivx\d]{1,4}|perspective|poster|position(?: paper)?|"
    r"reply|report|research|resource|retraction|review|short paper|survey|technical (?:note|report)|"
    r"tutorial|vision paper|viewpoint|white ?paper|workshop|systematic review|case study)",
    re.IGNORECASE,
)
_MAIN_TITLE = re.compile(r"(?:[^:：?!]|:(?!\s)){2,80}(?:[?!](?=\s)|(?=:\s|：))")
# Remains of formulas, and brackets that stay open where a title is parted at its colon.
UNFIT = re.compile(r"[\\{}^_~`<>|…\ue000\ue001]|\$\S")
_FIRST_MARK = "\u0300"
"""Below it no letter is wide, and none is a mark on another."""
_LETTER = re.compile(r"[^\W_]")
_QUOTES = re.compile('["“”„«»]')


@dataclass(frozen=True, slots=True)
class Form:
    """A way to write a paper in a headline.

    ``bare``: a name alone, which a stranger cannot read; ``phrase``: no name, in small letters.
    """

    text: str
    worth: float
    width: int
    bare: bool = False
    phrase: bool = False


def columns(text: str) -> int:
    """Count the columns that a text takes: two for a wide character (UAX #11), none for a mark."""
    if text.isascii():
        return len(text)
    return len(text) + sum(
        -1 if unicodedata.combining(letter) else unicodedata.east_asian_width(letter) in "WF"
        for letter in text
        if letter >= _FIRST_MARK
    )


@lru_cache(maxsize=4_096)  # a title comes back in each of many personal mails
def headline_name(title: str) -> str:
    """Give the words by which a subject names a paper; ``""`` if its title has none that fit.

    It is the name before a colon (``TideFormer``), a short title as a whole, or a short main title
    before a subtitle; in quotation marks where it would run into other words. A phrase before a
    colon that many papers could have ("A New Benchmark") is none.
    """
    title = without_label(title)
    name = plain_text.short_name(title)
    main = _MAIN_TITLE.match(title)
    for whole in (name, title, main[0] if main else ""):
        if whole and can_stand(whole) and (whole == title or _tells_apart(whole)):
            return plain_text.isolated(whole) if _is_name(whole) else quoted(whole)
    return ""


def _tells_apart(part: str) -> bool:
    """True if a part of a title stands for its paper: a name, a question or a longer statement."""
    return part[-1] in "?!" or len(part.split()) > _WORDS_OF_A_PHRASE or is_coined(part)


def without_label(title: str) -> str:
    """The title without the name of its kind before it (``Position: …``)."""
    label, colon, rest = title.partition(": ")
    return rest.strip() if colon and rest.strip() and _LABEL.fullmatch(label.strip()) else title


def can_stand(name: str) -> bool:
    return (
        columns(name) <= _LONGEST_NAME
        and UNFIT.search(name) is None
        and _LETTER.search(name) is not None
        and name.count("(") == name.count(")")
        and name.count("[") == name.count("]")
        and len(_QUOTES.findall(name)) % 2 == 0
        and _LABEL.fullmatch(name) is None
    )


def _is_name(words: str) -> bool:
    """Tell whether the words read as a name among other words, without quotation marks."""
    return len(words.split()) <= _SPARED_WORDS and "," not in words and words[-1] not in "?!."


def quoted(name: str) -> str:
    """The name in quotation marks; its own become single ones, by turns opening and closing."""
    marks = cycle("‘’")
    inner = _QUOTES.sub(lambda _: next(marks), name)
    return f"“{plain_text.isolated(inner)}”"


def about(title: str, abstract: str = "") -> tuple[str, ...]:
    """Phrases that say what the paper of that title is about, the most telling first.

    For a name it coins they are of the words that follow it, or by which the abstract introduces it.
    """
    title = without_label(title)
    name = coined_name(title)
    if not name:
        main, colon, rest = title.partition("? " if "? " in title else ": ")
        aims = not colon or rest.casefold().startswith("toward")
        # A main title alone has to tell more: "neural architecture search" is of many papers.
        return (() if aims else glosses(rest, abstract)) or glosses(main, abstract, 2 + bool(colon))
    rest = title[len(name) :].lstrip(" :：–—-")
    return (
        glosses(rest, abstract)
        or introduced_as(name, abstract)
        or tuple(filter(None, (whole_gloss(rest, abstract), *glosses(rest, abstract, 1))))
    )


def coined_name(title: str) -> str:
    """The name that a title coins for its work before a colon, or before "Technical Report"."""
    name = plain_text.short_name(title)
    report = _REPORT.match(title)
    if report and ":" not in title:
        name = report[1]
    return name if name and can_stand(name) and is_coined(name) else ""


@lru_cache(maxsize=4_096)
def forms(title: str, phrases: tuple[str, ...]) -> tuple[Form, ...]:
    """The ways to write a paper, those that tell most first; a name alone comes last."""
    title, phrases = without_label(title), tuple(map(plain_text.isolated, phrases))
    name = coined_name(title)
    whole = title if can_stand(title) else ""
    found: list[Form] = []
    if name:
        label = plain_text.isolated(name) if _is_name(name) else quoted(name)
        found += [_form(f"{label} ({phrase})", _worth(phrase)) for phrase in phrases]
        if whole and not phrases:
            found.append(
                _form(headline_name(title), _TELLING + 0.1)
                if ": " not in whole
                else _form(quoted(whole), 0.9)
            )
        found = [*_spread(found), _form(label, _BARE, bare=True)]
    else:
        named = headline_name(title)
        if whole:
            found.append(_form(named, 1.0 if len(title.split()) > _SPARED_WORDS else _TELLING))
        else:
            alone = [phrase for phrase in phrases if _can_be_alone(phrase)]
            found += _spread(
                [
                    Form(phrase, _worth_alone(phrase), columns(phrase), phrase=True)
                    for phrase in alone
                ]
            )
            if named:
                found.append(_form(named, 0.7 if named[-2:] == "?”" else 0.65))
    return tuple(found)


@lru_cache(maxsize=4_096)
def forms_in_a_line(title: str, phrases: tuple[str, ...]) -> tuple[Form, ...]:
    """The ways to write a paper where there is more room: a title without a coined name stands whole."""
    found = forms(title, phrases)
    if (
        coined_name(without_label(title))
        or columns(title) > _LONGEST_IN_A_LINE
        or UNFIT.search(title)
    ):
        return found
    whole = headline_name(title) if can_stand(title) else quoted(title)
    return (_form(whole, 1.0), *found) if whole and title else found


def _form(text: str, worth: float, *, bare: bool = False) -> Form:
    return Form(text, worth, columns(text), bare)


def _can_be_alone(phrase: str) -> bool:
    """True for three words that count, or two of which one is long joined (*mixture-of-experts routers*)."""
    listed = phrase.split()
    words = sum(word not in _LITTLE for word in listed)
    if listed[-1] in _WAYS:
        return False
    return words > _WORDS_OF_A_FIELD or _parts(phrase) > _WORDS_OF_A_FIELD + words


def _parts(phrase: str) -> int:
    return phrase.count(" ") + phrase.count("-") + 1


def _worth(phrase: str) -> float:
    """Longer phrases say more: 0.85 for two words, up to 1."""
    return min(1.0, 0.75 + 0.05 * _parts(phrase))


def _worth_alone(phrase: str) -> float:
    """A phrase without a name tells less: 0.6 for three words, up to 0.85."""
    return min(0.85, 0.3 * (_parts(phrase) - 1))


def _spread(found: list[Form]) -> list[Form]:
    """A few of the forms: the first, the shortest, and some between."""
    if len(found) < _MOST_FORMS:
        return found
    by_width = sorted(found, key=lambda form: -form.width)
    return list(dict.fromkeys((found[0], by_width[0], by_width[len(found) // 2], by_width[-1])))

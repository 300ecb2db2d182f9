"""References as BibTeX, so that LaTeX of any age prints them as they are read.

Signs that LaTeX gives a meaning are written by their commands, and so are accents, Greek letters and
common signs; letters of other scripts stay as they are, which biber and LaTeX since 2018 read.
Braces are never written as ``\\{``: BibTeX counts them all the same. Capitals inside a word are
kept from the styles that write titles in small letters. Source: "Tame the BeaST", N. Markey, 2009.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote

from digest.citations.reference import PersonName, Reference, ReferenceKind
from digest.latex.symbols import ACCENTS, GREEK, SYMBOLS
from digest.unicode_forms import normalise_unicode

MOST_AUTHORS_SHOWN = 20
"""Authors that a citation on a page names."""

_SIGNS = {
    **{f"{sign}": f"\\{sign}" for sign in "&%$#_"},
    "{": r"{\textbraceleft}", "}": r"{\textbraceright}", "\\": r"{\textbackslash}",
    "~": r"{\textasciitilde}", "^": r"{\textasciicircum}", "<": r"{\textless}",
    ">": r"{\textgreater}", "|": r"{\textbar}", "\"": "{\"}",
    "–": "--", "—": "---", "“": "``", "”": "''", "‘": "`", "’": "'", "\xa0": "~",
    "…": r"{\ldots}", "°": r"{\textdegree}",
    "ß": r"{\ss}", "ø": r"{\o}", "Ø": r"{\O}", "æ": r"{\ae}", "Æ": r"{\AE}", "œ": r"{\oe}",
    "Œ": r"{\OE}", "ł": r"{\l}", "Ł": r"{\L}", "ı": r"{\i}", "å": r"{\aa}", "Å": r"{\AA}",
}  # fmt: skip
_NAMED = re.compile(
    "times|approx|geq|leq|neq|pm|infty|cdot|rightarrow|leftarrow|leftrightarrow|propto|ell|dagger|"
    "ddagger|prime|in"
)
_MATHS = {
    sign: f"$\\{name}$"
    for name, sign in reversed(SYMBOLS.items())
    if name in GREEK or _NAMED.fullmatch(name)
}
_ACCENTS = {mark: name for name, mark in ACCENTS.items() if len(name) == 1}
_TOKEN = re.compile(r"[^\W_]+|[\W_]")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TYPES = {
    ReferenceKind.PREPRINT: ("misc", "howpublished"),
    ReferenceKind.ARTICLE: ("article", "journal"),
    ReferenceKind.CONFERENCE: ("inproceedings", "booktitle"),
}


def bibtex_file(references: Iterable[Reference]) -> str:
    """All of them as a BibTeX file; their keys must differ."""
    return "\n".join(bibtex_entry(reference) for reference in references)


def bibtex_entry(reference: Reference, most_authors: int | None = None) -> str:
    """One entry; of more than ``most_authors`` authors the others are ``others``."""
    entry_type, venue_field = _TYPES[reference.kind]
    fields = [
        ("title", _title(reference.title)),
        ("author", _authors(reference, most_authors)),
        (venue_field, latex(reference.venue)),
        ("year", str(reference.published[0]) if reference.published else ""),
        ("month", _MONTHS[reference.published[1] - 1] if len(reference.published) > 1 else ""),
        ("eprint", reference.arxiv),
        ("archiveprefix", "arXiv" if reference.arxiv else ""),
        ("primaryclass", latex(reference.category) if reference.arxiv else ""),
        ("doi", _verbatim(reference.doi)),
        ("url", _verbatim(reference.url)),
    ]
    lines = [
        # The months are BibTeX's own names, which each style prints in its language.
        f"  {name:<13} = {value if name == 'month' else f'{{{value}}}'},"
        for name, value in fields
        if value
    ]
    return "\n".join([f"@{entry_type}{{{reference.key},", *lines, "}", ""])


def latex(text: str) -> str:
    """A text as LaTeX prints it; braces in it are balanced."""
    return "".join(map(_letter, normalise_unicode("NFC", text)))


def _letter(sign: str) -> str:
    if sign in _SIGNS:
        return _SIGNS[sign]
    if sign.isascii():
        return sign
    if sign in _MATHS:
        return _MATHS[sign]
    decomposed = normalise_unicode("NFD", sign)
    base, marks = decomposed[:1], decomposed[1:]
    if not base.isascii() or not marks or any(mark not in _ACCENTS for mark in marks):
        return sign
    written = base
    for mark in marks:
        written = f"\\{_ACCENTS[mark]}{{{written}}}"
    return f"{{{written}}}"


def _title(title: str) -> str:
    parts = []
    for token in _TOKEN.findall(normalise_unicode("NFC", title)):
        written = latex(token)
        inner = any(letter.isupper() for letter in token[1:])
        parts.append(f"{{{written}}}" if inner or _is_symbol(token) else written)
    return "".join(parts)


def _is_symbol(word: str) -> bool:
    """True of a capital that stands alone and is no English word: the Q of ``Q-learning``."""
    return len(word) == 1 and word.isupper() and word not in ("A", "I")


def _authors(reference: Reference, most: int | None) -> str:
    names = [_author(name) for name in reference.authors[:most]]
    if names and (reference.more_authors or len(names) < len(reference.authors)):
        names.append("others")
    return " and ".join(names)


def _author(name: PersonName) -> str:
    """``Family, Given``; a name that cannot be divided in braces, so that BibTeX does not."""
    if name.given:
        return f"{latex(name.family)}, {latex(name.given)}"
    return f"{{{latex(name.family)}}}"


def _verbatim(text: str) -> str:
    """An address or identifier, which LaTeX prints sign by sign."""
    return quote(text, safe="/:?#[]@!$&()*+,;=%~-._<>")

"""Divide an abstract into its sentences.

A full stop ends a sentence when a blank and a beginning follow, unless it belongs to an
abbreviation, an initial, an enumeration or an open parenthesis. Where it is doubtful nothing is
cut: two sentences taken for one are still whole.
"""

from __future__ import annotations

import re
import sys

# Those after which a capital letter most often does not begin a sentence ("Fig. 3", "Dr. Who").
_ABBREVIATIONS = frozenset(
    re.findall(
        r"\S+",
        "e.g i.e eg ie al vs cf fig figs eq eqs eqn sec sect tab ref refs no nos dr prof mr mrs ms st "
        "approx resp w.r.t wrt viz ca vol pp ed eds thm def prop alg app ch dept univ jr sr inc ltd "
        "corp co a.k.a aka i.i.d iid u.s u.k ph.d m.sc b.sc est max min avg std dim ver jan feb mar "
        "apr jun jul aug sep sept oct nov dec v fol folio bl mss fr lat gr ser",
    )
)
# Words that begin sentences of abstracts and, capitalised, hardly anything else.
_STARTERS = (
    "We|Our|The|This|These|That|In|To|It|Its|However|Moreover|Furthermore|Additionally|Also|For|By|"
    "Based|Specifically|Experiments|Experimental|Extensive|Empirically|Results|Code|Finally|Here|"
    "When|While|With|Without|On|As|At|From|If|Thus|Hence|Therefore|Although|Despite|Unlike|Using|"
    "Through|Since|Such|They|There|Then|First|Second|Third|Across|Compared|Existing|Recent|Recently|"
    "Given|Under|After|Across|Project|An|And|But|Yet|Instead|Notably|Overall|Importantly|Together"
)
_STARTER = re.compile(rf"(?:{_STARTERS})\b")
_STOP_MARKS = r"(?<![.?!…])[.?!…]++[\"'”’)\]*]*+"
_STOP = re.compile(rf"{_STOP_MARKS}(?=\s)")
_GLUED = re.compile(rf"\.(?<=[a-z0-9)%₀-₉]\.)(?=(?:{_STARTERS})[ ,])")
_BEGINNING_LETTER = "[\"'“‘(\\[*]*(?:[A-Z0-9À-ÞΑ-Ω]|[^\\x00-\\u024f])"
_NAME_LETTERS = "[\"'“‘(\\[]*[a-zα-ω][\\w-]*[A-Z0-9₀-₉][\\w.-]*"
_BEGINNING = re.compile(_BEGINNING_LETTER)
_NAME = re.compile(_NAME_LETTERS)
_BEGINNING_OR_NAME = re.compile(f"{_BEGINNING_LETTER}|{_NAME_LETTERS}")
# The only stops that can end a sentence where no parenthesis is open (see `_ends`).
_STOP_BEFORE_BEGINNING = re.compile(rf"{_STOP_MARKS}(?=\s(?:{_BEGINNING_LETTER}|{_NAME_LETTERS}))")
_ENUMERATOR = re.compile(r"(?:^|[\s:;,(])(?:\d{1,2}|[ivx]{1,4}|[a-h])$")
_WORD_BEFORE = re.compile(r"(?<![\w.'’-])([\w.'’-]*)$")
_ENUMERATED = re.compile(r"[:;,]\s\S{1,4}$|\(\S{1,4}$|^\S{1,4}$")
_LONGEST_ENUMERATOR = 12
_LOOKED_BACK_AT = 2_000
"""Characters before a stop that are looked at; longer than any honest sentence."""
_LOOKED_AHEAD_AT = 59
"""Characters after a stop and its blank in which a beginning must stand."""


def sentences(text: str, most: int = sys.maxsize) -> tuple[str, ...]:
    """The sentences of one line of plain text, in order; joined by blanks they give it again.

    (Again but for a blank put in where one was missing after a full stop, and for what comes
    after the first ``most``.)
    """
    text = " ".join(_GLUED.sub(". ", text).split())
    complete: list[str] = []
    start = 0
    for stop in (_STOP if "(" in text else _STOP_BEFORE_BEGINNING).finditer(text):
        if len(complete) == most:
            return tuple(complete)
        if _ends(text, start, stop):
            complete.append(text[start : stop.end()])
            start = stop.end() + 1
    if start < len(text) and len(complete) < most:
        complete.append(text[start:])
    return tuple(complete)


def is_whole(sentence: str) -> bool:
    """Tell whether it ends as a sentence does: not cut off, not trailing away."""
    ending = sentence.rstrip("\"'”’)]*")
    return ending.endswith((".", "?", "!", "。")) and not ending.endswith(("..", "…"))


def _ends(text: str, start: int, stop: re.Match[str]) -> bool:
    after = stop.end() + 1
    start = max(start, stop.start() - _LOOKED_BACK_AT)
    begins = _BEGINNING_OR_NAME.match(text, after, after + _LOOKED_AHEAD_AT) is not None
    if not begins and text.find("(", start, stop.start()) < 0:
        return False  # as every rule below would say; most stops of hostile texts end here
    before, rest = text[start : stop.start()], text[after : after + _LOOKED_AHEAD_AT]
    if before.count("(") > before.count(")") and stop[0].count(")") == 0:
        return before.rfind("(") < len(before) - 300
    if stop[0][0] in "?!":
        return bool(_BEGINNING.match(rest))
    word = _last_word(before)
    if word.lower().rstrip(".") in _ABBREVIATIONS or re.fullmatch(
        r"[A-Z]|(?:[A-Za-z]\.)+[A-Za-z]", word
    ):
        return bool(_STARTER.match(rest))
    tail = before[-_LONGEST_ENUMERATOR:]
    if _ENUMERATOR.search(tail) and (len(before) <= 4 or _ENUMERATED.search(tail)):
        return False
    if _BEGINNING.match(rest):
        return True
    return bool(_NAME.match(rest)) and re.fullmatch(r"[a-z-]{3,}|\S*[)%]", word) is not None


def _last_word(before: str) -> str:
    match = _WORD_BEFORE.search(before[-30:])
    return match[1] if match else ""

"""LaTeX, whole or half stripped, turned into text that a person can read on one line.

Two kinds of remains reach a digest. Real LaTeX (``$\\mu$Flow``, ``G\\"odel``, ``\\textbf{x}``) is
read in one pass by tables (``to_text``). Half-stripped LaTeX, as paper
interfaces leave it after deleting backslashes and dollar signs (``360^circ``, ``texttt{D}ual``,
``7.6times``, ``F_1``), is undone by the small table here, and only where nothing else can be
meant: ``times``, ``alpha``, ``$5 and $10`` and ``50% of`` stay as they are.
"""

from __future__ import annotations

import re

from digest.latex.stripped_latex import undo_remains
from digest.latex.symbols import NEVER_ENGLISH
from digest.latex.to_text import line_to_text

_MOST_ROUNDS = 12

_FIRST_STASHED = 0xE000
_LAST_STASHED = 0xE0EF

# Controls, lone surrogates, invisible spaces, bidi embeddings and isolates (they would reorder
# what follows them), non-characters, and the private range used for stashing below.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u200b\u2060\u202a-\u202e\u2066-\u2069"
    "\ud800-\udfff\ue000-\ue0ff\ufeff\ufff9-\uffff]"
)
_URL_TAIL = r"(?:[^\s{}<>\"^`\\$]|\\[_%&#~-])+"
_URL = re.compile(rf"(?:https?://|www\.){_URL_TAIL}")
_BARE_URL = re.compile(
    r"(?<![A-Za-z0-9.-])[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,4}\."
    rf"(?:com|org|io|ai|net|edu|dev|co)/{_URL_TAIL}"
)
_NAMED_AFTER_DIGIT = r"\d ?(?:times|circ|sim|pm|mu[smgLWJA]?|cdot)(?![a-z])|sim ?\d"
_TRACE = re.compile(rf"[\\$^_{{}}~`*]|--|{_NAMED_AFTER_DIGIT}|\b(?:math|langle|{NEVER_ENGLISH})")


def readable(text: str) -> str:
    """``text`` as plain Unicode on one line, LaTeX and its half-stripped remains made readable.

    Never raises, whatever comes in; time grows linearly with the length. Plain text comes back
    unchanged but for white space (one blank each) and unseen control characters (removed), and
    doing it twice changes nothing more. Right-to-left letters are left alone.
    """
    line = " ".join(_UNSEEN.sub("", text).split())
    if not _TRACE.search(line):
        return line
    for _ in range(_MOST_ROUNDS):
        once = _round(line)
        if once == line or not _TRACE.search(once):
            return once
        line = once
    return _round(re.sub(r"[\\${}^_~`]|-{2,}", "", line))


def _round(line: str) -> str:
    """One pass over a line: addresses put aside, LaTeX turned into text, remains undone."""
    addresses: list[str] = []

    def stash(match: re.Match[str]) -> str:
        if len(addresses) > _LAST_STASHED - _FIRST_STASHED:
            return match[0]
        addresses.append(re.sub(r"\\(.)", r"\1", match[0]))
        return chr(_FIRST_STASHED + len(addresses) - 1)

    line = _URL.sub(stash, line)
    if re.search(r"[a-z]/[^/ ]", line):
        line = _BARE_URL.sub(stash, line)
    line = _once_each(line, addresses)
    line = undo_remains(line_to_text(re.sub(r"\\([%&#])", r"\1", line)))
    for index, address in enumerate(addresses):
        line = line.replace(chr(_FIRST_STASHED + index), address)
    return " ".join(_UNSEEN.sub("", line).split())


def _once_each(line: str, addresses: list[str]) -> str:
    """``address{the same address}``, as a stripped ``\\href`` leaves it, said once."""

    def same(match: re.Match[str]) -> str:
        first, second = (addresses[ord(mark) - _FIRST_STASHED] for mark in match.groups())
        bare = [re.sub(r"^https?://", "", each).rstrip("/.") for each in (first, second)]
        return match[1] if bare[0] == bare[1] else f"{match[1]} {match[2]}"

    return re.sub("([\ue000-\ue0ef])\\}? ?\\{([\ue000-\ue0ef])\\}", same, line)

"""Say how little a text looks like a title, an abstract, a list of names, or the middle of a text."""

from __future__ import annotations

import re

from digest.sources.text.kinds import Piece

_STILL_A_TITLE = 200
"""Characters. Of 870 titles on five pages the longest has 165."""
_STILL_A_NAME = 120
_LONGEST_NAMES = 3000
_SHORT = 60
_NAME = re.compile(r"[^\W\d_][\w'’.-]{0,30}(?:\s[\w'’.()-]{1,30}){0,4}")


def title_cost(text: str) -> float:
    """Cost of taking the text for a title; 0 is a perfect one."""
    length = len(text)
    cost = 0.0
    if length > _STILL_A_TITLE:
        cost += min((length - _STILL_A_TITLE) / 40, 14.0)
    elif length < 8:
        cost += 1.0
    sentences = text.count(". ", 0, 2000)
    cost += 4.0 if sentences > 1 else 2.0 * sentences
    if text.endswith("."):
        cost += 1.5
    if "://" in text:
        cost += 6.0
    return cost


def abstract_cost(length: int, *, sentence: bool) -> float:
    """Cost of taking a text of that length for an abstract; 0 is a perfect one."""
    if length >= 250:
        return 0.0
    cost = 1.0 if length >= 120 else 3.0 if length >= 60 else 5.0 if length >= 25 else 8.0
    return cost - 1.5 if sentence else cost + 1.5


def names_cost(piece: Piece) -> float:
    """Cost of taking a text for the names of a paper's authors; 0 is a list of names."""
    text = piece.text
    length = len(text)
    if piece.line.heading or piece.stated:
        return 20.0
    if length <= _LONGEST_NAMES and lists_names(text):
        return 0.3
    if length > _STILL_A_NAME:
        return 30.0
    cost = 1.5 if length <= _SHORT else 4.0
    if text.endswith(("?", "!", ".")) and not text.endswith("al."):
        cost += 4.0
    if piece.line.linked and piece.page_id is None and length <= _SHORT:
        cost -= 0.7
    if text[:1].islower():
        cost += 2.0
    return cost


def lists_names(text: str) -> bool:
    """Tell whether at least four of five parts between commas look like a name."""
    if "," not in text:
        return False
    if text[-1] == "." and not text.endswith("al."):
        return False
    parts = [part.strip() for part in text.split(",")]
    others = 0
    for part in parts:
        if not part or not part[0].isupper() or not _NAME.fullmatch(part):
            others += 1
            if others * 5 > len(parts):
                return False
    return True


def running_cost(text: str) -> float:
    """Degree to which a line reads like running text rather than a title's next line."""
    cost = min(text.count(". ") * 3.0, 6.0)
    initials = [word[0] for word in text.split() if word[0].isalpha()]
    if len(initials) >= 6 and sum(map(str.isupper, initials)) * 3 <= len(initials):
        cost += 2.5
    if text.endswith("."):
        cost += 1.0
    return cost

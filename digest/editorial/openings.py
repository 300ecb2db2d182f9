"""Take from the beginning of a summary what only made sense after the sentence before it.

Authors write "To address these limitations, we propose …" and "Hence, we introduce …": a stranger to
the abstract looks for the limitations. What goes is an introductory phrase alone, where a whole main
clause follows it; no other word is changed.
"""

from __future__ import annotations

import re

_CONNECTIVE = (
    r"hence|thus|therefore|finally|lastly|moreover|furthermore|additionally|in addition|also|besides|"
    r"further|meanwhile|specifically|in particular|concretely|more (?:specifically|precisely|concretely)|"
    r"however|yet|instead|rather|consequently|accordingly|as a (?:result|consequence|remedy|solution)|"
    r"then|next|first|firstly|second|secondly|third|thirdly|overall|notably|importantly|similarly|"
    r"likewise|in contrast|in response|to (?:this|that) end|to do (?:so|this)|in (?:so )?doing so|"
    r"by doing so|for this (?:reason|purpose)|with this in mind|in light of (?:this|these)"
)
_MAIN_CLAUSE = (
    r"(?:we|our|this (?:[\w-]+ )?(?:paper|work|article|study|survey|report|review)|"
    r"in this (?:[\w-]+ )?(?:paper|work|article|study),? we)\b"
)
_AFTER_A_COMMA = re.compile(rf"(?:{_CONNECTIVE}), (?=\w)", re.IGNORECASE)
_BEFORE_US = re.compile(rf"(?:{_CONNECTIVE}|here),? (?={_MAIN_CLAUSE})", re.IGNORECASE)
_PHRASE = re.compile(
    r"(?:to [a-z-]+|motivated by|inspired by|based on|build(?:ing|s)? (?:up)?on|guided by|driven by|given|"
    r"with|in light of|in view of|drawing (?:up)?on|leveraging|considering|recogni[sz]ing|targeting|against|for|"
    rf"in response to|as a step towards?) (?P<about>[^,.;:()]{{1,160}}), (?={_MAIN_CLAUSE})",
    re.IGNORECASE,
)
_POINTS_BACK = re.compile(
    r"\b(?:this|these|those|such|above|aforementioned|it|them|both|former|latter|"
    r"the (?:issues?|problems?|challenges?|limitations?|gaps?|drawbacks?|shortcomings?))\b",
    re.IGNORECASE,
)
_MOST = 3


def without_opening(text: str) -> str:
    """``text`` without introductory phrases that point back to what a reader does not see."""
    for _ in range(_MOST):
        shorter = _without_one(text)
        if shorter == text:
            break
        text = shorter[:1].upper() + shorter[1:]
    return text


def _without_one(text: str) -> str:
    found = _AFTER_A_COMMA.match(text) or _BEFORE_US.match(text)
    if found is None:
        phrase = _PHRASE.match(text)
        found = phrase if phrase is not None and _POINTS_BACK.search(phrase["about"]) else None
    return text[found.end() :] if found is not None else text

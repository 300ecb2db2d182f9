"""Say by name what a sentence calls "it", where the sentence before has that name for its subject.

"LampNet is fed by a spring. On AtticBench, it saves 12 % of the oil." tells a result that a reader of the
second sentence alone cannot place: there "it" becomes "LampNet". Nothing else of the sentence changes, and
where the subject before is not plainly the one new thing of the paper it stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

__all__ = ["with_its_subject"]

_IT = re.compile(
    r"(?P<opening>(?:(?:On|In|At|With|Without|For|By|Across|Under|When|After|Over|Among|Compared|Trained|Evaluated|"
    r"Tested|Using|Despite|Through|Besides|Beyond|Moreover|Furthermore|Additionally|Also|Finally|Notably|"
    r"Importantly|Remarkably|Specifically)\b[^.;:]{0,120}?, )?)(?P<it>It|it) (?P<verb>[a-z]+)\b"
)
_EXPLETIVE_VERBS = frozenset(
    ("is", "was", "remains", "becomes", "turns", "seems", "appears", "has")
)
_NO_SUBJECT = re.compile(r"(?:to|that|whether|how|known|clear|unclear|possible|important|been)\b")
_SUBJECT = re.compile(
    r"(?:[^.;:]{0,100}?, )?(?P<subject>(?:our|the)(?: proposed| resulting| final| new| full)? "
    r"(?:[\w-]+ ){0,2}?(?:method|model|framework|system|approach|algorithm|architecture|network|dataset|benchmark|"
    r"pipeline|agent|tool|library|toolkit|corpus|platform|technique|strategy)) (?:is|was|can|has|[a-z]+s)\b",
    re.IGNORECASE,
)
_ANNOUNCED_BEFORE = re.compile(
    r"\b(?:propos|introduc|present|develop|releas|build|describ|design|call|dub|nam|term|creat)\w*,?"
    r"(?: [a-z][\w-]*,?){0,6}? $"
)
_SAID_TO = re.compile(
    r"\b(?:show|demonstrat|indicat|find|reveal|confirm|validat|verif|suggest)\w* that $"
)
_MOST_BACK = 3
_FIRST_PART = 160


def with_its_subject(sentence: str, before: Sequence[str], names: Collection[str]) -> str:
    """``sentence`` with the name in the place of its subject "it", where ``before`` tells which it is.

    ``before`` are the sentences before it in order, ``names`` those of the new things of the paper.
    """
    if not before or not (sentence.startswith("It ") or ", it " in sentence[:_FIRST_PART]):
        return sentence
    it = _IT.match(sentence)
    if it is None:
        return sentence
    if it["verb"] in _EXPLETIVE_VERBS and _NO_SUBJECT.match(sentence, it.end() + 1):
        return sentence
    subject = _subject(before, names)
    if not subject:
        return sentence
    if not it["opening"]:
        subject = (
            subject[:1].upper() + subject[1:] if subject.startswith(("our ", "the ")) else subject
        )
    return f"{it['opening']}{subject}{sentence[it.end('it') :]}"


def _subject(before: Sequence[str], names: Collection[str]) -> str:
    """The subject of the last sentence of ``before`` that has one of its own; ``""`` if it is not plain."""
    for sentence in reversed(before[-_MOST_BACK:]):
        it = _IT.match(sentence)
        if it is not None:
            continue
        for name in names:
            at = sentence.find(name)
            if at < 0 or sentence[at + len(name) : at + len(name) + 1] not in (" ", ","):
                continue
            opening = sentence[:at]
            if not opening or opening.endswith(", ") or _SAID_TO.search(opening):
                return name
            if _ANNOUNCED_BEFORE.search(opening):
                return name
        generic = _SUBJECT.match(sentence)
        if generic is None:
            return ""
        subject = generic["subject"]
        return subject[:1].lower() + subject[1:]
    return ""

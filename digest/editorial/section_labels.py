"""Read the section labels of a structured abstract ("Methods:", "RESULTS"), and take them off.

Journals of medicine and preprints of biology divide abstracts so. The label says what a sentence is
for, better than its words do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum

__all__ = ["SectionRole", "unlabelled"]


class SectionRole(StrEnum):
    """The part that a sentence plays, as its section's label says; ``NONE`` where there is none."""

    NONE = ""
    BACKGROUND = "background"
    AIM = "aim"
    METHOD = "method"
    RESULT = "result"
    CONCLUSION = "conclusion"
    OTHER = "other"


_ROLES = (
    (SectionRole.BACKGROUND, r"backgrounds?|introduction|context|importance|rationale|motivation|significance|problem"),
    (SectionRole.AIM, r"aims?|objectives?|purpose|goals?|hypothes[ie]s|contributions?"),
    (
        SectionRole.METHOD,
        r"(?:materials? (?:and|&) )?methods?|methodology|approach|(?:study )?design|settings?|participants|patients|"
        r"interventions?|measurements|exposures?|methods (?:and|&) materials|experimental design|data sources?",
    ),
    (SectionRole.RESULT, r"(?:main |key )?(?:results?|findings|outcomes?)|results (?:and|&) (?:discussion|conclusions?)"),
    (
        SectionRole.CONCLUSION,
        r"conclusions?(?: (?:and|&) (?:relevance|significance|implications))?|discussion|interpretation|implications|"
        r"clinical relevance|limitations|impact|advances in knowledge",
    ),
    (
        SectionRole.OTHER,
        r"(?:trial )?registration|funding|keywords?|key words|index terms|availability(?: and implementation)?|"
        r"contact|supplementary(?: information| materials?)?|code availability|data availability|ccs concepts",
    ),
)  # fmt: skip
_LABELS = tuple((role, re.compile(pattern, re.IGNORECASE)) for role, pattern in _ROLES)
_NAMES = "|".join(pattern for _, pattern in _ROLES)
_BEFORE_COLON = re.compile(
    rf"\W{{0,3}}(?P<label>{_NAMES})\W{{0,2}}(?:[:：]|\s[–—-]\s|\.[–—-]|[—])\W{{0,2}}\s*",
    re.IGNORECASE,
)
_IN_CAPITALS = re.compile(rf"(?P<label>{_NAMES.upper()})\.? (?=[A-Z])")
_ALONE = re.compile(rf"\W{{0,3}}(?P<label>{_NAMES})\W{{0,3}}", re.IGNORECASE)
_INFINITIVE = re.compile(r"to (?:[a-z]+ly )?[a-z]+\b", re.IGNORECASE)
_CONTRIBUTIONS = re.compile(
    r"(?:we|our|this|the|main|key|in this)\b[^.:]{0,60}\bcontributions?\b[^.:]{0,40}: ?\(?(?:1|i|a)[).] (?=(?:we|our|a|an) )",
    re.IGNORECASE,
)
_WHOLE_ABSTRACT = re.compile(
    r"(?:announce type: [\w-]+ )?\W{0,3}(?:abstract|summary|tl;? ?dr)\W{0,3}(?:[:.—–-]\s*|\s(?=(?-i:[A-Z])))",
    re.IGNORECASE,
)


def unlabelled(sentences: Iterable[str]) -> Iterator[tuple[str, SectionRole]]:
    """The sentences without their labels, each with its role; a lone label is no sentence.

    An aim that is no sentence of its own ("Objective: To count moths.") becomes one: "The
    objective is to count moths."
    """
    role = SectionRole.NONE
    for number, sentence in enumerate(sentences):
        if number == 0:
            heading = _WHOLE_ABSTRACT.match(sentence)
            sentence = sentence[heading.end() :] if heading else sentence
        counted = _CONTRIBUTIONS.match(sentence) if "ontribution" in sentence else None
        if counted is not None:
            sentence = sentence[counted.end()].upper() + sentence[counted.end() + 1 :]
        label = _BEFORE_COLON.match(sentence) or _IN_CAPITALS.match(sentence)
        if label is None:
            alone = _ALONE.fullmatch(sentence)
            if alone is None:
                yield sentence, role
            else:
                role = _role(alone["label"])
            continue
        role = _role(label["label"])
        text = sentence[label.end() :]
        if role is SectionRole.AIM and _INFINITIVE.match(text):
            noun = label["label"].lower()
            text = f"The {noun.removesuffix('s') if noun != 'hypothesis' else noun} is {text[:1].lower()}{text[1:]}"
        if text:
            yield text[:1].upper() + text[1:], role


def _role(label: str) -> SectionRole:
    return next((role for role, label_of in _LABELS if label_of.fullmatch(label)), SectionRole.NONE)
